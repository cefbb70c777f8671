"""The hands and feet of the scripted experts: a character told what to do through a session.

Every deed is a typed command of `Session.step_commands`, one a step, refused or carried out as an
agent's own is. Nothing else is used of the session, so experts run on every backend.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from factorio_fast.coordination.tasks import SkillStatus
from factorio_fast.plays.recipes import recipe_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from factorio_fast._core import Entity, World
    from factorio_fast.envs.session import Session

__all__ = ["Agent", "Command", "SkillError"]

Command = tuple[Any, ...]
Position = tuple[float, float]

TICKS_PER_SECOND = 60
UNWALKABLE = 2
"""The bit of `World.tiles` for what cannot be walked on."""
BUILD_REACH = 8.5
"""Tiles from the middle of a thing at which the agent stops; the character reaches ten."""
MINING_REACH = 2.0
"""Tiles from the middle of a resource tile at which the agent stops; the character reaches 2.7."""
MAX_WAYS = 24
"""So many ways are looked for before a place counts as out of the question."""
WAYPOINT_TILES = 0.4
"""A waypoint this near has been reached: a step of three ticks walks 0.45 tiles."""
SQUEEZE_STEPS = 5
"""So far a way out of a gap is felt for in each direction."""
BREAKABLE = ("small-electric-pole", "pipe", "inserter", "burner-inserter")
"""What is taken away and put back where the agent has walled itself in."""
BREAK_TILES = 6
MAX_BROKEN = 6
CRAFT_MARGIN_SECONDS = 5.0

_COMPASS = ("east", "southeast", "south", "southwest", "west", "northwest", "north", "northeast")


class SkillError(Exception):
    """Why a skill ends without being done."""

    def __init__(self, status: SkillStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    @classmethod
    def refused(cls, reason: str) -> SkillError:
        """Make the error of a skill that cannot begin."""
        return cls(SkillStatus.REFUSED, reason)

    @classmethod
    def failed(cls, reason: str) -> SkillError:
        """Make the error of a skill that got stuck."""
        return cls(SkillStatus.FAILED, reason)


class Agent:
    """A character in a session, told what to do one deed at a time.

    Args:
        session: where it acts; its episode must be running.
        watch: called after every step, for whoever looks on.
    """

    def __init__(self, session: Session, *, watch: Callable[[], None] | None = None) -> None:
        self.session = session
        self.watch = watch
        self.n_steps = 0
        self.reward = 0.0
        self.deadline_tick: float = math.inf
        self._facts: dict[str, Any] | None = None
        self._world: World | None = None
        self._walking: str | None = None
        self.tick: int = self.facts["tick"]
        self.ticks_per_step = 0

    @property
    def facts(self) -> dict[str, Any]:
        """What `Session.character` says now."""
        if self._facts is None:
            self._facts = self.session.character()
        return self._facts

    @property
    def position(self) -> Position:
        """Where it stands."""
        x, y = self.facts["position"]
        return x, y

    @property
    def inventory(self) -> Counter[str]:
        """What it carries."""
        return Counter(self.facts["inventory"])

    @property
    def seconds(self) -> float:
        """Game time since the episode began."""
        return self.tick / TICKS_PER_SECOND

    def count(self, item: str) -> int:
        """Return how many of an item it carries."""
        count: int = self.facts["inventory"].get(item, 0)
        return count

    def look(self) -> World:
        """Return the world as it is now; the same copy until time goes on."""
        if self._world is None:
            self._world = self.session.look()
        return self._world

    def step(self, *commands: Command) -> list[str | None]:
        """Carry out commands in one step and return why each was refused.

        Raises:
            SkillError: the time is up, or the episode has ended.
        """
        if self.tick >= self.deadline_tick:
            raise SkillError(SkillStatus.TIMED_OUT, "the budget of game time is used up")
        reward, terminated, truncated = self.session.step_commands(list(commands))
        self.n_steps += 1
        self.reward += reward
        self._facts = None
        self._world = None
        if self.ticks_per_step == 0:
            self.ticks_per_step = max(1, self.facts["tick"] - self.tick)
        self.tick += self.ticks_per_step
        if self.watch is not None:
            self.watch()
        if terminated or truncated:
            raise SkillError(SkillStatus.WORLD_CHANGED, "the episode has ended")
        return self.session.refusals() if commands else []

    def do(self, *command: Any) -> str | None:
        """Carry out one command in a step and return why it was refused, or None."""
        return self.step(command)[0]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if self.ticks_per_step == 0:
            self.step()
        for _ in range(max(1, round(seconds * TICKS_PER_SECOND / self.ticks_per_step))):
            self.step()

    def wait_until(
        self, holds: Callable[[], bool], *, timeout_seconds: float, every_seconds: float = 1.0
    ) -> bool:
        """Let time pass until something holds; return whether it does in time."""
        until = self.tick + timeout_seconds * TICKS_PER_SECOND
        while not holds():
            if self.tick >= until:
                return False
            self.wait(every_seconds)
        return True

    def stand(self) -> None:
        """Stop walking."""
        if self._walking is not None:
            self._walking = None
            self.do("walk", None)

    def walk_to(self, position: Position, reach: float = 0.75) -> None:
        """Walk to within `reach` tiles of a position; no step if that is near already.

        Raises:
            SkillError: there is no way, or none that can be walked.
        """
        for _ in range(MAX_WAYS):
            if math.dist(self.position, position) <= reach:
                self.stand()
                return
            path = self.session.find_path(position, reach)
            if path is None:
                path = self._squeeze_out(position, reach) or self._break_out(position, reach)
            if path is None:
                self.stand()
                raise SkillError.failed(f"no way to {_text(position)} from {_text(self.position)}")
            self._follow(path, position, reach)
            if math.dist(self.position, position) > reach:
                self._wriggle()
        self.stand()
        raise SkillError.failed(f"no way to {_text(position)}: stuck at {_text(self.position)}")

    def _follow(self, path: list[Position], goal: Position, reach: float) -> None:
        """Walk along waypoints until the goal is near, the way ends, or something is in the way."""
        index, n_stuck = 0, 0
        for _ in range(8 * len(path) + 16):
            here = self.position
            if math.dist(here, goal) <= reach:
                return
            while index < len(path) - 1 and math.dist(here, path[index]) < WAYPOINT_TILES:
                index += 1
            if index >= len(path):
                return
            target = path[index]
            if index == len(path) - 1 and math.dist(here, target) < WAYPOINT_TILES / 2:
                return
            self._head(here, target)
            n_stuck = n_stuck + 1 if math.dist(here, self.position) < 0.02 else 0  # noqa: PLR2004
            if n_stuck >= 2:  # noqa: PLR2004 - one step may be spent on a turn
                return

    def _head(self, here: Position, target: Position) -> None:
        """Take one step toward a place, round what is in the way if need be."""
        angle = math.atan2(target[1] - here[1], target[0] - here[0])
        eighth = round(angle / (math.pi / 4))
        for turn in (0, 1, -1, 2, -2):
            direction = _COMPASS[(eighth + turn) % 8]
            if turn == 0 and direction == self._walking:
                self.step()
                return
            if self.do("walk", direction) is None:
                self._walking = direction
                return
        self._walking = None

    def _squeeze_out(self, position: Position, reach: float) -> list[Position] | None:
        """Leave a gap that is narrower than a tile, which the search for ways does not know."""
        column, row = math.floor(self.position[0]), math.floor(self.position[1])
        area = ((column, row), (column + 1, row + 1))
        if not self.look().tiles(area)[0, 0] & UNWALKABLE:
            return None
        for direction in _COMPASS:
            for _ in range(SQUEEZE_STEPS):
                here = self.position
                if self.do("walk", direction) is not None:
                    break
                self._walking = direction
                path = self.session.find_path(position, reach)
                if path is not None:
                    return path
                if math.dist(here, self.position) < 0.02:  # noqa: PLR2004
                    break
        return None

    def _break_out(self, position: Position, reach: float) -> list[Position] | None:
        """Leave a place that was walled in: take a small thing away, walk out, and put it back."""
        x, y = self.position
        area = ((x - BREAK_TILES, y - BREAK_TILES), (x + BREAK_TILES, y + BREAK_TILES))
        small = [
            (entity.name, entity.unit_number, entity.position, entity.direction)
            for name in BREAKABLE
            for entity in self.look().entities(name, area)
        ]
        small.sort(key=lambda thing: math.dist(thing[2], (x, y)))
        for name, unit, place, direction in small[:MAX_BROKEN]:
            if not self.mine_entity(unit, place):
                continue
            path = self.session.find_path(position, reach)
            if path is not None:
                self._follow(path[:BREAK_TILES], position, reach)
                self.stand()
            self.do("build", name, place, direction)
            if path is not None:
                return self.session.find_path(position, reach)
        return None

    def _wriggle(self) -> None:
        """Walk a tile in a direction that differs from one attempt to the next."""
        direction = _COMPASS[(self.n_steps * 3) % 8]
        if self.do("walk", direction) is None:
            self._walking = direction
            self.step()
        self.stand()

    def approach(self, position: Position, reach: float = BUILD_REACH) -> None:
        """Walk to where a thing can be reached."""
        self.walk_to(position, reach)

    def mine_resource(self, item: str, position: Position, count: int) -> int:
        """Mine a resource tile by hand until `count` more of an item are carried.

        Returns how many were mined: fewer where the tile is exhausted.
        """
        before = self.count(item)
        self.walk_to(position, MINING_REACH)
        if self.do("mine", position) is not None:
            return 0
        n_idle = 0
        mined = 0
        while mined < count:
            self.wait(0.5)
            now = self.count(item) - before
            # An ore takes two seconds without bonuses.
            n_idle = 0 if now > mined else n_idle + 1
            mined = now
            if n_idle > 8:  # noqa: PLR2004
                break
        self.do("stop-mining")
        return mined

    def mine_entity(self, unit: int, position: Position, *, timeout_seconds: float = 15) -> bool:
        """Mine an entity with all that it holds; return whether it is gone."""
        self.approach(position, 7.0)
        before = sum(self.facts["inventory"].values())
        if self.do("mine-entity", unit) is not None:
            return False
        until = self.tick + timeout_seconds * TICKS_PER_SECOND
        while self.tick < until:
            self.step()
            facts = self.facts
            if sum(facts["inventory"].values()) > before and facts["mining_progress"] == 0:
                return True
            if facts["free_slots"] == 0:
                break
        self.do("stop-mining")
        return False

    def craft(self, recipe: str, crafts: int) -> str | None:
        """Queue crafts of a recipe; return why that was refused, or None."""
        return self.do("craft", recipe, crafts)

    def finish_crafting(self) -> None:
        """Wait until nothing is queued.

        Raises:
            SkillError: the queue does not move.
        """
        n_idle, last = 0, -1.0
        while self.facts["crafting_queue"]:
            self.wait(0.25)
            left = sum(count for _, count in self.facts["crafting_queue"])
            moved = left - self.facts["crafting_progress"]
            n_idle = n_idle + 1 if moved == last else 0
            last = moved
            if n_idle > 4 * CRAFT_MARGIN_SECONDS:
                raise SkillError.failed("hand crafting stands still: no room for the product")

    def build(self, item: str, position: Position, direction: str = "north") -> str | None:
        """Build the entity of an item, stepping aside if need be; return why it was refused."""
        self.approach(position)
        reason = self.do("build", item, position, direction)
        if reason == "no-space" and math.dist(self.position, position) < 4:  # noqa: PLR2004
            self.step_aside(position)
            reason = self.do("build", item, position, direction)
        return reason

    def step_aside(self, position: Position) -> None:
        """Walk to somewhere six to eight tiles from a position."""
        x, y = position
        for dx, dy in ((6, 0), (-6, 0), (0, 6), (0, -6), (5, 5), (-5, -5), (5, -5), (-5, 5)):
            try:
                self.walk_to((x + dx, y + dy), 1.5)
            except SkillError as error:
                if error.status != SkillStatus.FAILED:
                    raise
                continue
            return

    def at(self, position: Position, name: str | None = None) -> Entity | None:
        """Return what stands at a position, if anything does."""
        x, y = position
        area = ((x - 0.1, y - 0.1), (x + 0.1, y + 0.1))
        for entity in self.look().entities(name, area):
            return entity
        return None

    def insert(self, unit: int, item: str, count: int) -> int:
        """Put up to `count` of an item into an entity in reach; return how many went in."""
        inserted = 0
        while inserted < count:
            before = self.count(item)
            if before == 0 or self.do("insert", unit, item, count - inserted) is not None:
                break
            inserted += before - self.count(item)
        return inserted

    def take(self, unit: int, item: str, count: int) -> int:
        """Take up to `count` of an item out of an entity in reach; return how many came out."""
        before = self.count(item)
        if self.do("take", unit, item, count) is not None:
            return 0
        return self.count(item) - before

    def own(self, names: Iterable[str]) -> list[Entity]:
        """List the entities of some names, in order of creation."""
        world = self.look()
        return [entity for name in names for entity in world.entities(name)]


def queued_products(queue: Iterable[tuple[str, int]]) -> Counter[str]:
    """Count what a crafting queue would make, intermediates included."""
    made: Counter[str] = Counter()
    for recipe, crafts in queue:
        for item, amount in recipe_of(recipe).results.items():
            made[item] += crafts * amount
    return made


def _text(position: Position) -> str:
    return f"({position[0]:.1f}, {position[1]:.1f})"
