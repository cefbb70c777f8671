from __future__ import annotations

import math
import re
import tomllib
from importlib import metadata
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast import FastFactorioEnv, Scenario, ScenarioManager
from factorio_fast.errors import (
    AbsentMechanicError,
    InvalidScenarioError,
    UnknownNameError,
)
from factorio_fast.scenarios import manager as manager_module
from factorio_fast.scenarios.toml_text import toml_text

if TYPE_CHECKING:
    from pathlib import Path

# The settings that the project's user sketched, nothing added.
SKETCH: dict[str, dict[str, Any]] = {
    "movement_basic": {
        "type": "movement_training",
        "map_generation": {
            "size": "tiny",
            "terrain": "flat",
            "resources": "none",
            "enemies": "none",
        },
        "objectives": ["reach_waypoint"],
        "episode_length": 300,
        "observation_frequency": 10,
    },
    "mining_efficiency": {
        "type": "resource_gathering",
        "map_generation": {
            "size": "small",
            "resources": {"iron-ore": "rich"},
            "enemies": "none",
        },
        "objectives": ["mine_1000_ore"],
        "episode_length": 600,
        "observation_frequency": 5,
    },
    "construction_speed": {
        "type": "building_training",
        "map_generation": {
            "size": "small",
            "terrain": "flat",
            "starting_items": "construction_kit",
        },
        "objectives": ["build_blueprint"],
        "episode_length": 900,
        "observation_frequency": 5,
    },
    "base_optimization": {
        "type": "strategic_planning",
        "map_generation": {
            "size": "large",
            "complexity": "full_game",
            "starting_base": "minimal_automation",
        },
        "objectives": ["optimize_production_chains"],
        "episode_length": 18000,
        "observation_frequency": 0.1,
    },
}
STEPS = {
    "movement_basic": 3000,
    "mining_efficiency": 3000,
    "construction_speed": 4500,
    "base_optimization": 1800,
}


@pytest.fixture
def manager() -> ScenarioManager:
    return ScenarioManager()


def test_the_builtin_scenarios_are_those_of_the_sketch(manager: ScenarioManager) -> None:
    assert manager.list() == [*SKETCH, "open_play"]
    assert [*manager.scenarios] == manager.list()
    for name, sketch in SKETCH.items():
        settings = manager.scenarios[name]
        sketched_map = sketch["map_generation"]
        assert {key: settings[key] for key in sketch if key != "map_generation"} == {
            key: value for key, value in sketch.items() if key != "map_generation"
        }
        assert {key: settings["map_generation"][key] for key in sketched_map} == sketched_map
        assert manager.get(name).max_steps == STEPS[name]


@pytest.mark.parametrize("name", SKETCH)
def test_the_sketch_itself_can_be_registered_and_played(
    manager: ScenarioManager, name: str
) -> None:
    scenario = manager.register(SKETCH[name], name=f"own_{name}")
    assert scenario.name == f"own_{name}"
    assert manager.get(f"own_{name}") is scenario
    env = FastFactorioEnv(scenario)
    env.reset(seed=3)
    for _ in range(5):
        env.step(env.action_space.sample())
    env.close()


@pytest.mark.parametrize("name", SKETCH)
def test_builtin_scenarios_start_from_many_seeds(manager: ScenarioManager, name: str) -> None:
    env = FastFactorioEnv(manager.get(name))
    digests = set()
    for seed in range(20):
        env.reset(seed=seed)
        digests.add(env.digest())
    assert len(digests) == 20


def test_settings_are_copies(manager: ScenarioManager) -> None:
    manager.scenarios["movement_basic"]["map_generation"]["size"] = "large"
    assert manager.scenarios["movement_basic"]["map_generation"]["size"] == "tiny"
    assert len(manager.scenarios) == 5
    assert "movement_basic" in manager.scenarios
    assert "nothing" not in manager.scenarios
    with pytest.raises(UnknownNameError):
        manager.scenarios["nothing"]


def test_unknown_names_suggest_the_nearest(manager: ScenarioManager) -> None:
    with pytest.raises(UnknownNameError, match='did you mean "movement_basic"') as caught:
        manager.get("movment_basic")
    assert 'unknown scenario "movment_basic"' in str(caught.value)
    with pytest.raises(UnknownNameError, match='known are "movement_basic", '):
        manager.get("zzz")


