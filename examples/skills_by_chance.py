"""Plays the environment over skills by chance among what is legal, and says what came of it.

python examples/skills_by_chance.py --skills 20 --seed 3
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass

import numpy as np

from factorio_fast.envs.hierarchical import HierarchicalFactorioEnv


@dataclass(frozen=True, kw_only=True)
class Args:
    """The command line."""

    skills: int
    seed: int


def main(args: Args) -> int:
    """Play; return the exit status."""
    env = HierarchicalFactorioEnv(skills="experts", budget_seconds=30, max_skills=args.skills)
    env.reset(seed=args.seed)
    rng = np.random.default_rng(args.seed)
    outcomes: Counter[tuple[str, str]] = Counter()
    is_over, total = False, 0.0
    while not is_over:
        n_skills = len(env.skill_names)
        skill = rng.choice(np.flatnonzero(env.action_masks()[:n_skills]))
        legal = np.argwhere(env.conditional_masks(int(skill)))
        action = np.array([skill, *legal[rng.integers(len(legal))]], np.int64)
        _, reward, terminated, truncated, info = env.step(action)
        is_over = terminated or truncated
        total += reward
        outcomes[info["skill"], info["skill_status"]] += 1
    for (name, status), count in sorted(outcomes.items()):
        print(f"{name:<16} {status:<10} {count}")
    print(f"reward {total:.3f}")
    env.close()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--skills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=3)
    raise SystemExit(main(Args(**vars(parser.parse_args()))))
