"""`FactorioEnvironmentManager`: servers, scenarios, coordination behind one configuration.

Example:
    >>> from factorio_fast.manager import FactorioEnvironmentManager
    >>> with FactorioEnvironmentManager({"seed": 3}) as manager:
    ...     env = manager.create_environment("low_level", {"scenario": "movement_basic"})
    ...     obs, info = env.reset(seed=1)
    >>> obs["entities"].shape
    (16, 4)
    >>> FactorioEnvironmentManager({"num_server": 2})
    Traceback (most recent call last):
    factorio_fast.errors.InvalidValueError: configuration: num_server: no such setting; did you \
mean "num_servers"?
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, Self

from factorio_fast.envs.fast import FastFactorioEnv
from factorio_fast.envs.session import backend_named
from factorio_fast.envs.steps import scenario_of
from factorio_fast.errors import ClosedError, UnknownNameError
from factorio_fast.manager_config import ManagerConfig, merged
from factorio_fast.scenarios import ScenarioManager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    import gymnasium as gym

    from factorio_fast._core import Scenario
    from factorio_fast.coordination import CoordinationLayer
    from factorio_fast.envs.session import Backend, Session

__all__ = ["ENVIRONMENT_TYPES", "FactorioEnvironmentManager", "ManagerConfig"]

EnvironmentType = Literal["low_level", "high_level", "hierarchical"]
ENVIRONMENT_TYPES: tuple[EnvironmentType, ...] = ("low_level", "high_level", "hierarchical")


class FactorioEnvironmentManager:
    """Makes environments, and owns what they share.

    Servers are started when the first environment needs one, and never for the embedded backend.

    Args:
        config: a `ManagerConfig`, a dictionary with its fields, or the path of a TOML file; None
            takes the defaults. Variables `FACTORIO_FAST_…` rule over files and defaults, not over
            what is passed as a dictionary.
        environment: the environment variables; by default those of the process.

    Raises:
        InvalidValueError: the configuration has a mistake; the message names it.
    """

    def __init__(
        self,
        config: ManagerConfig | Mapping[str, Any] | str | Path | None = None,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.config = ManagerConfig.read(
            config, environment=os.environ if environment is None else environment
        )
        self.scenario_manager = ScenarioManager()
        self._pool: Any = None
        self._layer: CoordinationLayer | None = None
        self._closers: list[Callable[[], None]] = []
        self._is_closed = False

    # --- What it owns --------------------------------------------------------------------------

    @property
    def has_servers(self) -> bool:
        """Whether the pool was made."""
        return self._pool is not None

    @property
    def server_pool(self) -> Any:
        """The pool of servers; made when it is first asked for.

        Raises:
            ClosedError: The manager was closed.
        """
        self._ensure_open()
        if self._pool is None:
            from factorio_fast.servers import FactorioServerPool, ServerConfig

            config = self.config
            settings: dict[str, Any] = {"game_speed": config.game_speed, **config.server}
            if "executable" not in settings and config.backend != "embedded":
                settings["executable"] = config.backend
            self._pool = FactorioServerPool(
                config.num_servers,
                min_servers=min(config.min_servers, config.num_servers),
                config=ServerConfig(**settings),
            )
        return self._pool

    @property
    def coordination_layer(self) -> CoordinationLayer:
        """Plans and carries commands out; its session is opened when a command needs one.

        Raises:
            ClosedError: The manager was closed.
            MissingExtraError: The extra `plan`, or `llm` for that planner, is not installed.
        """
        self._ensure_open()
        if self._layer is None:
            self._layer = self.make_layer(
                planner=self.config.planner,
                skills=self.config.skills,
                queue_path=self.config.queue_file,
            )
        return self._layer

    def make_layer(self, **settings: Any) -> CoordinationLayer:
        """Make a layer with a session of its own, opened when a command needs it.

        Where its server is lost, the world of the same seed is begun anew on another.

        Args:
            **settings: what `CoordinationLayer` takes besides.

        Raises:
            ClosedError: The manager was closed.
        """
        self._ensure_open()
        from factorio_fast.coordination import CoordinationLayer

        def recover() -> Session:
            layer.session.reset(self.config.seed)
            return layer.session

        layer = CoordinationLayer(open_session=self.open_session, recover=recover, **settings)
        return layer

    # --- Environments --------------------------------------------------------------------------

    def create_environment(
        self, env_type: str, config: Mapping[str, Any] | None = None
    ) -> gym.Env[Any, Any]:
        """Make an environment.

        Args:
            env_type: `low_level` for training by reinforcement, `high_level` for language models,
                `hierarchical` for policies over skills.
            config: settings of this one, over those of the manager's configuration.

        Raises:
            UnknownNameError: There is no such type.
            InvalidValueError: A setting has a mistake; the message names it.
            ClosedError: The manager was closed.
        """
        self._ensure_open()
        if env_type not in ENVIRONMENT_TYPES:
            listed = ", ".join(f'"{known}"' for known in ENVIRONMENT_TYPES)
            raise UnknownNameError(f'unknown type of environment "{env_type}"; choose {listed}')
        section = getattr(self.config, env_type)
        settings = merged(section, config or {}, where=env_type)
        makers: dict[str, Callable[[Any], gym.Env[Any, Any]]] = {
            "low_level": self._create_rl_environment,
            "high_level": self._create_llm_environment,
            "hierarchical": self._create_hierarchical_environment,
        }
        env = makers[env_type](settings)
        self._closers.append(env.close)
        return env

    def _create_rl_environment(self, settings: Any) -> gym.Env[Any, Any]:
        return FastFactorioEnv(
            self.scenario(settings.scenario),
            backend=self.backend(settings.backend),
            observation_type=settings.observation_type,
            action_type=settings.action_type,
            reward_shaping=settings.reward_shaping,
            episode_length=settings.episode_length,
            max_episode_steps=settings.max_episode_steps,
            render_mode=settings.render_mode,
        )

    def _create_llm_environment(self, settings: Any) -> gym.Env[Any, Any]:
        from factorio_fast.semantic import SemanticFactorioEnv

        return SemanticFactorioEnv(
            self.scenario(settings.scenario),
            backend=self.backend(settings.backend),
            observation_type=settings.observation_type,
            action_type=settings.action_type,
            reward_shaping=settings.reward_shaping,
            episode_length=settings.episode_length,
            max_episode_steps=settings.max_episode_steps,
            max_commands=settings.max_commands,
            max_tokens=settings.max_tokens,
            planner=self.config.planner,
            skills=self.config.skills,
            render_mode=settings.render_mode,
        )

    def _create_hierarchical_environment(self, settings: Any) -> gym.Env[Any, Any]:
        from factorio_fast.envs.hierarchical import HierarchicalFactorioEnv

        return HierarchicalFactorioEnv(
            self.scenario(settings.scenario),
            backend=self.backend(settings.backend),
            skills=settings.skills or self.config.skills,
            discount=settings.discount,
            reward_shaping=settings.reward_shaping,
            episode_length=settings.episode_length,
            max_skills=settings.max_skills,
            budget_seconds=settings.budget_seconds,
            render_mode=settings.render_mode,
        )

    # --- What environments are made of -----------------------------------------------------------

    def scenario(self, scenario: str | None = None) -> Scenario:
        """Find a scenario by name or path; by default the configuration's."""
        name = scenario or self.config.scenario
        if name in self.scenario_manager:
            return self.scenario_manager.get(name)
        return scenario_of(name)

    def backend(self, backend: str | None = None) -> str | Backend:
        """Find the backend of an environment; one of servers takes them from the pool."""
        name = backend or self.config.backend
        if name == "embedded":
            return name
        from factorio_fast.envs.served import FactorioBackend, SimServerBackend

        kinds = {"sim-server": SimServerBackend, "factorio": FactorioBackend}
        return kinds[name](pool=self.server_pool)

    def open_session(self) -> Session:
        """Open a session of the configuration's scenario and begin the episode of its seed."""
        self._ensure_open()
        found = backend_named(self.backend())
        session = found.open(self.scenario(), max_steps=None, is_sparse=False)
        try:
            session.reset(self.config.seed)
        except BaseException:
            session.close()
            raise
        self._closers.append(session.close)
        return session

    # --- Its end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Close all environments and end all servers; may be called twice."""
        self._is_closed = True
        closers, self._closers = self._closers, []
        try:
            for closer in reversed(closers):
                closer()
        finally:
            pool, self._pool = self._pool, None
            if pool is not None:
                pool.close()

    def __enter__(self) -> Self:
        self._ensure_open()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ensure_open(self) -> None:
        if self._is_closed:
            raise ClosedError("the manager was closed: make a new one")
