"""Scripts that solve scenarios from the observation alone: they show that it can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from factorio_fast.errors import UnknownNameError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast._core import Scenario

__all__ = ["Solver", "solver_for"]


class Solver(Protocol):
    """Plays one episode after another."""

    def reset(self) -> None:
        """Forget the episode before."""
        ...

    def act(self, obs: dict[str, NDArray[Any]], info: dict[str, Any]) -> NDArray[np.int64]:
        """Choose an action.

        Args:
            obs: the observation as the environment returns it; `compact` suffices.
            info: what came with it; not read by the package's own solvers.

        Returns:
            action: move, interact, target, item; int64; (4,).
        """
        ...


def solver_for(scenario: str | Scenario) -> Solver:
    """Make the solver of a scenario, chosen by its objective.

    Raises:
        UnknownNameError: There is no such scenario, or no script for its objective.
    """
    from factorio_fast.scenarios.manager import ScenarioManager
    from factorio_fast.scenarios.solvers.construction import ConstructionSolver
    from factorio_fast.scenarios.solvers.mining import MiningSolver
    from factorio_fast.scenarios.solvers.movement import MovementSolver
    from factorio_fast.scenarios.solvers.production import ProductionSolver

    found = ScenarioManager().get(scenario) if isinstance(scenario, str) else scenario
    if found.objective == "reach_waypoint":
        return MovementSolver()
    if found.objective.startswith("mine_"):
        return MiningSolver(found.palette)
    if found.objective == "build_blueprint":
        return ConstructionSolver(found.palette)
    if found.objective == "optimize_production_chains":
        return ProductionSolver(found.palette)
    raise UnknownNameError(
        f'no script solves objective "{found.objective}" of scenario "{found.name}"'
    )
