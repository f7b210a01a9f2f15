"""Recordings of what the language server answers to the same script by an editor that pulls and one that does not."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

import sample_workspace
from goldens.golden import Golden, Place
from goldens.normal import Normaliser, in_json, planted, section
from lsp_client import FIXTURES, PATIENCE, Editor, converter, editor
from raw_client import RawClient
from tokenward import names

TOKENS = planted("server")
TEXTS = {
    "tool.ts": (
        "typescript",
        f'const token = "{TOKENS["GITHUB"]}";\nconst again = `${{"{TOKENS["GITHUB"]}"}}`;\n',
    ),
    "values.yaml": ("yaml", f"npm_token: {TOKENS['NPM']}\nslack:\n  token: '{TOKENS['SLACK']}'\n"),
    "deploy.sh": (
        "shellscript",
        f"curl -H 'Authorization: Bearer {TOKENS['GITLAB']}' https://api.example.com\n",
    ),
    "notes.txt": ("plaintext", f"https://me:{TOKENS['GITLAB']}@git.example.com/a.git\n"),
}
LANGUAGES = {".py": "python", ".json": "json", ".env": "dotenv"}
CLIENTS = ("vscode-1.139", "neovim-0.10")


class Transcript:
    """What an editor sends to a server in words, and what it gets."""

    def __init__(self, one: Editor) -> None:
        self._one = one
        self._edited = 0
        self.parts: list[str] = []

    def add(self, title: str, *answers: Any) -> None:
        """Add a step with its answers, and the edits that the server has asked for since the last."""
        one, lines = self._one, [in_json(_plain(answer)) for answer in answers]
        lines += [f"edit: {in_json(_plain(edit))}" for edit in one.edits[self._edited :]]
        self._edited = len(one.edits)
        self.parts.append(section(title, lines))

    async def look(self, name: str, uri: str) -> list[types.Diagnostic]:
        """Add a document's diagnostics, with the hover and the actions of each."""
        found = sorted(
            await self._one.diagnostics(uri),
            key=lambda one: (one.range.start.line, one.range.start.character),
        )
        self.add(f"diagnostics of {name}", *found)
        for number, diagnostic in enumerate(found, 1):
            where = diagnostic.range.start
            self.add(f"hover {number} of {name}", await self._one.hover(uri, where.line, where.character))
            offered = [_plain(action) for action in await self._one.actions(uri, diagnostic)]
            self.add(f"actions {number} of {name}", *({**one, "diagnostics": "…"} for one in offered))
        return found

    async def ask(self, title: str, method: str, params: Any) -> Any:
        """Add a request by its method, with its answer."""
        if method in types.METHOD_TO_TYPES:
            params = converter().structure(params, types.METHOD_TO_TYPES[method][2])
        answer = await self._one.ask(method, params)
        self.add(title, answer)
        return answer

    async def run(self, title: str, command: str, argument: Any) -> None:
        """Add a command, with its answer."""
        await self.ask(title, types.WORKSPACE_EXECUTE_COMMAND, {"command": command, "arguments": [argument]})


def _plain(value: Any) -> Any:
    return converter().unstructure(value) if hasattr(value, "__attrs_attrs__") else value


async def _act(transcript: Transcript, one: Editor, uri: str, command: str) -> None:
    """Run a document's first action with a command."""
    for diagnostic in await one.diagnostics(uri):
        for action in await one.actions(uri, diagnostic):
            if action.command is not None and action.command.command == command:
                transcript.add(f"run {action.title}", await one.result(action))
                return
    transcript.add(f"no action with {command}")


async def _alone(one: Editor, uri: str) -> None:
    """Wait until a document's diagnostics name no other place, which the server tells a while after it is moved."""
    async with asyncio.timeout(PATIENCE):
        while any(found.related_information for found in await one.diagnostics(uri)):  # noqa: ASYNC110 - it pulls
            await asyncio.sleep(0.05)


async def _session(client: str, place: Place, normal: Normaliser) -> str:
    folder = place.folder / "sample"
    for name, token in sample_workspace.make(folder).items():
        normal.learn(name.upper(), token)
    async with editor(
        place.environment, folder, client=client, configuration={"genericTokens": "warning"}
    ) as one:
        script = Transcript(one)
        paths = {path.name: path for path in sample_workspace.files(folder) if path.name != ".gitignore"}
        uris = {name: path.as_uri() for name, path in paths.items()}
        for name, path in paths.items():
            one.open(
                uris[name], path.read_text("utf-8"), LANGUAGES.get(path.suffix or path.name, "plaintext")
            )
            await script.look(name, uris[name])
        for name, (language, text) in TEXTS.items():
            uris[name] = (folder / name).as_uri()
            one.open(uris[name], text, language)
            await script.look(name, uris[name])
        cell = one.open_cell((folder / "n.ipynb").as_uri(), f'key = "{TOKENS["STRIPE"]}"\n')
        await script.look("a cell", cell)
        await _change(script, one, uris)
        await _move(script, one, uris, folder)
        await _use(script, one, uris, folder)
    # The server may show one after it has answered.
    return "".join([*script.parts, section("messages", sorted(one.messages))])


