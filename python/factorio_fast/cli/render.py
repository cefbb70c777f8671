"""`factorio-fast render`: watch an episode, as a GIF, a picture or text."""

from __future__ import annotations

import sys
from pathlib import Path
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
from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Play one episode and show it. The ending of --out says how:
  .gif  the whole episode as a moving picture
  .png  its last moment
Without --out the episode is printed as text.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "render", "show an episode", DESCRIPTION)
    parser.add_argument("scenario", help=SCENARIO_HELP)
    parser.add_argument("agent", nargs="?", default="random", help=AGENT_HELP + " (default random)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a .gif or .png file to write")
    parser.add_argument(
        "--seed", type=not_negative, default=0, metavar="S", help="seed of the world (default 0)"
    )
    parser.add_argument("--max-steps", type=positive, metavar="N", help="stop after N steps")
    add_sample_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play and show; return the exit status."""
    ending = None if args.out is None else args.out.suffix.lower()
    if ending not in (None, ".gif", ".png"):
        raise UsageError(f"--out must end in .gif or .png, got '{args.out}'")
    if args.out is not None and not args.out.parent.is_dir():
        raise UsageError(f"no such folder: '{args.out.parent}'")
    from factorio_fast.training import report

    world = find_world(args.scenario)
    agent = find_agent(args.agent, world, draws_actions=args.sample)
    env = world.single_env("ansi" if ending is None else "rgb_array")
    try:
        frames, n_steps = report.record_episode(
            agent,
            env,
            args.seed,
            args.max_steps,
            max_frames={".gif": report.MAX_FRAMES, ".png": 1}.get(ending or ""),
        )
        frames_per_second = float(env.metadata.get("render_fps", 10))
    finally:
        env.close()
    if ending is None:
        for number, frame in enumerate(frames):
            sys.stdout.write(f"step {number}\n{frame}\n")
        return 0
    if ending == ".gif":
        report.write_gif(args.out, frames, frames_per_second)
    else:
        report.write_png(args.out, frames[-1])
    sys.stdout.write(f"{args.out}  ({n_steps:,} steps)\n")
    return 0
