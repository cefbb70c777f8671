"""The learner itself: heads and masks, advantages, and that it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from factorio_fast.training import ppo
from factorio_fast.training.episodes import EpisodeTracker
from factorio_fast.training.patches import PatchEmbedding
from factorio_fast.training.settings import TrainSettings
from factorio_fast.training.spec import PolicySpec
from factorio_fast.training.trainer import Trainer
from toy_envs import NVEC, ToyEnvs

if TYPE_CHECKING:
    from pathlib import Path

STARTS = np.cumsum([0, *NVEC])[:-1]


def make_policy(seed: int = 0) -> ppo.Policy:
    torch.manual_seed(seed)
    envs = ToyEnvs(1)
    spec = PolicySpec.from_space(envs.single_observation_space)
    return ppo.Policy(spec, hidden=32, patch_width=4)


def random_records(n: int, seed: int = 0) -> Any:
    """Random maps, entities, numbers, and masks in which every head has a legal choice."""
    rng = np.random.default_rng(seed)
    records = rng.integers(0, 4, (n, 8576), dtype=np.uint8)
    records[:, :64] = rng.random((n, 64)) < 0.4
    records[:, [8, 16, 32]] = 1
    records[:, 64:320] = rng.normal(0, 1, (n, 64)).astype(np.float32).view(np.uint8)
    kinds = records[:, 64:320].view(np.float32).reshape(n, 16, 4)
    kinds[..., 0] = rng.integers(0, 100, (n, 16))
    records[:, 8512:] = rng.normal(0, 1, (n, 16)).astype(np.float32).view(np.uint8)
    return torch.from_numpy(records)


def test_sampled_actions_obey_the_mask_in_every_head() -> None:
    policy, records = make_policy(), random_records(512)
    generator = torch.Generator().manual_seed(1)
    masks = policy.masks(records)
    for _ in range(5):
        actions = policy.act(records, generator).actions
        interact = actions[:, 1]
        for head, start in enumerate(STARTS):
            is_legal = masks[torch.arange(512), actions[:, head] + start]
            if head == 2:
                is_legal |= ~policy.uses_target[interact]
            if head == 3:
                is_legal |= ~policy.uses_item[interact]
            assert is_legal.all()


def test_judging_repeats_the_log_probabilities_of_sampling() -> None:
    policy, records = make_policy(), random_records(256)
    decision = policy.act(records, torch.Generator().manual_seed(1))
    log_prob, entropy, value = policy.judge(records, decision.actions, decision.masks)
    torch.testing.assert_close(log_prob, decision.log_prob)
    torch.testing.assert_close(value, decision.value)
    assert (entropy >= 0).all()


def test_heads_that_the_interact_does_not_read_stay_out_of_the_probability() -> None:
    policy, records = make_policy(), random_records(256)
    decision = policy.act(records, torch.Generator().manual_seed(1))
    unused = ~policy.uses_target[decision.actions[:, 1]] & ~policy.uses_item[decision.actions[:, 1]]
    assert 10 < int(unused.sum()) < 250
    assert (decision.actions[unused][:, 2:] == 0).all()
    with torch.no_grad():
        policy.item.weight.add_(1.0)
        policy.target_query.weight.add_(1.0)
    log_prob, _, _ = policy.judge(records, decision.actions, decision.masks)
    torch.testing.assert_close(log_prob[unused], decision.log_prob[unused])
    assert not torch.allclose(log_prob[~unused], decision.log_prob[~unused])


def test_probabilities_of_all_whole_actions_add_up_to_one() -> None:
    policy, records = make_policy(), random_records(1)
    mask = policy.masks(records)[0]
    heads = [
        mask[a : a + n].nonzero().flatten().tolist() for a, n in zip(STARTS, NVEC, strict=True)
    ]
    actions = [
        (move, interact, target, item)
        for move in heads[0]
        for interact in heads[1]
        for target in (heads[2] if policy.uses_target[interact] else [0])
        for item in (heads[3] if policy.uses_item[interact] else [0])
    ]
    n = len(actions)
    log_prob, _, _ = policy.judge(
        records.expand(n, -1), torch.tensor(actions), policy.masks(records).expand(n, -1)
    )
    assert float(log_prob.exp().sum().detach()) == pytest.approx(1.0, abs=1e-4)


def test_conditional_masks_leave_only_legal_pairs() -> None:
    policy, records = make_policy(), random_records(256)
    pairs = np.random.default_rng(0).random((8, 16, 32)) < 0.05

    def conditional(interacts: np.ndarray) -> np.ndarray:
        table: np.ndarray = pairs[interacts]
        return table

    decision = policy.act(records, torch.Generator().manual_seed(1), conditional)
    _, interact, target, item = decision.actions.unbind(1)
    both = (policy.uses_target & policy.uses_item)[interact]
    assert int(both.sum()) > 10
    assert pairs[interact[both].numpy(), target[both].numpy(), item[both].numpy()].all()
    log_prob, _, _ = policy.judge(records, decision.actions, decision.masks)
    torch.testing.assert_close(log_prob, decision.log_prob)


def test_patch_embedding_equals_a_convolution_in_value_and_gradient() -> None:
    torch.manual_seed(0)
    shape, channel_max = (32, 32, 8), (3, 8, 255, 109, 24, 12, 202, 15)
    layer = PatchEmbedding(shape, channel_max, 5)
    maps = torch.randint(0, 256, (150, 32 * 32 * 8), dtype=torch.uint8)
    cells = maps.view(150, *shape).float() / torch.tensor(channel_max, dtype=torch.float32)
    weight = layer.weight.detach().clone().requires_grad_()
    kernel = weight.view(5, 4, 4, 8).permute(0, 3, 1, 2)
    wanted = torch.conv2d(cells.permute(0, 3, 1, 2), kernel, stride=4).flatten(2).transpose(1, 2)
    got = layer(maps)
    torch.testing.assert_close(got, wanted, atol=1e-3, rtol=1e-4)
    seed = torch.randn_like(got)
    torch.autograd.backward([got, wanted], [seed, seed])
    torch.testing.assert_close(layer.weight.grad, weight.grad, atol=2e-1, rtol=1e-3)
    torch.testing.assert_close(layer.bias.grad, seed.sum((0, 1)), atol=1e-2, rtol=1e-3)


def filled_storage(rewards: list[float], ended: list[bool], lost: list[bool]) -> ppo.Storage:
    settings = TrainSettings(num_envs=1, horizon=len(rewards), gamma=0.5, gae_lambda=0.5)
    spec = PolicySpec.from_space(ToyEnvs(1).single_observation_space)
    storage = ppo.Storage(settings, spec)
    storage.rewards[:, 0] = torch.tensor(rewards)
    storage.ended[:, 0] = torch.tensor(ended)
    storage.lost[:, 0] = torch.tensor(lost)
    storage.values[:, 0] = 1.0
    return storage


def test_advantages_stop_at_the_end_of_an_episode() -> None:
    settings = TrainSettings(gamma=0.5, gae_lambda=0.5)
    storage = filled_storage([1.0, 2.0, 3.0], [False, True, False], [False] * 3)
    result, usable = ppo.advantages(storage, torch.tensor([4.0]), settings)
    # Last: 3 + 0.5 * 4 - 1. Middle: 2 - 1, for the episode ends. First: 1 + 0.5 * 1 - 1 + 0.25 * 1.
    assert result.flatten().tolist() == [0.75, 1.0, 4.0]
    assert usable.all()


def test_steps_of_a_lost_episode_are_not_learned_from() -> None:
    storage = filled_storage(
        [0.0] * 5, [False, True, False, True, False], [False, False, False, True, False]
    )
    _, usable = ppo.advantages(storage, torch.tensor([0.0]), TrainSettings())
    assert usable.flatten().tolist() == [True, True, False, False, True]


def collected(envs: ToyEnvs, *, horizon: int) -> tuple[ppo.Storage, ppo.Policy, TrainSettings]:
    settings = TrainSettings(
        num_envs=envs.num_envs, horizon=horizon, scale_rewards=False, gamma=0.9
    )
    learner = ppo.Learner(make_policy(), settings, seed=0)
    envs.reset(seed=0)
    learner.collect(envs, lambda *_: None)
    return learner.storage, learner.policy, settings


def test_time_limits_are_bootstrapped_and_arrivals_are_not() -> None:
    class Known(ToyEnvs):
        def step(self, actions: np.ndarray) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
            self.log: list[Any]
            result = super().step(actions)
            self.log = [*getattr(self, "log", []), result]
            return result

    envs = Known(32, max_steps=6)
    storage, policy, settings = collected(envs, horizon=12)
    n_cut = n_arrived = 0
    for t, (_, rewards, there, truncated, infos) in enumerate(envs.log):
        for i in range(32):
            expected = rewards[i]
            if truncated[i]:
                n_cut += 1
                record = torch.from_numpy(policy.spec.pack(infos["final_obs"][i]))[None]
                expected += settings.gamma * float(policy.value(policy.encode(record)).detach()[0])
            n_arrived += there[i]
            assert float(storage.rewards[t, i]) == pytest.approx(float(expected), abs=1e-5)
    assert n_cut > 5
    assert n_arrived > 0


def test_a_lost_world_moves_neither_reward_scale_nor_statistics(tmp_path: Path) -> None:
    settings = TrainSettings(num_envs=8, horizon=16, total_steps=128)
    trainer = Trainer("toy", settings, lambda s: ToyEnvs(s.num_envs, lose_every=5), out=tmp_path)
    row = trainer.iterate()
    assert trainer.tracker.n_lost == 3
    assert trainer.learner.scaler.variance < 100
    assert row.get("return", 0.0) < 100


def test_episodes_that_ended_before_the_first_time_limit_are_not_counted() -> None:
    # All episodes begin together: until the first limit only the quick successes have ended.
    tracker = EpisodeTracker(2, n_warmup_steps=3)
    infos = {"success": np.array([True, False]), "objective_progress": np.array([1.0, 0.5])}
    reports = []
    for ended in ([True, False], [False, False], [True, True]):
        tracker.on_step(np.ones(2), np.array(ended), infos)
        reports.append(tracker.report())
    assert [report["episodes"] for report in reports] == [0, 0, 2]
    assert reports[2]["success"] == 0.5
    assert (reports[2]["return"], reports[2]["length"]) == (2.5, 2.5)


@pytest.mark.parametrize("interact_at_goal", [False, True])
def test_learns_to_walk_and_to_pick_the_right_row(
    tmp_path: Path, *, interact_at_goal: bool
) -> None:
    settings = TrainSettings(num_envs=64, horizon=32, minibatch=512, total_steps=50_000)
    trainer = Trainer(
        "toy",
        settings,
        lambda s: ToyEnvs(s.num_envs, interact_at_goal=interact_at_goal, max_steps=24),
        out=tmp_path,
    )
    untrained = trainer.iterate()
    while not trainer.is_finished:
        row = trainer.iterate()
    assert untrained.get("success", 0.0) < 0.5
    assert row["success"] > 0.95
    assert row["length"] < 15
