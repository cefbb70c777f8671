"""Words for things of the game: names, what players call them, and what is said too loosely."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from factorio_fast.planning.names import (
    fluid_names,
    item_names,
    machine_names,
    resource_names,
    technology_names,
)

__all__ = ["CLASSES", "LOOSE", "Thing", "singular", "technologies", "things"]

Kind = Literal["item", "fluid", "landmark"]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of the game that words can mean."""

    kind: Kind
    name: str
    ore: str | None = None
    """The resource that a bare metal may mean as well."""
    is_class: bool = False
    """Whether a class of machines was named, of which this is the basic kind."""


SYNONYMS: dict[str, str] = {
    "gear": "iron-gear-wheel",
    "gear wheel": "iron-gear-wheel",
    "cog": "iron-gear-wheel",
    "cogwheel": "iron-gear-wheel",
    "green circuit": "electronic-circuit",
    "green chip": "electronic-circuit",
    "basic circuit": "electronic-circuit",
    "circuit board": "electronic-circuit",
    "red circuit": "advanced-circuit",
    "red chip": "advanced-circuit",
    "blue circuit": "processing-unit",
    "blue chip": "processing-unit",
    "processor": "processing-unit",
    "wire": "copper-cable",
    "copper wire": "copper-cable",
    "cable": "copper-cable",
    "steel": "steel-plate",
    "steel bar": "steel-plate",
    "brick": "stone-brick",
    "plastic": "plastic-bar",
    "log": "wood",
    "timber": "wood",
    "red science": "automation-science-pack",
    "red science pack": "automation-science-pack",
    "automation science": "automation-science-pack",
    "red pack": "automation-science-pack",
    "red potion": "automation-science-pack",
    "green science": "logistic-science-pack",
    "green science pack": "logistic-science-pack",
    "green pack": "logistic-science-pack",
    "logistic science": "logistic-science-pack",
    "military science": "military-science-pack",
    "grey science": "military-science-pack",
    "gray science": "military-science-pack",
    "black science": "military-science-pack",
    "blue science": "chemical-science-pack",
    "blue science pack": "chemical-science-pack",
    "chemical science": "chemical-science-pack",
    "purple science": "production-science-pack",
    "production science": "production-science-pack",
    "yellow science": "utility-science-pack",
    "utility science": "utility-science-pack",
    "white science": "space-science-pack",
    "space science": "space-science-pack",
    "conveyor": "transport-belt",
    "conveyor belt": "transport-belt",
    "yellow belt": "transport-belt",
    "red belt": "fast-transport-belt",
    "fast belt": "fast-transport-belt",
    "blue belt": "express-transport-belt",
    "express belt": "express-transport-belt",
    "underground": "underground-belt",
    "burner drill": "burner-mining-drill",
    "burner miner": "burner-mining-drill",
    "electric drill": "electric-mining-drill",
    "electric miner": "electric-mining-drill",
    "assembler 1": "assembling-machine-1",
    "assembler 2": "assembling-machine-2",
    "assembler 3": "assembling-machine-3",
    "assembly machine 1": "assembling-machine-1",
    "assembly machine 2": "assembling-machine-2",
    "long inserter": "long-handed-inserter",
    "yellow inserter": "inserter",
    "blue inserter": "fast-inserter",
    "red inserter": "long-handed-inserter",
    "laboratory": "lab",
    "research lab": "lab",
    "science lab": "lab",
    "wood chest": "wooden-chest",
    "wooden box": "wooden-chest",
    "iron box": "iron-chest",
    "small pole": "small-electric-pole",
    "medium pole": "medium-electric-pole",
    "big pole": "big-electric-pole",
    "small power pole": "small-electric-pole",
    "medium power pole": "medium-electric-pole",
    "big power pole": "big-electric-pole",
    "machine gun turret": "gun-turret",
    "laser": "laser-turret",
    "wall": "stone-wall",
    "refinery": "oil-refinery",
    "pump jack": "pumpjack",
    "silo": "rocket-silo",
    "magazine": "firearm-magazine",
    "bullet": "firearm-magazine",
    "yellow ammo": "firearm-magazine",
    "piercing ammo": "piercing-rounds-magazine",
    "red ammo": "piercing-rounds-magazine",
    "piercing round": "piercing-rounds-magazine",
    "solar": "solar-panel",
    "turbine": "steam-turbine",
    "water pump": "offshore-pump",
    "steam generator": "steam-engine",
    "accu": "accumulator",
    "crude": "crude-oil",
    "oil": "crude-oil",
    "uranium": "uranium-ore",
}
"""What players call things; the game's own names are known as well."""

METALS = {"iron": ("iron-plate", "iron-ore"), "copper": ("copper-plate", "copper-ore")}
"""A bare metal is its ore where something is mined or lies, else its plate."""

CLASSES: dict[str, str] = {
    "furnace": "stone-furnace",
    "smelter": "stone-furnace",
    "assembler": "assembling-machine-1",
    "assembling machine": "assembling-machine-1",
    "assembly machine": "assembling-machine-1",
    "belt": "transport-belt",
    "chest": "wooden-chest",
    "box": "wooden-chest",
    "pole": "small-electric-pole",
    "power pole": "small-electric-pole",
    "electric pole": "small-electric-pole",
    "turret": "gun-turret",
    "drill": "electric-mining-drill",
    "miner": "electric-mining-drill",
    "mining drill": "electric-mining-drill",
    "ammo": "firearm-magazine",
    "ammunition": "firearm-magazine",
}
"""A bare class means its basic kind; of drills the electric one, but the burner one for fuel."""

