"""`factorio-fast parity`: play the same episodes on two backends and compare every byte."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import SCENARIO_HELP, add_command, not_negative, positive

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Play random legal actions on two backends, from the same seeds, and compare observations, masks,
rewards and endings byte by byte. The first difference is reported field by field.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "parity", "compare two backends byte by byte", DESCRIPTION)
    parser.add_argument("scenario", help=SCENARIO_HELP)
    parser.add_argument(
        "--backend",
        action="append",
        metavar="B",
        help="`embedded`, `sim-server` or `factorio`; twice (default: embedded and sim-server)",
    )
    parser.add_argument(
        "--seeds", type=positive, default=10, metavar="N", help="how many seeds (default 10)"
    )
    parser.add_argument(
        "--seed", type=not_negative, default=0, metavar="S", help="the first seed (default 0)"
    )
    parser.add_argument(
        "--steps", type=positive, metavar="N", help="steps of each (default: to the end)"
    )
    parser.add_argument("--quiet", action="store_true", help="print only the outcome")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare and print; return the exit status: 1 where something differs."""
    from factorio_fast.cli.errors import UsageError
    from factorio_fast.envs.parity import compare_episode
    from factorio_fast.envs.session import backend_named
    from factorio_fast.envs.steps import scenario_of

    names: list[str] = args.backend or ["embedded", "sim-server"]
    if len(names) != 2:  # noqa: PLR2004 - a comparison is of two.
        raise UsageError(f"a comparison is of two backends, not {len(names)}: {', '.join(names)}")
    scenario = scenario_of(args.scenario)
    first, second = (
        backend_named(name).open(scenario, max_steps=None, is_sparse=False) for name in names
    )
    total = 0
    try:
        for seed in range(args.seed, args.seed + args.seeds):
            played, difference = compare_episode(first, second, seed, args.steps)
            total += played
            if difference is not None:
                sys.stdout.write(f"{names[0]} and {names[1]} differ: {difference}\n")
                return 1
            if not args.quiet:
                sys.stdout.write(f"seed {seed}: {played} steps are the same\n")
                sys.stdout.flush()
    finally:
        first.close()
        second.close()
    sys.stdout.write(
        f"{names[0]} and {names[1]}: {args.seeds} episodes, {total} steps, no difference\n"
    )
    return 0
