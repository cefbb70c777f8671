"""What a player has built: where things are made, what they want, where their products lie.

The player is the transport of the base: it takes products out of chests and brings ingredients and
fuel to where they run low, a load at a time.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from factorio_fast.plays.recipes import slots_of, stack_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from factorio_fast._core import Entity
    from factorio_fast.plays.player import Player
    from factorio_fast.plays.site import Want

ROOM_SLOTS = 12
"""So many free slots are enough to take from a chest; what has no room stays in it."""

T = TypeVar("T")

LOAD_SLOTS = 52
"""Slots of the inventory that one load may fill; the others are for what is being built."""


@dataclass
class Need:
    """What an entity wants: below `want.low` of the item it is filled up to `want.high`."""

    entity: Entity
    want: Want

    @property
    def item(self) -> str:
        """The item that is wanted."""
        return self.want.item


@dataclass
class Base:
    """Everything built so far that gives or wants items."""

    player: Player
    needs: list[Need] = field(default_factory=list)
    outputs: list[Entity] = field(default_factory=list)
    depot: list[Entity] = field(default_factory=list)
    """Chests for what is carried without being wanted; they are among `outputs` too."""
    reserved: Counter[str] = field(default_factory=Counter)
    """Items that loads leave alone, since something is to be built of them."""

    def stock(self) -> Counter[str]:
        """Count what the player carries and what lies ready to be taken."""
        total = self.player.inventory
        for entity in self.outputs:
            total.update(products(entity))
        return total

    def haul(self) -> bool:
        """Carry one load from where things are made to where they are wanted.

        Returns whether that took any time; if not, there was nothing that could be done.
        """
        began = self.player.world.tick
        plan = self.plan_load()
        load = Counter[str]()
        for need, count in plan:
            load[need.item] += count
        self.collect(load)
        deliver = {id(need): count for need, count in plan}
        for need in nearest_first(self.player, [need for need, _ in plan], lambda n: n.entity):
            if need.entity.valid:
                self.player.insert(need.entity, need.item, deliver[id(need)])
        return self.player.world.tick > began

    def plan_load(self) -> list[tuple[Need, int]]:
        """Choose what to bring where: the emptiest first, as much as there is and fits a load."""
        stock = self.stock()
        free = stock - self.reserved
        wants: list[tuple[int, float, int, Need, int]] = []
        for need in self.needs:
            want = need.want
            if free[want.item] <= 0 or not need.entity.valid:
                continue
            if want.product and stock[want.product] >= want.enough:
                continue
            held = need.entity.inventory().get(want.item, 0)
            if held < want.low:
                wants.append((want.rank, held / want.low, len(wants), need, want.high - held))
        wants.sort(key=lambda want: want[:3])
        plan: list[tuple[Need, int]] = []
        load = Counter[str]()
        for _, _, _, need, wanted in wants:
            count = min(wanted, free[need.item] - load[need.item])
            if count <= 0:
                continue
            load[need.item] += count
            if slots_of(load) > LOAD_SLOTS:
                load[need.item] -= count
                continue
            plan.append((need, count))
        return plan

    def collect(self, wanted: Counter[str]) -> None:
        """Fetch items until so many are carried, or no more lie ready."""
        missing = wanted - self.player.inventory
        sources = [entity for entity in self.outputs if missing.keys() & products(entity).keys()]
        for entity in nearest_first(self.player, sources, lambda source: source):
            held = products(entity)
            if not any(missing[item] > 0 for item in held):
                continue
            self.make_room(held)
            taken = self.player.take(entity)
            for item, count in taken.items():
                surplus = count - max(0, missing[item])
                missing[item] -= count
                while surplus >= stack_size(item) and is_chest(entity):
                    back = self.player.insert(entity, item, 1)
                    if back == 0:
                        break
                    surplus -= back
                    missing[item] += back

    def make_room(self, coming: Counter[str]) -> None:
        """Put what is of least use into the depot when the inventory is nearly full."""
        carried = self.player.inventory
        room = self.player.character.inventory_size - slots_of(carried)
        if room >= min(slots_of(coming), ROOM_SLOTS):
            return
        for item, count in carried.most_common():
            surplus = count - self.reserved[item]
            if surplus >= stack_size(item):
                for chest in self.depot:
                    surplus -= self.player.insert(chest, item, surplus - stack_size(item) + 1)
                    if surplus < stack_size(item):
                        break


def products(entity: Entity) -> Counter[str]:
    """Count what can be taken from an entity."""
    return Counter(entity.inventory("contents" if is_chest(entity) else "result"))


def is_chest(entity: Entity) -> bool:
    """Whether an entity is a chest: what was taken from it can be put back."""
    return "chest" in entity.name


def nearest_first(
    player: Player, places: Iterable[T], entity_of: Callable[[T], Entity]
) -> Iterable[T]:
    """Give places one by one, each the nearest to where the player then stands."""
    left = [(entity_of(place).position, place) for place in places]
    while left:
        here = player.character.position
        best = min(range(len(left)), key=lambda index: math.dist(left[index][0], here))
        yield left.pop(best)[1]
