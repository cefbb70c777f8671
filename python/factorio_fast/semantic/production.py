"""What is made and used: machine groups, the links between them, and the flows of items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factorio_fast.models import Model
from factorio_fast.semantic.facts import recipe_of, recipes
from factorio_fast.semantic.machines import productivity
from factorio_fast.semantic.network import RESEARCH, FlowNetwork
from factorio_fast.semantic.text import fit_lines, rate_text

if TYPE_CHECKING:
    from factorio_fast.semantic.network import Activity
    from factorio_fast.semantic.state import GameState

__all__ = [
    "ItemFlow",
    "Link",
    "MachineGroup",
    "ProductionAnalysis",
    "analyze_production",
    "made_and_used",
]

TICKS_PER_MINUTE = 3_600
LEAST_WINDOW_TICKS = 60
"""Two looks that are closer than a second measure nothing."""


class MachineGroup(Model):
    """Machines of a kind that make the same."""

    name: str
    product: str
    """What they make, mine or research."""
    units: tuple[int, ...]
    statuses: dict[str, int]
    rate_per_minute: float
    """What they make of the product, by the flows."""
    possible_per_minute: float
    """What they could with power, fuel, ingredients and room."""
    measured_per_minute: float | None = None
    """What they made between two looks."""

    @property
    def share(self) -> float:
        """How much of what they could they do."""
        return self.rate_per_minute / self.possible_per_minute if self.possible_per_minute else 0.0


class Link(Model):
    """An inserter or drill that hands items on, or a stretch of belt."""

    kind: str
    """`inserter`, `drill` or `belt`."""
    name: str
    units: tuple[int, ...]
    source: str | None = None
    target: str | None = None
    items: dict[str, float]
    """Items a minute."""
    capacity_per_minute: float

    @property
    def load(self) -> float:
        """The share of its capacity that is used."""
        total = sum(self.items.values())
        return total / self.capacity_per_minute if self.capacity_per_minute else 0.0


class ItemFlow(Model):
    """What happens to one item, a minute."""

    item: str
    made: float
    used: float
    measured_made: float | None = None
    """Between two looks."""
    measured_used: float | None = None

    @property
    def net(self) -> float:
        """What piles up."""
        return self.made - self.used


class ProductionAnalysis(Model):
    """The flow graph of a world."""

    groups: tuple[MachineGroup, ...]
    links: tuple[Link, ...]
    flows: tuple[ItemFlow, ...]
    products_per_minute: dict[str, float]
    """What piles up in chests and machines, or is researched."""
    window_ticks: int | None = None
    """The time between the two looks that measured rates are of."""

    def flow(self, item: str) -> ItemFlow | None:
        """Return what happens to an item."""
        return next((flow for flow in self.flows if flow.item == item), None)

    def to_text(self, max_tokens: int = 400) -> str:
        """Render it: products, then groups by how idle they are, then full links."""
        if not self.groups:
            return "nothing is produced: there are no machines"
        products = ", ".join(
            f"{item} {rate_text(rate)}"
            for item, rate in sorted(self.products_per_minute.items(), key=lambda pair: -pair[1])
        )
        lines = [f"products: {products or 'none'}"]
        for group in sorted(self.groups, key=lambda group: group.share):
            statuses = ", ".join(f"{count} {name}" for name, count in group.statuses.items())
            lines.append(
                f"{len(group.units)} {group.name} making {group.product}: "
                f"{rate_text(group.rate_per_minute)} of {rate_text(group.possible_per_minute)} "
                f"({statuses})"
            )
        # A drill that has nowhere better to give is always at its limit.
        full = [link for link in self.links if link.load > FULL_LOAD and link.kind != "drill"]
        lines += [
            f"{link.name} from {link.source} to {link.target} is at its limit of "
            f"{rate_text(link.capacity_per_minute)}"
            for link in full
        ]
        return fit_lines(lines, max_tokens)


FULL_LOAD = 0.95


def analyze_production(state: GameState, before: GameState | None = None) -> ProductionAnalysis:
    """Analyze the flows of a world.

    Args:
        state: the world.
        before: an earlier look at it, for measured rates.
    """
    network = FlowNetwork(state)
    window = state.tick - before.tick if before is not None else 0
    if before is None or window < LEAST_WINDOW_TICKS:
        before, window = None, 0
    return ProductionAnalysis(
        groups=tuple(_groups(network, before, window)),
        links=tuple(_links(network)),
        flows=tuple(_flows(network, before, window)),
        products_per_minute=network.products(),
        window_ticks=window or None,
    )


def _amount(network: FlowNetwork, activity: Activity) -> float:
    """Return how much of its item one run of an activity makes."""
    if activity.kind != "craft" or activity.recipe is None:
        return 1.0
    bonus = 1.0 + productivity(network.units[activity.unit])
    return recipe_of(activity.recipe).results[activity.item] * bonus


def _groups(network: FlowNetwork, before: GameState | None, window: int) -> list[MachineGroup]:
    groups: dict[tuple[str, str, str | None], list[Activity]] = {}
    for activity in network.activities:
        if activity.kind in {"craft", "mine", "research"}:
            key = (network.name_of(activity.unit), activity.item, activity.recipe)
            groups.setdefault(key, []).append(activity)
    earlier = {entity.unit_number: entity for entity in before.entities} if before else {}
    found = []
    for group, activities in groups.items():
        units = tuple(dict.fromkeys(activity.unit for activity in activities))
        statuses: dict[str, int] = {}
        for unit in units:
            status = network.units[unit].status
            statuses[status] = statuses.get(status, 0) + 1
        measured = None
        if window and activities[0].kind == "craft":
            crafts = sum(
                network.units[unit].products_finished - earlier[unit].products_finished
                for unit in units
                if unit in earlier
            )
            measured = crafts * _amount(network, activities[0]) * TICKS_PER_MINUTE / window
        found.append(
            MachineGroup(
                name=group[0],
                product=activities[0].item,
                units=units,
                statuses=statuses,
                rate_per_minute=sum(
                    network.rates[activity.index] * _amount(network, activity)
                    for activity in activities
                ),
                possible_per_minute=sum(
                    network.nominal(activity) * _amount(network, activity)
                    for activity in activities
                ),
                measured_per_minute=measured,
            )
        )
    return found


def _links(network: FlowNetwork) -> list[Link]:
    moved: dict[int, dict[str, float]] = {}
    carried: dict[int, dict[str, float]] = {}
    for activity in network.activities:
        rate = network.rates[activity.index]
        if activity.kind == "move" or (activity.kind == "mine" and activity.unit in network.arms):
            items = moved.setdefault(activity.unit, {})
        elif activity.kind == "belt":
            items = carried.setdefault(activity.unit, {})
        else:
            continue
        if rate > 0:
            items[activity.item] = items.get(activity.item, 0.0) + rate
    links = []
    for unit, items in moved.items():
        arm = network.arms[unit]
        is_drill = arm.entity.type == "mining-drill"
        capacity = sum(items.values()) if is_drill else network.arm_per_minute(unit)
        links.append(
            Link(
                kind="drill" if is_drill else "inserter",
                name=network.name_of(unit),
                units=(unit,),
                source="ground" if is_drill else _end(network, arm.source, bool(arm.source_runs)),
                target=_end(network, arm.target, arm.target_run is not None),
                items=items,
                capacity_per_minute=capacity,
            )
        )
    for number, items in carried.items():
        run = network.belts.runs[number]
        links.append(
            Link(
                kind="belt",
                name=network.name_of(run.units[0]),
                units=tuple(run.units),
                source="belt",
                target="belt",
                items=items,
                capacity_per_minute=run.per_minute,
            )
        )
    return links


def _end(network: FlowNetwork, unit: int | None, is_belt: bool) -> str | None:  # noqa: FBT001 - private
    if is_belt:
        return "belt"
    return network.name_of(unit) if unit is not None else None


def _flows(network: FlowNetwork, before: GameState | None, window: int) -> list[ItemFlow]:
    made, used = made_and_used(network)
    after = network.state.production

    def measured(now: dict[str, int], then: dict[str, int], item: str) -> float:
        return (now.get(item, 0) - then.get(item, 0)) * TICKS_PER_MINUTE / window

    names = dict.fromkeys([*made, *used])
    if before is not None:
        names |= dict.fromkeys(after.items_made)
    return [
        ItemFlow(
            item=item,
            made=made.get(item, 0.0),
            used=used.get(item, 0.0),
            measured_made=measured(after.items_made, before.production.items_made, item)
            if before is not None and item != RESEARCH
            else None,
            measured_used=measured(after.items_used, before.production.items_used, item)
            if before is not None and item != RESEARCH
            else None,
        )
        for item in names
    ]


def made_and_used(network: FlowNetwork) -> tuple[dict[str, float], dict[str, float]]:
    """Sum what activities make and use, by item."""
    made: dict[str, float] = {}
    used: dict[str, float] = {}

    def add(totals: dict[str, float], item: str, rate: float) -> None:
        totals[item] = totals.get(item, 0.0) + rate

    for activity in network.activities:
        rate = network.rates[activity.index]
        if activity.kind in {"mine", "research"}:
            add(made, activity.item, rate)
        elif activity.kind == "craft" and activity.recipe is not None:
            recipe = recipes()[activity.recipe]
            for item, amount in recipe.results.items():
                add(made, item, rate * amount * (1.0 + productivity(network.units[activity.unit])))
            for item, amount in recipe.ingredients.items():
                add(used, item, rate * amount)
    for key, takers in network.takers.items():
        packs = [pair for pair in takers if network.activities[pair[0]].kind == "research"]
        for index, amount in packs:
            add(used, key[2], network.rates[index] * amount)
    return made, used
