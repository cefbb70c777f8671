"""Proximal policy optimisation for Factorio, whole in one file: network, action heads, rollout, update.

The shape of the problem decides the shape of the code:

* An observation is one packed record of 8,576 bytes. Rollouts keep the raw bytes and turn them into floats one
  minibatch at a time, because on a CPU moving the 32x32x8 map costs more than all the arithmetic on it.
* The map goes through a linear layer over patches of 4x4 cells, which trains several times faster than convolutions.
* An action has four parts that are chosen in order: interact, then move, then target, then item, each seeing what was
  chosen before. A part that the chosen interact does not read is set to 0 and has no share in the probability, so it
  adds no noise to the gradient.
* Every head is masked. The masks that were used for sampling are stored and used again in the update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from factorio_fast.training.patches import PatchEmbedding

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from factorio_fast.training.settings import TrainSettings
    from factorio_fast.training.spec import PolicySpec

KIND_WIDTH = 16
"""Numbers in the embedding of an entity's kind."""
TOKEN_WIDTH = 32
"""Numbers that an entity row is turned into."""
POSITION_SCALE = 1.0 / 16.0
"""Brings distances inside the observed window, 16 tiles to each side, to about 1."""
MASKED = -1e9
"""Logit of an illegal choice: far below any real one, finite so that gradients stay finite."""


class Encoded(NamedTuple):
    """What the network makes of a batch of records before any action is chosen."""

    trunk: Tensor
    """Summary of the observation; float32; (batch, hidden)."""
    tokens: Tensor
    """Entity rows; float32; (batch, rows, TOKEN_WIDTH)."""


class Decision(NamedTuple):
    """Actions chosen for a batch of records."""

    actions: Tensor
    """int64; (batch, 4); move, interact, target, item."""
    log_prob: Tensor
    """float32; (batch,)."""
    value: Tensor
    """float32; (batch,); in scaled reward."""
    masks: Tensor
    """The masks that were in force; bool; (batch, sum of nvec)."""


