"""Inlay hints: when tokens expire and leases end, and when the client must request them again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import tokens
from lsp_client import PATIENCE, Editor, editor
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.model import Fingerprint, Reference

HOUR = 3_600
TOKEN = Reference("acme-api", "TOKEN")
FOREVER = Reference("acme-api", "FOREVER")
FOREIGN = Reference("elsewhere", "TOKEN")
CLIENTS = [
    pytest.param("vscode-1.139", None, id="VS Code, UTF-16"),
    pytest.param("neovim-0.10", "utf-8", id="Neovim, UTF-8"),
]


@pytest.fixture
def stored(absent: dict[str, str], folder: Path) -> dict[str, str]:
    """The environment of a user with two tokens on record, one of them for eight hours."""
    data = Path(absent["HOME"], ".local/share/tokenward")
    Bindings(data / "custody.db").bind("acme-api", folder)
    for reference in (TOKEN, FOREVER, FOREIGN):
        Entries(data / "custody.db").add(reference, Fingerprint("0" * 32), "")
    lease(absent, 8 * HOUR + 60)
    return absent


def lease(environment: dict[str, str], seconds: int) -> None:
    """Permit uses of TOKEN for this long from now."""
    data = Path(environment["HOME"], ".local/share/tokenward")
    leases = Leases(data / "custody.db", Sessions(data / "sessions.alive"))
    leases.grant(TOKEN, Lease(expires=leases.moment().now + seconds))


def jwt(seconds: int) -> str:
    return tokens.jwt({"iss": "acme", "exp": int(time.time()) + seconds})


def refreshes(announced: types.ClientCapabilities) -> None:
    assert announced.workspace is not None
    announced.workspace.inlay_hint = types.InlayHintWorkspaceClientCapabilities(refresh_support=True)


async def hints_of(one: Editor, uri: str, first: int = 0, last: int = 1_000) -> list[types.InlayHint]:
    where = types.Range(types.Position(first, 0), types.Position(last, 0))
    params = types.InlayHintParams(types.TextDocumentIdentifier(uri), where)
    return list(await one.client.text_document_inlay_hint_async(params) or ())


def shown(one: Editor, uri: str, hints: Sequence[types.InlayHint]) -> list[tuple[str, str]]:
    """Return each hint with the text before it in its line."""
    starts = [types.Position(hint.position.line, 0) for hint in hints]
    before = [
        one.slice(uri, types.Range(start, hint.position)) for start, hint in zip(starts, hints, strict=True)
    ]
    return [(text, str(hint.label)) for text, hint in zip(before, hints, strict=True)]


class Listener:
    """A client that receives requests to refresh its hints."""

    def __init__(self, one: Editor) -> None:
        self.times: list[float] = []
        self._news = asyncio.Event()

        @one.client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
        def refresh(_: Any) -> None:
            self.times.append(time.monotonic())
            self._news.set()

    async def heard(self) -> None:
        """Wait for one more request."""
        await asyncio.wait_for(self._news.wait(), PATIENCE)
        self._news.clear()


@pytest.mark.parametrize(("client", "encoding"), CLIENTS)
async def test_a_hint_stands_behind_each_token_and_reference_whose_end_is_known(
    stored: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """This holds after any text, for the requested range only, and never with a value."""
    uri = (folder / ".env").as_uri()
    soon, gone = jwt(3 * HOUR + 60), jwt(-HOUR)
    lines = [
        f"É😀='{soon}' # 😀",
        f"B={gone}",
        f"C={tokens.github()}",
        f"😀='{TOKEN}' # {FOREVER}",
        f"D={FOREIGN}",
    ]
    async with editor(stored, folder, client=client, encoding=encoding) as one:
        one.open(uri, "\r\n".join(lines), "dotenv")
        assert len(await one.diagnostics(uri)) == 3
        hints = await hints_of(one, uri)
        assert shown(one, uri, hints) == [
            (f"É😀='{soon}", "expires in 3 hours"),
            (f"B={gone}", "expired"),
            (f"😀='{TOKEN}", "lease ends in 8 hours"),
        ]
        assert [str(hint.tooltip).partition(" on 20")[0] for hint in hints] == [
            "This token expires",
            "This token expired",
            "The lease of TOKEN ends",
        ]
        assert shown(one, uri, await hints_of(one, uri, 1, 2)) == [(f"B={gone}", "expired")]
        assert await hints_of(one, (folder / "other").as_uri()) == []
        assert soon not in repr(hints)


async def test_a_client_is_asked_to_ask_again_when_what_it_was_told_is_no_longer_so(
    stored: dict[str, str], folder: Path
) -> None:
    """After a change of a lease, a setting or the findings, and when a token expires; once a second at most."""
    uri, settings = (folder / ".env").as_uri(), Path(stored["HOME"], ".config/tokenward/config.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)
    async with editor(stored, folder, alter=refreshes) as one:
        listener = Listener(one)
        one.open(uri, f"A={TOKEN}\n", "dotenv")
        await one.diagnostics(uri)
        assert [hint.label for hint in await hints_of(one, uri)] == ["lease ends in 8 hours"]
        lease(stored, 2 * HOUR + 60)
        one.retell(uri)
        await listener.heard()
        assert [hint.label for hint in await hints_of(one, uri)] == ["lease ends in 2 hours"]
        settings.write_text("expiry-hints = false\n")
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await listener.heard()
        assert await hints_of(one, uri) == []
        settings.write_text("")
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await listener.heard()
        assert len(await hints_of(one, uri)) == 1
        one.change(uri, (1, 0), (1, 0), f"B={jwt(5)}\n")
        while "expired" not in [hint.label for hint in await hints_of(one, uri)]:
            await listener.heard()
        gaps = [later - sooner for sooner, later in zip(listener.times, listener.times[1:], strict=False)]
        assert len(gaps) >= 3
        assert min(gaps) > 0.9
