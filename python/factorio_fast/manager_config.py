"""The configuration of `FactorioEnvironmentManager`, checked: TOML, dictionary, environment."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError

from factorio_fast.errors import InvalidValueError
from factorio_fast.models import Model

__all__ = [
    "ENVIRONMENT_PREFIX",
    "HierarchicalConfig",
    "HighLevelConfig",
    "LowLevelConfig",
    "ManagerConfig",
    "merged",
]

ENVIRONMENT_PREFIX = "FACTORIO_FAST_"
"""`FACTORIO_FAST_BACKEND`; of a section `FACTORIO_FAST_LOW_LEVEL__EPISODE_LENGTH`."""
NESTED = "__"
MAX_FILE_BYTES = 1024 * 1024
"""A longer file is no configuration and is refused unread."""

BackendName = Literal["embedded", "sim-server", "factorio"]
M = TypeVar("M", bound=Model)
Seconds = Annotated[float, Field(gt=0, le=10_000_000)]
Steps = Annotated[int, Field(gt=0, lt=2**32)]


class EnvironmentConfig(Model):
    """What all environments share; None takes the manager's, or the scenario's own."""

    scenario: str | None = None
    backend: BackendName | None = None
    episode_length: Seconds | None = None
    """Seconds of game time."""
    max_episode_steps: Steps | None = None
    """Steps; rules over `episode_length`."""
    reward_shaping: Literal["dense", "sparse"] = "dense"
    render_mode: Literal["rgb_array", "ansi"] | None = None


class LowLevelConfig(EnvironmentConfig):
    """`FastFactorioEnv`: fast, for training by reinforcement."""

    observation_type: Literal["compact", "full"] = "compact"
    action_type: Literal["discrete"] = "discrete"


class HighLevelConfig(EnvironmentConfig):
    """`SemanticFactorioEnv`: texts, for language models."""

    observation_type: Literal["semantic"] = "semantic"
    action_type: Literal["natural_language"] = "natural_language"
    max_commands: Annotated[int, Field(gt=0, le=1_000_000)] = 1_000
    """Commands of an episode; then it is truncated."""
    max_tokens: Annotated[int, Field(ge=50, le=1_000_000)] = 1_000
    """Of an observation."""
    reward_shaping: Literal["dense", "sparse"] = "sparse"


class HierarchicalConfig(EnvironmentConfig):
    """`HierarchicalFactorioEnv`: one action is one skill."""

    skills: str | None = None
    """`default`, `experts` or the path of a folder with weights."""
    discount: Annotated[float, Field(gt=0, le=1)] = 0.999
    """Per environment step within a skill."""
    max_skills: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    """Skills of an episode; then it is truncated."""
    budget_seconds: Annotated[float, Field(gt=0, le=36_000)] = 120.0
    """Game time that one skill may take."""


class ManagerConfig(Model):
    """What a manager needs to know.

    Example:
        >>> from factorio_fast.manager_config import ManagerConfig
        >>> config = ManagerConfig.read(
        ...     {"low_level": {"episode_length": 60}},
        ...     environment={"FACTORIO_FAST_NUM_SERVERS": "2"},
        ... )
        >>> config.num_servers, config.low_level.episode_length
        (2, 60.0)
    """

    backend: BackendName = "embedded"
    scenario: str = "open_play"
    """A name, or the path of a TOML file."""
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    """Of the world that commands are carried out in."""
    num_servers: Annotated[int, Field(ge=1, le=256)] = 1
    min_servers: Annotated[int, Field(ge=0, le=256)] = 0
    """Servers that are started ahead."""
    game_speed: Annotated[float, Field(gt=0, le=1_000_000)] = 64.0
    server: dict[str, Any] = Field(default_factory=dict)
    """More settings of `ServerConfig`, such as `executable`."""
    planner: Annotated[str, Field(min_length=1)] = "deterministic"
    """`deterministic`, `llm`, or a name that another package offers."""
    skills: Annotated[str, Field(min_length=1)] = "default"
    queue_file: str | None = None
    """Where the coordination's tasks are kept."""
    low_level: LowLevelConfig = LowLevelConfig()
    high_level: HighLevelConfig = HighLevelConfig()
    hierarchical: HierarchicalConfig = HierarchicalConfig()

    @classmethod
    def read(
        cls,
        config: ManagerConfig | Mapping[str, Any] | str | Path | None = None,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Make a configuration of what a manager was given.

        Raises:
            InvalidValueError: A file cannot be read, or a setting has a mistake.
        """
        if isinstance(config, cls):
            return config
        values: dict[str, Any] = {}
        where = "configuration"
        if isinstance(config, str | Path):
            values, where = _of_file(Path(config)), f'configuration "{config}"'
        elif config is not None and not isinstance(config, Mapping):
            raise InvalidValueError(
                f"configuration must be a ManagerConfig, a dictionary or a path, not {config!r}"
            )
        values = _joined(values, _of_environment(cls, environment or {}))
        if isinstance(config, Mapping):
            values = _joined(values, config)
        return checked(cls, values, where)


def checked(kind: type[M], values: Mapping[str, Any], where: str) -> M:
    """Make a model, or say what is wrong with the values in words.

    Raises:
        InvalidValueError: A value is unknown or out of range.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InvalidValueError(
                f"{where}: {path}: no such setting{_hint(kind, first['loc'])}"
            ) from None
        value = first["input"]
        raise InvalidValueError(
            f"{where}: {path}: {first['msg'][0].lower()}{first['msg'][1:]}, not {value!r}"
        ) from None


def merged(section: M, changes: Mapping[str, Any], *, where: str) -> M:
    """Return a section with some settings replaced.

    Raises:
        InvalidValueError: A setting is unknown or out of range.
    """
    return checked(type(section), {**section.model_dump(exclude_unset=True), **changes}, where)


def _hint(kind: type[Model], path: tuple[int | str, ...]) -> str:
    fields: dict[str, Any] = dict(kind.model_fields)
    for part in path[:-1]:
        inner = fields.get(str(part))
        annotation = getattr(inner, "annotation", None)
        if not (isinstance(annotation, type) and issubclass(annotation, Model)):
            return ""
        fields = dict(annotation.model_fields)
    near = difflib.get_close_matches(str(path[-1]), fields, n=1, cutoff=0.5)
    return f'; did you mean "{near[0]}"?' if near else f"; there are {', '.join(fields)}"


def _joined(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = _joined(result[key], value)
        else:
            result[key] = value
    return result


def _of_file(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InvalidValueError(
                f'a configuration has at most {MAX_FILE_BYTES} bytes, not "{path}"'
            )
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError(f'cannot read the configuration "{path}": {error}') from error


def _of_environment(kind: type[Model], environment: Mapping[str, str]) -> dict[str, Any]:
    """Take the variables that name a field; others with the prefix belong to somebody else."""
    values: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        variable = ENVIRONMENT_PREFIX + name.upper()
        if variable in environment:
            values[name] = environment[variable]
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Model):
            section = {
                key: environment[variable + NESTED + key.upper()]
                for key in inner.model_fields
                if variable + NESTED + key.upper() in environment
            }
            if section:
                values[name] = section
    return values
