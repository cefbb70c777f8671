"""Carries a command in plain English out and tells what happens.

python examples/command.py "build a smelter array for 15 iron plates per minute" --seed 3
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factorio_fast.coordination import CommandRefusedError
from factorio_fast.manager import FactorioEnvironmentManager

if TYPE_CHECKING:
    from factorio_fast.coordination import ExecutionEvent


@dataclass(frozen=True, kw_only=True)
class Args:
    """The command line."""

    text: str
    seed: int
    backend: str
    planner: str


def main(args: Args) -> int:
    """Carry the command out; return the exit status."""

    def tell(event: ExecutionEvent) -> None:
        if event.kind == "finished":
            print(event)

    config = {"backend": args.backend, "seed": args.seed}
    with FactorioEnvironmentManager(config) as manager:
        layer = manager.make_layer(planner=args.planner, skills="experts", on_event=tell)
        try:
            report = layer.execute_llm_command(args.text)
        except CommandRefusedError as error:
            print(error)
            return 2
        print(report)
        return 0 if report.is_done else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--backend", default="embedded")
    parser.add_argument("--planner", default="deterministic")
    raise SystemExit(main(Args(**vars(parser.parse_args()))))
