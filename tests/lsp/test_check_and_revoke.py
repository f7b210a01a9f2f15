"""Checks with a provider from an editor: nothing is sent before its host is approved, and the editor never waits."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import tokens
from lsp_client import PATIENCE, Editor, editor
from provider import Provider, token, use_rules

TOKEN = token("lsp")
CHECK, REVOKE, PAGE = (
    "Check whether this token still works",
    "Revoke this token…",
    "Open the provider's page to revoke this token",
)


@pytest.fixture
def user(absent: dict[str, str], acme: Provider) -> dict[str, str]:
    """A user without a keyring whose rule file leads to the provider."""
    use_rules(absent, acme.rules())
    return absent


def recorded(environment: dict[str, str]) -> list[str]:
    path = Path(environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        # What a server finds is recorded some seconds later.
        query = "SELECT event FROM records WHERE event != 'found' ORDER BY id"
        return [event for (event,) in connection.execute(query)]


async def opened(one: Editor, uri: str, text: str | None = None) -> dict[str, types.CodeAction]:
    """Open a text with one token and return its actions, by title."""
    one.open(uri, text or f'KEY = "{TOKEN}"\n')
    found = await one.diagnostics(uri)
    return {action.title: action for action in await one.actions(uri, found[0])}


def without(ability: str) -> Callable[[types.ClientCapabilities], None]:
    def alter(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.window is not None
        setattr(capabilities.window, ability, None)

    return alter


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "works: 127.0.0.1:"),
        (401, "does not work: "),
        (500, "could not find out whether the"),
    ],
)
async def test_a_token_is_checked_after_a_yes(
    user: dict[str, str], folder: Path, acme: Provider, status: int, said: str
) -> None:
    acme.answers["/check"] = status
    async with editor(user, folder) as one:
        offered = await opened(one, (folder / "app.py").as_uri())
        one.choices = [f"Ask {acme.host} (without encryption)"]
        await one.run(offered[CHECK])
        message = await one.told(said)
        question = one.messages[0]
    assert f"be sent to {acme.host} (without encryption) and nowhere else" in question
    assert TOKEN not in question + message
    assert acme.paths() == ["/check"]
    assert recorded(user) == ["checked"]


@pytest.mark.parametrize("answers", [[], ["Ask api.example.com"], [None]])
async def test_without_a_yes_nothing_is_sent(
    user: dict[str, str], folder: Path, acme: Provider, answers: list[str | None]
) -> None:
    async with editor(user, folder) as one:
        offered = await opened(one, (folder / "app.py").as_uri())
        for title in (CHECK, REVOKE):
            one.choices = list(answers)
            await one.run(offered[title])
        one.choices = [f"Revoke at {acme.host} (without encryption)", "no"]
        await one.run(offered[REVOKE])
    assert acme.requests == []
    assert recorded(user) == []


async def test_a_revocation_needs_two_yeses_and_says_where_the_token_stands(
    unlocked: dict[str, str], folder: Path, acme: Provider
) -> None:
    """The diagnostic stays, because the dead value does; the reference in the keyring is named."""
    use_rules(unlocked, acme.rules())
    (folder / "other.env").write_text(f"OTHER={TOKEN}\n")
    async with editor(unlocked, folder) as one:
        await one.shown(folder / "other.env", 1)
        moved = (folder / "moved.env").as_uri()
        offered = await opened(one, moved, f"ACME_KEY={TOKEN}\n")
        await one.run(next(action for title, action in offered.items() if title.startswith("Move this")))
        await one.told("Moved the")
        assert await one.pull(moved) == []
        uri = (folder / "app.py").as_uri()
        offered = await opened(one, uri)
        one.choices = [f"Revoke at {acme.host} (without encryption)", "Revoke it for good"]
        await one.run(offered[REVOKE])
        message = await one.told(" revoked the ")
        assert "It is still in app.py and other.env; delete it there." in message
        assert "keyring://acme-api/ACME_KEY now resolves to a dead token" in message
        assert "cannot be undone" in one.messages[-2]
        assert len(await one.pull(uri)) == 1
    assert acme.paths() == ["/check", "/revoke"]
    assert recorded(unlocked)[-2:] == ["revocation_started", "revoked"]


async def test_typing_goes_on_while_a_provider_keeps_silent_and_the_question_can_be_cancelled(
    user: dict[str, str], folder: Path, acme: Provider
) -> None:
    use_rules(user, acme.rules(check="/hang"))
    async with editor(user, folder) as one:
        uri = (folder / "app.py").as_uri()
        offered = await opened(one, uri)
        choice = f"Ask {acme.host} (without encryption)"
        one.choices = [choice, choice]
        request = asyncio.create_task(one.run(offered[CHECK]))
        await until(lambda: len(acme.requests) == 1)
        await one.run(offered[CHECK])
        assert "already running" in one.messages[-1]
        other = (folder / "typed.py").as_uri()
        one.open(other, f'A = "{tokens.github()}"\n')
        assert len(await one.diagnostics(other)) == 1
        await until(
            lambda: any(
                choice == getattr(value, "title", "") or choice in str(value) for _, value in one.progress
            )
        )
        number = next(number for number, value in one.progress if choice in str(value))
        one.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(number))
        await asyncio.wait_for(request, PATIENCE)
        assert "could not find out whether" in await one.told("it was cancelled")
    assert acme.paths() == ["/hang"]


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110 - the provider is a thread
            await asyncio.sleep(0.01)


async def test_a_session_ends_while_a_provider_keeps_silent_and_the_next_one_tells(
    user: dict[str, str], folder: Path, acme: Provider
) -> None:
    """A revocation that was sent before the editor exited may have happened."""
    use_rules(user, acme.rules(revoke="/hang"))
    async with editor(user, folder) as one:
        offered = await opened(one, (folder / "app.py").as_uri())
        one.choices = [f"Revoke at {acme.host} (without encryption)", "Revoke it for good"]
        request = asyncio.create_task(one.run(offered[REVOKE]))
        await until(lambda: acme.paths() == ["/check", "/hang"])
        assert one.client._server is not None
        one.client._server.kill()
        request.cancel()
    assert recorded(user) == ["revocation_started"]
    async with editor(user, folder) as one:
        message = await one.told("was interrupted")
        assert acme.host in message
        assert TOKEN not in message
    assert recorded(user) == ["revocation_started", "revocation_unknown"]


async def test_an_editor_that_cannot_ask_names_the_command(
    user: dict[str, str], folder: Path, acme: Provider
) -> None:
    async with editor(user, folder, alter=without("show_message")) as one:
        offered = await opened(one, (folder / "app.py").as_uri())
        await one.run(offered[CHECK])
        await one.told("use `tokenward check FILE:LINE`")
        await one.run(offered[REVOKE])
        await one.told("use `tokenward revoke FILE:LINE`")
    assert acme.requests == []


async def test_a_changed_document_is_not_asked_about(
    user: dict[str, str], folder: Path, acme: Provider
) -> None:
    async with editor(user, folder) as one:
        uri = (folder / "app.py").as_uri()
        offered = await opened(one, uri)
        one.replace(uri, "KEY = 1\n")
        one.choices = [f"Ask {acme.host} (without encryption)"]
        await one.run(offered[CHECK])
        await one.told("choose the action again")
    assert acme.requests == []


async def test_hostile_arguments_are_refused(user: dict[str, str], folder: Path, acme: Provider) -> None:
    async with editor(user, folder) as one:
        uri = (folder / "app.py").as_uri()
        offered = await opened(one, uri)
        command = offered[CHECK].command
        assert command is not None
        assert command.arguments is not None
        good = command.arguments[0]
        one.choices = [f"Ask {acme.host} (without encryption)"] * 9
        bad: Any
        for bad in (
            None,
            [],
            {},
            {**good, "fingerprint": "0" * 32},
            {**good, "line": 99},
            {**good, "line": None},
        ):
            for name in ("check", "revoke", "openPage"):
                params = types.ExecuteCommandParams(f"tokenward.server.{name}", [bad])
                with contextlib.suppress(JsonRpcException):
                    await one.client.workspace_execute_command_async(params)
        assert await one.diagnostics(uri)
    assert acme.requests == []


@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
async def test_what_is_offered_is_what_the_provider_allows(
    absent: dict[str, str], folder: Path, client: str
) -> None:
    """Last in the list and never preferred."""
    async with editor(absent, folder, client=client) as one:
        for name, value, last in (
            ("a.py", tokens.github(), [CHECK, REVOKE]),
            ("b.py", tokens.anthropic(), [CHECK, PAGE]),
        ):
            offered = await opened(one, (folder / name).as_uri(), f'KEY = "{value}"\n')
            assert list(offered)[-2:] == last
            assert not any(offered[title].is_preferred for title in last)


async def test_the_page_is_opened_by_the_editor_or_told(absent: dict[str, str], folder: Path) -> None:
    text = f'KEY = "{tokens.anthropic()}"\n'
    async with editor(absent, folder) as one:
        offered = await opened(one, (folder / "app.py").as_uri(), text)
        await one.run(offered[PAGE])
        (shown,) = one.client.shown_documents
        assert shown.external
        assert shown.uri.startswith("https://")
        assert one.messages == []
    async with editor(absent, folder, alter=without("show_document")) as one:
        offered = await opened(one, (folder / "app.py").as_uri(), text)
        await one.run(offered[PAGE])
        assert shown.uri in await one.told("Revoke the token at https://")
        assert one.client.shown_documents == []
