"""What the mod says of itself and of its environments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Self

from factorio_fast import contract
from factorio_fast.errors import (
    ContractMismatchError,
    ServerModError,
    ServerProtocolError,
)

COMMAND: Final = "/gym"
"""The mod's one command."""
MAX_SHOWN: Final = 300
"""How much of a reply an error message shows."""


@dataclass(frozen=True, kw_only=True)
class Hello:
    """The mod's answer to a hello."""

    mod_version: str
    game_version: str
    contract_version: int
    contract_hash: str
    has_udp: bool
    """Whether the game was started so that it can send."""
    sequence: int
    """The number of the last request that changed something."""
    tick: int
    max_environments: int
    """How many environments the server can hold at once."""
    environments: tuple[int, ...]
    """The numbers of those that it holds."""

    @classmethod
    def parse(cls, reply: str) -> Self:
        """Read a reply.

        Raises:
            ServerModError: the server does not know the command: the mod is not loaded.
            ServerProtocolError: the reply is something else.
        """
        text = body_of(reply)
        try:
            fields: dict[str, Any] = json.loads(text)
            # An empty array and an empty object are the same in Lua.
            environments = fields["environments"] or []
            return cls(
                mod_version=str(fields["mod_version"]),
                game_version=str(fields["game_version"]),
                contract_version=int(fields["contract_version"]),
                contract_hash=str(fields["contract_hash"]),
                has_udp=bool(fields["has_udp"]),
                sequence=int(fields["sequence"]),
                tick=int(fields["tick"]),
                max_environments=int(fields["max_environments"]),
                environments=tuple(int(entry["number"]) for entry in environments),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ServerProtocolError(
                f"the mod's hello is not what it should be ({type(error).__name__}: {error}): "
                f"{shown(reply)}"
            ) from error

    def check_contract(self) -> None:
        """Refuse a mod that was made for another contract.

        Raises:
            ContractMismatchError: it was.
        """
        ours = (contract.VERSION, contract.HASH)
        theirs = (self.contract_version, self.contract_hash)
        if ours != theirs:
            raise ContractMismatchError(
                f"the mod {self.mod_version} on the server has contract {theirs[0]} ({theirs[1]}), "
                f"this package has {ours[0]} ({ours[1]}); install the mod of this package with "
                "`factorio-fast install-mod` and restart the server",
                ours=ours,
                theirs=theirs,
            )


def body_of(reply: str) -> str:
    """Return what follows `ok` in a reply of the mod.

    Raises:
        ServerModError: the server does not know the command, or the mod refused it.
        ServerProtocolError: it is no reply of the mod.
    """
    text = reply.strip()
    word, _, rest = text.partition(" ")
    if word == "ok":
        return rest
    if word == "error":
        raise ServerModError(f"the mod refused the request: {shown(rest)}")
    if "nknown command" in text:
        raise ServerModError(
            f"the server runs without the mod: it does not know the command {COMMAND!r}, and says "
            f"{shown(text)}"
        )
    raise ServerProtocolError(f"the server answers what is no reply of the mod: {shown(text)}")


def configuration(speed: float, *, udp_port: int = 0, fair_play: bool = True) -> str:
    """Return the JSON of the mod's `configure`, which pauses the game until it is stepped."""
    fields = {
        "udp_port": udp_port,
        "speed": int(speed) if speed == int(speed) else speed,
        "fair_play": fair_play,
    }
    return json.dumps(fields, separators=(",", ":"))


def shown(text: str) -> str:
    """Quote the beginning of a reply."""
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "...")
