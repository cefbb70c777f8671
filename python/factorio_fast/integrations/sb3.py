"""Stable-Baselines3 and sb3-contrib: a features extractor for the observation, and a fast `VecEnv`.

SB3 takes the 32x32x8 map for a photograph: it moves the channels to the front, divides by 255 and
feeds a network made for 84x84 images, which fails on 32x32. `FeaturesExtractor` undoes the first
two and replaces the third. `Sb3VecEnv` shows a `FactorioVectorEnv` to SB3 without a Python call per
environment and step.

Example:
    >>> from sb3_contrib import MaskablePPO
    >>> from factorio_fast.integrations.sb3 import FeaturesExtractor, make_vec_env
    >>> model = MaskablePPO(
    ...     "MultiInputPolicy",
    ...     make_vec_env("movement_basic", 64),
    ...     policy_kwargs={"features_extractor_class": FeaturesExtractor},
    ... )  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import VecEnv

from factorio_fast.training.encoder import Encoder
from factorio_fast.training.spec import PolicySpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gymnasium
    from numpy.typing import NDArray
    from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices


class FeaturesExtractor(BaseFeaturesExtractor):
    """The observation encoder of `factorio_fast.training`, for `policy_kwargs` of SB3's algorithms.

    It accepts the map with its channels first, as SB3 hands it over, or last.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        features_dim: int = 128,
        *,
        patch_width: int = 16,
        normalized_image: bool = True,
    ) -> None:
        """Build the encoder.

        Args:
            observation_space: as SB3 shows it.
            features_dim: numbers that an observation is summarised in.
            patch_width: numbers that a 4x4x8 patch of the map is reduced to.
            normalized_image: whether SB3 divides images by 255, as it does unless the policy has
                `normalize_images=False`.
        """
        super().__init__(observation_space, features_dim)
        if not isinstance(observation_space, spaces.Dict):
            raise TypeError(f"needs a Dict observation space, got {observation_space}")
        local_map = observation_space["local_map"]
        shape = local_map.shape or (0, 0, 0)
        self._is_channels_first = shape[0] < shape[2]
        self._scale = 255.0 if normalized_image else 1.0
        if self._is_channels_first:
            last = spaces.Box(0, 255, (shape[1], shape[2], shape[0]), np.uint8)
            observation_space = spaces.Dict({**observation_space.spaces, "local_map": last})
        self._spec = PolicySpec.from_space(observation_space)
        self.encoder = Encoder(self._spec, hidden=features_dim, patch_width=patch_width)

    def forward(self, observations: dict[str, torch.Tensor]) -> torch.Tensor:
        """Summarise a batch of observations; float32; (batch, features_dim)."""
        local_map = observations["local_map"]
        if self._is_channels_first:
            local_map = local_map.permute(0, 2, 3, 1)
        fields = {
            **observations,
            "local_map": (local_map * self._scale).round().to(torch.uint8),
            "action_mask": observations["action_mask"].to(torch.uint8),
        }
        n = len(local_map)
        parts = [fields[key].reshape(n, -1).view(torch.uint8) for key in self._spec.offsets]
        features: torch.Tensor = self.encoder(torch.cat(parts, dim=1)).trunk
        return features


class Sb3VecEnv(VecEnv):
    """Shows a `FactorioVectorEnv` to SB3.

    Terminal observations, the time-limit flag and `action_masks` are where SB3 and MaskablePPO look
    for them.
    """

    def __init__(self, envs: Any) -> None:
        """Wrap a vector environment that was made with `autoreset_mode=AutoresetMode.SAME_STEP`.

        Raises:
            ValueError: another autoreset mode; SB3 knows only this one.
        """
        mode = envs.metadata.get("autoreset_mode")
        if mode is not AutoresetMode.SAME_STEP:
            raise ValueError(f"Sb3VecEnv needs autoreset_mode SAME_STEP, got {mode}")
        self.envs = envs
        self._actions: NDArray[Any] | None = None
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)

    def reset(self) -> dict[str, NDArray[Any]]:
        """Start new episodes, with the seed that `seed()` left."""
        obs, _ = self.envs.reset(seed=self._seeds[0])
        self.reset_infos = [{} for _ in range(self.num_envs)]
        self._reset_seeds()
        self._reset_options()
        return dict(obs)

    def step_async(self, actions: NDArray[Any]) -> None:
        """Remember the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> Any:
        """Step all environments; infos hold what SB3 reads, and success where an episode ended."""
        obs, rewards, terminated, truncated, infos = self.envs.step(self._actions)
        ended = terminated | truncated
        rows: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(ended):
            rows[i]["terminal_observation"] = infos["final_obs"][i]
            rows[i]["TimeLimit.truncated"] = bool(truncated[i] and not terminated[i])
            success = infos.get("final_info", infos).get("success")
            if success is not None:
                rows[i]["is_success"] = bool(success[i])
        return dict(obs), rewards.astype(np.float32), ended, rows

    def close(self) -> None:
        """Close the environments."""
        self.envs.close()

    def has_attr(self, attr_name: str) -> bool:
        """Tell whether the environments have an attribute."""
        return hasattr(self.envs, attr_name)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Return an attribute of the vector environment, once for each asked environment."""
        value = getattr(self.envs, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Refuse: the worlds are one object.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(f"set_attr({attr_name!r}): worlds in Rust share one object")

    def env_method(
        self,
        method_name: str,
        *method_args: Any,
        indices: VecEnvIndices = None,
        **method_kwargs: Any,
    ) -> list[Any]:
        """Call a method of the vector environment, once for all, and hand its rows out."""
        rows = getattr(self.envs, method_name)(*method_args, **method_kwargs)
        return [rows[i] for i in self._get_indices(indices)]

    def env_is_wrapped(
        self,
        wrapper_class: type[gymnasium.Wrapper[Any, Any, Any, Any]],
        indices: VecEnvIndices = None,
    ) -> list[bool]:
        """Tell that no world has a wrapper of its own."""
        del wrapper_class
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """Return one picture per environment."""
        frames = self.envs.render()
        return [None] * self.num_envs if frames is None else list(frames)


def make_vec_env(scenario: Any, num_envs: int, **kwargs: Any) -> VecEnv:
    """Make a fast SB3 `VecEnv` of a scenario, with SB3's own monitor around it.

    Args:
        scenario: a name or a scenario.
        num_envs: worlds stepped side by side.
        **kwargs: more for `FactorioVectorEnv`.
    """
    from stable_baselines3.common.vec_env import VecMonitor

    from factorio_fast import FactorioVectorEnv

    envs = FactorioVectorEnv(scenario, num_envs, autoreset_mode=AutoresetMode.SAME_STEP, **kwargs)
    return VecMonitor(Sb3VecEnv(envs))
