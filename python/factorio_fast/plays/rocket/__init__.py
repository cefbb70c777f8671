"""The rocket play: its map, its plan, its order of things, and the player's doings."""

from __future__ import annotations

from factorio_fast.plays.rocket.play import RocketPlay
from factorio_fast.plays.rocket.terrain import make_world

__all__ = ["RocketPlay", "make_world"]
