"""`ScenarioManager`: finds, loads and registers scenarios."""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Mapping
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast._core import Scenario
from factorio_fast.errors import FactorioFastError, InvalidScenarioError, UnknownNameError
from factorio_fast.scenarios.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ENTRY_POINT_GROUP", "ScenarioManager"]

ENTRY_POINT_GROUP = "factorio_fast.scenarios"
"""Other packages offer scenarios as entry points of this group; see `docs/scenarios.md`."""

_BUILTIN_NAMES = (
    "movement_basic",
    "mining_efficiency",
    "construction_speed",
    "base_optimization",
    "open_play",
)
"""The package's own scenarios, from the easiest to the hardest."""

_MAX_FILE_BYTES = 4 * 1024 * 1024
"""Larger files are refused unread: a scenario with the longest blueprint string is smaller."""


class ScenarioManager:
    """The scenarios that can be played, by name.

    Each manager has its own list: the package's scenarios, those of other packages (entry points),
    and what was registered or loaded here.

    Example:
        >>> from factorio_fast import ScenarioManager
        >>> manager = ScenarioManager()
        >>> settings = dict(manager.scenarios["movement_basic"], name="short", episode_length=30)
        >>> manager.register(settings).max_steps
        300
        >>> "short" in manager.list()
        True
    """

    def __init__(self) -> None:
        self._sources: dict[str, Callable[[], Scenario]] = {
            name: functools.partial(_builtin, name) for name in _BUILTIN_NAMES
        }
        for entry_point in metadata.entry_points(group=ENTRY_POINT_GROUP):
            # What is installed beside this package must not change what its names mean.
            self._sources.setdefault(
                entry_point.name, functools.partial(_from_entry_point, entry_point)
            )

    @property
    def scenarios(self) -> Mapping[str, dict[str, Any]]:
        """The settings of every scenario by its name, under the keys of its file; fresh copies."""
        return _Settings(self)

    def list(self) -> list[str]:
        """Return all names: the package's own first, then the others in order of registration."""
        return [*self._sources]

    def get(self, name: str) -> Scenario:
        """Find a scenario.

        Raises:
            UnknownNameError: There is no such scenario; the message suggests the nearest.
            InvalidScenarioError: Another package offers it, and it is not valid.
        """
        source = self._sources.get(name)
        if source is None:
            raise UnknownNameError(f'unknown scenario "{name}"{self._hint(name)}')
        return source()

    def register(
        self, scenario: Scenario | Mapping[str, Any], *, name: str | None = None
    ) -> Scenario:
        """Add a scenario to this manager; one that has its name already is replaced.

        Args:
            scenario: A loaded scenario, or settings under the keys of a file.
            name: The name to register it under; the scenario's own by default. Settings without
                a `name` take this one.

        Raises:
            InvalidScenarioError: The settings are not those of a scenario.
            UnknownNameError: The settings name something that the game does not have.
        """
        if not isinstance(scenario, Scenario):
            scenario = _from_settings(scenario, name)
        found = scenario
        self._sources[name or found.name] = lambda: found
        return found

    def load(self, path: str | Path) -> Scenario:
        """Read a TOML file and add its scenario to this manager, as `register` does.

        Raises:
            InvalidScenarioError: The file cannot be read, or does not say what it must.
            UnknownNameError: The file names something that the game does not have.
        """
        return self.register(_from_file(Path(path)))

    def _hint(self, name: str) -> str:
        nearest = difflib.get_close_matches(name, self._sources, n=1, cutoff=0.5)
        if nearest:
            return f'; did you mean "{nearest[0]}"?'
        known = ", ".join(f'"{known}"' for known in self._sources)
        return f"; known are {known}"

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def __repr__(self) -> str:
        return f"ScenarioManager({', '.join(self._sources)})"


class _Settings(Mapping[str, dict[str, Any]]):
    """The settings of a manager's scenarios, read when they are asked for."""

    def __init__(self, manager: ScenarioManager) -> None:
        self._manager = manager

    def __getitem__(self, name: str) -> dict[str, Any]:
        return tomllib.loads(self._manager.get(name).source_text)

    def __contains__(self, name: object) -> bool:
        return name in self._manager

    def __iter__(self) -> Iterator[str]:
        return iter(self._manager.list())

    def __len__(self) -> int:
        return len(self._manager.list())


@functools.cache
def _builtin(name: str) -> Scenario:
    file = resources.files("factorio_fast.scenarios") / "data" / f"{name}.toml"
    return Scenario.from_toml(file.read_text(encoding="utf-8"), f"{name}.toml")


def _from_file(path: Path) -> Scenario:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise InvalidScenarioError(
                f'a scenario file has at most {_MAX_FILE_BYTES} bytes, not "{path}"'
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidScenarioError(f'cannot read scenario file "{path}": {error}') from error
    return Scenario.from_toml(text, str(path))


def _from_settings(settings: Mapping[str, Any], name: str | None) -> Scenario:
    if not isinstance(settings, Mapping):
        raise InvalidScenarioError(
            f"a scenario is registered as a Scenario or a mapping of settings, not {settings!r}"
        )
    named = {"name": name, **settings} if name and "name" not in settings else settings
    title = named.get("name")
    return Scenario.from_toml(toml_text(named), title if isinstance(title, str) else "<settings>")


def _from_entry_point(entry_point: metadata.EntryPoint) -> Scenario:
    """Load what an entry point names: a scenario, settings, a path, or what returns one."""
    package = entry_point.dist.name if entry_point.dist else "an unknown package"
    try:
        found = entry_point.load()
        if callable(found):
            found = found()
        if isinstance(found, Scenario):
            return found
        if isinstance(found, str | Path):
            return _from_file(Path(found))
        return _from_settings(found, entry_point.name)
    except (ImportError, AttributeError, FactorioFastError) as error:
        raise InvalidScenarioError(
            f'scenario "{entry_point.name}" of {package} cannot be loaded: {error}'
        ) from error
