from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np
import pytest

from factorio_fast import Blueprint, FastFactorioEnv, errors

# Written by the game: four inserters, a chest and a pole (a public test of a web decoder).
INSERTERS = (
    "0eNqVkt1qwzAMhd9F104h/kk2v8ooI01FZ3DkYLtjIfjd5yRQ0s5s3aWMznd0ZM1wslccvaEIegbTOwqg32YI5kKdXd7iNCJ"
    "oMBEHYEDdsFbeUdV/YIiQGBg64xfoOrG/hRTQR/Q7GU9HBkjRRIOb+VpM73QdTrlT1z/VDEYXssDR4pQhlZAHxWAC3dYHleF"
    "n47HfGpplrgcmL0UpUMWeWuCIGycMnbUV2uzqTV+NzuKvY/IyUD4VVu0pd2Flgan+t0DxyOQFZvMUU9ylzf+8XoPeXR2DT/R"
    "hs3mpZfvKW6WkVG2T0jel3dhm"
)
# Written by the game: one stone furnace (a public string decoder's help text).
FURNACE = (
    "0eNp1z7FqwzAQBuBXMTfLg02JFW2hyZAlCbG3pgTbuYQD+WwkudQYvXslp0ModBEc+u87/hkaPeJgiB2oGW5oW0ODo55BQVl"
    "tzlWy3ZXv5/2p2h8PF06TI2NSuj6899Fw3eKFd4ftawoEUNuzBfUxg6UH1zrabhowoOSwCwmuuzjZKKW/EviwyTf8BpX5TwH"
    "IjhzhE1qG6cpj16AJgX8IAUNv6VlghiCleSFgAiV9JJfr6qW0AF03qGNb4of+0y18f6Gxi5bL7K1Y54WUcrXOcu9/ADq3Z9s"
    "="
)


def packed(document: Any) -> str:
    """Write an exchange string as the game does."""
    return "0" + base64.b64encode(zlib.compress(json.dumps(document).encode(), 9)).decode()


def of_entities(*entities: dict[str, Any], **more: Any) -> str:
    numbered = [{"entity_number": index + 1, **entity} for index, entity in enumerate(entities)]
    version = 2 << 48 | 77 << 16
    content = {"item": "blueprint", "version": version, "entities": numbered, **more}
    return packed({"blueprint": content})


def furnace(x: float, y: float, **more: Any) -> dict[str, Any]:
    return {"name": "stone-furnace", "position": {"x": x, "y": y}, **more}


def test_strings_of_the_game_are_read() -> None:
    inserters = Blueprint.from_string(INSERTERS)
    assert len(inserters) == 6
    left = min(x for _, x, _, _ in inserters.entities) - 0.5
    top = min(y for _, _, y, _ in inserters.entities) - 0.5
    placed = [(name, x - left, y - top, turn) for name, x, y, turn in inserters.entities]
    assert placed == [
        ("inserter", 1.5, 0.5, 12),
        ("iron-chest", 2.5, 0.5, 0),
        ("small-electric-pole", 1.5, 1.5, 0),
        ("inserter", 0.5, 1.5, 8),
        ("inserter", 1.5, 2.5, 4),
        ("inserter", 2.5, 1.5, 0),
    ]
    assert Blueprint.from_string(FURNACE).entities == [("stone-furnace", -27.0, 8.0, 0)]


def test_white_space_round_a_string_does_not_matter() -> None:
    wanted = Blueprint.from_string(FURNACE).entities
    assert Blueprint.from_string(f"  {FURNACE}\n").entities == wanted


@pytest.mark.parametrize("text", [INSERTERS, FURNACE])
def test_what_is_written_reads_back(text: str) -> None:
    first = Blueprint.from_string(text)
    written = first.to_string()
    assert written.startswith("0")
    second = Blueprint.from_string(written)
    assert (second.label, second.entities) == (first.label, first.entities)
    # Any other program can read it too.
    document = json.loads(zlib.decompress(base64.b64decode(written[1:])))
    assert len(document["blueprint"]["entities"]) == len(first)


