"""Models on 127.0.0.1 that answer with scripted tool calls and keep every request: what a hosted model would see."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool that the model asks for."""

    name: str
    arguments: dict[str, Any]


@dataclass
class ScriptedModel:
    """Asks for each call of its script in turn, and then says that it is done.

    Attributes:
        requests: the bodies of all requests, of whatever kind.
    """

    script: Sequence[ToolCall]
    requests: list[bytes] = field(default_factory=list)
    address: str = ""

    def events(self, path: str, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the server-sent events that answer a request, in the wire format of its path."""
        if path.endswith("/messages"):
            yield from self._messages(body)
        elif path.endswith("/responses"):
            yield from self._responses(body)

    def _next(self, done: int, body: dict[str, Any]) -> ToolCall | None:
        # A request without tools asks for a title or the like.
        return self.script[done] if body.get("tools") and done < len(self.script) else None

    def _messages(self, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Answer as Anthropic's Messages API does."""
        contents = [one["content"] for one in body["messages"] if isinstance(one["content"], list)]
        done = sum(block.get("type") == "tool_result" for content in contents for block in content)
        call = self._next(done, body)
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {
            "id": f"msg_{done}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model", "m"),
        }
        yield "message_start", {"message": {**message, "content": [], "stop_reason": None, "usage": usage}}
        if call is None:
            block: dict[str, Any] = {"type": "text", "text": ""}
            delta: dict[str, Any] = {"type": "text_delta", "text": "done"}
        else:
            block = {"type": "tool_use", "id": f"toolu_{done}", "name": call.name, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(call.arguments)}
        yield "content_block_start", {"index": 0, "content_block": block}
        yield "content_block_delta", {"index": 0, "delta": delta}
        yield "content_block_stop", {"index": 0}
        reason = "end_turn" if call is None else "tool_use"
        yield "message_delta", {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}
        yield "message_stop", {}

    def _responses(self, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Answer as OpenAI's Responses API does."""
        outputs = ("function_call_output", "custom_tool_call_output")
        done = sum(one.get("type") in outputs for one in body["input"])
        call = self._next(done, body)
        identity = {"id": f"resp_{done}"}
        yield "response.created", {"response": identity}
        if call is None:
            words = [{"type": "output_text", "text": "done"}]
            item: dict[str, Any] = {"type": "message", "role": "assistant", "id": "m", "content": words}
        elif "input" in call.arguments and len(call.arguments) == 1:
            item = {
                "type": "custom_tool_call",
                "call_id": f"call_{done}",
                "name": call.name,
                **call.arguments,
            }
        else:
            written = json.dumps(call.arguments)
            item = {
                "type": "function_call",
                "call_id": f"call_{done}",
                "name": call.name,
                "arguments": written,
            }
        yield "response.output_item.done", {"output_index": 0, "item": item}
        usage = {"input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "total_tokens": 2}
        yield (
            "response.completed",
            {"response": {**identity, "usage": {**usage, "output_tokens_details": None}}},
        )


@contextmanager
def scripted_model(*script: ToolCall) -> Iterator[ScriptedModel]:
    """Serve a model while the block runs."""
    model = ScriptedModel(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            model.requests.append(data)
            path = self.path.partition("?")[0]
            events = [*model.events(path, json.loads(data))] if data.startswith(b"{") else []
            lines = [
                f"event: {name}\ndata: {json.dumps({'type': name, **event})}\n\n" for name, event in events
            ]
            self._send("".join(lines).encode(), "text/event-stream")

        def do_GET(self) -> None:
            self._send(b"{}", "application/json")

        def do_HEAD(self) -> None:
            self.do_GET()

        def _send(self, answer: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

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
