"""`SkillLibrary`: every skill by name, with its spec and its success on record.

Example:
    >>> from factorio_fast import open_session
    >>> from factorio_fast.skills.library import SkillLibrary
    >>> library = SkillLibrary.load("experts", session=open_session("open_play", seed=3))
    >>> result = library.execute_skill("GATHER", {"items": {"wood": 2}})
    >>> result.is_done, result.details["how"]
    (True, 'expert')
    >>> library.specs["GATHER"].success_rate
    1.0
    >>> library.execute_skill("INSERT", {"target": (0, 0), "items": {"coal": 1}}).reason
    '1 coal not carried'
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from factorio_fast.coordination.tasks import SkillResult, SkillStatus
from factorio_fast.coordination.watched import WatchedSession
from factorio_fast.errors import InvalidStateError, InvalidValueError, UnknownNameError
from factorio_fast.skills.policies import POLICIES, SkillPolicy, load_policy
from factorio_fast.skills.spec import (
    GROUPS,
    SkillSpec,
    SuccessRecord,
    read_record,
    write_record,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from factorio_fast._core import World
    from factorio_fast.coordination.tasks import SkillTask
    from factorio_fast.envs.session import Session

__all__ = ["MAX_SKILLS", "MEASURED_FILE", "PolicyLike", "SkillLibrary"]

MAX_SKILLS = 256
"""Skills that a library holds; more are refused."""
MEASURED_FILE = Path(__file__).parent / "weights" / "measured.json"
"""Success rates of the package's own skills, written by `scripts/measure_skills.py`."""


class PolicyLike(Protocol):
    """What can be registered as a skill."""

    def execute(
        self,
        parameters: dict[str, Any],
        *,
        skill: str | None = None,
        session: Session | None = None,
        budget_seconds: float | None = None,
    ) -> SkillResult:
        """Carry a skill out."""


