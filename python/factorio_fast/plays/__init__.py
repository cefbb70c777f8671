"""Plays: scripts that play the simulation through the character's own commands, from an empty hand.

A play shows that the game can be played through, and how: nothing is spawned, everything is mined,
smelted, crafted, built, carried and researched in its time.

Example:
    >>> from factorio_fast.plays import RocketPlay, make_world
    >>> play = RocketPlay(make_world())
    >>> play.smelt_first_plates()
    >>> play.player.inventory["burner-mining-drill"], play.player.seconds < 300
    (1, True)
"""

from __future__ import annotations

from factorio_fast.plays.errors import PlayError
from factorio_fast.plays.player import Player
from factorio_fast.plays.rocket import RocketPlay, make_world

__all__ = ["PlayError", "Player", "RocketPlay", "make_world"]