class Policy(nn.Module):
    """Actor and critic over packed records, with masked heads chosen one after the other."""

    def __init__(self, spec: PolicySpec, *, hidden: int, patch_width: int) -> None:
        """Build the network for a spec; weights come from torch's global generator."""
        super().__init__()
        self.spec = spec
        n_vector = sum(end - start for start, end in map(spec.offsets.get, spec.vector_keys)) // 4
        n_move, n_interact, n_target, n_item = spec.nvec
        self._mask_columns = (n_move, n_interact, n_target, n_item)

        self.patches = PatchEmbedding(spec.map_shape, spec.channel_max, patch_width)
        self.kind = nn.Embedding(spec.entity_kinds, KIND_WIDTH)
        self.entity = nn.Sequential(
            _linear(KIND_WIDTH + 2 * (spec.entity_shape[1] - 1), TOKEN_WIDTH),
            nn.ReLU(),
            _linear(TOKEN_WIDTH, TOKEN_WIDTH),
            nn.ReLU(),
        )
        n_features = (
            self.patches.n_patches * patch_width
            + 2 * n_vector
            + 2 * TOKEN_WIDTH
            + sum(spec.nvec)
            - 1
        )
        self.trunk = nn.Sequential(
            _linear(n_features, hidden), nn.ReLU(), _linear(hidden, hidden), nn.ReLU()
        )
        self.critic = nn.Sequential(
            _linear(hidden, hidden), nn.ReLU(), _linear(hidden, 1, gain=1.0)
        )
        self.interact = _linear(hidden, n_interact, gain=0.01)
        self.chosen_interact = nn.Embedding(n_interact, hidden)
        self.chosen_target = _linear(TOKEN_WIDTH, hidden)
        self.context = _linear(hidden, hidden)
        self.move = _linear(hidden, n_move, gain=0.01)
        self.target_query = _linear(hidden, TOKEN_WIDTH, gain=0.01)
        self.item = _linear(hidden, n_item, gain=0.01)

        self.register_buffer("uses_target", torch.tensor(spec.uses_target), persistent=False)
        self.register_buffer("uses_item", torch.tensor(spec.uses_item), persistent=False)
        self.uses_target: Tensor
        self.uses_item: Tensor

    def encode(self, records: Tensor) -> Encoded:
        """Summarise packed records; uint8; (batch, record_bytes)."""
        tokens, pooled = self._entities(records)
        vectors = [self._field(records, key) for key in self.spec.vector_keys]
        vector = torch.cat(vectors, dim=1)
        features = torch.cat(
            [
                self.patches(self._field(records, "local_map")).relu().flatten(1),
                (vector * POSITION_SCALE).clamp(-8.0, 8.0),
                _symlog(vector),
                pooled,
                self._field(records, "action_mask").float(),
            ],
            dim=1,
        )
        return Encoded(self.trunk(features), tokens)

    def value(self, encoded: Encoded) -> Tensor:
        """Estimate the discounted scaled reward still to come; (batch,)."""
        value: Tensor = self.critic(encoded.trunk)
        return value.squeeze(1)

    def masks(self, records: Tensor) -> Tensor:
        """Read the masks of all heads from records; bool; (batch, sum of nvec); `move=0` always True."""
        bits = self._field(records, "action_mask").bool()
        return torch.cat([bits.new_ones((len(bits), 1)), bits], dim=1)

    @torch.no_grad()
    def act(
        self,
        records: Tensor,
        generator: torch.Generator | None,
        conditional_masks: Callable[[NDArray[np.int64]], NDArray[np.bool_]] | None = None,
    ) -> Decision:
        """Choose actions.

        Args:
            records: packed observations; uint8; (batch, record_bytes).
            generator: source of randomness; None takes the likeliest choice of each head.
            conditional_masks: from interacts (batch,) to legal (target, item) pairs, bool, (batch, 16, 32);
                None uses the masks in the records, which look at each head alone.
        """
        encoded = self.encode(records)
        masks = self.masks(records)
        move_mask, interact_mask, target_mask, item_mask = masks.split(self._mask_columns, dim=1)
        log_interact = _log_softmax(self.interact(encoded.trunk), interact_mask)
        interact = _choose(log_interact, generator)
        context = self._context(encoded, interact)
        log_move = _log_softmax(self.move(context), move_mask)
        move = _choose(log_move, generator)

        uses_target, uses_item = self.uses_target[interact], self.uses_item[interact]
        pairs = None
        if conditional_masks is not None:
            pairs = torch.from_numpy(conditional_masks(interact.numpy()))
            target_mask = _with_fallback(pairs.any(dim=2))
        log_target = _log_softmax(self._target_logits(encoded, context), target_mask)
        target = _choose(log_target, generator) * uses_target
        if pairs is not None:
            of_target = pairs[torch.arange(len(pairs)), target]
            item_mask = _with_fallback(
                torch.where(uses_target[:, None], of_target, pairs.any(dim=1))
            )
        log_item = _log_softmax(self._item_logits(encoded, context, target, uses_target), item_mask)
        item = _choose(log_item, generator) * uses_item

        log_prob = _pick(log_move, move) + _pick(log_interact, interact)
        log_prob += _pick(log_target, target) * uses_target + _pick(log_item, item) * uses_item
        return Decision(
            torch.stack([move, interact, target, item], dim=1),
            log_prob,
            self.value(encoded),
            torch.cat([move_mask, interact_mask, target_mask, item_mask], dim=1),
        )

    def judge(
        self, records: Tensor, actions: Tensor, masks: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return log-probability, entropy and value of past actions under the present weights; each (batch,)."""
        encoded = self.encode(records)
        move, interact, target, item = actions.unbind(dim=1)
        move_mask, interact_mask, target_mask, item_mask = masks.split(self._mask_columns, dim=1)
        context = self._context(encoded, interact)
        uses_target, uses_item = self.uses_target[interact], self.uses_item[interact]
        log_interact = _log_softmax(self.interact(encoded.trunk), interact_mask)
        log_move = _log_softmax(self.move(context), move_mask)
        log_target = _log_softmax(self._target_logits(encoded, context), target_mask)
        log_item = _log_softmax(self._item_logits(encoded, context, target, uses_target), item_mask)
        log_prob = _pick(log_move, move) + _pick(log_interact, interact)
        log_prob = log_prob + _pick(log_target, target) * uses_target
        log_prob = log_prob + _pick(log_item, item) * uses_item
        entropy = _entropy(log_move) + _entropy(log_interact)
        entropy = entropy + _entropy(log_target) * uses_target + _entropy(log_item) * uses_item
        return log_prob, entropy, self.value(encoded)

    def _field(self, records: Tensor, key: str) -> Tensor:
        start, end = self.spec.offsets[key]
        field = records[:, start:end]
        return field if key in {"action_mask", "local_map"} else field.view(torch.float32)

    def _entities(self, records: Tensor) -> tuple[Tensor, Tensor]:
        table = self._field(records, "entities").reshape(-1, *self.spec.entity_shape)
        kind = table[..., 0].long().clamp(0, self.spec.entity_kinds - 1)
        rest = table[..., 1:]
        numbers = torch.cat([(rest * POSITION_SCALE).clamp(-8.0, 8.0), _symlog(rest)], dim=2)
        present = (kind > 0).unsqueeze(2)
        tokens = self.entity(torch.cat([self.kind(kind), numbers], dim=2)) * present
        mean = tokens.sum(dim=1) / present.sum(dim=1).clamp(min=1)
        return tokens, torch.cat([mean, tokens.amax(dim=1)], dim=1)

    def _context(self, encoded: Encoded, interact: Tensor) -> Tensor:
        return functional.relu(self.context(encoded.trunk) + self.chosen_interact(interact))

    def _target_logits(self, encoded: Encoded, context: Tensor) -> Tensor:
        # Each row is scored by what stands in it, so that nothing depends on where in the table a thing is listed.
        query = self.target_query(context).unsqueeze(2)
        return torch.bmm(encoded.tokens, query).squeeze(2)

    def _item_logits(
        self, encoded: Encoded, context: Tensor, target: Tensor, uses_target: Tensor
    ) -> Tensor:
        token = encoded.tokens[torch.arange(len(target)), target] * uses_target.unsqueeze(1)
        logits: Tensor = self.item(functional.relu(context + self.chosen_target(token)))
        return logits


class Envs(Protocol):
    """What PPO asks of a vector environment; `FactorioVectorEnv` with SAME_STEP autoreset has it."""

    num_envs: int
    single_observation_space: Any
    single_action_space: Any

    @property
    def records(self) -> NDArray[np.uint8]:
        """The current observations, packed; uint8; (num_envs, record_bytes)."""

    def reset(self, *, seed: int | None = None) -> tuple[Any, dict[str, Any]]:
        """Start new episodes."""

    def step(self, actions: NDArray[Any]) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Advance every environment by one step."""

    def snapshot(self) -> bytes:
        """Freeze all environments in mid-episode."""

    def restore(self, snapshot: bytes) -> None:
        """Continue from a snapshot."""

    def close(self) -> None:
        """Release what the environments hold."""


class Storage:
    """The steps between two updates, axes (time, environment, ...), allocated once."""

    def __init__(self, settings: TrainSettings, spec: PolicySpec) -> None:
        """Allocate for `horizon` steps of `num_envs` environments."""
        shape = (settings.horizon, settings.num_envs)
        self.records = torch.empty((*shape, spec.record_bytes), dtype=torch.uint8)
        self.actions = torch.empty((*shape, len(spec.nvec)), dtype=torch.int64)
        self.masks = torch.empty((*shape, sum(spec.nvec)), dtype=torch.bool)
        self.log_probs = torch.empty(shape)
        self.values = torch.empty(shape)
        self.rewards = torch.empty(shape)
        self.ended = torch.empty(shape, dtype=torch.bool)
        self.lost = torch.empty(shape, dtype=torch.bool)
        """The world was lost in this step: the episode up to here must not be learned from."""


@dataclass(slots=True)
class RewardScaler:
    """Keeps the running variance of discounted returns, to divide rewards by its root."""

    discounted: NDArray[np.float64]
    """Discounted return so far of each environment's running episode; (num_envs,)."""
    count: float = 1e-4
    mean: float = 0.0
    variance: float = 1.0

    def scale(self, rewards: NDArray[Any], ended: NDArray[Any], gamma: float) -> NDArray[Any]:
        """Take one step's rewards into account and return them scaled; (num_envs,)."""
        self.discounted = self.discounted * gamma + rewards
        n_new, mean, variance = len(rewards), self.discounted.mean(), self.discounted.var()
        total = self.count + n_new
        delta = mean - self.mean
        spread = self.variance * self.count + variance * n_new
        self.variance = float((spread + delta**2 * self.count * n_new / total) / total)
        self.mean = float(self.mean + delta * n_new / total)
        self.count = total
        self.discounted[ended] = 0.0
        return self.factor * rewards

    @property
    def factor(self) -> float:
        """What rewards are multiplied with now."""
        return 1.0 / float(np.sqrt(self.variance + 1e-8))


def collect(
    policy: Policy,
    envs: Envs,
    storage: Storage,
    generator: torch.Generator,
    settings: TrainSettings,
    scaler: RewardScaler,
    on_step: Callable[[NDArray[Any], NDArray[Any], dict[str, Any]], None],
) -> Tensor:
    """Fill `storage` with steps of the present policy; return the values of the observations after the last.

    Args:
        on_step: is shown each step's raw rewards, which episodes ended, and the infos.
    """
    # The exact table of legal (target, item) pairs is asked for where an environment offers one.
    conditional = getattr(envs, "conditional_masks", None)
    for t in range(settings.horizon):
        storage.records[t].copy_(torch.from_numpy(envs.records))
        decision = policy.act(storage.records[t], generator, conditional)
        storage.actions[t] = decision.actions
        storage.masks[t] = decision.masks
        storage.log_probs[t] = decision.log_prob
        storage.values[t] = decision.value
        _, rewards, terminated, truncated, infos = envs.step(decision.actions.numpy())
        ended = terminated | truncated
        lost = np.asarray(infos.get("infrastructure", False)) & ended
        on_step(rewards, ended, infos)
        scaled = rewards * scaler.factor
        if settings.scale_rewards:
            scaled = scaler.scale(np.where(lost, 0.0, rewards), ended, settings.gamma)
        cut = truncated & ~terminated & ~lost
        if cut.any():
            # Time ran out, but the world went on: what would have followed is estimated instead of taken for nothing.
            scaled[cut] += settings.gamma * _final_values(policy, infos, np.flatnonzero(cut))
        storage.rewards[t] = torch.from_numpy(scaled)
        storage.ended[t] = torch.from_numpy(ended)
        storage.lost[t] = torch.from_numpy(lost)
    with torch.no_grad():
        return policy.value(policy.encode(torch.from_numpy(envs.records)))


def advantages(
    storage: Storage, last_values: Tensor, settings: TrainSettings
) -> tuple[Tensor, Tensor]:
    """Compute generalised advantages, and which steps may be learned from; both (time, environment).

    Rewards of steps cut off by the time limit already hold the value of what would have followed.
    """
    result = torch.empty_like(storage.rewards)
    usable = torch.empty_like(storage.ended)
    following = last_values
    running = torch.zeros_like(last_values)
    is_lost = torch.zeros_like(storage.ended[0])
    for t in reversed(range(len(result))):
        goes_on = (~storage.ended[t]).float()
        delta = storage.rewards[t] + settings.gamma * following * goes_on - storage.values[t]
        running = delta + settings.gamma * settings.gae_lambda * goes_on * running
        following = storage.values[t]
        is_lost = torch.where(storage.ended[t], storage.lost[t], is_lost)
        result[t] = running
        usable[t] = ~is_lost
    return result, usable


def update(
    policy: Policy,
    optimizer: torch.optim.Optimizer,
    storage: Storage,
    last_values: Tensor,
    generator: torch.Generator,
    settings: TrainSettings,
    progress: float,
) -> dict[str, float]:
    """Improve the policy on what `collect` stored; return losses and diagnostics.

    Args:
        progress: how far the run is, 0..1; learning rate and entropy bonus fall with it.
    """
    advantage, usable = advantages(storage, last_values, settings)
    returns = (advantage + storage.values).flatten()
    kept = usable.flatten().nonzero().squeeze(1)
    if len(kept) == 0:
        return {}
    advantage = advantage.flatten()
    advantage = (advantage - advantage[kept].mean()) / (advantage[kept].std(correction=0) + 1e-8)
    rate = _between(settings.learning_rate, settings.final_learning_rate, progress)
    entropy_coef = _between(settings.entropy_coef, settings.final_entropy_coef, progress)
    for group in optimizer.param_groups:
        group["lr"] = rate
    records, actions = storage.records.flatten(0, 1), storage.actions.flatten(0, 1)
    masks = storage.masks.flatten(0, 1)
    old_log_probs, old_values = storage.log_probs.flatten(), storage.values.flatten()

    sums: dict[str, float] = {}
    n_batches = 0
    for _ in range(settings.epochs):
        order = kept[torch.randperm(len(kept), generator=generator)]
        epoch_kl = 0.0
        n_epoch = 0
        for batch in order.split(settings.minibatch):
            log_prob, entropy, value = policy.judge(records[batch], actions[batch], masks[batch])
            log_ratio = log_prob - old_log_probs[batch]
            ratio = log_ratio.exp()
            clipped = ratio.clamp(1.0 - settings.clip, 1.0 + settings.clip)
            policy_loss = -torch.min(ratio * advantage[batch], clipped * advantage[batch]).mean()
            value_loss = _value_loss(value, old_values[batch], returns[batch], settings.value_clip)
            loss = policy_loss + settings.value_coef * value_loss - entropy_coef * entropy.mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), settings.max_grad_norm)
            optimizer.step()
            with torch.no_grad():
                kl = float(((ratio - 1.0) - log_ratio).mean())
                parts = {
                    "policy_loss": float(policy_loss),
                    "value_loss": float(value_loss),
                    "entropy": float(entropy.mean()),
                    "kl": kl,
                    "clipped": float(((ratio - 1.0).abs() > settings.clip).float().mean()),
                }
            sums = {name: sums.get(name, 0.0) + part for name, part in parts.items()}
            n_batches += 1
            n_epoch += 1
            epoch_kl += kl
        if settings.target_kl and epoch_kl / n_epoch > settings.target_kl:
            break
    means = {name: total / n_batches for name, total in sums.items()}
    residual = (returns - old_values)[kept].var(correction=0)
    spread = returns[kept].var(correction=0)
    means["explained_variance"] = float(1.0 - residual / (spread + 1e-8))
    means["learning_rate"] = rate
    return means


