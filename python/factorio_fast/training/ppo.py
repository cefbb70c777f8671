"""Proximal policy optimisation for Factorio in one file: action heads, rollout, update.

The shape of the problem decides the shape of the code:

* An observation is one packed record of 8,576 bytes. Rollouts keep the raw bytes and turn them into
  floats one minibatch at a time, because on a CPU moving the 32x32x8 map costs more than all the
  arithmetic on it.
* The map goes through a linear layer over patches of 4x4 cells, which trains several times faster
  than convolutions.
* An action has four parts that are chosen in order: interact, then move, then target, then item,
  each seeing what was chosen before. A part that the chosen interact does not read is set to 0 and
  has no share in the probability, so it adds no noise to the gradient.
* Every head is masked. The masks that were used for sampling are stored and used again in the
  update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from factorio_fast.training.encoder import TOKEN_WIDTH, Encoder, linear

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from factorio_fast.training.encoder import Encoded
    from factorio_fast.training.settings import TrainSettings
    from factorio_fast.training.spec import PolicySpec

MASKED = -1e9
"""Logit of an illegal choice: far below any real one, finite so that gradients stay finite."""


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
        n_move, n_interact, n_target, n_item = spec.nvec
        self._mask_columns = [n_move, n_interact, n_target, n_item]
        self.encoder = Encoder(spec, hidden=hidden, patch_width=patch_width)
        self.critic = nn.Sequential(linear(hidden, hidden), nn.ReLU(), linear(hidden, 1, gain=1.0))
        self.interact = linear(hidden, n_interact, gain=0.01)
        self.chosen_interact = nn.Embedding(n_interact, hidden)
        self.chosen_target = linear(TOKEN_WIDTH, hidden)
        self.context = linear(hidden, hidden)
        self.move = linear(hidden, n_move, gain=0.01)
        self.target_query = linear(hidden, TOKEN_WIDTH, gain=0.01)
        self.item = linear(hidden, n_item, gain=0.01)

        self.register_buffer("uses_target", torch.tensor(spec.uses_target), persistent=False)
        self.register_buffer("uses_item", torch.tensor(spec.uses_item), persistent=False)
        self.uses_target: Tensor
        self.uses_item: Tensor

    def encode(self, records: Tensor) -> Encoded:
        """Summarise packed records; uint8; (batch, record_bytes)."""
        encoded: Encoded = self.encoder(records)
        return encoded

    def value(self, encoded: Encoded) -> Tensor:
        """Estimate the discounted scaled reward still to come; (batch,)."""
        value: Tensor = self.critic(encoded.trunk)
        return value.squeeze(1)

    def masks(self, records: Tensor) -> Tensor:
        """Read the masks of all heads; bool; (batch, sum of nvec); `move=0` is always True."""
        bits = self.encoder.field(records, "action_mask").bool()
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
            conditional_masks: from interacts (batch,) to legal (target, item) pairs, bool, (batch,
            16, 32);
                None uses the masks in the records, which look at each head alone.
        """
        encoded = self.encode(records)
        masks = self.masks(records)
        move_mask, interact_mask, target_mask, item_mask = torch.split(
            masks, self._mask_columns, dim=1
        )
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
        """Return log-probability, entropy and value of past actions; each (batch,)."""
        encoded = self.encode(records)
        move, interact, target, item = actions.unbind(dim=1)
        move_mask, interact_mask, target_mask, item_mask = torch.split(
            masks, self._mask_columns, dim=1
        )
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

    def _context(self, encoded: Encoded, interact: Tensor) -> Tensor:
        return functional.relu(self.context(encoded.trunk) + self.chosen_interact(interact))

    def _target_logits(self, encoded: Encoded, context: Tensor) -> Tensor:
        # Each row is scored by what stands in it, so that nothing depends on where in the table a
        # thing is listed.
        query = self.target_query(context).unsqueeze(2)
        return torch.bmm(encoded.tokens, query).squeeze(2)

    def _item_logits(
        self, encoded: Encoded, context: Tensor, target: Tensor, uses_target: Tensor
    ) -> Tensor:
        token = encoded.tokens[torch.arange(len(target)), target] * uses_target.unsqueeze(1)
        logits: Tensor = self.item(functional.relu(context + self.chosen_target(token)))
        return logits


class Envs(Protocol):
    """What PPO asks of a vector environment, in SAME_STEP autoreset mode."""

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