def test_label_and_directions_are_kept() -> None:
    belt = {"name": "transport-belt", "position": {"x": 5.5, "y": 0.5}, "direction": 4}
    blueprint = Blueprint.from_string(of_entities(furnace(0, 0), belt, label="smélting ⚙"))
    assert blueprint.label == "smélting ⚙"
    assert blueprint.entities == [("stone-furnace", 0.0, 0.0, 0), ("transport-belt", 5.5, 0.5, 4)]
    assert Blueprint.from_string(of_entities(furnace(0, 0))).label is None


def test_of_a_book_the_first_is_taken() -> None:
    book = packed(
        {
            "blueprint_book": {
                "item": "blueprint-book",
                "active_index": 0,
                "version": 2 << 48 | 77 << 16,
                "blueprints": [
                    {"index": index, "blueprint": {"item": "blueprint", "entities": [entity]}}
                    for index, entity in enumerate([furnace(0, 0) | {"entity_number": 1}] * 2)
                ],
            }
        }
    )
    assert len(Blueprint.from_string(book)) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("1" + FURNACE[1:], "version"),
        ("0!!!!", "base64"),
        (FURNACE[:-40], ""),
        ("0" + base64.b64encode(b"no deflate").decode(), "zlib"),
        ("0" + base64.b64encode(zlib.compress(b"{")).decode(), "(json)"),
        (packed([1, 2]), ""),
        (packed({"nothing": 1}), ""),
        (packed({"blueprint_book": {"blueprints": []}}), "no blueprint"),
        (of_entities(furnace(0, 0), furnace(1, 0)), "overlap"),
        (of_entities(furnace(1e9, 0)), ""),
        (of_entities({"name": "stone-furnace"}), "position"),
    ],
)
def test_broken_strings_are_refused(text: str, part: str) -> None:
    with pytest.raises(errors.InvalidBlueprintError) as caught:
        Blueprint.from_string(text)
    assert part in str(caught.value)
    assert len(str(caught.value)) < 400


def test_unknown_entities_suggest_the_nearest() -> None:
    text = of_entities(furnace(0, 0) | {"name": "stone-furnance"})
    with pytest.raises(errors.FactorioFastError, match='mean one of "stone-furnace"'):
        Blueprint.from_string(text)


def test_damaged_strings_never_do_worse_than_an_error() -> None:
    rng = np.random.default_rng(0)
    for text in (INSERTERS, FURNACE):
        for place in rng.integers(0, len(text), 200):
            damaged = text[:place] + chr(33 + int(rng.integers(90))) + text[place + 1 :]
            try:
                Blueprint.from_string(damaged)
            except errors.FactorioFastError:
                continue
        for cut in range(0, len(text), 7):
            with pytest.raises(errors.InvalidBlueprintError):
                Blueprint.from_string(text[:cut])


def test_a_bomb_is_not_unpacked() -> None:
    bomb = "0" + base64.b64encode(zlib.compress(b" " * 200_000_000, 9)).decode()
    with pytest.raises(errors.InvalidBlueprintError):
        Blueprint.from_string(bomb)


def test_a_string_is_a_scenarios_goal() -> None:
    settings = {
        "name": "one_furnace",
        "type": "building_training",
        "map_generation": {
            "size": "small",
            "terrain": "flat",
            "starting_items": "construction_kit",
        },
        "objectives": ["build_blueprint"],
        "objective": {"build_blueprint": {"blueprint": FURNACE, "distance": [6, 20]}},
        "episode_length": 60,
        "observation_frequency": 5,
    }
    env = FastFactorioEnv(settings, observation_type="full")
    obs, _ = env.reset(seed=1)
    # One entity is wanted, and it is shown as a ghost.
    assert obs["goal"][1] == 1.0
    assert (obs["entities"][:, 3] == -1.0).sum() == 1
