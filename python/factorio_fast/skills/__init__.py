"""Skills: what a character can be told to do from beginning to end; needs the extra `plan`."""

from __future__ import annotations
