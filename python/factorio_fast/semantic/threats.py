"""Nests, pollution, what attacks may come, and what stands against them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from factorio_fast import prototypes
from factorio_fast.models import Model
from factorio_fast.semantic.facts import entity_facts
from factorio_fast.semantic.state import CHUNK_TILES
from factorio_fast.semantic.text import fit_lines, place_text

if TYPE_CHECKING:
    from factorio_fast.semantic.state import EntityState, GameState

__all__ = ["NestThreat", "ThreatAssessment", "assess_threats"]

Level = Literal["none", "low", "medium", "high"]

TICKS_PER_MINUTE = 3_600
NEAR_TILES = 100.0
"""A nest as near as this is reached by pollution before long."""
MAX_LISTED_NESTS = 20
SHOTS_PER_SECOND = 10.0
"""Of a gun turret (row TUR-rate)."""
MIN_SECONDS_TO_KILL = 20.0
"""What attackers may take of the turrets' time before they count as too many for them."""


class NestThreat(Model):
    """A spawner or worm."""

    name: str
    position: tuple[float, float]
    distance_tiles: float
    """To the nearest building, or to the character where there is none."""
    pollution: float
    """In its chunk."""


class ThreatAssessment(Model):
    """What may attack."""

    level: Level
    evolution: float
    n_spawners: int
    n_worms: int
    nests: tuple[NestThreat, ...]
    """The nearest first, at most 20."""
    pollution_reach_tiles: float
    """From the middle of the buildings to the farthest polluted chunk."""
    pollution_per_minute: float
    """What the machines give off while they work as now."""
    n_polluted_spawners: int
    attacker: str | None = None
    """What spawners mostly send at this evolution."""
    attackers_expected: float
    """How many the pollution at the spawners is enough for."""
    minutes_to_pollution: float | None = None
    """Until the pollution is at the nearest spawner, by how fast it spread between two looks."""
    n_units_near: int
    """Biters and spitters within 100 tiles of buildings."""
    seconds_to_arrival: float | None = None
    """Until the nearest of them is there."""
    n_turrets: int
    n_armed_turrets: int
    rounds: int
    damage_per_second: float
    """Of all armed turrets together."""
    is_defended: bool
    """Whether the turrets kill what is expected in 20 seconds."""

    def to_text(self, max_tokens: int = 200) -> str:
        """Render it, the most urgent first."""
        lines = [f"threat: {self.level}, evolution {self.evolution:.1%}"]
        if self.n_units_near:
            when = f", there in {self.seconds_to_arrival:.0f} s" if self.seconds_to_arrival else ""
            lines.append(f"{self.n_units_near} enemies near{when}")
        if self.n_polluted_spawners:
            lines.append(
                f"pollution is at {self.n_polluted_spawners} spawners: enough for "
                f"{self.attackers_expected:.0f} {self.attacker}"
            )
        elif self.minutes_to_pollution is not None:
            lines.append(f"pollution is at the nearest nest in {self.minutes_to_pollution:.0f} min")
        lines.append(
            f"{self.n_armed_turrets} of {self.n_turrets} turrets armed, {self.rounds} rounds, "
            f"{self.damage_per_second:.0f} damage/s: "
            f"{'enough' if self.is_defended else 'not enough'}"
        )
        if self.nests:
            nearest = self.nests[0]
            lines.append(
                f"{self.n_spawners} spawners and {self.n_worms} worms known; the nearest, "
                f"{nearest.name} at {place_text(nearest.position)}, is "
                f"{nearest.distance_tiles:.0f} tiles off"
            )
        else:
            lines.append("no nests known")
        lines.append(
            f"pollution {self.pollution_per_minute:.0f}/min, "
            f"reaching {self.pollution_reach_tiles:.0f} tiles"
        )
        return fit_lines(lines, max_tokens)


def assess_threats(state: GameState, before: GameState | None = None) -> ThreatAssessment:
    """Assess what may attack.

    Args:
        state: the world.
        before: an earlier look at it, by which the spread of pollution is reckoned.
    """
    buildings = [entity.position for entity in state.entities] or [state.character.position]
    chunks = {(x, y): amount for x, y, amount in state.pollution}
    nests = sorted(
        (
            NestThreat(
                name=nest.name,
                position=nest.position,
                distance_tiles=_nearest(nest.position, buildings),
                pollution=chunks.get(_chunk_of(nest.position), 0.0),
            )
            for nest in state.nests
        ),
        key=lambda nest: nest.distance_tiles,
    )
    spawners = [nest for nest in nests if "spawner" in nest.name]
    polluted = [nest for nest in spawners if nest.pollution > 0]
    attacker = _attacker(spawners[0].name, state.evolution) if spawners else None
    # Spawners of a chunk share its pollution.
    reserve = sum({_chunk_of(nest.position): nest.pollution for nest in polluted}.values())
    expected = reserve / _pollution_cost(attacker) if attacker else 0.0
    near = [
        (distance, unit.name)
        for unit in state.units
        if (distance := _nearest(unit.position, buildings)) <= NEAR_TILES
    ]
    turrets = state.of_type("ammo-turret", "electric-turret", "fluid-turret")
    armed = [turret for turret in turrets if _is_armed(turret)]
    damage = sum(_damage_per_second(turret) for turret in armed)
    n_expected = max(expected, float(len(near)))
    health = n_expected * _health(near[0][1] if near else attacker)
    is_defended = health <= damage * MIN_SECONDS_TO_KILL
    return ThreatAssessment(
        level=_level(spawners, polluted, n_near=len(near), is_defended=is_defended),
        evolution=state.evolution,
        n_spawners=len(spawners),
        n_worms=len(nests) - len(spawners),
        nests=tuple(nests[:MAX_LISTED_NESTS]),
        pollution_reach_tiles=_reach(state),
        pollution_per_minute=sum(_emission(entity) for entity in state.entities),
        n_polluted_spawners=len(polluted),
        attacker=attacker,
        attackers_expected=expected,
        minutes_to_pollution=_minutes_to_pollution(state, before, spawners),
        n_units_near=len(near),
        seconds_to_arrival=_seconds_to_arrival(near),
        n_turrets=len(turrets),
        n_armed_turrets=len(armed),
        rounds=sum(turret.rounds for turret in turrets),
        damage_per_second=damage,
        is_defended=is_defended,
    )


