"""Rows of crafting by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast._core import World
from factorio_fast.fidelity.registry import measures
from factorio_fast.fidelity.rig import first_tick, ticks_of_rises

if TYPE_CHECKING:
    from factorio_fast.fidelity.registry import Measurement
    from factorio_fast.fidelity.table import Row


def crafter(items: dict[str, int]) -> World:
    """Make a world whose character carries items and may craft everything that needs research."""
    world = World(16, 16)
    for technology in ("automation", "logistics", "electronics", "automation-science-pack"):
        world.research(technology)
    for item, count in items.items():
        world.character.insert(item, count)
    return world


def ticks_to_craft(recipe: str, items: dict[str, int]) -> int:
    """Craft once, intermediates first, and return the ticks until the queue is empty."""
    world = crafter(items)
    if world.character.craft(recipe) != 1:
        raise RuntimeError(f"the character cannot craft {recipe} from {items}")
    return first_tick(world, lambda: not world.character.crafting_queue)


@measures("HCR-gear", "HCR-gear-mod")
def gear(row: Row) -> Measurement:
    """Ticks a gear, over eight."""
    world = crafter({"iron-plate": 16})
    if row.id == "HCR-gear-mod":
        world.set_bonus("manual_crafting_speed_modifier", 1)
    world.character.craft("iron-gear-wheel", 8)
    rises = ticks_of_rises(world, lambda: world.character.inventory().get("iron-gear-wheel", 0), 8)
    return rises[-1] / 8


@measures("HCR-belt")
def belt(_: Row) -> Measurement:
    """Ticks for two belts."""
    return ticks_to_craft("transport-belt", {"iron-plate": 3})


@measures("HCR-burnerdrill")
def burner_drill(_: Row) -> Measurement:
    """Ticks for a burner drill."""
    return ticks_to_craft("burner-mining-drill", {"iron-plate": 9, "stone": 5})


@measures("HCR-lab")
def lab(_: Row) -> Measurement:
    """Ticks for a lab."""
    return ticks_to_craft("lab", {"iron-plate": 36, "copper-plate": 15})


@measures("HCR-lab-raw")
def lab_plates(_: Row) -> Measurement:
    """Plates that a lab takes."""
    plates = {"iron-plate": 100, "copper-plate": 100}
    world = crafter(plates)
    world.character.craft("lab")
    first_tick(world, lambda: not world.character.crafting_queue)
    left = world.character.inventory()
    return tuple(count - left[item] for item, count in plates.items())


@measures("HCR-red")
def red_science(_: Row) -> Measurement:
    """Ticks for a red science pack."""
    return ticks_to_craft("automation-science-pack", {"iron-plate": 2, "copper-plate": 1})


@measures("HCR-no-smelt")
def no_smelting(_: Row) -> Measurement:
    """Crafts of a plate from ore that the character begins."""
    return crafter({"iron-ore": 10}).character.craft("iron-plate", 10)


@measures("HCR-no-engine")
def no_engine(_: Row) -> Measurement:
    """Crafts of an engine that the character begins, with all ingredients and the research."""
    world = crafter({"steel-plate": 10, "iron-gear-wheel": 10, "pipe": 20})
    world.research("engine")
    return world.character.craft("engine-unit", 1)
