"""`factorio-fast record` and `factorio-fast replay`: wire sessions on disk, and played again."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import SCENARIO_HELP, add_command, not_negative, positive

if TYPE_CHECKING:
    import argparse

    from factorio_fast.envs.session import Session

RECORD_DESCRIPTION = """\
Play random legal actions on a server and write everything that passes between it and the client to
a file: the lines of the remote console, their replies, and the frames.
"""
REPLAY_DESCRIPTION = """\
Feed a recorded session to the client without a server, and check that it makes the same
observations of it.
"""


def add_parser(commands: Any) -> None:
    """Add the two subcommands."""
    parser = add_command(commands, "record", "record a wire session", RECORD_DESCRIPTION)
    parser.add_argument("scenario", help=SCENARIO_HELP)
    parser.add_argument("file", type=Path, help="where to write it; must not exist")
    parser.add_argument("--backend", default="sim-server", help="`sim-server` or `factorio`")
    parser.add_argument("--seed", type=not_negative, default=0, metavar="S", help="(default 0)")
    parser.add_argument(
        "--steps", type=positive, default=200, metavar="N", help="at most (default 200)"
    )
    parser.set_defaults(run=record)
    parser = add_command(commands, "replay", "play a wire session again", REPLAY_DESCRIPTION)
    parser.add_argument("file", type=Path, help="what `factorio-fast record` wrote")
    parser.set_defaults(run=replay)


def record(args: argparse.Namespace) -> int:
    """Record a session; return the exit status."""
    from factorio_fast.cli.errors import UsageError
    from factorio_fast.envs.served import FactorioBackend, SimServerBackend
    from factorio_fast.envs.steps import scenario_of

    backends = {"sim-server": SimServerBackend, "factorio": FactorioBackend}
    if args.backend not in backends:
        raise UsageError(f"no server is behind backend {args.backend!r}; choose sim-server")
    if args.file.exists():
        raise UsageError(f"the file exists already: {args.file}")
    scenario = scenario_of(args.scenario)
    backend = backends[args.backend](record=args.file.absolute())
    with backend.open(scenario) as session:
        address = session.address
        digests = _digests(session, args.seed, args.steps)
    summary = {
        "summary": {
            "speed": address.speed,
            "fair_play": address.fair_play,
            "scenario": args.scenario,
            "seed": args.seed,
            "steps": args.steps,
            "digests": digests,
        }
    }
    with args.file.open("a", encoding="utf-8") as file:
        file.write(json.dumps(summary) + "\n")
    sys.stdout.write(f"{len(digests)} observations recorded: {args.file}\n")
    return 0


def replay(args: argparse.Namespace) -> int:
    """Play a recorded session again; return the exit status: 1 where it comes out differently."""
    from factorio_fast.cli.errors import UsageError
    from factorio_fast.envs.served import ServerAddress, SimServerBackend
    from factorio_fast.envs.steps import scenario_of

    summary = _summary_of(args.file)
    if summary is None:
        raise UsageError(f"this is no whole recorded session: {args.file}")
    address = ServerAddress(
        address="recorded",
        password="",
        speed=summary["speed"],
        fair_play=summary["fair_play"],
        replay=args.file.absolute(),
    )
    with SimServerBackend(addresses=[address]).open(scenario_of(summary["scenario"])) as session:
        digests = _digests(session, summary["seed"], summary["steps"])
    for step, (then, now) in enumerate(zip(summary["digests"], digests, strict=False)):
        if then != now:
            sys.stdout.write(f"observation {step} is not the recorded one\n")
            return 1
    if len(digests) != len(summary["digests"]):
        sys.stdout.write(f"{len(digests)} observations, {len(summary['digests'])} recorded\n")
        return 1
    sys.stdout.write(f"{len(digests)} observations are as recorded\n")
    return 0


def _digests(session: Session, seed: int, steps: int) -> list[str]:
    from factorio_fast.envs.parity import play

    return [
        hashlib.blake2b(record.tobytes(), digest_size=8).hexdigest()
        for _, record, _ in play(session, seed, steps)
    ]


def _summary_of(path: Path) -> dict[str, Any] | None:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.startswith('{"summary"'):
                    found: dict[str, Any] = json.loads(line)["summary"]
                    return found
    except (OSError, ValueError):
        return None
    return None
