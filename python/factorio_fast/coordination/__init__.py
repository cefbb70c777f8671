"""Tasks for skills, their queue and their monitor; needs the extra `plan`."""

from __future__ import annotations
