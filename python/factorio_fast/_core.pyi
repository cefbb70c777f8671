"""The Rust core: simulation, observations, masks, batches."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Batch",
    "Blueprint",
    "Character",
    "Entity",
    "Episode",
    "PowerNetwork",
    "Production",
    "RconClient",
    "ResourcePatch",
    "Scenario",
    "Unit",
    "World",
    "__version__",
    "contract",
    "generated_files",
    "is_debug_build",
    "prototype",
    "prototype_names",
    "sim_server_main",
]

__version__: str
is_debug_build: bool

def contract() -> dict[str, Any]:
    """Returns every value of the contract by its name."""

def generated_files() -> dict[str, str]:
    """Returns the files that are generated from the contract: path from the root to text."""

def prototype_names(kind: str) -> list[str]:
    """Lists the names of all prototypes of a kind, sorted."""

def prototype(kind: str, name: str) -> str:
    """Returns one prototype as JSON text, under the game's own field names."""

def sim_server_main(arguments: list[str]) -> int:
    """Runs the simulated headless server until it ends, and returns its exit status.

    `arguments` is the command line without the program's name.

    SIGINT and SIGTERM are the server's for the rest of the process.
    """

@final
class Scenario:
    """A checked scenario; the text is that of its TOML file."""

    @staticmethod
    def from_toml(text: str, source: str = "<text>") -> Scenario:
        """Reads a scenario from TOML text; `source` names it in errors."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def objective(self) -> str: ...
    @property
    def ticks_per_step(self) -> int: ...
    @property
    def max_steps(self) -> int: ...
    @property
    def map_size(self) -> tuple[int, int]: ...
    @property
    def palette(self) -> list[str]: ...
    @property
    def reward(self) -> dict[str, float]: ...
    @property
    def source_text(self) -> str:
        """The TOML text that the scenario was read from."""

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with whatever the scenario says."""

