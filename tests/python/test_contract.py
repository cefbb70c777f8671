"""`factorio_fast.contract` says what `docs/contract.md` says, and the arrays are what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from env_tools import SCENARIOS, legal_action
from factorio_fast import FastFactorioEnv, _core, contract

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def text(repository: Path) -> str:
    return (repository / "docs" / "contract.md").read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Cut out what stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {title}[^\n]*\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found[1]


def column(text: str, index: int) -> list[str]:
    """Read a column of the tables in a piece of the document."""
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| [`\d]", line)]
    return [row[index + 1].strip().strip("`") for row in rows]


def test_the_documents_in_the_repository_are_those_of_this_build(repository: Path) -> None:
    for path, wanted in _core.generated_files().items():
        assert (repository / path).read_text(encoding="utf-8") == wanted, path


def test_version_and_hash_are_named(text: str) -> None:
    assert f"Version {contract.VERSION}, hash `{contract.HASH}`." in text


def test_the_record_is_laid_out_as_documented(text: str) -> None:
    table = section(text, "Observation")
    offsets = {
        "action_mask": contract.MASK_OFFSET,
        "entities": contract.ENTITIES_OFFSET,
        "local_map": contract.LOCAL_MAP_OFFSET,
        "player_state": contract.PLAYER_STATE_OFFSET,
    }
    env = FastFactorioEnv()
    obs, _ = env.reset(seed=1)
    record = np.empty(contract.RECORD_SIZE, np.uint8)
    env.session.observe(record)
    assert column(table, 0) == list(offsets) == sorted(offsets) == list(obs)
    for key, dtype, shape, span in zip(*(column(table, index) for index in range(4)), strict=True):
        array = obs[key]
        assert (str(array.dtype), str(array.shape)) == (dtype, shape)
        assert span == f"{offsets[key]}..{offsets[key] + array.nbytes}"
        assert record[offsets[key] :][: array.nbytes].tobytes() == array.tobytes()
    assert f"One record is {contract.RECORD_SIZE} bytes." in table


@pytest.mark.parametrize(
    ("title", "index", "names"),
    [
        ("Channels of `local_map`", 1, contract.LOCAL_MAP_CHANNEL_NAMES),
        ("Channels of `local_map`", 2, [str(n) for n in contract.LOCAL_MAP_CHANNEL_MAX]),
        ("Fields of `player_state`", 1, contract.PLAYER_STATE_NAMES),
        ("Columns of `entities`", 1, contract.ENTITY_COLUMN_NAMES),
        ("Reasons for a refusal", 1, contract.REJECT_REASONS),
        ("Action", 1, [*contract.MOVE_NAMES, *contract.INTERACT_NAMES]),
    ],
)
def test_tables_name_the_same(text: str, title: str, index: int, names: list[str]) -> None:
    assert column(section(text, title), index) == list(names)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Terrain classes", contract.TERRAIN_NAMES),
        ("Resource kinds", contract.RESOURCE_NAMES),
        ("Status classes", contract.STATUS_NAMES),
        ("Entities", contract.ENTITY_NAMES),
        ("Items and fluids", contract.ITEM_NAMES),
    ],
)
def test_code_lists_name_the_same(text: str, title: str, names: tuple[str, ...]) -> None:
    listed = re.findall(r"^(\d+)\. (.+)$", section(text, title), re.MULTILINE)
    assert [name for _, name in listed] == list(names)
    assert [int(number) for number, _ in listed] == list(range(1, len(names) + 1))
    assert len(set(names)) == len(names)


def test_sizes_follow_from_one_another() -> None:
    c = contract
    assert (
        len(c.MOVE_NAMES),
        len(c.INTERACT_NAMES),
        c.ENTITY_ROWS,
        c.FULL_INVENTORY_SIZE,
    ) == c.ACTION_NVEC
    assert len(c.ACTION_HEAD_NAMES) == len(c.ACTION_NVEC)
    assert sum(c.ACTION_NVEC) == c.FLAT_MASK_SIZE == c.MASK_SIZE + 1 == 65
    assert c.CENTER_CELL * 2 == c.MAP_SIDE
    assert len(c.LOCAL_MAP_CHANNEL_NAMES) == len(c.LOCAL_MAP_CHANNEL_MAX) == c.MAP_CHANNELS
    assert len(c.PLAYER_STATE_NAMES) == c.PLAYER_STATE_SIZE
    assert len(c.ENTITY_COLUMN_NAMES) == c.ENTITY_COLUMNS
    assert len(c.INTERACT_USES_TARGET) == len(c.INTERACT_USES_ITEM) == len(c.INTERACT_NAMES)
    assert c.RECORD_SIZE == c.PLAYER_STATE_OFFSET + 4 * c.PLAYER_STATE_SIZE
    assert c.LOCAL_MAP_CHANNEL_MAX[0] == len(c.TERRAIN_NAMES)
    assert c.LOCAL_MAP_CHANNEL_MAX[1] == len(c.RESOURCE_NAMES)
    assert c.LOCAL_MAP_CHANNEL_MAX[3] == len(c.ENTITY_NAMES)
    assert c.LOCAL_MAP_CHANNEL_MAX[5] == len(c.STATUS_NAMES)
    assert c.LOCAL_MAP_CHANNEL_MAX[6] == len(c.ITEM_NAMES)


def test_every_value_of_the_core_has_a_name_here() -> None:
    assert {name for name in vars(contract) if name.isupper()} == set(_core.contract())


@pytest.mark.parametrize("name", SCENARIOS)
def test_observations_stay_within_what_is_documented(name: str) -> None:
    c = contract
    env = FastFactorioEnv(name)
    rng = np.random.default_rng(0)
    field = c.PLAYER_STATE_NAMES.index
    largest = np.array(c.LOCAL_MAP_CHANNEL_MAX)
    for seed in range(4):
        obs, _ = env.reset(seed=seed)
        for _ in range(60):
            local_map: Any = obs["local_map"]
            state, rows = obs["player_state"], obs["entities"]
            assert (local_map.max(axis=(0, 1)) <= largest).all()
            overlay: NDArray[Any] = local_map[:, :, c.LOCAL_MAP_CHANNEL_NAMES.index("overlay")]
            characters = np.argwhere(overlay & c.OVERLAY_CHARACTER)
            assert characters.tolist() == [[c.CENTER_CELL, c.CENTER_CELL]]
            for unit in ("health", "inventory_fill", "objective_progress", "time_left"):
                assert 0.0 <= state[field(unit)] <= 1.0, unit
            heading = state[[field("heading_sin"), field("heading_cos")]]
            assert np.hypot(*heading) == pytest.approx(1.0, abs=1e-6)
            kinds = rows[:, c.ENTITY_COLUMN_NAMES.index("kind")]
            assert kinds.min() >= 0
            assert kinds.max() <= c.ENTITY_KIND_MAX
            present = kinds != 0
            # Rows are filled from the front; empty ones are zero.
            assert not (np.diff(present.astype(int)) > 0).any()
            assert not rows[~present].any()
            distances = np.hypot(rows[present, 1], rows[present, 2])
            assert (np.diff(distances) >= -1e-5).all()
            obs, _, terminated, truncated, _ = env.step(legal_action(rng, env))
            if terminated or truncated:
                break
