"""Checkpoints: going on to the bit, stopping cleanly, and refusing what does not fit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch

from factorio_fast import contract
from factorio_fast.training import checkpoint
from factorio_fast.training.errors import CheckpointError
from factorio_fast.training.settings import TrainSettings
from factorio_fast.training.trainer import Trainer
from toy_envs import ToyEnvs

SETTINGS = TrainSettings(num_envs=16, horizon=12, minibatch=64, total_steps=16 * 12 * 8, hidden=32)


def make_envs(settings: TrainSettings) -> ToyEnvs:
    return ToyEnvs(settings.num_envs, interact_at_goal=True, max_steps=30)


def make_trainer(out: Path, seed: int = 3) -> Trainer:
    return Trainer("toy", SETTINGS, make_envs, seed=seed, out=out)


def weights(trainer: Trainer) -> list[Any]:
    return [tensor.clone() for tensor in trainer.policy.state_dict().values()]


TIMES = {"seconds", "steps_per_second", "collect_steps_per_second"}


def timeless(history: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if k not in TIMES} for row in history]


def test_a_resumed_run_is_bit_equal_to_one_that_never_stopped(tmp_path: Path) -> None:
    straight = make_trainer(tmp_path / "straight")
    while not straight.is_finished:
        straight.iterate()

    first = make_trainer(tmp_path / "stopped")
    for _ in range(3):
        first.iterate()
    first.save()
    torch.manual_seed(999)
    second = Trainer.resume(tmp_path / "stopped", make_envs)
    assert second.steps == first.steps == 3 * SETTINGS.steps_per_iteration
    while not second.is_finished:
        second.iterate()

    assert all(torch.equal(a, b) for a, b in zip(weights(straight), weights(second), strict=True))
    assert timeless(straight.history) == timeless(second.history)
    assert (straight.envs.records == second.envs.records).all()
    assert torch.equal(straight.learner.generator.get_state(), second.learner.generator.get_state())


def test_equal_seeds_train_equally_and_others_do_not(tmp_path: Path) -> None:
    runs = [make_trainer(tmp_path, seed) for seed in (5, 5, 6)]
    for run in runs:
        run.iterate()
    one, same, other = (weights(run) for run in runs)
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_policy_file_rebuilds_the_policy(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path)
    checkpoint.save(tmp_path / "policy.pth", trainer.policy_state())
    policy = checkpoint.build_policy(checkpoint.load(tmp_path / "policy.pth"))
    records = torch.from_numpy(trainer.envs.records)
    assert torch.equal(
        policy.act(records, None).log_prob, trainer.policy.act(records, None).log_prob
    )


def test_a_policy_file_cannot_be_resumed(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "policy.pth", make_trainer(tmp_path).policy_state())
    with pytest.raises(CheckpointError, match="holds a policy only"):
        Trainer.resume(tmp_path / "policy.pth", make_envs)


def test_another_contract_is_refused_with_both_sides(tmp_path: Path) -> None:
    state = make_trainer(tmp_path).policy_state()
    state["contract"] = {"version": 7, "hash": "beef"}
    checkpoint.save(tmp_path / "policy.pth", state)
    with pytest.raises(
        CheckpointError, match=rf"contract 7 \(beef\), this program has {contract.VERSION} \("
    ):
        checkpoint.load(tmp_path / "policy.pth")


def test_another_scenario_is_refused(tmp_path: Path) -> None:
    make_trainer(tmp_path).save()
    with pytest.raises(CheckpointError, match="trained on 'toy', not on 'mine'"):
        Trainer.resume(tmp_path, make_envs, scenario="mine")


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x04cos\nsystem\n(S'true'\ntR."])
def test_broken_and_hostile_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot read"):
        checkpoint.load(path)


def test_a_truncated_checkpoint_is_refused(tmp_path: Path) -> None:
    path = make_trainer(tmp_path).save()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CheckpointError, match="cannot read"):
        checkpoint.load(path)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no such policy or checkpoint: '.*nothing\.pth'"):
        checkpoint.load(tmp_path / "nothing.pth")
    with pytest.raises(CheckpointError, match=r"no checkpoint\.pth in folder"):
        checkpoint.load(tmp_path, resumable=True)


def test_saving_leaves_the_old_file_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_trainer(tmp_path).save()
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        make_trainer(tmp_path, seed=4).save()
    assert path.read_bytes() == before


ENDLESS = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from test_training_checkpoint import make_envs
    from factorio_fast.training.settings import TrainSettings
    from factorio_fast.training.trainer import Trainer

    settings = TrainSettings(num_envs=16, horizon=12, minibatch=64, total_steps=10**9, hidden=32)
    trainer = Trainer("toy", settings, make_envs, out=Path(sys.argv[1]))
    iterate = trainer.iterate

    def announced():
        row = iterate()
        print("iterated", flush=True)
        if len(sys.argv) > 2:
            while True:
                pass
        return row

    trainer.iterate = announced
    print("finished" if trainer.train(quiet=True) else "stopped", trainer.steps, flush=True)
    """
)


def start_endless(out: Path, *args: str) -> subprocess.Popen[str]:
    paths = [str(Path(__file__).parent), *sys.path]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", ENDLESS, str(out), *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "iterated\n"
    return process


def test_ctrl_c_saves_and_stops_and_the_run_can_go_on(tmp_path: Path) -> None:
    process = start_endless(tmp_path)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "SIGINT: finishing this update, then saving" in err
    last = out.splitlines()[-1]
    assert last.startswith("stopped ")
    resumed = Trainer.resume(tmp_path, make_envs)
    assert resumed.steps == int(last.split()[1]) > 0
    resumed.iterate()


def test_a_second_ctrl_c_aborts_at_once(tmp_path: Path) -> None:
    process = start_endless(tmp_path, "hang")
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    while "again to abort" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in err
    assert not (tmp_path / "checkpoint.pth").exists()
