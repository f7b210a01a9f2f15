"""Code lenses: what can be done with a token, a stored token's reference, and one that resolves to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import tokens
from lsp_client import Editor, editor
from tokenward.names import COMMAND_ENTER, COMMAND_IGNORE, COMMAND_MOVE

TEXT = 'A = "{}"\nB = "keyring://acme-api/NEVER_STORED"\n'


async def lenses(one: Editor, uri: str) -> list[tuple[int, str]]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    found = await one.client.text_document_code_lens_async(params)
    return [(lens.range.start.line, lens.command.command) for lens in found or () if lens.command]


def asks_hidden(capabilities: Any) -> None:
    """Announce that the client can ask for a hidden value."""
    capabilities.experimental = {"tokenward": {"passphrase": True}}


@pytest.mark.asyncio
async def test_lenses_follow_the_text_without_a_second_request_and_can_be_turned_off(
    unlocked: dict[str, str], folder: Path
) -> None:
    """A request that comes before the scan is answered after it; a lens runs a command of a quick fix."""
    uri, settings = (folder / "app.py").as_uri(), Path(unlocked["HOME"], ".config/tokenward/config.toml")
    async with editor(unlocked, folder, alter=asks_hidden) as one:
        one.open(uri, TEXT.format(tokens.github()), "python")
        assert await lenses(one, uri) == [(0, COMMAND_MOVE), (0, COMMAND_IGNORE), (1, COMMAND_ENTER)]
        one.change(uri, (0, 0), (0, 0), "\n")
        assert await lenses(one, uri) == [(1, COMMAND_MOVE), (1, COMMAND_IGNORE), (2, COMMAND_ENTER)]
        one.change(uri, (0, 0), (2, 0), "")
        assert await lenses(one, uri) == [(0, COMMAND_ENTER)]
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("code-lenses = false\n")
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        while await lenses(one, uri):
            pass
