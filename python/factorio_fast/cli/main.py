"""Reads the command line, runs the subcommand, and turns errors into one line and an exit status.

Exit status: 0 done; 1 something failed; 2 the command line asks for what cannot be done; 130
stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from factorio_fast.cli import (
    doctor,
    evaluate,
    fidelity,
    install_mod,
    parity,
    plan,
    play,
    record,
    render,
    scenarios,
    servers,
    sim_server,
    train,
)
from factorio_fast.cli.errors import UsageError
from factorio_fast.errors import FactorioFastError, InvalidValueError
from factorio_fast.training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""What shells report for a program ended by Ctrl-C."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="factorio-fast",
        description="Train, judge and watch agents in Factorio, in a fast simulation.",
        epilog="Start with: factorio-fast train movement_basic",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        train,
        evaluate,
        render,
        scenarios,
        fidelity,
        play,
        plan,
        doctor,
        servers,
        install_mod,
        sim_server,
        parity,
        record,
    ):
        module.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status.

    Args:
        argv: the arguments without the program's name; None takes the process's own.
    """
    args = build_parser().parse_args(argv)
    try:
        status: int = args.run(args)
    except (UsageError, TrainingError) as error:
        sys.stderr.write(f"factorio-fast {args.command}: {error}\n")
        return 2
    except FactorioFastError as error:
        sys.stderr.write(f"factorio-fast {args.command}: {error}\n")
        return 2 if isinstance(error, InvalidValueError) else 1
    except KeyboardInterrupt:
        sys.stderr.write("\nfactorio-fast: aborted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe such as `| head` went away; there is nobody left to tell.
        sys.stderr.close()
        return 1
    return status