def _level(
    spawners: list[NestThreat], polluted: list[NestThreat], *, n_near: int, is_defended: bool
) -> Level:
    if n_near or polluted:
        return "low" if is_defended else "high"
    if spawners and spawners[0].distance_tiles <= NEAR_TILES:
        return "medium"
    return "low" if spawners else "none"


def _distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    return math.hypot(first[0] - second[0], first[1] - second[1])


def _nearest(position: tuple[float, float], others: list[tuple[float, float]]) -> float:
    return min(_distance(position, other) for other in others)


def _chunk_of(position: tuple[float, float]) -> tuple[int, int]:
    return math.floor(position[0] / CHUNK_TILES), math.floor(position[1] / CHUNK_TILES)


def _middle(state: GameState) -> tuple[float, float]:
    entities = state.entities
    if not entities:
        return state.character.position
    return (
        sum(entity.position[0] for entity in entities) / len(entities),
        sum(entity.position[1] for entity in entities) / len(entities),
    )


def _reach(state: GameState) -> float:
    middle = _middle(state)
    half = CHUNK_TILES / 2
    return max(
        (
            _distance(middle, (x * CHUNK_TILES + half, y * CHUNK_TILES + half))
            for x, y, _ in state.pollution
        ),
        default=0.0,
    )


def _minutes_to_pollution(
    state: GameState, before: GameState | None, spawners: list[NestThreat]
) -> float | None:
    if not spawners or any(nest.pollution > 0 for nest in spawners):
        return 0.0 if spawners else None
    if before is None or before.tick >= state.tick:
        return None
    grown = _reach(state) - _reach(before)
    if grown <= 0:
        return None
    middle = _middle(state)
    left = min(_distance(middle, nest.position) for nest in spawners) - _reach(state)
    return max(left, 0.0) / grown * (state.tick - before.tick) / TICKS_PER_MINUTE


def _attacker(spawner: str, evolution: float) -> str | None:
    """Return what a spawner sends most of at an evolution."""
    weights = {
        str(name): _weight(points, evolution)
        for name, points in entity_facts(spawner).get("result_units", ())
    }
    return max(weights, key=lambda name: weights[name], default=None)


def _weight(points: list[list[float]], evolution: float) -> float:
    """Interpolate a weight between points of (evolution, weight)."""
    if evolution <= points[0][0]:
        return points[0][1] if evolution == points[0][0] else 0.0
    for (left, low), (right, high) in pairwise(points):
        if left <= evolution <= right:
            return low + (high - low) * (evolution - left) / (right - left)
    return points[-1][1]


def _pollution_cost(unit: str | None) -> float:
    costs = entity_facts(unit).get("absorptions_to_join_attack", {}) if unit else {}
    return float(costs.get("pollution", 1.0))


def _health(unit: str | None) -> float:
    return float(entity_facts(unit)["max_health"]) if unit else 0.0


def _seconds_to_arrival(near: list[tuple[float, str]]) -> float | None:
    if not near:
        return None
    distance, name = min(near)
    return distance / (float(entity_facts(name)["movement_speed"]) * 60.0)


def _is_armed(turret: EntityState) -> bool:
    if turret.type == "ammo-turret":
        return turret.rounds > 0
    return turret.status not in {"no-power", "no-ingredients"}


def _damage_per_second(turret: EntityState) -> float:
    """Return what a turret does to what has no armour; bonuses of research are left out."""
    if turret.type != "ammo-turret":
        attack = entity_facts(turret.name).get("attack_parameters", {})
        return 60.0 / float(attack.get("cooldown", 60)) * BEAM_DAMAGE
    damages = [_magazine_damage(item) for item in turret.items()]
    return max(damages, default=LEAST_DAMAGE) * SHOTS_PER_SECOND


BEAM_DAMAGE = 20.0
LEAST_DAMAGE = 5.0
"""A bullet of a firearm magazine; a turret may have rounds left of a magazine that is gone."""


def _magazine_damage(item: str) -> float:
    """Find the damage of a bullet in the prototype of its magazine."""
    found: list[float] = []

    def search(value: object) -> None:
        if isinstance(value, dict):
            damage = value.get("damage")
            if isinstance(damage, dict) and "amount" in damage:
                found.append(float(damage["amount"]))
            for part in value.values():
                search(part)
        elif isinstance(value, list):
            for part in value:
                search(part)

    search(prototypes.get("item", item))
    return max(found, default=LEAST_DAMAGE)


def _emission(entity: EntityState) -> float:
    """Return the pollution of a machine that works, a minute."""
    if entity.status not in {"working", "low-power"}:
        return 0.0
    source = entity_facts(entity.name).get("energy_source", {})
    return float(source.get("emissions_per_minute", {}).get("pollution", 0.0))
