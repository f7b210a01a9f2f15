"""Source actions that move all tokens, with a real gnome-keyring."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsprotocol import types

import tokens
from lsp_client import Editor, editor

FILE, WORKSPACE = "source.tokenward.moveAllInFile", "source.tokenward.moveAllInWorkspace"


async def source_actions(one: Editor, uri: str, only: str) -> list[types.CodeAction]:
    place = types.Range(types.Position(0, 0), types.Position(0, 0))
    context = types.CodeActionContext([], [types.CodeActionKind(only)] if only == "source" else [only])
    raw = await one.client.text_document_code_action_async(
        types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
    )
    return [one.client.protocol._converter.structure(action, types.CodeAction) for action in raw or ()]  # type: ignore[attr-defined]


async def test_they_are_offered_only_to_a_client_that_names_their_kind(
    absent: dict[str, str], folder: Path
) -> None:
    uri, empty = (folder / "app.py").as_uri(), (folder / "empty.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"\n')
        one.open(empty, "x = 1\n")
        (found,) = await one.diagnostics(uri)
        await one.diagnostics(empty)
        assert [a.kind for a in await source_actions(one, uri, "source")] == [FILE, WORKSPACE]
        assert [a.kind for a in await source_actions(one, uri, "source.tokenward")] == [FILE, WORKSPACE]
        assert [a.kind for a in await source_actions(one, uri, WORKSPACE)] == [WORKSPACE]
        assert [a.kind for a in await source_actions(one, empty, "source")] == [WORKSPACE]
        assert await source_actions(one, uri, "source.fixAll") == []
        assert not [a for a in await one.actions(uri, found) if a.kind in (FILE, WORKSPACE)]


async def test_all_tokens_of_a_file_are_moved_after_one_question(
    unlocked: dict[str, str], folder: Path
) -> None:
    """The question has the counts; a no changes nothing."""
    uri = (folder / "app.py").as_uri()
    text = (
        f'A = "{tokens.github(1)}"\nB = "{tokens.npm()}"\nC = """{tokens.github(2)}"""  # tokenward:ignore\n'
    )
    async with editor(unlocked, folder) as one:
        one.open(uri, text)
        await one.diagnostics(uri)
        (action,) = await source_actions(one, uri, FILE)
        one.choices = [None, "Move"]
        await one.run(action)
        assert one.buffers[uri].text == text
        await one.run(action)
        assert "Move 2 tokens to the keyring: app.py (2)?" in one.questions[-1]
        assert "Save .env and app.py" in await one.told("Moved 2 tokens")
        moved = one.buffers[uri].text
    assert (
        moved
        == f'import os\nA = os.environ["GITHUB_TOKEN"]\nB = os.environ["NPM_TOKEN"]\n{text.splitlines()[2]}\n'
    )
    assert (folder / ".env").read_text() == (
        "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\nNPM_TOKEN=keyring://acme-api/NPM_TOKEN\n"
    )


async def test_all_tokens_of_the_workspace_are_moved_each_file_by_what_it_looks_up(
    unlocked: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """Buffers come before the disk; ignored files and links stay; the message says what is left to do."""
    workflow, app = folder / ".github" / "workflows" / "ci.yml", folder / "app.py"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(f"env:\n  NPM_TOKEN: {tokens.npm()}\n")
    app.write_text(f'A = "{tokens.github(9)}"\n')
    (folder / "config.json").write_text(f'{{"a": "{tokens.github(3)}"}}\n')
    (tmp_path / "outside.py").write_text(f'A = "{tokens.github(4)}"\n')
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    async with editor(unlocked, folder) as one:
        one.open(app.as_uri(), f'A = "{tokens.github(1)}"\n')
        await one.diagnostics(app.as_uri())
        (action,) = await source_actions(one, app.as_uri(), WORKSPACE)
        one.choices = ["Move"]
        await one.run(action)
        question = one.questions[-1]
        message = await one.told("Moved 2 tokens")
        moved = one.buffers[app.as_uri()].text
    assert "app.py (1) and .github/workflows/ci.yml (1)? 1 token will stay." in question
    assert "Afterwards, set the secret in GitHub." in question
    assert "Set the secret in GitHub with `tokenward get NPM_TOKEN | gh secret set NPM_TOKEN`." in message
    assert moved == 'import os\nA = os.environ["GITHUB_TOKEN"]\n'
    assert workflow.read_text() == "env:\n  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
    assert tokens.github(3) in (folder / "config.json").read_text()
    assert tokens.github(4) in (tmp_path / "outside.py").read_text()


async def test_without_a_keyring_nothing_is_edited(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'A = "{tokens.github(1)}"\n')
        await one.diagnostics(uri)
        (action,) = await source_actions(one, uri, FILE)
        one.choices = ["Move", None]
        await one.run(action)
        assert one.buffers[uri].text == f'A = "{tokens.github(1)}"\n'
    assert not (folder / ".env").exists()


async def test_where_nothing_can_be_moved_nothing_is_asked(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "config.json").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'{{"a": "{tokens.github()}"}}\n', "json")
        await one.diagnostics(uri)
        (action,) = await source_actions(one, uri, FILE)
        await one.run(action)
        await one.told("No known program reads this file")
        assert one.questions == []


async def test_a_long_move_shows_its_progress_and_stops_where_its_button_is_pressed(
    unlocked: dict[str, str], folder: Path
) -> None:
    """What was moved before is whole in the text and in the keyring's list; the others are as before."""
    uri, values = (folder / "app.py").as_uri(), [tokens.github(number) for number in range(200)]
    async with editor(unlocked, folder) as one:
        one.open(uri, "".join(f'TOKEN_{number} = "{value}"\n' for number, value in enumerate(values)))
        await one.diagnostics(uri)
        (action,) = await source_actions(one, uri, FILE)
        one.choices = ["Move"]
        moving = asyncio.ensure_future(one.run(action))
        while not (shown := [token for token, value in one.progress if " / 200" in str(value)]):  # noqa: ASYNC110 - the client only collects
            await asyncio.sleep(0.01)
        one.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(shown[0]))
        await moving
        await one.told("You stopped the move")
        text = one.buffers[uri].text
        left = [value for value in values if value in text]
        assert 0 < len(left) < 200
        assert text.count("os.environ[") == 200 - len(left)
