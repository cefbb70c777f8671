"""The parameters of every skill, checked before anything is done.

One model per skill, under the skill's name in `PARAMETERS`; its JSON schema is what a language
model is shown.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from factorio_fast.models import Model
from factorio_fast.planning.goals import MAX_COUNT
from factorio_fast.planning.names import (
    AmmoName,
    ItemName,
    RecipeName,
    ResourceName,
    TechnologyName,
)
from factorio_fast.planning.places import MAX_COORDINATE_TILES, Direction
from factorio_fast.planning.plan import Placement

__all__ = ["MAX_ENTRIES", "PARAMETERS", "SkillParameters"]

MAX_ENTRIES = 5_000
"""Of a blueprint or a list of positions; a longer one is refused."""
MAX_KINDS = 64
"""Of items in one task."""

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE_TILES, le=MAX_COORDINATE_TILES)]
Position = tuple[Coordinate, Coordinate]
Positions = Annotated[tuple[Position, ...], Field(max_length=MAX_ENTRIES)]
Count = Annotated[int, Field(gt=0, le=MAX_COUNT)]
Items = Annotated[dict[ItemName, Count], Field(min_length=1, max_length=MAX_KINDS)]
Blueprint = Annotated[tuple[Placement, ...], Field(max_length=MAX_ENTRIES)]
Seconds = Annotated[float, Field(gt=0, le=36_000)]


def _is_area(area: tuple[Position, Position]) -> tuple[Position, Position]:
    (left, top), (right, bottom) = area
    longest = 512
    if not (0 < right - left <= longest and 0 < bottom - top <= longest):
        raise ValueError(f"an area is 1 to {longest} tiles a side, from its north-western corner")
    return area


Area = Annotated[tuple[Position, Position], AfterValidator(_is_area)]


class SkillParameters(Model):
    """What all parameters share: they are frozen, and know no names but their own."""


class Navigate(SkillParameters):
    """Walk to within some tiles of a position."""

    target: Position
    reach: Annotated[float, Field(gt=0, le=100)] = 1.0


class Wait(SkillParameters):
    """Let time pass."""

    seconds: Seconds
    fuel: bool = False
    """Whether the machines' fuel is looked after meanwhile."""


class Explore(SkillParameters):
    """Walk so far in a direction, until an item is known."""

    direction: Direction | None = None
    distance: Annotated[float, Field(gt=0, le=10_000)] = 100.0
    item: ResourceName | None = None


class HoldItems(SkillParameters):
    """Carry at least so many of some items."""

    items: Items


class Fuel(SkillParameters):
    """Fill machines up with fuel."""

    targets: Positions | None = None
    """None means every machine that burns fuel."""
    coal: Annotated[int, Field(gt=0, le=1_000)] | None = None
    fuel: ItemName | None = None


class ClearArea(SkillParameters):
    """Take away trees and rocks."""

    area: Area | None = None
    blueprint: Blueprint | None = None

    @model_validator(mode="after")
    def _check(self) -> ClearArea:
        if self.area is None and self.blueprint is None:
            raise ValueError("say an area or a blueprint to clear")
        return self


class Build(SkillParameters):
    """Build a blueprint in its order."""

    blueprint: Blueprint


class ConnectPower(SkillParameters):
    """Build poles, and check that machines have a network."""

    blueprint: Blueprint
    entities: Positions = ()


class MachineRecipe(SkillParameters):
    """A machine, and what it is to make."""

    position: Position
    recipe: RecipeName


class SetRecipes(SkillParameters):
    """Set the recipes of machines."""

    recipes: Annotated[tuple[MachineRecipe, ...], Field(min_length=1, max_length=MAX_ENTRIES)]


class Remove(SkillParameters):
    """Take machines away."""

    targets: Positions


class Insert(SkillParameters):
    """Put carried items into a machine."""

    target: Position
    items: Items


class Take(SkillParameters):
    """Take items out of a machine."""

    target: Position
    items: Items | None = None
    """None means all that can be taken."""


class Transfer(SkillParameters):
    """Carry items from one machine to another."""

    source: Position
    target: Position
    items: Items


class Research(SkillParameters):
    """Research a technology."""

    technology: TechnologyName
    labs: Annotated[tuple[Position, ...], Field(min_length=1, max_length=MAX_ENTRIES)]
    with_packs: bool = True
    """Whether missing packs are made by hand."""


class Defend(SkillParameters):
    """Build turrets and load them."""

    blueprint: Blueprint
    ammo: AmmoName = "firearm-magazine"
    rounds: Annotated[int, Field(gt=0, le=200)] = 10


PARAMETERS: dict[str, type[SkillParameters]] = {
    "CLEAR_AREA": ClearArea,
    "CONNECT_LOGISTICS": Build,
    "CONNECT_POWER": ConnectPower,
    "CRAFT": HoldItems,
    "DEFEND": Defend,
    "EXPLORE": Explore,
    "FUEL": Fuel,
    "GATHER": HoldItems,
    "INSERT": Insert,
    "NAVIGATE": Navigate,
    "PLACE_ENTITIES": Build,
    "REMOVE": Remove,
    "RESEARCH": Research,
    "SET_RECIPES": SetRecipes,
    "SUPPLY": HoldItems,
    "TAKE": Take,
    "TRANSFER": Transfer,
    "WAIT": Wait,
}
"""What each skill takes."""


def schema_of(parameters: type[SkillParameters]) -> dict[str, Any]:
    """Return the JSON schema of a skill's parameters."""
    return parameters.model_json_schema()
