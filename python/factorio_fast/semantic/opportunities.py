"""Next steps that can be afforded, ranked by what they gain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from factorio_fast import prototypes
from factorio_fast.models import Model
from factorio_fast.planning.names import technology_names
from factorio_fast.semantic.bottlenecks import find_bottlenecks
from factorio_fast.semantic.facts import (
    entity_facts,
    mined_from,
    recipe_of,
    recipes,
    technology_packs,
    worth,
)
from factorio_fast.semantic.machines import drill_per_minute_by_name, enabled_recipes
from factorio_fast.semantic.network import RESEARCH, FlowNetwork
from factorio_fast.semantic.text import fit_lines, rate_text

if TYPE_CHECKING:
    from factorio_fast.semantic.bottlenecks import Bottleneck
    from factorio_fast.semantic.state import GameState, ResourceState

__all__ = ["Opportunity", "OpportunityReport", "find_opportunities", "missing_for"]

MAX_OPPORTUNITIES = 30
MAX_CRAFT_DEPTH = 8
NEAR_TILES = 200.0
"""Ore farther off is no next step."""
VALUE_OF_A_RECIPE = 5.0
"""What a recipe that is unlocked counts for, in raw materials a minute: a rule of thumb."""
SURPLUS_SHARE = 0.5
"""How much of the value of a product made of surplus counts: its parts are there already."""
INTERMEDIATE = frozenset({"intermediate-product", "science-pack", "raw-material"})

Kind = Literal["fix", "mine", "idle-machine", "research", "automate"]


class Opportunity(Model):
    """One step that would gain something."""

    kind: Kind
    what: str
    item: str | None = None
    """What there would be more of."""
    technology: str | None = None
    position: tuple[float, float] | None = None
    gain_per_minute: float = 0.0
    """Of the item."""
    value_per_minute: float
    """The gain in raw materials, by which steps are ranked."""
    cost: dict[str, int] = Field(default_factory=dict)
    """Items that it takes."""
    missing: dict[str, int] = Field(default_factory=dict)
    """What of that is neither carried nor can be crafted from what is carried."""

    @property
    def is_affordable(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def __str__(self) -> str:
        """Say it in a line."""
        gain = f": +{rate_text(self.gain_per_minute)} {self.item}" if self.item else ""
        costs = ", ".join(f"{count} {name}" for name, count in self.cost.items())
        lacks = ", ".join(f"{count} {name}" for name, count in self.missing.items())
        return (
            f"{self.what}{gain}"
            + (f" for {costs}" if costs else "")
            + (f" (lacks {lacks})" if lacks else "")
        )


class OpportunityReport(Model):
    """Next steps: those that can be afforded first, by value."""

    opportunities: tuple[Opportunity, ...]

    @property
    def first(self) -> Opportunity | None:
        """The best step that can be afforded."""
        return next((found for found in self.opportunities if found.is_affordable), None)

    def of_kind(self, kind: Kind) -> list[Opportunity]:
        """List the steps of a kind."""
        return [found for found in self.opportunities if found.kind == kind]

    def to_text(self, max_tokens: int = 300) -> str:
        """Render it, the best first."""
        if not self.opportunities:
            return "no next step is known"
        return fit_lines([f"- {found}" for found in self.opportunities], max_tokens)


def find_opportunities(state: GameState) -> OpportunityReport:
    """Find next steps and rank them."""
    network = FlowNetwork(state)
    bottlenecks = find_bottlenecks(state).bottlenecks
    found = [
        *(_fix(state, bottleneck) for bottleneck in bottlenecks),
        *_unused_ore(state),
        *_idle_machines(network, {unit for found in bottlenecks for unit in found.units}),
        *_technologies(state, network),
        *_surplus(state, network),
    ]
    found.sort(key=lambda step: (not step.is_affordable, -step.value_per_minute))
    return OpportunityReport(opportunities=tuple(found[:MAX_OPPORTUNITIES]))


def missing_for(state: GameState, cost: dict[str, int]) -> dict[str, int]:
    """Return what a cost lacks after crafting by hand what can be crafted of what is carried."""
    carried = dict(state.character.inventory)
    enabled = enabled_recipes(state.research.researched)
    missing: dict[str, int] = {}
    for item, count in cost.items():
        _spend(item, count, carried, enabled, missing, 0)
    return missing


def _spend(
    item: str,
    count: int,
    carried: dict[str, int],
    enabled: frozenset[str],
    missing: dict[str, int],
    depth: int,
) -> None:
    taken = min(carried.get(item, 0), count)
    carried[item] = carried.get(item, 0) - taken
    count -= taken
    if not count:
        return
    recipe = recipes().get(item)
    is_craftable = (
        recipe is not None
        and item in enabled
        and recipe.category in HAND_CATEGORIES
        and not recipe.fluids
        and depth < MAX_CRAFT_DEPTH
    )
    if recipe is None or not is_craftable:
        missing[item] = missing.get(item, 0) + count
        return
    made = recipe.results[item]
    crafts = math.ceil(count / made)
    for part, amount in recipe.ingredients.items():
        _spend(part, math.ceil(amount * crafts), carried, enabled, missing, depth + 1)
    carried[item] = carried.get(item, 0) + int(made * crafts) - count


HAND_CATEGORIES = frozenset({"crafting"})


def _fix(state: GameState, bottleneck: Bottleneck) -> Opportunity:
    n_units = len(bottleneck.units)
    cost: dict[str, int] = {}
    if bottleneck.kind == "too-few-machines":
        cost = {bottleneck.name: 1}
    elif bottleneck.kind in {"slow-inserter", "saturated-belt"}:
        better = bottleneck.fix.rsplit(" ", 1)[-1]
        cost = {better if better in recipes() else bottleneck.name: n_units}
    elif bottleneck.kind == "no-fuel":
        cost = {"coal": n_units}
    elif bottleneck.kind == "no-power":
        cost = {"small-electric-pole": 1}
    elif bottleneck.kind == "no-outlet":
        cost = {"inserter": 1}
    value = sum(
        worth(item) * gain for item, gain in bottleneck.gains_per_minute.items() if item != RESEARCH
    )
    return Opportunity(
        kind="fix",
        what=f"{bottleneck.fix} ({bottleneck.kind} at {bottleneck.name})",
        item=bottleneck.product,
        position=bottleneck.position,
        gain_per_minute=bottleneck.gain_per_minute,
        value_per_minute=value or bottleneck.gain_per_minute,
        cost=cost,
        missing=missing_for(state, cost),
    )


def _unused_ore(state: GameState) -> list[Opportunity]:
    enabled = enabled_recipes(state.research.researched)
    nearest: dict[str, ResourceState] = {}
    x, y = state.character.position

    def distance(patch: ResourceState) -> float:
        return math.hypot(patch.position[0] - x, patch.position[1] - y)

    for patch in sorted(state.resources, key=distance):
        if patch.n_drills == 0 and distance(patch) <= NEAR_TILES:
            nearest.setdefault(patch.name, patch)
    found = []
    for patch in nearest.values():
        drill = _drill_for(state, patch.name, enabled)
        if drill is None:
            continue
        item = next(iter(mined_from(patch.name)[1]))
        rate = drill_per_minute_by_name(state, drill, patch.name)
        found.append(
            Opportunity(
                kind="mine",
                what=f"put a {drill} on the {patch.name}, of which {patch.amount} lie unused",
                item=item,
                position=patch.position,
                gain_per_minute=rate,
                value_per_minute=rate * worth(item),
                cost={drill: 1},
                missing=missing_for(state, {drill: 1}),
            )
        )
    return found


def _drill_for(state: GameState, ore: str, enabled: frozenset[str]) -> str | None:
    """Return the best drill for a resource that is carried or may be made."""
    category = entity_facts(ore).get("category", "basic-solid")
    if "required_fluid" in entity_facts(ore)["minable"]:
        return None
    has_power = any(network.generator_watts + network.solar_watts > 0 for network in state.power)
    names = ("electric-mining-drill", "burner-mining-drill", "pumpjack")
    for name in names if has_power else names[1:]:
        facts = entity_facts(name)
        is_there = name in enabled or state.character.inventory.get(name, 0)
        if category in facts["resource_categories"] and is_there:
            return name
    return None


def _idle_machines(network: FlowNetwork, known: set[int]) -> list[Opportunity]:
    """List machines that do nothing and are no bottleneck: nobody gives them anything to do."""
    busy = {
        activity.unit
        for activity in network.activities
        if activity.kind != "belt" and network.rates[activity.index] > 0
    }
    groups: dict[str, list[int]] = {}
    for unit, entity in network.units.items():
        is_machine = entity.type in {"furnace", "assembling-machine", "lab"}
        if is_machine and unit not in busy and unit not in known:
            groups.setdefault(entity.name, []).append(unit)
    found = []
    for name, units in groups.items():
        first = network.units[units[0]]
        item = rate = None
        choices = network.recipes_of(units[0])
        carried = network.state.character.inventory
        ready = [recipe for recipe in choices if set(recipe.ingredients) & set(carried)]
        if choices:
            recipe = (ready or choices)[0]
            item = next(iter(recipe.results))
            speed = float(entity_facts(name).get("crafting_speed", 1.0))
            rate = 60.0 * speed / recipe.seconds * recipe.results[item] * len(units)
        cause = "has no recipe" if first.status == "no-recipe" else "has nothing to do"
        found.append(
            Opportunity(
                kind="idle-machine",
                what=f"give the {len(units)} idle {name} work: it {cause}",
                item=item,
                position=first.position,
                gain_per_minute=rate or 0.0,
                value_per_minute=(rate or 0.0) * (worth(item) if item else 0.0),
            )
        )
    return found


def _technologies(state: GameState, network: FlowNetwork) -> list[Opportunity]:
    researched = set(state.research.researched)
    made = network.products()
    has_lab = any(entity.type == "lab" for entity in state.entities)
    found = []
    for name in sorted(technology_names() - researched):
        facts = prototypes.get("technology", name)
        if not set(facts.get("prerequisites", ())) <= researched or name == state.research.current:
            continue
        units, _, packs = technology_packs(name)
        n_recipes = sum(effect["type"] == "unlock-recipe" for effect in facts.get("effects", ()))
        cost: dict[str, int] = {}
        trigger = facts.get("research_trigger", {})
        if packs:
            cost = {pack: int(amount * units) for pack, amount in packs.items()}
        elif trigger.get("item"):
            done = state.production.items_made.get(trigger["item"], 0)
            cost = {trigger["item"]: max(int(trigger.get("count", 1)) - done, 0)}
        held = _in_labs(state)
        lacking = missing_for(
            state,
            {
                item: max(count - held.get(item, 0), 0)
                for item, count in cost.items()
                if not made.get(item)
            },
        )
        if packs and not has_lab:
            lacking = lacking | {"lab": 1}
        found.append(
            Opportunity(
                kind="research",
                what=f"research {name}"
                if packs
                else f"make {trigger.get('item', 'it')} for {name}",
                technology=name,
                value_per_minute=VALUE_OF_A_RECIPE * (n_recipes + 1) / (1 + units / 100),
                cost={item: count for item, count in cost.items() if count},
                missing=lacking,
            )
        )
    return found


def _in_labs(state: GameState) -> dict[str, int]:
    held: dict[str, int] = {}
    for lab in state.of_type("lab"):
        for item, count in lab.items().items():
            held[item] = held.get(item, 0) + count
    return held


def _surplus(state: GameState, network: FlowNetwork) -> list[Opportunity]:
    """List what could be made of what piles up."""
    surplus = network.products()
    enabled = enabled_recipes(state.research.researched)
    found = []
    for name in sorted(enabled):
        recipe = recipe_of(name)
        solids = set(recipe.ingredients) - recipe.fluids
        item = next(iter(recipe.results), None)
        if not solids or recipe.fluids or item is None or surplus.get(item):
            continue
        facts = prototypes.get("item", item)
        if facts.get("subgroup") not in INTERMEDIATE or not solids <= set(surplus):
            continue
        rate = min(surplus[part] / recipe.ingredients[part] for part in solids)
        rate *= recipe.results[item]
        found.append(
            Opportunity(
                kind="automate",
                what=f"automate {item} of what piles up",
                item=item,
                gain_per_minute=rate,
                value_per_minute=rate * worth(item) * SURPLUS_SHARE,
            )
        )
    return found
