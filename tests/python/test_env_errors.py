from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
import pytest

from env_tools import SHORT_WALK, assert_equal_obs
from factorio_fast import FastFactorioEnv, errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

STAY = np.zeros(4, np.int64)


@pytest.fixture
def env() -> FastFactorioEnv:
    """An environment in the middle of an episode."""
    env = FastFactorioEnv(render_mode="ansi")
    env.reset(seed=1)
    for move in (3, 3, 5):
        env.step(np.array([move, 0, 0, 0]))
    return env


def refused(
    env: FastFactorioEnv, error: type[Exception], call: Callable[[], object], *parts: str
) -> None:
    """Check that a call fails with these words and leaves the environment as it was."""
    before, obs = env.digest(), env.obs_extractor.extract()
    info, text, twin = env.session.info(), env.render(), env.fork()
    with pytest.raises(error) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)
    assert isinstance(caught.value, errors.FactorioFastError)
    assert env.digest() == before
    assert_equal_obs(env.obs_extractor.extract(), obs)
    assert (env.session.info(), env.render()) == (info, text)
    # The seed and the number of the next episode are as they were too.
    assert_equal_obs(env.reset()[0], twin.reset()[0])


@pytest.mark.parametrize(
    ("action", "part"),
    [
        ([0, 0, 0], "shape (4,), not (3,)"),
        ([0, 0, 0, 0, 0], "shape (4,), not (5,)"),
        ([[0, 0, 0, 0]], "shape (4,), not (1, 4)"),
        (0, "shape (4,), not ()"),
        (None, "shape (4,), not ()"),
        ("stay", "shape (4,), not ()"),
        ([0, [1], 0, 0], "shape (4,)"),
        ([0.0, 0.0, 0.0, 0.0], "not float64"),
        ([math.nan] * 4, "not float64"),
        ([math.inf] * 4, "not float64"),
        ([True, False, False, False], "not bool"),
        (["0", "0", "0", "0"], "not <U1"),
        ([None, 0, 0, 0], "not object"),
        ([2**70, 0, 0, 0], "not object"),
        (np.zeros(4, np.float32), "not float32"),
        (np.zeros(4, np.complex64), "not complex64"),
        ([9, 0, 0, 0], 'component "move" of an action must be in 0..9, not 9'),
        ([-1, 0, 0, 0], 'component "move" of an action must be in 0..9, not -1'),
        ([0, 8, 0, 0], 'component "interact" of an action must be in 0..8, not 8'),
        ([0, 0, 16, 0], 'component "target" of an action must be in 0..16, not 16'),
        ([0, 0, 0, 32], 'component "item" of an action must be in 0..32, not 32'),
        ([0, 0, 0, 2**62], f"not {2**62}"),
        (np.array([2**64 - 1, 0, 0, 0], np.uint64), 'component "move"'),
    ],
)
def test_wrong_actions_change_nothing(env: FastFactorioEnv, action: Any, part: str) -> None:
    refused(env, errors.InvalidValueError, lambda: env.step(action), part)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64, np.int64])
def test_every_integer_dtype_and_layout_is_taken(env: FastFactorioEnv, dtype: type) -> None:
    twin = env.fork()
    wide: NDArray[Any] = np.zeros(8, dtype)
    wide[::2] = [3, 0, 1, 2]
    obs, *_ = env.step(wide[::2])
    assert_equal_obs(twin.step([3, 0, 1, 2])[0], obs)  # type: ignore[arg-type]
    assert env.digest() == twin.digest()


@pytest.mark.parametrize(
    ("seed", "part"),
    [
        (-1, "in 0..=2**64 - 1, not -1"),
        (2**64, f"not {2**64}"),
        (1.5, "not 1.5"),
        ("7", "not '7'"),
        ([1], "not [1]"),
    ],
)
def test_wrong_seeds_change_nothing(env: FastFactorioEnv, seed: Any, part: str) -> None:
    refused(env, errors.InvalidValueError, lambda: env.reset(seed=seed), part)


def test_other_wrong_calls_change_nothing(env: FastFactorioEnv) -> None:
    invalid = errors.InvalidValueError
    refused(env, invalid, lambda: env.reset(options={"x": 1}), "takes no options, not ['x']")
    env.reset(seed=1)
    refused(env, invalid, lambda: env.conditional_masks(8), "in 0..8, not 8")
    refused(env, invalid, lambda: env.conditional_masks(-1), "in 0..8, not -1")


def test_nothing_is_played_before_reset() -> None:
    env = FastFactorioEnv(render_mode="rgb_array")
    calls: list[Callable[[], object]] = [
        lambda: env.step(STAY),
        env.action_masks,
        lambda: env.conditional_masks(0),
        env.render,
        env.snapshot,
        env.replay,
    ]
    for call in calls:
        with pytest.raises(errors.InvalidStateError, match="call reset first") as caught:
            call()
        assert isinstance(caught.value, gym.error.ResetNeeded)
    # A wrong action is still called wrong, and reset still begins.
    with pytest.raises(errors.InvalidValueError):
        env.step(np.zeros(3, np.int64))
    env.reset(seed=1)
    env.step(STAY)


