"""A language client that can send anything, and records every byte that the server writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 120.0


@dataclass
class RawClient:
    """A server process over stdio; `answers` holds the answers to its requests, which are otherwise null."""

    environment: Mapping[str, str]
    folder: Path
    answers: dict[str, Any] = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)
    output: bytearray = field(default_factory=bytearray)
    errors: bytearray = field(default_factory=bytearray)
    pulls: bool = False

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tokenward.cli", "server"],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._news = threading.Condition()
        self._threads = [threading.Thread(target=read) for read in (self._read_messages, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Close the streams, like a client that disappears, and read the remaining output."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            for thread in self._threads:
                thread.join()

    def send(self, body: bytes) -> None:
        """Send one message, valid or not."""
        self.send_raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_raw(self, content: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(content)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result, or None for an error."""
        number = f"r{len(self.output)}-{time.monotonic_ns()}"
        self.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
        return self.wait_for(lambda message: message.get("id") == number and "method" not in message).get(
            "result"
        )

    def initialize(self, capabilities: Any, **more: Any) -> None:
        folders = [{"uri": self.folder.as_uri(), "name": self.folder.name}]
        params = {
            "processId": None,
            "rootUri": None,
            "workspaceFolders": folders,
            "capabilities": capabilities,
        }
        answer = self.request("initialize", {**params, **more})
        self.pulls = "diagnosticProvider" in answer["capabilities"]
        self.notify("initialized", {})

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Return a document's diagnostics: pulled if the server allows it, otherwise those pushed first."""

        def is_wanted(message: dict[str, Any]) -> bool:
            is_push = message.get("method") == "textDocument/publishDiagnostics"
            return is_push and bool(message["params"]["uri"] == uri)

        if self.pulls:
            answer = self.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        else:
            answer = {"items": self.wait_for(is_wanted)["params"]["diagnostics"]}
        items: list[dict[str, Any]] = answer["items"]
        return items

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for the server's first message that matches, and return it."""

        def first() -> dict[str, Any] | None:
            return next((message for message in self.received if wanted(message)), None)

        with self._news:
            assert self._news.wait_for(lambda: first() is not None, PATIENCE), "no such message came"
        found = first()
        assert found is not None
        return found

    def _read_messages(self) -> None:
        assert self.process.stdout is not None
        while line := self._kept(self.process.stdout.readline()):
            length = int(line.partition(b":")[2])
            while self._kept(self.process.stdout.readline()).strip():
                pass
            message = json.loads(self._kept(self.process.stdout.read(length)))
            if "method" in message and "id" in message:
                self._answer(message)
            with self._news:
                self.received.append(message)
                self._news.notify_all()

    def _answer(self, message: dict[str, Any]) -> None:
        answer = self.answers.get(message["method"])
        result = answer(message["params"]) if callable(answer) else answer
        self.send(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())

    def _kept(self, content: bytes) -> bytes:
        self.output += content
        return content

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while content := os.read(self.process.stderr.fileno(), 65536):
            self.errors += content
