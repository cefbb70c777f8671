"""Mistakes of the person at the keyboard."""

from __future__ import annotations


class UsageError(Exception):
    """Something on the command line cannot be done; the text is one line: what, and the fix."""
