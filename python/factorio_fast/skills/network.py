"""A trained network that acts in a session, steered by the goal that its observation shows.

Weights are files that `factorio-fast train` writes, or `export_weights` makes smaller of them. They
are read with `weights_only=True`, and name the contract that they were trained for.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast import contract
from factorio_fast.envs.spaces import record_views
from factorio_fast.errors import FactorioFastError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from factorio_fast.envs.session import Session
    from factorio_fast.training.ppo import Policy

__all__ = ["SkillNetwork", "WeightsError", "export_weights", "policy_contract"]

_POLICY_NAMES = (
    "MAP_SIDE",
    "CENTER_CELL",
    "MAP_CHANNELS",
    "LOCAL_MAP_CHANNEL_NAMES",
    "LOCAL_MAP_CHANNEL_MAX",
    "PLAYER_STATE_NAMES",
    "ENTITY_ROWS",
    "ENTITY_COLUMN_NAMES",
    "RESOURCE_KIND_BASE",
    "GHOST_FLAG",
    "POSITION_SCALE_TILES",
    "ENTITY_SCALE_TILES",
    "OVERLAY_WANTED",
    "OVERLAY_OBJECTIVE",
    "OVERLAY_ENEMY",
    "OVERLAY_CHARACTER",
    "ACTION_NVEC",
    "MOVE_NAMES",
    "INTERACT_NAMES",
    "MASK_SIZE",
    "RECORD_SIZE",
    "MASK_OFFSET",
    "ENTITIES_OFFSET",
    "LOCAL_MAP_OFFSET",
    "PLAYER_STATE_OFFSET",
    "TERRAIN_NAMES",
    "RESOURCE_NAMES",
    "STATUS_NAMES",
    "ENTITY_NAMES",
    "ITEM_NAMES",
)
"""What a policy depends on, of the names of the contract."""
_INTERACT_BIT = contract.MASK_OFFSET + contract.ACTION_NVEC[0] - 1
"""Where the mask's bits of the interactions begin; standing still has no bit."""
_BUILD = np.array([contract.INTERACT_NAMES.index("build")])
_BUILD_BIT = _INTERACT_BIT + int(_BUILD[0])
_GHOST_STATE = -1.0
"""What the entity table says of a ghost's state."""


class WeightsError(FactorioFastError, ValueError):
    """Weights that cannot be used: missing, damaged, or of another contract or skill."""


