"""Counts what happens in the episodes of a vector environment while it is trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class EpisodeTracker:
    """Sums up running episodes, and averages those that ended since the last report."""

    def __init__(self, num_envs: int, n_warmup_steps: int = 0) -> None:
        """Start with every environment at the beginning of an episode.

        Args:
            num_envs: environments that are stepped.
            n_warmup_steps: steps at the start whose ended episodes are not counted. All episodes
                begin together, so that before the first time limit only successes have ended.
        """
        self.n_warmup_steps = n_warmup_steps
        self.n_steps = 0
        self.returns = np.zeros(num_envs)
        self.lengths = np.zeros(num_envs, dtype=np.int64)
        self.n_lost = 0
        self._clear()

    def on_step(
        self, rewards: NDArray[Any], ended: NDArray[np.bool_], infos: dict[str, Any]
    ) -> None:
        """Take one step of all environments into account.

        Args:
            rewards: unscaled; float; (num_envs,).
            ended: episodes that ended in this step; bool; (num_envs,).
            infos: the step's infos.
        """
        self.returns += rewards
        self.lengths += 1
        self.n_steps += 1
        if not ended.any():
            return
        lost = ended & np.asarray(infos.get("infrastructure", False))
        counted = ended & ~lost & (self.n_steps >= self.n_warmup_steps)
        self.n_lost += int(lost.sum())
        self._episodes += int(counted.sum())
        self._return += float(self.returns[counted].sum())
        self._length += int(self.lengths[counted].sum())
        self._success += int(last_info(infos, "success", counted).sum())
        self._progress += float(last_info(infos, "objective_progress", counted).sum())
        self.returns[ended] = 0.0
        self.lengths[ended] = 0

    def report(self) -> dict[str, float]:
        """Return averages over the episodes that ended since the last call, if there were any."""
        n = self._episodes
        result: dict[str, float] = {"episodes": n}
        if n:
            result |= {
                "success": self._success / n,
                "progress": self._progress / n,
                "return": self._return / n,
                "length": self._length / n,
            }
        self._clear()
        return result

    def state(self) -> dict[str, Any]:
        """Return the running episodes as plain values."""
        return {
            "returns": self.returns.tolist(),
            "lengths": self.lengths.tolist(),
            "n_lost": self.n_lost,
            "n_steps": self.n_steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from `state`."""
        self.returns = np.array(state["returns"])
        self.lengths = np.array(state["lengths"], dtype=np.int64)
        self.n_lost, self.n_steps = state["n_lost"], state["n_steps"]
        self._clear()

    def _clear(self) -> None:
        self._episodes = 0
        self._success = 0
        self._progress = 0.0
        self._return = 0.0
        self._length = 0


def last_info(infos: dict[str, Any], key: str, rows: NDArray[np.bool_]) -> NDArray[Any]:
    """Return an info of episodes that just ended, wherever the autoreset mode puts it.

    Args:
        infos: a step's infos.
        key: the info's name.
        rows: the environments asked about; bool; (num_envs,).

    Returns:
        One value per asked row; zeros if the environment does not report the info.
    """
    final = infos.get("final_info")
    values = final[key] if final is not None and key in final else infos.get(key)
    if values is None:
        return np.zeros(int(rows.sum()))
    return np.asarray(values)[rows]
