"""What several subcommands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    from factorio_fast.training.agents import Agent
    from factorio_fast.training.worlds import World

SCENARIO_HELP = "a scenario's name (see `factorio-fast scenarios`) or the path of a TOML file"
AGENT_HELP = "`random`, `solver`, or the path of a policy.pth, a checkpoint.pth or a run's folder"


def find_world(text: str) -> World:
    """Find the scenario that the command line names.

    Raises:
        UsageError: there is none, or its file has a mistake.
    """
    from factorio_fast.training.worlds import World

    try:
        return World.find(text)
    except (LookupError, ValueError, OSError) as error:
        raise UsageError(one_line(error)) from error


def find_agent(text: str, world: World, *, draws_actions: bool | None) -> Agent:
    """Make the agent that the command line names.

    Args:
        text: `random`, `solver` or a path.
        world: what it will play.
        draws_actions: whether a policy draws its actions; None leaves it to its training settings.

    Raises:
        UsageError: the scenario has no script.
        TrainingError: the policy cannot be used.
    """
    if text == "random":
        return world.random_agent()
    if text == "solver":
        solver = world.solver_agent()
        if solver is None:
            raise UsageError(f"scenario {world.name!r} has no scripted solver")
        return solver
    from factorio_fast.training.agents import load_agent

    is_greedy = None if draws_actions is None else not draws_actions
    return load_agent(Path(text), world.name, is_greedy=is_greedy)


def add_sample_option(parser: argparse.ArgumentParser) -> None:
    """Add `--sample` and `--no-sample`."""
    parser.add_argument(
        "--sample",
        action=argparse.BooleanOptionalAction,
        help="let policies draw their actions, or take the likeliest; without it as their training "
        "setting draws_actions says",
    )


def one_line(error: BaseException) -> str:
    """Return an error's text; a KeyError's without the quotes that Python adds."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__


def positive(text: str) -> int:
    """Parse a whole number above 0, with or without `_` and a suffix k or M."""
    number = text.strip().lower().replace("_", "").replace(",", "")
    factor = {"k": 1_000, "m": 1_000_000}.get(number[-1:], 1)
    try:
        value = float(number[:-1]) * factor if factor > 1 else int(number)
    except ValueError:
        value = 0
    if value < 1 or value != int(value):
        msg = f"must be a whole number above 0, such as 3000000 or 3M, got {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return int(value)


def not_negative(text: str) -> int:
    """Parse a whole number from 0 on."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        msg = f"must be a whole number from 0 on, got {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return value


def add_command(
    commands: Any, name: str, text: str, description: str, *, prefix_chars: str = "-"
) -> argparse.ArgumentParser:
    """Add a subcommand's parser; its options begin with one of `prefix_chars`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prefix_chars=prefix_chars,
        add_help="-" in prefix_chars,
    )
    return parser
