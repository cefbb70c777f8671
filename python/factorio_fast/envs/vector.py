"""`FactorioVectorEnv`: many environments, stepped in parallel in Rust."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from factorio_fast import _core, contract
from factorio_fast.envs.session import EmbeddedBackend, backend_named
from factorio_fast.envs.spaces import (
    Observation,
    RewardShaping,
    action_space,
    check_choice,
    checked_actions,
    observation_space,
    record_views,
)
from factorio_fast.envs.steps import checked_seed, max_steps_of, scenario_of, whole_number
from factorio_fast.errors import (
    ClosedError,
    FactorioFastError,
    InvalidStateError,
    InvalidValueError,
    UnknownNameError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from factorio_fast.envs.served import Fleet
    from factorio_fast.envs.session import Backend
    from factorio_fast.envs.spaces import (
        ObservationType,
    )

__all__ = ["FactorioVectorEnv"]

StepResult = tuple[
    Observation, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]
]


class FactorioVectorEnv(VectorEnv[Observation, NDArray[np.int64], NDArray[Any]]):
    """Many environments of one scenario, side by side in one process.

    Worlds live in Rust and are stepped with the GIL released, on `num_threads` threads; results
    do not depend on their number. Observations are packed records of 8,576 bytes; the arrays that
    are returned are views of them.

    Environment `i` of `reset(seed=s)` plays the episodes that a `FastFactorioEnv` plays after
    `reset(seed=s + i)`, byte for byte.

    Example:
        >>> from factorio_fast import FactorioVectorEnv
        >>> envs = FactorioVectorEnv("movement_basic", num_envs=4)
        >>> obs, infos = envs.reset(seed=1)
        >>> obs, rewards, terminations, truncations, infos = envs.step(envs.action_space.sample())
        >>> obs["local_map"].shape, rewards.shape
        ((4, 32, 32, 8), (4,))
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium declares it as an instance's.
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 10,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }
    _reset_options: ClassVar[set[str]] = {"reset_mask"}

    def __init__(  # noqa: PLR0913 - keyword-only settings, those of the single environment too.
        self,
        scenario: str | Path | dict[str, Any] | _core.Scenario = "movement_basic",
        num_envs: int = 1,
        *,
        backend: str | Backend = "embedded",
        servers: int | None = None,
        num_threads: int | None = None,
        copy: bool = True,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        observation_type: ObservationType = "compact",
        reward_shaping: RewardShaping = "dense",
        episode_length: float | None = None,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Make the environments.

        Args:
            scenario: A scenario's name, the path of a TOML file, its content as a dictionary, or
                a loaded one.
            num_envs: How many.
            backend: `embedded`, `sim-server`, `factorio`, or a backend of servers as an object.
            servers: How many servers share the environments; one for every 16 if `None`.
            num_threads: Threads that step; as many as the process may use if `None`. Servers have
                one each.
            copy: Return arrays of the caller's own. `False` returns views that the next `step`
                overwrites, for loops that read before they step.
            autoreset_mode: What happens to an environment whose episode has ended.
            observation_type: `compact`, or `full` with inventory and goal.
            reward_shaping: `dense`, or `sparse` for success and death alone.
            episode_length: Seconds of game time instead of the scenario's own.
            max_episode_steps: Steps instead of the scenario's own; rules over `episode_length`.
            render_mode: `rgb_array`, `ansi` or `None`.

        Raises:
            UnknownNameError: A scenario, backend or mode has an unknown name.
            InvalidValueError: A number is out of range.
        """
        check_choice("reward_shaping", reward_shaping, RewardShaping)
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            listed = ", ".join(f'"{mode}"' for mode in self.metadata["render_modes"])
            raise UnknownNameError(f'unknown render_mode "{render_mode}"; choose one of {listed}')
        mode = _mode_of(autoreset_mode)
        num_envs = whole_number("num_envs", num_envs)
        num_threads = (
            _usable_cores() if num_threads is None else whole_number("num_threads", num_threads)
        )
        self.scenario = scenario_of(scenario)
        self.metadata = {**self.metadata, "autoreset_mode": mode}
        self.render_mode = render_mode
        self.num_envs = num_envs
        self.single_observation_space = observation_space(observation_type)
        self.single_action_space = action_space()
        how: dict[str, Any] = {
            "autoreset_mode": mode.value,
            "max_steps": max_steps_of(self.scenario, episode_length, max_episode_steps),
            "is_sparse": reward_shaping == "sparse",
            "is_full": observation_type == "full",
        }
        self._fleet = _fleet_of(backend, num_envs, servers)
        if self._fleet is None:
            self._batch = _core.Batch(self.scenario, num_envs, num_threads=num_threads, **how)
        else:
            try:
                self._batch = _core.Batch.served(
                    self.scenario, num_envs, self._fleet.addresses(), **how
                )
            except BaseException:
                self._fleet.close()
                raise
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._mode = mode
        self._copy = copy
        self._arrays = self._batch.arrays()
        self._terms = self._batch.term_columns()
        self._obs = self._views(self._arrays["records"], self._arrays["full"])
        self._is_in_flight = False
        self._all = np.ones(num_envs, np.bool_)
        self._all.setflags(write=False)
        self._begun = np.zeros(num_envs, np.bool_)

    @property
    def transport_metrics(self) -> list[dict[str, float]]:
        """What passed between each server and here so far; empty with the embedded backend."""
        return self._batch.transport_metrics()

    @property
    def records(self) -> NDArray[np.uint8]:
        """The packed observations as they lie in memory.

        Returns:
            records: uint8; (num_envs, 8576); the environment's own: overwritten by the next step,
            not to be written to.
        """
        records: NDArray[np.uint8] = self._arrays["records"]
        return records

    def reset(
        self,
        *,
        seed: int | Sequence[int] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin episodes: number 0 of seed `s + i`, or the next ones of the seeds before.

        Args:
            seed: One for all, to which each environment's index is added, or one for each.
            options: `{"reset_mask": mask}` resets only those; bool; (num_envs,).

        Raises:
            ClosedError: The environments were closed.
            InvalidValueError: A seed or the mask is out of range or has a wrong shape.
        """
        self._ensure_idle()
        mask = self._reset_mask(options)
        chosen = self._all if mask is None else mask
        if seed is None and not self._begun[chosen].all():
            seed = int(self.np_random.integers(2**62))
        seeds = None if seed is None else self._seeds(seed)
        if seeds is not None and not isinstance(seed, Sequence | np.ndarray):
            super().reset(seed=int(seeds[0]))
        self._restart_lost()
        self._batch.reset(seeds, mask)
        self._begun |= chosen
        # Not `_infos`: what the step before has put into `final_info` is no news.
        return self._observation(), self._info_of(chosen.copy())

    def step(self, actions: NDArray[np.int64]) -> StepResult:
        """Step all environments.

        Args:
            actions: (move, interact, target, item) of each; an integer dtype; (num_envs, 4).

        Returns:
            obs, rewards (float64), terminations, truncations (bool), infos; first axis
            `num_envs`; the caller's own with `copy=True`, else overwritten by the next step.

        Raises:
            ClosedError: The environments were closed.
            InvalidValueError: Actions have a wrong shape, dtype or range; nothing was changed.
            InvalidStateError: `reset` comes first; nothing was changed.
        """
        self._ensure_idle()
        self._batch.step(checked_actions(actions, (self.num_envs, 4)))
        return self._results()

    def send(self, actions: NDArray[np.int64]) -> None:
        """Begin a step and return at once; the worlds run while the caller does other work.

        Arrays returned with `copy=False` must not be read until `recv`.

        Raises:
            As `step`, before anything is changed.
        """
        self._ensure_idle()
        self._batch.send(checked_actions(actions, (self.num_envs, 4)))
        self._is_in_flight = True

    def recv(self) -> StepResult:
        """Wait for the step that `send` began and return what `step` would have.

        Raises:
            InvalidStateError: `send` comes first.
        """
        self._ensure_open()
        # Whether the step succeeds or fails, it is over.
        self._is_in_flight = False
        self._batch.recv()
        return self._results()

    def action_masks(self) -> NDArray[np.bool_]:
        """Return what is legal now in all environments.

        Returns:
            masks: bool; (num_envs, 65); columns move (9), interact (8), target (16), item (32);
            the caller's own.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        self._ensure_begun()
        return self._batch.action_masks()

    def conditional_masks(self, interacts: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Return exactly which (target, item) each environment's interaction would accept.

        Args:
            interacts: the interaction asked about; an integer dtype; (num_envs,).

        Returns:
            tables: bool; (num_envs, 16, 32); axes (env, target, item); the caller's own.

        Raises:
            InvalidValueError: The numbers have a wrong shape, dtype or range.
            InvalidStateError: `reset` comes first.
        """
        self._ensure_begun()
        return self._batch.conditional_masks(checked_actions(interacts, (self.num_envs,)))

    def render(self) -> tuple[Any, ...] | None:
        """Draw every environment in the render mode; see `FastFactorioEnv.render`."""
        self._ensure_begun()
        if self.render_mode is None:
            return None
        draw = (
            self._batch.render_rgb if self.render_mode == "rgb_array" else self._batch.render_ansi
        )
        return tuple(draw(index) for index in range(self.num_envs))

    def snapshot(self) -> bytes:
        """Write all environments as they are now, mid-episode or not.

        Raises:
            InvalidStateError: `reset` comes first.
        """
        self._ensure_begun()
        return self._batch.snapshot()

    def restore(self, data: bytes) -> Observation:
        """Go back to a snapshot of as many environments of the same scenario.

        Raises:
            InvalidSnapshotError: The bytes are damaged or belong to others; all is as it was.
        """
        self._ensure_idle()
        self._batch.restore(data)
        self._begun[:] = True
        return self._observation()

    def close_extras(self, **_kwargs: Any) -> None:
        """Wait for a step under way and end servers that were started; called by `close`."""
        try:
            if self._is_in_flight:
                self._is_in_flight = False
                self._batch.recv()
        finally:
            if self._fleet is not None:
                with contextlib.suppress(FactorioFastError):
                    self._batch.close()
                self._fleet.close()

    def _restart_lost(self) -> list[str | None]:
        """Bring lost servers back; returns why each server was lost, None where it was not."""
        losses = self._batch.losses() if self._fleet is not None else []
        for index, loss in enumerate(losses):
            if loss is not None and self._fleet is not None:
                self._batch.relink(index, self._fleet.restart(index))
        return losses

    def _ensure_open(self) -> None:
        if self.closed:
            raise ClosedError("the environments were closed: make new ones")

    def _ensure_idle(self) -> None:
        self._ensure_open()
        if self._is_in_flight:
            raise InvalidStateError("a step is under way: call recv before anything else")

    def _ensure_begun(self) -> None:
        self._ensure_idle()
        if not self._begun.all():
            raise InvalidStateError("not all environments have begun yet: call reset first")

    def _seeds(self, seed: int | Sequence[int]) -> NDArray[np.uint64]:
        if isinstance(seed, Sequence | np.ndarray):
            seeds = [checked_seed(one) for one in seed]
        else:
            first = checked_seed(seed)
            seeds = [checked_seed(first + index) for index in range(self.num_envs)]
        if len(seeds) != self.num_envs:
            raise InvalidValueError(f"seed needs {self.num_envs} entries, not {len(seeds)}")
        return np.array(seeds, np.uint64)

    def _reset_mask(self, options: dict[str, Any] | None) -> NDArray[np.bool_] | None:
        if not options:
            return None
        unknown = set(options) - self._reset_options
        if unknown:
            raise InvalidValueError(f'reset knows the option "reset_mask" alone, not {unknown}')
        mask = options["reset_mask"]
        if (
            not isinstance(mask, np.ndarray)
            or mask.dtype != np.bool_
            or mask.shape != (self.num_envs,)
            or not mask.any()
        ):
            raise InvalidValueError(
                f"reset_mask must be a bool array of shape ({self.num_envs},) with a True in it"
            )
        return mask

    def _views(self, records: NDArray[np.uint8], full: NDArray[np.float32]) -> Observation:
        obs = record_views(records)
        if len(full):
            obs["inventory"] = full[:, : contract.FULL_INVENTORY_SIZE]
            obs["goal"] = full[:, contract.FULL_INVENTORY_SIZE :]
            obs = dict(sorted(obs.items()))
        return obs

    def _observation(self) -> Observation:
        if not self._copy:
            return dict(self._obs)
        return self._views(self._arrays["records"].copy(), self._arrays["full"].copy())

    def _results(self) -> StepResult:
        # Only servers are lost; a look at the array costs a lone environment a fifth of its speed.
        if self._fleet is None:
            return self._outcome()
        lost: NDArray[np.bool_] = self._arrays["lost"].view(np.bool_)
        if not lost.any():
            return self._outcome()
        # Bringing a server back begins new episodes with `SAME_STEP`, so what ended is read first.
        lost = lost.copy()
        obs, rewards, terminations, truncations, infos = self._outcome()
        losses = self._restart_lost()
        share = -(-self.num_envs // len(losses))
        why = np.full(self.num_envs, None, dtype=object)
        for index in np.flatnonzero(lost):
            why[index] = losses[index // share]
        infos["infrastructure"] = why
        infos["_infrastructure"] = lost
        if self._mode == AutoresetMode.SAME_STEP:
            obs = self._observation()
        return obs, rewards, terminations, truncations, infos

    def _outcome(self) -> StepResult:
        arrays = self._arrays
        infos = self._infos(self._all)
        return (
            self._observation(),
            arrays["rewards"].copy(),
            arrays["terminated"].view(np.bool_).copy(),
            arrays["truncated"].view(np.bool_).copy(),
            infos,
        )

    def _infos(self, present: NDArray[np.bool_]) -> dict[str, Any]:
        """Collect infos; those of episodes that a `SAME_STEP` reset ended go to `final_info`."""
        final: NDArray[np.bool_] = self._arrays["has_final"].view(np.bool_)
        if not final.any():
            return self._info_of(present)
        final = final.copy()
        infos = self._info_of(present & ~final)
        infos["final_info"] = self._info_of(final)
        infos["_final_info"] = final
        records = self._arrays["final_records"].copy()
        infos["final_records"] = records
        infos["_final_records"] = final
        views = self._views(records, self._arrays["final_full"].copy())
        final_obs = np.full(self.num_envs, None, dtype=object)
        for index in np.flatnonzero(final):
            final_obs[index] = {key: view[index] for key, view in views.items()}
        infos["final_obs"] = final_obs
        infos["_final_obs"] = final
        return infos

    def _info_of(self, present: NDArray[np.bool_]) -> dict[str, Any]:
        arrays = self._arrays
        terms: dict[str, Any] = {}
        columns = arrays["terms"].copy()
        for name, column in self._terms:
            terms[name] = columns[:, column]
            terms[f"_{name}"] = present
        infos: dict[str, Any] = {
            "success": arrays["succeeded"].view(np.bool_).copy(),
            "objective_progress": arrays["progress"].copy(),
            "episode_steps": arrays["steps"].copy(),
            "rejected": arrays["rejected"].copy(),
            "reward_terms": terms,
        }
        infos.update({f"_{key}": present for key in list(infos)})
        return infos


ENVS_PER_SERVER = 16
"""So many environments share a server unless it is said how many servers there are."""


def _fleet_of(backend: str | Backend, num_envs: int, servers: int | None) -> Fleet | None:
    """Start the servers of a backend that has some."""
    found = backend_named(backend)
    open_fleet = getattr(found, "fleet", None)
    if open_fleet is None:
        if not isinstance(found, EmbeddedBackend):
            raise InvalidValueError(
                f"the vector environment needs an embedded backend or one of servers, not {found!r}"
            )
        if servers is not None:
            raise InvalidValueError(f"an embedded backend has no servers: leave out {servers!r}")
        return None
    n_servers = -(-num_envs // ENVS_PER_SERVER) if servers is None else servers
    if not 1 <= whole_number("servers", n_servers) <= num_envs:
        raise InvalidValueError(f"servers must be in 1..{num_envs}, not {n_servers}")
    fleet: Fleet = open_fleet(n_servers)
    return fleet


def _mode_of(mode: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except ValueError:
        listed = ", ".join(f'"{known.value}"' for known in AutoresetMode)
        raise UnknownNameError(f'unknown autoreset_mode "{mode}"; choose one of {listed}') from None


def _usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)