class SkillLibrary:
    """Skills by name.

    Args:
        path: `default` takes the package's weights where torch is installed, `experts` none, and a
            folder its own weights, under the policies' standard names; None begins without skills.
        session: where skills act if no other session is given.
        palette: the items of the session's scenario; None takes those of `open_play`.
        record_path: a file of success rates that is gone on with, and written after every run.

    Raises:
        UnknownNameError: `path` is neither a known name nor a folder.
        WeightsError: A folder's weights cannot be used.
        RecordError: The file of success rates is damaged.
    """

    def __init__(
        self,
        path: str | Path | None = "default",
        *,
        session: Session | None = None,
        palette: Sequence[str] | None = None,
        record_path: str | Path | None = None,
    ) -> None:
        self.session = session
        self.skills: dict[str, PolicyLike] = {}
        self._specs: dict[str, SkillSpec] = {}
        self._owners: dict[str, PolicyLike] = {}
        self._record_path = None if record_path is None else Path(record_path)
        self._record: dict[str, dict[str, SuccessRecord]] = {}
        if self._record_path is not None and self._record_path.exists():
            self._record = read_record(self._record_path)
        if path is not None:
            self._load(path, palette)

    @classmethod
    def load(
        cls,
        path: str | Path = "default",
        *,
        session: Session | None = None,
        palette: Sequence[str] | None = None,
        record_path: str | Path | None = None,
    ) -> Self:
        """Load skills; see the class."""
        return cls(path, session=session, palette=palette, record_path=record_path)

    def _load(self, path: str | Path, palette: Sequence[str] | None) -> None:
        folder = None
        if str(path) not in {"default", "experts"}:
            folder = Path(path)
            if not folder.is_dir():
                raise UnknownNameError(
                    f'skills are "default", "experts" or a folder of weights, not "{path}"'
                )
        for group, policy in POLICIES.items():
            if str(path) == "experts":
                reason = "the library was loaded without networks"
                self.register(group, policy(palette=palette, reason=reason))
            else:
                self.register(group, load_policy(group, folder, palette=palette))

    @property
    def specs(self) -> Mapping[str, SkillSpec]:
        """What is declared of each skill, with its success on record."""
        return {
            name: spec.model_copy(update={"record": dict(self._record.get(name, {}))})
            for name, spec in self._specs.items()
        }

    def register(self, name: str, policy: PolicyLike, *, spec: SkillSpec | None = None) -> None:
        """Add a policy, or replace one.

        Args:
            name: a group such as `movement`, for all its skills; or one skill, such as `NAVIGATE`.
            policy: what carries them out.
            spec: what is declared of a skill that the package does not know.

        Raises:
            InvalidValueError: The policy cannot execute, the name is none, or a new skill has no
                spec; or the library is full.
        """
        if not callable(getattr(policy, "execute", None)):
            raise InvalidValueError(f'a policy has a method "execute"; "{name}" has none')
        names = GROUPS.get(name, (name,))
        if name not in GROUPS and not name.isupper():
            listed = ", ".join(GROUPS)
            raise InvalidValueError(
                f"a policy is registered for a group ({listed}) or a skill in upper case, "
                f'not "{name}"'
            )
        known = {skill for skills in GROUPS.values() for skill in skills}
        if name not in GROUPS and name not in known and spec is None:
            raise InvalidValueError(f'a new skill needs a spec: "{name}"')
        if len({*self._owners, *names}) > MAX_SKILLS:
            raise InvalidValueError(f"a library holds {MAX_SKILLS} skills")
        self.skills[name] = policy
        for skill in names:
            self._owners[skill] = policy
            self._specs[skill] = spec if spec is not None else SkillSpec.of(skill)

    def bind(self, session: Session) -> Self:
        """Act in this session from now on."""
        self.session = session
        return self

    def execute_skill(
        self,
        skill_name: str,
        parameters: dict[str, Any],
        *,
        session: Session | None = None,
        budget_seconds: float | None = None,
    ) -> SkillResult:
        """Carry a skill out, within its conditions and its budget, and note what came of it.

        Args:
            skill_name: a skill such as `NAVIGATE`; of a group such as `movement` its first one.
            parameters: what the skill takes.
            session: where; by default the library's.
            budget_seconds: game time; by default that of the skill.

        Raises:
            UnknownNameError: There is no such skill; the message lists those that there are.
            InvalidStateError: There is no session.
        """
        values = dict(parameters)
        name = skill_name
        if name in GROUPS and name in self.skills:
            name = str(values.pop("skill", GROUPS[name][0]))
        policy = self._owners.get(name)
        if policy is None:
            known = ", ".join(sorted(self._owners))
            raise UnknownNameError(f'there is no skill "{skill_name}"; there are {known}')
        where = session or self.session
        if where is None:
            raise InvalidStateError(f'skill "{name}" has no session: pass one, or call bind')
        spec = self._specs[name]
        # Under a monitor, which looked just before, this look would be the second.
        unmet = (
            spec.mistake_in(values)
            if isinstance(where, WatchedSession)
            else spec.unmet_before(values, where.look())
        )
        if unmet is not None:
            result = SkillResult(skill=name, status=SkillStatus.REFUSED, reason=unmet)
        else:
            seconds = spec.budget_seconds if budget_seconds is None else budget_seconds
            result = policy.execute(values, skill=name, session=where, budget_seconds=seconds)
            if result.is_done and not isinstance(where, WatchedSession):
                undone = spec.unmet_after(values, where.look())
                if undone is not None:
                    reason = f"the skill says done, but {undone}"
                    changes = {"status": SkillStatus.FAILED, "reason": reason}
                    result = result.model_copy(update=changes)
        self.note(result)
        return result

    def check_before(self, task: SkillTask, world: World) -> str | None:
        """Say which precondition of a task does not hold; an unknown skill is one."""
        spec = self._specs.get(task.skill)
        if spec is None:
            known = ", ".join(sorted(self._specs))
            return f'there is no skill "{task.skill}"; there are {known}'
        return spec.unmet_before(task.parameters, world)

    def check_after(self, task: SkillTask, world: World, *, is_later: bool = False) -> str | None:
        """Say which postcondition does not hold; later, only those that are meant to last count."""
        spec = self._specs.get(task.skill)
        if spec is None or (is_later and not spec.is_lasting):
            return None
        return spec.unmet_after(task.parameters, world)

    def note(self, result: SkillResult) -> None:
        """Count a result in the success on record."""
        how = str(result.details.get("how", "other"))
        if result.status is SkillStatus.REFUSED and "how" not in result.details:
            how = "expert"
        hows = self._record.setdefault(result.skill, {})
        hows[how] = hows.get(how, SuccessRecord()).with_result(result)
        if self._record_path is not None:
            write_record(self._record_path, self._record)

    @staticmethod
    def measured() -> dict[str, dict[str, SuccessRecord]]:
        """Return the success rates that were measured for this release, by skill and by how."""
        return read_record(MEASURED_FILE) if MEASURED_FILE.exists() else {}

    def reasons(self) -> dict[str, str]:
        """Say of each policy without a network why it has none."""
        return {
            name: policy.reason
            for name, policy in self.skills.items()
            if isinstance(policy, SkillPolicy) and policy.reason
        }
