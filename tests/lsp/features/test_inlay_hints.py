"""Inlay hints: when tokens expire, and when the client must request them again."""

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

HOUR = 3_600
CLIENTS = [
    pytest.param("vscode-1.139", None, id="VS Code, UTF-16"),
    pytest.param("neovim-0.10", "utf-8", id="Neovim, UTF-8"),
]


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
async def test_a_hint_stands_behind_each_token_whose_end_is_known(
    absent: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """This holds after any text, for the requested range only, and never with a value."""
    uri = (folder / ".env").as_uri()
    soon, gone = jwt(3 * HOUR + 60), jwt(-HOUR)
    lines = [
        f"É😀='{soon}' # 😀",
        f"B={gone}",
        f"C={tokens.github()}",
        "D=keyring://acme-api/TOKEN",
    ]
    async with editor(absent, folder, client=client, encoding=encoding) as one:
        one.open(uri, "\r\n".join(lines), "dotenv")
        assert len(await one.diagnostics(uri)) == 3
        hints = await hints_of(one, uri)
        assert shown(one, uri, hints) == [
            (f"É😀='{soon}", "expires in 3 hours"),
            (f"B={gone}", "expired"),
        ]
        assert [str(hint.tooltip).partition(" on 20")[0] for hint in hints] == [
            "This token expires",
            "This token expired",
        ]
        assert shown(one, uri, await hints_of(one, uri, 1, 2)) == [(f"B={gone}", "expired")]
        assert await hints_of(one, (folder / "other").as_uri()) == []
        assert soon not in repr(hints)


async def test_a_client_is_asked_to_ask_again_when_what_it_was_told_is_no_longer_so(
    absent: dict[str, str], folder: Path
) -> None:
    """After a change of a setting or the findings, and when a token expires; once a second at most."""
    uri, settings = (folder / ".env").as_uri(), Path(absent["HOME"], ".config/tokenward/config.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)
    async with editor(absent, folder, alter=refreshes) as one:
        listener = Listener(one)
        one.open(uri, f"A={jwt(8 * HOUR + 60)}\n", "dotenv")
        await one.diagnostics(uri)
        assert [hint.label for hint in await hints_of(one, uri)] == ["expires in 8 hours"]
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
        assert len(gaps) >= 2
        assert min(gaps) > 0.9
