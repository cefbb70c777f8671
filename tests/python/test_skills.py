"""The skill library: policies, networks and experts, conditions, budgets, and success on record."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from coordination_rig import LossySession, session_of, spot
from factorio_fast import open_session
from factorio_fast.coordination import SkillResult, SkillStatus, WorldLostError
from factorio_fast.errors import InvalidStateError, InvalidValueError, UnknownNameError
from factorio_fast.skills import (
    ConstructionPolicy,
    LogisticsPolicy,
    MiningPolicy,
    MovementPolicy,
    SkillLibrary,
    SkillNetwork,
    SkillSpec,
    SuccessRecord,
    WeightsError,
)
from factorio_fast.skills.experts import EXPERTS
from factorio_fast.skills.parameters import PARAMETERS
from factorio_fast.skills.policies import POLICIES, WEIGHTS_FOLDER
from factorio_fast.skills.spec import GROUPS, RecordError

if TYPE_CHECKING:
    from pathlib import Path

    from factorio_fast.envs.session import Session


@pytest.fixture(scope="module")
def trained() -> SkillLibrary:
    """The package's weights; torch is read once."""
    return SkillLibrary.load("default")


def test_every_skill_has_an_expert_parameters_and_one_policy() -> None:
    grouped = sorted(skill for skills in GROUPS.values() for skill in skills)
    assert grouped == sorted(PARAMETERS) == sorted(EXPERTS)
    library = SkillLibrary.load("experts")
    assert sorted(library.specs) == grouped
    assert sorted(library.skills) == ["construction", "logistics", "mining", "movement"]
    for spec in library.specs.values():
        assert spec.description.endswith(".")
        assert spec.parameters_schema["type"] == "object"
        assert spec.success_rate is None


def test_the_sketch_of_the_library_works(trained: SkillLibrary) -> None:
    session = session_of()
    skills = {
        "movement": MovementPolicy.load("movement_v2.pth"),
        "mining": MiningPolicy.load("mining_v3.pth"),
        "construction": ConstructionPolicy.load("construction_v1.pth"),
        "logistics": LogisticsPolicy.load("logistics_v2.pth"),
    }
    target = spot(session, 6, 3)
    for policy in skills.values():
        policy.bind(session)
    assert skills["movement"].execute({"target": target}).is_done
    assert skills["mining"].execute({"items": {"wood": 2}}).is_done
    site = {"entity": "stone-furnace", "position": (target[0] + 3.5, target[1] + 0.5)}
    assert skills["construction"].execute({"blueprint": [site]}).is_done
    crafted = skills["logistics"].execute({"skill": "CRAFT", "items": {"wooden-chest": 1}})
    assert crafted.is_done
    trained.bind(session)
    assert trained.execute_skill("movement", {"target": spot(session, -4, 0)}).is_done


def test_the_network_walks_where_there_are_weights(trained: SkillLibrary) -> None:
    session = session_of(5)
    x, y = session.character()["position"]
    result = trained.execute_skill("NAVIGATE", {"target": (x + 30, y + 8)}, session=session)
    assert result.status is SkillStatus.DONE, result.reason
    assert result.details == {"how": "network", "weights": "movement_v2.pth"}
    assert math.dist(session.character()["position"], (x + 30, y + 8)) <= 2.0
    # The observation shows the scenario's own objective again.
    assert trained.specs["NAVIGATE"].record["network"].success_rate == 1.0


def test_the_network_builds_what_it_was_trained_with_and_touches_nothing_else(
    trained: SkillLibrary,
) -> None:
    session = session_of(4)
    drill, furnace = spot(session, 5, 2), spot(session, 5, -4)
    first = {"entity": "burner-mining-drill", "position": shifted(drill), "direction": "west"}
    second = {"entity": "stone-furnace", "position": shifted(furnace)}
    for part in (first, second):
        result = trained.execute_skill("PLACE_ENTITIES", {"blueprint": [part]}, session=session)
        assert result.details.get("how") == "network", result
    (built,) = session.look().entities("burner-mining-drill")
    assert (built.position, built.direction) == (shifted(drill), "west")
    assert session.look().entities("stone-furnace")[0].position == shifted(furnace)
    assert session.look().ghosts() == []


