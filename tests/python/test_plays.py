"""Plays: the plan of the rocket base, the player's reckoning, the way from nothing to a rocket."""

from __future__ import annotations

from collections import Counter

import pytest

from factorio_fast import World
from factorio_fast.plays import Player, PlayError, RocketPlay, make_world
from factorio_fast.plays.base import Base, Need
from factorio_fast.plays.pipes import STEPS, Pipes, ports
from factorio_fast.plays.recipes import shortages
from factorio_fast.plays.rocket.plan import make_plan
from factorio_fast.plays.rocket.schedule import PROJECTS, RESEARCH
from factorio_fast.plays.site import Cell, Part, Site, Want


def built_by_plan() -> tuple[World, list[Part]]:
    """Return the world with everything of the plan in it, placed at once, and its parts."""
    world = make_world()
    world.enable_all_recipes()
    parts = [part for cells in make_plan().cells.values() for cell in cells for part in cell.parts]
    for part in parts:
        world.place(part.item, (part.x, part.y), part.direction, recipe=part.recipe)
    return world, parts


def add_power(world: World) -> None:
    """Give the base more electricity than it takes."""
    for number in range(8):
        world.place("electric-energy-interface", (-46, -70 + 4 * number))


def test_everything_planned_has_room_and_is_on_one_electric_network() -> None:
    """Placing raises where there is no room; a second network would be a gap between poles."""
    world, parts = built_by_plan()
    add_power(world)
    world.run(60)
    networks = world.power()
    n_poles = sum(part.item == "small-electric-pole" for part in parts)
    assert [network.poles for network in networks] == [n_poles]
    unpowered = [entity.name for entity in world.entities() if entity.status == "no-power"]
    assert unpowered == []


def test_every_machine_gets_the_fluids_of_its_recipe_and_no_others() -> None:
    """Oil, water and what is made of them reach their machines; no two fluids meet."""
    world, parts = built_by_plan()
    add_power(world)
    world.run(10 * 60 * 60)
    for part in parts:
        if part.recipe is None or part.item not in {"chemical-plant", "oil-refinery"}:
            continue
        (machine,) = world.entities(part.item, ((part.x, part.y), (part.x + 0.1, part.y + 0.1)))
        wanted = set(ports(part))
        assert set(machine.fluids()) <= wanted, part
    made = world.production().fluids_made
    # Without sulfur there is no acid; everything else flows of itself.
    expected = {"petroleum-gas", "light-oil", "heavy-oil", "lubricant"}
    assert {fluid for fluid in expected if made.get(fluid, 0) > 0} == expected


def test_projects_build_all_that_is_planned() -> None:
    """No cell of the plan is forgotten and no project names a cell that is not planned."""
    planned = make_plan().cells
    most = Counter[str]()
    for name, count in PROJECTS:
        most[name] = max(most[name], count)
    assert set(most) == set(planned)
    assert [name for name, cells in planned.items() if most[name] < len(cells)] == []


def test_research_covers_what_the_silo_builds_on() -> None:
    """Every technology that the rocket silo needs is on the list, or comes of itself."""
    from factorio_fast import prototypes

    needed: set[str] = set()

    def add(technology: str) -> None:
        if technology in needed:
            return
        needed.add(technology)
        for name in prototypes.get("technology", technology).get("prerequisites", []):
            add(name)

    add("rocket-silo")
    by_labs = {name for name in needed if "unit" in prototypes.get("technology", name)}
    assert by_labs <= set(RESEARCH)


@pytest.mark.parametrize(
    ("wanted", "stock", "used", "missing"),
    [
        ({"pipe": 4}, {"iron-plate": 9}, {"iron-plate": 4}, {}),
        (
            {"pipe": 4},
            {"pipe": 1, "iron-plate": 2},
            {"pipe": 1, "iron-plate": 2},
            {"iron-plate": 1},
        ),
        # Two belts a craft: the third belt costs a whole one.
        (
            {"transport-belt": 3},
            {"iron-plate": 20},
            {"iron-plate": 6},
            {},
        ),
        # Steam engines and boilers want the same pipes; each is counted once.
        (
            {"boiler": 1, "pipe": 4},
            {"stone-furnace": 1, "pipe": 4},
            {"stone-furnace": 1, "pipe": 4},
            {"iron-plate": 4},
        ),
        ({"steel-plate": 2}, {"iron-plate": 99}, {}, {"steel-plate": 2}),
    ],
)
def test_shortages_reckon_with_stock_and_yields(
    wanted: dict[str, int], stock: dict[str, int], used: dict[str, int], missing: dict[str, int]
) -> None:
    """What is made by hand of what, down to what hands cannot make."""
    assert shortages(wanted, Counter(stock)) == (Counter(used), Counter(missing))


