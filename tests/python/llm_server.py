"""An HTTP server that speaks the protocol of OpenAI's chat completions, from a script.

It is scripted: each request takes the next reply of the script, streamed where the client asks for
that. Everything that was asked is kept in `requests`.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from types import TracebackType

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the model says: text, a refusal, calls of tools."""

    text: str | None = None
    refusal: str | None = None
    calls: tuple[tuple[str, Any], ...] = ()
    """Tools to call, as (name, arguments); arguments that are text are sent as they are."""
    finish_reason: str | None = None
    usage: dict[str, int] | None = field(default_factory=lambda: dict(USAGE))


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An answer that is none: a status, or bytes that are no protocol."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": {"message": "scripted failure", "type": "server_error"}}'


@dataclass(frozen=True, kw_only=True)
class Silence:
    """No answer until the server closes."""


@dataclass(frozen=True, kw_only=True)
class HangUp:
    """The connection is closed without an answer."""


Step = Reply | Failure | Silence | HangUp


class ScriptedServer:
    """A server on a free port of this machine, with a script of replies."""

    def __init__(self, *script: Step, api_key: str = "a-test-key") -> None:
        self.api_key = api_key
        self.requests: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.closing = threading.Event()
        self._script = list(script)
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def base_url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_step(self, request: dict[str, Any]) -> Step:
        """Take the script's next step; a script that is at its end fails."""
        with self._lock:
            self.requests.append(request)
            if not self._script:
                self.problems.append("asked more often than the script is long")
                return Failure(status=418)
            return self._script.pop(0)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, script: ScriptedServer) -> None:
        self.script = script
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A connection that is kept alive would keep its thread, and the server would wait for it.
    timeout = 5

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""

    def do_POST(self) -> None:
        script = cast("_Server", self.server).script
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/chat/completions":
            script.problems.append(f"asked for {self.path}")
        if self.headers["Authorization"] != f"Bearer {script.api_key}":
            script.problems.append("the key is missing or wrong")
        request = json.loads(body)
        step = script.next_step(request)
        self.close_connection = True
        if isinstance(step, Silence):
            script.closing.wait(30)
        elif isinstance(step, Failure):
            self._send(step.status, "application/json", step.body, step.headers)
        elif isinstance(step, Reply) and request.get("stream"):
            self._send(200, "text/event-stream", _events(step, request["model"]))
        elif isinstance(step, Reply):
            text = json.dumps(_completion(step, request["model"])).encode()
            self._send(200, "application/json", text)

    def _send(
        self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _tool_calls(step: Reply) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{index}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for index, (name, arguments) in enumerate(step.calls)
    ]


def _finish(step: Reply) -> str:
    return step.finish_reason or ("tool_calls" if step.calls else "stop")


def _completion(step: Reply, model: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": step.text}
    if step.refusal is not None:
        message["refusal"] = step.refusal
    if step.calls:
        message["tool_calls"] = _tool_calls(step)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(step)}],
        **({"usage": step.usage} if step.usage else {}),
    }


def _events(step: Reply, model: str) -> bytes:
    """Write server-sent events: the text in halves, arguments in thirds, then the end."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if step.text:
        half = len(step.text) // 2
        deltas += [{"content": step.text[:half]}, {"content": step.text[half:]}]
    if step.refusal:
        deltas.append({"refusal": step.refusal})
    for index, call in enumerate(_tool_calls(step)):
        function = call["function"]
        text = function["arguments"]
        third = max(1, len(text) // 3)
        deltas.append(
            {"tool_calls": [{**call, "index": index, "function": {**function, "arguments": ""}}]}
        )
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": text[at : at + third]}}]}
            for at in range(0, len(text), third)
        ]
    base = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": model,
    }
    chunks: list[dict[str, Any]] = [
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(step)}]})
    if step.usage:
        chunks.append({**base, "choices": [], "usage": step.usage})
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()
