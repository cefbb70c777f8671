"""A player: the character of a world, told what to do one deed at a time.

Every deed is a command of the character, refused or carried out as an agent's is, within its reach;
nothing is given to it. The world runs while it walks, mines, crafts and waits, and a few ticks pass
with every command, as no hand is faster.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from factorio_fast.errors import ActionRejectedError, FactorioFastError, InvalidValueError
from factorio_fast.plays.errors import PlayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast._core import Entity, World

TICKS_PER_SECOND = 60
TICKS_PER_COMMAND = 4
"""How long a hand is busy with one command: fifteen a second."""

REACH = 8.0
"""Tiles from the middle of a thing at which the player stops; the character reaches ten."""

MINING_REACH = 2.0
"""Tiles from the middle of a resource tile at which the player stops; the character reaches 2.7."""


class Player:
    """The hands and feet of a play.

    Args:
        world: the world to play in.
        tell: called with a line of text for everything worth telling a person who watches.
    """

    def __init__(self, world: World, tell: Callable[[str], None] = lambda _: None) -> None:
        self.world = world
        self.character = world.character
        self.tell = tell

    @property
    def seconds(self) -> float:
        """Seconds of the game since the world began."""
        return self.world.tick / TICKS_PER_SECOND

    @property
    def inventory(self) -> Counter[str]:
        """What the character carries."""
        return Counter(self.character.inventory())

    def count(self, item: str) -> int:
        """Return how many of an item it carries."""
        return self.character.inventory().get(item, 0)

    def wait(self, seconds: float) -> None:
        """Do nothing for a time."""
        self.world.run(max(1, round(seconds * TICKS_PER_SECOND)))

    def go(self, position: tuple[float, float], reach: float = REACH) -> None:
        """Walk to within `reach` tiles of a position; no step if that is near already."""
        if math.dist(self.character.position, position) > reach:
            self.character.walk_to(position, reach=reach)

    def pause(self) -> None:
        """Let the time of one command pass."""
        self.world.run(TICKS_PER_COMMAND)

    def mine(self, item: str, position: tuple[float, float], count: int) -> None:
        """Mine a resource until `count` more of an item are carried.

        Raises:
            PlayError: the resource gave nothing for a minute.
        """
        wanted = self.count(item) + count
        self.go(position, MINING_REACH)
        self.character.mine(position)
        for _ in range(60 * count):
            if self.count(item) >= wanted:
                self.character.stop_mining()
                return
            self.wait(0.5)
        raise PlayError(f"mining at {position} yields no {item}")

    def clear(self, entity: Entity) -> None:
        """Mine an entity with all that it holds into the inventory.

        Raises:
            PlayError: it stands after two minutes.
        """
        self.go(entity.position)
        self.character.mine(entity)
        for _ in range(240):
            if not entity.valid:
                return
            self.wait(0.5)
        raise PlayError(f"{entity.name} at {entity.position} cannot be mined")

    def fell(self, entity: Entity) -> None:
        """Mine a tree or rock from where the hand reaches it."""
        self.clear(entity)

    def craft(self, item: str, count: int, meanwhile: Callable[[], None] | None = None) -> None:
        """Craft by hand, intermediate products too, and wait until it is done.

        Raises:
            PlayError: the ingredients do not suffice.
        """
        wanted = self.count(item) + count
        crafts = -(-count // yield_of(item))
        queued = self.character.craft(item, crafts)
        if queued < crafts:
            raise PlayError(f"{crafts} crafts of {item} wanted, {queued} possible")
        while self.character.crafting_queue:
            if meanwhile is None:
                self.wait(0.25)
            else:
                meanwhile()
        if self.count(item) < wanted:
            raise PlayError(f"{wanted} {item} wanted, {self.count(item)} carried: no room")

    def build(
        self,
        item: str,
        position: tuple[float, float],
        direction: str = "north",
        *,
        recipe: str | None = None,
    ) -> Entity:
        """Build the entity of an item and return it.

        Raises:
            PlayError: the command is refused.
        """
        self.go(position)
        try:
            self.character.build(item, position, direction)
        except ActionRejectedError:
            # Perhaps the character stands in the way itself.
            self.step_aside(position)
            try:
                self.character.build(item, position, direction)
            except FactorioFastError as error:
                raise PlayError(f"{item} at {position}: {error}") from error
        self.pause()
        entity = self.at(position, item)
        if recipe is not None:
            self.character.set_recipe(entity, recipe)
            self.pause()
        return entity

    def step_aside(self, position: tuple[float, float]) -> None:
        """Walk to somewhere six to eight tiles from a position."""
        x, y = position
        for dx, dy in ((7, 0), (-7, 0), (0, 7), (0, -7), (5, 5), (-5, -5), (5, -5), (-5, 5)):
            try:
                self.character.walk_to((x + dx, y + dy), reach=1.0)
            except InvalidValueError:
                continue
            return

    def at(self, position: tuple[float, float], name: str) -> Entity:
        """Return the entity of a name that covers a position.

        Raises:
            PlayError: there is none.
        """
        x, y = position
        for entity in self.world.entities(name, ((x - 0.1, y - 0.1), (x + 0.1, y + 0.1))):
            return entity
        raise PlayError(f"no {name} at {position}")

    def insert(self, entity: Entity, item: str, count: int) -> int:
        """Put at least `count` of an item into an entity, whole stacks while it has them.

        Returns how many went in; it stops short when the entity is full.
        """
        self.go(entity.position)
        inserted = 0
        while inserted < count:
            before = self.count(item)
            if before == 0:
                break
            try:
                self.character.insert_into(entity, item)
            except ActionRejectedError:
                break
            self.pause()
            inserted += before - self.count(item)
        return inserted

    def take(self, entity: Entity) -> Counter[str]:
        """Take what an entity holds or has made, as far as there is room, and return it."""
        self.go(entity.position)
        before = self.inventory
        try:
            self.character.take_from(entity)
        except ActionRejectedError:
            return Counter()
        self.pause()
        return self.inventory - before


def yield_of(item: str) -> int:
    """Return how many of an item one craft of its recipe makes."""
    from factorio_fast.plays.recipes import recipe_of

    return recipe_of(item).results[item]
