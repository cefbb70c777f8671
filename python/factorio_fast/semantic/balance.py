"""The steady state of a flow network: activities between pools, under limits.

An activity (a craft, a swing, a stretch of belt) has a rate. A pool holds one kind of thing: what
comes in goes out, but for what it can spare or has room for. A limit bounds a weighted sum of
Where things are short they are shared evenly, in order of priority, and what one does not need goes
to the others: max-min fairness. It is found by messages: every pool and limit tells its members how
much each could have if nothing else stopped them, until that changes no more.
The messages begin too high, so a loop that feeds itself runs instead of standing still for ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["MAX_SWEEPS", "Balance", "Member"]

MAX_SWEEPS = 400
"""Sweeps after which the solution is taken as it is; trees need two, loops some tens."""
TOLERANCE = 1e-4
"""What a rate may still change by when the solution is taken, a minute."""
# From this sweep on messages move half the way only, so that they cannot swing for ever.
_DAMPED_FROM = 40


@dataclass(frozen=True, slots=True)
class Member:
    """A part of an activity in a pool or limit."""

    activity: int
    amount: float
    """Units for each unit of the activity's rate."""
    priority: int = 0
    """Lower numbers are served first."""


@dataclass(slots=True)
class _Pool:
    spare: float
    room: float
    givers: list[Member] = field(default_factory=list)
    takers: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class _End:
    """One side of a pool, or a limit: shares `capacity` and what `feeders` bring among members."""

    capacity: float
    members: list[Member]
    feeders: list[Member]
    feeder_end: int | None = None
    """The end at which the feeders are members; its own word to them does not count."""
    priorities: list[int] = field(default_factory=list)
    """Those of the members."""
    feeding: set[int] = field(default_factory=set)
    """The activities of the feeders."""


class Balance:
    """A flow network to build up and solve."""

    def __init__(self) -> None:
        self._caps: list[float] = []
        self._pools: list[_Pool] = []
        self._limits: list[tuple[float, list[Member]]] = []

    def activity(self, most: float) -> int:
        """Add an activity with its highest rate."""
        self._caps.append(most)
        return len(self._caps) - 1

    def pool(self, spare: float = 0.0, room: float = 0.0) -> int:
        """Add a pool; `spare` is the rate at which it can give of itself, `room` take."""
        self._pools.append(_Pool(spare, room))
        return len(self._pools) - 1

    def give(self, pool: int, activity: int, amount: float, priority: int = 0) -> None:
        """Let an activity bring `amount` into a pool for each unit of its rate."""
        self._pools[pool].givers.append(Member(activity, amount, priority))

    def take(self, pool: int, activity: int, amount: float, priority: int = 0) -> None:
        """Let an activity take `amount` out of a pool for each unit of its rate."""
        self._pools[pool].takers.append(Member(activity, amount, priority))

    def limit(self, capacity: float, members: list[Member]) -> None:
        """Bound the weighted sum of some rates."""
        self._limits.append((capacity, members))

    def solve(self) -> list[float]:
        """Return the rate of every activity."""
        return _Solver(self._caps, self._pools, self._limits).run()


