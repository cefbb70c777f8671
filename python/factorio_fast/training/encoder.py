"""Turns packed observation records into numbers for a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from factorio_fast.training.patches import PatchEmbedding

if TYPE_CHECKING:
    from torch import Tensor

    from factorio_fast.training.spec import PolicySpec

KIND_WIDTH = 16
"""Numbers in the embedding of an entity's kind."""
TOKEN_WIDTH = 32
"""Numbers that an entity row is turned into."""
STATUS_WIDTH = 4
"""Numbers in the embedding of an entity's status."""
NEAR_SCALE = 16.0
"""Spreads small values before their logarithm is taken; positions come as tiles / 16 or / 32."""


class Encoded(NamedTuple):
    """What the network makes of a batch of records before any action is chosen."""

    trunk: Tensor
    """Summary of the observation; float32; (batch, hidden)."""
    tokens: Tensor
    """Entity rows; float32; (batch, rows, TOKEN_WIDTH)."""


class Encoder(nn.Module):
    """Summarises an observation in `hidden` numbers, and each of its entities in `TOKEN_WIDTH`."""

    def __init__(self, spec: PolicySpec, *, hidden: int, patch_width: int) -> None:
        """Build the network for a spec; weights come from torch's global generator."""
        super().__init__()
        self.spec = spec
        vectors = [spec.offsets[key] for key in spec.vector_keys]
        n_vector = sum(end - start for start, end in vectors) // 4
        n_columns = spec.entity_shape[1] - 1
        self.patches = PatchEmbedding(spec.map_shape, spec.channel_max, patch_width)
        self.kind = nn.Embedding(spec.entity_kinds, KIND_WIDTH)
        self.status = nn.Embedding(spec.status_codes + 1, STATUS_WIDTH)
        self.entity = nn.Sequential(
            linear(KIND_WIDTH + STATUS_WIDTH + 2 * n_columns, TOKEN_WIDTH),
            nn.ReLU(),
            linear(TOKEN_WIDTH, TOKEN_WIDTH),
            nn.ReLU(),
        )
        n_map = self.patches.n_patches * patch_width
        n_features = n_map + 2 * n_vector + 2 * TOKEN_WIDTH + sum(spec.nvec) - 1
        self.trunk = nn.Sequential(
            linear(n_features, hidden), nn.ReLU(), linear(hidden, hidden), nn.ReLU()
        )

    def forward(self, records: Tensor) -> Encoded:
        """Summarise packed records; uint8; (batch, record_bytes)."""
        tokens, pooled = self._entities(records)
        vector = torch.cat([self.field(records, key) for key in self.spec.vector_keys], dim=1)
        features = torch.cat(
            [
                self.patches(self.field(records, "local_map")).relu().flatten(1),
                *_far_and_near(vector),
                pooled,
                self.field(records, "action_mask").float(),
            ],
            dim=1,
        )
        return Encoded(self.trunk(features), tokens)

    def field(self, records: Tensor, key: str) -> Tensor:
        """Return one field of packed records, flat; uint8 or float32; shares their memory."""
        start, end = self.spec.offsets[key]
        field = records[:, start:end]
        return field if key in {"action_mask", "local_map"} else field.view(torch.float32)

    def _entities(self, records: Tensor) -> tuple[Tensor, Tensor]:
        table = self.field(records, "entities").reshape(-1, *self.spec.entity_shape)
        kind = table[..., 0].long().clamp(0, self.spec.entity_kinds - 1)
        rest = table[..., 1:]
        # -1 is a ghost, 0 no status, then the status classes; resources have their amount there.
        status = (rest[..., 2].round().long() + 1).clamp(0, self.spec.status_codes)
        present = (kind > 0).unsqueeze(2)
        inputs = torch.cat([self.kind(kind), self.status(status), *_far_and_near(rest)], dim=2)
        tokens = self.entity(inputs) * present
        mean = tokens.sum(dim=1) / present.sum(dim=1).clamp(min=1)
        return tokens, torch.cat([mean, tokens.amax(dim=1)], dim=1)


def linear(n_in: int, n_out: int, gain: float = 2.0**0.5) -> nn.Linear:
    """Make a linear layer with orthogonal weights."""
    layer = nn.Linear(n_in, n_out)
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


def _far_and_near(x: Tensor) -> tuple[Tensor, Tensor]:
    # Positions are fractions of the window: as they are for what is far, and as logarithms for the
    # last few tiles.
    return x.clamp(-8.0, 8.0), x.sign() * (x.abs() * NEAR_SCALE).log1p()
