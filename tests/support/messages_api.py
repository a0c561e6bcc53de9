"""A real HTTP server on the loopback interface that speaks the Messages API, faults included.

    with MessagesApi([fault("overloaded"), reply([text("Done.")])]) as api:
        model = ClaudeModel("sonnet", base_url=api.url, api_key="k")

The script is a list of specs, used in order, or a function from the request body to a spec.
"""

from __future__ import annotations

import itertools
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support import messages_rules as rules

Spec = dict[str, Any]
Script = Sequence[Spec] | Callable[[dict[str, Any]], Spec]

_IDS = itertools.count(1)
_PIECE = 7  # characters per delta, so that every longer text arrives in several
_STATUS_FAULTS = {
    "bad_request": (400, "invalid_request_error", "messages: bad request"),
    "prompt_too_long": (400, "invalid_request_error", "prompt is too long: 1000001 tokens"),
    "unauthorized": (401, "authentication_error", "invalid x-api-key"),
    "no_credit": (400, "invalid_request_error", "Your credit balance is too low"),
    "forbidden": (403, "permission_error", "not allowed"),
    "not_found": (404, "not_found_error", "model: unknown"),
    "too_large": (413, "request_too_large", "request exceeds the maximum size"),
    "unprocessable": (422, "invalid_request_error", "unprocessable"),
    "rate_limit": (429, "rate_limit_error", "too many requests"),
    "spend_limit": (429, "rate_limit_error", "spend limit reached"),
    "server_error": (500, "api_error", "internal server error"),
    "overloaded": (529, "overloaded_error", "Overloaded"),
}
_MID_STREAM = ("reset_mid_stream", "error_mid_stream", "truncated_stream", "no_message_stop")


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def thinking(words: str, signature: str = "c2lnbmF0dXJl") -> dict[str, Any]:
    return {"type": "thinking", "thinking": words, "signature": signature}


def tool_use(name: str, input: Any, id: str | None = None) -> dict[str, Any]:
    return {"type": "tool_use", "id": id or f"toolu_{next(_IDS):04}", "name": name, "input": input}


def raw_tool_use(name: str, raw: str, id: str | None = None) -> dict[str, Any]:
    """A call whose input JSON is streamed exactly as `raw`: cut off or malformed."""
    return {**tool_use(name, {}, id), "raw_input": raw}


def reply(
    blocks: list[dict[str, Any]],
    stop_reason: str | None = None,
    usage: dict[str, Any] | None = None,
) -> Spec:
    """A message; `usage` overrides what the server counts."""
    calls = any(block["type"] == "tool_use" for block in blocks)
    return {
        "blocks": blocks,
        "stop_reason": stop_reason or ("tool_use" if calls else "end_turn"),
        "usage": usage or {},
    }


def fault(
    name: str,
    *,
    headers: dict[str, str] | None = None,
    message: str = "",
    details: dict[str, Any] | None = None,
    blocks: list[dict[str, Any]] | None = None,
) -> Spec:
    """A failure. Faults of a stream send about half of `blocks` before they happen."""
    spec = reply(blocks or [text("half of an answer that never ends")])
    return {"fault": name, "headers": headers or {}, "message": message, "details": details} | spec


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    raw: bytes
    body: Any


