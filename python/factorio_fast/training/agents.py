"""Those who can play a scenario: chance, the scripted solver, and a trained policy.

`RandomAgent` and `SolverAgent` work without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from factorio_fast.training.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

    from factorio_fast.training.ppo import Policy

    PairMasks = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


class Agent(Protocol):
    """Plays one world."""

    name: str

    def reset(self, seed: int) -> None:
        """Prepare for a new episode."""

    def act(self, env: Any, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[Any]:
        """Choose an action; (4,); for the observation that `env` has just returned."""


@runtime_checkable
class BatchAgent(Agent, Protocol):
    """Plays one world, or many side by side."""

    def act_batch(
        self, records: NDArray[np.uint8], pair_masks: PairMasks | None = None
    ) -> NDArray[Any]:
        """Choose actions; (batch, 4); for packed observations, uint8, (batch, record_bytes)."""


class RandomAgent:
    """Draws every part of an action evenly from what the mask allows."""

    name = "random"

    def __init__(self, nvec: tuple[int, ...], seed: int = 0) -> None:
        """Draw for heads of `nvec` choices."""
        self._columns = np.cumsum([0, *nvec])
        self._rng = np.random.default_rng(seed)

    def reset(self, seed: int) -> None:
        """Start a new stream of random numbers."""
        self._rng = np.random.default_rng(seed)

    def act(self, env: Any, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[Any]:
        """Choose an action; (4,)."""
        del env, info
        bits = obs["action_mask"][None]
        action: NDArray[Any] = self._draw(np.asarray(bits, dtype=bool))[0]
        return action

    def act_batch(
        self, records: NDArray[np.uint8], pair_masks: PairMasks | None = None
    ) -> NDArray[Any]:
        """Choose actions; (batch, 4)."""
        del pair_masks
        return self._draw(records[:, : self._columns[-1] - 1].astype(bool))

    def _draw(self, bits: NDArray[np.bool_]) -> NDArray[Any]:
        mask = np.concatenate([np.ones((len(bits), 1), dtype=bool), bits], axis=1)
        noise = self._rng.random(mask.shape) * mask
        starts, ends = self._columns[:-1], self._columns[1:]
        heads = [noise[:, a:b].argmax(axis=1) for a, b in zip(starts, ends, strict=True)]
        return np.stack(heads, axis=1)


class SolverAgent:
    """Follows the scenario's script."""

    name = "solver"

    def __init__(self, scenario: Any) -> None:
        """Fetch the script of a scenario, given by its name or loaded."""
        from factorio_fast.scenarios import solver_for

        self._solver = solver_for(scenario)

    def reset(self, seed: int) -> None:
        """Begin the script anew."""
        del seed
        self._solver.reset()

    def act(self, env: Any, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[Any]:
        """Choose an action; (4,)."""
        del env
        return np.asarray(self._solver.act(obs, info))


class PolicyAgent:
    """Acts as a trained policy says."""

    name = "trained"

    def __init__(self, policy: Policy, *, is_greedy: bool = True, seed: int = 0) -> None:
        """Act with a policy, taking its likeliest choices or drawing from its distribution."""
        self._policy = policy
        self._is_greedy = is_greedy
        self._generator: torch.Generator | None = None
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Start a new stream of random numbers."""
        import torch

        self._generator = None if self._is_greedy else torch.Generator().manual_seed(seed)

    def act(self, env: Any, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[Any]:
        """Choose an action; (4,)."""
        del info
        pairs = getattr(env, "conditional_masks", None)
        of_batch = None
        if pairs is not None:

            def of_batch(interacts: NDArray[np.int64]) -> NDArray[np.bool_]:
                return np.asarray(pairs(int(interacts[0])))[None]

        action: NDArray[Any] = self.act_batch(self._policy.spec.pack(obs)[None], of_batch)[0]
        return action

    def act_batch(
        self, records: NDArray[np.uint8], pair_masks: PairMasks | None = None
    ) -> NDArray[Any]:
        """Choose actions; (batch, 4)."""
        import torch

        decision = self._policy.act(torch.from_numpy(records), self._generator, pair_masks)
        return decision.actions.numpy()


def load_agent(path: Path, scenario: str, *, is_greedy: bool | None = None) -> PolicyAgent:
    """Load the agent of a policy file, a checkpoint, or a run's folder.

    Args:
        path: where it is.
        scenario: what it will play; it must have been trained on it.
        is_greedy: take the likeliest choices instead of drawing; None does as the policy's
            training settings say.
    """
    try:
        from factorio_fast.training import checkpoint
    except ModuleNotFoundError as error:
        raise MissingExtraError.of(error.name or "torch") from error
    state = checkpoint.load(path)
    checkpoint.check_scenario(state, scenario)
    if is_greedy is None:
        is_greedy = not checkpoint.settings_of(state).draws_actions
    return PolicyAgent(checkpoint.build_policy(state), is_greedy=is_greedy)
