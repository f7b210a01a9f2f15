"""Leases in an editor: displayed, limited, reported when they expire, and ended with the session."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from lsp_client import PATIENCE, Editor, editor
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.model import Reference

TOKEN = Reference("acme-api", "TOKEN")
TEXT = f"TOKEN={TOKEN}\nOTHER=keyring://acme-api/OTHER\nFOREIGN=keyring://elsewhere/TOKEN\n"


def command(environment: dict[str, str], folder: Path, *words: str, given: str = "") -> str:
    run = [sys.executable, "-m", "tokenward.cli", *words]
    done = subprocess.run(
        run, cwd=folder, env=environment, input=given, text=True, check=False, capture_output=True
    )
    return done.stdout + done.stderr


def leases(environment: dict[str, str]) -> Leases:
    data = Path(environment["HOME"], ".local/share/tokenward")
    return Leases(data / "custody.db", Sessions(data / "sessions.alive"))


@pytest.fixture
def stored(unlocked: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment of a user with TOKEN stored."""
    assert "Stored" in command(unlocked, folder, "put", "TOKEN", given="the value")
    return unlocked


@contextlib.asynccontextmanager
async def opened(environment: dict[str, str], folder: Path) -> AsyncIterator[tuple[Editor, str]]:
    """An editor with the references open."""
    uri = (folder / ".env").as_uri()
    async with editor(environment, folder) as one:
        one.open(uri, TEXT, "dotenv")
        await one.diagnostics(uri)
        yield one, uri


async def actions(one: Editor, uri: str, line: int, only: list[str] | None = None) -> dict[str, Any]:
    """Return the code actions at a reference, by the limits that they set on its lease."""
    place = types.Position(line, 15)
    kinds: list[Any] | None = list(only) if only else None
    context = types.CodeActionContext([], only=kinds, trigger_kind=types.CodeActionTriggerKind.Invoked)
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(place, place), context)
    raw = await one.client.text_document_code_action_async(params)
    found = [one.client.protocol._converter.structure(action, types.CodeAction) for action in raw or ()]  # type: ignore[attr-defined]
    limits = [action for action in found if action.command and "limit" in action.command.arguments[0]]
    return {action.command.arguments[0]["limit"]: action for action in limits}


async def noted(one: Editor, uri: str, count: int) -> list[types.Diagnostic]:
    """Return the diagnostics of the references once there are this many; each change triggers a new check."""
    one.retell(uri)
    deadline = time.monotonic() + PATIENCE
    while len(found := [each for each in await one.diagnostics(uri) if each.code is None]) != count:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return found


async def test_a_lease_is_limited_by_an_action_and_told_by_the_hover(
    stored: dict[str, str], folder: Path
) -> None:
    async with opened(stored, folder) as (one, uri):
        offered = await actions(one, uri, 0)
        assert set(offered) == {"1h", "8h", "editor", "always"}
        assert offered["8h"].title == "Let TOKEN be used for 8 hours"
        await one.run(offered["8h"])
        await one.told("TOKEN may be used for 8 hours")
        await one.run(offered["always"])
        await one.told("You will be asked each time")
        assert set(await actions(one, uri, 0)) == {"1h", "editor"}
        hover = await one.hover(uri, 0, 15)
        text = str(hover.contents.value) if hover else ""  # type: ignore[union-attr]
    for words in (
        "**May be used**: until 20",
        "**Approval by a person**: each time",
        "stays in the keyring",
    ):
        assert words in text
    lease = leases(stored).all()[TOKEN]
    assert lease.expires is not None
    assert 7 * 3_600 < lease.expires - time.time() <= 8 * 3_600


async def test_actions_are_for_tokens_of_this_workspace_alone(stored: dict[str, str], folder: Path) -> None:
    async with opened(stored, folder) as (one, uri):
        assert await actions(one, uri, 1) == await actions(one, uri, 2) == {}
        assert await actions(one, uri, 0, ["quickfix"]) == {}
        assert set(await actions(one, uri, 0, ["refactor"])) == {"1h", "8h", "editor", "always"}


@pytest.mark.parametrize(
    "argument",
    [
        {},
        {"uri": 1, "reference": str(TOKEN), "limit": "1h"},
        {"reference": str(TOKEN), "limit": "999d"},
        {"reference": str(TOKEN), "limit": "never"},
        {"reference": "keyring://acme-api/TOKEN x", "limit": "1h"},
        {"reference": "keyring://elsewhere/TOKEN", "limit": "1h"},
    ],
)
async def test_a_command_that_is_no_action_of_ours_changes_nothing(
    stored: dict[str, str], folder: Path, argument: dict[str, Any]
) -> None:
    async with opened(stored, folder) as (one, uri):
        params = types.ExecuteCommandParams("tokenward.server.lease", [{"uri": uri, **argument}])
        await one.client.workspace_execute_command_async(params)
        assert len(one.messages) == 1
    assert not leases(stored).all()[TOKEN].is_limited


async def test_a_lease_that_is_over_is_noted_where_its_reference_stands(
    stored: dict[str, str], folder: Path
) -> None:
    async with opened(stored, folder) as (one, uri):
        command(stored, folder, "lease", "TOKEN", "--for", "1s")
        await asyncio.sleep(1.1)
        (found,) = await noted(one, uri, 1)
        assert one.slice(uri, found.range) == str(TOKEN)
        assert found.message.startswith("The lease of TOKEN has ended, because its time has run out")
        assert found.severity is types.DiagnosticSeverity.Information
        one.replace(uri, "TOKEN=1\n")
        assert await one.diagnostics(uri) == []


async def test_a_note_changes_at_the_moment_at_which_a_lease_ends(
    stored: dict[str, str], folder: Path
) -> None:
    async with opened(stored, folder) as (one, uri):
        command(stored, folder, "lease", "TOKEN", "--for", "10s")
        (soon,) = await noted(one, uri, 1)
        assert soon.message.startswith("The lease of TOKEN ends on 20")
        deadline = time.monotonic() + PATIENCE
        while not (said := (await one.diagnostics(uri))[0].message).startswith(
            "The lease of TOKEN has ended"
        ):
            assert time.monotonic() < deadline, said
            await asyncio.sleep(0.2)


async def test_an_editor_session_ends_with_the_editor(stored: dict[str, str], folder: Path) -> None:
    """Until then other programs may use the token; afterwards none may, and it stays in the keyring."""
    async with opened(stored, folder) as (one, uri):
        await one.run((await actions(one, uri, 0))["editor"])
        await one.told("until this editor session ends")
        assert command(stored, folder, "get", "TOKEN") == "the value\n"
    assert "has ended with its session" in command(stored, folder, "get", "TOKEN")
    assert lookup(stored) == "the value"


async def test_a_command_can_name_the_session_of_the_editor_beside_it(
    stored: dict[str, str], folder: Path
) -> None:
    async with opened(stored, folder) as (one, uri):
        await noted(one, uri, 0)
        said = command(stored, folder, "lease", "TOKEN", "--session", "editor")
        assert "until the editor session ends" in said
        tokens = json.loads(command(stored, folder, "list", "--format", "json"))["tokens"]
        assert tokens[0]["lease"]["over"] is None
    assert "ended: its session has ended" in command(stored, folder, "list")


def lookup(environment: dict[str, str]) -> str:
    query = ["secret-tool", "lookup", "service", TOKEN.service]
    return subprocess.run(query, env=environment, capture_output=True, text=True, check=False).stdout
