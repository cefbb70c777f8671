"""`factorio-fast doctor`: whether servers work here, and what to do where they do not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Start one server and find out whether everything works that training on servers needs: executable,
version, mod, write access, ports, RCON, exact stepping, UDP. Each is a line that begins with pass
or FAIL, and after a FAIL comes a remedy. Exit status 1 if something fails.

Without --factorio the game that FACTORIO_BIN names is examined, else the simulated server.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "doctor", "find out whether servers work here", DESCRIPTION)
    add_server_options(parser)
    parser.add_argument(
        "--no-udp", action="store_true", help="examine a server that answers by RCON alone"
    )
    parser.set_defaults(run=run)


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which executable is started, and how."""
    parser.add_argument(
        "--factorio", metavar="PATH", help="the game's executable, or `sim-server` (simulated)"
    )
    parser.add_argument(
        "--start-timeout",
        type=float,
        default=60.0,
        metavar="S",
        help="how long a server may take to start, in seconds (default 60)",
    )


def run(args: argparse.Namespace) -> int:
    """Examine and print; return the exit status."""
    from factorio_fast.servers.config import ServerConfig
    from factorio_fast.servers.probes import Probes

    config = ServerConfig(
        executable=args.factorio, start_timeout=args.start_timeout, has_udp=not args.no_udp
    )
    verdicts = []
    for finding in Probes(config).run():
        verdicts.append(finding.verdict)
        first, *more = finding.text.splitlines()
        sys.stdout.write(f"{finding.verdict}  {finding.name:<12}  {first}\n")
        sys.stdout.writelines(f"{'':20}{line}\n" for line in more)
        if finding.remedy:
            sys.stdout.write(f"{'':20}remedy: {finding.remedy}\n")
        sys.stdout.flush()
    n_failed = verdicts.count("FAIL")
    skipped = f", {verdicts.count('skip')} skipped" if "skip" in verdicts else ""
    sys.stdout.write(f"\n{verdicts.count('pass')} passed, {n_failed} failed{skipped}\n")
    return int(n_failed > 0)
