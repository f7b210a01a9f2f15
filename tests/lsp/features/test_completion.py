"""Completion of references: where it is offered, which references, and the resulting text."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

import tokens
from lsp_client import ENCODERS, WIDTHS, Editor, editor
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference

GITHUB = Reference("acme-api", "GITHUB_TOKEN")
API_KEY = Reference("acme-api", "API_KEY")
ALL = [str(API_KEY), str(GITHUB)]
CLIENTS = [
    pytest.param("vscode-1.139", None, id="VS Code, UTF-16"),
    pytest.param("neovim-0.10", "utf-8", id="Neovim, UTF-8"),
]
CURSOR = "¦"


@pytest.fixture
def stored(absent: dict[str, str], folder: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a user with two tokens on record here, and one in another folder."""
    data = Path(absent["HOME"], ".local/share/tokenward")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    bindings, entries = Bindings(data / "custody.db"), Entries(data / "custody.db")
    bindings.bind("acme-api", folder)
    bindings.bind("elsewhere", elsewhere)
    for reference in (GITHUB, API_KEY, Reference("elsewhere", "FOREIGN"), Reference("unbound", "ORPHAN")):
        entries.add(reference, Fingerprint("0" * 32), "GitHub" if reference == GITHUB else "")
    leases = Leases(data / "custody.db", Sessions(data / "sessions.alive"))
    leases.grant(GITHUB, Lease(expires=leases.moment().now + 8 * 3_600 + 60))
    Ledger(data / "ledger.db").record(Event.RESOLVED, reference=GITHUB)
    return absent


async def completions(one: Editor, uri: str, marked: str) -> list[types.CompletionItem]:
    """Replace the document's text and return the completions at its cursor."""
    before, _, after = marked.partition(CURSOR)
    one.replace(uri, before + after)
    line = before.replace("\r\n", "\n").count("\n")
    column = len(before.rpartition("\n")[2].encode(ENCODERS[one.encoding])) // WIDTHS[one.encoding]
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
    answer = await one.client.text_document_completion_async(params)
    if answer is None:
        return []
    assert isinstance(answer, types.CompletionList)
    assert not answer.is_incomplete
    return sorted(answer.items, key=lambda item: item.sort_text or "")


def chosen(one: Editor, uri: str, item: types.CompletionItem) -> str:
    """Return the document after an item is chosen."""
    assert isinstance(item.text_edit, types.TextEdit)
    return one._edited(one.buffers[uri].text, [item.text_edit])


