"""A client that collects a server's diagnostics, pushed or pulled, and measures the server's process."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

SERVER = [sys.executable, "-m", "tokenward.cli", "server"]
CLIENTS = Path(__file__).parent.parent / "fixtures" / "clients"
CAPABILITIES = {"push": "neovim-0.10", "pull": "vscode-1.139"}
PULL = "workspace/diagnostic"
SAMPLES = 10
"""Samples per measurement, since a file that is just being read does not stay open."""

Place = tuple[str, int, int, int, int, str, str]
"""Path, line and character of start and end, rule, fingerprint."""


@dataclass(frozen=True)
class Measure:
    """The resources that the server's process and its children use."""

    rss: float
    files: int
    threads: int
    watches: int


class Client:
    """A real server over stdio; `view` returns the findings that its user would see."""

    def __init__(self, mode: str, folder: Path, environment: Mapping[str, str], errors: Path) -> None:
        self.mode = mode
        self.folder = folder
        self.documents: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.told: list[str] = []
        self._errors = errors.open("wb")
        self._shown: dict[str, list[dict[str, Any]]] = {}
        self._result_ids: dict[str, str] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._answers: dict[object, Any] = {}
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            SERVER,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._initialize()

    def view(self) -> Counter[Place]:
        """Return every finding shown."""
        with self._lock:
            return Counter(
                _place(uri, item) for uri, items in self._shown.items() for item in items if "data" in item
            )

    def open(self, path: Path, text: str) -> None:
        uri = path.as_uri()
        self.documents[uri], self.versions[uri] = text, 1
        item = {"uri": uri, "languageId": "plaintext", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def insert(self, uri: str, line: int, text: str) -> None:
        """Insert a text at the beginning of a line."""
        lines = self.documents[uri].split("\n")
        line = min(line, len(lines) - 1)
        self.documents[uri] = "\n".join([*lines[:line], text + lines[line], *lines[line + 1 :]])
        at = {"line": line, "character": 0}
        self._change(uri, {"range": {"start": at, "end": at}, "text": text})

    def replace(self, uri: str, text: str) -> None:
        self.documents[uri] = text
        self._change(uri, {"text": text})

    def save(self, uri: str) -> None:
        to_path(uri).write_bytes(self.documents[uri].encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def close(self, uri: str) -> None:
        del self.documents[uri], self.versions[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def heard(self, paths: Iterable[Path]) -> None:
        """Report changed files to the server, as an editor with a file watcher would."""
        self.notify(
            "workspace/didChangeWatchedFiles", {"changes": [{"uri": p.as_uri(), "type": 2} for p in paths]}
        )

    def measure(self) -> Measure:
        processes = [Path("/proc", str(pid)) for pid in _family(self.process.pid)]
        watches = [_watches(info) for process in processes for info in process.glob("fdinfo/*")]
        return Measure(
            rss=sum(_rss(process) for process in processes) / 1024,
            files=min(_open_files(processes) for _ in range(SAMPLES)),
            threads=sum(_count(process / "task") for process in processes),
            watches=sum(watches),
        )

    def end(self) -> int:
        """Shut the server down; return its exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        code = self.process.wait(30)
        self._reader.join(10)
        self._errors.close()
        return code

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        number = self._ask(method, params)
        with self._news:
            if not self._news.wait_for(lambda: number in self._answers, 60):
                raise TimeoutError(method)
            return self._answers.pop(number)

    def _initialize(self) -> None:
        known = json.loads((CLIENTS / f"{CAPABILITIES[self.mode]}.json").read_text("utf-8"))
        folders = [{"uri": self.folder.as_uri(), "name": self.folder.name}]
        self.request(
            "initialize",
            {"processId": os.getpid(), "rootUri": None, "workspaceFolders": folders, "capabilities": known},
        )
        self.notify("initialized", {})
        if self.mode == "pull":
            self._pull()

    def _change(self, uri: str, change: dict[str, Any]) -> None:
        self.versions[uri] += 1
        identifier = {"uri": uri, "version": self.versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        if self.mode == "pull":
            self._ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}, keeps=False)

    def _pull(self) -> None:
        known = [{"uri": uri, "value": value} for uri, value in self._result_ids.items()]
        self._ask(PULL, {"previousResultIds": known}, keeps=False)

    def _ask(self, method: str, params: Any, *, keeps: bool = True) -> str:
        number = f"{'' if keeps else method}#{next(self._numbers)}"
        self._send({"id": number, "method": method, "params": params})
        return number

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        with self._lock:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            length = int(line.partition(b":")[2])
            while self.process.stdout.readline().strip():
                pass
            self._take(json.loads(self.process.stdout.read(length)))

    def _take(self, message: dict[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            self._answered(str(number), message)
        elif number is not None:
            items = (
                (message.get("params") or {}).get("items") if method == "workspace/configuration" else None
            )
            self._send({"id": number, "result": items and [None] * len(items)})
        elif method == "textDocument/publishDiagnostics":
            self._show(message["params"]["uri"], message["params"]["diagnostics"])
        elif method == "window/showMessage":
            self.told.append(message["params"]["message"])

    def _answered(self, number: str, message: dict[str, Any]) -> None:
        if number.startswith(PULL):
            if "result" in message:
                for report in message["result"]["items"]:
                    self._result_ids[report["uri"]] = report["resultId"]
                    self._show(report["uri"], report["items"])
                self._pull()
        elif number.startswith("#"):
            with self._news:
                self._answers[number] = message.get("result")
                self._news.notify_all()

    def _show(self, uri: str, items: list[dict[str, Any]]) -> None:
        with self._lock:
            if items:
                self._shown[uri] = items
            else:
                self._shown.pop(uri, None)


def to_path(uri: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(uri).path)))


def _place(uri: str, item: dict[str, Any]) -> Place:
    start, end = item["range"]["start"], item["range"]["end"]
    return (
        str(to_path(uri)),
        *(start["line"], start["character"], end["line"], end["character"]),
        item["code"],
        item["data"]["fingerprint"],
    )


def _family(pid: int) -> list[int]:
    children = [
        int(child)
        for task in Path("/proc", str(pid), "task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [pid, *(descendant for child in children for descendant in _family(child))]


def _rss(process: Path) -> int:
    status = (process / "status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def _open_files(processes: Iterable[Path]) -> int:
    time.sleep(0.1)
    return sum(_count(process / "fd") for process in processes)


def _watches(info: Path) -> int:
    with suppress(FileNotFoundError):  # the file may be closed by now
        return info.read_text().count("inotify wd:")
    return 0


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())