def test_files_are_loaded_by_path(manager: ScenarioManager, tmp_path: Path) -> None:
    path = tmp_path / "my_walk.toml"
    path.write_text(toml_text(SKETCH["movement_basic"]), encoding="utf-8")
    scenario = manager.load(path)
    assert scenario.name == "my_walk"
    assert "my_walk" in manager.list()
    assert manager.load(str(path)).digest == scenario.digest
    assert "my_walk" not in ScenarioManager().list()


def test_registering_replaces_in_this_manager_alone(manager: ScenarioManager) -> None:
    shorter = {**SKETCH["movement_basic"], "name": "movement_basic", "episode_length": 30}
    manager.register(shorter)
    assert manager.get("movement_basic").max_steps == 300
    assert manager.list() == [*SKETCH, "open_play"]
    assert ScenarioManager().get("movement_basic").max_steps == 3000


def test_mistakes_in_files_name_file_line_key_and_value(
    manager: ScenarioManager, tmp_path: Path
) -> None:
    path = tmp_path / "bad.toml"
    text = toml_text(SKETCH["movement_basic"])
    path.write_text(text.replace('"tiny"', '"tinny"'), encoding="utf-8")
    with pytest.raises(InvalidScenarioError) as caught:
        manager.load(path)
    message = str(caught.value)
    assert f"{path}:2: map_generation.size: " in message
    assert '(did you mean "tiny"?), not "tinny"' in message
    assert "bad" not in manager.list()


@pytest.mark.parametrize(
    ("settings", "error", "part"),
    [
        ({"episode_lenght": 3}, InvalidScenarioError, 'not "episode_lenght"'),
        ({"palette": ["irn-plate"]}, UnknownNameError, '"iron-plate"'),
        ({"objectives": ["fly"]}, InvalidScenarioError, 'not "fly"'),
        ({"reward": {"money": 1}}, InvalidScenarioError, 'not "money"'),
        ({"reward": {"time": math.inf}}, InvalidScenarioError, "finite"),
        ({"map_generation": {"size": "tiny", "enemies": "few"}}, AbsentMechanicError, "enemies"),
        ({"episode_length": {1, 2}}, InvalidScenarioError, "episode_length takes"),
        ({"reward": {1: 2}}, InvalidScenarioError, "strings in reward, not 1"),
    ],
)
def test_mistakes_in_settings_are_named(
    manager: ScenarioManager, settings: dict[str, Any], error: type[Exception], part: str
) -> None:
    with pytest.raises(error) as caught:
        manager.register({**SKETCH["movement_basic"], **settings}, name="mine")
    assert part in str(caught.value)
    assert "mine" not in manager.list()


def test_what_is_no_scenario_is_refused(manager: ScenarioManager) -> None:
    with pytest.raises(InvalidScenarioError, match="a mapping of settings, not 3"):
        manager.register(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidScenarioError, match='"name" is missing'):
        manager.register(SKETCH["movement_basic"])


