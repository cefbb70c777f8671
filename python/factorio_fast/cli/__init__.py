"""The program `factorio-fast`: one file per subcommand."""

from __future__ import annotations

from factorio_fast.cli.main import main

__all__ = ["main"]
