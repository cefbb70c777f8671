"""The mod's files: where they are, and how they are laid into a mod folder for a game's version."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from factorio_fast.errors import ServerModError
from factorio_fast.servers.config import MOD_NAME
from factorio_fast.servers.version import OLDEST, SUPPORTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from factorio_fast.servers.version import GameVersion

INFO: Final = "info.json"
MOD_LIST: Final = "mod-list.json"
EXPANSIONS: Final = ("elevated-rails", "quality", "space-age")
"""What the full game brings beside `base`; worlds are made for `base` alone."""
PACKAGE: Final = Path(__file__).resolve().parents[1]


def mod_source() -> Path:
    """Return the folder of the mod's files.

    A wheel has it in the package; a checkout has a link there, which Windows may not follow.

    Raises:
        ServerModError: it is in neither.
    """
    candidates = (PACKAGE / "mods" / MOD_NAME, PACKAGE.parents[1] / "mods" / MOD_NAME)
    for folder in candidates:
        if (folder / INFO).is_file():
            return folder
    raise ServerModError(
        "the mod's files are neither in the package nor in a checkout; install the package again: "
        f"'{candidates[0]}'"
    )


def mod_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each of the mod's files but info.json, in order of their names."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and name != INFO and not is_hidden:
            yield name, path


def mod_info(source: Path, line: str) -> dict[str, Any]:
    """Return the mod's info.json for a line of the game, such as `2.0`."""
    info: dict[str, Any] = json.loads((source / INFO).read_text(encoding="utf-8"))
    least = str(OLDEST) if OLDEST.line == line else f"{line}.0"
    return {**info, "factorio_version": line, "dependencies": [f"base >= {least}"]}


def mod_digest() -> str:
    """Return a digest of all the mod's files."""
    digest = hashlib.sha256()
    for name, path in mod_files(mod_source()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def install_mod(mods_folder: Path, line: str) -> Path:
    """Put the mod into a mod folder, with the info.json for a line of the game.

    A folder of the mod that is already there is replaced.

    Args:
        mods_folder: made if it is not there.
        line: `2.0` or `2.1`.

    Returns:
        The mod's folder in it.

    Raises:
        ServerModError: there is no such line, or the mod's files are missing.
        OSError: the folder cannot be written.
    """
    if line not in SUPPORTED:
        raise ServerModError(f"the mod runs on Factorio {' and '.join(SUPPORTED)}; got {line!r}")
    source = mod_source()
    target = mods_folder / MOD_NAME
    fresh = mods_folder / f".{MOD_NAME}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, path in mod_files(source):
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, fresh / name)
        write_json(fresh / INFO, mod_info(source, line))
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def write_mods(
    mods_folder: Path, version: GameVersion, names: Sequence[str], others: Path | None
) -> None:
    """Write a server's mod folder: our mod, others that are wanted, and the list of all.

    Args:
        mods_folder: to write.
        version: of the game.
        names: the mods to enable beside `base`.
        others: where mods are that this package does not bring.

    Raises:
        ServerModError: a mod is nowhere.
    """
    mods_folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name == MOD_NAME:
            install_mod(mods_folder, version.line)
        elif name not in EXPANSIONS and name != "base":
            copy_mod(name, others, mods_folder)
    listed = [{"name": "base", "enabled": True}]
    listed += [{"name": name, "enabled": name in names} for name in EXPANSIONS]
    listed += [
        {"name": name, "enabled": True} for name in names if name not in (*EXPANSIONS, "base")
    ]
    write_json(mods_folder / MOD_LIST, {"mods": listed})


def copy_mod(name: str, others: Path | None, mods_folder: Path) -> None:
    """Copy another mod, a folder or a zip file, in its newest version.

    Raises:
        ServerModError: it is not there.
    """
    if others is None:
        raise ServerModError(
            f"this package does not bring the mod; say in mods_folder where it is: {name!r}"
        )
    pattern = re.compile(rf"{re.escape(name)}(?:_(\d+)\.(\d+)\.(\d+))?(?:\.zip)?")
    found: list[tuple[tuple[int, ...], Path]] = []
    for path in sorted(others.iterdir() if others.is_dir() else ()):
        match = pattern.fullmatch(path.name)
        if match is not None and (path.is_dir() or path.suffix == ".zip"):
            numbers = tuple(int(part) for part in match.groups() if part is not None)
            found.append((numbers, path))
    if not found:
        raise ServerModError(f"there is no such mod in '{others}': {name!r}")
    _, newest = max(found)
    if newest.is_dir():
        shutil.copytree(newest, mods_folder / newest.name)
    else:
        shutil.copyfile(newest, mods_folder / newest.name)


def write_json(path: Path, value: Any) -> None:
    """Write a value as readable JSON."""
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
