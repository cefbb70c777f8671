"""`factorio-fast scenarios`: what there is to train on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command, find_world

if TYPE_CHECKING:
    import argparse

    from factorio_fast import Scenario

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
    shown = [*_lines(scenario), "", *scenario.source_text.splitlines()]
    sys.stdout.write("".join(f"{line}\n" for line in shown))
    return 0


def _lines(scenario: Scenario) -> list[str]:
    width, height = scenario.map_size
    facts = {
        "type": scenario.type,
        "description": scenario.description,
        "objective": scenario.objective,
        "map": f"{width} x {height} tiles",
        "episode": f"{scenario.max_steps:,} steps of {scenario.ticks_per_step} ticks",
        "palette": ", ".join(scenario.palette) or "nothing",
        "reward": ", ".join(f"{term} {weight:g}" for term, weight in scenario.reward.items()),
        "digest": scenario.digest,
    }
    longest = max(len(key) for key in facts)
    return [scenario.name, *(f"  {key:<{longest}}  {value}" for key, value in facts.items())]