@final
class Episode:
    """One environment: begins episodes, steps them, and writes their observations."""

    def __new__(
        cls, scenario: Scenario, *, max_steps: int | None = None, is_sparse: bool = False
    ) -> Episode: ...
    @staticmethod
    def served(
        scenario: Scenario, server: Any, *, max_steps: int | None = None, is_sparse: bool = False
    ) -> Episode:
        """Makes an environment whose world lives on a server.

        `server` has the attributes of `factorio_fast.envs.served.ServerAddress`.
        """

    def relink(self, server: Any) -> None:
        """Goes on with another server after the former was lost; `reset` comes next."""

    @property
    def loss(self) -> str | None:
        """Why the server was lost, None while it is there."""

    @property
    def transport_metrics(self) -> dict[str, float]:
        """What passed between the server and here; empty of an embedded world."""

    def close(self) -> None:
        """Gives the world back to its server; nothing for an embedded one."""

    def reset(self, seed: int, episode: int = 0) -> None:
        """Begins episode number `episode` of the environment seed `seed`."""

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        """Carries out one action and returns (reward, terminated, truncated)."""

    def step_commands(self, commands: list[tuple[Any, ...]]) -> tuple[float, bool, bool]:
        """Carries out typed commands, in order, for one step.

        Each is one of `("walk", direction or None)`, `("mine", (x, y))`, `("mine-entity", unit)`,
        `("stop-mining",)`, `("build", item, (x, y), direction)`, `("insert", unit, item, count)`,
        `("take", unit)`, `("take", unit, item, count)`, `("craft", recipe, count)`,
        `("set-recipe", unit, recipe)`, `("rotate", unit)`, `("ghost", entity, (x, y), direction)`,
        `("remove-ghost", unit)` and `("research", technology)`; units are those of `look()`.
        Walking and mining go on until told otherwise. What is illegal is refused and changes
        nothing; `refusals()` says why.

        Returns:
            reward, terminated, truncated.

        Raises:
            InvalidValueError: A command has another form, or there are more than 256; nothing is
                done then.
            UnknownNameError: A command names something that the game does not have.
            InvalidStateError: The episode has not begun or has ended.
        """

    def refusals(self) -> list[str | None]:
        """Returns for each command of the last step why it was refused, None if it was not."""

    def look(self) -> World:
        """Returns a copy of the world as it is now; running it leaves the episode as it is."""

    def character(self) -> dict[str, Any]:
        """Returns what the character is and has, without copying the world.

        Keys: `position`, `health`, `inventory`, `free_slots`, `crafting_queue`,
        `crafting_progress`, `mining_progress`, `tick`.
        """

    def find_path(self, position: _Position, reach: float = 0.75) -> list[_Position] | None:
        """Finds the waypoints to within `reach` tiles of a position, None where there is no way."""

    def set_goal(self, goal: dict[str, Any] | None) -> None:
        """Shows another goal in the observation, or the scenario's own again.

        One of `{"waypoint": (x, y), "radius": tiles}`, `{"blueprint": [(entity, (x, y),
        direction), ...]}` and `{"mine": {item: amount}, "sites": [(x, y), ...]}`. Reward and end
        stay with the scenario's goal.
        """

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Copies the packed record of the present observation into `out`; uint8; (8576,)."""

    def full(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns what the full observation adds: (inventory, goal)."""

    def action_masks(self) -> NDArray[np.bool_]:
        """Returns the mask as 65 booleans: move, interact, target, item."""

    def conditional_mask(self, interact: int) -> NDArray[np.bool_]:
        """Returns the exact table of an interaction: bool; (16, 32); axes (target, item)."""

    def info(self) -> dict[str, Any]:
        """Returns what Gymnasium's `info` carries about the last step."""

    @property
    def phase(self) -> str:
        """Says where the episode stands: "new", "running" or "done"."""

    @property
    def max_steps(self) -> int: ...
    def render_rgb(self) -> NDArray[np.uint8]:
        """Draws the world round the character; uint8; (height, width, 3)."""

    def render_ansi(self) -> str:
        """Draws the world round the character as coloured text."""

    def snapshot(self) -> bytes:
        """Writes the episode, mid-way or not, as snapshot bytes."""

    def restore(self, data: bytes) -> None:
        """Goes back to a snapshot of the same scenario."""

    def fork(self) -> Episode:
        """Returns an independent copy that goes on from here."""

    def digest(self) -> str:
        """Returns sixteen hexadecimal digits of the episode's state."""

    def replay(self) -> bytes:
        """Writes the seed and the actions since the reset as replay bytes."""

    def run_replay(self, data: bytes) -> list[list[int]]:
        """Runs a replay of this scenario from its beginning to its end and returns its actions."""