def shifted(position: tuple[float, float]) -> tuple[float, float]:
    """Return the corner of a tile, where the middle of what is two by two lies."""
    return position[0] + 0.5, position[1] + 0.5


@pytest.mark.parametrize(
    ("skill", "parameters", "reason"),
    [
        ("WAIT", {"seconds": 1}, "no network was trained for WAIT"),
        ("CLEAR_AREA", {"area": ((0, 0), (4, 4))}, "no network was trained for CLEAR_AREA"),
        ("CRAFT", {"items": {"iron-gear-wheel": 1}}, 'no weights "logistics_v2.pth"'),
    ],
)
def test_the_expert_does_what_the_network_was_not_trained_for_and_the_result_says_why(
    trained: SkillLibrary, skill: str, parameters: dict[str, Any], reason: str
) -> None:
    result = trained.execute_skill(skill, parameters, session=session_of())
    assert result.is_done
    assert result.details["how"] == "expert"
    assert reason in result.details["fallback"] or skill == "CLEAR_AREA"


def test_the_network_does_not_build_what_it_never_saw() -> None:
    session = open_session("construction_speed", seed=3)
    site = spot(session, 4, 0)
    for entity, palette, reason in (
        ("stone-wall", None, "no network was trained to build stone-wall"),
        ("wooden-chest", ["wooden-chest"], "the network was trained for another palette"),
    ):
        policy = ConstructionPolicy.load(palette=palette, session=session)
        result = policy.execute({"blueprint": [{"entity": entity, "position": site}]})
        assert result.details["fallback"] == reason
        assert result.is_done
        site = spot(session, 6, 1)


class Sleeper:
    """A network that does nothing."""

    palette = None
    path = WEIGHTS_FOLDER / "sleeper.pth"

    def drive(self, session: Session, *, max_steps: int, **_: Any) -> bool:
        for _step in range(max_steps):
            session.step([0, 0, 0, 0])
        return False


def test_where_the_network_does_not_come_to_the_end_the_expert_goes_on() -> None:
    session = session_of()
    policy = MovementPolicy(Sleeper())  # type: ignore[arg-type]
    target = spot(session, 10, 0)
    result = policy.execute({"target": target}, session=session)
    assert result.is_done
    assert result.details["how"] == "expert"
    assert "the network did not come to" in result.details["fallback"]
    # The network's time is counted against the same budget.
    short = policy.execute({"target": spot(session, -30, 0)}, session=session, budget_seconds=3)
    assert short.status is SkillStatus.TIMED_OUT
    assert 180 <= short.n_ticks <= 183


def test_a_lost_world_is_no_result() -> None:
    session = LossySession(session_of(), 4)
    policy = MovementPolicy(session=session)
    with pytest.raises(WorldLostError, match="ServerClosedError: the connection was lost"):
        policy.execute({"target": spot(session, 20, 0)})


def test_conditions_and_parameters_are_checked_before_anything_is_done() -> None:
    session = session_of()
    library = SkillLibrary.load("experts", session=session)
    before = session.look().digest()
    for skill, parameters, reason in (
        ("NAVIGATE", {}, "target: Field required"),
        ("NAVIGATE", {"target": (1, 2), "speed": 3}, "speed: Extra inputs"),
        ("CRAFT", {"items": {"no-item": 1}}, 'items.no-item.[key]: Value error, "no-item" is not'),
        ("CRAFT", {"items": {"lab": 1}}, "ingredients lack"),
        ("TAKE", {"target": (0.5, 0.5)}, "nothing stands at (0.5, 0.5)"),
        ("RESEARCH", {"technology": "logistics-2", "labs": [(0, 0)]}, "not researched"),
    ):
        result = library.execute_skill(skill, parameters)
        assert result.status is SkillStatus.REFUSED
        assert reason in result.reason
    assert session.look().digest() == before
    assert library.specs["CRAFT"].record["expert"].n_refused == 2
    assert library.specs["CRAFT"].success_rate is None


