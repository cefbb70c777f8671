"""`factorio-fast eval`: judge an agent on seeds that no training run has seen."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import (
    AGENT_HELP,
    SCENARIO_HELP,
    add_command,
    add_sample_option,
    find_agent,
    find_world,
    not_negative,
    positive,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from factorio_fast.training.agents import Agent
    from factorio_fast.training.evaluate import Evaluation
    from factorio_fast.training.worlds import World

DESCRIPTION = """\
Play one episode on each of N unseen seeds and print success, progress and length.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "eval", "judge an agent on unseen seeds", DESCRIPTION)
    parser.add_argument("scenario", help=SCENARIO_HELP)
    parser.add_argument("agent", nargs="+", help=AGENT_HELP + "; several are put in one table")
    parser.add_argument(
        "--episodes", type=positive, default=100, metavar="N", help="how many seeds (default 100)"
    )
    parser.add_argument(
        "--seed",
        type=not_negative,
        metavar="S",
        help="first seed (default: where unseen seeds start)",
    )
    add_sample_option(parser)
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge and print; return the exit status."""
    from factorio_fast.training.report import format_table
    from factorio_fast.training.worlds import EVALUATION_SEEDS_START, evaluation_seeds

    world = find_world(args.scenario)
    chosen = [find_agent(text, world, draws_actions=args.sample) for text in args.agent]
    first = EVALUATION_SEEDS_START if args.seed is None else args.seed
    seeds = evaluation_seeds(args.episodes, first)
    results = [_judge(agent, world, seeds, quiet=args.quiet) for agent in chosen]
    solver = next((one for one in results if one.agent == "solver"), None)
    rows = []
    for text, one in zip(args.agent, results, strict=True):
        rows.append(one.summary(solver) | {"agent": text})
    if args.json:
        sys.stdout.write(json.dumps({"scenario": world.name, "evaluation": rows}, indent=1) + "\n")
    else:
        sys.stdout.write(f"{world.name}\n{format_table(rows)}\n")
    return 0


def _judge(agent: Agent, world: World, seeds: Sequence[int], *, quiet: bool) -> Evaluation:
    from factorio_fast.training.agents import BatchAgent
    from factorio_fast.training.evaluate import evaluate_batch, evaluate_single

    if isinstance(agent, BatchAgent):
        return evaluate_batch(agent, world.evaluation_envs, seeds, quiet=quiet)
    env = world.single_env()
    try:
        return evaluate_single(agent, env, seeds, quiet=quiet)
    finally:
        env.close()
