"""Policies and whole training runs on disk, as `.pth` files that load with `weights_only=True`.

A *policy* file holds what is needed to act; a *checkpoint* holds besides what is needed to go on
training as if nothing had happened. Both name the contract and the scenario that they belong to.
Files are written beside their final place and then renamed, so that a crash never leaves half a
file.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

import torch

from factorio_fast.training.errors import CheckpointError
from factorio_fast.training.ppo import Policy
from factorio_fast.training.settings import TrainSettings
from factorio_fast.training.spec import PolicySpec

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""Counts changes to the layout of the files."""


def contract_identity() -> dict[str, int | str]:
    """Return version and hash of the contract that this program was built with."""
    from factorio_fast import contract

    return {"version": int(contract.VERSION), "hash": str(contract.HASH)}


def policy_state(
    policy: Policy, settings: TrainSettings, scenario: str, steps: int, seed: int
) -> dict[str, Any]:
    """Describe a policy as plain values and tensors."""
    return {
        "format": FORMAT,
        "contract": contract_identity(),
        "scenario": scenario,
        "settings": settings.as_dict(),
        "spec": policy.spec.as_dict(),
        "policy": policy.state_dict(),
        "steps": steps,
        "seed": seed,
    }


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a state to `path`, replacing what is there only once all of it is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path, *, resumable: bool = False) -> dict[str, Any]:
    """Read a policy or checkpoint file and check that this program can use it.

    Args:
        path: the file; a folder stands for the `checkpoint.pth` or else `policy.pth` in it.
        resumable: insist on a checkpoint that training can go on from.

    Raises:
        CheckpointError: the file is missing, broken, of another format or contract, or not
        resumable.
    """
    state = read(path, resumable=resumable)
    if state["contract"] != contract_identity():
        theirs, ours = state["contract"], contract_identity()
        raise CheckpointError(
            f"'{path}' was trained for contract {theirs['version']} ({theirs['hash']}), "
            f"this program has {ours['version']} ({ours['hash']}); train again with this version"
        )
    if resumable and "optimizer" not in state:
        raise CheckpointError(
            f"'{path}' holds a policy only; resume from the checkpoint.pth of its run"
        )
    return state


def read(path: Path, *, resumable: bool = False) -> dict[str, Any]:
    """Read a policy or checkpoint file of whatever contract.

    Raises:
        CheckpointError: the file is missing, broken, or of another format.
    """
    path = _file_in(path, resumable=resumable)
    try:
        with warnings.catch_warnings():
            # What torch warns of in foreign pickles is refused below anyway.
            warnings.simplefilter("ignore")
            state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"no such policy or checkpoint: '{path}'") from error
    except Exception as error:  # broken files fail in many ways inside the unpickler
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise CheckpointError(
            f"cannot read '{path}' as a policy or checkpoint: {reason}"
        ) from error
    if not isinstance(state, dict) or "format" not in state or "policy" not in state:
        raise CheckpointError(f"'{path}' was not written by factorio-fast train")
    if state["format"] != FORMAT:
        raise CheckpointError(
            f"'{path}' has format {state['format']!r}, this program reads {FORMAT}"
        )
    return state


def settings_of(state: dict[str, Any]) -> TrainSettings:
    """Return the settings that a loaded state was trained with."""
    return TrainSettings.from_dict(state["settings"], source="the checkpoint")


def build_policy(state: dict[str, Any]) -> Policy:
    """Rebuild the policy of a loaded state."""
    settings = settings_of(state)
    policy = Policy(
        PolicySpec.from_dict(state["spec"]),
        hidden=settings.hidden,
        patch_width=settings.patch_width,
    )
    try:
        policy.load_state_dict(state["policy"])
    except RuntimeError as error:
        raise CheckpointError(
            f"the checkpoint's weights do not fit this version's network: {error}"
        ) from error
    return policy


def check_scenario(state: dict[str, Any], scenario: str) -> None:
    """Refuse a state that was trained on another scenario than the one asked for."""
    if state["scenario"] != scenario:
        raise CheckpointError(
            f"the checkpoint was trained on {state['scenario']!r}, not on {scenario!r}"
        )


def _file_in(path: Path, *, resumable: bool) -> Path:
    if not path.is_dir():
        return path
    names = ("checkpoint.pth",) if resumable else ("policy.pth", "checkpoint.pth")
    for name in names:
        if (path / name).is_file():
            return path / name
    raise CheckpointError(f"no {' or '.join(names)} in folder '{path}'")
