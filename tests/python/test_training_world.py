"""Training on the real worlds: equal seeds, going on to the bit, Ctrl-C, an honest curve."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from factorio_fast.training import default_settings
from factorio_fast.training.agents import PolicyAgent
from factorio_fast.training.report import record_episode
from factorio_fast.training.run import Run
from factorio_fast.training.worlds import World

if TYPE_CHECKING:
    from pathlib import Path

SCENARIOS = ("movement_basic", "mining_efficiency", "construction_speed")
TIMES = {"seconds", "steps_per_second", "collect_steps_per_second"}


def small(scenario: str, **values: Any) -> Any:
    """The scenario's own settings, over few and short steps."""
    chosen = {"num_envs": 6, "horizon": 12, "minibatch": 32, "total_steps": 6 * 12 * 6}
    chosen |= {"train_episode_steps": 20, "validation_episodes": 3, "validate_every": 144}
    return dataclasses.replace(default_settings(scenario), **(chosen | values))


def iterated(run: Run, n: int) -> Run:
    for _ in range(n):
        run.trainer.iterate()
    return run


def weights(run: Run) -> list[torch.Tensor]:
    return list(run.trainer.policy.state_dict().values())


def timeless(run: Run) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if k not in TIMES} for row in run.trainer.history]


def are_equal(one: Run, other: Run) -> bool:
    pairs = zip(weights(one), weights(other), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_resumed_run_is_bit_equal_to_one_that_never_stopped(
    tmp_path: Path, scenario: str
) -> None:
    straight = iterated(Run.start(scenario, settings=small(scenario), out=tmp_path / "straight"), 6)
    stopped = iterated(Run.start(scenario, settings=small(scenario), out=tmp_path / "stopped"), 2)
    stopped.trainer.save()
    torch.manual_seed(999)
    resumed = iterated(Run.resume(tmp_path / "stopped"), 4)
    assert are_equal(straight, resumed)
    assert timeless(straight) == timeless(resumed)
    assert straight.trainer.validations == resumed.trainer.validations
    assert (straight.trainer.envs.records == resumed.trainer.envs.records).all()
    for run in (straight, stopped, resumed):
        run.close()


def test_equal_seeds_train_equally_and_others_do_not(tmp_path: Path) -> None:
    settings = small("movement_basic")
    runs = [
        iterated(Run.start("movement_basic", settings=settings, seed=seed, out=tmp_path), 2)
        for seed in (5, 5, 6)
    ]
    assert are_equal(runs[0], runs[1])
    assert not are_equal(runs[0], runs[2])
    for run in runs:
        run.close()


def test_measuring_the_curve_changes_nothing_in_the_training(tmp_path: Path) -> None:
    often, never = (
        iterated(Run.start("movement_basic", settings=settings, out=tmp_path), 3)
        for settings in (
            small("movement_basic", validate_every=1),
            small("movement_basic", validation_episodes=0),
        )
    )
    assert [point["steps"] for point in often.trainer.validations] == [0, 72, 144, 216]
    assert never.trainer.validations == []
    assert are_equal(often, never)
    often.close()
    never.close()


def test_training_and_curve_are_cut_short_and_the_evaluation_is_not(tmp_path: Path) -> None:
    run = iterated(Run.start("movement_basic", settings=small("movement_basic"), out=tmp_path), 2)
    lengths = [row["length"] for row in run.trainer.history if row["episodes"]]
    assert lengths
    assert max(lengths) <= 20
    assert all(point["length"] <= 20 for point in run.trainer.validations)
    longer = dataclasses.replace(run.trainer.settings, validation_episode_steps=40)
    validation = run.world.validate(PolicyAgent(run.trainer.policy), longer)
    assert validation.steps.max() == 40
    envs = run.world.evaluation_envs(1)
    envs.reset(seed=0)
    standing = np.zeros((1, 4), dtype=np.int64)
    truncated = [bool(envs.step(standing)[3][0]) for _ in range(3000)]
    assert truncated == [False] * 2999 + [True]
    envs.close()
    run.close()


def test_the_curve_starts_with_what_an_untrained_policy_can_do(tmp_path: Path) -> None:
    settings = small("movement_basic", train_episode_steps=300, validation_episodes=32)
    run = iterated(Run.start("movement_basic", settings=settings, out=tmp_path), 1)
    first = run.trainer.validations[0]
    assert (first["steps"], first["episodes"]) == (0, 32)
    assert first["success"] < 0.5
    # No episode of the training has reached its limit yet, so none is counted.
    assert run.trainer.history[0]["episodes"] == 0
    run.close()


def test_validation_repeats_itself(tmp_path: Path) -> None:
    settings = small("movement_basic")
    run = Run.start("movement_basic", settings=settings, out=tmp_path)
    agent = PolicyAgent(run.trainer.policy, is_greedy=False)
    world = World.find("movement_basic")
    one, two = (world.validate(agent, settings) for _ in range(2))
    assert one.seeds[0] == 2_000_000_000
    assert (one.returns == two.returns).all()
    run.close()


SHORT = """
name = "short"
type = "movement_training"
objectives = ["reach_waypoint"]
episode_length = 3
observation_frequency = 10
map_generation = { size = "tiny" }
"""


def test_ctrl_c_stops_the_program_and_resume_finishes_the_run(tmp_path: Path) -> None:
    scenario = tmp_path / "short.toml"
    scenario.write_text(SHORT, encoding="utf-8")
    program = [sys.executable, "-m", "factorio_fast.cli", "train", str(scenario)]
    small_run = ["--num-envs", "8", "--set", "horizon=16", "--set", "validation_episodes=0"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [*program, "--steps", "100M", "--out", str(tmp_path), *small_run],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    # A line of progress is the sign that training is under way.
    while "train:" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    checkpoint = tmp_path / "checkpoint.pth"
    assert f"go on with: factorio-fast train {scenario} --resume {checkpoint}\n" in out
    n_done = int(out.split("stopped after ")[1].split(" of ")[0].replace(",", ""))
    more = ["--resume", str(checkpoint), "--steps", str(n_done + 1), "--eval-episodes", "2"]
    finished = subprocess.run(  # noqa: S603 - our own interpreter and program
        [*program, *more, "--quiet"], check=True, capture_output=True, text=True
    )
    assert "trained" in finished.stdout
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["steps"] == n_done + 8 * 16


class Counted:
    """An environment of twenty steps that shows their number."""

    step_number = 0

    def reset(self, *, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
        assert seed == 7
        return {}, {}

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        self.step_number += action
        return {}, 0.0, False, self.step_number == 20, {}

    def render(self) -> int:
        return self.step_number


class Stepper:
    """Always does 1."""

    name = "stepper"

    def reset(self, seed: int) -> None:
        assert seed == 7

    def act(self, env: Any, obs: Any, info: Any) -> Any:
        del env, obs, info
        return 1


@pytest.mark.parametrize(
    ("max_steps", "max_frames", "shown"),
    [
        (None, None, list(range(21))),
        (3, None, [0, 1, 2, 3]),
        (None, 6, [0, 4, 8, 12, 16, 20]),
        (None, 4, [0, 8, 16, 20]),
        (None, 1, [0, 20]),
    ],
)
def test_recording_thins_out_long_episodes_and_always_shows_the_last_moment(
    max_steps: int | None, max_frames: int | None, shown: list[int]
) -> None:
    frames, n_steps = record_episode(Stepper(), Counted(), 7, max_steps, max_frames=max_frames)
    assert frames == shown
    assert n_steps == shown[-1]
