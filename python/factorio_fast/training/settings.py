"""The numbers of a training run: one frozen dataclass, its defaults per scenario, and their checks.

Reads `defaults.toml` beside this file. Imports neither torch nor the simulation, so that `--help`
stays quick.
"""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from factorio_fast.training.errors import SettingsError


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainSettings:
    """What a run of PPO needs to know; every field can be set in `defaults.toml`."""

    total_steps: int = 4_000_000
    """Environment steps to train for, over all environments; rounded up to whole iterations."""
    num_envs: int = 256
    """Environments stepped side by side."""
    horizon: int = 64
    """Steps per environment between two updates."""
    train_episode_steps: int = 0
    """Steps after which an episode of the training is cut off; 0 takes the scenario's limit. The
    evaluation always plays to the scenario's limit. A cut is not an end: what would have followed
    is estimated. Short episodes let a beginner start over instead of standing about, and count
    its failures early."""
    epochs: int = 2
    """Passes over the collected steps in one update."""
    minibatch: int = 2048
    """Steps per gradient step."""
    learning_rate: float = 1e-3
    """Adam's step size at the start; falls linearly to `final_learning_rate`."""
    final_learning_rate: float = 5e-5
    """Adam's step size at the end of the run."""
    gamma: float = 0.99
    """Discount per step."""
    gae_lambda: float = 0.95
    """How far advantages look ahead before they trust the value function."""
    clip: float = 0.2
    """How far the new policy's probability ratio may move before its gradient stops."""
    value_clip: float = 0.0
    """The same for the value function, in scaled reward; 0 turns it off."""
    value_coef: float = 0.5
    """Weight of the value loss."""
    entropy_coef: float = 0.01
    """Weight of the entropy bonus at the start; falls linearly to `final_entropy_coef`."""
    final_entropy_coef: float = 0.001
    """Weight of the entropy bonus at the end of the run."""
    max_grad_norm: float = 0.5
    """Gradients longer than this are shortened to it."""
    target_kl: float = 0.05
    """An update stops early once the policy has moved this far; 0 turns it off."""
    scale_rewards: bool = True
    """Divide rewards by the running standard deviation of the discounted return."""
    hidden: int = 128
    """Width of the trunk."""
    patch_width: int = 16
    """Numbers that a 4x4x8 patch of the map is reduced to."""
    eval_episodes: int = 200
    """Unseen seeds that the finished policy is judged on."""
    draws_actions: bool = False
    """Whether the policy is judged and shown drawing its actions, as it does in training, instead
    of taking the likeliest."""
    validation_episodes: int = 64
    """Seeds, neither trained nor finally judged on, that the learning curve is measured on; 0 turns
    it off."""
    validation_episode_steps: int = 0
    """Steps after which those episodes are cut off; 0 cuts them like those of the training."""
    validate_every: int = 50_000
    """Steps of training between two points of that curve; the first is before all training."""

    def __post_init__(self) -> None:
        """Refuse values that cannot train."""
        for name in (
            "total_steps",
            "num_envs",
            "horizon",
            "epochs",
            "minibatch",
            "hidden",
            "patch_width",
            "validate_every",
        ):
            _require(name, getattr(self, name), minimum=1)
        for name in ("learning_rate", "max_grad_norm", "clip"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} must be above 0, got {getattr(self, name)!r}")
        for name in ("gamma", "gae_lambda"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"{name} must lie in 0..1, got {getattr(self, name)!r}")
        for name in (
            "value_clip",
            "value_coef",
            "entropy_coef",
            "final_entropy_coef",
            "target_kl",
            "final_learning_rate",
            "eval_episodes",
            "train_episode_steps",
            "validation_episodes",
            "validation_episode_steps",
        ):
            _require(name, getattr(self, name), minimum=0)

    @property
    def curve_episode_steps(self) -> int:
        """Steps that an episode of the learning curve takes at most; 0: the scenario's limit."""
        return self.validation_episode_steps or self.train_episode_steps

    @property
    def steps_per_iteration(self) -> int:
        """Environment steps between two updates."""
        return self.num_envs * self.horizon

    def as_dict(self) -> dict[str, int | float | bool]:
        """Return the fields as plain values, ready for a checkpoint or JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any], *, source: str) -> TrainSettings:
        """Build settings from plain values.

        Args:
            values: field names and values; a whole number is accepted where a float is meant.
            source: where they come from, for the error message.

        Raises:
            SettingsError: an unknown field, or a value of the wrong type or out of range.
        """
        fields = {field.name: field for field in dataclasses.fields(cls)}
        for name, value in values.items():
            if name not in fields:
                raise SettingsError(
                    f"unknown setting in {source}: {name!r}; known are {', '.join(fields)}"
                )
            wanted = type(fields[name].default)
            is_right = type(value) is wanted or (wanted is float and type(value) is int)
            if not is_right:
                raise SettingsError(
                    f"setting {name} in {source} must be {wanted.__name__}, got {value!r}"
                )
        return cls(**values)


def default_settings(scenario: str) -> TrainSettings:
    """Return the settings that `defaults.toml` gives for a scenario.

    Args:
        scenario: a scenario's name; one without a table of its own gets the common defaults.
    """
    text = resources.files("factorio_fast.training").joinpath("defaults.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    values = tables["common"] | tables["scenario"].get(scenario, {})
    return TrainSettings.from_dict(values, source="defaults.toml")


def _require(name: str, value: float, *, minimum: int) -> None:
    if value < minimum:
        raise SettingsError(f"{name} must be at least {minimum}, got {value!r}")
