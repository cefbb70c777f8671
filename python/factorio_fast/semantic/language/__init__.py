"""Commands in plain English to typed goals."""

from __future__ import annotations
