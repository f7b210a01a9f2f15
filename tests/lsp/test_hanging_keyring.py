"""A keyring that hangs delays only the action that needs it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import tokens
from lsp_client import editor
from tokenward.presentation import wording


@pytest.mark.slow
async def test_a_token_can_be_ignored_while_a_move_waits(absent: dict[str, str], folder: Path) -> None:
    state = folder.parent / "keyring"
    state.mkdir()
    (state / "hang").touch()
    config = Path(absent["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('allowed-backends = ["fake_backends"]\nkeyring-timeout = 600\n')
    environment = {
        **absent,
        "PYTHON_KEYRING_BACKEND": "fake_backends.Filed",
        "FAKE_KEYRING": str(state),
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    uri = (folder / "a.py").as_uri()
    async with editor(environment, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"\ny = "{tokens.npm()}"\n')
        first, second = [await one.actions(uri, found) for found in await one.diagnostics(uri)]
        move = first[0]
        (ignore,) = [action for action in first if action.title == wording.IGNORE_TITLE]
        (allow,) = [action for action in second if action.title == wording.IGNORE_IN_WORKSPACE_TITLE]
        waiting = asyncio.create_task(one.run(move))
        while not (state / "pid").exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.05)
        await asyncio.wait_for(one.run(allow), 30)
        assert (folder / ".tokenwardignore").exists()
        await asyncio.wait_for(one.run(ignore), 30)
        assert "# tokenward:ignore" in one.buffers[uri].text
        assert not waiting.done()
        waiting.cancel()
