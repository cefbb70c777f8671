"""`SkillSpec`: what is declared of a skill, and what was measured of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, ValidationError

from factorio_fast.coordination.tasks import DEFAULT_BUDGET_SECONDS, SkillStatus
from factorio_fast.errors import FactorioFastError
from factorio_fast.models import Model
from factorio_fast.skills.conditions import AFTER, BEFORE, LASTING
from factorio_fast.skills.parameters import PARAMETERS

if TYPE_CHECKING:
    from pathlib import Path

    from factorio_fast._core import World
    from factorio_fast.coordination.tasks import SkillResult
    from factorio_fast.skills.parameters import SkillParameters

__all__ = ["GROUPS", "RecordError", "SkillSpec", "SuccessRecord", "read_record", "write_record"]

GROUPS: dict[str, tuple[str, ...]] = {
    "movement": ("NAVIGATE", "EXPLORE", "WAIT"),
    "mining": ("GATHER", "CLEAR_AREA"),
    "construction": ("PLACE_ENTITIES", "CONNECT_POWER", "SET_RECIPES", "REMOVE", "DEFEND"),
    "logistics": (
        "CONNECT_LOGISTICS",
        "INSERT",
        "TAKE",
        "TRANSFER",
        "FUEL",
        "CRAFT",
        "SUPPLY",
        "RESEARCH",
    ),
}
"""The skills of each policy; the first is what the policy does if only its own name is given."""
_BUDGETS_SECONDS = {"NAVIGATE": 240.0, "SUPPLY": 3_600.0, "RESEARCH": 7_200.0, "WAIT": 36_000.0}
MAX_RECORD_BYTES = 4 * 1024 * 1024


class RecordError(FactorioFastError, ValueError):
    """A file of success rates that cannot be read."""


class SuccessRecord(Model):
    """What came of the runs of a skill; refusals are counted apart, for nothing was begun."""

    n_runs: int = 0
    n_done: int = 0
    n_refused: int = 0
    n_ticks: int = 0
    """Game time of the runs that were done."""

    @property
    def success_rate(self) -> float | None:
        """Share of the begun runs that were done; None without a run."""
        begun = self.n_runs - self.n_refused
        return self.n_done / begun if begun else None

    @property
    def mean_seconds(self) -> float | None:
        """Mean game time of a run that was done."""
        return self.n_ticks / 60 / self.n_done if self.n_done else None

    def with_result(self, result: SkillResult) -> SuccessRecord:
        """Return the record with one more run."""
        return SuccessRecord(
            n_runs=self.n_runs + 1,
            n_done=self.n_done + result.is_done,
            n_refused=self.n_refused + (result.status is SkillStatus.REFUSED),
            n_ticks=self.n_ticks + (result.n_ticks if result.is_done else 0),
        )


class SkillSpec(Model):
    """What is declared of a skill, and what was measured of it."""

    name: str
    group: str
    """The policy that it belongs to."""
    description: str
    parameters_schema: dict[str, Any]
    """The JSON schema of its parameters."""
    preconditions: tuple[str, ...] = ()
    postconditions: tuple[str, ...] = ()
    is_lasting: bool = False
    """Whether what it does is to stand for the rest of a plan."""
    budget_seconds: float = DEFAULT_BUDGET_SECONDS
    """Game time that it may take if nothing else is said."""
    record: dict[str, SuccessRecord] = Field(default_factory=dict)
    """Its runs, by how: `expert`, `network`."""

    @property
    def success_rate(self) -> float | None:
        """Share of all begun runs that were done; None without a run."""
        total = SuccessRecord(
            n_runs=sum(one.n_runs for one in self.record.values()),
            n_done=sum(one.n_done for one in self.record.values()),
            n_refused=sum(one.n_refused for one in self.record.values()),
        )
        return total.success_rate

    @classmethod
    def of(cls, name: str, record: dict[str, SuccessRecord] | None = None) -> Self:
        """Make the spec of one of the package's skills."""
        parameters = PARAMETERS[name]
        group = next(group for group, names in GROUPS.items() if name in names)
        return cls(
            name=name,
            group=group,
            description=(parameters.__doc__ or name).strip().splitlines()[0],
            parameters_schema=parameters.model_json_schema(),
            preconditions=(BEFORE[name][0],) if name in BEFORE else (),
            postconditions=(AFTER[name][0],) if name in AFTER else (),
            is_lasting=name in LASTING,
            budget_seconds=_BUDGETS_SECONDS.get(name, DEFAULT_BUDGET_SECONDS),
            record=record or {},
        )

    def checked(self, parameters: dict[str, Any]) -> SkillParameters | None:
        """Return the parameters as a checked value; None for a skill of another package.

        Raises:
            pydantic.ValidationError: They do not fit.
        """
        model = PARAMETERS.get(self.name)
        return None if model is None else model.model_validate(parameters)

    def mistake_in(self, parameters: dict[str, Any]) -> str | None:
        """Say what is wrong with parameters, if anything is."""
        try:
            self.checked(parameters)
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(str(part) for part in first["loc"])
            value = repr(first["input"])
            return f"{path}: {first['msg']}, not {value[:120]}" if path else str(first["msg"])
        return None

    def unmet_before(self, parameters: dict[str, Any], world: World) -> str | None:
        """Say which precondition does not hold; parameters that do not fit are one."""
        return self.mistake_in(parameters) or self._unmet(BEFORE, parameters, world)

    def unmet_after(self, parameters: dict[str, Any], world: World) -> str | None:
        """Say which postcondition does not hold."""
        return self._unmet(AFTER, parameters, world)

    def _unmet(
        self, conditions: dict[str, Any], parameters: dict[str, Any], world: World
    ) -> str | None:
        values = self.checked(parameters)
        if values is None or self.name not in conditions:
            return None
        unmet: str | None = conditions[self.name][1](world, values)
        return unmet


def read_record(path: Path) -> dict[str, dict[str, SuccessRecord]]:
    """Read success rates by skill and by how.

    Raises:
        RecordError: The file is damaged.
    """
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            raise RecordError(f'a record has at most {MAX_RECORD_BYTES} bytes, not "{path}"')
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            skill: {how: SuccessRecord.from_dict(one) for how, one in hows.items()}
            for skill, hows in data.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        if isinstance(error, RecordError):
            raise
        raise RecordError(f'cannot read the success rates in "{path}": {error}') from error


def write_record(path: Path, record: dict[str, dict[str, SuccessRecord]]) -> None:
    """Write success rates, replacing a file only once all of it is on disk."""
    data = {
        skill: {how: one.model_dump() for how, one in sorted(hows.items())}
        for skill, hows in sorted(record.items())
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)
