"""Every exchange with a language model, on disk as JSON lines, and played again without the model.

A line holds one HTTP exchange: what was asked, and the answer with its status, or the error.
Keys and addresses are not written. Played again, each request must be the one that was written,
byte for byte; another is an error that says at which line they part.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import httpx2

from factorio_fast.errors import FactorioFastError
from factorio_fast.planning.llm.settings import BYTES_PER_TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from factorio_fast.planning.llm.settings import LlmBudget

__all__ = [
    "MAX_REPLY_BYTES",
    "MeteredTransport",
    "ReplayTransport",
    "Transcript",
    "TranscriptError",
]

MAX_REPLY_BYTES = 8 * 1024 * 1024
"""A longer answer is refused; no plan comes near it."""
MAX_TRANSCRIPT_BYTES = 256 * 1024 * 1024
"""A longer transcript is not read."""
FORMAT = 1
_KEPT_HEADERS = ("content-type", "retry-after", "retry-after-ms")
_ERRORS: dict[str, type[httpx2.TransportError]] = {
    kind.__name__: kind
    for kind in (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.ReadError,
        httpx2.ReadTimeout,
        httpx2.RemoteProtocolError,
        httpx2.WriteError,
        httpx2.WriteTimeout,
    )
}


class TranscriptError(FactorioFastError):
    """A transcript cannot be read, or tells of other requests than those that are made."""


class Transcript:
    """A file that grows by one line with each exchange."""

    def __init__(self, path: Path) -> None:
        """Begin a new file; the folder is made if it is not there."""
        self.path = path
        self._count = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"format": FORMAT}) + "\n", encoding="utf-8")

    def add(self, record: dict[str, Any]) -> None:
        """Append an exchange."""
        self._count += 1
        line = json.dumps({"call": self._count, **record}, ensure_ascii=False)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


class MeteredTransport(httpx2.AsyncBaseTransport):
    """Sends requests within a budget, and writes each exchange to a transcript."""

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        budget: LlmBudget,
        transcript: Transcript | None = None,
    ) -> None:
        self._inner = inner
        self._budget = budget
        self._transcript = transcript

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, or refuse it where the budget is used up."""
        asked = await request.aread()
        self._budget.ensure_call()
        self._budget.add(calls=1)
        started = self._budget.clock()
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as error:
            self._count(started, 0)
            self._write(asked, {"error": type(error).__name__, "message": str(error)})
            raise
        headers = {
            name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
        }

        def finish(body: bytes) -> None:
            counted = _tokens_said(body)
            if counted is None:
                # A refused request costs nothing; of other uncounted ones the size is known.
                is_answer = response.is_success
                counted = (len(asked) + len(body)) // BYTES_PER_TOKEN if is_answer else 0
            self._count(started, counted)
            text = body.decode("utf-8", errors="replace")
            self._write(asked, {"status": response.status_code, "headers": headers, "body": text})

        stream = response.stream
        if not isinstance(stream, httpx2.AsyncByteStream):
            raise TranscriptError("the transport gave no asynchronous answer")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Tee(stream, finish),
            extensions=response.extensions,
            request=request,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def _count(self, started: float, tokens: int) -> None:
        self._budget.add(tokens=tokens, seconds=self._budget.clock() - started)

    def _write(self, asked: bytes, answer: dict[str, Any]) -> None:
        if self._transcript is not None:
            self._transcript.add({"request": _json(asked), "digest": _digest(asked), **answer})


class ReplayTransport(httpx2.AsyncBaseTransport):
    """Answers requests from a transcript."""

    def __init__(self, path: Path) -> None:
        """Read a transcript.

        Raises:
            TranscriptError: There is none, or it is not one.
        """
        self._path = path
        self._records = _records(path)
        self._at = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer as the transcript says.

        Raises:
            TranscriptError: It ends here, or tells of another request.
        """
        asked = await request.aread()
        if self._at == len(self._records):
            raise TranscriptError(
                f'"{self._path}" ends after {self._at} calls, and another is made'
            )
        record = self._records[self._at]
        self._at += 1
        if record["digest"] != _digest(asked):
            raise TranscriptError(
                f'call {self._at} is another than in "{self._path}": world, command or version of '
                f"this package differ from when it was written"
            )
        if "error" in record:
            kind = _ERRORS.get(record["error"], httpx2.ReadError)
            raise kind(record["message"], request=request)
        headers = dict(record["headers"])
        # What was waited for then need not be waited for again.
        if "retry-after" in headers:
            headers["retry-after"] = "0"
        headers.pop("retry-after-ms", None)
        return httpx2.Response(
            record["status"],
            headers=headers,
            content=record["body"].encode(),
            request=request,
        )


class _Tee(httpx2.AsyncByteStream):
    """Passes an answer on and keeps it, at most `MAX_REPLY_BYTES` of it."""

    def __init__(self, inner: httpx2.AsyncByteStream, finish: Any) -> None:
        self._inner = inner
        self._finish = finish
        self._kept = bytearray()
        self._is_finished = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._kept += chunk
            if len(self._kept) > MAX_REPLY_BYTES:
                raise httpx2.RemoteProtocolError(
                    f"an answer is longer than {MAX_REPLY_BYTES} bytes"
                )
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
        if not self._is_finished:
            self._is_finished = True
            self._finish(bytes(self._kept))


def _tokens_said(body: bytes) -> int | None:
    """Read the tokens that a server says it counted, from an answer or the end of a stream."""
    if body.lstrip().startswith(b"data:"):
        lines = [line[5:].strip() for line in body.splitlines() if line.startswith(b"data:")]
    else:
        lines = [body]
    for line in reversed(lines):
        if b'"usage"' not in line:
            continue
        try:
            usage = json.loads(line).get("usage") or {}
            return int(usage["total_tokens"])
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", errors="replace")


def _digest(asked: bytes) -> str:
    return hashlib.sha256(asked).hexdigest()[:16]


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        if path.stat().st_size > MAX_TRANSCRIPT_BYTES:
            raise TranscriptError(
                f'a transcript has at most {MAX_TRANSCRIPT_BYTES} bytes, not "{path}"'
            )
        lines = path.read_text(encoding="utf-8").splitlines()
        header, *records = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise TranscriptError(f'cannot read the transcript "{path}": {error}') from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise TranscriptError(f'"{path}" is no transcript of format {FORMAT}')
    answered = all(isinstance(record, dict) and "digest" in record for record in records)
    complete = (
        all("error" in record or {"status", "headers", "body"} <= set(record) for record in records)
        if answered
        else False
    )
    if not complete:
        raise TranscriptError(f'"{path}" has a line that tells of no exchange')
    return records
