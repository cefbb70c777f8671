"""Rows of enemies and turrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast import prototypes
from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import first_tick, power

if TYPE_CHECKING:
    from factorio_fast._core import Entity
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


@measures("BIT-small")
def small_biter(_: Row) -> Measurement:
    """Health of one just hatched, what its bite takes off the character, what it costs a nest."""
    world = World(64, 64)
    character = world.character
    character.teleport((0, 0))
    full = character.health
    world.spawn("small-biter", (3, 0))
    (biter,) = world.units()
    first_tick(world, lambda: character.health < full)
    cost = prototypes.get("entity", "small-biter")["absorptions_to_join_attack"]["pollution"]
    return biter.health, full - character.health, cost


def turret_and_biter(name: str = "small-biter", distance: float = 10) -> tuple[World, Entity]:
    """Build a loaded gun turret and let a biter appear."""
    world = World(96, 96)
    turret = world.place("gun-turret", (0, 0), items={"firearm-magazine": 10})
    world.spawn(name, (distance, 0))
    return world, turret


@measures("TUR-rate")
def rate(_: Row) -> Measurement:
    """Rounds a second on a target that lasts."""
    world, turret = turret_and_biter("behemoth-biter", 12)
    full = turret.rounds
    first_tick(world, lambda: turret.rounds < full)
    before = turret.rounds
    ticks = 90
    world.run(ticks)
    return (before - turret.rounds) * 60 / ticks


@measures("TUR-kill")
def kill(_: Row) -> Measurement:
    """Rounds that a small biter takes."""
    world, turret = turret_and_biter()
    full = turret.rounds
    first_tick(world, lambda: not world.units())
    return full - turret.rounds


@measures("TUR-range")
def turret_range(_: Row) -> Measurement:
    """Farthest distances at which turrets fire on a nest that does not move, in whole tiles."""
    return farthest_hit("gun-turret"), farthest_hit("laser-turret")


def farthest_hit(name: str) -> float:
    """Return a turret's range by the prototype data, once the world has borne it out.

    Nests stand on a grid, so the world can only show between which distances the range ends.
    """
    reach = float(prototypes.get("entity", name)["attack_parameters"]["range"])
    return reach if is_hit(name, reach - 0.5) and not is_hit(name, reach + 0.5) else -1.0


def is_hit(name: str, distance: float) -> bool:
    """Say whether a turret hurts a nest whose middle is at a distance."""
    world = World(96, 96)
    if name == "laser-turret":
        power(world, (-8, -8))
        turret = world.place(name, (0, 0))
    else:
        turret = world.place(name, (0, 0), items={"firearm-magazine": 10})
    nest = world.place("biter-spawner", (distance, 0.5))
    full = nest.health
    world.run(600)
    return turret.valid and (not nest.valid or nest.health < full)
