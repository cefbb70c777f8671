"""The static check of the mod: what it finds, and that the mod passes it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import check_mod_api  # noqa: E402 -- a script beside the package, found by the line above

APIS = check_mod_api.load_apis()
BOTH = "(2.0 and 2.1)"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("game.foo = 1", f"1: LuaGameScript doesn't contain key foo {BOTH}"),
        ("game.tick = 1", f"1: LuaGameScript.tick is read only {BOTH}"),
        ("local s = game.surfaces[1]\ns.foo()", f"2: LuaSurface doesn't contain key foo {BOTH}"),
        ("local f = game.forces.player\nf.name = 'x'", f"2: LuaForce.name is read only {BOTH}"),
        (
            "local s = game.surfaces[1]\nfor _, e in ipairs(s.find_entities_filtered{}) do e.x()",
            f"2: LuaEntity doesn't contain key x {BOTH}",
        ),
        (
            "---@param e LuaEntity\nlocal function f(e) return e.positon end",
            f"2: LuaEntity doesn't contain key positon {BOTH}",
        ),
        (
            "---@type LuaEntity[]\nlocal all = storage.all\nreturn all[1].nothing",
            f"3: LuaEntity doesn't contain key nothing {BOTH}",
        ),
        ("helpers.send_udp(1)", f"1: LuaHelpers.send_udp takes 2 to 3 arguments, not 1 {BOTH}"),
        (
            "rcon.print('a', f(1, 2), {1, 2}, 4)",
            f"1: LuaRCON.print takes 1 arguments, not 4 {BOTH}",
        ),
        (
            "script.on_event(defines.events.on_tik, function() end)",
            f"1: defines.events has no on_tik {BOTH}",
        ),
        ("game:print('x')", f"1: methods of LuaGameScript are called with a dot: print {BOTH}"),
        (
            "game.surfaces[1].clone_area{source_area = a, colour = 1, destination_area = b}",
            f"1: LuaSurface.clone_area has no argument colour {BOTH}",
        ),
        ("return helpers.create_profiler().foo", f"1: LuaProfiler doesn't contain key foo {BOTH}"),
    ],
)
def test_a_planted_fault_is_found(source: str, fault: str) -> None:
    """Each kind of misuse is told with its line and the versions that it holds for."""
    assert fault in check_mod_api.faults_of(source, APIS)


@pytest.mark.parametrize(
    "source",
    [
        "game.tick_paused = true game.ticks_to_run = 5 if game.tick == 3 then end",
        "local s = game.create_surface('x', {width = 1}) s.always_day = true",
        "script.on_event(defines.events.on_tick, function(e) local a, b = e.tick, 1 end)",
        "rcon.print(string.pack('<i4', 1)) rcon.print'done' helpers.send_udp(unpack(list()))",
        "-- game.foo\nlocal t = 'game.foo' --[[ game.foo ]] local u = {game = 1}",
        "local game = other() game.foo = 1",
        "commands.add_command('gym', {'x'}, function(c) return c.parameter, 1 end)",
    ],
)
def test_sound_code_has_no_fault(source: str) -> None:
    """What the API allows, and what cannot be followed, passes."""
    assert check_mod_api.faults_of(source, APIS) == []


def test_a_member_of_one_line_only_names_the_other() -> None:
    """A member that 2.0 lacks is told as a fault of 2.0."""
    added = sorted(
        set(APIS["2.1"]["classes"]["LuaSurface"]["methods"])
        - set(APIS["2.0"]["classes"]["LuaSurface"]["methods"])
        - set(APIS["2.0"]["classes"]["LuaSurface"]["attributes"])
    )
    source = f"local f = game.surfaces[1].{added[0]}"
    assert check_mod_api.faults_of(source, APIS) == [
        f"1: LuaSurface doesn't contain key {added[0]} (2.0)"
    ]


def test_the_mod_uses_only_what_both_lines_have() -> None:
    """The mod in the repository passes."""
    files = sorted(check_mod_api.MOD_FOLDER.rglob("*.lua"))
    assert files
    for path in files:
        assert check_mod_api.faults_of(path.read_text("utf-8"), APIS) == [], path
