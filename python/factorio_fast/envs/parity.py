"""Two backends side by side: the same seeds and actions, and what differs first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast import contract
from factorio_fast.envs.spaces import record_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from factorio_fast.envs.session import Session
    from factorio_fast.envs.vector import FactorioVectorEnv

__all__ = ["Difference", "compare_episode", "compare_many", "draw_action", "play"]

MAX_FIELDS = 12
"""So many fields of a difference are named."""
_RANDOM_SHARE = 0.125
_HEADS = np.cumsum([0, *contract.ACTION_NVEC])


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where two episodes are not the same."""

    seed: int
    """Seed of the episode."""
    step: int
    """Step after which they differ; 0 is the first observation."""
    action: list[int] | None
    """The action that led there."""
    fields: list[str]
    """What differs, with both values."""

    def __str__(self) -> str:
        told = "; ".join(self.fields)
        return f"seed {self.seed}, step {self.step}, action {self.action}: {told}"


def draw_action(rng: np.random.Generator, session: Session) -> list[int]:
    """Draw an action; seven in eight are legal ones, so that worlds go somewhere."""
    if rng.random() < _RANDOM_SHARE:
        return [int(rng.integers(size)) for size in contract.ACTION_NVEC]
    mask = session.action_masks()
    heads = [np.flatnonzero(mask[_HEADS[head] : _HEADS[head + 1]]) for head in range(4)]
    move = int(rng.choice(heads[0])) if len(heads[0]) and rng.random() < 0.5 else 0  # noqa: PLR2004
    interact = int(rng.choice(heads[1])) if len(heads[1]) else 0
    pairs = np.argwhere(session.conditional_mask(interact))
    if len(pairs):
        target, item = (int(number) for number in pairs[rng.integers(len(pairs))])
    else:
        target, item = 0, 0
    return [move, interact, target, item]


def play(
    session: Session, seed: int, steps: int | None
) -> Iterator[tuple[list[int] | None, NDArray[np.uint8], dict[str, Any]]]:
    """Play random legal actions; yields action, record and facts after the reset and each step."""
    rng = np.random.default_rng(seed)
    session.reset(seed)
    facts: dict[str, Any] = {}
    action: list[int] | None = None
    step = 0
    while True:
        record = np.empty(contract.RECORD_SIZE, np.uint8)
        session.observe(record)
        yield action, record, facts
        if session.phase != "running" or (steps is not None and step >= steps):
            return
        action = draw_action(rng, session)
        facts = _step(session, action)
        step += 1


def _step(session: Session, action: list[int]) -> dict[str, Any]:
    reward, terminated, truncated = session.step(action)
    return {"reward": reward, "terminated": terminated, "truncated": truncated, **session.info()}


def compare_episode(
    first: Session, second: Session, seed: int, steps: int | None = None
) -> tuple[int, Difference | None]:
    """Play an episode in both sessions, the actions drawn from what the first one shows.

    Returns:
        played, difference: how many steps were played, and what differs first, if anything.
    """
    second.reset(seed)
    played = 0
    for action, record, facts in play(first, seed, steps):
        theirs: dict[str, Any] = {} if action is None else _step(second, action)
        played += action is not None
        other = np.empty_like(record)
        second.observe(other)
        fields = [*_unequal_facts(facts, theirs), *_unequal_bytes(record, other)]
        if fields:
            return played, Difference(seed=seed, step=played, action=action, fields=fields)
    return played, None


def compare_many(
    first: FactorioVectorEnv, second: FactorioVectorEnv, seed: int
) -> tuple[int, Difference | None]:
    """Play an episode in every environment of both, all at the same time.

    Returns:
        played, difference: how many steps were played, and what differs first, if anything.
    """
    rng = np.random.default_rng(seed)
    first.reset(seed=seed)
    second.reset(seed=seed)
    is_over = np.zeros(first.num_envs, np.bool_)
    actions = np.zeros((first.num_envs, len(contract.ACTION_NVEC)), np.int64)
    played = 0
    outcomes: list[Any] = [(), ()]
    while True:
        unequal = (first.records != second.records).any(axis=1)
        for ours, theirs in zip(*outcomes, strict=True):
            unequal |= ours != theirs
        if unequal.any():
            index = int(np.argmax(unequal))
            fields = [
                f"{name}: {ours[index]} and {theirs[index]}"
                for name, ours, theirs in zip(_OUTCOMES, *outcomes, strict=False)
                if ours[index] != theirs[index]
            ]
            fields += _unequal_bytes(first.records[index], second.records[index])
            action = actions[index].tolist()
            return played, Difference(seed=seed + index, step=played, action=action, fields=fields)
        if is_over.all():
            return played, None
        actions = _draw_actions(rng, first)
        outcomes = [env.step(actions)[1:4] for env in (first, second)]
        is_over |= outcomes[0][1] | outcomes[0][2]
        played += 1


_OUTCOMES = ("reward", "terminated", "truncated")


def _draw_actions(rng: np.random.Generator, envs: FactorioVectorEnv) -> NDArray[np.int64]:
    """Draw an action for each environment as `draw_action` does."""

    def choose(legal: NDArray[np.bool_]) -> NDArray[np.int64]:
        drawn: NDArray[np.int64] = (rng.random(legal.shape) * legal).argmax(axis=1)
        return drawn

    n_envs = envs.num_envs
    mask = envs.action_masks()
    moves = choose(mask[:, _HEADS[0] : _HEADS[1]]) * (rng.random(n_envs) < 0.5)  # noqa: PLR2004
    interacts = choose(mask[:, _HEADS[1] : _HEADS[2]])
    pairs = choose(envs.conditional_masks(interacts).reshape(n_envs, -1))
    n_items = contract.ACTION_NVEC[3]
    actions = np.stack([moves, interacts, pairs // n_items, pairs % n_items], axis=1)
    any_at_all = rng.random(n_envs) < _RANDOM_SHARE
    actions[any_at_all] = rng.integers(0, contract.ACTION_NVEC, actions.shape)[any_at_all]
    return actions.astype(np.int64)


def _unequal_facts(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {ours.get(name)!r} and {theirs.get(name)!r}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def _unequal_bytes(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> list[str]:
    if np.array_equal(ours, theirs):
        return []
    fields = []
    views = record_views(theirs)
    for name, view in record_views(ours).items():
        other = views[name]
        # Bit for bit, so that a NaN is equal to itself.
        unequal = view.view(np.uint8).reshape(*view.shape, -1) != other.view(np.uint8).reshape(
            *view.shape, -1
        )
        for index in np.argwhere(unequal.any(axis=-1))[:MAX_FIELDS]:
            place = tuple(int(number) for number in index)
            fields.append(f"{name}{list(place)}: {view[place]} and {other[place]}")
    return fields[:MAX_FIELDS]
