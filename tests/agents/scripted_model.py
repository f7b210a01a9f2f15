"""Models on 127.0.0.1 that answer with scripted tool calls and keep every request: what a hosted model would see."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agents.wire_formats import ToolCall, WireFormat, format_of


@dataclass
class ScriptedModel:
    """Asks for each call of its script in turn, and then says that it is done.

    Attributes:
        requests: the bodies of all requests, of whatever kind.
        visited: the paths of all requests for a page, as a program sends them that has something to tell.
        results: the texts that the tools returned, as far as they were sent.
        watched: what `watch` returned before the first, second, … call.
        opening: the number of requests before the one with the first result.
    """

    script: Sequence[ToolCall] = ()
    requests: list[bytes] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    watched: dict[int, object] = field(default_factory=dict)
    watch: Callable[[], object] = object
    opening: int = 0
    address: str = ""

    def play(self, *script: ToolCall, watch: Callable[[], object] = object) -> None:
        """Begin with another script, and forget what was before."""
        self.script, self.watch = script, watch
        self.requests, self.visited, self.results, self.watched, self.opening = [], [], [], {}, 0

    def answer(self, path: str, data: bytes) -> str:
        """Return the answer to a request, in the wire format of its path."""
        self.requests.append(data)
        form = format_of(path)
        if form is None or not data.startswith(b"{"):
            return "{}"
        body: dict[str, Any] = json.loads(data)
        if not (body.get("stream") or "stream" in path):
            return json.dumps(form.whole())
        return "".join(self._stream(form, body)) + form.last

    def _stream(self, form: WireFormat, body: dict[str, Any]) -> Iterator[str]:
        results = form.results(body)
        self.results = max(self.results, results, key=len)
        self.opening = self.opening if self.results else len(self.requests)
        # A request without tools asks for a title or the like.
        is_turn = bool(body.get("tools")) and len(results) < len(self.script)
        if len(results) not in self.watched:
            self.watched[len(results)] = self.watch()
        call = self.script[len(results)].after((results or [""])[-1]) if is_turn else None
        for event in form.events(call, len(results)):
            name = f"event: {event['type']}\n" if "type" in event else ""
            yield f"{name}data: {json.dumps(event)}\n\n"


@contextmanager
def scripted_model(*script: ToolCall) -> Iterator[ScriptedModel]:
    """Serve a model while the block runs."""
    model = ScriptedModel(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = model.answer(self.path.partition("?")[0], data)
            self._send(answer, "application/json" if answer.startswith("{") else "text/event-stream")

        def do_GET(self) -> None:
            model.visited.append(self.path)
            self._send("{}", "application/json")

        def do_HEAD(self) -> None:
            self.do_GET()

        def _send(self, answer: str, kind: str) -> None:
            data = answer.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    model.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