class Learner:
    """A policy with everything that its training needs beside the environments."""

    def __init__(self, policy: Policy, settings: TrainSettings, seed: int) -> None:
        """Prepare to train a policy; the order of its experience follows from `seed`."""
        self.policy, self.settings = policy, settings
        self.generator = torch.Generator().manual_seed(seed)
        self.optimizer = torch.optim.Adam(
            policy.parameters(), lr=settings.learning_rate, eps=1e-5, fused=True
        )
        self.scaler = RewardScaler(np.zeros(settings.num_envs))
        self.storage = Storage(settings, policy.spec)

    def collect(
        self,
        envs: Envs,
        on_step: Callable[[NDArray[Any], NDArray[np.bool_], dict[str, Any]], None],
    ) -> Tensor:
        """Fill the storage with steps of the present policy; return the values of what comes next.

        Args:
            envs: where to act; they go on from where they are.
            on_step: is shown each step's raw rewards, which episodes ended, and the infos.
        """
        policy, storage, settings = self.policy, self.storage, self.settings
        # The exact table of legal (target, item) pairs is asked for where it is to be had.
        conditional = getattr(envs, "conditional_masks", None)
        for t in range(settings.horizon):
            storage.records[t].copy_(torch.from_numpy(envs.records))
            decision = policy.act(storage.records[t], self.generator, conditional)
            storage.actions[t] = decision.actions
            storage.masks[t] = decision.masks
            storage.log_probs[t] = decision.log_prob
            storage.values[t] = decision.value
            _, rewards, terminated, truncated, infos = envs.step(decision.actions.numpy())
            ended = terminated | truncated
            lost = np.asarray(infos.get("infrastructure", False)) & ended
            on_step(rewards, ended, infos)
            rewards = np.where(lost, 0.0, rewards)
            if settings.scale_rewards:
                rewards = self.scaler.scale(rewards, ended, settings.gamma)
            cut = truncated & ~terminated & ~lost
            if cut.any():
                # Time ran out, but the world went on: what would have followed is estimated.
                values = _final_values(policy, infos, np.flatnonzero(cut))
                rewards[cut] += settings.gamma * values
            storage.rewards[t] = torch.from_numpy(rewards)
            storage.ended[t] = torch.from_numpy(ended)
            storage.lost[t] = torch.from_numpy(lost)
        with torch.no_grad():
            return policy.value(policy.encode(torch.from_numpy(envs.records)))

    def update(self, last_values: Tensor, progress: float) -> dict[str, float]:
        """Improve the policy on what `collect` stored; return losses and diagnostics.

        Args:
            last_values: what `collect` returned.
            progress: how far the run is, 0..1; learning rate and entropy bonus fall with it.
        """
        settings = self.settings
        advantage, usable = advantages(self.storage, last_values, settings)
        returns = (advantage + self.storage.values).flatten()
        kept = usable.flatten().nonzero().squeeze(1)
        if len(kept) == 0:
            return {}
        advantage = advantage.flatten()
        advantage = (advantage - advantage[kept].mean()) / (
            advantage[kept].std(correction=0) + 1e-8
        )
        rate = _between(settings.learning_rate, settings.final_learning_rate, progress)
        entropy_coef = _between(settings.entropy_coef, settings.final_entropy_coef, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        batches: list[dict[str, float]] = []
        for _ in range(settings.epochs):
            order = kept[torch.randperm(len(kept), generator=self.generator)]
            epoch = [
                self._descend(batch, advantage[batch], returns[batch], entropy_coef)
                for batch in torch.split(order, settings.minibatch)
            ]
            batches += epoch
            if 0 < settings.target_kl < float(np.mean([one["kl"] for one in epoch])):
                break
        means = {name: float(np.mean([one[name] for one in batches])) for name in batches[0]}
        residual = (returns - self.storage.values.flatten())[kept].var(correction=0)
        spread = returns[kept].var(correction=0)
        means["explained_variance"] = float(1.0 - residual / (spread + 1e-8))
        means["learning_rate"] = rate
        return means

    def _descend(
        self, batch: Tensor, advantage: Tensor, returns: Tensor, entropy_coef: float
    ) -> dict[str, float]:
        settings, storage = self.settings, self.storage
        log_prob, entropy, value = self.policy.judge(
            storage.records.flatten(0, 1)[batch],
            storage.actions.flatten(0, 1)[batch],
            storage.masks.flatten(0, 1)[batch],
        )
        log_ratio = log_prob - storage.log_probs.flatten()[batch]
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1.0 - settings.clip, 1.0 + settings.clip)
        policy_loss = -torch.min(ratio * advantage, clipped * advantage).mean()
        old = storage.values.flatten()[batch]
        value_loss = _value_loss(value, old, returns, settings.value_clip)
        loss = policy_loss + settings.value_coef * value_loss - entropy_coef * entropy.mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.policy.parameters(), settings.max_grad_norm)
        self.optimizer.step()
        with torch.no_grad():
            return {
                "policy_loss": float(policy_loss),
                "value_loss": float(value_loss),
                "entropy": float(entropy.mean()),
                "kl": float(((ratio - 1.0) - log_ratio).mean()),
                "clipped": float(((ratio - 1.0).abs() > settings.clip).float().mean()),
            }


def advantages(
    storage: Storage, last_values: Tensor, settings: TrainSettings
) -> tuple[Tensor, Tensor]:
    """Compute advantages, and which steps may be learned from; both (time, environment).

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


def _log_softmax(logits: Tensor, mask: Tensor) -> Tensor:
    return functional.log_softmax(torch.where(mask, logits, MASKED), dim=1)


def _with_fallback(mask: Tensor) -> Tensor:
    # A head with nothing legal shows its index 0, as in the contract's masks.
    mask[:, 0] |= ~mask.any(dim=1)
    return mask


def _choose(log_probs: Tensor, generator: torch.Generator | None) -> Tensor:
    if generator is None:
        return log_probs.argmax(dim=1)
    # Adding Gumbel noise and taking the largest draws from the distribution without normalising it
    # again.
    uniform = torch.rand(log_probs.shape, generator=generator)
    noise = -(-(uniform.clamp(min=1e-20)).log()).clamp(min=1e-20).log()
    return (log_probs + noise).argmax(dim=1)


def _pick(log_probs: Tensor, choice: Tensor) -> Tensor:
    return log_probs.gather(1, choice.unsqueeze(1)).squeeze(1)


def _entropy(log_probs: Tensor) -> Tensor:
    return -(log_probs.exp() * log_probs).sum(dim=1)


def _between(start: float, end: float, progress: float) -> float:
    return start + (end - start) * min(max(progress, 0.0), 1.0)
