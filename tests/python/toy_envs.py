"""A small vector environment with the spaces of the real one, for tests of the learner alone.

A point walks on an open plain to a waypoint; an episode takes a few dozen steps. Everything is
plain numpy, so a test of learning runs in seconds and shows faults of the learner rather than of
the simulation.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from gymnasium import spaces

NVEC = [9, 8, 16, 32]
RECORD_BYTES = 8576
PLAYER_STATE = slice(8512, 8576)
ENTITIES = slice(64, 320)
STEPS = np.array(
    [(0, 0), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)], dtype=np.float32
)


class ToyEnvs:
    """`num_envs` points that walk to their waypoints, reset in the step in which they arrive.

    With `interact_at_goal` the point must besides take hold of the right one of three listed things
    once it is there: interact 1 on the row whose kind is 5.
    """

    def __init__(
        self,
        num_envs: int,
        *,
        max_steps: int = 40,
        interact_at_goal: bool = False,
        lose_every: int = 0,
    ) -> None:
        self.num_envs = num_envs
        self.max_steps = max_steps
        self.interact_at_goal = interact_at_goal
        self.lose_every = lose_every
        self.single_observation_space = spaces.Dict(
            {
                "action_mask": spaces.Box(0, 1, (64,), bool),
                "entities": spaces.Box(-np.inf, np.inf, (16, 4), np.float32),
                "local_map": spaces.Box(0, 255, (32, 32, 8), np.uint8),
                "player_state": spaces.Box(-np.inf, np.inf, (16,), np.float32),
            }
        )
        self.single_action_space = spaces.MultiDiscrete(NVEC)
        self.records = np.zeros((num_envs, RECORD_BYTES), dtype=np.uint8)
        self.rng = np.random.default_rng(0)
        self.position = np.zeros((num_envs, 2), dtype=np.float32)
        self.row = np.zeros(num_envs, dtype=np.int64)
        self.age = np.zeros(num_envs, dtype=np.int64)
        self.n_steps = 0
        self.is_closed = False

    def reset(self, *, seed: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self._start(np.ones(self.num_envs, dtype=bool))
        self._write()
        return self._obs(), {}

    def step(self, actions: np.ndarray) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        assert actions.shape == (self.num_envs, 4)
        assert (self.masks()[np.arange(self.num_envs)[:, None], actions[:, :2] + [0, 9]]).all()
        before = np.linalg.norm(self.position, axis=1)
        self.position -= STEPS[actions[:, 0]]
        after = np.linalg.norm(self.position, axis=1)
        self.age += 1
        self.n_steps += 1
        there = after < 1.5
        if self.interact_at_goal:
            there &= (actions[:, 1] == 1) & (actions[:, 2] == self.row)
        rewards = 0.1 * (before - after) + there
        truncated = (self.age >= self.max_steps) & ~there
        infos: dict[str, Any] = {}
        if self.lose_every and self.n_steps % self.lose_every == 0:
            infos["infrastructure"] = np.arange(self.num_envs) == 0
            truncated[0] = True
            there[0] = False
            rewards[0] = 1e6
        ended = there | truncated
        if ended.any():
            self._write()
            final = np.full(self.num_envs, None, dtype=object)
            for i in np.flatnonzero(ended):
                final[i] = {key: value[i].copy() for key, value in self._obs().items()}
            infos |= {
                "final_obs": final,
                "_final_obs": ended,
                "final_info": {"success": there, "objective_progress": there.astype(float)},
            }
            self._start(ended)
        self._write()
        return self._obs(), rewards, there, truncated, infos

    def masks(self) -> np.ndarray:
        bits = self.records[:, :64].astype(bool)
        return np.concatenate([np.ones((self.num_envs, 1), dtype=bool), bits], axis=1)

    def snapshot(self) -> bytes:
        file = io.BytesIO()
        state = self.rng.bit_generator.state
        words = [state["state"]["state"], state["state"]["inc"]]
        np.savez(
            file,
            position=self.position,
            row=self.row,
            age=self.age,
            n_steps=self.n_steps,
            rng=np.array([f"{word}" for word in words]),
            cache=np.array([state["has_uint32"], state["uinteger"]]),
        )
        return file.getvalue()

    def restore(self, snapshot: bytes) -> None:
        data = np.load(io.BytesIO(snapshot))
        self.position, self.row, self.age = data["position"], data["row"], data["age"]
        self.n_steps = int(data["n_steps"])
        state = dict(self.rng.bit_generator.state)
        state["state"] = {"state": int(data["rng"][0]), "inc": int(data["rng"][1])}
        state["has_uint32"], state["uinteger"] = (int(x) for x in data["cache"])
        self.rng.bit_generator.state = state
        self._write()

    def close(self) -> None:
        self.is_closed = True

    def _start(self, which: np.ndarray) -> None:
        n = int(which.sum())
        angle, distance = self.rng.uniform(0, 2 * np.pi, n), self.rng.uniform(4, 14, n)
        self.position[which] = np.stack([np.cos(angle), np.sin(angle)], axis=1) * distance[:, None]
        self.row[which] = self.rng.integers(0, 3, n)
        self.age[which] = 0

    def _write(self) -> None:
        self.records[:] = 0
        mask = self.records[:, :64]
        mask[:, :9] = 1
        mask[:, 16] = 1
        mask[:, 32] = 1
        if self.interact_at_goal:
            mask[:, 9] = 1
            mask[:, 16:19] = 1
            entities = self.records[:, ENTITIES].view(np.float32).reshape(-1, 16, 4)
            entities[:, :3, 0] = (2, 3, 4)
            entities[np.arange(self.num_envs), self.row, 0] = 5
        state = self.records[:, PLAYER_STATE].view(np.float32)
        state[:, 9:11] = self.position
        state[:, 11] = np.linalg.norm(self.position, axis=1)

    def _obs(self) -> dict[str, np.ndarray]:
        n = self.num_envs
        return {
            "action_mask": self.records[:, :64].view(bool),
            "entities": self.records[:, ENTITIES].view(np.float32).reshape(n, 16, 4),
            "local_map": self.records[:, 320:8512].reshape(n, 32, 32, 8),
            "player_state": self.records[:, PLAYER_STATE].view(np.float32),
        }
