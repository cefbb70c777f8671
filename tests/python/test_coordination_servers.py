"""Commands on a simulated server, which runs the real mod: carried out, and its death survived."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from factorio_fast.coordination import EventKind, TaskState
from factorio_fast.manager import FactorioEnvironmentManager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from factorio_fast.coordination import ExecutionEvent

COMMAND = "gather 3 wood"


@pytest.fixture
def manager() -> Iterator[FactorioEnvironmentManager]:
    config = {"backend": "sim-server", "seed": 3, "skills": "experts"}
    with FactorioEnvironmentManager(config, environment={}) as manager:
        yield manager


def kill_server(manager: FactorioEnvironmentManager) -> None:
    """End the process of the pool's only server, as a crash does."""
    (member,) = manager.server_pool._members
    os.kill(member.server.pid, signal.SIGKILL)


def test_a_command_is_carried_out_on_a_server(manager: FactorioEnvironmentManager) -> None:
    layer = manager.coordination_layer
    assert not manager.has_servers
    report = layer.execute_llm_command(COMMAND)
    assert report.is_done, report.reason
    assert manager.has_servers
    assert layer.session.character()["inventory"]["wood"] >= 3


@pytest.mark.parametrize("recovers", [True, False])
def test_a_killed_server_is_survived_or_is_the_reason(
    manager: FactorioEnvironmentManager, *, recovers: bool
) -> None:
    told: list[ExecutionEvent] = []

    def on_event(event: ExecutionEvent) -> None:
        told.append(event)
        if event.kind == EventKind.STARTED and len(told) < 4:
            kill_server(manager)

    settings: dict[str, Any] = {} if recovers else {"max_recoveries": 0}
    layer = manager.make_layer(skills="experts", on_event=on_event, **settings)
    report = layer.execute_llm_command(COMMAND)
    kinds = [event.kind for event in told]
    assert EventKind.WORLD_LOST in kinds
    if recovers:
        assert (report.state, report.n_recoveries) == (TaskState.DONE, 1), report.reason
        assert layer.session.character()["inventory"]["wood"] >= 3
    else:
        assert report.state is TaskState.FAILED
        assert report.infrastructure
        assert "the world was lost" in report.reason
