"""`factorio-fast sim-server`: the simulated headless server, with Factorio's own flags."""

from __future__ import annotations

import argparse
import os
from typing import Any

from factorio_fast.cli.common import add_command

DESCRIPTION = """\
Run the simulated headless Factorio server. `factorio-fast sim-server --help` lists its flags.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand, which leaves every argument to the server."""
    text = "run the simulated headless server; it takes Factorio's flags"
    # No argument begins with a space, so that none is taken for an option of this parser.
    parser = add_command(commands, "sim-server", text, DESCRIPTION, prefix_chars=" ")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Become the server: signals reach it, and its exit status is the program's."""
    from factorio_fast.sim_server import command

    words = [*command(), *args.arguments]
    os.execv(words[0], words)  # noqa: S606 - no shell is wanted
