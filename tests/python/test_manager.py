"""The manager: its configuration, the three kinds of environments, and what it owns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from factorio_fast import FastFactorioEnv
from factorio_fast.envs.hierarchical import HierarchicalFactorioEnv
from factorio_fast.errors import ClosedError, InvalidValueError, UnknownNameError
from factorio_fast.manager import FactorioEnvironmentManager, ManagerConfig
from factorio_fast.semantic import SemanticFactorioEnv


def manager_of(config: Any = None, **variables: str) -> FactorioEnvironmentManager:
    environment = {f"FACTORIO_FAST_{name.upper()}": value for name, value in variables.items()}
    return FactorioEnvironmentManager(config, environment=environment)


def test_the_three_kinds_of_environments_can_be_made_and_played() -> None:
    with manager_of({"skills": "experts"}) as manager:
        low = manager.create_environment("low_level", {"scenario": "movement_basic"})
        assert isinstance(low, FastFactorioEnv)
        low.reset(seed=1)
        assert len(low.step(np.array([1, 0, 0, 0]))) == 5
        hierarchical = manager.create_environment("hierarchical", {"discount": 0.9})
        assert isinstance(hierarchical, HierarchicalFactorioEnv)
        assert hierarchical.discount == 0.9
        hierarchical.reset(seed=1)
        *_, info = hierarchical.step(hierarchical.action("WAIT", amount=1))
        assert info["skill_status"] == "done"
        high = manager.create_environment("high_level", {"max_tokens": 200})
        assert isinstance(high, SemanticFactorioEnv)
        high.reset(seed=3)
        assert set(high.get_world_state()) >= {"description", "bottlenecks", "threats"}
        assert manager.has_servers is False


def test_the_managers_own_layer_carries_commands_out_in_its_world() -> None:
    with manager_of({"skills": "experts", "seed": 3}) as manager:
        report = manager.coordination_layer.execute_llm_command("gather 3 wood")
        assert report.is_done
        assert manager.coordination_layer is manager.coordination_layer
        assert manager.coordination_layer.session.character()["inventory"]["wood"] >= 3


def test_files_are_overruled_by_the_environment_and_that_by_what_is_passed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "manager.toml"
    path.write_text(
        'scenario = "movement_basic"\nseed = 5\nnum_servers = 3\n[low_level]\nepisode_length = 60\n'
    )
    config = manager_of(path, seed="7", low_level__observation_type="full").config
    assert (config.scenario, config.seed, config.num_servers) == ("movement_basic", 7, 3)
    assert config.low_level.episode_length == 60
    assert config.low_level.observation_type == "full"
    assert manager_of({"seed": 9}, seed="7").config.seed == 9
    same = ManagerConfig(seed=4)
    assert manager_of(same).config is same
    with manager_of(path) as manager:
        env = manager.create_environment("low_level", {"max_episode_steps": 2})
        env.reset(seed=1)
        step = np.zeros(4, np.int64)
        assert [env.step(step)[3] for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"num_servers": 0}, "num_servers: input should be greater than or equal to 1, not 0"),
        ({"num_server": 1}, 'num_server: no such setting; did you mean "num_servers"?'),
        ({"backend": "docker"}, "backend: input should be 'embedded', 'sim-server' or 'factorio'"),
        (
            {"low_level": {"episode_lenght": 3}},
            'low_level.episode_lenght: no such setting; did you mean "episode_length"?',
        ),
        ({"hierarchical": {"discount": 2}}, "hierarchical.discount: input should be less than"),
        (3, "must be a ManagerConfig, a dictionary or a path, not 3"),
        (Path("none.toml"), 'cannot read the configuration "none.toml"'),
    ],
)
def test_a_mistake_in_the_configuration_is_named(config: Any, message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        manager_of(config)
    assert message in str(caught.value)


def test_a_mistake_in_a_variable_or_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="num_servers: input should be a valid integer"):
        manager_of(num_servers="many")
    path = tmp_path / "manager.toml"
    path.write_text("seed = = 3")
    with pytest.raises(InvalidValueError, match=r"cannot read the configuration .*manager\.toml"):
        manager_of(path)


def test_a_mistake_in_an_environment_is_named() -> None:
    with manager_of() as manager:
        with pytest.raises(UnknownNameError, match='unknown type of environment "mid_level"'):
            manager.create_environment("mid_level")
        with pytest.raises(InvalidValueError, match="low_level: episodes: no such setting"):
            manager.create_environment("low_level", {"episodes": 3})
        with pytest.raises(UnknownNameError, match='unknown scenario "movement_basics"'):
            manager.create_environment("low_level", {"scenario": "movement_basics"})


def test_closing_closes_what_was_made() -> None:
    manager = manager_of({"skills": "experts"})
    env = manager.create_environment("low_level")
    manager.close()
    manager.close()
    with pytest.raises(ClosedError):
        env.reset()
    for use in (
        lambda: manager.create_environment("low_level"),
        lambda: manager.coordination_layer,
        lambda: manager.server_pool,
        manager.open_session,
    ):
        with pytest.raises(ClosedError):
            use()