def test_unreadable_files_are_refused(manager: ScenarioManager, tmp_path: Path) -> None:
    with pytest.raises(InvalidScenarioError, match=r"nowhere\.toml"):
        manager.load(tmp_path / "nowhere.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidScenarioError, match="cannot read"):
        manager.load(binary)
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(InvalidScenarioError, match="at most 4194304 bytes"):
        manager.load(huge)


def test_blueprint_strings_are_given_to_the_objective(manager: ScenarioManager) -> None:
    settings = {
        **SKETCH["construction_speed"],
        "objective": {"build_blueprint": {"blueprint": "0eN"}},
    }
    with pytest.raises(ValueError, match=r"objective\.build_blueprint\.blueprint"):
        manager.register(settings, name="mine")


class TestEntryPoints:
    @pytest.fixture
    def offered(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """Entry points by name, as other packages would offer them."""
        offered: dict[str, str] = {}

        def entry_points(*, group: str) -> list[metadata.EntryPoint]:
            return [metadata.EntryPoint(name, value, group) for name, value in offered.items()]

        monkeypatch.setattr(metadata, "entry_points", entry_points)
        return offered

    def test_settings_functions_and_paths_are_taken(
        self, offered: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        path = tmp_path / "from_file.toml"
        path.write_text(toml_text(SKETCH["mining_efficiency"]), encoding="utf-8")
        for attribute, value in {
            "settings": SKETCH["movement_basic"],
            "function": lambda: dict(SKETCH["construction_speed"]),
            "path": path,
        }.items():
            monkeypatch.setattr(manager_module, f"offered_{attribute}", value, raising=False)
            offered[f"from_{attribute}"] = f"factorio_fast.scenarios.manager:offered_{attribute}"
        manager = ScenarioManager()
        assert manager.list() == [
            *SKETCH,
            "open_play",
            "from_settings",
            "from_function",
            "from_path",
        ]
        assert manager.get("from_settings").objective == "reach_waypoint"
        assert manager.get("from_function").objective == "build_blueprint"
        assert manager.get("from_path").objective == "mine_1000_ore"

    def test_broken_ones_say_whose_they_are_when_they_are_asked_for(
        self, offered: dict[str, str]
    ) -> None:
        offered["broken"] = "no_such_module:thing"
        manager = ScenarioManager()
        with pytest.raises(InvalidScenarioError, match=r'scenario "broken" of .* cannot be loaded'):
            manager.get("broken")

    def test_builtin_names_keep_their_meaning(self, offered: dict[str, str]) -> None:
        offered["movement_basic"] = "no_such_module:thing"
        assert isinstance(ScenarioManager().get("movement_basic"), Scenario)


@pytest.mark.parametrize(
    "settings",
    [
        {"unknown": 1},
        {"map_generation": {"unknown": 1}},
        {"map_generation": {"size": "tiny", "resources": {"coal": {"unknown": 1}}}},
        {"objective": {"reach_waypoint": {"unknown": 1}}},
        {"reward": {"unknown": 1}},
    ],
)
def test_the_documents_name_every_key(
    manager: ScenarioManager, repository: Path, settings: dict[str, Any]
) -> None:
    with pytest.raises(InvalidScenarioError) as caught:
        manager.register({**SKETCH["movement_basic"], **settings}, name="mine")
    listed = re.search(r"takes the keys (.*), not \"unknown\"", str(caught.value))
    assert listed is not None
    text = (repository / "docs" / "scenarios.md").read_text(encoding="utf-8")
    missing = [key for key in re.findall(r"\"([^\"]+)\"", listed[1]) if f"`{key}`" not in text]
    assert missing == []


def test_toml_text_reads_back_as_it_was() -> None:
    settings = {
        "text": 'quote " backslash \\ line\nbell \x07 delete \x7f snowman ☃ plane \U0001d518',
        "dotted.key": {"a b": [1, 2.5, -3, True, False, []], "empty": {}},
        "tuple": (1, ("x",)),
        "big": 2**40,
        "small": 1e-300,
        "infinite": -math.inf,
    }
    back = tomllib.loads(toml_text(settings))
    assert back == {**settings, "tuple": [1, ["x"]]}
    assert math.isnan(tomllib.loads(toml_text({"x": math.nan}))["x"])


def test_open_play_begins_as_a_new_game_does_and_ends_with_its_time(
    manager: ScenarioManager,
) -> None:
    env = FastFactorioEnv("open_play", max_episode_steps=3)
    env.reset(seed=4)
    world = env.session.look()
    assert world.character.inventory() == {
        "burner-mining-drill": 1,
        "firearm-magazine": 10,
        "iron-plate": 8,
        "pistol": 1,
        "stone-furnace": 1,
        "wood": 1,
    }
    assert {patch.name for patch in world.resource_patches()} >= {
        "iron-ore",
        "copper-ore",
        "coal",
        "stone",
    }
    ends = [env.step(env.action_space.sample())[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]
    assert manager.get("open_play").ticks_per_step == 3


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"size": "small"}, "320 tiles"),
        ({"terrain": "lakes"}, "terrain"),
        ({"enemies": "many"}, "none"),
    ],
)
def test_a_new_games_map_says_what_it_cannot_be(
    manager: ScenarioManager, changes: dict[str, Any], text: str
) -> None:
    settings = manager.scenarios["open_play"]
    settings["map_generation"] |= changes
    with pytest.raises(InvalidScenarioError, match=text):
        manager.register(settings, name="other")


def test_a_new_games_map_takes_no_goal_with_a_place(manager: ScenarioManager) -> None:
    settings = manager.scenarios["open_play"] | {"objectives": ["reach_waypoint"]}
    with pytest.raises(InvalidScenarioError, match="new_game"):
        manager.register(settings, name="other")
