"""Puts trained weights into the package, and measures networks and experts as skills.

    python scripts/skill_weights.py export runs/movement_skill movement
    python scripts/skill_weights.py measure --seeds 40

`export` writes `skills/weights/….pth` of a training run, with the success that the run's
`result.json` says. `measure` plays each skill in `open_play` on seeds that training never saw, by
the network and by the expert, and writes `skills/weights/measured.json`.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast import open_session
from factorio_fast.skills.library import MEASURED_FILE, SkillLibrary
from factorio_fast.skills.network import export_weights
from factorio_fast.skills.policies import POLICIES, WEIGHTS_FOLDER
from factorio_fast.skills.spec import SkillSpec, SuccessRecord, write_record
from factorio_fast.skills.trained import open_play_palette

if TYPE_CHECKING:
    from collections.abc import Iterator

    from factorio_fast.envs.session import Session

FIRST_SEED = 1_000_000_000
"""Training begins below it."""
N_TASKS = 4
"""Of each skill in each world."""


def main() -> int:
    """Export or measure; return the exit status."""
    parser = argparse.ArgumentParser(description="put trained weights into the package")
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write a skill's weights of a training run")
    export.add_argument("run", type=Path)
    export.add_argument("skill", choices=[name for name in POLICIES if name != "logistics"])
    measure = commands.add_parser("measure", help="measure networks and experts as skills")
    measure.add_argument("--seeds", type=int, default=40)
    args = parser.parse_args()
    if args.command == "export":
        return exported(args.run, args.skill)
    return measured(args.seeds)


def exported(run: Path, skill: str) -> int:
    """Write the weights of a run."""
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    row = next(row for row in result["evaluation"] if row["agent"] == "trained")
    out = WEIGHTS_FOLDER / POLICIES[skill].weights
    palette = open_play_palette() if skill == "construction" else None
    size = export_weights(run, out, skill=skill, palette=palette, measured=row)
    print(f"{out}: {size:,} bytes, success {row['success']:.1%} of {row['episodes']} episodes")
    return 0


def measured(n_seeds: int) -> int:
    """Measure and write the record."""
    record: dict[str, dict[str, SuccessRecord]] = {}
    for which in ("default", "experts"):
        library = SkillLibrary.load(which)
        for seed in range(FIRST_SEED, FIRST_SEED + n_seeds):
            for skill, session, parameters in tasks(seed):
                if which == "default" and SkillSpec.of(skill).group in library.reasons():
                    continue
                result = library.execute_skill(skill, parameters, session=session)
                how = str(result.details.get("how", "refused"))
                if which == "default" and how != "network":
                    # The expert ended what the network had begun or would not begin.
                    print(f"{skill} {seed}: {result.details.get('fallback')} {result.reason}")
                    result = result.model_copy(update={"status": "failed"})
                    how = "network"
                hows = record.setdefault(skill, {})
                hows[how] = hows.get(how, SuccessRecord()).with_result(result)
    write_record(MEASURED_FILE, record)
    for skill, hows in record.items():
        for how, one in hows.items():
            rate, seconds = one.success_rate or 0.0, one.mean_seconds or 0.0
            print(f"{skill:<16} {how:<8} {one.n_runs:4} runs  {rate:6.1%}  {seconds:6.1f} s")
    return 0


def tasks(seed: int) -> Iterator[tuple[str, Session, dict[str, Any]]]:
    """Give tasks of the skills that networks were trained for."""
    rng = random.Random(seed)  # noqa: S311 - places to walk to, no secrets
    session = open_session("open_play", seed=seed)
    for _ in range(N_TASKS):
        yield "NAVIGATE", session, {"target": reachable(session, rng)}
    for _ in range(N_TASKS):
        yield "PLACE_ENTITIES", session, {"blueprint": blueprint(session)}
        # What was built is taken up again, so that the next task has something to build.
        for entity in session.look().entities("stone-furnace"):
            take_up(session, entity.unit_number)
        for entity in session.look().entities("burner-mining-drill"):
            take_up(session, entity.unit_number)
    yield "GATHER", open_session("open_play", seed=seed), {"items": {"stone": 5}}


def reachable(session: Session, rng: random.Random) -> tuple[float, float]:
    """Draw a place 8 to 60 tiles away that can be walked to."""
    x, y = session.character()["position"]
    while True:
        angle, way = rng.uniform(0, 2 * math.pi), rng.uniform(8, 60)
        target = (x + way * math.cos(angle), y + way * math.sin(angle))
        if session.find_path(target, 1.0) is not None:
            return target


def blueprint(session: Session) -> list[dict[str, Any]]:
    """Find room for a drill and a furnace a little way off."""
    world = session.look()
    x, y = (float(round(part)) for part in session.character()["position"])
    free = [
        (x + dx, y + dy)
        for dx in range(4, 16)
        for dy in range(-8, 9)
        if world.can_place("burner-mining-drill", (x + dx, y + dy))
        and world.can_place("stone-furnace", (x + dx + 2, y + dy))
    ]
    left, top = free[0] if free else (x + 4, y)
    return [
        {"entity": "burner-mining-drill", "position": (left, top), "direction": "east"},
        {"entity": "stone-furnace", "position": (left + 2, top)},
    ]


def take_up(session: Session, unit: int) -> None:
    """Mine an entity."""
    session.step_commands([("mine-entity", unit)])
    for _ in range(100):
        session.step_commands([])
        if session.character()["mining_progress"] == 0:
            return


if __name__ == "__main__":
    sys.exit(main())
