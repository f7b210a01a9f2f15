"""The steps left after a move that the server does itself, with a real gnome-keyring."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from lsprotocol import types

import tokens
from lsp_client import Editor, editor

WORKFLOW = ".github/workflows/ci.yml"
COMMAND = "gh secret set NPM_TOKEN --repo https://github.com/acme/shop"
GH = """#!/bin/sh
[ "$1" = auth ] && exit "$SIGNED_OUT"
printf '%s <%s>\\n' "gh $*" "$(cat)" >> "$HOME/called"
"""


@pytest.fixture
def environment(unlocked: dict[str, str], folder: Path, tmp_path: Path) -> dict[str, str]:
    """Of a server in a working copy of github.com/acme/shop, with `gh` on PATH."""
    tool = tmp_path / "tools" / "gh"
    tool.parent.mkdir()
    tool.write_text(GH)
    tool.chmod(0o755)
    for words in (["init", "-q"], ["remote", "add", "origin", "https://github.com/acme/shop.git"]):
        subprocess.run(["git", *words], cwd=folder, env=unlocked, check=True)
    return {**unlocked, "PATH": f"{tool.parent}:{unlocked['PATH']}", "SIGNED_OUT": "0"}


def called(environment: Mapping[str, str]) -> str:
    path = Path(environment["HOME"], "called")
    return path.read_text() if path.exists() else ""


def shows_moves(capabilities: types.ClientCapabilities) -> None:
    capabilities.experimental = {"tokenward": {"moved": True}}


async def planted(one: Editor, folder: Path) -> types.CodeAction:
    """Open a workflow with a token, and return the action that moves it."""
    uri = (folder / WORKFLOW).as_uri()
    one.open(uri, f"env:\n  NPM_TOKEN: {tokens.npm()}\n", "yaml")
    (found,) = await one.diagnostics(uri)
    actions = await one.actions(uri, found)
    return next(action for action in actions if action.title.startswith("Move"))


async def test_an_editor_asks_with_the_commands_and_does_them_after_a_yes(
    environment: dict[str, str], folder: Path
) -> None:
    async with editor(environment, folder) as one:
        one.choices = ["Finish"]
        await one.run(await planted(one, folder))
        await one.told("Moved")
        await one.told("Done: 1 step.")
        assert f"Left to do: `{COMMAND}`." in one.questions[-1]
        assert tokens.npm() not in "".join(one.messages)
    assert called(environment) == f"{COMMAND} <{tokens.npm()}>\n"


async def test_a_client_that_shows_the_move_itself_names_the_steps_back(
    environment: dict[str, str], folder: Path
) -> None:
    """A no, a signed-out program and anything that no move has left start nothing."""
    environment["SIGNED_OUT"] = "1"
    step = {"program": "gh", "reference": "keyring://acme-api/NPM_TOKEN", "own": "NPM_TOKEN", "url": ""}
    async with editor(environment, folder, alter=shows_moves) as one:
        result = await one.result(await planted(one, folder))
        assert result["finish"] == {"steps": [step]}
        argument = result["finish"]

        async def finish(argument: object) -> None:
            params = types.ExecuteCommandParams("tokenward.server.finish", [argument])
            await one.client.workspace_execute_command_async(params)

        one.choices = [None, "Finish"]
        await finish(argument)
        assert [COMMAND in question for question in one.questions] == [True]
        await finish(argument)
        await one.told("gh is not signed in to github.com")
        for wrong in (None, {"steps": "gh"}, *({"steps": [{**step, **part}]} for part in WRONG)):
            one.client.messages.clear()
            await finish(wrong)
            await one.told("")
        assert len(one.questions) == 2
    assert called(environment) == ""


WRONG = [
    {"program": "sh"},
    {"reference": "keyring://acme-api"},
    {"own": "--repo"},
    {"program": "git", "url": "https://example.com; id"},
    {"reference": "keyring://other/NPM_TOKEN"},
]
