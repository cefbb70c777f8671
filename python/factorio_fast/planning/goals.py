"""What a player can be asked for: one typed goal per kind of command.

A goal says what is wanted and leaves out what was not said: None means that the planner decides.
Quantities and names are checked when a goal is made, so nothing behind it checks them again.

Example:
    >>> from factorio_fast.planning.goals import AutomateItem, goal_from_dict
    >>> goal = AutomateItem(item="automation-science-pack", rate_per_minute=30, with_power=True)
    >>> goal.to_dict()
    {'type': 'AUTOMATE_ITEM', 'item': 'automation-science-pack', 'rate_per_minute': 30.0, 'with_power': True}
    >>> goal_from_dict(goal.to_dict()) == goal
    True
    >>> print(goal)
    automate item: item automation-science-pack, rate per minute 30, with power
"""  # noqa: E501 - what Python prints

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from factorio_fast.models import Model
from factorio_fast.planning.names import (
    AmmoName,
    DrillName,
    FuelName,
    FurnaceName,
    ItemName,
    MachineName,
    RecipeName,
    ResourceName,
    TechnologyName,
)
from factorio_fast.planning.places import Direction, Place

__all__ = [
    "MAX_AREA_TILES",
    "MAX_COUNT",
    "MAX_RATE_PER_MINUTE",
    "MAX_WAIT_TICKS",
    "AnyGoal",
    "AutomateItem",
    "BuildPower",
    "BuildSmelterArray",
    "ClearArea",
    "ConnectBelt",
    "ConnectPower",
    "Craft",
    "Defend",
    "ExpandMining",
    "Explore",
    "Gather",
    "Goal",
    "GoalType",
    "Insert",
    "MoveTo",
    "PlaceEntity",
    "Remove",
    "Research",
    "SetRecipe",
    "Take",
    "Transfer",
    "Wait",
    "goal_from_dict",
    "goal_schema",
]

MAX_RATE_PER_MINUTE = 100_000.0
"""More than 37 express belts carry, full on both lanes."""
MAX_COUNT = 100_000
"""A character carries at most 80 stacks of 200 without bonuses."""
MAX_WATTS = 1e12
MAX_AREA_TILES = 512
"""The longest side of an area to clear."""
MAX_WAIT_TICKS = 60 * 60 * 60 * 10
"""Ten hours of game time."""

Rate: TypeAlias = Annotated[float, Field(gt=0, le=MAX_RATE_PER_MINUTE)]
Count: TypeAlias = Annotated[int, Field(gt=0, le=MAX_COUNT)]
Side: TypeAlias = Annotated[int, Field(gt=0, le=MAX_AREA_TILES)]


class GoalType(StrEnum):
    """The kinds of goals."""

    BUILD_SMELTER_ARRAY = "BUILD_SMELTER_ARRAY"
    EXPAND_MINING = "EXPAND_MINING"
    AUTOMATE_ITEM = "AUTOMATE_ITEM"
    CONNECT_POWER = "CONNECT_POWER"
    BUILD_POWER = "BUILD_POWER"
    DEFEND = "DEFEND"
    RESEARCH = "RESEARCH"
    EXPLORE = "EXPLORE"
    GATHER = "GATHER"
    CRAFT = "CRAFT"
    PLACE_ENTITY = "PLACE_ENTITY"
    REMOVE = "REMOVE"
    MOVE_TO = "MOVE_TO"
    CLEAR_AREA = "CLEAR_AREA"
    INSERT = "INSERT"
    TAKE = "TAKE"
    TRANSFER = "TRANSFER"
    SET_RECIPE = "SET_RECIPE"
    CONNECT_BELT = "CONNECT_BELT"
    WAIT = "WAIT"


class Goal(Model):
    """What all goals share."""

    type: Any
    place: Place | None = None
    """Where; None leaves it to the planner."""

    def __str__(self) -> str:
        """Say the goal in words, without what was left open."""
        parts = []
        for name, value in self:
            if name == "type" or value is None or value is False:
                continue
            if name == "place":
                parts.append(str(value))
            elif value is True:
                parts.append(name.replace("_", " "))
            elif isinstance(value, float):
                parts.append(f"{name.replace('_', ' ')} {value:g}")
            else:
                parts.append(f"{name.replace('_', ' ')} {value}")
        words = str(self.type).lower().replace("_", " ")
        return f"{words}: {', '.join(parts)}" if parts else words


class BuildSmelterArray(Goal):
    """Build furnaces, fed with ore and emptied, that smelt an item at a rate."""

    type: Literal["BUILD_SMELTER_ARRAY"] = "BUILD_SMELTER_ARRAY"
    item: Literal["iron-plate", "copper-plate", "steel-plate", "stone-brick"]
    rate_per_minute: Rate | None = None
    count: Count | None = None
    """Furnaces."""
    machine: FurnaceName | None = None
    fuel: FuelName | None = None
    with_power: bool = False
    """Whether the power that it needs is to be built too."""


class ExpandMining(Goal):
    """Place drills on a resource."""

    type: Literal["EXPAND_MINING"] = "EXPAND_MINING"
    item: ResourceName
    rate_per_minute: Rate | None = None
    rate_is_total: bool = False
    """Whether the rate is what is mined then in all ("to 60"), not what is added ("by 60")."""
    count: Count | None = None
    """Drills to add."""
    machine: DrillName | None = None
    fuel: FuelName | None = None


