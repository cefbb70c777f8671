"""From a scenario's name to a judged policy in a folder: what `factorio-fast train` does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import torch

from factorio_fast.training import checkpoint, report
from factorio_fast.training.agents import PolicyAgent
from factorio_fast.training.evaluate import evaluate_batch, evaluate_single
from factorio_fast.training.settings import default_settings
from factorio_fast.training.trainer import Trainer
from factorio_fast.training.worlds import (
    EVALUATION_SEEDS_START,
    World,
    check_training_seed,
    evaluation_seeds,
)

if TYPE_CHECKING:
    from factorio_fast.training.agents import Agent, BatchAgent
    from factorio_fast.training.evaluate import Evaluation
    from factorio_fast.training.settings import TrainSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainResult:
    """A finished run: its files and the table's rows."""

    policy: Path
    curve: Path
    episode: Path
    result: Path
    rows: list[dict[str, Any]]
    """Summaries for random, solver (where the scenario has one) and trained agent."""


class Run:
    """One training run on a scenario, with everything that it leaves in its folder."""

    def __init__(self, world: World, trainer: Trainer) -> None:
        """Use `start` or `resume` instead."""
        self.world, self.trainer = world, trainer

    @classmethod
    def start(
        cls,
        scenario: str,
        *,
        settings: TrainSettings | None = None,
        seed: int = 0,
        out: Path | None = None,
    ) -> Self:
        """Set a new run up.

        Args:
            scenario: a scenario's name, or the path of its TOML file.
            settings: numbers of the run; None takes the scenario's defaults.
            seed: environment i starts with seed + i.
            out: folder for what the run leaves; None stands for `runs/<scenario>`.
        """
        world = World.find(scenario)
        settings = settings or default_settings(world.name)
        check_training_seed(seed, settings.num_envs)
        trainer = Trainer(
            world.name,
            settings,
            world.training_envs,
            seed=seed,
            out=out or Path("runs") / world.name,
            validate=world.validate,
        )
        return cls(world, trainer)

    @classmethod
    def resume(
        cls,
        path: Path,
        *,
        scenario: str | None = None,
        total_steps: int | None = None,
        out: Path | None = None,
    ) -> Self:
        """Go on with a run from its checkpoint.

        Args:
            path: a `checkpoint.pth`, or the folder that it is in.
            scenario: refuse a checkpoint of any other; None takes what the checkpoint says.
            total_steps: a new end of the run.
            out: a new folder; None goes on in the checkpoint's own.
        """
        state = checkpoint.load(path, resumable=True)
        world = World.find(state["scenario"] if scenario is None else scenario)
        trainer = Trainer.resume(
            path,
            world.training_envs,
            scenario=world.name,
            total_steps=total_steps,
            out=out,
            validate=world.validate,
        )
        return cls(world, trainer)

    def train(self, *, quiet: bool = False) -> bool:
        """Train to the end, or until Ctrl-C; return whether the run is finished."""
        return self.trainer.train(quiet=quiet)

    def finish(self, *, eval_episodes: int | None = None, quiet: bool = False) -> TrainResult:
        """Judge the policy beside chance and script on unseen seeds, and write everything down."""
        trainer, out = self.trainer, self.trainer.out
        out.mkdir(parents=True, exist_ok=True)
        policy = out / "policy.pth"
        checkpoint.save(policy, trainer.policy_state())
        if eval_episodes is None:
            eval_episodes = trainer.settings.eval_episodes
        agent = PolicyAgent(trainer.policy, is_greedy=not trainer.settings.draws_actions)
        evaluations = evaluate_beside(self.world, agent, eval_episodes, quiet=quiet)
        rows = [one.summary(evaluations.get("solver")) for one in evaluations.values()]
        curve, episode, result = out / "curve.png", out / "episode.gif", out / "result.json"
        limit = trainer.settings.curve_episode_steps
        report.write_curve(
            curve, self.world.name, trainer.history, trainer.validations, rows, limit=limit
        )
        write_episode(episode, self.world, agent, evaluations[agent.name])
        _write_result(result, trainer, rows)
        return TrainResult(policy=policy, curve=curve, episode=episode, result=result, rows=rows)

    def close(self) -> None:
        """Close the environments."""
        self.trainer.close()


def evaluate_beside(
    world: World, agent: BatchAgent, n_episodes: int, *, quiet: bool = False
) -> dict[str, Evaluation]:
    """Judge chance, the script (if the scenario has one) and an agent on the same unseen seeds."""
    seeds = evaluation_seeds(n_episodes)
    by_chance = world.random_agent()
    result = {by_chance.name: evaluate_batch(by_chance, world.evaluation_envs, seeds, quiet=quiet)}
    solver = world.solver_agent()
    if solver is not None:
        env = world.single_env()
        try:
            result[solver.name] = evaluate_single(solver, env, seeds, quiet=quiet)
        finally:
            env.close()
    result[agent.name] = evaluate_batch(agent, world.evaluation_envs, seeds, quiet=quiet)
    return result


def write_episode(path: Path, world: World, agent: Agent, evaluation: Evaluation) -> None:
    """Write an episode as a GIF, on the first seed that was solved, or the very first if none was.

    A policy that draws its actions draws others than in the evaluation, where it played many worlds
    side by side.
    """
    solved = evaluation.seeds[evaluation.success]
    seed = int(solved[0]) if len(solved) else EVALUATION_SEEDS_START
    env = world.single_env(render_mode="rgb_array")
    try:
        frames, _ = report.record_episode(agent, env, seed, max_frames=report.MAX_FRAMES)
        report.write_gif(path, frames, float(env.metadata.get("render_fps", 10)))
    finally:
        env.close()


def _write_result(path: Path, trainer: Trainer, rows: list[dict[str, Any]]) -> None:
    document = {
        "scenario": trainer.scenario,
        "seed": trainer.seed,
        "contract": checkpoint.contract_identity(),
        "steps": trainer.steps,
        "training_seconds": round(trainer.seconds, 1),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "settings": trainer.settings.as_dict(),
        "evaluation": rows,
        "validations": trainer.validations,
        "history": trainer.history,
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
