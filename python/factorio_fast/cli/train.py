"""`factorio-fast train`: from a scenario's name to a trained, judged policy."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import (
    SCENARIO_HELP,
    add_command,
    find_world,
    not_negative,
    positive,
)
from factorio_fast.cli.errors import UsageError
from factorio_fast.training.errors import MissingExtraError

if TYPE_CHECKING:
    import argparse

    from factorio_fast.training.run import Run
    from factorio_fast.training.settings import TrainSettings

DESCRIPTION = """\
Train a policy with PPO, judge it on seeds that it never saw beside chance and the scripted solver,
and write

  policy.pth      the trained policy, for `eval`, `render` and skills
  checkpoint.pth  the whole run, for --resume
  curve.png       the learning curve: success and progress in training, and on held-out seeds
                  that are neither trained nor finally judged on, from before the first update on
  episode.gif     an unseen episode, played by the policy
  result.json     settings, table and curve as numbers
  tensorboard/    for `tensorboard --logdir`

Episodes of training and learning curve may be cut off early (setting train_episode_steps); the
final table always plays to the scenario's own limit. draws_actions says whether the policy is
judged drawing its actions or taking the likeliest. The defaults of each scenario are in
training/defaults.toml of the package; --set changes them.

Ctrl-C once saves and stops; twice stops at once.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "train", "train a policy on a scenario", DESCRIPTION)
    parser.add_argument("scenario", nargs="?", help=SCENARIO_HELP + "; optional with --resume")
    parser.add_argument(
        "--steps", type=positive, metavar="N", help="environment steps in all, such as 3M"
    )
    parser.add_argument(
        "--num-envs", type=positive, metavar="N", help="worlds stepped side by side"
    )
    parser.add_argument(
        "--seed",
        type=not_negative,
        default=None,
        metavar="S",
        help="world i starts with seed S + i (default 0)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the results (default runs/SCENARIO)"
    )
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="PATH",
        help="go on from a checkpoint.pth, or the folder it is in",
    )
    parser.add_argument(
        "--eval-episodes", type=positive, metavar="N", help="unseen seeds to judge on"
    )
    parser.add_argument(
        "--threads",
        type=positive,
        metavar="N",
        help="threads of the network (default: torch's choice)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other training setting, such as learning_rate=3e-4; may be repeated",
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, judge and report; return the exit status."""
    if args.scenario is None and args.resume is None:
        raise UsageError("name a scenario, or a checkpoint with --resume")
    _check_extra()
    # Threads that wait for each other by spinning slow down tenfold once another program wants a
    # core; libgomp reads this when torch is first imported.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import torch

    if args.threads is not None:
        torch.set_num_threads(args.threads)
    training = _resumed(args) if args.resume is not None else _started(args)
    try:
        trainer = training.trainer
        if not training.train(quiet=args.quiet):
            # A name is in the checkpoint; the path of a file is not.
            file = f"{args.scenario} " if args.scenario not in (None, trainer.scenario) else ""
            sys.stdout.write(
                f"stopped after {trainer.steps:,} of {trainer.settings.total_steps:,} steps; "
                f"go on with: factorio-fast train {file}--resume {trainer.checkpoint_path}\n"
            )
            return 130
        result = training.finish(eval_episodes=args.eval_episodes, quiet=args.quiet)
    finally:
        training.close()
    from factorio_fast.training.report import format_table

    has_script = any(row["agent"] == "solver" for row in result.rows)
    note = "" if has_script else "there is no script that solves this scenario\n"
    sys.stdout.write(
        f"\n{trainer.scenario}: {trainer.steps:,} steps in {trainer.seconds:,.0f} s, judged on "
        f"{result.rows[-1]['episodes']:,} unseen seeds\n\n{format_table(result.rows)}\n{note}\n"
        f"policy          {result.policy}\n"
        f"learning curve  {result.curve}\n"
        f"episode         {result.episode}\n"
        f"numbers         {result.result}\n"
    )
    return 0


def _started(args: argparse.Namespace) -> Run:
    from factorio_fast.training.run import Run
    from factorio_fast.training.settings import default_settings

    world = find_world(args.scenario)
    settings = _overridden(default_settings(world.name), args)
    return Run.start(args.scenario, settings=settings, seed=args.seed or 0, out=args.out)


def _resumed(args: argparse.Namespace) -> Run:
    from factorio_fast.training.run import Run

    for option, value in (
        ("--num-envs", args.num_envs),
        ("--seed", args.seed),
        ("--set", args.set),
    ):
        if value not in (None, []):
            raise UsageError(
                f"{option} cannot be changed in a resumed run; it comes from the checkpoint"
            )
    if args.scenario is not None:
        find_world(args.scenario)
    return Run.resume(args.resume, scenario=args.scenario, total_steps=args.steps, out=args.out)


def _overridden(settings: TrainSettings, args: argparse.Namespace) -> TrainSettings:
    values: dict[str, Any] = settings.as_dict()
    if args.steps is not None:
        values["total_steps"] = args.steps
    if args.num_envs is not None:
        values["num_envs"] = args.num_envs
    kinds = {field.name: type(field.default) for field in dataclasses.fields(settings)}
    for assignment in args.set:
        name, equals, text = assignment.partition("=")
        if not equals or name not in kinds:
            raise UsageError(
                f"--set takes NAME=VALUE with a name of {', '.join(kinds)}; got {assignment!r}"
            )
        values[name] = _parsed(name, text, kinds[name])
    return type(settings).from_dict(values, source="the command line")


def _parsed(name: str, text: str, kind: type) -> int | float | bool:
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return int(text.replace("_", "")) if kind is int else float(text)
    except (KeyError, ValueError) as error:
        wanted = {bool: "true or false", int: "a whole number"}.get(kind, "a number")
        raise UsageError(f"--set {name} must be {wanted}, got {text!r}") from error


def _check_extra() -> None:
    # All are needed in the end: better to say so now than after minutes of training.
    import importlib.util

    for package in ("torch", "tensorboard", "matplotlib", "PIL", "tqdm"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError.of({"PIL": "pillow"}.get(package, package))
