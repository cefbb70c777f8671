"""A program with Factorio's command line that misbehaves on demand, for tests of how servers start.

The environment variable FAKE says how: words in any order, see `MODES`. Without one it starts,
answers the mod's hello with what FAKE_HELLO holds, and ends on `/quit` and SIGTERM.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
from pathlib import Path

MODES = {
    "crash": "end with status 3 while it starts",
    "crash-once": "the same, but only where no file says that it did so already",
    "silent": "never say that the remote console listens",
    "deaf": "say so, but listen to nothing",
    "mute": "take commands and answer none",
    "mute-later": "the same, from the first command after the first hello on",
    "bad-mod": "end as the game does where a mod does not load",
    "no-mod": "know no command of the mod",
    "old-mod": "have a mod of another contract",
    "refuse": "refuse every password",
    "port-taken": "end as the game does where a port is taken",
    "port-taken-once": "the same, but only where no file says that it did so already",
    "full-disk": "write more than a limit of its own allows",
    "stubborn": "end neither on /quit nor on SIGTERM",
    "keeps": "give no environment back",
    "child": "start a child that outlives it",
}
HEADER = struct.Struct("<iii")
FAKE = set(os.environ.get("FAKE", "").split())


def argument(name: str) -> str | None:
    if name not in sys.argv:
        return None
    return sys.argv[sys.argv.index(name) + 1]


def say(text: str) -> None:
    sys.stdout.write(f"{time.monotonic() % 1000:8.3f} {text}\n")
    sys.stdout.flush()


def has_done(what: str) -> bool:
    """Whether a file says that this happened; from now on it does."""
    path = Path(os.environ["FAKE_FOLDER"]) / what
    if path.exists():
        return True
    path.touch()
    return False


def fail(line: str, status: int = 1) -> None:
    say(line)
    sys.exit(status)


def misbehave() -> None:
    if "crash" in FAKE or ("crash-once" in FAKE and not has_done("crashed")):
        fail("Something broke", 3)
    if "bad-mod" in FAKE:
        fail(
            "Error ServerMultiplayerManager.cpp:100: MultiplayerManager failed: "
            '"The mod factorio-gym-mod (0.1.0) caused a non-recoverable error."'
        )
    if "port-taken" in FAKE or ("port-taken-once" in FAKE and not has_done("clashed")):
        fail("Error ServerMultiplayerManager.cpp:91: Host address is already in use.")
    if "full-disk" in FAKE:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            Path("much").write_bytes(bytes(100_000))
        except OSError as error:
            fail(f"Error Util.cpp:99: {error.strerror}")
    if "child" in FAKE and os.fork() == 0:
        Path(os.environ["FAKE_FOLDER"], "child").write_text(str(os.getpid()), encoding="ascii")
        time.sleep(600)


def create(path: Path) -> None:
    if "crash-create" in FAKE:
        fail("Error Map.cpp:1: no map today")
    counter = Path(os.environ["FAKE_FOLDER"]) / "created"
    counter.write_text(str(int(counter.read_text()) + 1 if counter.exists() else 1))
    path.write_bytes(b"a world")


def serve() -> None:
    say("Factorio 2.0.77 (build 1, linux64, headless)")
    misbehave()
    address = argument("--rcon-bind")
    assert address is not None
    host, _, port = address.partition(":")
    if "deaf" not in FAKE:
        listener = socket.create_server((host, int(port)))
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
    if "silent" not in FAKE:
        say(
            "Info RemoteCommandProcessor.cpp:126: Starting RCON interface at IP "
            f"ADDR:({{{address}}})"
        )
    if "stubborn" in FAKE:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: leave("signal"))
    while True:
        signal.pause()


def leave(why: str) -> None:
    say(f"Quitting: {why}.")
    say("Goodbye")
    os._exit(0)


def accept(listener: socket.socket) -> None:
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=converse, args=(peer,), daemon=True).start()


def converse(peer: socket.socket) -> None:
    stream = peer.makefile("rwb")
    with contextlib.suppress(OSError):
        while head := stream.read(4):
            body = stream.read(struct.unpack("<i", head)[0])
            packet_id, kind = struct.unpack_from("<ii", body)
            text = body[8:-2].decode()
            if kind == 3:
                fits = text == argument("--rcon-password") and "refuse" not in FAKE
                send(stream, packet_id if fits else -1, 2, "")
                continue
            reply = answer(text)
            if reply is not None:
                send(stream, packet_id, 0, reply)


def send(stream: object, packet_id: int, kind: int, text: str) -> None:
    body = text.encode()
    stream.write(HEADER.pack(len(body) + 10, packet_id, kind) + body + b"\0\0")  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]


STATE: dict[str, object] = {"environments": [1, 2], "hellos": 0}


def answer(text: str) -> str | None:  # noqa: PLR0911 - a table of commands
    if "mute" in FAKE or ("mute-later" in FAKE and STATE["hellos"] and text != "/quit"):
        return None
    if text == "/quit":
        if "stubborn" not in FAKE:
            leave("remote-quit")
        return ""
    if "no-mod" in FAKE or not text.startswith("/gym"):
        return f'Unknown command "{text.split(maxsplit=1)[0][1:]}". Use /help.\n'
    _, verb, *rest = text.split(" ", 2)
    environments = STATE["environments"]
    assert isinstance(environments, list)
    if verb == "hello":
        STATE["hellos"] = 1
        hello = json.loads(os.environ["FAKE_HELLO"])
        hello["environments"] = [{"number": n, "episode": 1, "frame": 0} for n in environments]
        if "old-mod" in FAKE:
            hello.update(contract_version=1, contract_hash="0123456789abcdef")
        return f"ok {json.dumps(hello)}\n"
    if verb == "close":
        if "keeps" not in FAKE:
            environments.remove(int(rest[0]))
        return "ok\n"
    if verb == "configure":
        say(f"configured {rest[0]}")
        return "ok\n"
    return "error bad-request what?\n"


def main() -> None:
    if "--version" in sys.argv:
        sys.stdout.write(
            os.environ.get("FAKE_VERSION", "Version: 2.0.77 (build 1, linux64)") + "\n"
        )
        return
    path = argument("--create")
    if path is not None:
        create(Path(path))
    else:
        serve()


if __name__ == "__main__":
    main()