def _final_values(policy: Policy, infos: dict[str, Any], rows: NDArray[np.intp]) -> NDArray[Any]:
    dense = infos.get("final_records")
    if dense is None:
        records = np.stack([policy.spec.pack(infos["final_obs"][row]) for row in rows])
    else:
        records = dense[rows]
    with torch.no_grad():
        return policy.value(policy.encode(torch.from_numpy(records))).numpy()


def _value_loss(value: Tensor, old: Tensor, wanted: Tensor, clip: float) -> Tensor:
    loss = (value - wanted).square()
    if clip > 0:
        near = old + (value - old).clamp(-clip, clip)
        loss = torch.max(loss, (near - wanted).square())
    return 0.5 * loss.mean()


def _linear(n_in: int, n_out: int, gain: float = 2.0**0.5) -> nn.Linear:
    layer = nn.Linear(n_in, n_out)
    nn.init.orthogonal_(layer.weight, gain)
    nn.init.zeros_(layer.bias)
    return layer


def _symlog(x: Tensor) -> Tensor:
    return x.sign() * x.abs().log1p()


def _log_softmax(logits: Tensor, mask: Tensor) -> Tensor:
    return functional.log_softmax(torch.where(mask, logits, MASKED), dim=1)


def _with_fallback(mask: Tensor) -> Tensor:
    # A head with nothing legal shows its index 0, as in the contract's masks.
    mask[:, 0] |= ~mask.any(dim=1)
    return mask


def _choose(log_probs: Tensor, generator: torch.Generator | None) -> Tensor:
    if generator is None:
        return log_probs.argmax(dim=1)
    # Adding Gumbel noise and taking the largest draws from the distribution without normalising it again.
    uniform = torch.rand(log_probs.shape, generator=generator)
    noise = -(-(uniform.clamp(min=1e-20)).log()).clamp(min=1e-20).log()
    return (log_probs + noise).argmax(dim=1)


def _pick(log_probs: Tensor, choice: Tensor) -> Tensor:
    return log_probs.gather(1, choice.unsqueeze(1)).squeeze(1)


def _entropy(log_probs: Tensor) -> Tensor:
    return -(log_probs.exp() * log_probs).sum(dim=1)


def _between(start: float, end: float, progress: float) -> float:
    return start + (end - start) * min(max(progress, 0.0), 1.0)
