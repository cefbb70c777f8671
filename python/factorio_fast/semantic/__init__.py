"""A world in words and figures, for planners and language models; needs the extra `plan`."""

from __future__ import annotations