def test_nothing_is_played_after_the_end() -> None:
    env = FastFactorioEnv(SHORT_WALK, max_episode_steps=2, render_mode="ansi")
    env.reset(seed=1)
    env.step(STAY)
    env.step(STAY)
    refused(env, errors.InvalidStateError, lambda: env.step(STAY), "the episode ended")
    env.reset(seed=1)
    env.step(STAY)
    env.step(STAY)
    # What can be read at the end can still be read.
    assert env.action_masks().shape == (65,)
    assert len(env.snapshot()) > 0
    env.reset()
    env.step(STAY)


def test_a_closed_environment_refuses_everything() -> None:
    env = FastFactorioEnv(render_mode="ansi")
    env.reset(seed=1)
    snapshot = env.snapshot()
    env.close()
    env.close()
    calls: list[Callable[[], object]] = [
        env.reset,
        lambda: env.step(STAY),
        env.action_masks,
        lambda: env.conditional_masks(0),
        env.render,
        env.snapshot,
        lambda: env.restore(snapshot),
        env.fork,
        env.digest,
        env.replay,
        lambda: env.run_replay(b""),
    ]
    for call in calls:
        with pytest.raises(errors.ClosedError, match="make a new one") as caught:
            call()
        assert isinstance(caught.value, gym.error.ClosedEnvironmentError)


@pytest.mark.parametrize(
    ("settings", "error", "part"),
    [
        ({"scenario": "movment_basic"}, errors.UnknownNameError, 'mean "movement_basic"?'),
        ({"scenario": "zzz"}, errors.UnknownNameError, 'known are "movement_basic"'),
        ({"scenario": {}}, errors.InvalidScenarioError, '"type" is missing'),
        ({"scenario": 3}, errors.InvalidScenarioError, "not 3"),
        ({"scenario": None}, errors.InvalidScenarioError, "not None"),
        ({"scenario": "nowhere.toml"}, errors.InvalidScenarioError, "nowhere.toml"),
        ({"observation_type": "wide"}, errors.UnknownNameError, '"compact", "full"'),
        ({"reward_shaping": "none"}, errors.UnknownNameError, '"dense", "sparse"'),
        ({"action_type": "continuous"}, errors.UnknownNameError, '"discrete"'),
        ({"render_mode": "human"}, errors.UnknownNameError, '"rgb_array", "ansi"'),
        ({"backend": "embeded"}, errors.UnknownNameError, '"embedded"'),
        ({"backend": 3}, errors.InvalidValueError, "not 3"),
        ({"max_episode_steps": 0}, errors.InvalidValueError, "not 0"),
        ({"max_episode_steps": 2**32}, errors.InvalidValueError, f"not {2**32}"),
        ({"max_episode_steps": 1.5}, errors.InvalidValueError, "not 1.5"),
        ({"episode_length": 0.0}, errors.InvalidValueError, "not 0.0 s"),
        ({"episode_length": -3}, errors.InvalidValueError, "not -3 s"),
        ({"episode_length": math.nan}, errors.InvalidValueError, "not nan"),
        ({"episode_length": math.inf}, errors.InvalidValueError, "not inf"),
        ({"episode_length": "long"}, errors.InvalidValueError, "not 'long'"),
    ],
)
def test_wrong_settings_say_what_is_allowed(
    settings: dict[str, Any], error: type[Exception], part: str
) -> None:
    with pytest.raises(error) as caught:
        FastFactorioEnv(**settings)
    assert part in str(caught.value)
    assert isinstance(caught.value, errors.FactorioFastError)


def test_a_broken_blueprint_string_names_its_place(tmp_path: Path) -> None:
    objective = {"build_blueprint": {"blueprint": "0eNqrViotSC9KTEmNL8hJzMtLLVKyqlbKLEnNVbKC"}}
    settings = {
        "name": "broken",
        "type": "building_training",
        "map_generation": {"size": "small", "starting_items": "construction_kit"},
        "objectives": ["build_blueprint"],
        "objective": objective,
        "episode_length": 60,
        "observation_frequency": 5,
    }
    with pytest.raises(errors.FactorioFastError, match=r"objective\.build_blueprint\.blueprint"):
        FastFactorioEnv(settings)
    path = tmp_path / "broken.toml"
    path.write_text("name = [", encoding="utf-8")
    with pytest.raises(errors.InvalidScenarioError, match=r"broken\.toml:1"):
        FastFactorioEnv(path)


def test_errors_are_also_what_other_code_catches() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.FactorioFastError)
        assert kind.__doc__
    assert issubclass(errors.UnknownNameError, LookupError)
    assert issubclass(errors.InvalidValueError, ValueError)
    assert issubclass(errors.InvalidScenarioError, ValueError)
    assert issubclass(errors.InvalidBlueprintError, ValueError)
    assert issubclass(errors.InvalidSnapshotError, ValueError)
    assert issubclass(errors.AbsentMechanicError, NotImplementedError)
