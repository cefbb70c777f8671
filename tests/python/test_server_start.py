"""Servers that do not start: each ends in the error that says why, and leaves nothing behind."""

from __future__ import annotations

import shutil
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from factorio_fast import contract, errors
from factorio_fast.servers import FactorioServer, ServerState
from server_rig import FAKE, WAIT_SECONDS, fake_config, is_free, left_over, python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is for Unix")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the servers, of this test alone."""
    monkeypatch.setenv("FACTORIO_FAST_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def failure(tmp_path: Path, modes: str, **settings: object) -> Exception:
    """Return the error that starting such a server ends in."""
    server = FactorioServer(fake_config(tmp_path, modes, **settings))
    with pytest.raises(errors.FactorioFastError) as caught, server:
        pass
    assert server.state is ServerState.FAILED
    server.close()
    return caught.value


@pytest.mark.parametrize(
    ("modes", "kind", "message"),
    [
        ("crash", errors.ServerCrashedError, "ended before it was ready (exit status 3)"),
        ("bad-mod", errors.ServerModError, "a mod does not load (exit status 1)"),
        ("no-mod", errors.ServerModError, "the server runs without the mod"),
        ("port-taken", errors.ServerPortTakenError, "taken by something else"),
        ("full-disk", errors.ServerDiskFullError, "found no room for its files"),
        ("refuse", errors.ServerAuthenticationError, "password"),
        ("crash-create", errors.ServerCrashedError, "no map today"),
    ],
)
def test_start_that_fails_says_why(
    tmp_path: Path, state: Path, modes: str, kind: type[Exception], message: str
) -> None:
    error = failure(tmp_path, modes)
    assert type(error) is kind
    assert message in str(error)
    assert left_over(state) == {}


@pytest.mark.parametrize(
    ("modes", "message"),
    [
        ("silent", "its log does not say that the remote console listens"),
        ("deaf", "nothing answers on its remote console"),
        ("mute", "its remote console fails"),
    ],
)
def test_server_that_never_answers_is_given_up(
    tmp_path: Path, state: Path, modes: str, message: str
) -> None:
    save = tmp_path / "save.zip"
    save.touch()
    error = failure(tmp_path, modes, start_timeout=2.0, save_file=save)
    assert isinstance(error, errors.ServerStartTimeoutError)
    assert isinstance(error, TimeoutError)
    assert message in str(error)
    assert left_over(state) == {}


def test_errors_show_the_last_lines_of_the_log(tmp_path: Path, state: Path) -> None:
    error = failure(tmp_path, "crash")
    assert isinstance(error, errors.ServerCrashedError)
    assert error.exit_status == 3
    assert [line.split(maxsplit=1)[1] for line in error.log_tail] == [
        "Factorio 2.0.77 (build 1, linux64, headless)",
        "Something broke",
    ]
    assert str(error).endswith(f"  | {error.log_tail[1]}")
    assert state.is_dir()


def test_mod_of_another_contract_is_refused_and_both_are_shown(tmp_path: Path, state: Path) -> None:
    error = failure(tmp_path, "old-mod")
    assert isinstance(error, errors.ContractMismatchError)
    assert error.ours == (contract.VERSION, contract.HASH)
    assert error.theirs == (1, "0123456789abcdef")
    assert contract.HASH in str(error)
    assert "0123456789abcdef" in str(error)
    assert left_over(state) == {}


def test_missing_executable_is_named_before_anything_is_made(tmp_path: Path, state: Path) -> None:
    missing = tmp_path / "factorio"
    error = failure(tmp_path, "", executable=missing)
    assert isinstance(error, errors.ServerExecutableError)
    assert isinstance(error, FileNotFoundError)
    assert str(error) == f"cannot run the server, there is no such file: '{missing}'"
    missing.write_text("not a program", encoding="ascii")
    assert "may not be run (chmod +x)" in str(failure(tmp_path, "", executable=missing))
    missing.chmod(0o755)
    assert "cannot run the server" in str(failure(tmp_path, "", executable=missing))
    assert left_over(state) == {}


def test_factorio_that_is_not_there_says_how_to_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FACTORIO_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    error = failure(tmp_path, "", executable="factorio")
    assert isinstance(error, errors.ServerExecutableError)
    assert "set FACTORIO_BIN to the path" in str(error)


@pytest.mark.parametrize(
    ("output", "kind", "message"),
    [
        ("Version: 2.0.60 (build 1)", errors.ServerVersionError, "got '2.0.60'"),
        ("Version: 1.1.110 (build 1)", errors.ServerVersionError, "got '1.1.110'"),
        ("Version: 3.0.1", errors.ServerVersionError, "got '3.0.1'"),
        ("I am a teapot", errors.ServerExecutableError, "'I am a teapot'"),
    ],
)
def test_other_versions_and_other_programs_are_refused(
    tmp_path: Path, state: Path, output: str, kind: type[Exception], message: str
) -> None:
    # A program of its own, because versions are remembered by program.
    program = shutil.copyfile(FAKE, tmp_path / "program.py")
    executable = (sys.executable, "-I", "-S", str(program))
    error = failure(tmp_path, "", executable=executable, environment={"FAKE_VERSION": output})
    assert type(error) is kind
    assert message in str(error)
    assert left_over(state) == {}


def test_port_of_ones_own_that_is_taken_is_named(tmp_path: Path, state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        error = failure(tmp_path, "", port=port)
        assert isinstance(error, errors.ServerPortTakenError)
        assert str(error).endswith(f"choose another or none: '{port}'")
        assert left_over(state) == {}
    with FactorioServer(fake_config(tmp_path, port=port)) as server:
        assert server.rcon_address == ("127.0.0.1", port)
        error = failure(tmp_path, "", port=port)
        assert "another server of this user has the port" in str(error)
    assert is_free(port)


def test_start_is_repeated_where_a_stranger_took_the_leased_port(
    tmp_path: Path, state: Path
) -> None:
    with FactorioServer(fake_config(tmp_path, "port-taken-once")) as server:
        assert server.is_alive()
        assert server.n_starts == 1
    assert left_over(state) == {}


def test_disk_that_is_full_when_we_write_is_named(tmp_path: Path, state: Path) -> None:
    """A limit on the size of files fails writes as a full disk does, without its rights."""
    program = (
        "import resource\n"
        "from pathlib import Path\n"
        "from server_rig import fake_config\n"
        "from factorio_fast.errors import ServerDiskFullError\n"
        "from factorio_fast.servers import FactorioServer\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        f"    FactorioServer(fake_config(Path({str(tmp_path)!r}))).start()\n"
        "except ServerDiskFullError as error:\n"
        "    print(error)\n"
    )
    with python(program) as owner:
        output, shown = owner.communicate(timeout=WAIT_SECONDS)
    assert (owner.returncode, shown) == (0, "")
    assert output.startswith("no room for the server's files, free some, or set folder")
    assert left_over(state) == {}


def test_server_that_crashes_once_is_restarted(tmp_path: Path, state: Path) -> None:
    server = FactorioServer(fake_config(tmp_path, "crash-once"))
    with pytest.raises(errors.ServerCrashedError):
        server.start()
    assert server.state is ServerState.FAILED
    (tmp_path / "crashed").unlink()
    with server.restart():
        assert server.is_alive()
    assert left_over(state) == {}


def test_restarts_end_where_trying_again_does_not_help(tmp_path: Path, state: Path) -> None:
    server = FactorioServer(fake_config(tmp_path, "crash"))
    with pytest.raises(errors.ServerCrashedError):
        server.restart()
    server.close()
    with pytest.raises(errors.ClosedError):
        server.start()
    assert left_over(state) == {}