@pytest.mark.parametrize(("client", "encoding"), CLIENTS)
async def test_references_are_offered_where_one_begins_and_take_its_place(
    stored: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """This holds after any text, and with the rest of a reference that is replaced.

    The details of each come from the records, because there is no keyring to ask.
    """
    uri = (folder / "config.json").as_uri()
    async with editor(stored, folder, client=client, encoding=encoding) as one:
        one.open(uri, "", "json")
        await one.diagnostics(uri)
        for begun, rest in [
            ("keyring:", ""),
            ("keyring:/", ""),
            ("keyring://", ""),
            ("keyring://acme-api", ""),
            ("keyring://acme-api/GIT", ""),
            ("keyring://old", "-name/TOKEN"),
        ]:
            text = f'{{\r\n  "é😀": "\u2028😀 {begun}{CURSOR}{rest}", "b": 1\r\n}}\r\n'
            items = await completions(one, uri, text)
            assert [item.label for item in items] == ALL, begun
            expected = f'{{\r\n  "é😀": "\u2028😀 {GITHUB}", "b": 1\r\n}}\r\n'
            assert chosen(one, uri, items[1]) == expected
        api_key, github = await completions(one, uri, f"x = 'keyring:{CURSOR}'")
        for nowhere in [
            f'"keyring{CURSOR}"',
            f'"{GITHUB}" {CURSOR}',
            f'"mykeyring://{CURSOR}"',
            f'"a": {CURSOR}',
            f'"https://{CURSOR}"',
        ]:
            assert await completions(one, uri, nowhere) == []
    assert (api_key.detail, github.detail) == (None, "GitHub")
    assert github.kind == types.CompletionItemKind.Reference
    for words in ("**Added**: less than a minute ago", "**Last used**: less than a minute ago", "in 8 hours"):
        assert words.replace("**", "" if encoding is None else "**") in documentation(github)
    assert "never, according to the ledger" in documentation(api_key)


def documentation(item: types.CompletionItem) -> str:
    """Return the documentation of an item, in Markdown or plain text."""
    text = item.documentation
    assert text is not None
    return text if isinstance(text, str) else text.value


async def test_an_empty_value_in_an_environment_file_gets_the_reference_of_its_name(
    stored: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """The one of the same name first; of a variable that nothing is stored for nothing is offered.

    A clone that is called the same sees none of the other's names, and a text without a folder none at all.
    """
    (folder / "tokenward.toml").write_text('env-file = "dev.vars"\n')
    clone = tmp_path / "clone" / "acme-api"
    clone.mkdir(parents=True)
    (clone / "tokenward.toml").write_text('workspace-name = "acme-api"\n')
    dotenv, vars_, code = ((folder / name).as_uri() for name in (".env", "dev.vars", "run.sh"))
    async with editor(stored, folders=[folder, clone, tmp_path / "elsewhere"]) as one:
        for uri in (dotenv, vars_, code):
            one.open(uri, "", "plaintext")
            await one.diagnostics(uri)
        for uri in (dotenv, vars_):
            for before, after in [
                ("A=1\nGITHUB_TOKEN=", "\n"),
                ('export GITHUB_TOKEN="', '" # a'),
                ("GITHUB_TOKEN=k", ""),
            ]:
                items = await completions(one, uri, before + CURSOR + after)
                assert [item.label for item in items] == ALL[::-1]
                assert chosen(one, uri, items[0]) == f"{before.removesuffix('k')}{GITHUB}{after}"
            begun = await completions(one, uri, f"GITHUB_TOKEN=keyring:{CURSOR}")
            assert [item.label for item in begun] == ALL[::-1]
            assert await completions(one, uri, f"OTHER={CURSOR}") == []
            assert await completions(one, uri, f"GITHUB_TOKEN=x{CURSOR}") == []
        assert await completions(one, code, f"GITHUB_TOKEN={CURSOR}") == []
        for uri, known in [
            ((clone / ".env").as_uri(), []),
            ((tmp_path / "elsewhere" / ".env").as_uri(), ["keyring://elsewhere/FOREIGN"]),
            ("untitled:Untitled-1", []),
        ]:
            one.open(uri, "", "dotenv")
            await one.diagnostics(uri)
            assert [item.label for item in await completions(one, uri, f"A=keyring:{CURSOR}")] == known


async def test_a_cell_of_a_notebook_is_completed_and_nothing_once_switched_off(
    stored: dict[str, str], folder: Path
) -> None:
    notebook = (folder / "n.ipynb").as_uri()
    cell = notebook.replace("file:", "vscode-notebook-cell:") + "#W0"
    settings = Path(stored["HOME"], ".config/tokenward/config.toml")
    async with editor(stored, folder, client="neovim-0.10") as one:
        text = f"x = '{tokens.github()}'\n# keyring:"
        item = types.TextDocumentItem(cell, "python", 1, text)
        cells = [types.NotebookCell(types.NotebookCellKind.Code, cell)]
        document = types.NotebookDocument(notebook, "jupyter-notebook", 1, cells)
        one.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, [item]))
        await one.heard(lambda published: published.uri == cell and bool(published.diagnostics))
        params = types.CompletionParams(types.TextDocumentIdentifier(cell), types.Position(1, 10))
        answer = await one.client.text_document_completion_async(params)
        assert isinstance(answer, types.CompletionList)
        assert [item.label for item in answer.items] == ALL
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("enabled = false\n")
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await one.heard(lambda published: published.uri == cell and not published.diagnostics)
        assert await one.client.text_document_completion_async(params) is None
