"""What a run leaves behind for people: table, learning curve, an episode as a moving picture."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from factorio_fast.training.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from factorio_fast.training.agents import Agent

MAX_FRAMES = 300
"""Frames in a picture file, beside the last; of longer episodes every second, fourth, ... one."""
SMOOTHED_EPISODES = 500
"""Episodes that a point of the learning curve averages over."""


def format_table(rows: Sequence[dict[str, Any]]) -> str:
    """Lay summaries of `Evaluation` out as a table, one agent a line."""
    header = ["agent", "episodes", "success", "progress", "steps", "vs solver"]
    body = []
    for row in rows:
        if not row["episodes"]:
            body.append([row["agent"], "0", "-", "-", "-", "-"])
            continue
        efficiency = row.get("efficiency")
        body.append(
            [
                row["agent"],
                f"{row['episodes']:,}",
                f"{100 * row['success']:.1f} %",
                f"{100 * row['progress']:.1f} %",
                f"{row['steps']:,.1f}",
                "-" if efficiency is None else f"{100 * efficiency:.1f} %",
            ]
        )
    widths = [max(len(line[i]) for line in [header, *body]) for i in range(len(header))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [header, *body]
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def write_curve(
    path: Path,
    scenario: str,
    history: Sequence[dict[str, float]],
    validations: Sequence[dict[str, float]],
    rows: Sequence[dict[str, Any]],
    *,
    limit: int = 0,
) -> None:
    """Draw success, progress and return against training steps, and the table as lines.

    Args:
        path: PNG file to write.
        scenario: the title.
        history: `Trainer.history`.
        validations: `Trainer.validations`.
        rows: summaries of the evaluations.
        limit: steps after which the curve's episodes were cut off; 0 for the scenario's own limit.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError.of("matplotlib") from error
    steps, curves = _smoothed(history)
    points = [point for point in validations if point["episodes"]]
    with mpl.rc_context({"font.size": 9}):
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        for name, style in (("success", "-"), ("progress", ":")):
            left.plot(steps, 100 * curves[name], style, color="tab:blue", label=f"{name}, training")
            _draw_points(left, points, name, style, 100.0)
        colors = {"random": "tab:gray", "solver": "tab:green", "trained": "tab:orange"}
        for row in rows:
            if row["episodes"]:
                label = f"success at the end, {row['agent']}"
                color = colors.get(row["agent"], "tab:red")
                left.axhline(100 * row["success"], linestyle="--", color=color, label=label)
        cut = f" (red: within {limit:,} steps)" if limit else ""
        left.set(xlabel="environment steps", ylabel="%", ylim=(-3, 103), title=scenario + cut)
        left.legend(loc="best", fontsize=7)
        right.plot(steps, curves["return"], color="tab:blue", label="training")
        _draw_points(right, points, "return", "-", 1.0)
        right.set(xlabel="environment steps", ylabel="return per episode", title="reward")
        for axes in (left, right):
            axes.grid(alpha=0.3)
        figure.savefig(path, dpi=120, format="png")


def _draw_points(
    axes: Any, points: Sequence[dict[str, float]], name: str, style: str, factor: float
) -> None:
    axes.plot(
        [point["steps"] for point in points],
        [factor * point[name] for point in points],
        style,
        marker=".",
        color="tab:red",
        label=f"{name}, held-out seeds",
    )


def _smoothed(
    history: Sequence[dict[str, float]],
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    rows = [row for row in history if row["episodes"]]
    names = ("success", "progress", "return")
    steps = np.array([row["steps"] for row in rows], dtype=float)
    n = np.array([row["episodes"] for row in rows], dtype=float)
    curves = {}
    for name in names:
        values = np.array([row[name] for row in rows], dtype=float)
        smooth = np.empty_like(values)
        first = 0
        for last in range(len(rows)):
            while first < last and n[first : last + 1].sum() - n[first] >= SMOOTHED_EPISODES:
                first += 1
            window = slice(first, last + 1)
            smooth[last] = np.average(values[window], weights=n[window])
        curves[name] = smooth
    return steps, curves


def record_episode(
    agent: Agent,
    env: Any,
    seed: int,
    max_steps: int | None = None,
    *,
    max_frames: int | None = None,
) -> tuple[list[Any], int]:
    """Play one episode and look at it before the first step and after each.

    Args:
        agent: who plays.
        env: an environment with a render mode.
        seed: of the world and of the agent's choices.
        max_steps: stop after so many steps; None plays to the end.
        max_frames: of a longer episode keep every second, fourth, ... frame, so that no more than
            these and the last one are kept; None keeps all.

    Returns:
        What `env.render()` showed, and the number of steps that were played.
    """
    agent.reset(seed)
    obs, info = env.reset(seed=seed)
    frames, stride, step = [env.render()], 1, 0
    ended = False
    while not ended and (max_steps is None or step < max_steps):
        obs, _, terminated, truncated, info = env.step(agent.act(env, obs, info))
        step += 1
        ended = terminated or truncated
        if step % stride == 0:
            frames.append(env.render())
            if max_frames is not None and len(frames) > max_frames:
                frames, stride = frames[::2], 2 * stride
    if step % stride:
        frames.append(env.render())
    return frames, step


def need_pillow() -> None:
    """Make sure that pictures can be written.

    Raises:
        MissingExtraError: pillow is not installed.
    """
    if importlib.util.find_spec("PIL") is None:
        raise MissingExtraError.of("pillow")


def write_gif(path: Path, frames: Sequence[NDArray[np.uint8]], frames_per_second: float) -> None:
    """Write frames, uint8, (height, width, 3) each, as an endlessly repeating GIF."""
    need_pillow()
    from PIL import Image

    # One palette for all frames keeps colours from flickering and the file small.
    palette = Image.fromarray(
        np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]])
    ).quantize(255)
    images = [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]
    pause_ms = max(20, round(1000.0 / frames_per_second))
    durations = [pause_ms] * (len(images) - 1) + [pause_ms + 1000]
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=durations, loop=0, optimize=False
    )


def write_png(path: Path, frame: NDArray[np.uint8]) -> None:
    """Write one frame, uint8, (height, width, 3), as PNG."""
    need_pillow()
    from PIL import Image

    Image.fromarray(frame).save(path)