class MessagesApi:
    """The server; `requests` are all it got, `billed` counts those it made a message for."""

    def __init__(self, script: Script = ()) -> None:
        self._script = script
        self._taken = 0
        self._lock = threading.Lock()
        self.cache = rules.PromptCache()
        self.paused: set[str] = set()
        self.requests: list[Recorded] = []
        self.billed = 0
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MessagesApi:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def take(self, body: dict[str, Any]) -> Spec:
        with self._lock:
            if callable(self._script):
                return self._script(body)
            if self._taken >= len(self._script):
                raise rules.Refused(500, "api_error", "the script of the test is at its end")
            self._taken += 1
            return self._script[self._taken - 1]

    def record(self, request: Recorded) -> None:
        with self._lock:
            self.requests.append(request)

    def bill(self, body: dict[str, Any], spec: Spec) -> dict[str, Any]:
        """The whole message, counted as billed."""
        with self._lock:
            self.billed += 1
            usage = self.cache.count(json.loads(json.dumps(body)))
        content = [
            {key: value for key, value in block.items() if key != "raw_input"}
            for block in spec["blocks"]
        ]
        if spec["stop_reason"] == "pause_turn":
            self.paused.add(rules.fingerprint(content))
        usage |= {"output_tokens": rules.tokens_of(content), "service_tier": "standard"}
        return {
            "id": f"msg_{next(_IDS):04}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": spec["stop_reason"],
            "stop_sequence": None,
            "usage": usage | spec["usage"],
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    api: MessagesApi

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        self.resets: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        if request in self.resets:
            request.close()  # without the usual farewell, so the peer gets a reset
        else:
            super().shutdown_request(request)

    def hang_up(self) -> None:
        """Wake handlers that wait for another request on a connection kept alive."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal of the tests."""

    def do_POST(self) -> None:
        api = self.server.api
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        api.record(Recorded(self.path, headers, raw, body))
        try:
            if self.path != "/v1/messages":
                raise rules.Refused(404, "not_found_error", f"no route {self.path}")
            rules.check_headers(headers)
            rules.check_body(body, api.paused)
            self.answer(body, api.take(body))
        except rules.Refused as refused:
            self.error(refused.status, refused.kind, refused.message)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client has given up

    def answer(self, body: dict[str, Any], spec: Spec) -> None:
        api, name = self.server.api, spec.get("fault")
        if name in _STATUS_FAULTS:
            status, kind, message = _STATUS_FAULTS[name]
            self.error(
                status, kind, spec["message"] or message, spec["headers"], spec.get("details")
            )
        elif name == "reset":
            self.reset()
        elif name == "hang":
            api.stopping.wait()
            self.close_connection = True
        elif name == "not_json":
            self.send(200, b"<html>sign in</html>", "text/html")
        elif name == "malformed_json" and not body.get("stream"):
            whole = json.dumps(api.bill(body, spec)).encode()
            self.send(200, whole[: len(whole) // 2], "application/json")
        elif body.get("stream"):
            self.stream(api.bill(body, spec), spec)
        elif name == "drip":
            self.drip(b" ")
        elif name in _MID_STREAM:
            self.half_a_body(json.dumps(api.bill(body, spec)).encode(), name)
        else:
            self.send(200, json.dumps(api.bill(body, spec)).encode(), "application/json")

    def error(
        self,
        status: int,
        kind: str,
        message: str,
        headers: dict[str, str] | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        said: dict[str, Any] = {"type": kind, "message": message}
        if details:
            said["details"] = details
        body = json.dumps({"type": "error", "error": said}).encode()
        self.send(status, body, "application/json", headers)

    def send(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.head(status, kind, {"content-length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def head(self, status: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {
            "content-type": kind,
            "request-id": f"req_{next(_IDS):04}",
            **headers,
        }.items():
            self.send_header(key, value)
        self.end_headers()

    def half_a_body(self, whole: bytes, name: str) -> None:
        self.head(200, "application/json", {"content-length": str(len(whole))})
        self.wfile.write(whole[: len(whole) // 2])
        if name == "reset_mid_stream":
            self.reset()
        self.close_connection = True

    def reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.server.resets.add(self.connection)
        self.close_connection = True

    def drip(self, drop: bytes) -> None:
        self.head(200, "application/json", {"transfer-encoding": "chunked"})
        while not self.server.api.stopping.wait(0.02):
            self.chunk(drop)
        self.close_connection = True

    def stream(self, message: dict[str, Any], spec: Spec) -> None:
        name = spec.get("fault")
        self.head(200, "text/event-stream", {"transfer-encoding": "chunked"})
        events = list(stream_events(message, spec["blocks"]))
        if name == "no_message_stop":
            events = events[:-1]
        elif name is not None:
            events = events[: max(3, len(events) // 2)]
        for event in events:
            self.event(event)
        if name == "error_mid_stream":
            said = {"type": "overloaded_error", "message": spec["message"] or "Overloaded"}
            self.event({"type": "error", "error": said})
        elif name == "malformed_json":
            self.chunk(b'event: content_block_delta\ndata: {"type": \n\n')
        elif name == "reset_mid_stream":
            self.reset()
            return
        elif name == "drip":
            while not self.server.api.stopping.wait(0.02):
                self.event({"type": "ping"})
        self.chunk(b"")

    def event(self, event: dict[str, Any]) -> None:
        self.chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def stream_events(
    message: dict[str, Any], blocks: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The events of a whole message, as the service sends them."""
    opening = message | {"content": [], "stop_reason": None}
    opening["usage"] = message["usage"] | {"output_tokens": 1}
    yield {"type": "message_start", "message": opening}
    yield {"type": "ping"}
    for index, block in enumerate(blocks):
        shell, deltas = _deltas(block)
        yield {"type": "content_block_start", "index": index, "content_block": shell}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": message["usage"]["output_tokens"]},
    }
    yield {"type": "message_stop"}


def _deltas(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    kind = block["type"]
    if kind == "text":
        pieces = _pieces(block["text"])
        return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in pieces]
    if kind == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": p} for p in _pieces(block["thinking"])]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        return {**block, "thinking": "", "signature": ""}, deltas
    if kind == "tool_use":
        raw = block["raw_input"] if "raw_input" in block else json.dumps(block["input"])
        shell = {key: value for key, value in block.items() if key != "raw_input"} | {"input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": p} for p in ["", *_pieces(raw)]]
        return shell, deltas
    return block, []


def _pieces(words: str) -> list[str]:
    return [words[n : n + _PIECE] for n in range(0, len(words), _PIECE)]
