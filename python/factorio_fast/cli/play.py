"""`factorio-fast play`: watch a script play the game through."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factorio_fast.cli.common import add_command, not_negative, positive
from factorio_fast.cli.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from factorio_fast.plays import RocketPlay

DESCRIPTION = """\
Play the simulation from an empty hand to the launch of a rocket, by the character's own commands:
it mines, crafts, builds, carries and researches. Every step is told with the time of the game.
"""
VIEW_TILES = (72, 30)
"""Width and height of what --watch shows round the character."""

FRAMES_PER_SECOND = 12
TICKS_PER_MINUTE = 3_600
GIF_TILE_PIXELS = 3
PNG_TILE_PIXELS = 6


def add_parser(commands: Any) -> None:
    """Add the subcommand."""
    parser = add_command(commands, "play", "watch a script play the game through", DESCRIPTION)
    parser.add_argument("play", choices=["rocket"], help="what is played")
    parser.add_argument(
        "--seed", type=not_negative, default=0, metavar="S", help="seed of the world (default 0)"
    )
    parser.add_argument(
        "--watch",
        type=positive,
        metavar="N",
        help="show the surroundings in the terminal as well, at N times the speed of the game",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=".gif: the whole map, every ten minutes of the game; .png: its end; "
        ".snapshot: the world at the end, for World.restore",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play and show; return the exit status."""
    ending = None if args.out is None else args.out.suffix.lower()
    if ending not in (None, ".gif", ".png", ".snapshot"):
        raise UsageError(f"--out must end in .gif, .png or .snapshot, got '{args.out}'")
    if args.out is not None and not args.out.parent.is_dir():
        raise UsageError(f"no such folder: '{args.out.parent}'")
    if ending in (".gif", ".png"):
        from factorio_fast.training import report

        report.need_pillow()  # Now, not after the play.
    from factorio_fast.plays import PlayError, RocketPlay, make_world

    play = RocketPlay(make_world(args.seed), tell)
    lookers = []
    if args.watch is not None:
        lookers.append(Screen(play, args.watch).show)
    film = Film(play)
    if ending == ".gif":
        lookers.append(film.show)
    play.player.watch = together(lookers)
    started = time.perf_counter()
    try:
        play.play()
    except PlayError as error:
        play.report(f"the play ends here: {error}")
        return 1
    finally:
        write(args.out, play, film)
    seconds = time.perf_counter() - started
    made = play.world.production().items_made
    packs = sum(count for item, count in made.items() if item.endswith("-science-pack"))
    sys.stdout.write(
        f"\nA rocket after {play.player.seconds / 3600:.1f} hours of the game, {seconds:.0f} s here"
        f" ({play.player.seconds / seconds:,.0f} times as fast): {packs:,} science packs, "
        f"{made['iron-plate']:,} iron plates, {made['copper-plate']:,} copper plates, "
        f"{len(play.world.entities()):,} entities.\n"
    )
    return 0


def together(lookers: list[Callable[[], None]]) -> Callable[[], None]:
    """Return what lets all of them look."""

    def look() -> None:
        for looker in lookers:
            looker()

    return look


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def write(path: Path | None, play: RocketPlay, film: Film) -> None:
    """Write what --out asks for."""
    if path is None:
        return
    if path.suffix.lower() == ".snapshot":
        path.write_bytes(play.world.snapshot())
    else:
        from factorio_fast.training import report

        if path.suffix.lower() == ".gif":
            report.write_gif(path, film.frames, FRAMES_PER_SECOND)
        else:
            report.write_png(path, play.world.render(tile_pixels=PNG_TILE_PIXELS))
    sys.stdout.write(f"{path}\n")


class Film:
    """Pictures of the whole map, one every ten minutes of the game."""

    def __init__(self, play: RocketPlay) -> None:
        self.play = play
        self.frames: list[NDArray[np.uint8]] = []

    def show(self) -> None:
        """Take a picture if it is time for one."""
        if self.play.world.tick >= len(self.frames) * 10 * TICKS_PER_MINUTE:
            self.frames.append(self.play.world.render(tile_pixels=GIF_TILE_PIXELS))


class Screen:
    """The surroundings of the character in a terminal, at a multiple of the game's speed."""

    def __init__(self, play: RocketPlay, speed: int) -> None:
        self.play = play
        self.speed = speed
        self.due = time.perf_counter()
        self.drawn_tick = play.world.tick

    def show(self) -> None:
        """Draw, and wait until the time of the game that has passed has passed here too."""
        ticks = self.play.world.tick - self.drawn_tick
        if ticks < 60 * self.speed / FRAMES_PER_SECOND:
            return
        self.drawn_tick = self.play.world.tick
        self.due += ticks / 60 / self.speed
        time.sleep(max(0.0, self.due - time.perf_counter()))
        (left, top), (right, bottom) = self.play.world.area
        x, y = self.play.player.character.position
        width, height = VIEW_TILES
        west = min(max(int(x) - width // 2, left), right - width)
        north = min(max(int(y) - height // 2, top), bottom - height)
        text = self.play.world.to_text(((west, north), (west + width, north + height)))
        sys.stdout.write(f"\x1b[2J\x1b[H{text}\n")
        sys.stdout.flush()
