"""A client for tests: a real server process over stdio, and an editor's buffers behind it.

The buffers apply the server's edits as an editor would, version check included, so that what is tested is the
text that a user would have.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import attrs
from lsprotocol import types
from pygls.client import JsonRPCClient
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, LanguageClientProtocol
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

from protocol_schema import require_command_result, require_result

FIXTURES = Path(__file__).parent.parent / "fixtures"
SERVER = [sys.executable, "-m", "tokenward.cli", "server"]
PATIENCE = 60.0
"""Seconds until what a test waits for counts as not happening; a server on a busy machine can take half of it."""
converter = functools.cache(default_converter)
"""The one converter of all clients: it compiles a function for each type that it meets, which takes 0.1 s a client."""
ENCODERS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def capabilities(name: str, encoding: str | None = None) -> types.ClientCapabilities:
    """What an editor of today announces; `encoding` replaces the positions that it offers."""
    raw = json.loads((FIXTURES / "clients" / f"{name}.json").read_text("utf-8"))
    if encoding is not None:
        raw["general"]["positionEncodings"] = [encoding]
    capabilities: types.ClientCapabilities = converter().structure(raw, types.ClientCapabilities)
    return capabilities


class _Protocol(LanguageClientProtocol):
    """Leaves the answer to codeAction raw: lsprotocol takes an action with a command for a bare command."""

    def get_result_type(self, method: str) -> Any:  # type: ignore[override]
        return None if method == types.TEXT_DOCUMENT_CODE_ACTION else super().get_result_type(method)


@attrs.define
class Answer:
    """The answer to a request, whose result stays as it came."""

    id: int | str
    result: Any = None
    jsonrpc: str = "2.0"


@dataclass
class Buffer:
    """An open text and its version."""

    text: str
    version: int = 1


@dataclass
class Editor:
    """A client with buffers."""

    client: LanguageClient
    encoding: str = "utf-16"
    pulls: bool = False
    """Whether the server lets it pull diagnostics, so that none are pushed of documents."""
    refuse: bool = False
    before_edit: Any = None
    buffers: dict[str, Buffer] = field(default_factory=dict)
    published: list[types.PublishDiagnosticsParams] = field(default_factory=list)
    refreshes: int = 0
    logs: list[str] = field(default_factory=list)
    progress: list[Any] = field(default_factory=list)
    """The values of `$/progress`, in order, each with its token."""
    edits: list[types.ApplyWorkspaceEditParams] = field(default_factory=list)
    passphrases: list[str | None] = field(default_factory=list)
    choices: list[str | None] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    thinks: float = 0
    """Seconds before a choice is made."""
    secrets: dict[str, Any] = field(default_factory=dict)
    """What the server has kept in the editor, by key."""
    before_store: Any = None
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def messages(self) -> list[str]:
        return [shown.message for shown in self.client.messages]

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self.buffers[uri] = Buffer(text)
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def close_cell(self, notebook: str, cell: str) -> None:
        """Close a notebook with one cell."""
        del self.buffers[cell]
        self.client.notebook_document_did_close(
            types.DidCloseNotebookDocumentParams(
                types.NotebookDocumentIdentifier(notebook), [types.TextDocumentIdentifier(cell)]
            )
        )

    def open_cell(self, notebook: str, text: str) -> str:
        """Open a notebook with one cell of Python; the cell's uri."""
        cell = notebook.replace("file:", "vscode-notebook-cell:") + "#W0"
        self.buffers[cell] = Buffer(text)
        cells = [types.NotebookCell(types.NotebookCellKind.Code, cell)]
        document = types.NotebookDocument(notebook, "jupyter-notebook", 1, cells)
        self.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(document, [types.TextDocumentItem(cell, "python", 1, text)])
        )
        return cell

    def change(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Type: replace a range, given in the client's units."""
        buffer = self.buffers[uri]
        edit = types.TextEdit(types.Range(types.Position(*start), types.Position(*end)), text)
        buffer.text = self._edited(buffer.text, [edit])
        self._send_change(uri, [types.TextDocumentContentChangePartial(edit.range, text)])

    def replace(self, uri: str, text: str) -> None:
        self.buffers[uri].text = text
        self._send_change(uri, [types.TextDocumentContentChangeWholeDocument(text)])

    def retell(self, uri: str) -> None:
        """Announce a new version with the same text."""
        self._send_change(uri, [])

    def close(self, uri: str) -> None:
        del self.buffers[uri]
        identifier = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    def save(self, uri: str, path: Path) -> None:
        path.write_bytes(self.buffers[uri].text.encode("utf-8", "surrogatepass"))

    async def diagnostics(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """Wait for the diagnostics of a document at a version, by default the current one, and return them."""
        wanted = self.buffers[uri].version if version is None else version
        if self.pulls:
            assert wanted == self.buffers[uri].version
            return await self.pull(uri)

        found = await self.heard(lambda published: published.uri == uri and published.version == wanted)
        return list(found.diagnostics)

    async def pull(self, uri: str) -> list[types.Diagnostic]:
        """What textDocument/diagnostic answers."""
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await asyncio.wait_for(self.client.text_document_diagnostic_async(params), PATIENCE)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def pull_workspace(self, known: Mapping[str, str]) -> list[Any]:
        """What workspace/diagnostic answers to a client that knows some result ids."""
        previous = [types.PreviousResultId(uri, result_id) for uri, result_id in known.items()]
        params = types.WorkspaceDiagnosticParams(previous)
        report = await asyncio.wait_for(self.client.workspace_diagnostic_async(params), PATIENCE)
        return list(report.items)

    async def logged(self, part: str, times: int = 1) -> str:
        """Wait until the server has logged that many messages that have a part; return the first."""
        async with self.news:
            await asyncio.wait_for(
                self.news.wait_for(lambda: sum(part in message for message in self.logs) >= times), PATIENCE
            )
        return next(m for m in self.logs if part in m)

    async def refreshed(self, times: int) -> None:
        """Wait until the server has asked more often than that to pull again."""
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(lambda: self.refreshes > times), PATIENCE)

    async def heard(
        self, wanted: Callable[[types.PublishDiagnosticsParams], bool]
    ) -> types.PublishDiagnosticsParams:
        """The latest published diagnostics that are wanted; waits for them."""

        def latest() -> types.PublishDiagnosticsParams | None:
            return next((published for published in reversed(self.published) if wanted(published)), None)

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(latest), PATIENCE)
        found = latest()
        assert found is not None
        return found

    async def shown(self, path: Path, count: int) -> list[types.Diagnostic]:
        """What was pushed last of a file, as soon as that is so many diagnostics; waits for them."""
        uri = path.as_uri()

        def latest() -> bool:
            of_file = [published for published in self.published if published.uri == uri]
            return bool(of_file) and len(of_file[-1].diagnostics) == count

        async with self.news:
            await asyncio.wait_for(self.news.wait_for(latest), PATIENCE)
        return list([published for published in self.published if published.uri == uri][-1].diagnostics)

    async def actions(self, uri: str, diagnostic: types.Diagnostic) -> list[types.CodeAction]:
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), diagnostic.range, types.CodeActionContext([diagnostic])
        )
        raw = await self.client.text_document_code_action_async(params)
        return [self.client.protocol._converter.structure(one, types.CodeAction) for one in raw or ()]  # type: ignore[attr-defined]

    async def hover(self, uri: str, line: int, character: int) -> types.Hover | None:
        """What textDocument/hover answers at a position in the client's units."""
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        return await self.client.text_document_hover_async(params)

    async def ask(self, method: str, params: Any) -> Any:
        """What a request of a method of ours answers, as it came."""
        number, protocol = str(uuid.uuid4()), self.client.protocol
        answer = protocol.send_request(method, params, msg_id=number)
        protocol._result_types[number] = Answer
        result = await asyncio.wait_for(asyncio.wrap_future(answer), PATIENCE)
        require_result(method, result)
        return result

    async def run(self, action: types.CodeAction) -> None:
        assert action.command is not None
        params = types.ExecuteCommandParams(action.command.command, action.command.arguments)
        await self.client.workspace_execute_command_async(params)

    async def result(self, action: types.CodeAction) -> Any:
        """Run an action, and return what its command answers."""
        assert action.command is not None
        params = types.ExecuteCommandParams(action.command.command, action.command.arguments)
        result = await self.ask(types.WORKSPACE_EXECUTE_COMMAND, params)
        require_command_result(action.command.command, result)
        return result

    async def told(self, part: str) -> str:
        """Wait until the server shows a message that has a part."""
        async with self.news:
            await asyncio.wait_for(
                self.news.wait_for(lambda: any(part in m for m in self.messages)), PATIENCE
            )
        return next(m for m in self.messages if part in m)

    def slice(self, uri: str, where: types.Range) -> str:
        """The text of a buffer at a range in the client's units."""
        text = self.buffers[uri].text
        return text[self._offset(text, where.start) : self._offset(text, where.end)]

    def apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.edits.append(params)
        if self.before_edit is not None:
            self.before_edit()
        changes = params.edit.document_changes or ()
        stale = [c for c in changes if isinstance(c, types.TextDocumentEdit) and self._is_stale(c)]
        if self.refuse or stale:
            return types.ApplyWorkspaceEditResult(applied=False)
        for uri, edits in (params.edit.changes or {}).items():
            self._apply_to(uri, edits)
        for change in changes:
            if isinstance(change, types.TextDocumentEdit):
                self._apply_to(change.text_document.uri, change.edits)
            elif isinstance(change, types.CreateFile):
                _path(change.uri).touch()
        return types.ApplyWorkspaceEditResult(applied=True)

    def _is_stale(self, change: types.TextDocumentEdit) -> bool:
        version = change.text_document.version
        buffer = self.buffers.get(change.text_document.uri)
        return version is not None and (buffer is None or buffer.version != version)

    def _apply_to(self, uri: str, edits: Any) -> None:
        if uri in self.buffers:
            self.replace(uri, self._edited(self.buffers[uri].text, edits))
        else:
            path = _path(uri)
            path.write_text(self._edited(path.read_text("utf-8"), edits), "utf-8")

    def _send_change(self, uri: str, changes: list[Any]) -> None:
        self.buffers[uri].version += 1
        identifier = types.VersionedTextDocumentIdentifier(self.buffers[uri].version, uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def _edited(self, text: str, edits: Any) -> str:
        places = [
            (self._offset(text, e.range.start), self._offset(text, e.range.end), e.new_text) for e in edits
        ]
        for start, end, new in sorted(places, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _offset(self, text: str, position: types.Position) -> int:
        """An offset by the protocol's line rules, written apart from the product's own."""
        start = 0
        for _ in range(position.line):
            ends = [text.find(mark, start) for mark in ("\n", "\r")]
            near = min(end for end in ends if end >= 0)
            start = near + (2 if text[near : near + 2] == "\r\n" else 1)
        codec, width = ENCODERS[self.encoding], WIDTHS[self.encoding]
        line = text[start:].encode(codec, "surrogatepass")[: position.character * width]
        return start + len(line.decode(codec, "surrogatepass"))


@contextlib.asynccontextmanager
async def editor(
    environment: Mapping[str, str],
    folder: Path | None = None,
    *,
    client: str = "vscode-1.139",
    encoding: str | None = None,
    configuration: dict[str, Any] | None = None,
    alter: Callable[[types.ClientCapabilities], None] = lambda _: None,
    folders: Sequence[Path] | None = None,
    wrap: Sequence[str] = (),
    options: dict[str, Any] | None = None,
    locale: str | None = None,
) -> AsyncIterator[Editor]:
    """An initialized client of a fresh server, with one folder open or several; both end with the block."""
    language_client = LanguageClient(
        protocol_cls=_Protocol,
        converter_factory=converter,
        configuration={"": {"tokenward": configuration or {}}},
    )
    announced = capabilities(client, encoding)
    alter(announced)
    made = Editor(language_client)
    _register(made)
    await language_client.start_io(*wrap, *SERVER, env=dict(environment), cwd=folder)
    opened = folders if folders is not None else [folder] if folder else []
    answer = await language_client.initialize_session(
        types.InitializeParams(
            capabilities=announced,
            process_id=os.getpid(),
            workspace_folders=[types.WorkspaceFolder(one.as_uri(), one.name) for one in opened] or None,
            root_uri=folder.as_uri() if folder else None,
            initialization_options=options,
            locale=locale,
        )
    )
    made.encoding = str(answer.capabilities.position_encoding)
    made.pulls = answer.capabilities.diagnostic_provider is not None
    try:
        yield made
    finally:
        process = language_client._server
        with contextlib.suppress(Exception):
            await asyncio.wait_for(language_client.shutdown_session(), 10)
        if process is not None and process.returncode is None:
            process.kill()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(language_client.stop(), 10)


def keep_secrets(
    client: JsonRPCClient, secrets: dict[str, Any], before_store: Callable[[], object] = lambda: None
) -> None:
    """Let a client keep tokens for its server, as the secret storage of VS Code does."""

    @client.feature("tokenward/secretStorage/get")
    def get(params: Any) -> dict[str, Any]:
        return {"value": secrets.get(params.key)}

    @client.feature("tokenward/secretStorage/store")
    def store(params: Any) -> dict[str, Any]:
        before_store()
        secrets[params.key] = params.value
        return {}

    @client.feature("tokenward/secretStorage/delete")
    def delete(params: Any) -> dict[str, Any]:
        secrets.pop(params.key, None)
        return {}


def _register(made: Editor) -> None:
    client = made.client
    ours = {
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
        types.WORKSPACE_DIAGNOSTIC_REFRESH,
        types.WINDOW_SHOW_MESSAGE,
        types.WINDOW_LOG_MESSAGE,
        types.PROGRESS,
    }
    register_lsp_features(client, {m: f for m, f in DEFAULT_CLIENT_FEATURES.items() if m not in ours})

    async def wake() -> None:
        async with made.news:
            made.news.notify_all()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    async def publish(params: types.PublishDiagnosticsParams) -> None:
        made.published.append(params)
        await wake()

    @client.feature(types.WINDOW_SHOW_MESSAGE)
    async def show(params: types.ShowMessageParams) -> None:
        client.messages.append(params)
        await wake()

    @client.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)
    async def refresh(_: None) -> None:
        made.refreshes += 1
        await wake()

    @client.feature(types.WINDOW_LOG_MESSAGE)
    async def log(params: types.LogMessageParams) -> None:
        made.logs.append(params.message)
        await wake()

    @client.feature(types.PROGRESS)
    async def progress(params: types.ProgressParams) -> None:
        made.progress.append((params.token, params.value))
        await wake()

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(_: types.RegistrationParams) -> None:
        return None

    @client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        return made.apply(params)

    @client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
    async def choose(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        client.messages.append(types.ShowMessageParams(params.type, params.message))
        made.questions.append(params.message)
        await asyncio.sleep(made.thinks)
        title = made.choices.pop(0) if made.choices else None
        return None if title is None else types.MessageActionItem(title)

    @client.feature("tokenward/passphrase")
    def passphrase(_: Any) -> dict[str, str | None]:
        return {"passphrase": made.passphrases.pop(0) if made.passphrases else None}

    keep_secrets(client, made.secrets, lambda: made.before_store and made.before_store())


def _path(uri: str) -> Path:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415

    return Path(unquote(urlsplit(uri).path))