LANDMARKS: dict[str, str] = {
    "base": "base",
    "factory": "base",
    "camp": "base",
    "outpost": "base",
    "spawn": "spawn",
    "spawn point": "spawn",
    "starting point": "spawn",
    "starting area": "spawn",
    "origin": "spawn",
    "water": "water",
    "lake": "water",
    "river": "water",
    "shore": "water",
    "coast": "water",
    "tree": "trees",
    "forest": "trees",
    "rock": "rocks",
    "boulder": "rocks",
    "nest": "nest",
    "spawner": "nest",
    "biter": "nest",
    "enemy": "nest",
    "enemy base": "nest",
    "enemy nest": "nest",
    "biter nest": "nest",
    "character": "character",
    "player": "character",
}

LOOSE: dict[str, tuple[str, ...]] = {
    "circuit": ("green circuits", "red circuits", "blue circuits"),
    "chip": ("green circuits", "red circuits", "blue circuits"),
    "science": ("red science", "green science", "blue science"),
    "science pack": ("red science", "green science", "blue science"),
    "plate": ("iron plates", "copper plates", "steel plates"),
    "ore": ("iron ore", "copper ore"),
    "module": ("speed modules", "productivity modules", "efficiency modules"),
    "pump": ("offshore pumps", "pumps between pipes"),
    "robot": ("construction robots", "logistic robots"),
    "metal": ("iron plates", "copper plates", "steel plates"),
    "potion": ("red science", "green science", "blue science"),
    "pack": ("red science", "green science", "blue science"),
    "fluid": ("water", "crude oil"),
}
"""Words for several things at once, and what could be said instead."""

# The game's names that are also words of another meaning in commands.
_NOT_BY_NAME = frozenset({"science", "car", "tank", "gate", "pump", "rocket", "radar-2"})
TECHNOLOGY_SYNONYMS: dict[str, str] = {
    "red science": "automation-science-pack",
    "green science": "logistic-science-pack",
    "blue science": "chemical-science-pack",
    "automation science": "automation-science-pack",
    "logistic science": "logistic-science-pack",
    "chemical science": "chemical-science-pack",
    "production science": "production-science-pack",
    "purple science": "production-science-pack",
    "utility science": "utility-science-pack",
    "yellow science": "utility-science-pack",
    "space science": "space-science-pack",
    "military science": "military-science-pack",
    "steel": "steel-processing",
    "steel smelting": "steel-processing",
    "automation 1": "automation",
    "logistics 1": "logistics",
    "solar": "solar-energy",
    "solar panel": "solar-energy",
    "solar power": "solar-energy",
    "turret": "gun-turret",
    "wall": "stone-wall",
    "electric drill": "electric-mining-drill",
    "mining productivity": "mining-productivity-1",
    "steam": "steam-power",
    "oil": "oil-processing",
    "nuclear": "nuclear-power",
    "train": "railway",
    "rail": "railway",
    "laser": "laser",
    "construction robot": "construction-robotics",
    "logistic robot": "logistic-robotics",
    "bot": "robotics",
}

SHORT_LETTERS = 4
"""Words shorter than this are taken as they are, "gas" for one."""


def singular(word: str) -> str:
    """Return the singular of a word, as far as game words go.

    Example:
        >>> from factorio_fast.semantic.language.lexicon import singular
        >>> [
        ...     singular(word)
        ...     for word in ("plates", "batteries", "boxes", "glass", "gears", "torches")
        ... ]
        ['plate', 'battery', 'box', 'glass', 'gear', 'torch']
    """
    if word in {"logistics", "electronics", "robotics", "explosives", "plastics", "its", "this"}:
        return word
    if len(word) > SHORT_LETTERS and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > SHORT_LETTERS and word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if len(word) >= SHORT_LETTERS and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _phrase(name: str) -> str:
    return " ".join(singular(word) for word in name.split("-"))


@functools.cache
def things() -> dict[str, Thing]:
    """Return every phrase for a thing, in singular words."""
    found: dict[str, Thing] = {}
    for name in fluid_names():
        found[_phrase(name)] = Thing("fluid", name)
    for name in item_names() | machine_names():
        found[_phrase(name)] = Thing("item", name)
    for phrase, name in LANDMARKS.items():
        found[phrase] = Thing("landmark", name)
    for name in resource_names():
        found[_phrase(name)] = Thing("item" if name in item_names() else "fluid", name, ore=name)
    for phrase, name in SYNONYMS.items():
        kind: Kind = "item" if name in item_names() else "fluid"
        ore = name if name in resource_names() else None
        found[phrase] = Thing(kind, name, ore=ore)
    for phrase, name in CLASSES.items():
        found[phrase] = Thing("item", name, is_class=True)
    for phrase, (plate, ore) in METALS.items():
        found[phrase] = Thing("item", plate, ore=ore)
    for name in _NOT_BY_NAME:
        if name in LOOSE:
            found.pop(name, None)
    return found


@functools.cache
def technologies() -> dict[str, str]:
    """Return every phrase for a technology, in singular words."""
    found = {_phrase(name): name for name in technology_names()}
    return {**TECHNOLOGY_SYNONYMS, **found}
