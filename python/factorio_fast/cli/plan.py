"""`factorio-fast plan`: a command in words as a plan, as a picture, and carried out."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command, not_negative, one_line, positive
from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from factorio_fast.coordination import CoordinationLayer, ExecutionEvent
    from factorio_fast.planning.plan import Plan, Quantities

DESCRIPTION = """\
Understand a command, plan how it is carried out from a new game on, and show the plan: a tree of
steps and skills, what it takes, and with --out a picture of the map with the layout drawn in.
--execute carries the plan out by the character's own actions and shows how it goes on; where it
cannot go on, another plan is made. Then the production is measured for --measure seconds.

  factorio-fast plan "build a smelter array for 30 iron plates per minute near the iron"
  factorio-fast plan "automate red science at 30 per minute with power" --execute --out base.png

The planner `llm` asks a language model behind an OpenAI-compatible endpoint: name it by --model and
--base-url, or by FACTORIO_FAST_LLM_MODEL, …_BASE_URL and …_API_KEY.
"""
PNG_TILE_PIXELS = 16
MAX_PICTURE_TILES = 160
"""Of a side of the picture; what lies farther out is cut off."""
MARGIN_TILES = 6


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "plan", "plan a command, and carry it out", DESCRIPTION)
    parser.add_argument("text", metavar="COMMAND", help="what is to be done, in plain English")
    parser.add_argument(
        "--seed", type=not_negative, default=0, metavar="S", help="seed of the world (default 0)"
    )
    parser.add_argument(
        "--scenario", default="open_play", help="a name or a TOML file (default open_play)"
    )
    parser.add_argument(
        "--backend",
        choices=["embedded", "sim-server", "factorio"],
        default="embedded",
        help="where the world is (default embedded)",
    )
    parser.add_argument(
        "--planner",
        default="deterministic",
        metavar="NAME",
        help="deterministic, llm, or one of another package (default deterministic)",
    )
    parser.add_argument(
        "--skills",
        default="default",
        metavar="WHICH",
        help="default, experts, or a folder of weights (default default)",
    )
    parser.add_argument("--execute", action="store_true", help="carry the plan out")
    parser.add_argument(
        "--measure",
        type=not_negative,
        default=60,
        metavar="SECONDS",
        help="game time that the production is measured for afterwards (default 60; 0: not)",
    )
    parser.add_argument(
        "--max-replans", type=not_negative, default=3, metavar="N", help="new plans (default 3)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=".png: the map with the layout, and after --execute a second one of what stands; "
        ".json: the plan",
    )
    parser.add_argument("--map", action="store_true", help="show the map with the layout as text")
    parser.add_argument("--model", metavar="NAME", help="the language model of --planner llm")
    parser.add_argument("--base-url", metavar="URL", help="its endpoint, up to and with /v1")
    parser.add_argument(
        "--max-calls", type=positive, metavar="N", help="requests that it may be asked"
    )
    parser.add_argument(
        "--transcript", type=Path, metavar="FILE", help="where its exchanges are written"
    )
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="a transcript that answers in its place"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plan, show, and carry out; return the exit status."""
    ending = None if args.out is None else args.out.suffix.lower()
    if ending not in (None, ".png", ".json"):
        raise UsageError(f"--out must end in .png or .json, got '{args.out}'")
    if args.out is not None and not args.out.parent.is_dir():
        raise UsageError(f"no such folder: '{args.out.parent}'")
    from factorio_fast.errors import FactorioFastError, MissingExtraError

    try:
        if ending == ".png":
            from factorio_fast.training import report

            report.need_pillow()  # Now, not after the plan.
        from factorio_fast.manager import FactorioEnvironmentManager

        config = {"backend": args.backend, "scenario": args.scenario, "seed": args.seed}
        with FactorioEnvironmentManager(config, environment={}) as manager:
            layer = manager.make_layer(
                planner=_planner(args),
                skills=args.skills,
                on_event=Progress().show if args.execute else None,
                max_replans=args.max_replans,
            )
            return _run(args, layer)
    except MissingExtraError as error:
        raise UsageError(str(error)) from error
    except FactorioFastError as error:
        raise UsageError(one_line(error)) from error


def _run(args: argparse.Namespace, layer: CoordinationLayer) -> int:
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: _say(f"warning: {message}")
        goal = layer.goal_of(args.text)
        plan = layer.plan(goal, command=args.text)
        _say(f"{plan}\n")
        for line in _facts(plan):
            _say(line)
        _write(args, layer, plan)
        if not args.execute:
            return 0
        _say("")
        result = layer.execute_plan(plan, command=args.text)
    _say(f"\n{result}")
    if args.measure:
        for line in _measured(layer, args.measure):
            _say(line)
    if args.out is not None and args.out.suffix.lower() == ".png":
        _picture(args.out.with_suffix(".after.png"), layer, plan, has_ghosts=False)
    return 0 if result.is_done else 1


