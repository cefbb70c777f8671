from __future__ import annotations

import pytest

from factorio_fast import contract, errors, prototypes

KINDS = ("item", "recipe", "entity", "technology", "fluid", "tile")


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_listed_can_be_read(kind: str) -> None:
    names = prototypes.names(kind)
    assert names == sorted(set(names))
    assert len(names) > 10
    for name in names:
        assert prototypes.get(kind, name)["name"] == name


@pytest.mark.parametrize(
    ("kind", "name", "figures"),
    [
        ("item", "coal", {"fuel_value": "4MJ", "stack_size": 50}),
        ("item", "stone-furnace", {"place_result": "stone-furnace", "stack_size": 50}),
        ("entity", "burner-mining-drill", {"mining_speed": 0.25, "energy_usage": "150kW"}),
        ("entity", "stone-furnace", {"crafting_speed": 1, "energy_usage": "90kW"}),
        ("recipe", "iron-plate", {"energy_required": 3.2, "category": "smelting"}),
    ],
)
def test_figures_are_those_of_the_game(kind: str, name: str, figures: dict[str, object]) -> None:
    prototype = prototypes.get(kind, name)
    assert {key: prototype[key] for key in figures} == figures


@pytest.mark.parametrize(
    ("kind", "name", "suggestion"),
    [
        ("item", "irn-plate", 'unknown item "irn-plate"; did you mean "iron-plate"?'),
        ("recipe", "iron-gear-whel", 'did you mean "iron-gear-wheel"?'),
        ("entity", "stone-furnance", 'did you mean one of "stone-furnace",'),
        ("technology", "automaton", 'did you mean one of "automation",'),
        ("fluid", "watr", 'did you mean "water"?'),
        ("itm", "coal", 'unknown prototype kind "itm"; did you mean "item"?'),
    ],
)
def test_unknown_names_suggest_the_nearest(kind: str, name: str, suggestion: str) -> None:
    with pytest.raises(errors.UnknownNameError) as caught:
        prototypes.get(kind, name)
    assert suggestion in str(caught.value)
    assert isinstance(caught.value, LookupError)


def test_unknown_kinds_are_refused_when_listing() -> None:
    with pytest.raises(errors.UnknownNameError, match='mean "recipe"'):
        prototypes.names("recipes")


def test_what_is_changed_is_the_callers_own() -> None:
    prototypes.get("item", "coal")["stack_size"] = 1
    assert prototypes.get("item", "coal")["stack_size"] == 50


def test_codes_are_names_of_prototypes() -> None:
    entities, classes = set(prototypes.names("entity")), {"tree", "rock", "fish"}
    items = {*prototypes.names("item"), *prototypes.names("fluid")}
    assert set(contract.ITEM_NAMES) <= items
    unknown = set(contract.ENTITY_NAMES) - entities
    assert unknown <= classes | {"cliff", "item-on-ground", "character", "character-corpse"}
