"""`factorio-fast install-mod`: puts the mod where a game that one plays finds it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command
from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Copy the mod into a game's mod folder, with the info.json for its version.
Servers that this package starts have a mod folder of their own and do not need this.
"""


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "install-mod", "put the mod into a game", DESCRIPTION)
    parser.add_argument(
        "--mods", type=Path, metavar="DIR", help=f"the mod folder (default {default_folder()})"
    )
    parser.add_argument(
        "--factorio-version",
        choices=("2.0", "2.1"),
        help="of the game (default: that of FACTORIO_BIN, else 2.0)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Install; return the exit status."""
    from factorio_fast.servers import install_mod
    from factorio_fast.servers.diagnosis import disk_error

    folder = args.mods or default_folder()
    if args.mods is None and not folder.parent.is_dir():
        raise UsageError(f"no game was played here; name its mod folder with --mods: '{folder}'")
    try:
        line = args.factorio_version or line_of_game()
        target = install_mod(folder, line)
    except OSError as error:
        raise disk_error(error, "the mod") from error
    sys.stdout.write(f"{target}  (for Factorio {line})\n")
    return 0


def line_of_game() -> str:
    """Return the line of the game that FACTORIO_BIN names, such as `2.0`."""
    from factorio_fast.servers.config import BINARY_VARIABLE, find_executable
    from factorio_fast.servers.version import version_of

    if not os.environ.get(BINARY_VARIABLE):
        return "2.0"
    version = version_of(find_executable(None), os.environ)
    version.check()
    return version.line


def default_folder() -> Path:
    """Return the mod folder of a game that was installed as usual."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", "~")).expanduser() / "Factorio" / "mods"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/factorio/mods").expanduser()
    return Path("~/.factorio/mods").expanduser()
