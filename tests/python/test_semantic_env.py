"""`SemanticFactorioEnv`: text in, text out, and refused commands change nothing."""

from __future__ import annotations

from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from commands_table import REFUSED
from factorio_fast import EmbeddedBackend
from factorio_fast.errors import (
    ClosedError,
    InvalidStateError,
    InvalidValueError,
    UnknownNameError,
)
from factorio_fast.planning.planners import PlanError
from factorio_fast.semantic import ParseRefusal, SemanticFactorioEnv, count_tokens

PARTS = ["description", "production_analysis", "bottlenecks", "opportunities", "threats"]


class Walker:
    """Carries every command out by walking to the east for five steps."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def execute_llm_command(self, command: str, context: dict[str, Any]) -> str:
        self.commands.append(command)
        for _ in range(5):
            context["session"].step_commands([("walk", "east")])
        return "walked"


class Planless:
    """Has no plan for anything."""

    def execute_llm_command(self, command: str, context: dict[str, Any]) -> None:
        raise PlanError(f"no way to {command} in {sorted(context)}")


@pytest.fixture
def env() -> SemanticFactorioEnv:
    made = SemanticFactorioEnv("movement_basic", coordination=Walker(), reward_shaping="dense")
    made.reset(seed=5)
    return made


def test_environment_passes_the_checker_of_gymnasium() -> None:
    made = SemanticFactorioEnv("movement_basic", coordination=Walker())
    check_env(made, skip_render_check=True)
    made.close()


def test_environment_is_registered_with_gymnasium() -> None:
    made = gymnasium.make("FactorioFast/Semantic-v0", coordination=Walker(), max_tokens=200)
    text, _ = made.reset(seed=1)
    assert isinstance(made.unwrapped, SemanticFactorioEnv)
    assert made.observation_space.contains(text)
    assert made.step("explore east")[4]["refusal"] is None
    made.close()


def test_command_is_carried_out_and_what_it_was_worth_is_summed(env: SemanticFactorioEnv) -> None:
    before = env.session.character()
    text, reward, terminated, truncated, info = env.step("walk fifteen tiles east")
    after = env.session.character()
    assert after["position"][0] > before["position"][0]
    assert (info["report"], info["refusal"], info["n_commands"]) == ("walked", None, 1)
    assert (terminated, truncated) == (False, False)
    assert reward != 0
    assert info["delta"].ticks == after["tick"] - before["tick"] == 30
    assert env.observation_space.contains(text)
    assert count_tokens(text) <= env.max_tokens


@pytest.mark.parametrize("command", REFUSED)
def test_refused_command_changes_nothing(env: SemanticFactorioEnv, command: str) -> None:
    before = env.session.look().digest()
    text, reward, _, _, info = env.step(command)
    assert env.session.look().digest() == before
    assert (reward, info["delta"].is_empty, info["delta"].ticks) == (0, True, 0)
    assert text.startswith("refused: ")
    assert isinstance(info["report"], ParseRefusal)


def test_goal_without_a_plan_is_refused_with_the_reason_of_the_planner() -> None:
    made = SemanticFactorioEnv(coordination=Planless())
    made.reset(seed=1)
    text, _, _, _, info = made.step("research automation")
    assert info["refusal"] == "no way to research automation in ['session']"
    assert text.startswith("refused: no way to research automation")
    with pytest.raises(PlanError):
        made.execute_plan("research automation")


def test_world_state_has_its_five_parts(env: SemanticFactorioEnv) -> None:
    state = env.get_world_state()
    assert list(state) == PARTS
    assert all(part.to_text(50) for part in state.values())
    assert env.full_game_state().tick == state["description"].tick


def test_delta_is_counted_from_the_last_one(env: SemanticFactorioEnv) -> None:
    assert env.delta().is_empty
    env.execute_plan("go to 10, -20")
    assert env.delta().moved_tiles > 3
    assert env.delta().is_empty


def test_equal_seeds_and_commands_give_equal_texts() -> None:
    texts = []
    for _ in range(2):
        made = SemanticFactorioEnv(coordination=Walker())
        texts.append([made.reset(seed=4)[0], *(made.step("explore east")[0] for _ in range(2))])
    assert texts[0] == texts[1]


def test_episode_is_truncated_after_so_many_commands() -> None:
    made = SemanticFactorioEnv(coordination=Walker(), max_commands=2)
    made.reset(seed=1)
    assert [made.step("nonsense")[3] for _ in range(2)] == [False, True]
    made.reset()
    assert made.step("nonsense")[3] is False


def test_time_of_the_scenario_ends_the_episode() -> None:
    made = SemanticFactorioEnv("movement_basic", coordination=Walker(), max_episode_steps=5)
    made.reset(seed=1)
    assert made.step("explore east")[3] is True
    with pytest.raises(InvalidStateError, match="call reset"):
        made.step("explore east")


def test_what_opens_sessions_may_be_given_as_server() -> None:
    made = SemanticFactorioEnv(server=EmbeddedBackend(), coordination=Walker())
    assert made.reset(seed=1)[0]
    with pytest.raises(InvalidValueError, match="give one"):
        SemanticFactorioEnv(server=EmbeddedBackend(), backend="sim-server")


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"observation_type": "compact"}, UnknownNameError),
        ({"action_type": "discrete"}, UnknownNameError),
        ({"reward_shaping": "none"}, UnknownNameError),
        ({"render_mode": "human"}, UnknownNameError),
        ({"max_tokens": 10}, InvalidValueError),
        ({"max_commands": 0}, InvalidValueError),
    ],
)
def test_setting_with_a_mistake_is_refused(
    settings: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        SemanticFactorioEnv(**settings)


def test_nothing_works_before_the_reset_or_after_the_end() -> None:
    made = SemanticFactorioEnv(coordination=Walker())
    with pytest.raises(InvalidStateError, match="call reset first"):
        made.step("explore")
    made.close()
    made.close()
    with pytest.raises(ClosedError):
        made.reset()


def test_commands_are_carried_out_by_skills() -> None:
    made = SemanticFactorioEnv("open_play", skills="experts")
    made.reset(seed=3)
    _, _, _, _, info = made.step("gather 5 wood")
    assert info["refusal"] is None
    assert made.session.character()["inventory"]["wood"] >= 6
    made.close()