class _Solver:
    def __init__(
        self, caps: list[float], pools: list[_Pool], limits: list[tuple[float, list[Member]]]
    ) -> None:
        self.caps = caps
        self.ends: list[_End] = []
        for pool_index in _flow_order(pools):
            self._add_pool(pools[pool_index])
        for capacity, members in limits:
            self.ends.append(_End(capacity, members, []))
        # What each end allows each activity, as a dictionary per activity: end to rate.
        self.allowed: list[dict[int, float]] = [{} for _ in caps]
        # The ends that what an activity may do matters to.
        self.listeners: list[set[int]] = [set() for _ in caps]
        self.is_stale: list[bool] = []
        for index, end in enumerate(self.ends):
            end.feeding = {member.activity for member in end.feeders}
            end.priorities = [member.priority for member in end.members]
            for member in end.members:
                self.allowed[member.activity][index] = math.inf
            for member in (*end.members, *end.feeders):
                self.listeners[member.activity].add(index)

    def _add_pool(self, pool: _Pool) -> None:
        supply = acceptance = None
        if math.isfinite(pool.spare) and pool.takers:
            supply = len(self.ends)
            self.ends.append(_End(pool.spare, pool.takers, pool.givers))
        if math.isfinite(pool.room) and pool.givers:
            acceptance = len(self.ends)
            self.ends.append(_End(pool.room, pool.givers, pool.takers))
        if supply is not None:
            self.ends[supply].feeder_end = acceptance
        if acceptance is not None:
            self.ends[acceptance].feeder_end = supply

    def run(self) -> list[float]:
        forward = list(range(len(self.ends)))
        self.is_stale = [True] * len(self.ends)
        for sweep in range(MAX_SWEEPS):
            step = 0.5 if sweep >= _DAMPED_FROM else 1.0
            order = forward if sweep % 2 == 0 else reversed(forward)
            n_told = 0
            for index in order:
                if self.is_stale[index]:
                    self.is_stale[index] = False
                    self._tell(index, step)
                    n_told += 1
            if not n_told:
                break
        return [
            min(cap, min(allowed.values(), default=math.inf))
            for cap, allowed in zip(self.caps, self.allowed, strict=True)
        ]

    def _without(self, activity: int, end: int | None) -> float:
        """Return what an activity could do if `end` allowed it everything."""
        least = self.caps[activity]
        for index, rate in self.allowed[activity].items():
            if rate < least and index != end:
                least = rate
        return least

    def _tell(self, index: int, step: float) -> None:
        """Let an end tell its members what they may do, and whoever listens that this changed."""
        end = self.ends[index]
        available = end.capacity
        for member in end.feeders:
            available += member.amount * self._without(member.activity, end.feeder_end)
        demands = [member.amount * self._without(member.activity, index) for member in end.members]
        shares = _shares(available, demands, end.priorities)
        # An end listens to itself only where what it tells comes back to it.
        is_heard = step < 1.0
        for member, share in zip(end.members, shares, strict=True):
            allowed = self.allowed[member.activity]
            before, now = allowed[index], share / member.amount
            if step < 1.0 and math.isfinite(before) and math.isfinite(now):
                now = before + (now - before) * step
            allowed[index] = now
            cap = self.caps[member.activity]
            if abs(min(now, cap) - min(before, cap)) > TOLERANCE:
                for other in self.listeners[member.activity]:
                    self.is_stale[other] = True
                is_heard |= member.activity in end.feeding
                self.is_stale[index] = is_heard


def _shares(available: float, demands: list[float], priorities: list[int]) -> list[float]:
    """Return how much each member could have, given what the others want."""
    if len(demands) == 1:
        return [max(available, 0.0)]
    shares = [0.0] * len(demands)
    left = max(available, 0.0)
    for priority in sorted(set(priorities)):
        group = [index for index, own in enumerate(priorities) if own == priority]
        level = _water_level(left, [demands[index] for index in group])
        given = sum(min(demands[index], level) for index in group)
        slack = max(left - given, 0.0)
        for index in group:
            # One that has enough could still grow to the level, or by what nobody wants.
            shares[index] = level if math.isfinite(level) else demands[index] + slack
        left = slack
    return shares


def _water_level(available: float, demands: list[float]) -> float:
    """Return up to which level all demands can be met; infinite where they all can."""
    left, n_left = available, len(demands)
    for demand in sorted(demands):
        if demand * n_left > left:
            return left / n_left
        left -= demand
        n_left -= 1
    return math.inf


def _flow_order(pools: list[_Pool]) -> list[int]:
    """Order pools along the flow, as far as there are no loops: so that messages run with it."""
    pools_of_giver: dict[int, list[int]] = {}
    for index, pool in enumerate(pools):
        for member in pool.givers:
            pools_of_giver.setdefault(member.activity, []).append(index)
    order: list[int] = []
    seen = [False] * len(pools)
    for root in range(len(pools)):
        stack = [(root, False)]
        while stack:
            index, is_done = stack.pop()
            if is_done:
                order.append(index)
            elif not seen[index]:
                seen[index] = True
                stack.append((index, True))
                stack.extend(
                    (after, False)
                    for member in pools[index].takers
                    for after in pools_of_giver.get(member.activity, ())
                    if not seen[after]
                )
    return order[::-1]
