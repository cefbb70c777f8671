"""The architecture that the package's user drew: every class and method of it exists and works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import factorio_fast as ff
from factorio_fast.errors import ClosedError

if TYPE_CHECKING:
    from factorio_fast.coordination import SkillTask


def test_the_manager_owns_pool_scenarios_and_coordination() -> None:
    with ff.FactorioEnvironmentManager({"num_servers": 2, "skills": "experts"}) as manager:
        assert isinstance(manager.scenario_manager, ff.ScenarioManager)
        assert isinstance(manager.coordination_layer, ff.CoordinationLayer)
        assert isinstance(manager.server_pool, ff.FactorioServerPool)
        kinds = {
            "low_level": ff.FastFactorioEnv,
            "high_level": ff.SemanticFactorioEnv,
            "hierarchical": ff.HierarchicalFactorioEnv,
        }
        for name, kind in kinds.items():
            assert isinstance(manager.create_environment(name, {"episode_length": 600}), kind)
    with pytest.raises(ClosedError):
        manager.create_environment("low_level", {})


def test_the_scenarios_have_their_names() -> None:
    scenarios = ff.ScenarioManager().scenarios
    for name in ("movement_basic", "mining_efficiency", "construction_speed", "base_optimization"):
        assert scenarios[name]["objectives"]


def test_the_fast_environment_has_its_spaces_and_pieces() -> None:
    env = ff.FastFactorioEnv("movement_basic")
    assert isinstance(env.obs_extractor, ff.CompactObservationExtractor)
    assert isinstance(env.action_executor, ff.FastActionExecutor)
    assert env.action_executor.action_space.nvec.tolist() == [9, 8, 16, 32]
    obs, _ = env.reset(seed=1)
    shapes = {key: value.shape for key, value in obs.items()}
    assert shapes == {
        "local_map": (32, 32, 8),
        "player_state": (16,),
        "entities": (16, 4),
        "action_mask": (64,),
    }
    env.step(np.zeros(4, np.int64))


def test_the_semantic_environment_tells_the_world_and_executes_plans() -> None:
    env = ff.SemanticFactorioEnv("open_play", skills="experts")
    env.reset(seed=3)
    state: Any = env.get_world_state()
    assert sorted(state) == [
        "bottlenecks",
        "description",
        "opportunities",
        "production_analysis",
        "threats",
    ]
    assert env.execute_plan("gather 2 wood").is_done


def test_the_coordination_layer_has_queue_library_and_monitor() -> None:
    session = ff.open_session("open_play", seed=3)
    layer = ff.CoordinationLayer(session, skills="experts")
    assert isinstance(layer.task_queue, ff.TaskQueue)
    assert isinstance(layer.skill_library, ff.SkillLibrary)
    assert isinstance(layer.execution_monitor, ff.ExecutionMonitor)
    parsed = layer.parse_semantic_command("build a smelter array for 15 iron plates per minute")
    sequence: list[SkillTask] = layer.decompose_to_skills(parsed, {})
    skills = [task.skill for task in sequence]
    for skill in ("NAVIGATE", "CLEAR_AREA", "PLACE_ENTITIES", "CONNECT_POWER", "CONNECT_LOGISTICS"):
        assert skill in skills
    for task in sequence:
        layer.task_queue.add_task(task)
    report = layer.execution_monitor.track_sequence(sequence)
    assert report.is_done, report.reason
    assert layer.execute_llm_command("gather 9 wood", {}).is_done


def test_the_library_has_the_four_policies_and_executes_skills() -> None:
    library = ff.SkillLibrary()
    kinds = {
        "movement": ff.MovementPolicy,
        "mining": ff.MiningPolicy,
        "construction": ff.ConstructionPolicy,
        "logistics": ff.LogisticsPolicy,
    }
    for name, kind in kinds.items():
        assert isinstance(library.skills[name], kind)
    library.bind(ff.open_session("open_play", seed=3))
    assert library.execute_skill("movement", {"target": (6, 2)}).is_done


def test_the_natural_language_interface_parses_and_plans() -> None:
    nlp = ff.NaturalLanguageInterface()
    world = ff.open_session("open_play", seed=3).look()
    goal: Any = nlp.parse_command("gather 2 wood")
    assert [task.skill for task in nlp.plan_execution(goal, world).tasks()] == ["GATHER"]
    analyzer = ff.SemanticWorldAnalyzer()
    for method in (
        analyzer.describe_world,
        analyzer.analyze_production,
        analyzer.find_bottlenecks,
        analyzer.find_opportunities,
        analyzer.assess_threats,
    ):
        assert method(world).to_text()


def test_names_of_the_package_are_all_there_and_others_are_refused() -> None:
    for name in ff.__all__:
        assert getattr(ff, name) is not None
    with pytest.raises(AttributeError, match='no attribute "FactorioClient"'):
        _ = ff.FactorioClient
