"""The environment over skills: Gymnasium's checker, masks, options-style rewards, lost worlds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from coordination_rig import LossySession
from factorio_fast import EmbeddedBackend, open_session
from factorio_fast.envs.hierarchical import HierarchicalFactorioEnv
from factorio_fast.envs.skill_actions import AMOUNTS, RESOURCE_ROWS, SKILL_NAMES, USES
from factorio_fast.errors import ClosedError, InvalidStateError, InvalidValueError
from factorio_fast.skills import SkillLibrary


@pytest.fixture(scope="module")
def library() -> SkillLibrary:
    return SkillLibrary.load("experts")


def made(library: SkillLibrary, **settings: Any) -> HierarchicalFactorioEnv:
    return HierarchicalFactorioEnv(skills=library, **settings)


def test_gymnasiums_checker_accepts_it(library: SkillLibrary) -> None:
    check_env(made(library, budget_seconds=10), skip_render_check=True)


def test_a_skill_runs_to_its_end_and_its_rewards_are_discounted_by_its_steps(
    library: SkillLibrary,
) -> None:
    scenario = {
        "name": "drill",
        "type": "strategic_planning",
        "objectives": ["free_play"],
        "episode_length": 600,
        "observation_frequency": 20,
        "palette": ["stone-furnace", "coal", "iron-ore"],
        "map_generation": {
            "size": "small",
            "complexity": "simple",
            "starting_items": {"stone-furnace": 1, "coal": 5, "iron-ore": 5},
        },
        "reward": {"time": -1.0},
    }
    env = made(library, scenario=scenario, discount=0.5)
    env.reset(seed=1)
    _, reward, terminated, truncated, info = env.step(env.action("WAIT", amount=1))
    n = info["duration"]
    assert n >= 20
    assert reward == pytest.approx(-(1 - 0.5**n) / (1 - 0.5))
    assert info["undiscounted_reward"] == -n
    assert info["discount"] == 0.5**n
    assert info["ticks"] == 3 * n
    assert (terminated, truncated, info["skill_status"]) == (False, False, "done")
    undiscounted = made(library, scenario=scenario, discount=1.0)
    undiscounted.reset(seed=1)
    _, reward, *_ = undiscounted.step(env.action("WAIT", amount=1))
    assert reward == -n


def test_equal_seeds_and_actions_give_equal_episodes(library: SkillLibrary) -> None:
    first, second = made(library), made(library)
    for env in (first, second):
        env.reset(seed=7)
    for skill, item in (("SUPPLY", "wooden-chest"), ("GATHER", "stone"), ("WAIT", None)):
        action = first.action(skill, item=item, amount=2)
        one, two = first.step(action), second.step(action)
        for key, value in one[0].items():
            np.testing.assert_array_equal(value, two[0][key])
        assert one[1:] == two[1:]


def test_the_places_are_patches_in_fixed_rows_and_then_the_nearest_machines(
    library: SkillLibrary,
) -> None:
    env = made(library)
    obs, _ = env.reset(seed=3)
    assert obs["places"][: len(RESOURCE_ROWS), 0].tolist() == [1.0] * 6
    assert obs["places"][len(RESOURCE_ROWS) :].any() == np.False_
    obs, *_, info = env.step(env.action("PLACE_ENTITIES", place=2, item="stone-furnace"))
    assert info["skill_status"] == "done", info["skill_reason"]
    row = obs["places"][len(RESOURCE_ROWS)]
    furnace = env.session.look().entities("stone-furnace")[0].position
    x, y = env.session.character()["position"]
    assert row[0] == 1
    assert row[2:4].tolist() == pytest.approx([(furnace[0] - x) / 32, (furnace[1] - y) / 32])


def test_what_the_mask_allows_begins_and_what_it_forbids_is_refused(
    library: SkillLibrary,
) -> None:
    env = made(library, budget_seconds=5)
    env.reset(seed=3)
    rng = np.random.default_rng(0)
    for _ in range(25):
        mask = env.action_masks()
        np.testing.assert_array_equal(mask, env.action_masks())
        skill = int(rng.integers(len(SKILL_NAMES)))
        table = env.conditional_masks(skill)
        assert table.any() == mask[skill]
        is_legal = bool(rng.integers(2)) and bool(table.any())
        choices = np.argwhere(table if is_legal else ~table)
        if not len(choices):
            continue
        choice = choices[rng.integers(len(choices))]
        action = np.array([skill, *choice], np.int64)
        *_, info = env.step(action)
        assert info["duration"] >= 1
        if not is_legal:
            assert "skill" in info["rejected"]
            assert (info["skill_status"], info["duration"]) == ("refused", 1)
        elif info["skill_status"] == "refused":
            # Sites are looked for only when something is to be built there.
            assert info["skill"] == "PLACE_ENTITIES"


def test_heads_that_a_skill_does_not_read_are_ignored(library: SkillLibrary) -> None:
    env = made(library)
    assert set(USES) == set(SKILL_NAMES)
    env.reset(seed=3)
    wait = SKILL_NAMES.index("WAIT")
    *_, info = env.step(np.array([wait, 15, 31, 0], np.int64))
    assert (info["skill_status"], info["rejected"]) == ("done", {})


def test_an_episode_ends_after_so_many_skills_or_with_the_worlds_time(
    library: SkillLibrary,
) -> None:
    env = made(library, max_skills=2)
    env.reset(seed=3)
    wait = env.action("WAIT", amount=1)
    assert env.step(wait)[3] is False
    assert env.step(wait)[3] is True
    with pytest.raises(InvalidStateError, match="call reset first"):
        env.step(wait)
    short = made(library, episode_length=2)
    short.reset(seed=3)
    *_, truncated, info = short.step(short.action("WAIT", amount=10))
    assert truncated
    assert info["skill_status"] in {"failed", "world-changed"}
    assert "the episode has ended" in info["skill_reason"]


class LossyBackend:
    """Opens sessions whose server dies after some steps."""

    def open(self, scenario: Any, *, max_steps: int | None, is_sparse: bool) -> Any:
        session = EmbeddedBackend().open(scenario, max_steps=max_steps, is_sparse=is_sparse)
        return LossySession(session, 30)


def test_a_lost_world_truncates_and_is_not_to_be_learned_from(library: SkillLibrary) -> None:
    env = made(library, backend=LossyBackend())
    env.reset(seed=3)
    obs, reward, terminated, truncated, info = env.step(env.action("WAIT", amount=10))
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert info["infrastructure"] == "ServerClosedError: the connection was lost"
    assert env.observation_space.contains(obs)


def test_mistakes_are_named(library: SkillLibrary) -> None:
    env = made(library)
    with pytest.raises(InvalidStateError, match="call reset first"):
        env.step(env.action("WAIT"))
    env.reset(seed=3)
    with pytest.raises(InvalidValueError, match=r"must have shape \(4,\)"):
        env.step(np.zeros(3, np.int64))
    with pytest.raises(InvalidValueError, match="the action is not in"):
        env.step(np.array([99, 0, 0, 0]))
    with pytest.raises(InvalidValueError, match='not "DANCE"'):
        env.action("DANCE")
    with pytest.raises(InvalidValueError, match='the palette has no "rocket-silo"'):
        env.action("SUPPLY", item="rocket-silo")
    assert env.action("SUPPLY", item="wood", amount=7)[3] == AMOUNTS.index(10)
    for settings in ({"discount": 0}, {"discount": 1.5}, {"budget_seconds": 0}, {"max_skills": 0}):
        with pytest.raises(InvalidValueError, match=next(iter(settings))):
            made(library, **settings)
    env.close()
    env.close()
    with pytest.raises(ClosedError):
        env.reset()


def test_the_inventory_counts_the_palette(library: SkillLibrary) -> None:
    env = made(library)
    obs, _ = env.reset(seed=3)
    carried = open_session("open_play", seed=3).character()["inventory"]
    held = {item: int(obs["inventory"][index]) for index, item in enumerate(env.palette)}
    assert {item: count for item, count in held.items() if count} == {
        item: count for item, count in carried.items() if item in env.palette
    }
