"""`factorio-fast servers`: servers that go on after the command has ended."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command, positive
from factorio_fast.cli.doctor import add_server_options
from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from factorio_fast.servers.registry import ServerRecord

DESCRIPTION = """\
Start servers that go on after this command has ended, list all servers of this user, or stop them.
`FactorioServer.attach(NAME)` takes hold of one from Python.
"""
CHECK_SECONDS = 5.0
COLUMNS = ("name", "state", "pid", "rcon", "udp", "version", "tick", "environments", "kept by")


def add_parser(commands: Any) -> None:
    """Add the subcommand and those below it."""
    parser = add_command(commands, "servers", "start, list and stop servers", DESCRIPTION)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    start = add_command(verbs, "start", "start servers", "Start servers and print their names.")
    add_server_options(start)
    start.add_argument(
        "--count", type=positive, default=1, metavar="N", help="how many (default 1)"
    )
    start.add_argument("--name", help="of the server; with --count N also NAME-2 to NAME-N")
    start.add_argument(
        "--game-speed",
        type=float,
        default=64.0,
        metavar="X",
        help="how many times faster than play the game may run (default 64)",
    )
    start.set_defaults(run=run_start)
    status = add_command(verbs, "status", "list servers", "List this user's servers.")
    status.add_argument("--json", action="store_true", help="print JSON, with the passwords")
    status.set_defaults(run=run_status)
    stop = add_command(verbs, "stop", "stop servers", "Stop servers, and remove what is left.")
    stop.add_argument("names", nargs="*", metavar="NAME", help="which; none: see --all")
    stop.add_argument("--all", action="store_true", help="all that go on by themselves")
    stop.set_defaults(run=run_stop)


def run_start(args: argparse.Namespace) -> int:
    """Start servers; return the exit status."""
    from factorio_fast.servers import FactorioServer, ServerConfig, records

    config = ServerConfig(
        executable=args.factorio, start_timeout=args.start_timeout, game_speed=args.game_speed
    )
    names: list[str | None] = [None] * args.count
    if args.name is not None:
        if not args.name.replace("-", "").replace("_", "").isalnum():
            raise UsageError(f"a name is letters, digits, - and _, got {args.name!r}")
        names = [args.name, *(f"{args.name}-{number}" for number in range(2, args.count + 1))]
        taken = {record.name for record in records() if record.is_alive}
        clash = [name for name in names if name in taken]
        if clash:
            raise UsageError(f"there is a server of that name already: {clash[0]!r}")
    for name in names:
        server = FactorioServer(config, name=name, is_detached=True)
        server.start()
        host, port = server.rcon_address
        sys.stdout.write(f"{server.name}  {host}:{port}  pid {server.pid}\n")
        sys.stdout.flush()
    return 0


def run_status(args: argparse.Namespace) -> int:
    """List servers; return the exit status."""
    from dataclasses import asdict

    from factorio_fast.servers import records

    found = records()
    if args.json:
        rows = [{**asdict(record), "is_alive": record.is_alive} for record in found]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    lines = [COLUMNS, *(columns_of(record) for record in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    for line in lines:
        padded = "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        sys.stdout.write(padded.rstrip() + "\n")
    return 0


def run_stop(args: argparse.Namespace) -> int:
    """Stop servers; return the exit status."""
    from factorio_fast.errors import FactorioFastError
    from factorio_fast.servers import FactorioServer, end_orphans, records

    if bool(args.names) == args.all:
        raise UsageError("name the servers to stop, or give --all")
    end_orphans()
    known = {record.name: record for record in records()}
    names = args.names or [name for name, record in known.items() if record.is_detached]
    missing = [name for name in names if name not in known]
    if missing:
        raise UsageError(f"no such server (`servers status` lists them): {missing[0]!r}")
    for name in names:
        try:
            FactorioServer.attach(name).stop()
        except FactorioFastError:
            # It does not answer, and so cannot be asked to end.
            if not known[name].end():
                sys.stderr.write(f"factorio-fast servers: it does not end: {name!r}\n")
                return 1
        sys.stdout.write(f"{name} stopped\n")
    return 0


def columns_of(record: ServerRecord) -> tuple[str, ...]:
    """Return the texts of a server's line."""
    from factorio_fast.errors import FactorioFastError
    from factorio_fast.servers import FactorioServer

    state, tick, environments = "gone", "-", "-"
    if record.is_alive:
        state = "starting"
        if record.rcon_port:
            try:
                with FactorioServer.attach(record.name) as server:
                    hello = server.check(timeout=CHECK_SECONDS)
                state, tick = "ready", f"{hello.tick:,}"
                environments = str(len(hello.environments))
            except FactorioFastError:
                state = "silent"
    return (
        record.name,
        state,
        str(record.pid or "-"),
        f"{record.rcon_host}:{record.rcon_port}" if record.rcon_port else "-",
        str(record.udp_port or "-"),
        record.version or "-",
        tick,
        environments,
        "itself" if record.is_detached else f"process {record.owner_pid}",
    )