class AutomateItem(Goal):
    """Build what makes an item, from raw materials on, at a rate."""

    type: Literal["AUTOMATE_ITEM"] = "AUTOMATE_ITEM"
    item: ItemName
    rate_per_minute: Rate | None = None
    count: Count | None = None
    """Machines that make it."""
    machine: MachineName | None = None
    with_power: bool = False


class ConnectPower(Goal):
    """Connect machines to the electric network with poles."""

    type: Literal["CONNECT_POWER"] = "CONNECT_POWER"
    target: MachineName | None = None
    """Which machines; None means all that lack power."""
    machine: MachineName | None = None
    """Which pole."""


class BuildPower(Goal):
    """Build a power plant."""

    type: Literal["BUILD_POWER"] = "BUILD_POWER"
    watts: Annotated[float, Field(gt=0, le=MAX_WATTS)] | None = None
    count: Count | None = None
    """Generators."""
    machine: MachineName | None = None
    fuel: FuelName | None = None


class Defend(Goal):
    """Defend a place with turrets."""

    type: Literal["DEFEND"] = "DEFEND"
    count: Count | None = None
    """Turrets."""
    machine: MachineName | None = None
    ammo: AmmoName | None = None


class Research(Goal):
    """Research a technology, and what it needs before."""

    type: Literal["RESEARCH"] = "RESEARCH"
    technology: TechnologyName


class Explore(Goal):
    """Walk to where the map is unknown, in a direction or until something is found."""

    type: Literal["EXPLORE"] = "EXPLORE"
    direction: Direction | None = None
    distance_tiles: Annotated[float, Field(gt=0, le=10_000)] | None = None
    item: ResourceName | Literal["water"] | None = None
    """What is looked for."""


class Gather(Goal):
    """Collect a raw material by hand."""

    type: Literal["GATHER"] = "GATHER"
    item: Literal["coal", "copper-ore", "iron-ore", "stone", "wood"]
    count: Count | None = None


class Craft(Goal):
    """Craft an item by hand, and what it is made of."""

    type: Literal["CRAFT"] = "CRAFT"
    item: ItemName
    count: Count = 1


class PlaceEntity(Goal):
    """Build single machines, unconnected."""

    type: Literal["PLACE_ENTITY"] = "PLACE_ENTITY"
    machine: MachineName
    count: Count = 1
    direction: Direction | None = None
    """Where it faces."""


class Remove(Goal):
    """Take machines away and carry them."""

    type: Literal["REMOVE"] = "REMOVE"
    machine: MachineName
    count: Count | None = None
    """How many; None means one, the nearest to the place."""
    is_all: bool = False


class MoveTo(Goal):
    """Walk to a place."""

    type: Literal["MOVE_TO"] = "MOVE_TO"
    place: Place


class ClearArea(Goal):
    """Take away trees and rocks from an area with its middle at the place."""

    type: Literal["CLEAR_AREA"] = "CLEAR_AREA"
    width_tiles: Side | None = None
    height_tiles: Side | None = None


class Insert(Goal):
    """Put carried items into machines."""

    type: Literal["INSERT"] = "INSERT"
    item: ItemName
    count: Count | None = None
    """How many into each; None means a stack, or as many as fit."""
    target: MachineName
    is_all: bool = False
    """Whether into every such machine, not the nearest alone."""


class Take(Goal):
    """Take items out of machines."""

    type: Literal["TAKE"] = "TAKE"
    item: ItemName | None = None
    count: Count | None = None
    target: MachineName
    is_all: bool = False
    """Whether out of every such machine, not the nearest alone."""


class Transfer(Goal):
    """Carry items from one machine to another."""

    type: Literal["TRANSFER"] = "TRANSFER"
    item: ItemName
    count: Count | None = None
    source: MachineName
    target: MachineName


class SetRecipe(Goal):
    """Set what machines make."""

    type: Literal["SET_RECIPE"] = "SET_RECIPE"
    machine: MachineName
    recipe: RecipeName
    is_all: bool = False
    """Whether of every such machine, not the nearest alone."""


class ConnectBelt(Goal):
    """Connect machines by belts and inserters."""

    type: Literal["CONNECT_BELT"] = "CONNECT_BELT"
    source: MachineName | ResourceName
    target: MachineName
    item: ItemName | None = None
    machine: MachineName | None = None
    """Which belt."""


class Wait(Goal):
    """Let time pass."""

    type: Literal["WAIT"] = "WAIT"
    ticks: Annotated[int, Field(gt=0, le=MAX_WAIT_TICKS)]


AnyGoal: TypeAlias = Annotated[
    BuildSmelterArray
    | ExpandMining
    | AutomateItem
    | ConnectPower
    | BuildPower
    | Defend
    | Research
    | Explore
    | Gather
    | Craft
    | PlaceEntity
    | Remove
    | MoveTo
    | ClearArea
    | Insert
    | Take
    | Transfer
    | SetRecipe
    | ConnectBelt
    | Wait,
    Field(discriminator="type"),
]
"""Any goal, told apart by `type`; for fields of other models and for schemas."""

_ADAPTER: TypeAdapter[AnyGoal] = TypeAdapter(AnyGoal)


def goal_from_dict(data: dict[str, Any]) -> AnyGoal:
    """Make the goal of what `to_dict` returned, or of what a model wrote by `goal_schema`.

    Raises:
        pydantic.ValidationError: A value is unknown, missing or out of range.
    """
    return _ADAPTER.validate_python(data)


def goal_schema() -> dict[str, Any]:
    """Return the JSON schema of a goal."""
    return _ADAPTER.json_schema()
