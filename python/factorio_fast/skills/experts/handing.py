"""Handing items over: transfers, laboratories, turrets."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast import prototypes
from factorio_fast.coordination.tasks import SkillStatus
from factorio_fast.errors import UnknownNameError
from factorio_fast.skills.agent import SkillError
from factorio_fast.skills.economy import keep_fuelled, obtain
from factorio_fast.skills.experts.building import place_entities
from factorio_fast.skills.experts.registry import expert
from factorio_fast.skills.experts.values import counted, placed, point

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from factorio_fast._core import Entity
    from factorio_fast.skills.agent import Agent

__all__ = ["defend", "insert", "research", "take", "transfer"]

MAX_RESEARCH_IDLE_SECONDS = 240.0


@expert("INSERT")
def insert(agent: Agent, *, target: Any, items: Mapping[str, int]) -> dict[str, Any]:
    """Put carried items into the machine at a position."""
    wanted = counted(items)
    lacking = +(wanted - agent.inventory)
    if lacking:
        raise SkillError.refused(f"not carried: {dict(lacking)}")
    entity = machine_at(agent, point(target))
    agent.approach(entity.position)
    given = {item: agent.insert(entity.unit_number, item, n) for item, n in wanted.items()}
    short = {item: wanted[item] - n for item, n in given.items() if n < wanted[item]}
    if short:
        raise SkillError.failed(f"{entity.name} has no room for {short} more")
    return {"inserted": given}


@expert("TAKE")
def take(agent: Agent, *, target: Any, items: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Take items, or all that can be taken, out of the machine at a position."""
    wanted = counted(items) if items else None
    entity = machine_at(agent, point(target))
    agent.approach(entity.position)
    before = agent.inventory
    if wanted is None:
        reason = agent.do("take", entity.unit_number)
        if reason is not None:
            raise SkillError.failed(f"{entity.name} gives nothing: {reason}")
    else:
        for item, count in wanted.items():
            if agent.take(entity.unit_number, item, count) < count:
                raise SkillError.failed(f"{entity.name} has less than {count} {item}")
    return {"taken": dict(agent.inventory - before)}


@expert("TRANSFER")
def transfer(agent: Agent, *, source: Any, target: Any, items: Mapping[str, int]) -> dict[str, Any]:
    """Carry items from the machine at one position to that at another."""
    wanted = counted(items)
    machine_at(agent, point(target))
    take(agent, target=source, items=wanted)
    insert(agent, target=target, items=wanted)
    return {"moved": dict(wanted)}


@expert("RESEARCH")
def research(
    agent: Agent, *, technology: str, labs: Iterable[Any], with_packs: bool = True
) -> dict[str, Any]:
    """Research a technology in the laboratories at some positions, to its end.

    Args:
        agent: who does it.
        technology: what to research; what it needs must be researched before.
        labs: where the laboratories stand.
        with_packs: whether missing packs are made by hand; otherwise the laboratories must be fed.
    """
    try:
        facts = prototypes.get("technology", technology)
    except UnknownNameError as error:
        raise SkillError.refused(str(error)) from error
    world = agent.look()
    if world.is_researched(technology):
        return {"researched": technology}
    unmet = [name for name in facts.get("prerequisites", ()) if not world.is_researched(name)]
    if unmet:
        raise SkillError.refused(f'"{technology}" needs {", ".join(unmet)} first')
    if "unit" not in facts:
        raise SkillError.refused(f'"{technology}" comes by {facts["research_trigger"]["type"]}')
    positions = [point(lab) for lab in labs]
    if not positions:
        raise SkillError.refused("say where the laboratories stand")
    machines = [machine_at(agent, position, "lab") for position in positions]
    current = world.current_research
    if current is None or current[0] != technology:
        reason = agent.do("research", technology)
        if reason is not None:
            raise SkillError.failed(f'research of "{technology}" is refused: {reason}')
    done = current[1] if current is not None and current[0] == technology else 0.0
    if with_packs:
        n_units = facts["unit"]["count"]
        left = n_units - int(done * n_units)
        packs = Counter({name: left * n for name, n in facts["unit"]["ingredients"]})
        for lab in machines:
            packs -= Counter(lab.inventory())
        obtain(agent, +packs)
        feed(agent, [(lab.unit_number, lab.position) for lab in machines], +packs)
    await_research(agent, technology)
    return {"researched": technology}


def feed(agent: Agent, labs: list[tuple[int, tuple[float, float]]], packs: Counter[str]) -> None:
    """Spread packs over laboratories."""
    for number, (unit, position) in enumerate(labs):
        agent.approach(position)
        for item in packs:
            share = -(-packs[item] // (len(labs) - number))
            if share:
                packs[item] -= agent.insert(unit, item, share)
    if +packs:
        raise SkillError.failed(f"the laboratories have no room for {dict(+packs)}")


def await_research(agent: Agent, technology: str) -> None:
    """Wait until a technology is researched, keeping the power plant fuelled.

    Raises:
        SkillError: the laboratories stand still.
    """
    last, since = -1.0, agent.tick
    while not agent.look().is_researched(technology):
        agent.wait(2.0)
        keep_fuelled(agent)
        current = agent.look().current_research
        if current is not None and current[1] > last:
            last, since = current[1], agent.tick
        if agent.tick - since > 60 * MAX_RESEARCH_IDLE_SECONDS:
            raise SkillError.failed(
                f'"{technology}" stands still at {max(last, 0.0):.0%}: no power or no packs'
            )


@expert("DEFEND")
def defend(
    agent: Agent,
    *,
    blueprint: Iterable[Any],
    ammo: str = "firearm-magazine",
    rounds: int = 10,
) -> dict[str, Any]:
    """Build turrets as a blueprint says and load each with so many magazines."""
    parts = placed(blueprint)
    lacking = counted({ammo: rounds * len(parts)}) - agent.inventory
    if lacking:
        raise SkillError.refused(f"the turrets need {dict(lacking)} more than is carried")
    place_entities(agent, blueprint=parts)
    for part in parts:
        insert(agent, target=part.position, items={ammo: rounds})
    return {"turrets": len(parts)}


def machine_at(agent: Agent, position: tuple[float, float], name: str | None = None) -> Entity:
    """Return the machine at a position.

    Raises:
        SkillError: there is none.
    """
    entity = agent.at(position, name)
    if entity is None:
        raise SkillError(SkillStatus.WORLD_CHANGED, f"no {name or 'machine'} stands at {position}")
    return entity
