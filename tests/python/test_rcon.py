"""`RconClient` against a scripted server over loopback; another client against the same."""

from __future__ import annotations

import math
import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from factorio_fast import RconClient, errors
from rcon_rig import PASSWORD, WARNING, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[RconClient]:
    with client_of(server) as client:
        yield client


def client_of(server: ScriptedServer) -> RconClient:
    return RconClient("127.0.0.1", server.port, PASSWORD, request_timeout=60)


def test_reply_comes_back_as_it_was_sent(client: RconClient) -> None:
    assert client.command("/echo zwölf") == "zwölf\n"
    assert client.command(" ") == ""
    assert client.command_bytes("/bytes ff00fe") == b"\xff\x00\xfe"


def test_reply_of_sixteen_megabytes_comes_whole(client: RconClient) -> None:
    assert client.command(f"/big {16 << 20}") == "x" * (16 << 20)


def test_pipelined_replies_are_in_the_order_of_their_commands(client: RconClient) -> None:
    replies = client.pipeline([f"/echo {index}" for index in range(2_000)])
    assert replies == [f"{index}\n" for index in range(2_000)]
    assert client.pipeline([]) == []


def test_long_commands_and_longer_replies_do_not_block_each_other(client: RconClient) -> None:
    texts = ["/echo " + str(index) * 200_000 for index in range(8)] + ["/big 3000000"] * 8
    assert [len(reply) for reply in client.pipeline(texts)] == [200_001] * 8 + [3_000_000] * 8


def test_wrong_password_is_an_error_of_its_own(server: ScriptedServer) -> None:
    with pytest.raises(errors.ServerAuthenticationError, match="refuses the password") as caught:
        RconClient("127.0.0.1", server.port, "guess")
    assert isinstance(caught.value, PermissionError)


def test_port_without_a_server_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(errors.ServerRefusedError, match=f'"127.0.0.1:{port}"') as caught:
        RconClient("127.0.0.1", port, PASSWORD)
    assert isinstance(caught.value, ConnectionRefusedError)


def test_server_that_never_answers_a_login_times_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(errors.RequestTimeoutError, match=r"after 0\.05 s: log in"),
    ):
        RconClient("127.0.0.1", listener.getsockname()[1], PASSWORD, connect_timeout=0.05)


def test_reply_that_does_not_come_times_out_and_the_client_goes_on(client: RconClient) -> None:
    with pytest.raises(TimeoutError, match="wait for a reply"):
        client.command("/silence", timeout=0.05)
    assert client.command("/echo on") == "on\n"
    assert client.metrics["timeouts"] == 1
    assert client.metrics["reconnects"] == 0


def test_lost_connection_is_an_error_and_the_next_call_connects_again(client: RconClient) -> None:
    with pytest.raises(errors.ServerClosedError) as caught:
        client.pipeline(["/echo 1", "/hang-up", "/echo 2"])
    assert isinstance(caught.value, ConnectionResetError)
    assert not client.is_connected
    assert client.command("/echo again") == "again\n"
    assert (client.metrics["losses"], client.metrics["reconnects"]) == (1, 1)


@pytest.mark.parametrize("lost", ["reply", "command"])
def test_step_is_executed_once_whatever_is_lost(
    lost: str, server: ScriptedServer, client: RconClient
) -> None:
    def resolve(again: RconClient) -> str | None:
        reply = again.command("/done 7")
        return None if reply == "no" else reply

    server.losing = [lost, lost] if lost == "command" else [lost]
    assert client.command("/step 7", resolve=resolve) == "stepped 7"
    assert server.steps == ["7"]
    assert client.metrics["resent"] == len(server.commands) - 1 - server.commands.count("/done 7")


def test_error_of_the_question_is_the_callers_own(
    server: ScriptedServer, client: RconClient
) -> None:
    def resolve(_: RconClient) -> str | None:
        raise KeyError("no such step")

    server.losing = ["reply"]
    with pytest.raises(KeyError, match="no such step"):
        client.command("/step 1", resolve=resolve)
    assert server.steps == ["1"]


def test_console_that_only_warns_is_unlocked() -> None:
    with ScriptedServer(is_gated=True) as server, client_of(server) as client:
        assert client.command('/sc rcon.print("x")') == WARNING
        assert client.command('/sc rcon.print("x")') == "x\n"
    with ScriptedServer(is_gated=True) as server, client_of(server) as client:
        assert client.unlock_console() == 2
        assert client.unlock_console() == 1


@pytest.mark.parametrize("text", ["", "/echo \0"])
def test_command_that_nobody_would_answer_is_refused(text: str, client: RconClient) -> None:
    with pytest.raises(errors.InvalidValueError):
        client.command(text)
    assert client.metrics["requests"] == 0


@pytest.mark.parametrize("timeout", [0, -1, math.nan, math.inf])
def test_timeout_that_is_none_is_refused(timeout: float, client: RconClient) -> None:
    with pytest.raises(errors.InvalidValueError, match="timeout"):
        client.command("/echo x", timeout=timeout)


def test_reply_that_is_no_text_is_named_so(client: RconClient) -> None:
    with pytest.raises(errors.ServerProtocolError, match="command_bytes"):
        client.command("/bytes 41ff")


def test_threads_share_a_client(client: RconClient) -> None:
    def ask(index: int) -> str:
        return client.command(f"/echo {index}")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(400))) == [f"{index}\n" for index in range(400)]
    assert client.metrics["reconnects"] == 0


def test_closed_client_refuses_and_may_be_closed_again(client: RconClient) -> None:
    client.close()
    client.close()
    with pytest.raises(errors.ClosedError):
        client.command("/echo x")


def test_signal_ends_a_call_that_waits(server: ScriptedServer, client: RconClient) -> None:
    def interrupt() -> None:
        while "/silence" not in server.commands:
            pass
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        client.command("/silence")
    thread.join()
    assert client.command("/echo on") == "on\n"


def test_metrics_count_what_was_done(client: RconClient) -> None:
    assert math.isnan(client.metrics["round_trip_p50_seconds"])
    client.pipeline(["/echo 1", "/echo 2"])
    metrics = client.metrics
    assert (metrics["requests"], metrics["replies"]) == (2, 2)
    assert (metrics["bytes_sent"], metrics["bytes_received"]) == (42, 32)
    assert 0 < metrics["round_trip_p50_seconds"] <= metrics["round_trip_p99_seconds"] < 60


def test_another_client_understands_the_scripted_server(server: ScriptedServer) -> None:
    factorio_rcon = pytest.importorskip("factorio_rcon")
    with factorio_rcon.RCONClient("127.0.0.1", server.port, PASSWORD, timeout=60) as other:
        assert other.send_command("/echo hello") == "hello"
        assert other.send_command(" ") is None
        assert len(other.send_command(f"/big {1 << 20}")) == 1 << 20
        assert other.send_commands({1: "/echo a", 2: "/echo b"}) == {1: "a", 2: "b"}
    with pytest.raises(factorio_rcon.InvalidPassword):
        factorio_rcon.RCONClient("127.0.0.1", server.port, "guess", timeout=60)
