"""Runs PPO on a scenario: iterations, logging, checkpoints, a clean stop, and going on after it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from factorio_fast.training import checkpoint, ppo
from factorio_fast.training.agents import PolicyAgent
from factorio_fast.training.episodes import EpisodeTracker
from factorio_fast.training.errors import MissingExtraError
from factorio_fast.training.interrupt import StopRequest
from factorio_fast.training.progress import Progress
from factorio_fast.training.settings import TrainSettings
from factorio_fast.training.spec import PolicySpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from factorio_fast.training.agents import BatchAgent
    from factorio_fast.training.evaluate import Evaluation

    Validate = Callable[[BatchAgent, TrainSettings], Evaluation]

CHECKPOINT_EVERY_S = 60.0
"""Pause between checkpoints; a crash costs at most this much training."""


class Trainer:
    """One training run; `train()` may be called again after an interruption."""

    def __init__(
        self,
        scenario: str,
        settings: TrainSettings,
        make_envs: Callable[[TrainSettings], ppo.Envs],
        *,
        seed: int = 0,
        out: Path,
        validate: Validate | None = None,
    ) -> None:
        """Create environments and a fresh policy.

        Args:
            scenario: its name, kept in checkpoints.
            settings: numbers of the run.
            make_envs: makes the vector environment, in SAME_STEP autoreset mode.
            seed: environment i starts with seed + i; the policy's weights and choices follow from
            it too.
            out: folder for checkpoints and logs.
            validate: judges the policy for the learning curve; None leaves that out.
        """
        self.scenario, self.settings, self.seed, self.out = scenario, settings, seed, out
        self.validate = validate
        torch.manual_seed(seed)
        self.envs = make_envs(settings)
        spec = PolicySpec.from_space(self.envs.single_observation_space)
        policy = ppo.Policy(spec, hidden=settings.hidden, patch_width=settings.patch_width)
        self.learner = ppo.Learner(policy, settings, seed)
        self.tracker = EpisodeTracker(settings.num_envs, settings.train_episode_steps)
        self.steps = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []
        self.validations: list[dict[str, float]] = []
        self.envs.reset(seed=seed)

    @classmethod
    def resume(
        cls,
        path: Path,
        make_envs: Callable[[TrainSettings], ppo.Envs],
        *,
        scenario: str | None = None,
        total_steps: int | None = None,
        out: Path | None = None,
        validate: Validate | None = None,
    ) -> Trainer:
        """Go on from a checkpoint, to the bit as if the run had never stopped.

        Args:
            path: a `checkpoint.pth`, or the folder that it is in.
            make_envs: makes the vector environment for the checkpoint's settings.
            scenario: refuse a checkpoint of any other; None takes what the checkpoint says.
            total_steps: a new end of the run, which also stretches the learning-rate schedule.
            out: a new folder; None goes on in the checkpoint's own.
            validate: judges the policy for the learning curve; None leaves that out.

        Raises:
            CheckpointError: the file cannot be used.
        """
        state = checkpoint.load(path, resumable=True)
        if scenario is not None:
            checkpoint.check_scenario(state, scenario)
        values = dict(state["settings"])
        if total_steps is not None:
            values["total_steps"] = total_steps
        settings = TrainSettings.from_dict(values, source="the checkpoint")
        trainer = cls(
            state["scenario"],
            settings,
            make_envs,
            seed=state["seed"],
            out=out or (path if path.is_dir() else path.parent),
            validate=validate,
        )
        trainer._restore(state)
        return trainer

    @property
    def policy(self) -> ppo.Policy:
        """The policy in its present state."""
        return self.learner.policy

    @property
    def is_finished(self) -> bool:
        """Whether all steps of the run are done."""
        return self.steps >= self.settings.total_steps

    @property
    def checkpoint_path(self) -> Path:
        """Where checkpoints of this run go."""
        return self.out / "checkpoint.pth"

    def train(self, *, quiet: bool = False) -> bool:
        """Train to the end, or until Ctrl-C; a checkpoint is written either way.

        Returns:
            Whether the run is finished.
        """
        writer = _tensorboard(self.out / "tensorboard", purge_step=self.steps)
        bar = Progress(self.settings.total_steps, done=self.steps, label="train", quiet=quiet)
        stop = StopRequest("finishing this update, then saving; again to abort without saving")
        last_saved = time.monotonic()
        try:
            with stop:
                while not self.is_finished and not stop.is_set:
                    row = self.iterate()
                    bar.update(self.steps, self._notes(row))
                    for name, value in row.items():
                        writer.add_scalar(name, value, self.steps)
                    if self.validations and self.validations[-1]["steps"] == self.steps:
                        for name, value in self.validations[-1].items():
                            writer.add_scalar(f"validation/{name}", value, self.steps)
                    if time.monotonic() - last_saved > CHECKPOINT_EVERY_S:
                        self.save()
                        last_saved = time.monotonic()
                self.save()
        finally:
            bar.close()
            writer.close()
        return self.is_finished

    def iterate(self) -> dict[str, float]:
        """Collect steps, learn from them, and return the row that goes into the history."""
        if not self.steps:
            self._validate()
        started = time.monotonic()
        last_values = self.learner.collect(self.envs, self.tracker.on_step)
        collected = time.monotonic()
        losses = self.learner.update(last_values, self.steps / self.settings.total_steps)
        ended = time.monotonic()
        n_steps = self.settings.steps_per_iteration
        self.steps += n_steps
        self.seconds += ended - started
        row = {"steps": self.steps, "seconds": self.seconds, **self.tracker.report(), **losses}
        row["steps_per_second"] = n_steps / (ended - started)
        row["collect_steps_per_second"] = n_steps / (collected - started)
        self.history.append(row)
        # Counted from what is past, so that a resumed run goes on with the same points.
        last = self.validations[-1]["steps"] if self.validations else 0
        if self.is_finished or self.steps - last >= self.settings.validate_every:
            self._validate()
        return row

    def policy_state(self) -> dict[str, Any]:
        """Return what a policy file of the present policy holds."""
        return checkpoint.policy_state(
            self.policy, self.settings, self.scenario, self.steps, self.seed
        )

    def save(self) -> Path:
        """Write a checkpoint that training can go on from, and return its path."""
        snapshot = np.frombuffer(self.envs.snapshot(), dtype=np.uint8)
        state = self.policy_state() | {
            "optimizer": self.learner.optimizer.state_dict(),
            "generator": self.learner.generator.get_state(),
            "torch_rng": torch.get_rng_state(),
            "envs": torch.from_numpy(snapshot.copy()),
            "scaler": {
                "discounted": self.learner.scaler.discounted.tolist(),
                "count": self.learner.scaler.count,
                "mean": self.learner.scaler.mean,
                "variance": self.learner.scaler.variance,
            },
            "tracker": self.tracker.state(),
            "history": self.history,
            "validations": self.validations,
            "seconds": self.seconds,
        }
        checkpoint.save(self.checkpoint_path, state)
        return self.checkpoint_path

    def close(self) -> None:
        """Close the environments."""
        self.envs.close()

    def _validate(self) -> None:
        if self.validate is None or not self.settings.validation_episodes:
            return
        started = time.monotonic()
        agent = PolicyAgent(self.policy, is_greedy=not self.settings.draws_actions)
        summary = self.validate(agent, self.settings).summary()
        names = ("episodes", "success", "progress", "return")
        point = {name: summary[name] for name in names if name in summary}
        self.seconds += time.monotonic() - started
        self.validations.append({"steps": self.steps, "length": summary.get("steps", 0.0), **point})

    def _notes(self, row: dict[str, float]) -> str:
        if row["episodes"]:
            return (
                f"success {row['success']:.0%}, progress {row['progress']:.0%}, "
                f"return {row['return']:.2f}"
            )
        if self.validations and self.validations[-1]["episodes"]:
            return f"success {self.validations[-1]['success']:.0%} on held-out seeds"
        return "no episode ended yet"

    def _restore(self, state: dict[str, Any]) -> None:
        self.policy.load_state_dict(state["policy"])
        self.learner.optimizer.load_state_dict(state["optimizer"])
        self.learner.generator.set_state(state["generator"])
        torch.set_rng_state(state["torch_rng"])
        self.envs.restore(state["envs"].numpy().tobytes())
        scaler = state["scaler"] | {"discounted": np.array(state["scaler"]["discounted"])}
        self.learner.scaler = ppo.RewardScaler(**scaler)
        self.tracker.restore(state["tracker"])
        self.history, self.validations = state["history"], state["validations"]
        self.steps, self.seconds = state["steps"], state["seconds"]


def _tensorboard(folder: Path, *, purge_step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError.of("tensorboard") from error
    return SummaryWriter(str(folder), purge_step=purge_step or None)