async def _change(script: Transcript, one: Editor, uris: dict[str, str]) -> None:
    uri = uris["app.py"]
    one.change(uri, (0, 0), (0, 0), "# é😀\n")
    script.add("diagnostics after a new first line", *await one.diagnostics(uri))
    lines = len(one.buffers[uri].text.split("\n"))
    one.change(uri, (lines - 1, 0), (lines - 1, 0), f'MORE = "{TOKENS["SENDGRID"]}"\n')
    script.add("diagnostics after a new last line", *await one.diagnostics(uri))
    if not one.pulls:
        # Neovim asks for neither of the following.
        return
    document = {"textDocument": {"uri": uri}}
    await script.ask("code lenses of app.py", types.TEXT_DOCUMENT_CODE_LENS, document)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": lines, "character": 0}}
    await script.ask("inlay hints of app.py", types.TEXT_DOCUMENT_INLAY_HINT, {**document, "range": whole})


async def _move(script: Transcript, one: Editor, uris: dict[str, str], folder: Path) -> None:
    for name in ("app.py", "tool.ts", "values.yaml", "deploy.sh"):
        await _act(script, one, uris[name], names.COMMAND_MOVE)
        script.add(f"{name} after its move", one.buffers[uris[name]].text.splitlines())
        script.add(f"diagnostics of {name}", *await one.diagnostics(uris[name]))
    script.add(".env after the moves", one.buffers[uris[".env"]].text.splitlines())
    await _alone(one, uris["notes.txt"])
    await _act(script, one, uris["notes.txt"], names.COMMAND_IGNORE)
    script.add("notes.txt after it is ignored", *await one.diagnostics(uris["notes.txt"]))
    one.choices[:] = ["Move"]
    uri = uris["settings.json"]
    argument = {"uri": uri, "version": one.buffers[uri].version, "scope": "file"}
    await script.run("move all of settings.json", names.COMMAND_MOVE_ALL, argument)
    for name, uri in uris.items():
        path = folder / name
        one.save(uri, path)
        one.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
    script.add("diagnostics of app.py after saving", *await one.diagnostics(uris["app.py"]))


async def _use(script: Transcript, one: Editor, uris: dict[str, str], folder: Path) -> None:
    uri = uris[".env"]
    lines = one.buffers[uri].text.split("\n")
    line = next(number for number, text in enumerate(lines) if "keyring://" in text)
    place = {"line": line, "character": lines[line].index("keyring://") + 10}
    at = {"textDocument": {"uri": uri}, "position": place}
    for method in (
        types.TEXT_DOCUMENT_HOVER,
        types.TEXT_DOCUMENT_COMPLETION,
        types.TEXT_DOCUMENT_DEFINITION,
    ):
        await script.ask(f"{method} at a reference", method, at)
    actions = {**at, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    await script.ask("actions at a reference", types.TEXT_DOCUMENT_CODE_ACTION, actions)
    stored = await script.ask("tokens", names.METHOD_TOKENS, {})
    first, second, *_ = sorted(token["reference"] for token in stored["tokens"])
    start = {"uri": folder.as_uri(), "env": {"A": first}, "envFiles": [], "args": [], "program": None}
    await script.ask("launch", names.METHOD_LAUNCH, start)
    await script.run("rename", names.COMMAND_RENAME, {"reference": first, "name": "RENAMED"})
    one.choices[:] = ["Delete permanently"]
    await script.run("delete", names.COMMAND_DELETE, {"reference": second})
    end = {"line": 0, "character": 0}
    pasted = {"uri": uri, "version": one.buffers[uri].version, "ranges": [{"start": end, "end": end}]}
    await script.ask("paste", names.METHOD_PASTE, {**pasted, "text": f"PASTED={TOKENS['NPM']}"})
    await script.ask(
        "paste and store", names.METHOD_PASTE_STORE, {**pasted, "text": f"PASTED={TOKENS['STRIPE']}"}
    )
    await script.ask("tokens", names.METHOD_TOKENS, {})


def transcript(client: str, place: Place) -> str:
    """Return the transcript of one editor."""
    normal = Normaliser({place.folder: "WORKSPACE", place.environment["HOME"]: "HOME"})
    normal.learn_all(TOKENS)
    return normal(_announced(client, place) + asyncio.run(_session(client, place, normal)))


def _announced(client: str, place: Place) -> str:
    """Return what the server says of itself."""
    server = RawClient(place.environment, place.folder)
    abilities = json.loads((FIXTURES / "clients" / f"{client}.json").read_text("utf-8"))
    params = {"processId": None, "rootUri": None, "workspaceFolders": None, "capabilities": abilities}
    answer = server.request("initialize", params)
    server.close()
    return section("initialize", [json.dumps(answer, indent=1, sort_keys=True)])


GOLDENS = tuple(
    Golden(f"server-{client.partition('-')[0]}", partial(transcript, client)) for client in CLIENTS
)