class SkillNetwork:
    """A network that plays towards the shown goal.

    Args:
        policy: the network.
        draws_actions: whether it draws its actions, or takes the likeliest.
        palette: the items that its item head chooses from; None if it never chooses one.
        path: where the weights came from.
        measured: the success on record in the file, by measurement.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        draws_actions: bool,
        palette: Sequence[str] | None,
        path: Path,
        measured: dict[str, Any] | None = None,
    ) -> None:
        import torch

        self.path = path
        self.palette = None if palette is None else tuple(palette)
        self.measured = dict(measured or {})
        self._policy = policy
        self._draws_actions = draws_actions
        self._generator = torch.Generator()
        self._record = np.empty(contract.RECORD_SIZE, np.uint8)
        self._kinds = np.full(contract.FULL_INVENTORY_SIZE, -1.0)
        for index, item in enumerate(self.palette or ()):
            if item in contract.ENTITY_NAMES:
                self._kinds[index] = 1 + contract.ENTITY_NAMES.index(item)

    @classmethod
    def load(cls, path: str | Path, *, skill: str | None = None) -> SkillNetwork:
        """Read weights from a file, or from the folder of a training run.

        Raises:
            WeightsError: They are missing, damaged, or of another contract or skill.
            MissingExtraError: torch is not installed.
        """
        try:
            from factorio_fast.training import checkpoint
            from factorio_fast.training.errors import CheckpointError
        except ModuleNotFoundError as error:
            raise MissingExtraError.of(error.name or "torch", extra="train") from error
        try:
            state = checkpoint.read(Path(path))
            if state.get("policy_contract") != policy_contract():
                checkpoint.load(Path(path))
            policy = checkpoint.build_policy(state)
        except CheckpointError as error:
            raise WeightsError(str(error)) from error
        known = state.get("skill")
        if skill is not None and known is not None and known != skill:
            raise WeightsError(f'"{path}" holds weights of the skill "{known}", not of "{skill}"')
        return cls(
            policy,
            draws_actions=checkpoint.settings_of(state).draws_actions,
            palette=state.get("palette"),
            path=Path(path),
            measured=state.get("measured"),
        )

    def drive(
        self,
        session: Session,
        *,
        is_reached: Callable[[], bool],
        max_steps: int,
        interacts: Sequence[str] = ("none",),
        builds_ghosts_only: bool = True,
        seed: int = 0,
    ) -> bool:
        """Act until something is reached or the steps are used up; return whether it is reached.

        Args:
            session: where.
            is_reached: asked before every step.
            max_steps: how many steps it may take.
            interacts: what the skill needs of the interactions. The network is shown no others as
                legal, so that whoever builds does not turn or mine what stands already.
            builds_ghosts_only: whether nothing may be built but where a ghost is.
            seed: of the drawn actions.

        Raises:
            Whatever the session raises, where its world is lost or it is stopped.
        """
        import torch

        self._generator.manual_seed(seed)
        forbidden = [
            _INTERACT_BIT + code
            for code, name in enumerate(contract.INTERACT_NAMES)
            if name not in interacts
        ]
        generator = self._generator if self._draws_actions else None
        for _ in range(max_steps):
            if is_reached():
                return True
            session.observe(self._record)
            self._record[forbidden] = 0
            pairs = _pairs(session, self._ghosts() if builds_ghosts_only else None)
            if "build" in interacts and builds_ghosts_only:
                self._record[_BUILD_BIT] &= bool(pairs(_BUILD)[0].any())
            decision = self._policy.act(torch.from_numpy(self._record[None]), generator, pairs)
            _, terminated, truncated = session.step(decision.actions[0].tolist())
            if terminated or truncated:
                break
        return is_reached()

    def _ghosts(self) -> NDArray[np.bool_]:
        """Return which item of the palette each row of the observation is a ghost of; (16, 32)."""
        table = record_views(self._record)["entities"]
        is_ghost = table[:, 3] == _GHOST_STATE
        kinds = table[:, 0][:, None] == self._kinds[None, :]
        return np.asarray(kinds & is_ghost[:, None], np.bool_)


def export_weights(
    run: str | Path,
    out: str | Path,
    *,
    skill: str,
    palette: Sequence[str] | None,
    measured: dict[str, Any] | None = None,
) -> int:
    """Write the weights of a training run for a skill, at half precision, and return the bytes.

    Raises:
        WeightsError: The run's policy cannot be read.
    """
    from factorio_fast.training import checkpoint
    from factorio_fast.training.errors import CheckpointError

    try:
        state = checkpoint.load(Path(run))
    except CheckpointError as error:
        raise WeightsError(str(error)) from error
    kept = ("format", "contract", "scenario", "settings", "spec", "steps", "seed")
    weights = {
        name: value.half() if value.is_floating_point() else value
        for name, value in state["policy"].items()
    }
    target = Path(out)
    checkpoint.save(
        target,
        {
            **{key: state[key] for key in kept},
            "policy": weights,
            "policy_contract": policy_contract(),
            "skill": skill,
            "palette": None if palette is None else list(palette),
            "measured": dict(measured or {}),
        },
    )
    return target.stat().st_size


def policy_contract() -> str:
    """Return a digest of what a policy sees and does; frames between servers have no part in it."""
    values = {name: getattr(contract, name) for name in _POLICY_NAMES}
    text = json.dumps(values, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _pairs(
    session: Session, ghosts: NDArray[np.bool_] | None
) -> Callable[[NDArray[np.int64]], NDArray[np.bool_]]:
    """Return what gives the (target, item) table of a chosen interaction; builds on ghosts."""

    def pairs(interacts: NDArray[np.int64]) -> NDArray[np.bool_]:
        interact = int(interacts[0])
        table = session.conditional_mask(interact)
        if ghosts is not None and interact == _BUILD[0]:
            table = table & ghosts
        return table[None]

    return pairs
