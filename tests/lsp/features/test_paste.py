"""tokenward/paste and its store request, as a client sends them, with a real gnome-keyring."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

import tokens
from cli_shell import Shell
from lsp_client import Editor, editor
from tokenward.lsp.client.session import Session
from tokenward.lsp.features.paste import until_loaded
from tokenward.model import Surface
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
OFFER, STORE = "tokenward/paste", "tokenward/paste/store"
CLIENTS = [pytest.param("vscode-1.139", id="UTF-16"), pytest.param("neovim-0.10", id="UTF-8")]


def paste_request(
    one: Editor, uri: str, text: str, *places: tuple[int, int, int, int], version: int | None = None
) -> Any:
    """Return parameters for a paste, each place as line and character of its start and its end."""
    ranges = [
        {"start": {"line": a, "character": b}, "end": {"line": c, "character": d}} for a, b, c, d in places
    ]
    return {"uri": uri, "version": version or one.buffers[uri].version, "ranges": ranges, "text": text}


async def ask(one: Editor, method: str, params: Any) -> Any:
    """Return the answer as plain JSON, which must not contain a value."""
    answer = await one.ask(method, params)
    assert "ghp" not in json.dumps(answer)
    return answer


def apply(one: Editor, params: Any, answer: Any) -> None:
    """Make the whole change at once, as a client that follows docs/reference/protocol.md does."""
    raw = answer["edit"] or {"documentChanges": []}
    edit = get_converter().structure(raw, types.WorkspaceEdit)
    changes = list(edit.document_changes or ())
    ours = [
        change
        for change in changes
        if isinstance(change, types.TextDocumentEdit) and change.text_document.uri == params["uri"]
    ]
    edits = [one for change in ours for one in change.edits]
    where = [get_converter().structure(place, types.Range) for place in params["ranges"]]
    edits += [types.TextEdit(place, answer["text"]) for place in where]
    identifier = types.OptionalVersionedTextDocumentIdentifier(params["uri"], params["version"])
    rest = [change for change in changes if change not in ours]
    whole = types.WorkspaceEdit(document_changes=[*rest, types.TextDocumentEdit(identifier, edits)])
    assert one.apply(types.ApplyWorkspaceEditParams(whole)).applied


async def paste(one: Editor, uri: str, text: str, *places: tuple[int, int, int, int]) -> Any:
    params = paste_request(one, uri, text, *places)
    answer = await ask(one, STORE, params)
    assert answer is not None, one.messages
    apply(one, params, answer)
    return answer


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_reference_is_pasted_and_the_value_is_in_the_keyring_alone(
    unlocked: dict[str, str], folder: Path, client: str
) -> None:
    """It is offered without storing anything, then stored, and then pasted. At any column, at several places."""
    token, second = tokens.github(), tokens.github("second")
    data, code = folder / ".vscode" / "launch.json", folder / "app.py"
    before = '{"configurations": [{"env": {"a": "🔑",\r\n"github_token": "",\r\n"🔑": "OLD"}}]} // 🔑\r\n'
    shell = Shell(unlocked, folder)
    async with editor(unlocked, folder, client=client) as one:
        width = 4 if one.encoding == "utf-8" else 2
        one.open(data.as_uri(), before, "jsonc")
        await one.diagnostics(data.as_uri())
        params = paste_request(one, data.as_uri(), token, (1, 17, 1, 17))
        assert await ask(one, OFFER, params) == {
            "tokens": 1,
            "label": "GitHub token",
            "title": "Paste as keyring reference GITHUB_TOKEN",
        }
        assert shell("list").text == ""
        answer = await paste(one, data.as_uri(), token, (1, 17, 1, 17))
        assert answer == {
            "text": REFERENCE,
            "edit": None,
            "message": f"Moved the GitHub token to the keyring and pasted {REFERENCE} instead.",
        }
        answer = await paste(one, data.as_uri(), token, (2, width + 5, 2, width + 8))
        assert one.buffers[data.as_uri()].text == (
            before.replace('": ""', f'": "{REFERENCE}"').replace("OLD", REFERENCE)
        )
        assert one.edits == one.edits[:2]

        one.open(code.as_uri(), 'a = "🔑", ""\nb = ""\n')
        places = ((0, 4 + width + 5, 0, 4 + width + 5), (1, 5, 1, 5))
        answer = await paste(one, code.as_uri(), second, *places)
        assert one.buffers[code.as_uri()].text == (
            'import os\na = "🔑", os.environ["APP_GITHUB_TOKEN"]\nb = os.environ["APP_GITHUB_TOKEN"]\n'
        )
        assert answer["message"].endswith(" Save .env too.")
    assert (folder / ".env").read_text() == f"APP_GITHUB_TOKEN=keyring://{folder.name}/APP_GITHUB_TOKEN\n"
    assert (shell.get("GITHUB_TOKEN"), shell.get("APP_GITHUB_TOKEN")) == (token, second)


async def test_a_paste_into_a_cell_and_an_untitled_document(unlocked: dict[str, str], folder: Path) -> None:
    """A cell is a document of its own; a document without a file belongs to the only folder."""
    token, notebook = tokens.github(), (folder / "n.ipynb").as_uri()
    async with editor(unlocked, folder) as one:
        cell = one.open_cell(notebook, 'key = ""')
        await one.diagnostics(cell)
        answer = await ask(one, STORE, paste_request(one, cell, token, (0, 7, 0, 7)))
        assert answer["text"] == 'os.environ["GITHUB_TOKEN"]'
        uris = [change.get("textDocument", change)["uri"] for change in answer["edit"]["documentChanges"]]
        assert uris == [(folder / ".env").as_uri(), (folder / ".env").as_uri(), cell]

        one.open("untitled:Untitled-1", "github_token=", "dotenv")
        await paste(one, "untitled:Untitled-1", token, (0, 13, 0, 13))
        assert one.buffers["untitled:Untitled-1"].text == f"github_token={REFERENCE}"


async def test_what_cannot_be_pasted_as_a_reference_is_not_offered_and_stores_nothing(
    unlocked: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """An offer that is not made causes no message; a request to store is answered with the reason."""
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    other = tmp_path / "second"
    other.mkdir()
    async with editor(unlocked, folder, folders=[folder, other]) as one:
        one.open(uri, 'x = ""\n')
        one.open("untitled:Untitled-1", '{"x": ""}', "json")
        await one.diagnostics(uri)
        inside = (0, 5, 0, 5)
        good = paste_request(one, uri, token, inside)
        assert (await ask(one, OFFER, good))["tokens"] == 1
        refused = [
            paste_request(one, uri, token, inside, version=2),
            paste_request(one, uri, "no token", inside),
            paste_request(one, uri, token, (0, 4, 0, 4)),
            paste_request(one, uri, token, inside, inside),
            paste_request(one, uri, token, (0, 2, 0, 6), inside),
            paste_request(one, uri, token, (0, 6, 0, 4)),
            paste_request(one, uri, token),
            paste_request(one, uri, token * 40_000, inside),
            paste_request(one, (folder / "closed.py").as_uri(), token, inside, version=1),
            paste_request(one, "untitled:Untitled-1", token, (0, 7, 0, 7)),
            {**good, "ranges": [{"start": {"line": -1, "character": "x"}}]},
            {**good, "ranges": [{"start": {"line": -9, "character": 0}, "end": {"line": 0, "character": 5}}]},
            {**good, "ranges": 7},
            {**good, "text": None},
            {"uri": uri},
            [],
        ]
        for params in refused:
            assert await ask(one, OFFER, params) is None
        assert one.messages == []
        for count, params in enumerate(refused, 1):
            assert await ask(one, STORE, params) is None
            assert len(one.messages) == count
    assert Shell(unlocked, folder)("list").text == ""


async def test_an_offer_waits_for_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first paste after a start may come before them; but the wait is limited."""
    known = iter([None, None, object()])
    session = cast("Session", SimpleNamespace(scanner_for=lambda _: next(known)))
    document = Document.opened(Origin("untitled:1", Surface.DOCUMENT), 1, "")
    await until_loaded(session, document)
    assert next(known, "all were asked for") == "all were asked for"
    monkeypatch.setattr("tokenward.lsp.features.paste.LOADING_SECONDS", 0.0)
    await until_loaded(cast("Session", SimpleNamespace(scanner_for=lambda _: None)), document)


async def test_without_a_keyring_nothing_is_pasted_and_its_user_is_told(
    absent: dict[str, str], folder: Path
) -> None:
    token, uri = tokens.github(), (folder / ".env").as_uri()
    limit = {"maxDocumentBytes": 200}
    async with editor(absent, folder, client="neovim-0.10", configuration=limit) as one:
        one.open(uri, "GITHUB_TOKEN=", "dotenv")
        await one.diagnostics(uri)
        params = paste_request(one, uri, token, (0, 13, 0, 13))
        assert (await ask(one, OFFER, params))["title"].endswith("GITHUB_TOKEN")
        # A text too large to scan is not scanned before that either.
        too_large = paste_request(one, uri, f"{token}\n# {'x' * 180}", (0, 13, 0, 13))
        assert await ask(one, OFFER, too_large) is None
        assert await ask(one, STORE, params) is None
        await one.told("keyring")
        assert token not in "".join(one.messages)
