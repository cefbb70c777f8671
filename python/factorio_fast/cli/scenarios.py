"""`factorio-fast scenarios`: what there is to train on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command, find_world

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
List the scenarios, or show everything about one.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "scenarios", "list the scenarios, or show one", DESCRIPTION)
    parser.add_argument(
        "scenario", nargs="?", help="a name or the path of a TOML file; none lists all"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List or show; return the exit status."""
    from factorio_fast import ScenarioManager

    manager = ScenarioManager()
    if args.scenario is None:
        sys.stdout.write("".join(f"{name}\n" for name in manager.list()))
        return 0
    world = find_world(args.scenario)
    scenario = manager.get(world.name) if isinstance(world.source, str) else world.source
    sys.stdout.write(scenario.source_text.rstrip("\n") + "\n")
    return 0
