"""What servers are given: configuration, mods, command lines, and what is read from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import factorio_fast
from factorio_fast import contract, errors
from factorio_fast.servers import Hello, ServerConfig, ServerState, install_mod
from factorio_fast.servers.config import SIMULATED_SERVER, find_executable
from factorio_fast.servers.diagnosis import start_error
from factorio_fast.servers.launch import (
    ServerFiles,
    config_text,
    create_command,
    server_settings,
    start_command,
    without_password,
    write_files,
)
from factorio_fast.servers.log import RCON_READY, ServerLog, parsed
from factorio_fast.servers.mods import mod_files, mod_source
from factorio_fast.servers.states import FOLLOWERS
from factorio_fast.servers.version import GameVersion
from server_rig import HELLO

VERSION = GameVersion(2, 0, 77)


def read(path: Path) -> object:
    """Return what a JSON file holds."""
    return json.loads(path.read_text("utf-8"))


def test_mod_is_in_the_package() -> None:
    source = mod_source()
    assert source == Path(factorio_fast.__file__).resolve().parent / "mods" / "factorio-gym-mod"
    names = [name for name, _ in mod_files(source)]
    assert {"control.lua", "contract.lua"} <= set(names)
    assert names == sorted(names)
    assert f'contract.HASH = "{contract.HASH}"' in (source / "contract.lua").read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "dependencies"), [("2.0", ["base >= 2.0.61"]), ("2.1", ["base >= 2.1.0"])]
)
def test_mod_is_installed_for_a_line_of_the_game(
    tmp_path: Path, line: str, dependencies: list[str]
) -> None:
    (tmp_path / "factorio-gym-mod").mkdir()
    (tmp_path / "factorio-gym-mod" / "old.lua").touch()
    target = install_mod(tmp_path, line)
    info = read(target / "info.json")
    assert isinstance(info, dict)
    assert info["name"] == target.name == "factorio-gym-mod"
    assert (info["factorio_version"], info["dependencies"]) == (line, dependencies)
    assert [name for name, _ in mod_files(target)] == [name for name, _ in mod_files(mod_source())]
    assert [path.name for path in tmp_path.iterdir()] == ["factorio-gym-mod"]
    with pytest.raises(errors.ServerModError, match=r"got '1\.1'"):
        install_mod(tmp_path, "1.1")


def test_expansions_are_switched_off_and_other_mods_are_brought(tmp_path: Path) -> None:
    others = tmp_path / "others"
    (others / "helper_1.0.9").mkdir(parents=True)
    (others / "helper_1.0.10").mkdir()
    (others / "helper_1.0.10" / "info.json").write_text("{}", "utf-8")
    (others / "zipped_2.0.0.zip").write_bytes(b"PK")
    config = ServerConfig(mods_enabled=("factorio-gym-mod", "helper", "zipped"), mods_folder=others)
    files = ServerFiles(tmp_path / "server")
    write_files(files, config, VERSION)
    assert sorted(path.name for path in files.mods.iterdir()) == [
        "factorio-gym-mod",
        "helper_1.0.10",
        "mod-list.json",
        "zipped_2.0.0.zip",
    ]
    assert read(files.mods / "mod-list.json") == {
        "mods": [
            {"name": "base", "enabled": True},
            {"name": "elevated-rails", "enabled": False},
            {"name": "quality", "enabled": False},
            {"name": "space-age", "enabled": False},
            {"name": "factorio-gym-mod", "enabled": True},
            {"name": "helper", "enabled": True},
            {"name": "zipped", "enabled": True},
        ]
    }
    with pytest.raises(errors.ServerModError, match=r"no such mod in .*: 'absent'"):
        write_files(files, config.replace(mods_enabled=("absent",)), VERSION)
    with pytest.raises(errors.ServerModError, match="say in mods_folder where it is: 'helper'"):
        write_files(files, ServerConfig(mods_enabled=("helper",)), VERSION)


def test_server_never_pauses_saves_or_shows_itself() -> None:
    settings = server_settings("a")
    assert settings["auto_pause"] is False
    assert settings["visibility"] == {"public": False, "lan": False}
    assert settings["autosave_interval"] == 525_600
    assert settings["non_blocking_saving"] is False
    assert settings["maximum_segment_size"] == settings["minimum_segment_size"] == 32_000


@pytest.mark.parametrize(
    ("executable", "data"),
    [
        ("bin/x64/factorio", "data"),
        ("factorio.app/Contents/MacOS/factorio", "factorio.app/Contents/data"),
    ],
)
def test_config_names_the_data_of_the_game_and_the_servers_own_folder(
    tmp_path: Path, executable: str, data: str
) -> None:
    (tmp_path / executable).parent.mkdir(parents=True)
    (tmp_path / executable).touch()
    (tmp_path / data / "base").mkdir(parents=True)
    (tmp_path / data / "base" / "info.json").touch()
    lines = config_text(str(tmp_path / executable), Path("/w")).splitlines()
    assert lines[:3] == ["[path]", f"read-data={tmp_path / data}", "write-data=/w"]
    unknown = config_text("/bin/sh", Path("/w")).splitlines()
    assert unknown[1] == "read-data=__PATH__executable__/../../data"


def test_both_executables_are_given_the_same_arguments(tmp_path: Path) -> None:
    config = ServerConfig(executable="/bin/sh", extra_arguments=("--verbose",))
    files = ServerFiles(tmp_path)
    assert create_command(config, files) == [
        *("/bin/sh", "--config", f"{tmp_path}/config.ini", "--mod-directory", f"{tmp_path}/mods"),
        *("--create", f"{tmp_path}/world.zip"),
        *("--map-gen-settings", f"{tmp_path}/map-gen-settings.json", "--map-gen-seed", "1"),
    ]
    ports = {"game_port": 1, "rcon_port": 2, "udp_port": 3}
    command = start_command(config, files, **ports, password="secret")  # noqa: S106 - of nothing
    assert command == [
        *("/bin/sh", "--config", f"{tmp_path}/config.ini", "--mod-directory", f"{tmp_path}/mods"),
        *("--start-server", f"{tmp_path}/world.zip"),
        *("--server-settings", f"{tmp_path}/server-settings.json"),
        *("--bind", "127.0.0.1", "--port", "1"),
        *("--rcon-bind", "127.0.0.1:2", "--rcon-password", "secret"),
        *("--enable-lua-udp", "3", "--verbose"),
    ]
    assert "secret" not in without_password(command)


def test_executable_is_the_configs_then_the_variables_then_the_simulated_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FACTORIO_BIN", raising=False)
    assert find_executable(None) == SIMULATED_SERVER
    monkeypatch.setenv("FACTORIO_BIN", "/bin/sh")
    assert find_executable(None) == find_executable("factorio") == ("/bin/sh",)
    assert find_executable("sim-server") == SIMULATED_SERVER
    assert find_executable(["/bin/cat", "-u"]) == ("/bin/cat", "-u")
    with pytest.raises(errors.ServerExecutableError, match="it is a folder"):
        find_executable(tmp_path)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Version: 2.0.77 (build 84000, linux64, headless)\nBinary version: 64\n", VERSION),
        ("warning\nVersion: 2.1.9\n", GameVersion(2, 1, 9)),
        ("Factorio 2.0.77", None),
    ],
)
def test_version_is_read_as_the_game_prints_it(text: str, version: GameVersion | None) -> None:
    assert GameVersion.parse(text) == version


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            "   1.1 Error ServerMultiplayerManager.cpp:9: Host address is already in use.",
            "PortTaken",
        ),
        ("   0.1 Error Util.cpp:83: Couldn't write: No space left on device", "DiskFull"),
        ('   0.6 Error ModManager.cpp:1: Failed to load mod "x": __x__/control.lua:1', "Mod"),
        ("   0.6 Error: The mod X (1) caused a non-recoverable error.", "Mod"),
        ("   0.6 Error Main.cpp:839: require_user_verification must be enabled", "Crashed"),
    ],
)
def test_last_lines_say_why_a_server_ended(line: str, kind: str) -> None:
    error = start_error(("   0.0 Factorio", line), 1)
    assert type(error).__name__ == f"Server{kind}Error"
    assert line in str(error)


def test_log_lines_are_read_as_the_game_writes_them() -> None:
    line = (
        "   0.913 Info RemoteCommandProcessor.cpp:126: Starting RCON interface at IP "
        "ADDR:({127.0.0.1:27015})"
    )
    found = RCON_READY.search(line)
    assert found is not None
    assert found["port"] == "27015"
    assert parsed("   0.002 Error Main.cpp:1: no") == {
        "seconds": 0.002,
        "level": "error",
        "text": "Error Main.cpp:1: no",
    }
    assert parsed("plain") == {"seconds": None, "level": "info", "text": "plain"}


def test_log_keeps_a_bounded_file_and_survives_one_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factorio_fast.servers.log.MAX_FILE_BYTES", 1000)
    log = ServerLog("a", tmp_path / "a.jsonl")
    for number in range(100):
        log.line(f"line {number}")
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.jsonl.1"]
    assert all(path.stat().st_size < 1200 for path in tmp_path.iterdir())
    lost = ServerLog("b", tmp_path / "absent" / "b.jsonl")
    lost.line("kept in memory")
    assert lost.tail() == ("kept in memory",)


def test_hello_is_read_and_hostile_ones_are_refused() -> None:
    hello = Hello.parse("ok " + json.dumps({**HELLO, "environments": {}}) + "\n")
    assert (hello.environments, hello.tick, hello.max_environments) == ((), 0, 61)
    hello.check_contract()
    for reply in ("ok {}", "ok [1]", "ok {", "ok", "", "\0", 'ok {"environments": 3}'):
        with pytest.raises(errors.ServerProtocolError):
            Hello.parse(reply)
    with pytest.raises(errors.ServerModError, match="refused the request: 'limit too many'"):
        Hello.parse("error limit too many\n")
    with pytest.raises(errors.ServerModError, match="runs without the mod"):
        Hello.parse('Unknown command "gym". Use /help to list available commands.')


def test_every_state_has_followers_and_closed_is_the_end() -> None:
    assert set(FOLLOWERS) == set(ServerState)
    assert FOLLOWERS[ServerState.CLOSED] == frozenset()
    may_fail = {state for state in ServerState if ServerState.FAILED in FOLLOWERS[state]}
    assert may_fail == {
        ServerState.PREPARING,
        ServerState.CREATING,
        ServerState.STARTING,
        ServerState.READY,
    }
