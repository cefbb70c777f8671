"""What must hold on a real game: doctor passes, the mod answers, a step is exact, parity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factorio_fast import ScenarioManager, contract
from factorio_fast.cli import main
from factorio_fast.servers import FactorioServer, FactorioServerPool, ServerConfig
from factorio_fast.servers.probes import Probes

if TYPE_CHECKING:
    from typing import Any

CONFIG = ServerConfig(executable="factorio")
PARITY_STEPS = 300
"""`factorio-fast parity SCENARIO --backend embedded --backend factorio` goes on to the end."""


def test_doctor_finds_nothing_wrong(facts: dict[str, Any]) -> None:
    findings = list(Probes(CONFIG).run())
    facts["doctor"] = {finding.name: finding.text for finding in findings}
    assert {finding.name: finding.verdict for finding in findings} == dict.fromkeys(
        facts["doctor"], "pass"
    )


def test_doctor_finds_nothing_wrong_without_udp() -> None:
    findings = list(Probes(CONFIG.replace(has_udp=False)).run())
    assert {finding.verdict for finding in findings} == {"pass"}


def test_mod_answers_with_this_packages_contract(facts: dict[str, Any]) -> None:
    with FactorioServer(CONFIG) as server:
        hello = server.check()
        facts["hello"] = {"game": hello.game_version, "environments": hello.max_environments}
        assert (hello.contract_version, hello.contract_hash) == (contract.VERSION, contract.HASH)
        assert hello.game_version == str(server.version)
        assert hello.environments == ()
        assert hello.has_udp


def test_steps_of_any_length_are_exact() -> None:
    with FactorioServer(CONFIG) as server:
        server.reset_to_clean_state()
        tick = server.check().tick
        for sequence, ticks in enumerate([1, 2, 3, 6, 12, 60, 600], start=1):
            reply = server.command(f"/gym step {sequence} {ticks} -")
            assert reply == f"ok {tick + ticks} -\n"
            tick += ticks
            while (reached := server.check().tick) < tick:
                pass
            assert reached == tick
            assert server.check().tick == tick


def test_server_ends_by_itself_when_it_is_asked() -> None:
    server = FactorioServer(CONFIG).start()
    server.stop()
    assert any("Goodbye" in line for line in server.log_tail())


def test_pool_lends_cleans_and_replaces_servers() -> None:
    with FactorioServerPool(2, config=CONFIG) as pool:
        pool.wait_ready()
        server = pool.get_server()
        pool.return_server(server)
        assert pool.get_server() is not None
        assert pool.metrics["started"] == 2


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scenario", ScenarioManager().list())
def test_scenario_is_the_same_on_the_game_and_in_the_simulation(scenario: str) -> None:
    backends = ["--backend", "embedded", "--backend", "factorio"]
    assert main(["parity", scenario, *backends, "--seeds", "3", "--steps", str(PARITY_STEPS)]) == 0
