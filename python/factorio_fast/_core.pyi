"""The Rust core: simulation, observations, masks, batches."""

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Batch",
    "Blueprint",
    "Episode",
    "Scenario",
    "__version__",
    "contract",
    "generated_files",
    "is_debug_build",
    "prototype",
    "prototype_names",
]

__version__: str
is_debug_build: bool

def contract() -> dict[str, Any]:
    """Returns every value of the contract by its name."""

def generated_files() -> dict[str, str]:
    """Returns the files that are generated from the contract: path from the root to text."""

def prototype_names(kind: str) -> list[str]:
    """Lists the names of all prototypes of a kind, sorted."""

def prototype(kind: str, name: str) -> str:
    """Returns one prototype as JSON text, under the game's own field names."""

@final
class Scenario:
    """A checked scenario; the text is that of its TOML file."""

    @staticmethod
    def from_toml(text: str, source: str = "<text>") -> Scenario:
        """Reads a scenario from TOML text; `source` names it in errors."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def objective(self) -> str: ...
    @property
    def ticks_per_step(self) -> int: ...
    @property
    def max_steps(self) -> int: ...
    @property
    def map_size(self) -> tuple[int, int]: ...
    @property
    def palette(self) -> list[str]: ...
    @property
    def reward(self) -> dict[str, float]: ...
    @property
    def source_text(self) -> str:
        """The TOML text that the scenario was read from."""

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with whatever the scenario says."""

@final
class Episode:
    """One environment: begins episodes, steps them, and writes their observations."""

    def __new__(
        cls, scenario: Scenario, *, max_steps: int | None = None, is_sparse: bool = False
    ) -> Episode: ...
    def reset(self, seed: int, episode: int = 0) -> None:
        """Begins episode number `episode` of the environment seed `seed`."""

    def step(self, action: list[int]) -> tuple[float, bool, bool]:
        """Carries out one action and returns (reward, terminated, truncated)."""

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Copies the packed record of the present observation into `out`; uint8; (8576,)."""

    def full(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns what the full observation adds: (inventory, goal)."""

    def action_masks(self) -> NDArray[np.bool_]:
        """Returns the mask as 65 booleans: move, interact, target, item."""

    def conditional_mask(self, interact: int) -> NDArray[np.bool_]:
        """Returns the exact table of an interaction: bool; (16, 32); axes (target, item)."""

    def info(self) -> dict[str, Any]:
        """Returns what Gymnasium's `info` carries about the last step."""

    @property
    def phase(self) -> str:
        """Says where the episode stands: "new", "running" or "done"."""

    @property
    def max_steps(self) -> int: ...
    def render_rgb(self) -> NDArray[np.uint8]:
        """Draws the world round the character; uint8; (height, width, 3)."""

    def render_ansi(self) -> str:
        """Draws the world round the character as coloured text."""

    def snapshot(self) -> bytes:
        """Writes the episode, mid-way or not, as snapshot bytes."""

    def restore(self, data: bytes) -> None:
        """Goes back to a snapshot of the same scenario."""

    def fork(self) -> Episode:
        """Returns an independent copy that goes on from here."""

    def digest(self) -> str:
        """Returns sixteen hexadecimal digits of the episode's state."""

    def replay(self) -> bytes:
        """Writes the seed and the actions since the reset as replay bytes."""

    def run_replay(self, data: bytes) -> list[list[int]]:
        """Runs a replay of this scenario from its beginning to its end and returns its actions."""

@final
class Batch:
    """Many environments of one scenario."""

    def __new__(
        cls,
        scenario: Scenario,
        num_envs: int,
        *,
        num_threads: int,
        autoreset_mode: str,
        max_steps: int | None = None,
        is_sparse: bool = False,
        is_full: bool = False,
    ) -> Batch: ...
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays, by name.

        All are views of the batch's own memory and are overwritten by the next step.
        """

    def term_columns(self) -> list[tuple[str, int]]:
        """Names of the columns of the array "terms" that have a weight, with their numbers."""

    def reset(
        self,
        seeds: NDArray[np.uint64] | None = None,
        reset_mask: NDArray[np.bool_] | None = None,
    ) -> None:
        """Resets all environments, or those that `reset_mask` names.

        They begin episode 0 of one seed each, or the next episodes of the seeds before.
        """

    def step(self, actions: NDArray[np.int64]) -> None:
        """Steps all environments; actions: int64; `(num_envs, 4)`."""

    def send(self, actions: NDArray[np.int64]) -> None:
        """Begins a step on another thread and returns at once; `recv` waits for its end."""

    def recv(self) -> None:
        """Waits for the end of the step that `send` began."""

    def action_masks(self) -> NDArray[np.bool_]:
        """Writes the masks as booleans: `(num_envs, 65)`; columns move, interact, target, item."""

    def conditional_masks(self, interacts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Returns the exact table of one interaction per environment.

        bool; `(num_envs, 16, 32)`; axes (env, target, item).
        """

    def render_rgb(self, index: int) -> NDArray[np.uint8]:
        """Draws the world round one environment's character; uint8; (height, width, 3)."""

    def render_ansi(self, index: int) -> str:
        """Draws the world round one environment's character as coloured text."""

    def snapshot(self) -> bytes:
        """Writes all environments, mid-episode or not, as snapshot bytes."""

    def restore(self, data: bytes) -> None:
        """Goes back to a snapshot of a batch of the same scenario and size, with observations."""

    @property
    def num_envs(self) -> int: ...

@final
class Blueprint:
    """A blueprint; of a book, the first."""

    @staticmethod
    def from_string(text: str) -> Blueprint:
        """Reads an exchange string (`0eN…`) and checks every entity in it."""

    @property
    def label(self) -> str | None: ...
    @property
    def entities(self) -> list[tuple[str, float, float, int]]:
        """The entities as (name, x, y, direction).

        Centre in tiles, direction in sixteenths clockwise from north.
        """

    def to_string(self) -> str:
        """Writes the exchange string."""

    def __len__(self) -> int: ...
