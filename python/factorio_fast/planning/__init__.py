"""Goals, and the planners that turn a goal into tasks; needs the extra `plan`."""

from __future__ import annotations
