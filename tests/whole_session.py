"""A whole editor session: documents, requests, and every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lsprotocol import types

import tokens
from lsp_client import Editor, editor
from tokenward.names import (
    COMMAND_AGENTS,
    COMMAND_AGENTS_CHECK,
    COMMAND_AGENTS_PROTECT,
    COMMAND_AGENTS_UNDO,
    COMMAND_CHECK,
    COMMAND_COPY_FOR_AI,
    COMMAND_DELETE,
    COMMAND_ENTER,
    COMMAND_FIND,
    COMMAND_FINISH,
    COMMAND_FORGET,
    COMMAND_IGNORE,
    COMMAND_IGNORE_IN_WORKSPACE,
    COMMAND_LEASE,
    COMMAND_MOVE,
    COMMAND_MOVE_ALL,
    COMMAND_PAGE,
    COMMAND_RENAME,
    COMMAND_REVOKE,
    COMMAND_REVOKE_SEEN,
    COMMAND_SCAN,
    COMMAND_STORE,
    COMMAND_STORE_ASIDE,
    METHOD_LAUNCH,
    METHOD_PASTE,
    METHOD_PASTE_STORE,
    METHOD_REPORT,
    METHOD_TERMINAL_DATA,
    METHOD_TOKENS,
    TERMINAL_SCHEME,
)

UNANSWERED = [COMMAND_CHECK, COMMAND_REVOKE, COMMAND_PAGE]
"""Commands that ask the user first; this client gives no answer."""
ANSWERED = [COMMAND_IGNORE, COMMAND_IGNORE_IN_WORKSPACE, COMMAND_STORE_ASIDE, COMMAND_MOVE]
LINES = {
    f"{name.upper().replace('-', '_')}_TOKEN": made("net") for name, made in tokens.ONE_LINE_MAKERS.items()
}
AWS_ID, AWS_SECRET = tokens.aws("net")
OTHERS = {
    "AWS_ACCESS_KEY_ID": AWS_ID,
    "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
    "SESSION": tokens.jwt({"iss": "https://id.example.com", "exp": 1_700_000_000, "sub": "a"}, "net"),
}
TEXTS = {
    "app.py": ("python", "".join(f'{name} = "{value}"\n' for name, value in {**LINES, **OTHERS}.items())),
    "server.ts": ("typescript", f'const token = "{tokens.github("ts")}";\n'),
    "keys.json": ("json", json.dumps({**LINES, **OTHERS, "key": tokens.private_key("net")}, indent=1)),
    "config.yaml": ("yaml", "".join(f"{name}: {value}\n" for name, value in LINES.items())),
    "deploy.sh": (
        "shellscript",
        f"curl -H 'Authorization: Bearer {tokens.npm('sh')}' https://api.example.com\n",
    ),
    "remote.txt": ("plaintext", f"https://me:{tokens.gitlab('url')}@git.example.com/a.git\n"),
    "id_rsa": ("plaintext", tokens.private_key("file")),
    "plain.env": ("dotenv", "".join(f"{name}={value}\n" for name, value in {**LINES, **OTHERS}.items())),
}


async def use_editor(environment: dict[str, str], folder: Path, client: str) -> set[str]:
    """Open all texts and a notebook, inspect every finding and run every action; return the commands that ran."""
    ran = {COMMAND_SCAN}
    async with editor(environment, folder, client=client, configuration={"genericTokens": "warning"}) as one:
        uris = [open_document(one, folder, name) for name in TEXTS] + [open_notebook(one, folder)]
        for uri in uris:
            offered = await look_at_all(one, uri)
            for command in offered.keys() & UNANSWERED:
                await one.run(offered[command])
                ran.add(command)
        for uri in uris:
            for command in ANSWERED:
                if await act(one, uri, command):
                    ran.add(command)
        ran.add(await move_all(one, (folder / "app.py").as_uri()))
        await one.told("api.github.com")
        ran |= await use_terminal(one, folder)
        while await act(one, (folder / "plain.env").as_uri(), COMMAND_MOVE):
            pass
        assert "keyring://" in one.buffers[(folder / "plain.env").as_uri()].text
        ran.add(await limit_a_lease(one, (folder / "plain.env").as_uri()))
        ran |= await use_stored_tokens(one, folder)
        ran |= await keep_from_agents(one, (folder / "plain.env").as_uri())
        await look_at_folder(one, folder)
    return ran


def open_document(one: Editor, folder: Path, name: str) -> str:
    uri, (language, text) = (folder / name).as_uri(), TEXTS[name]
    one.open(uri, text, language)
    return uri


def open_notebook(one: Editor, folder: Path) -> str:
    notebook, text = (folder / "n.ipynb").as_uri(), f'key = "{tokens.stripe("cell")}"\n'
    return one.open_cell(notebook, text)


async def look_at_all(one: Editor, uri: str) -> dict[str, types.CodeAction]:
    """Hover over all findings of a document, and return the first action with each command."""
    offered: dict[str, types.CodeAction] = {}
    found = await one.diagnostics(uri)
    assert found, uri
    for diagnostic in found:
        where = diagnostic.range.start
        assert await one.hover(uri, where.line, where.character)
        actions = await one.actions(uri, diagnostic)
        assert actions
        for action in actions:
            if action.command is not None:
                offered.setdefault(action.command.command, action)
    return offered


async def act(one: Editor, uri: str, command: str) -> bool:
    """Run a document's first action with a command; return whether there was one."""
    for diagnostic in await one.diagnostics(uri):
        for action in await one.actions(uri, diagnostic):
            if action.command is not None and action.command.command == command:
                await one.run(action)
                return True
    return False


