"""Runs the program as `python -m factorio_fast.cli`."""

from __future__ import annotations

import sys

from factorio_fast.cli.main import main

sys.exit(main())
