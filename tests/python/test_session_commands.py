"""Typed commands: what scripts, planners and skills tell the character, one step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from factorio_fast import FastFactorioEnv, open_session
from factorio_fast.errors import InvalidStateError, InvalidValueError, UnknownNameError

if TYPE_CHECKING:
    from factorio_fast.envs.session import Session


@pytest.fixture
def session() -> Session:
    return open_session("open_play", seed=3)


def unit_of(session: Session, name: str) -> int:
    return session.look().entities(name)[0].unit_number


def test_commands_are_carried_out_in_order_and_refusals_are_named(session: Session) -> None:
    x, y = session.character()["position"]
    session.step_commands(
        [
            ("build", "stone-furnace", (x + 3, y), "north"),
            ("build", "lab", (x - 4, y), "north"),
            ("craft", "iron-gear-wheel", 2),
        ]
    )
    assert session.refusals() == [None, "missing-item", None]
    furnace = unit_of(session, "stone-furnace")
    session.step_commands([("insert", furnace, "wood", 1), ("take", furnace)])
    assert session.refusals() == [None, "empty"]
    world = session.look()
    entity = world.entities("stone-furnace")[0]
    assert entity.inventory("fuel") == {}
    assert entity.burning is not None
    assert "wood" not in session.character()["inventory"]
    assert session.character()["crafting_queue"] == [("iron-gear-wheel", 2)]


def test_walking_goes_on_until_it_is_told_otherwise(session: Session) -> None:
    x, y = session.character()["position"]
    session.step_commands([("walk", "east")])
    session.step_commands([])
    session.step_commands([("walk", None)])
    assert session.character()["position"] == pytest.approx((x + 6 * 38 / 256, y))


def test_chests_give_one_item_alone_and_take_a_count() -> None:
    session = open_session("mining_efficiency", seed=1)
    x, y = session.character()["position"]
    session.step_commands([("build", "wooden-chest", (x + 2, y), "north")])
    chest = unit_of(session, "wooden-chest")
    session.step_commands([("insert", chest, "coal", 7), ("insert", chest, "wood", 3)])
    coal = session.character()["inventory"]["coal"]
    session.step_commands([("take", chest, "coal", 5)])
    assert session.refusals() == [None]
    assert session.look().entities("wooden-chest")[0].inventory() == {"coal": 2, "wood": 3}
    assert session.character()["inventory"]["coal"] == coal + 5


def test_ghosts_are_placed_at_any_distance_and_built(session: Session) -> None:
    x, y = session.character()["position"]
    far = (x + 40.0, y)
    if not session.look().can_place("stone-furnace", far):
        far = (x - 40.0, y)
    session.step_commands(
        [
            ("ghost", "stone-furnace", (x + 3, y), "north"),
            ("ghost", "stone-furnace", (x + 3, y), "north"),
            ("ghost", "stone-furnace", far, "north"),
        ]
    )
    assert session.refusals() == [None, "no-space", None]
    near, distant = session.look().ghosts()
    assert near[1] == distant[1] == "stone-furnace"
    session.step_commands(
        [("build", "stone-furnace", near[2], "north"), ("remove-ghost", distant[0])]
    )
    assert session.refusals() == [None, None]
    assert session.look().ghosts() == []


def test_research_is_chosen_and_refused_as_in_the_game(session: Session) -> None:
    session.step_commands([("research", "automation"), ("research", "rocket-silo")])
    assert session.refusals() == ["recipe-locked", "recipe-locked"]


@pytest.mark.parametrize(
    ("commands", "error", "text"),
    [
        ([("fly", "north")], UnknownNameError, "fly"),
        ([("walk", "up")], UnknownNameError, "up"),
        ([("build", "stone-furnace", (1.0, 2.0))], InvalidValueError, "direction"),
        ([("craft", "perpetual-motion", 1)], UnknownNameError, "perpetual-motion"),
        ([("insert", 1, "coal", -1)], InvalidValueError, "-1"),
        ([()], InvalidValueError, "begins with its name"),
        ([("mine", (1e9, 0.0))], InvalidValueError, "1000000"),
        ([("stop-mining",)] * 257, InvalidValueError, "256"),
    ],
)
def test_commands_that_mean_nothing_are_refused_before_anything_is_done(
    session: Session, commands: list[tuple[Any, ...]], error: type[Exception], text: str
) -> None:
    before = session.snapshot()
    with pytest.raises(error, match=text):
        session.step_commands([("walk", "east"), *commands])
    assert session.snapshot() == before


def test_a_look_is_a_copy(session: Session) -> None:
    world = session.look()
    world.run(600)
    world.character.teleport((20.5, 0.5))
    assert session.look().tick == 0
    assert session.look().character.position != (20.5, 0.5)


def test_a_shown_goal_steers_the_observation_and_not_the_reward() -> None:
    env = FastFactorioEnv("movement_basic")
    env.reset(seed=5)
    twin = env.fork()
    env.session.set_goal({"waypoint": (3.5, -2.5), "radius": 1.0})
    obs, reward, *_ = env.step(np.array([1, 0, 0, 0]))
    twin_obs, twin_reward, *_ = twin.step(np.array([1, 0, 0, 0]))
    assert reward == twin_reward
    assert (obs["player_state"][9:12] != twin_obs["player_state"][9:12]).any()
    env.session.set_goal(None)
    back = env.obs_extractor.extract()
    for key, value in twin_obs.items():
        np.testing.assert_array_equal(back[key], value)


def test_a_path_leads_round_what_is_in_the_way(session: Session) -> None:
    x, y = session.character()["position"]
    path = session.find_path((x + 20, y), reach=2.0)
    assert path is not None
    assert abs(path[-1][0] - x - 20) <= 2
    assert session.find_path((1000.0, 1000.0)) is None


def test_replays_hold_commands_too(session: Session) -> None:
    session.step_commands([("walk", "north"), ("craft", "iron-gear-wheel", 1)])
    session.step([3, 0, 0, 0])
    assert session.run_replay(session.replay()) == [[-1] * 4, [3, 0, 0, 0]]  # type: ignore[attr-defined]


def test_commands_need_an_episode_that_runs() -> None:
    env = FastFactorioEnv("open_play")
    with pytest.raises(InvalidStateError, match="reset"):
        env.session.step_commands([])


def test_tiles_say_what_can_be_built_on() -> None:
    world = open_session("open_play", seed=3).look()
    (left, top), (right, bottom) = world.area
    bits = world.tiles(((left, top), (right, bottom)))
    assert bits.shape == (bottom - top, right - left)
    patch = world.resource_patches("iron-ore")[0]
    (px, py), _ = patch.tiles[0]
    assert bits[int(py - 0.5) - top, int(px - 0.5) - left] & 8
    assert (bits & 32).any()