def test_success_is_on_record_and_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    session = session_of()
    library = SkillLibrary.load("experts", session=session, record_path=path)
    assert library.execute_skill("WAIT", {"seconds": 2}).is_done
    late = library.execute_skill("WAIT", {"seconds": 9}, budget_seconds=1)
    assert late.status is SkillStatus.TIMED_OUT
    again = SkillLibrary.load("experts", session=session, record_path=path)
    assert again.execute_skill("WAIT", {"seconds": 1}).is_done
    record = again.specs["WAIT"].record["expert"]
    assert (record.n_runs, record.n_done, record.n_refused) == (3, 2, 0)
    assert again.specs["WAIT"].success_rate == pytest.approx(2 / 3)
    assert json.loads(path.read_text())["WAIT"]["expert"]["n_runs"] == 3
    path.write_text('{"WAIT": 3}')
    with pytest.raises(RecordError, match=r"record\.json"):
        SkillLibrary.load("experts", record_path=path)


class Dancer:
    """A skill of another package."""

    def execute(self, parameters: dict[str, Any], **_: Any) -> SkillResult:
        return SkillResult(skill="DANCE", status=SkillStatus.DONE, details=dict(parameters))


def test_skills_can_be_added_and_replaced() -> None:
    session = session_of()
    library = SkillLibrary.load("experts", session=session)
    spec = SkillSpec(name="DANCE", group="fun", description="Dance.", parameters_schema={})
    library.register("DANCE", Dancer(), spec=spec)
    assert library.execute_skill("DANCE", {"steps": 3}).details == {"steps": 3}
    assert library.specs["DANCE"].record["other"] == SuccessRecord(n_runs=1, n_done=1)
    library.register("movement", Dancer())
    assert library.execute_skill("NAVIGATE", {"target": session.character()["position"]}).is_done
    with pytest.raises(InvalidValueError, match='a new skill needs a spec: "SING"'):
        library.register("SING", Dancer())
    with pytest.raises(InvalidValueError, match='has a method "execute"'):
        library.register("DANCE", object())  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="a skill in upper case"):
        library.register("dance", Dancer())
    with pytest.raises(UnknownNameError, match='there is no skill "SING"'):
        library.execute_skill("SING", {})
    with pytest.raises(InvalidStateError, match="has no session"):
        SkillLibrary.load("experts").execute_skill("WAIT", {"seconds": 1})


def test_weights_that_cannot_be_used_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="there are no weights"):
        MovementPolicy.load("movement_v9.pth")
    with pytest.raises(WeightsError, match="there are no weights"):
        MovementPolicy.load(tmp_path / "movement_v2.pth")
    damaged = tmp_path / "movement_v2.pth"
    damaged.write_bytes(b"no weights")
    with pytest.raises(WeightsError, match="cannot read"):
        MovementPolicy.load(damaged)
    with pytest.raises(WeightsError, match='of the skill "movement", not of "mining"'):
        MiningPolicy.load(WEIGHTS_FOLDER / MovementPolicy.weights)
    # A folder without some of the weights leaves those skills to the experts.
    damaged.unlink()
    library = SkillLibrary.load(tmp_path)
    assert set(library.reasons()) == set(POLICIES)


def test_the_package_weights_are_small_and_name_what_was_measured() -> None:
    files = sorted(path.name for path in WEIGHTS_FOLDER.glob("*.pth"))
    assert {"construction_v1.pth", "movement_v2.pth"} <= set(files)
    for name in files:
        path = WEIGHTS_FOLDER / name
        assert path.stat().st_size < 400_000
        network = SkillNetwork.load(path)
        assert network.measured["success"] >= 0.9
    measured = SkillLibrary.measured()
    for skill in ("NAVIGATE", "PLACE_ENTITIES"):
        rate = measured[skill]["network"].success_rate
        assert rate is not None
        assert rate >= 0.9