@final
class Batch:
    """Many environments of one scenario."""

    def __new__(
        cls,
        scenario: Scenario,
        num_envs: int,
        *,
        num_threads: int,
        autoreset_mode: str,
        max_steps: int | None = None,
        is_sparse: bool = False,
        is_full: bool = False,
    ) -> Batch: ...
    @staticmethod
    def served(
        scenario: Scenario,
        num_envs: int,
        servers: Sequence[Any],
        *,
        autoreset_mode: str,
        max_steps: int | None = None,
        is_sparse: bool = False,
        is_full: bool = False,
    ) -> Batch:
        """Makes environments whose worlds live on servers, shared out among them in order.

        Each of `servers` has the attributes of `factorio_fast.envs.served.ServerAddress`.
        """

    def losses(self) -> list[str | None]:
        """Says why each server was lost, None for those that are there; empty if embedded."""

    def relink(self, index: int, server: Any) -> None:
        """Lets the environments of a lost server go on with another."""

    def transport_metrics(self) -> list[dict[str, float]]:
        """What passed between each server and here."""

    def close(self) -> None:
        """Gives all environments back to their servers; nothing for embedded ones."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays, by name.

        All are views of the batch's own memory and are overwritten by the next step.
        """

    def term_columns(self) -> list[tuple[str, int]]:
        """Names of the columns of the array "terms" that have a weight, with their numbers."""

    def reset(
        self,
        seeds: NDArray[np.uint64] | None = None,
        reset_mask: NDArray[np.bool_] | None = None,
    ) -> None:
        """Resets all environments, or those that `reset_mask` names.

        They begin episode 0 of one seed each, or the next episodes of the seeds before.
        """

    def step(self, actions: NDArray[np.int64]) -> None:
        """Steps all environments; actions: int64; `(num_envs, 4)`."""

    def send(self, actions: NDArray[np.int64]) -> None:
        """Begins a step on another thread and returns at once; `recv` waits for its end."""

    def recv(self) -> None:
        """Waits for the end of the step that `send` began."""

    def action_masks(self) -> NDArray[np.bool_]:
        """Writes the masks as booleans: `(num_envs, 65)`; columns move, interact, target, item."""

    def conditional_masks(self, interacts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Returns the exact table of one interaction per environment.

        bool; `(num_envs, 16, 32)`; axes (env, target, item).
        """

    def render_rgb(self, index: int) -> NDArray[np.uint8]:
        """Draws the world round one environment's character; uint8; (height, width, 3)."""

    def render_ansi(self, index: int) -> str:
        """Draws the world round one environment's character as coloured text."""

    def snapshot(self) -> bytes:
        """Writes all environments, mid-episode or not, as snapshot bytes."""

    def restore(self, data: bytes) -> None:
        """Goes back to a snapshot of a batch of the same scenario and size, with observations."""

    @property
    def num_envs(self) -> int: ...

@final
class Blueprint:
    """A blueprint; of a book, the first."""

    @staticmethod
    def from_string(text: str) -> Blueprint:
        """Reads an exchange string (`0eN…`) and checks every entity in it."""

    @property
    def label(self) -> str | None: ...
    @property
    def entities(self) -> list[tuple[str, float, float, int]]:
        """The entities as (name, x, y, direction).

        Centre in tiles, direction in sixteenths clockwise from north.
        """

    def to_string(self) -> str:
        """Writes the exchange string."""

    def __len__(self) -> int: ...

_Position: TypeAlias = tuple[float, float]
_Area: TypeAlias = tuple[_Position, _Position]

@final
class World:
    """A world of the simulation to build by hand, run and read.

    `width` x `height` tiles of one `tile`, the middle at the origin, x to the east, y to the south.
    Positions are in tiles; an area is `((left, top), (right, bottom))`, right and bottom excluded.
    The same `seed` and calls give the same bytes.
    """

    def __new__(
        cls, width: int = 64, height: int = 64, *, seed: int = 0, tile: str = "grass-1"
    ) -> World: ...
    @staticmethod
    def from_scenario(scenario: Scenario, seed: int = 0) -> World:
        """Makes the world in which an episode of a scenario begins."""

    @staticmethod
    def default_map(
        seed: int = 0,
        *,
        width: int = 512,
        height: int = 512,
        enemies: bool = True,
        woods: bool = True,
    ) -> World:
        """Makes a map like that of a new game with default settings.

        Iron ore, copper ore, coal, stone and a lake lie round the spawn point, in the middle;
        farther out are richer patches, at least one field of crude oil and one of uranium ore, more
        water and enemy bases. Amounts and distances are the game's, the shapes are not.
        The same arguments give the same map; without `enemies` or `woods` (trees and rocks) the
        rest of it stays as it is.

        Args:
            seed: What the map is drawn from.
            width: Its width in tiles, 320 to 2,048.
            height: Its height in tiles, 320 to 2,048.
            enemies: Whether there are nests and worms.
            woods: Whether there are trees and rocks.

        Raises:
            InvalidValueError: A side is too short or too long.
        """

    def place(
        self,
        name: str,
        position: _Position,
        direction: str = "north",
        *,
        recipe: str | None = None,
        items: dict[str, int] | None = None,
        filter: str | list[str] | None = None,  # noqa: A002 - the game's word
        filter_mode: Literal["whitelist", "blacklist"] = "whitelist",
        input_priority: Literal["left", "none", "right"] | None = None,
        output_priority: Literal["left", "none", "right"] | None = None,
        type: Literal["input", "output"] | None = None,  # noqa: A002 - the game's word
    ) -> Entity:
        """Places an entity, complete with what is set on it, and returns it.

        Args:
            name: The game's name, such as `burner-mining-drill`.
            position: Its centre; snapped to the grid.
            direction: Where it faces; an inserter faces what it takes from.
            recipe: What an assembling machine makes.
            items: What is in it: modules, fuel, ammunition, ingredients, contents. An
                `infinity-chest` holds exactly these at every tick: it never runs out of them, and
                anything else that is put into it vanishes.
            filter: What an inserter takes, or what a splitter sorts out.
            filter_mode: `blacklist`: the filter names what an inserter leaves.
            input_priority: The side from which a splitter takes first.
            output_priority: The side to which a splitter gives first, and what it sorts out.
            type: The end of an underground belt.

        Raises:
            UnknownNameError: A name that the game does not have; the message suggests the nearest.
            AbsentMechanicError: The simulation cannot run it.
            InvalidValueError: There is no room, or a setting does not fit; nothing was placed.
        """

    def remove(self, entity: Entity) -> None:
        """Takes an entity away with all that it holds."""

    def set_resource(self, name: str, area: _Area, amount: int) -> None:
        """Puts `amount` of a resource on every tile of an area; 0 clears it."""

    def resource(self, position: _Position) -> tuple[str, int] | None:
        """Reads the resource on a tile as (name, amount), or None."""

    def resource_patches(self, name: str | None = None) -> list[ResourcePatch]:
        """Lists what lies together of the resources, nearest to the spawn point first.

        Raises:
            UnknownNameError: `name` is no resource.
        """

    def set_tiles(self, name: str, area: _Area) -> None:
        """Covers an area with a tile."""

    def run(self, ticks: int = 1) -> None:
        """Runs a number of ticks, 60 to a second."""

    @property
    def tick(self) -> int:
        """Ticks since the world was made."""

    @property
    def area(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The map as ((left, top), (right, bottom))."""

    @property
    def character(self) -> Character:
        """The character of this world; it waits on the north-western tile."""

    def entities(self, name: str | None = None, area: _Area | None = None) -> list[Entity]:
        """Lists the entities in order of creation: all, those of a name or touching an area."""

    def import_blueprint(
        self, string: str, position: _Position, *, skip_absent: bool = False
    ) -> list[Entity]:
        """Builds a blueprint string with its north-western corner at `position`.

        Everything is complete at once: recipes, filters, priorities, modules. Of a book, the first.
        Poles are wired as it says or, where it says nothing, to those in reach; circuit wires and
        conditions are left out. With `skip_absent`, entities that the simulation cannot run are
        left out instead of refused.
        """

    def export_blueprint(self, area: _Area) -> str:
        """Writes what stands in an area as a blueprint string."""

    def research(self, technology: str) -> None:
        """Grants a technology, whether or not what it needs is researched."""

    def start_research(self, technology: str) -> None:
        """Researches a technology from now on, in labs and with packs."""

    def is_researched(self, technology: str) -> bool:
        """Whether a technology is researched."""

    @property
    def current_research(self) -> tuple[str, float] | None:
        """What is researched now and the share of it that is done, or None."""

    def enable_all_recipes(self) -> None:
        """Allows every recipe, without the bonuses of the technologies that unlock them."""

    def set_bonus(self, name: str, value: float) -> None:
        """Sets a bonus of the force under the game's name for it.

        `bulk_inserter_capacity_bonus`, `character_inventory_slots_bonus`,
        `inserter_stack_size_bonus`, `laboratory_speed_modifier`, `manual_crafting_speed_modifier`,
        `manual_mining_speed_modifier`, `mining_drill_productivity_bonus`; each is 0 at the start.
        """

    def bonuses(self) -> dict[str, float]:
        """Reads the bonuses that `set_bonus` sets, by name."""

    def production(self) -> Production:
        """Reports what was made and used since the world began."""

    def power(self) -> list[PowerNetwork]:
        """Reports every electric network as it was in the last tick."""

    def pollution(self, position: _Position) -> float:
        """Pollution of the chunk at a position; 0 outside the map."""

    def pollute(self, position: _Position, amount: float) -> None:
        """Adds pollution to the chunk at a position."""

    @property
    def rockets_launched(self) -> int:
        """Rockets that have left since the world began."""

    @property
    def evolution(self) -> float:
        """How far the enemies have come, 0 to 1."""

    def set_evolution(self, evolution: float) -> None:
        """Sets how far the enemies have come."""

    def spawn(self, name: str, position: _Position) -> int:
        """Lets a biter or spitter appear and returns its number."""

    def units(self) -> list[Unit]:
        """Lists the living biters and spitters in order of creation."""

    def tiles(self, area: _Area) -> NDArray[np.uint8]:
        """Describes the tiles of an area, for whoever looks for a building site.

        Returns:
            bits: bit set of 1 cannot be built on, 2 cannot be walked on, 4 an entity, 8 a resource,
            16 a ghost, 32 water; uint8; (height, width); axes (y, x); the caller's own.
        """

    def can_place(self, name: str, position: _Position, direction: str = "north") -> bool:
        """Whether an entity could be built at a position, by a character who stands elsewhere."""

    def ghosts(self) -> list[tuple[int, str, _Position, str]]:
        """Lists the ghosts as (unit, entity, position, direction), oldest first."""

    def is_enabled(self, recipe: str) -> bool:
        """Whether a recipe may be used."""

    def items_on_ground(self) -> list[tuple[tuple[float, float], str, int]]:
        """Lists what lies on the ground, north to south, as (position, item, count)."""

    def drop(self, item: str, position: _Position, count: int = 1) -> None:
        """Lays items on the ground, at a position or as near to it as there is room."""

    def snapshot(self) -> bytes:
        """Writes the world as snapshot bytes."""

    def restore(self, data: bytes) -> None:
        """Goes back to a snapshot; entities that it has are valid again, others are stale."""

    def fork(self) -> World:
        """Returns an independent copy that goes on from here."""

    def digest(self) -> str:
        """Returns sixteen hexadecimal digits of the world's state."""

    def verify(self, ticks: int = 60) -> list[str]:
        """Checks the world between two ticks, as its tests do, and returns what is wrong.

        Stacks must fit, belts, fluids, networks and records agree with each other, and every cache
        with the one that is computed anew. Then copies run for a while, one from a snapshot: they
        must stay equal, and what sleeps must have nothing to do. The world itself is not changed.

        Args:
            ticks: how long the copies run; ticks; 0 leaves them out.

        Returns:
            What is wrong, in words, at most 32 findings; nothing where the world is sound.

        Raises:
            InvalidValueError: `ticks` is negative or more than a week of game time.
        """

    def render(self, area: _Area | None = None, *, tile_pixels: int = 16) -> NDArray[np.uint8]:
        """Draws an area, or the whole map; uint8; (height, width, 3)."""

    def to_text(self, area: _Area | None = None) -> str:
        """Draws an area, or the whole map, as text: two characters a tile, without colours."""

@final
class ResourcePatch:
    """Tiles of one resource that lie together, as they were when they were asked for."""

    @property
    def name(self) -> str: ...
    @property
    def amount(self) -> int:
        """Sum over its tiles; of crude oil, 3,000 are one percent of yield."""

    @property
    def position(self) -> _Position:
        """Its middle, weighted by the amounts."""

    @property
    def area(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The smallest area round it, ((left, top), (right, bottom))."""

    @property
    def tiles(self) -> list[tuple[_Position, int]]:
        """The tiles in row order, as (middle, amount); each well of crude oil is one tile."""

@final
class Production:
    """What was made and used since a world began; what never was is left out."""

    @property
    def items_made(self) -> dict[str, int]: ...
    @property
    def items_used(self) -> dict[str, int]: ...
    @property
    def items_lost(self) -> dict[str, int]:
        """Items destroyed with what held them, or for which the ground had no room."""

    @property
    def fluids_made(self) -> dict[str, float]: ...
    @property
    def fluids_used(self) -> dict[str, float]: ...

@final
class PowerNetwork:
    """An electric network in the last tick."""

    @property
    def number(self) -> int:
        """Its place among the networks: 0 for that of the oldest pole, and so on."""

    @property
    def poles(self) -> int: ...
    @property
    def members(self) -> int:
        """Entities that take or give electricity."""

    @property
    def satisfaction(self) -> float:
        """Share of the demand that was met, 0 to 1."""

    @property
    def demand_watts(self) -> float: ...
    @property
    def delivered_watts(self) -> float:
        """What consumers were given."""

    @property
    def solar_watts(self) -> float:
        """What solar panels and electric energy interfaces gave."""

    @property
    def generator_watts(self) -> float: ...
    @property
    def discharge_watts(self) -> float:
        """What accumulators gave."""

    @property
    def charge_watts(self) -> float:
        """What accumulators took."""

    @property
    def stored_joules(self) -> float:
        """What accumulators hold."""

@final
class Unit:
    """A biter or spitter as it was when it was asked for."""

    @property
    def unit_number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def position(self) -> tuple[float, float]: ...
    @property
    def health(self) -> float: ...

@final
class Entity:
    """One entity of a `World`; once it is gone, every use of it raises `StaleEntityError`."""

    @property
    def unit_number(self) -> int:
        """Number of the entity, unique in its world, rising in order of creation."""

    @property
    def valid(self) -> bool:
        """Whether it still exists."""

    @property
    def name(self) -> str:
        """The game's name of its kind."""

    @property
    def position(self) -> tuple[float, float]:
        """Its centre, in tiles."""

    @property
    def direction(self) -> str:
        """Where it faces; an inserter faces what it takes from."""

    def rotate(self, direction: str) -> None:
        """Turns it."""

    @property
    def status(self) -> str:
        """Its status class, such as "working" or "no-fuel"."""

    @property
    def recipe(self) -> str | None:
        """The recipe that is set or, of a furnace, in progress."""

    def set_recipe(self, recipe: str) -> None:
        """Sets what a machine makes; what it held goes to the character."""

    @property
    def products_finished(self) -> int:
        """Crafts that it has ended."""

    @property
    def health(self) -> float:
        """Health points; 0 for what cannot be harmed."""

    @property
    def rounds(self) -> int:
        """Rounds that a turret has left."""

    def destroy(self) -> None:
        """Destroys it, as a last blow does: what it holds is lost."""

    @property
    def energy(self) -> float:
        """Energy in its buffer, joules."""

    @property
    def power_network(self) -> int | None:
        """The number of the electric network that serves it, or of which a pole is part."""

    @property
    def filters(self) -> list[str]:
        """What an inserter takes or leaves, or what a splitter sorts out."""

    @property
    def filter_mode(self) -> Literal["whitelist", "blacklist"]:
        """Whether `filters` name what is taken or what is left."""

    @property
    def priorities(self) -> tuple[str, str]:
        """The sides that a splitter takes from and gives to first: `left`, `none` or `right`."""

    @property
    def type(self) -> Literal["input", "output"] | None:
        """The end of an underground belt; None for all else."""

    @property
    def burning(self) -> tuple[str, float] | None:
        """The fuel that burns in it and the joules that are left of that, or None."""

    def set_energy(self, joules: float) -> None:
        """Sets the energy in an accumulator, joules."""

    def fluids(self) -> dict[str, float]:
        """Reads what it holds of each fluid; a pipe or tank has its share of the segment."""

    def temperature(self, fluid: str) -> float | None:
        """Reads the temperature of a fluid that it holds, or None."""

    def set_fluid(self, fluid: str, amount: float, temperature: float | None = None) -> None:
        """Sets how much of a fluid it holds; of a pipe or tank, how much its whole segment holds.

        An `infinity-pipe` keeps its segment filled by that share of its own 100 from now on.
        """

    def inventory(self, kind: str | None = None) -> dict[str, int]:
        """Counts what it holds by item, in one inventory or in all."""

    def lane_items(self) -> list[list[tuple[str, int]]]:
        """Reads what lies on each of its lanes, front first, as (item, position).

        Lane 1, left of travel, comes first, then lane 2; a splitter has two for each of its left
        and right input, then its left and right output. A position is 1/256 tile from the
        downstream edge.
        """

    def insert_at(self, lane: int, item: str, position: int) -> bool:
        """Puts an item on a lane at a position, or a little behind; returns whether there was room.

        Lanes count from 1; a straight belt has positions 0 to 255, 0 downstream. As what an
        inserter drops, the item moves one step at once where the way is free.
        """

    def insert(self, item: str, count: int = 1) -> int:
        """Puts items in and returns how many went in."""

    def take(self, item: str, count: int = 1) -> int:
        """Takes items out and returns how many came out."""

    def keep_full(self, name: str, *, lane: int | None = None) -> None:
        """Keeps it full of an item or a fluid from now on.

        A chest to the brim; a belt upstream, on one lane or both, so that what runs off it lies
        closely; a pipe or tank with all that it is connected with.
        """

    def keep_empty(self) -> None:
        """Keeps it empty from now on: whatever comes in vanishes. A chest, belt, pipe or tank."""

    def release(self) -> None:
        """Leaves it to itself again."""

    def moved(self) -> dict[str, float]:
        """Reads what keeping it full or empty has given or taken so far, by item.

        Fluids are counted under `fluid`.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Character:
    """The character of a `World`: commands are refused or carried out as those of an agent are."""

    @property
    def position(self) -> tuple[float, float]:
        """Where it stands, in tiles."""

    @property
    def health(self) -> float:
        """Health points; 0 is dead."""

    @property
    def inventory_size(self) -> int:
        """Slots of its inventory."""

    @property
    def mining_progress(self) -> float:
        """Share of the item being mined that is done, 0 to 1."""

    @property
    def crafting_progress(self) -> float:
        """Share of the craft in progress that is done, 0 to 1."""

    @property
    def crafting_queue(self) -> list[tuple[str, int]]:
        """The hand-crafting queue as (recipe, crafts to do), first to be done first."""

    def inventory(self) -> dict[str, int]:
        """Counts what it carries, by item."""

    def teleport(self, position: _Position) -> None:
        """Moves it, whatever is between."""

    def walk(self, direction: str | None) -> None:
        """Walks in a direction until told otherwise; None stands still."""

    def walk_to(
        self, position: _Position, *, reach: float = 0.75, limit_ticks: int = 36_000
    ) -> int:
        """Walks to within `reach` tiles of a position, running the world meanwhile.

        Returns the ticks it took.
        """

    def mine(self, target: Entity | _Position) -> None:
        """Mines an entity, or what lies at a position, until told otherwise."""

    def stop_mining(self) -> None:
        """Stops mining."""

    def craft(self, recipe: str, count: int = 1) -> int:
        """Queues crafts of a recipe, as many as the ingredients allow, and returns how many."""

    def build(self, item: str, position: _Position, direction: str = "north") -> None:
        """Builds the entity of an item that it carries."""

    def insert_into(self, entity: Entity, item: str, count: int | None = None) -> None:
        """Puts up to a stack of an item that it carries into an entity, or at most `count`."""

    def take_from(self, entity: Entity, item: str | None = None, count: int | None = None) -> None:
        """Takes what an entity holds or has made: everything, or of one item, at most `count`."""

    def set_recipe(self, entity: Entity, recipe: str) -> None:
        """Sets the recipe of a machine; what that held goes to the character."""

    def rotate(self, entity: Entity) -> None:
        """Turns an entity a quarter clockwise."""

    def launch_rocket(self, silo: Entity) -> None:
        """Launches the rocket of a silo in reach.

        It must be ready, and a cargo-landing-pad built. Agents have no such action.
        """

    def insert(self, item: str, count: int = 1) -> int:
        """Gives it items and returns how many it has room for."""

    def take(self, item: str, count: int = 1) -> int:
        """Takes items from it and returns how many it had."""

@final
class RconClient:
    """A client of the remote console (RCON) of a Factorio server; safe to share between threads.

    Replies are matched by id, so that many commands can be in flight over the one connection.
    While a call waits the GIL is released, and Ctrl-C ends it.
    A lost connection fails what was in flight; the next call connects again.
    Use it as a context manager, or call `close`.
    """

    def __new__(
        cls,
        host: str,
        port: int,
        password: str,
        *,
        connect_timeout: float = 5.0,
        request_timeout: float = 10.0,
    ) -> RconClient:
        """Connects and logs in.

        Args:
            host: Factorio listens on IPv4 alone: `127.0.0.1` rather than `localhost`.
            port: What the server was given as `--rcon-port` or in `--rcon-bind`.
            password: What it was given as `--rcon-password`.
            connect_timeout: For connection and login together, in seconds.
            request_timeout: For one reply, in seconds; a server that saves answers nothing.

        Raises:
            ServerRefusedError: Nothing listens there.
            ServerAuthenticationError: The password is wrong.
            ServerConnectionError: There is no connection for another reason.
            RequestTimeoutError: There is no connection or login in time.
            InvalidValueError: A timeout is not above 0 and at most a day.
        """

    @property
    def address(self) -> str:
        """The server's address, `HOST:PORT`."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as was noticed."""

    @property
    def metrics(self) -> dict[str, float]:
        """What was done so far.

        Counts: `requests`, `replies`, `unclaimed` (replies that came too late and lines of the
        console), `timeouts`, `losses` of the connection, `reconnects`, `resent` commands,
        `bytes_sent` and `bytes_received` after the login.
        `round_trip_p50_seconds` and `round_trip_p99_seconds` are at most an eighth too high, and
        `nan` before the first reply.
        """

    def command(
        self,
        text: str,
        *,
        timeout: float | None = None,
        resolve: Callable[[RconClient], str | None] | None = None,
    ) -> str:
        """Sends a command and returns its reply as it came; `rcon.print` ends lines with a newline.

        Args:
            text: A console command such as `/version`; not empty: Factorio never answers that.
            timeout: Replaces the client's `request_timeout`, in seconds.
            resolve: Called as `resolve(client)`, on a new connection, when the reply was lost.
                It returns the reply if the command was executed, or `None` if it was not, and then
                the command is sent again. Such a command should carry a number that the server does
                not execute twice, and `resolve` asks for that number.

        Raises:
            ServerClosedError: The connection was lost; the command may have been executed.
            RequestTimeoutError: No reply in time; the command may have been executed.
            ServerProtocolError: The peer does not speak RCON, or the reply is not UTF-8.
            InvalidValueError: The command is empty, too long, or has a zero in it.
            ClosedError: The client was closed.
        """

    def command_bytes(self, text: str, *, timeout: float | None = None) -> bytes:
        """Sends a command and returns its reply as bytes; else as `command`."""

    def pipeline(self, texts: list[str], *, timeout: float | None = None) -> list[str]:
        """Sends all commands without waiting between them, and returns their replies in that order.

        A timeout counts from the reply before.
        Factorio may execute a long command after a shorter one that was sent later: where the order
        matters, send them one by one.

        Raises:
            FactorioFastError: As `command`; then some of the commands may have been executed.
        """

    def unlock_console(self, *, timeout: float | None = None) -> int:
        """Sends a command until the console runs it, and returns how many attempts that took.

        On a save with achievements Factorio does not run the first `/c` or `/sc`; the second
        disables achievements for good. Commands that a mod defines need no unlocking.

        Raises:
            ServerProtocolError: The console did not run it in three attempts.
            FactorioFastError: As `command`.
        """

    def close(self) -> None:
        """Ends the connection, and calls that wait with `ClosedError`; may be called twice."""

    def __enter__(self) -> RconClient: ...
    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...
