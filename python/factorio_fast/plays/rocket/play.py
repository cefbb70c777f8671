"""From an empty hand to a rocket: the whole game, played by a script in the simulation.

Everything is done by the character's own commands. It gathers by hand, builds burner drills, then
electricity, laboratories and machines as technologies allow, is the transport of its base, and at
last builds the silo, fills it and launches the rocket.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from factorio_fast import prototypes
from factorio_fast.errors import ActionRejectedError
from factorio_fast.plays.base import Base, Need
from factorio_fast.plays.errors import PlayError
from factorio_fast.plays.player import Player
from factorio_fast.plays.recipes import can_craft, recipe_of, shortages
from factorio_fast.plays.rocket.plan import make_plan
from factorio_fast.plays.rocket.schedule import LOOK_AHEAD, PROJECTS, RESEARCH
from factorio_fast.plays.rocket.terrain import COPPER, FUEL_COAL, GROVE, IRON, STONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from factorio_fast._core import Entity, World
    from factorio_fast.plays.rocket.plan import Plan
    from factorio_fast.plays.site import Cell

__all__ = ["RocketPlay"]

LAUNCH_LIMIT_SECONDS = 36_000
"""So long a complete base may take from the silo to the launch."""

PARTS_OF_A_ROCKET = 100
"""Rocket parts of a rocket (Factorio 2.0.77 prototype data, `rocket_parts_required`)."""

SCARCE_COAL = 20
"""With less than this, and no electric drills on coal, it is mined by hand."""

HAND_MINED = {"stone": STONE, "coal": FUEL_COAL, "iron-ore": IRON, "copper-ore": COPPER}
FIRST_PLATES = 12
"""Iron plates smelted by hand, for the first burner drill."""

FIRST_PACKS = 10
"""Science packs crafted by hand, for the technology of machines that craft them."""


@dataclass
class RocketPlay:
    """The play, from its start to the launch.

    Args:
        world: the world to play in, as `make_world` makes it.
        tell: called with a line of text for everything that a person who watches should know.
    """

    world: World
    tell: Callable[[str], None] = lambda _: None
    player: Player = field(init=False)
    base: Base = field(init=False)
    plan: Plan = field(init=False)
    n_built: Counter[str] = field(default_factory=Counter)
    silo: Entity | None = None

    def __post_init__(self) -> None:
        """Make the plan; nothing is done yet."""
        self.player = Player(self.world)
        self.base = Base(self.player)
        self.plan = make_plan()

    def play(self) -> None:
        """Play to the launch of the rocket.

        Raises:
            PlayError: something cannot be done.
        """
        self.smelt_first_plates()
        while (project := self.next_project()) is not None:
            name, cell = project
            self.build(name, cell)
            if name == "labs" and self.n_built["labs"] == 1:
                self.obtain(Counter({"automation-science-pack": FIRST_PACKS}))
        self.launch()

    # --- The first minutes -----------------------------------------------------------------------

    def smelt_first_plates(self) -> None:
        """Gather by hand what the first burner drill takes."""
        self.fell(2)
        self.gather("stone", 10)
        self.gather("coal", 6)
        first = self.plan.cells["burner iron"][0]
        furnace = next(part for part in first.parts if part.item == "stone-furnace")
        self.player.craft("stone-furnace", 1)
        self.gather("iron-ore", FIRST_PLATES)
        oven = self.player.build("stone-furnace", (furnace.x, furnace.y))
        self.player.insert(oven, "coal", 2)
        self.player.insert(oven, "iron-ore", FIRST_PLATES)
        while self.player.count("iron-plate") < FIRST_PLATES:
            self.player.wait(4)
            self.player.take(oven)
        self.player.clear(oven)
        self.player.craft("burner-mining-drill", 1)

    def gather(self, item: str, count: int) -> None:
        """Mine a resource by hand, at the edge of its patch."""
        (left, top), (right, bottom) = HAND_MINED[item]
        here = self.player.character.position
        tiles = ((x + 0.5, y + 0.5) for x in range(left, right) for y in range(top, bottom))
        free = (tile for tile in tiles if not self.covered(tile))
        self.player.mine(item, min(free, key=lambda tile: math.dist(tile, here)), count)

    def covered(self, position: tuple[float, float]) -> bool:
        """Whether the plan puts something on a position."""
        return (math.floor(position[0]), math.floor(position[1])) in self.plan.site.taken

    def fell(self, n_trees: int) -> None:
        """Fell the nearest trees."""
        for _ in range(n_trees):
            trees = self.world.entities("tree-01", GROVE)
            if not trees:
                raise PlayError("the grove has no more trees")
            here = self.player.character.position
            self.player.clear(min(trees, key=lambda tree: math.dist(tree.position, here)))

    # --- Building --------------------------------------------------------------------------------

    def next_project(self) -> tuple[str, Cell] | None:
        """Return the next cell that can be built, waiting for it; None when all are."""
        while True:
            left = [
                name
                for name, count in PROJECTS
                if self.n_built[name] < min(count, len(self.plan.cells[name]))
            ]
            if not left:
                return None
            for name in left[:LOOK_AHEAD]:
                cell = self.plan.cells[name][self.n_built[name]]
                if all(self.is_unlocked(item) for item in needed_recipes(cell)):
                    return name, cell
            self.serve()

    def is_unlocked(self, recipe: str) -> bool:
        """Whether a recipe may be used by now."""
        technology = unlocking().get(recipe)
        return technology is None or self.world.is_researched(technology)

    def build(self, name: str, cell: Cell) -> None:
        """Get the materials of a cell, build it, and note what it wants and gives."""
        self.obtain(cell.materials())
        for part in cell.parts:
            entity = self.player.build(
                part.item, (part.x, part.y), part.direction, recipe=part.recipe
            )
            self.base.needs += [Need(entity, want) for want in part.wants]
            if part.gives:
                self.base.outputs.append(entity)
            if name == "depot":
                self.base.depot.append(entity)
            if part.item == "rocket-silo":
                self.silo = entity
        self.n_built[name] += 1
        self.report(f"built {name} {self.n_built[name]}")

    def obtain(self, wanted: Counter[str]) -> None:
        """Get items into the inventory: from chests, by hand, else by waiting for them."""
        while True:
            used, missing = shortages(wanted, self.base.stock())
            if not missing:
                break
            # Half of what there is goes on to the machines, which may have to make what is missing.
            stock = self.base.stock()
            self.base.reserved = Counter({item: min(used[item], stock[item] // 2) for item in used})
            self.wait_for(missing)
        self.base.reserved = used
        self.base.collect(used)
        # Again, since crafting one may use up another: boilers are made of pipes.
        while lacking := wanted - self.player.inventory:
            for item, count in lacking.items():
                self.player.craft(item, count)
        self.base.reserved = Counter()

    def wait_for(self, missing: Counter[str]) -> None:
        """Do something useful about what is missing."""
        if missing["wood"]:
            self.fell(1 + missing["wood"] // 8)
        elif missing["stone"] and not self.n_built["stone"]:
            self.gather("stone", min(missing["stone"], 10))
        else:
            self.serve()

    def serve(self) -> None:
        """Carry a load, or wait for two seconds where there is none; keep the research going."""
        self.keep_researching()
        if not self.n_built["coal"] and self.base.stock()["coal"] < SCARCE_COAL:
            self.gather("coal", SCARCE_COAL)
        if not self.base.haul():
            self.player.wait(2)

    def keep_researching(self) -> None:
        """Choose the next technology when the last one is done."""
        if self.world.current_research is not None:
            return
        for technology in RESEARCH:
            if not self.world.is_researched(technology) and all(
                self.world.is_researched(name) for name in prerequisites(technology)
            ):
                self.world.start_research(technology)
                self.report(f"researching {technology}")
                return

    def report(self, line: str) -> None:
        """Tell a line, with the time."""
        seconds = int(self.player.seconds)
        self.tell(f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}  {line}")

    # --- The end ---------------------------------------------------------------------------------

    def launch(self) -> None:
        """Supply the silo until a rocket is ready, launch it, and wait until it has left.

        Raises:
            PlayError: there is no silo, or no rocket in `LAUNCH_LIMIT_SECONDS`.
        """
        if self.silo is None:
            raise PlayError("there is no rocket silo")
        limit = self.player.seconds + LAUNCH_LIMIT_SECONDS
        told = 0
        while not (self.silo.products_finished >= PARTS_OF_A_ROCKET and self.lifts_off()):
            self.serve()
            if self.silo.products_finished >= told + 10:
                told = self.silo.products_finished
                self.report(f"rocket parts made: {told} of {PARTS_OF_A_ROCKET}")
            if self.player.seconds > limit:
                raise PlayError(f"no rocket after {LAUNCH_LIMIT_SECONDS} s")
        self.report("the rocket is told to launch")
        while self.world.rockets_launched == 0 and self.player.seconds < limit:
            self.player.wait(1)
        if self.world.rockets_launched == 0:
            raise PlayError(f"no rocket after {LAUNCH_LIMIT_SECONDS} s")
        self.report("the rocket has left")

    def lifts_off(self) -> bool:
        """Try to launch; the rocket may still be rising out of the silo."""
        if self.silo is None:
            return False
        self.player.go(self.silo.position)
        try:
            self.player.character.launch_rocket(self.silo)
        except ActionRejectedError:
            return False
        return True


@cache
def unlocking() -> dict[str, str]:
    """Return the technology that unlocks each recipe that is not enabled from the start."""
    found = {}
    for technology in prototypes.names("technology"):
        for effect in prototypes.get("technology", technology).get("effects", []):
            if effect["type"] == "unlock-recipe":
                found[effect["recipe"]] = technology
    return found


def prerequisites(technology: str) -> list[str]:
    """Return the technologies that one builds on."""
    names: list[str] = prototypes.get("technology", technology).get("prerequisites", [])
    return names


def needed_recipes(cell: Cell) -> set[str]:
    """Return the recipes without which a cell cannot be built and run."""
    found: set[str] = set()

    def add(recipe: str) -> None:
        if recipe in found:
            return
        found.add(recipe)
        for ingredient in recipe_of(recipe).ingredients:
            if can_craft(ingredient):
                add(ingredient)

    for part in cell.parts:
        add(part.item)
        if part.recipe is not None:
            add(part.recipe)
    return found
