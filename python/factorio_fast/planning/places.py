"""Where a goal is to happen, in words that a map turns into a position later."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from factorio_fast.models import Model
from factorio_fast.planning.names import machine_names, resource_names

__all__ = ["DIRECTIONS", "LANDMARKS", "MAX_COORDINATE_TILES", "Direction", "Place"]

MAX_COORDINATE_TILES = 1_000_000.0
"""The game's map ends a million tiles from its middle."""

Direction = Literal[
    "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"
]
DIRECTIONS: tuple[Direction, ...] = (
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
)
HEADINGS: dict[str, tuple[float, float]] = {
    "north": (0.0, -1.0),
    "northeast": (0.7071, -0.7071),
    "east": (1.0, 0.0),
    "southeast": (0.7071, 0.7071),
    "south": (0.0, 1.0),
    "southwest": (-0.7071, 0.7071),
    "west": (-1.0, 0.0),
    "northwest": (-0.7071, -0.7071),
}
"""Unit vectors of the directions, south positive."""
LANDMARKS = frozenset({"base", "spawn", "water", "trees", "rocks", "nest", "character"})
"""Targets that are neither a resource nor a machine; the base is what stands of the player."""

Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE_TILES, le=MAX_COORDINATE_TILES)]


class Place(Model):
    """A place: near something, in a direction of something, at coordinates, or here.

    Example:
        >>> from factorio_fast.planning.places import Place
        >>> print(Place(kind="direction", direction="east", target="base", distance_tiles=20))
        20 tiles east of the base
        >>> print(Place.near("iron-ore"))
        near the iron-ore
    """

    kind: Literal["near", "direction", "at", "here"]
    target: str | None = None
    """What it is near or in a direction of: a resource, a machine, or one of `LANDMARKS`."""
    direction: Direction | None = None
    distance_tiles: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """How far in that direction; None leaves it to the planner."""
    position: tuple[Coordinate, Coordinate] | None = None
    """Tiles east and south of the spawn point."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        wanted = {
            "near": {"target"},
            "direction": {"target", "direction"},
            "at": {"position"},
            "here": set[str](),
        }[self.kind]
        optional = {"distance_tiles"} if self.kind == "direction" else set[str]()
        given = {name for name, value in self if value is not None} - {"kind"}
        if given - optional != wanted:
            names = " and ".join(sorted(wanted)) or "nothing else"
            raise ValueError(f'a place of kind "{self.kind}" needs {names}, not {sorted(given)}')
        if self.target is not None:
            known = LANDMARKS | resource_names() | machine_names()
            if self.target not in known:
                raise ValueError(f'"{self.target}" is no resource, no machine and no landmark')
        return self

    @classmethod
    def near(cls, target: str) -> Place:
        """Return the place near a resource, a machine or a landmark."""
        return cls(kind="near", target=target)

    @classmethod
    def at(cls, x: float, y: float) -> Place:
        """Return the place at coordinates."""
        return cls(kind="at", position=(x, y))

    @classmethod
    def toward(
        cls, direction: Direction, target: str = "base", *, distance_tiles: float | None = None
    ) -> Place:
        """Return the place in a direction of something."""
        return cls(
            kind="direction", direction=direction, target=target, distance_tiles=distance_tiles
        )

    @classmethod
    def here(cls) -> Place:
        """Return the place where the character stands."""
        return cls(kind="here")

    def __str__(self) -> str:
        """Say the place in words."""
        if self.position is not None:
            return f"at ({self.position[0]:g}, {self.position[1]:g})"
        if self.direction is not None:
            distance = f"{self.distance_tiles:g} tiles " if self.distance_tiles else ""
            return f"{distance}{self.direction} of the {self.target}"
        return f"near the {self.target}" if self.target is not None else "here"
