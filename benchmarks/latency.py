"""Change-to-diagnostics time over stdio, compared with the baseline server and `ruff server` in one interleaved run.

    python benchmarks/latency.py [--changes 200] [--lines 100 1000 10000 100000] [--tokens 0 30 300] [--full] [--enter]
        [--busy 8] [--starts 9] [--tree FOLDER]

A keystroke is a change of one character in the middle of a Python file, sent once the diagnostics of the previous
one have arrived. Each server gets the kind of change that it asks for, or with `--full` the whole text. So many lines
have a token. With `--enter`, a keystroke adds or removes a line. So many other programs as `--busy` says use the
processors. Start-up is the time from the process's start to the first
diagnostics of a file of 100 lines. With a tree, keystrokes are also sent during and after Tokenward's first scan of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import tokens

HERE = Path(__file__).parent
SERVERS = {
    "floor": [sys.executable, str(HERE / "floor_server.py")],
    "tokenward": [sys.executable, "-m", "tokenward.cli", "server"],
    "ruff": [str(Path(sys.executable).with_name("ruff")), "server"],
}
LINE = "result_{n} = compute(alpha={n}, beta='text {n}')  # a line like many others\n"


class Client:
    """A minimal LSP client."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
        )
        self.logged: list[str] = []
        self.uri = (folder / "sample.py").as_uri()
        self.version = 1
        answer = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "capabilities": {
                    "textDocument": {
                        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True}
                    },
                    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
                },
            },
        )
        sync = answer["capabilities"]["textDocumentSync"]
        self.incremental = (sync["change"] if isinstance(sync, dict) else sync) == 2
        self.notify("initialized", {})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        self.send({"id": 1, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == 1 and "method" not in message:
                return message["result"]

    def read(self) -> Any:
        assert self.process.stdout is not None
        length = 0
        while (header := self.process.stdout.readline().strip()) != b"":
            if header.lower().startswith(b"content-length:"):
                length = int(header[15:])
        message = json.loads(self.process.stdout.read(length))
        if "id" in message and "method" in message:
            self.send({"id": message["id"], "result": None})
        if message.get("method") == "window/logMessage":
            self.logged.append(message["params"]["message"])
        return message

    def open(self, text: str, language: str = "python") -> None:
        item = {"uri": self.uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        self.wait()

    def wait(self) -> None:
        while True:
            message = self.read()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] == self.uri and params.get("version") == self.version:
                    return

    def change(self, lines: list[str], line: int, text: str, removed: int = 1) -> float:
        self.version += 1
        start, end = {"line": line, "character": 0}, {"line": line, "character": removed}
        if text == "" and lines[line] == "\n":
            end = {"line": line + 1, "character": 0}
        lines[line : line + 1] = (text + lines[line][removed:]).splitlines(keepends=True)
        change = {"range": {"start": start, "end": end}, "text": text}
        changes = [change] if self.incremental else [{"text": "".join(lines)}]
        params = {"textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": changes}
        began = time.perf_counter()
        self.notify("textDocument/didChange", params)
        self.wait()
        return time.perf_counter() - began

    def press(self, lines: list[str], number: int, enter: bool) -> float:
        middle = len(lines) // 2
        if enter:
            return self.change(lines, middle, "" if number % 2 else "\n", number % 2)
        return self.change(lines, middle, "ab"[number % 2])


@contextmanager
def client(name: str, folder: Path, environment: dict[str, str] | None = None) -> Iterator[Client]:
    made = Client(SERVERS[name], folder, environment)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()


@contextmanager
def load(programs: int) -> Iterator[None]:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)]
    try:
        yield
    finally:
        for program in busy:
            program.kill()
            program.wait()


def text_of(count: int, with_token: int = 0) -> list[str]:
    # Without problems, so that no other server has thousands of diagnostics to send.
    lines = ["from library import compute\n", *(LINE.format(n=n) for n in range(count - 1))]
    for n in range(with_token):
        lines[n * count // with_token] = f'token_{n} = "{tokens.github(n)}"\n'
    return lines


def keystrokes(
    folder: Path, count: int, with_token: int, chosen: argparse.Namespace
) -> dict[str, list[float]]:
    """Return the seconds of each keystroke; the servers take turns, to share the load."""
    times: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(3):
        for name in SERVERS:
            with client(name, folder) as one:
                one.incremental &= not chosen.full
                lines = text_of(count, with_token)
                one.open("".join(lines))
                for n in range(10):
                    one.press(lines, n, chosen.enter)
                times[name] += [
                    one.press(lines, n, chosen.enter) for n in range(chosen.changes // 3 // 2 * 2)
                ]
    return times


def during_a_scan(tree: Path, cache: Path, rounds: int = 3) -> dict[str, list[float]]:
    """Return the seconds of each keystroke during the first scan of the whole tree, and afterwards."""
    times: dict[str, list[float]] = {"scanning": [], "idle": []}
    for number in range(rounds + 1):
        # The first round compiles the rules.
        (cache / "tokenward" / "scans.db").unlink(missing_ok=True)
        with client("tokenward", tree, {**os.environ, "XDG_CACHE_HOME": str(cache)}) as one:
            lines = text_of(1_000)
            one.open("".join(lines))
            scanning: list[float] = []
            while not any(": Scanned " in line for line in one.logged):
                scanning.append(one.change(lines, 500, "ab"[len(scanning) % 2]))
                time.sleep(0.02)
            print(f"  {one.logged[-1]}")
            idle = []
            for n in range(len(scanning)):
                idle.append(one.change(lines, 500, "ab"[n % 2]))
                time.sleep(0.02)
        if number:
            times["scanning"] += scanning
            times["idle"] += idle
    return times


def starts(folder: Path, count: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(count):
        for name in SERVERS:
            start = time.perf_counter()
            with client(name, folder) as one:
                one.open("".join(text_of(100)))
                times[name].append(time.perf_counter() - start)
    return times


def show(title: str, times: dict[str, list[float]]) -> None:
    floor = statistics.median(times.get("floor") or times["idle"])
    print(f"\n{title}")
    for name, values in times.items():
        ordered = sorted(values)
        median, high = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        print(
            f"  {name:10} p50 {median * 1000:8.2f} ms   p99 {high * 1000:8.2f} ms   {median / floor:5.2f} x"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--starts", type=int, default=9)
    parser.add_argument("--lines", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--tokens", type=int, nargs="+", default=[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--enter", action="store_true")
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--tree", type=Path)
    chosen = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(
        subprocess.run(
            [SERVERS["ruff"][0], "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(load(chosen.busy))
        show("start-up to the first diagnostics (rules cached)", starts(folder, chosen.starts))
        if chosen.tree:
            show("while a whole tree is scanned", during_a_scan(chosen.tree.absolute(), folder / "cache"))
        for count in chosen.lines:
            for with_token in chosen.tokens:
                title = f"{count:,} lines, {with_token} with a token"
                show(title, keystrokes(folder, count, with_token, chosen))


if __name__ == "__main__":
    main()
