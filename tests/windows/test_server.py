"""The server over stdio on Windows, with the URIs of VS Code, and its named pipe for commands in terminals."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tokens
from raw_client import RawClient
from windows_shell import Shell

TOKEN = tokens.github("server")
ASKS: dict[str, Any] = {"window": {"showMessage": {"messageActionItem": {}}}}
EDITS: dict[str, Any] = {
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
    },
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        "publishDiagnostics": {},
    },
}


@pytest.fixture
def client(shell: Shell) -> Iterator[RawClient]:
    made = RawClient(shell.environment, shell.folder)
    yield made
    made.close()
    assert made.errors == b""


def as_vs_code(path: Path) -> str:
    """Return the URI of a path as VS Code spells it."""
    drive, rest = path.as_uri().removeprefix("file:///").split(":", 1)
    return f"file:///{drive.lower()}%3A{rest}"


def test_a_token_is_moved_by_a_quick_fix_and_put_back_by_the_command(shell: Shell, client: RawClient) -> None:
    path = shell.write("app.py", f'import os\r\nKEY = "{TOKEN}"\r\n')
    uri = as_vs_code(path)
    edits: list[Any] = []
    client.answers["workspace/applyEdit"] = lambda params: edits.append(params["edit"]) or {"applied": True}
    client.initialize(EDITS)
    document = {"uri": uri, "languageId": "python", "version": 1, "text": path.read_bytes().decode()}
    client.notify("textDocument/didOpen", {"textDocument": document})
    [diagnostic] = client.diagnostics(uri)
    actions = client.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": uri},
            "range": diagnostic["range"],
            "context": {"diagnostics": [diagnostic]},
        },
    )
    move = next(action for action in actions if action["title"].startswith("Move"))
    client.request(
        "workspace/executeCommand", {key: move["command"][key] for key in ("command", "arguments")}
    )
    changed = {
        change["textDocument"]["uri"]: change for change in edits[0]["documentChanges"] if "edits" in change
    }
    assert uri in changed
    assert TOKEN not in str(edits)
    text = str([one["newText"] for change in changed.values() for one in change["edits"]])
    assert f"keyring://{shell.name}/" in text
    client.request("shutdown", None)
    client.notify("exit", None)
    assert client.process.wait(30) == 0


def pipe_is_there(home: Path, folder: Path) -> bool:
    records = home.rglob("sockets/*.json")
    return any(
        str(folder).replace("\\", "\\\\").lower() in record.read_text("utf-8").lower() for record in records
    )


def wait(is_done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize(("answer", "code"), [("Once", 0), ("Deny", 125)])
def test_a_command_asks_in_the_editor_by_a_named_pipe(
    shell: Shell, home: Path, answer: str, code: int
) -> None:
    shell.put("TOKEN", TOKEN)
    shell.write(".env", f"TOKEN=keyring://{shell.name}/TOKEN\r\n")
    assert shell("lease", "TOKEN", "--confirm", "always").code == 0
    show = "import os; print(len(os.environ['TOKEN']))"
    questions: list[str] = []

    def choose(params: dict[str, Any]) -> dict[str, str]:
        questions.append(params["message"])
        return {"title": answer}

    client = RawClient(shell.environment, shell.folder, {"window/showMessageRequest": choose})
    try:
        client.initialize({**EDITS, **ASKS})
        wait(lambda: pipe_is_there(home, shell.folder))
        done = shell("run", "--", sys.executable, "-c", show)
        assert done.code == code, done.err
        assert done.text == (f"{len(TOKEN)}\n" if code == 0 else "")
        [question] = questions
        assert f"({os.getpid()})" in question
        assert TOKEN not in question
    finally:
        client.close()
    # The pipe has ended with its server.
    done = shell("run", "--", sys.executable, "-c", show)
    assert done.code == 125
    assert "nobody can be asked here" in done.err
