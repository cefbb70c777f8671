"""A scripted server that behaves on the wire as Factorio's remote console does.

One packet answers a login, with id -1 where the password is wrong; one packet answers a command, of
any length; an empty command is never answered; the first `/sc` of a save only warns.
Run as a program it prints its port and serves until its input ends, for benchmarks.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

PASSWORD = "secret"  # noqa: S105 - of a server that lives for one test
WARNING = "Using Lua console commands will disable achievements. Please repeat the command."
HEADER = struct.Struct("<iii")
LOGIN, COMMAND, LOGIN_REPLY, REPLY = 3, 2, 2, 0


class HangUpError(Exception):
    """Ends the connection without a reply."""


class ScriptedServer:
    """A server on a loopback port of its own, with a few commands.

    `/echo TEXT`, `/big BYTES`, `/bytes HEX`, `/sc rcon.print("TEXT")`, `/step N` and `/done N` (a
    command that is executed once, and the question whether it was), `/silence` and `/hang-up`.
    """

    def __init__(self, *, is_gated: bool = False) -> None:
        self.is_gated = is_gated
        self.commands: list[str] = []
        """What was asked, in order."""
        self.steps: list[str] = []
        """The numbers of the steps that were executed, in order."""
        self.losing: list[str] = []
        """What happens to the next steps: "reply" or "command" is lost, with the connection."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._peers: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every connection and wait for the threads."""
        for listener_or_peer in (self._listener, *self._peers):
            with contextlib.suppress(OSError):
                listener_or_peer.shutdown(socket.SHUT_RDWR)
            listener_or_peer.close()
        for thread in self._threads:
            thread.join()

    def hang_up(self) -> None:
        """End every connection, and go on listening."""
        for peer in self._peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._peers.append(peer)
                self._start(self._serve, peer)

    def _serve(self, peer: socket.socket) -> None:
        unread = b""
        with peer, contextlib.suppress(OSError, HangUpError):
            while received := peer.recv(1 << 18):
                unread += received
                at = 0
                replies = []
                while len(unread) - at >= HEADER.size:
                    size, packet_id, kind = HEADER.unpack_from(unread, at)
                    if len(unread) - at < 4 + size:
                        break
                    body = unread[at + HEADER.size : at + 2 + size]
                    at += 4 + size
                    reply = self._reply(packet_id, kind, body)
                    if reply is not None:
                        replies.append(reply)
                unread = unread[at:]
                peer.sendall(b"".join(replies))

    def _reply(self, packet_id: int, kind: int, body: bytes) -> bytes | None:
        if kind == LOGIN:
            return packet(packet_id if body == PASSWORD.encode() else -1, LOGIN_REPLY, b"")
        if not body:
            return None
        answer = self._answer(body.decode())
        return None if answer is None else packet(packet_id, REPLY, answer)

    def _answer(self, text: str) -> bytes | None:  # noqa: C901, PLR0911 - a table of commands
        self.commands.append(text)
        name, _, rest = text.partition(" ")
        match name:
            case "/echo":
                return rest.encode() + b"\n"
            case "/big":
                return b"x" * int(rest)
            case "/bytes":
                return bytes.fromhex(rest)
            case "/step":
                return self._step(rest)
            case "/done":
                return b"stepped " + rest.encode() if rest in self.steps else b"no"
            case "/silence":
                return None
            case "/hang-up":
                raise HangUpError
            case "/sc":
                if self.is_gated:
                    self.is_gated = False
                    return WARNING.encode()
                return rest.removeprefix('rcon.print("').removesuffix('")').encode() + b"\n"
            case "":
                return b""
        return b"Unknown command. Use '/help' to list available commands.\n"

    def _step(self, number: str) -> bytes:
        lost = self.losing.pop(0) if self.losing else ""
        if lost == "command":
            raise HangUpError
        self.steps.append(number)
        if lost == "reply":
            raise HangUpError
        return b"stepped " + number.encode()


def packet(packet_id: int, kind: int, body: bytes) -> bytes:
    """Return the bytes of one packet."""
    return HEADER.pack(len(body) + 10, packet_id, kind) + body + b"\0\0"


if __name__ == "__main__":
    with ScriptedServer() as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        sys.stdin.read()
