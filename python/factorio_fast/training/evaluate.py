"""Judges agents: one episode for each seed, so that short episodes count no more than long ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast.training.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from factorio_fast.training.agents import Agent, BatchAgent

BATCH = 256
"""Worlds that are judged side by side."""


@dataclass(kw_only=True, slots=True)
class Evaluation:
    """How an agent did on each seed; all arrays (episodes,)."""

    agent: str
    seeds: NDArray[np.int64]
    success: NDArray[np.bool_] = field(init=False)
    """Whether the objective was reached."""
    progress: NDArray[np.float64] = field(init=False)
    """Progress towards the objective at the end, 0..1."""
    steps: NDArray[np.int64] = field(init=False)
    """Steps until the episode ended."""
    returns: NDArray[np.float64] = field(init=False)
    """Sum of rewards."""
    lost: NDArray[np.bool_] = field(init=False)
    """The world was lost: the episode says nothing about the agent and is left out of averages."""

    def __post_init__(self) -> None:
        """Allocate one entry per seed."""
        n = len(self.seeds)
        self.success, self.lost = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.progress, self.returns = np.zeros(n), np.zeros(n)
        self.steps = np.zeros(n, dtype=np.int64)

    def summary(self, solver: Evaluation | None = None) -> dict[str, Any]:
        """Return averages as plain values.

        Args:
            solver: the script's evaluation on the same seeds, for `efficiency`: the solver's steps
            divided by the
                agent's, averaged over the seeds that both solved.
        """
        kept = ~self.lost
        if not kept.any():
            return {"agent": self.agent, "episodes": 0, "lost": int(self.lost.sum())}
        result = {
            "agent": self.agent,
            "episodes": int(kept.sum()),
            "lost": int(self.lost.sum()),
            "success": float(self.success[kept].mean()),
            "progress": float(self.progress[kept].mean()),
            "steps": float(self.steps[kept].mean()),
            "return": float(self.returns[kept].mean()),
            "efficiency": None,
        }
        if solver is not None:
            both = self.success & solver.success & kept
            if both.any():
                result["efficiency"] = float((solver.steps[both] / self.steps[both]).mean())
        return result


def evaluate_batch(
    agent: BatchAgent,
    make_envs: Callable[[int], Any],
    seeds: Sequence[int],
    *,
    quiet: bool = False,
) -> Evaluation:
    """Judge an agent that plays many worlds side by side.

    Args:
        agent: who plays.
        make_envs: makes a vector environment of so many worlds, in NEXT_STEP autoreset mode.
        seeds: consecutive seeds, one episode each.
        quiet: show no progress.
    """
    result = Evaluation(agent=agent.name, seeds=np.array(seeds, dtype=np.int64))
    bar = Progress(len(seeds), unit="episodes", label=f"evaluate {agent.name}", quiet=quiet)
    agent.reset(int(seeds[0]) if len(seeds) else 0)
    try:
        for start in range(0, len(seeds), BATCH):
            rows = slice(start, min(start + BATCH, len(seeds)))
            envs = make_envs(rows.stop - rows.start)
            try:
                _play_batch(agent, envs, result, rows, bar)
            finally:
                envs.close()
    finally:
        bar.close()
    return result


def _play_batch(
    agent: BatchAgent,
    envs: Any,
    result: Evaluation,
    rows: slice,
    bar: Progress,
) -> None:
    envs.reset(seed=int(result.seeds[rows.start]))
    running = np.arange(envs.num_envs)
    pair_masks = getattr(envs, "conditional_masks", None)
    actions = np.zeros((envs.num_envs, len(envs.single_action_space.nvec)), dtype=np.int64)
    while len(running):
        of_running = None
        if pair_masks is not None:

            def of_running(
                interacts: NDArray[np.int64], running: NDArray[np.intp] = running
            ) -> NDArray[np.bool_]:
                everyone = np.zeros(envs.num_envs, dtype=np.int64)
                everyone[running] = interacts
                return np.asarray(pair_masks(everyone))[running]

        # Worlds whose episode is over stay in the batch, standing still, and are not looked at
        # again.
        actions[:] = 0
        actions[running] = agent.act_batch(envs.records[running], of_running)
        _, rewards, terminated, truncated, infos = envs.step(actions)
        result.returns[rows][running] += rewards[running]
        result.steps[rows][running] += 1
        ended = running[(terminated | truncated)[running]]
        if len(ended):
            _note_end(result, rows, ended, infos)
            running = np.setdiff1d(running, ended)
            bar.update(rows.start + envs.num_envs - len(running))


def _note_end(
    result: Evaluation, rows: slice, ended: NDArray[np.intp], infos: dict[str, Any]
) -> None:
    n = rows.stop - rows.start
    result.success[rows][ended] = np.asarray(infos.get("success", np.zeros(n)))[ended]
    result.progress[rows][ended] = np.asarray(infos.get("objective_progress", np.zeros(n)))[ended]
    result.lost[rows][ended] = np.asarray(infos.get("infrastructure", np.zeros(n)))[ended]


def evaluate_single(
    agent: Agent,
    env: Any,
    seeds: Sequence[int],
    *,
    quiet: bool = False,
) -> Evaluation:
    """Judge an agent that looks at one world at a time, such as a scripted solver."""
    result = Evaluation(agent=agent.name, seeds=np.array(seeds, dtype=np.int64))
    bar = Progress(len(seeds), unit="episodes", label=f"evaluate {agent.name}", quiet=quiet)
    try:
        for i, seed in enumerate(seeds):
            _play_single(agent, env, result, i, int(seed))
            bar.update(i + 1)
    finally:
        bar.close()
    return result


def _play_single(agent: Agent, env: Any, result: Evaluation, i: int, seed: int) -> None:
    agent.reset(seed)
    obs, info = env.reset(seed=seed)
    ended = False
    while not ended:
        action = agent.act(env, obs, info)
        obs, reward, terminated, truncated, info = env.step(action)
        ended = terminated or truncated
        result.returns[i] += reward
        result.steps[i] += 1
    result.success[i] = bool(info.get("success", False))
    result.progress[i] = float(info.get("objective_progress", 0.0))
    result.lost[i] = bool(info.get("infrastructure", False))