def test_pipes_of_two_fluids_cross_and_keep_apart() -> None:
    """The second way dives below the first, and no pipe stands beside one of the other fluid."""
    pipes = Pipes(Site(), ((0, 0), (20, 20)))
    for net, start, end in (("water", (0, 10), (19, 10)), ("steam", (10, 0), (10, 19))):
        pipes.connect(net, start)
        pipes.connect(net, end)
    for (x, y), net in pipes.net_of.items():
        beside = {pipes.net_of.get((x + dx, y + dy), net) for dx, dy in STEPS.values()}
        assert beside == {net}


def test_a_way_that_does_not_exist_is_an_error() -> None:
    """A wall from edge to edge, too thick to dive below."""
    pipes = Pipes(Site({(x, y) for x in range(5, 17) for y in range(20)}), ((0, 0), (20, 20)))
    pipes.connect("water", (0, 10))
    with pytest.raises(PlayError, match="no way for water"):
        pipes.connect("water", (19, 10))


def test_cells_do_not_overlap_themselves_or_others() -> None:
    """A cell with two parts on a tile is refused, and so is a tile that is taken."""
    site = Site()
    site.claim(Cell("one", (Part("iron-chest", 0.5, 0.5),)))
    with pytest.raises(PlayError, match="taken"):
        site.claim(Cell("two", (Part("assembling-machine-1", 1.5, 1.5),)))
    with pytest.raises(PlayError, match="overlaps"):
        site.claim(Cell("three", (Part("lab", 9.5, 9.5), Part("lab", 10.5, 9.5))))


def test_a_load_goes_to_the_emptiest_first_and_leaves_what_is_reserved() -> None:
    """Thirty plates, ten of them reserved: the empty chest gets the rest."""
    world = World(32, 32)
    world.character.teleport((0, 0))
    base = Base(Player(world))
    source = world.place("iron-chest", (3.5, 0.5), items={"iron-plate": 30})
    empty = world.place("iron-chest", (0.5, 3.5))
    half = world.place("iron-chest", (-3.5, 0.5), items={"iron-plate": 20})
    base.outputs.append(source)
    base.reserved = Counter({"iron-plate": 10})
    base.needs = [Need(entity, Want("iron-plate", 40, 50)) for entity in (half, empty)]
    assert base.haul()
    assert empty.inventory() == {"iron-plate": 30}, "insertion is by the stack"
    assert half.inventory() == {"iron-plate": 20}


def test_the_player_says_what_it_cannot_do() -> None:
    """Crafting without ingredients and building without the item name what is lacking."""
    world = World(32, 32)
    world.character.teleport((0, 0))
    player = Player(world)
    with pytest.raises(PlayError, match="1 crafts of boiler wanted, 0 possible"):
        player.craft("boiler", 1)
    with pytest.raises(PlayError, match="missing-item"):
        player.build("boiler", (4, 4))


def test_the_first_half_hour_is_the_same_twice() -> None:
    """Plays are deterministic; after half an hour there is electricity and a laboratory."""
    digests = []
    for _ in range(2):
        play = RocketPlay(make_world())
        stop = Stop(play, seconds=1_800)
        play.player.watch = stop.look
        with pytest.raises(StopPlayError):
            play.play()
        digests.append(play.world.digest())
        assert play.world.is_researched("automation-science-pack")
        assert play.world.power()[0].satisfaction == 1
    assert digests[0] == digests[1]


class StopPlayError(Exception):
    """The time of a test is over."""


class Stop:
    """Ends a play at a time of the game."""

    def __init__(self, play: RocketPlay, seconds: float) -> None:
        self.play = play
        self.seconds = seconds

    def look(self) -> None:
        """End the play when it is time."""
        if self.play.player.seconds >= self.seconds:
            raise StopPlayError


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_from_an_empty_hand_to_a_rocket() -> None:
    """The whole game, by the character's commands alone."""
    lines: list[str] = []
    world = make_world()
    assert world.character.inventory() == {}
    play = RocketPlay(world, lines.append)
    play.play()
    assert world.rockets_launched == 1
    assert world.is_researched("rocket-silo")
    production = world.production()
    # A thousand of each went into the rocket; nothing was there that was not made.
    for item in ("processing-unit", "low-density-structure", "rocket-fuel"):
        assert production.items_used[item] >= 1_000
        assert production.items_made[item] >= production.items_used[item]
    assert production.items_made["rocket-part"] >= 100
    assert lines[-1].endswith("the rocket has left")