async def move_all(one: Editor, uri: str) -> str:
    """Move all tokens of a document and return the command."""
    one.choices[:] = ["Move"]
    argument = {"uri": uri, "version": one.buffers[uri].version, "scope": "file"}
    params = types.ExecuteCommandParams(COMMAND_MOVE_ALL, [argument])
    await one.client.workspace_execute_command_async(params)
    return COMMAND_MOVE_ALL


async def limit_a_lease(one: Editor, uri: str) -> str:
    """Run the first action on the first reference of a document and return its command."""
    lines = one.buffers[uri].text.split("\n")
    line = next(number for number, text in enumerate(lines) if "keyring://" in text)
    place = types.Position(line, lines[line].index("keyring://") + 1)
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(uri), types.Range(place, place), types.CodeActionContext([])
    )
    first: Any
    (first, *_) = await one.client.text_document_code_action_async(params) or ()
    command, arguments = first["command"]["command"], first["command"]["arguments"]
    await one.client.workspace_execute_command_async(types.ExecuteCommandParams(command, arguments))
    assert command == COMMAND_LEASE
    return str(command)


async def use_stored_tokens(one: Editor, folder: Path) -> set[str]:
    """Use references, pastes, debuggers and the list of tokens; return the commands that ran."""
    uri = (folder / "plain.env").as_uri()
    lines = one.buffers[uri].text.split("\n")
    line = next(number for number, text in enumerate(lines) if "keyring://" in text)
    document = types.TextDocumentIdentifier(uri)
    position = types.Position(line, lines[line].index("keyring://") + 10)
    whole = types.Range(types.Position(0, 0), types.Position(len(lines), 0))
    client = one.client
    assert await client.text_document_completion_async(types.CompletionParams(document, position))
    await client.text_document_definition_async(types.DefinitionParams(document, position))
    await client.text_document_inlay_hint_async(types.InlayHintParams(document, whole))
    end = {"line": len(lines) - 1, "character": len(lines[-1])}
    pasted = {
        "uri": uri,
        "version": one.buffers[uri].version,
        "ranges": [{"start": end, "end": end}],
        "text": f"PASTED={tokens.github('pasted')}",
    }
    assert await one.ask(METHOD_PASTE, pasted)
    assert await one.ask(METHOD_PASTE_STORE, pasted)
    (reference, other, *_) = [token["reference"] for token in (await one.ask(METHOD_TOKENS, {}))["tokens"]]
    start = {"uri": folder.as_uri(), "env": {"A": reference}, "envFiles": [], "args": [], "program": None}
    assert (await one.ask(METHOD_LAUNCH, start))["changed"]
    assert (await one.ask(METHOD_REPORT, {}))["html"]
    argument = {"reference": reference, "name": "RENAMED"}
    step = {"program": "git", "reference": reference, "own": "A", "url": "https://git.example.com"}
    ran = {COMMAND_FINISH: {"steps": [step]}, COMMAND_CHECK: argument, COMMAND_REVOKE: argument}
    ran |= {COMMAND_RENAME: argument, COMMAND_DELETE: {"reference": other}}
    for command, given in ran.items():
        one.choices[:] = ["Delete permanently"] if command == COMMAND_DELETE else []
        await one.client.workspace_execute_command_async(types.ExecuteCommandParams(command, [given]))
    await one.told("to RENAMED.")
    left = {token["reference"] for token in (await one.ask(METHOD_TOKENS, {}))["tokens"]}
    assert not {reference, other} & left
    return {*ran}


