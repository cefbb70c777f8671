"""A world to build by hand: place machines, run ticks, read what happened.

A `World` is the simulation without scenario, agent and reward. It serves for trying a layout out,
for tests, and for working out what a scenario should ask for. Names are the game's, positions are
in tiles, x to the east and y to the south; 60 ticks are a second.

Example:
    A drill on ore, a chest where it drops, and a thousand ticks:

    >>> from factorio_fast import World
    >>> world = World(16, 8)
    >>> world.set_resource("iron-ore", ((-2, -2), (2, 2)), 1_000)
    >>> drill = world.place("burner-mining-drill", (0, 0), "east", items={"coal": 5})
    >>> chest = world.place("wooden-chest", (1.5, -0.5))
    >>> world.run(1_000)
    >>> chest.inventory()
    {'iron-ore': 4}
    >>> drill.status
    'working'
    >>> print(world.to_text(((-3, -3), (4, 3))))
    . . . . . . .
    . i i i i . .
    . i D>D>C . .
    . i D>D+i . .
    . i i i i . .
    . . . . . . .
    <BLANKLINE>

    A fork goes its own way; restoring goes back, and what was placed since is stale:

    >>> future = world.fork()
    >>> future.run(240)
    >>> future.entities("wooden-chest")[0].inventory(), chest.inventory()
    ({'iron-ore': 5}, {'iron-ore': 4})
    >>> before = world.snapshot()
    >>> furnace = world.place("stone-furnace", (5, 0), items={"iron-ore": 8, "coal": 1})
    >>> world.run(600)
    >>> furnace.inventory("result"), world.production().items_made
    ({'iron-plate': 3}, {'iron-ore': 6, 'iron-plate': 3})
    >>> world.restore(before)
    >>> furnace.valid
    False
    >>> world.place("wooden-chest", (0, 0))
    Traceback (most recent call last):
    factorio_fast.errors.InvalidValueError: no room for "wooden-chest" at (0.5, 0.5): ...

    A map as of a new game, for whole factories:

    >>> world = World.default_map(seed=1, enemies=False)
    >>> iron = world.resource_patches("iron-ore")[0]
    >>> iron.amount, len(iron.tiles)
    (400001, 1158)
"""

from __future__ import annotations

from factorio_fast._core import Character, Entity, Production, ResourcePatch, World

__all__ = ["Character", "Entity", "Production", "ResourcePatch", "World"]