def _planner(args: argparse.Namespace) -> Any:
    from factorio_fast.planning.choice import make_planner

    if args.planner != "llm":
        return make_planner(args.planner)
    from factorio_fast.planning.llm import LlmSettings

    given = {"model": args.model, "base_url": args.base_url, "max_calls": args.max_calls}
    if args.replay is not None:
        given["model"] = args.model or "replayed"
    return make_planner(
        "llm",
        settings=LlmSettings.from_environment(**given),
        transcript=args.transcript,
        replay=args.replay,
    )


class Progress:
    """Shows how a plan goes on, a line for each task, with a bar of the tasks that are done."""

    BAR_CHARACTERS = 20

    def show(self, event: ExecutionEvent) -> None:
        """Show an event; tasks that only wait are not told one by one."""
        if event.kind in {"queued", "ended"}:
            return
        share = event.n_done / event.n_tasks if event.n_tasks else 0.0
        filled = round(share * self.BAR_CHARACTERS)
        bar = "#" * filled + "." * (self.BAR_CHARACTERS - filled)
        line = f"[{bar}] {event}"
        if event.kind == "progress":
            if not sys.stdout.isatty():
                return
            left = event.budget_left_seconds
            budget = "" if left is None else f", {left:.0f} s left"
            sys.stdout.write(f"\r\x1b[K{line}{budget}")
        else:
            sys.stdout.write(f"\r\x1b[K{line}\n" if sys.stdout.isatty() else f"{line}\n")
        sys.stdout.flush()


def _facts(plan: Plan) -> list[str]:
    """Say in lines what a plan takes."""
    quantities: Quantities = plan.quantities
    machines = quantities.machines or dict(plan.machines())
    rates = {
        item: f"{rate:g} per minute" for item, rate in sorted(quantities.rates_per_minute.items())
    }
    lines = [
        _listed("builds", machines),
        _listed("out of", quantities.raw),
        _listed("makes", rates),
        f"power   {quantities.power_watts / 1000:g} kW" if quantities.power_watts else "",
        f"tasks   {len(plan.tasks())} by the planner {plan.planner}",
        *(f"note    {note}" for note in plan.notes),
    ]
    return [line for line in lines if line]


def _listed(title: str, counts: dict[str, Any]) -> str:
    listed = ", ".join(f"{count} {item}" for item, count in sorted(counts.items()))
    return f"{title:<7} {listed}" if listed else ""


def _measured(layer: CoordinationLayer, seconds: int) -> list[str]:
    """Let time pass and say what was made per minute meanwhile."""
    session = layer.session
    before = session.look()
    start, made = before.tick, before.production().items_made
    session.step_commands([("walk", None)])
    while session.phase == "running" and session.character()["tick"] < start + 60 * seconds:
        session.step_commands([])
    after = session.look()
    minutes = max(1, after.tick - start) / 3600
    rates = {
        item: (count - made.get(item, 0)) / minutes
        for item, count in sorted(after.production().items_made.items())
        if count > made.get(item, 0)
    }
    lines = [f"in {minutes * 60:.0f} s were made, per minute:"]
    lines += [f"  {item:<24} {rate:8.1f}" for item, rate in rates.items()]
    return lines if rates else ["nothing was made in the time after"]


def _write(args: argparse.Namespace, layer: CoordinationLayer, plan: Plan) -> None:
    """Write what --out and --map ask for."""
    if args.map:
        world, area = _drawn(layer, plan, has_ghosts=True)
        _say("\n" + world.to_text(area))
    if args.out is None:
        return
    if args.out.suffix.lower() == ".json":
        args.out.write_text(plan.to_json(indent=1) + "\n", encoding="utf-8")
        _say(f"plan    {args.out}")
    else:
        _picture(args.out, layer, plan, has_ghosts=True)


def _picture(path: Path, layer: CoordinationLayer, plan: Plan, *, has_ghosts: bool) -> None:
    from factorio_fast.training import report

    world, area = _drawn(layer, plan, has_ghosts=has_ghosts)
    report.write_png(path, world.render(area, tile_pixels=PNG_TILE_PIXELS))
    _say(f"picture {path}")


def _drawn(layer: CoordinationLayer, plan: Plan, *, has_ghosts: bool) -> tuple[Any, Any]:
    """Return the world with the layout in it, and the area in which it is."""
    from factorio_fast.coordination.picture import drawn_world, plan_area

    session = layer.session
    parts = plan.blueprint
    world = drawn_world(session, parts) if has_ghosts else session.look()
    area = plan_area(world, parts, margin=MARGIN_TILES, longest=MAX_PICTURE_TILES)
    return world, area


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