async def keep_from_agents(one: Editor, uri: str) -> set[str]:
    """Store a token, run every command about AI agents, of which the user has none, and return the commands."""
    start = {"line": 0, "character": 0}
    ranges = [{"start": start, "end": {"line": 1, "character": 0}}]
    copied = {"uri": uri, "version": one.buffers[uri].version, "ranges": ranges}
    changing = (COMMAND_AGENTS_PROTECT, COMMAND_AGENTS_UNDO, COMMAND_REVOKE_SEEN)
    commands = (COMMAND_AGENTS, COMMAND_AGENTS_CHECK, *changing)
    entered = {"uri": uri, "name": "ENTERED"}
    one.passphrases[:] = ["the value"]
    arguments = {**{command: {} for command in commands}, COMMAND_COPY_FOR_AI: copied, COMMAND_ENTER: entered}
    for command, given in arguments.items():
        await one.client.workspace_execute_command_async(types.ExecuteCommandParams(command, [given]))
    return {*arguments}


async def use_terminal(one: Editor, folder: Path) -> set[str]:
    """Let a terminal print a token and run every action on it; return the commands that ran."""
    printed = {"terminal": "1", "execution": "1", "name": "sh", "cwd": str(folder), "commandLine": "env"}
    one.client.protocol.notify(METHOD_TERMINAL_DATA, {**printed, "data": f"A={tokens.github('printed')}\r\n"})
    known: dict[str, str] = {}
    while one.pulls and not any(uri.startswith(TERMINAL_SCHEME) for uri in known):
        known |= {report.uri: report.result_id for report in await one.pull_workspace(known)}
    if not one.pulls:
        await one.heard(lambda published: published.uri.startswith(TERMINAL_SCHEME))
    uris = {*known, *(published.uri for published in one.published)}
    (uri,) = [uri for uri in uris if uri.startswith(TERMINAL_SCHEME)]
    ran = set()
    for command in (COMMAND_STORE, COMMAND_FIND, COMMAND_CHECK, COMMAND_FORGET):
        for action in await terminal_actions(one, uri):
            if action.command is not None and action.command.command == command:
                await one.run(action)
                ran.add(command)
    return ran


async def terminal_actions(one: Editor, uri: str) -> list[types.CodeAction]:
    found = await one.pull(uri) if one.pulls else list((await one.heard(lambda p: p.uri == uri)).diagnostics)
    return [action for diagnostic in found for action in await one.actions(uri, diagnostic)]


async def look_at_folder(one: Editor, folder: Path) -> None:
    """Rescan, write a token to disk, and change settings."""
    await one.client.workspace_execute_command_async(types.ExecuteCommandParams(COMMAND_SCAN))
    await one.told("Scanned ")
    new = folder / "new.env"
    new.write_text(f"A={tokens.npm('new')}\n")
    if one.pulls:
        await pulled(one, new.as_uri())
    else:
        await one.shown(new, 1)
    one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"tokenward": {}}))
    for uri in list(one.buffers):
        if "notebook" not in uri:
            await one.diagnostics(uri)
            one.close(uri)


async def pulled(one: Editor, uri: str) -> None:
    """Wait until the server reports a file; it holds each workspace pull until something changes."""
    known: dict[str, str] = {}
    while uri not in known:
        for report in await one.pull_workspace(known):
            known[report.uri] = report.result_id
