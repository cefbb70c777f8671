"""What a server is given on the disk and on its command line; the same for both executables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from factorio_fast.servers.mods import write_json, write_mods
from factorio_fast.servers.ports import HOST

if TYPE_CHECKING:
    from factorio_fast.servers.config import ServerConfig
    from factorio_fast.servers.version import GameVersion

SEGMENT_BYTES: Final = 32_000
"""How much of a long command enters the game per tick; the game's own default is 100."""
AUTOSAVE_MINUTES: Final = 525_600
"""A year of the game. The mod switches autosaves off; whether 0 does so here is not certain."""
WORLD_SEED: Final = 1
WORLD_SIDE_TILES: Final = 64
"""Nobody plays on this map, so it is small: environments have surfaces of their own."""
INSTALL_DATA: Final = (
    Path("../../data"),  # bin/x64/factorio
    Path("../data"),  # factorio.app/Contents/MacOS/factorio
    Path("data"),
)
"""Where the game's data may be, seen from the folder of its executable."""
SYSTEM_DATA: Final = Path("/usr/share/factorio")
"""Where packages of Linux distributions put it."""
FALLBACK_DATA: Final = "__PATH__executable__/../../data"
"""What the game's own config.ini says."""


@dataclass(frozen=True)
class ServerFiles:
    """The paths in a server's own folder."""

    folder: Path

    @property
    def config(self) -> Path:
        """The game's config.ini."""
        return self.folder / "config.ini"

    @property
    def settings(self) -> Path:
        """The server's settings."""
        return self.folder / "server-settings.json"

    @property
    def map_settings(self) -> Path:
        """How the map is made."""
        return self.folder / "map-gen-settings.json"

    @property
    def mods(self) -> Path:
        """The mod folder."""
        return self.folder / "mods"

    @property
    def save(self) -> Path:
        """The private copy of the save, which the server overwrites when it ends."""
        return self.folder / "world.zip"

    @property
    def write_data(self) -> Path:
        """Where the game writes everything else."""
        return self.folder / "write-data"

    @property
    def log(self) -> Path:
        """Our log, unless it is kept elsewhere."""
        return self.folder / "log.jsonl"

    @property
    def output(self) -> Path:
        """The output of a server that outlives its owner."""
        return self.folder / "output.txt"


def write_files(files: ServerFiles, config: ServerConfig, version: GameVersion) -> None:
    """Write everything that a server reads, but for the save.

    Raises:
        ServerModError: a mod is missing.
        OSError: the folder cannot be written.
    """
    files.write_data.mkdir(parents=True, exist_ok=True)
    files.config.write_text(config_text(config.command[0], files.write_data), encoding="utf-8")
    write_json(files.settings, {**server_settings(files.folder.name), **config.server_settings})
    write_json(files.map_settings, map_settings())
    write_mods(files.mods, version, config.mods_enabled, config.mods_folder)


def config_text(executable: str, write_data: Path) -> str:
    """Return the text of config.ini."""
    return (
        f"[path]\nread-data={read_data(Path(executable))}\nwrite-data={write_data}\n\n"
        "[other]\ncheck-updates=false\nenable-crash-log-uploading=false\n"
    )


def read_data(executable: Path) -> str:
    """Return where the game's data is, as config.ini says it."""
    folder = executable.resolve().parent
    for candidate in (*(folder / path for path in INSTALL_DATA), SYSTEM_DATA):
        if (candidate / "base" / "info.json").is_file():
            return str(candidate.resolve())
    return FALLBACK_DATA


def server_settings(name: str) -> dict[str, Any]:
    """Return the game's server-settings.json."""
    return {
        "name": name,
        "description": "factorio_fast",
        "tags": [],
        "max_players": 0,
        "visibility": {"public": False, "lan": False},
        "username": "",
        "password": "",
        "token": "",
        "game_password": "",
        "require_user_verification": False,
        "max_upload_in_kilobytes_per_second": 0,
        "max_upload_slots": 1,
        "minimum_latency_in_ticks": 0,
        "max_heartbeats_per_second": 240,
        "ignore_player_limit_for_returning_players": False,
        "allow_commands": "admins-only",
        "autosave_interval": AUTOSAVE_MINUTES,
        "autosave_slots": 1,
        "afk_autokick_interval": 0,
        # Without a player the game would stand still.
        "auto_pause": False,
        "auto_pause_when_players_connect": False,
        "only_admins_can_pause_the_game": True,
        "autosave_only_on_server": True,
        "non_blocking_saving": False,
        # Commands reach the game in segments, one per tick.
        "minimum_segment_size": SEGMENT_BYTES,
        "minimum_segment_size_peer_count": 20,
        "maximum_segment_size": SEGMENT_BYTES,
        "maximum_segment_size_peer_count": 10,
    }


def map_settings() -> dict[str, Any]:
    """Return the game's map-gen-settings.json."""
    return {
        "seed": WORLD_SEED,
        "width": WORLD_SIDE_TILES,
        "height": WORLD_SIDE_TILES,
        "peaceful_mode": True,
    }


def common_arguments(files: ServerFiles) -> list[str]:
    """Return what every call of the executable is given."""
    return ["--config", str(files.config), "--mod-directory", str(files.mods)]


def create_command(config: ServerConfig, files: ServerFiles) -> list[str]:
    """Return the command that makes a fresh world."""
    return [
        *config.command,
        *common_arguments(files),
        "--create",
        str(files.save),
        "--map-gen-settings",
        str(files.map_settings),
        "--map-gen-seed",
        str(WORLD_SEED),
    ]


def start_command(
    config: ServerConfig,
    files: ServerFiles,
    *,
    game_port: int,
    rcon_port: int,
    udp_port: int | None,
    password: str,
) -> list[str]:
    """Return the command that runs the server."""
    command = [
        *config.command,
        *common_arguments(files),
        "--start-server",
        str(files.save),
        "--server-settings",
        str(files.settings),
        "--bind",
        HOST,
        "--port",
        str(game_port),
        "--rcon-bind",
        f"{HOST}:{rcon_port}",
        "--rcon-password",
        password,
    ]
    if udp_port is not None:
        command += ["--enable-lua-udp", str(udp_port)]
    return [*command, *config.extra_arguments]


def without_password(command: list[str]) -> list[str]:
    """Return a command line as it may be shown and logged."""
    shown = list(command)
    for index, word in enumerate(command[:-1]):
        if word == "--rcon-password":
            shown[index + 1] = "..."
    return shown
