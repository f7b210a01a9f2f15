"""Quick fixes, with a real gnome-keyring."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import tokens
from lsp_client import Editor, editor

CLIENTS = [pytest.param("vscode-1.139", id="VS Code"), pytest.param("neovim-0.10", id="Neovim")]


def stored(environment: dict[str, str], reference: str) -> str:
    """Return the value that any other tool reads from the keyring, or an empty string."""
    workspace, name = reference.removeprefix("keyring://").split("/")
    command = ["secret-tool", "lookup", "service", f"tokenward/{workspace}/{name}", "username", name]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


async def fixes(one: Editor, uri: str, index: int = 0) -> list[types.CodeAction]:
    found = await one.diagnostics(uri)
    return await one.actions(uri, found[index])


@pytest.mark.parametrize("client", CLIENTS)
async def test_one_fix_moves_a_token_out_of_code(unlocked: dict[str, str], folder: Path, client: str) -> None:
    """The token is in the keyring, a lookup in the code, and a reference in a new .env."""
    token, path = tokens.github(), folder / "app.py"
    async with editor(unlocked, folder, client=client) as one:
        one.open(path.as_uri(), f'import sys\nGITHUB_TOKEN = "{token}"\n')
        move, *others = await fixes(one, path.as_uri())
        assert move.title == (
            'Move this GitHub token to the keyring as GITHUB_TOKEN and read it with `os.environ["GITHUB_TOKEN"]`'
        )
        assert move.is_preferred
        assert move.kind == types.CodeActionKind.QuickFix
        assert [action.title for action in others] == [
            "Ignore this token",
            "Ignore this token in the whole workspace",
            "Check whether this token still works",
            "Revoke this token…",
        ]
        await one.run(move)
        assert 'GITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n' in one.buffers[path.as_uri()].text
        assert await one.diagnostics(path.as_uri()) == []
        assert "Save .env and app.py" in await one.told("Moved the GitHub token")
    assert (folder / ".env").read_text() == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
    assert stored(unlocked, "keyring://acme-api/GITHUB_TOKEN") == token


async def test_an_open_env_file_is_edited_in_its_buffer(unlocked: dict[str, str], folder: Path) -> None:
    """The text of an unsaved buffer takes precedence over the disk."""
    env, app = folder / ".env", folder / "app.py"
    env.write_text("OLD=1\n")
    async with editor(unlocked, folder) as one:
        one.open(env.as_uri(), "NEW=2\r\n", "dotenv")
        one.open(app.as_uri(), f'token = "{tokens.npm()}"\n')
        await one.run((await fixes(one, app.as_uri()))[0])
        assert one.buffers[env.as_uri()].text == "NEW=2\r\nNPM_TOKEN=keyring://acme-api/NPM_TOKEN\r\n"
    assert env.read_text() == "OLD=1\n"


async def test_all_occurrences_in_a_file_move_together(unlocked: dict[str, str], folder: Path) -> None:
    token, uri = tokens.github(), (folder / ".vscode" / "launch.json").as_uri()
    env = {"a": token, "b": token, "c": f"Bearer {token}"}
    async with editor(unlocked, folder) as one:
        one.open(uri, json.dumps({"configurations": [{"env": env}]}, indent=1), "jsonc")
        actions = await fixes(one, uri)
        assert [a.title for a in actions] == [
            "Move this GitHub token to the keyring as GITHUB_TOKEN",
            "Move all 3 occurrences in this file to the keyring as GITHUB_TOKEN",
            "Ignore this token",
            "Ignore this token in the whole workspace",
            "Check whether this token still works",
            "Revoke this token…",
        ]
        await one.run(actions[1])
        moved = json.loads(one.buffers[uri].text)
    reference = "keyring://acme-api/GITHUB_TOKEN"
    assert moved["configurations"] == [{"env": {"a": reference, "b": reference, "c": f"Bearer {reference}"}}]
    assert stored(unlocked, reference) == token


async def test_the_same_value_is_one_entry_and_another_gets_another_name(
    unlocked: dict[str, str], folder: Path
) -> None:
    first, second = tokens.github(1), tokens.github(2)
    uri = (folder / ".env").as_uri()
    async with editor(unlocked, folder) as one:
        one.open(uri, f"GITHUB_TOKEN={first}\nCOPY={first}\n", "dotenv")
        await one.run((await fixes(one, uri))[0])
        await one.run((await fixes(one, uri))[0])
        one.replace(uri, one.buffers[uri].text + f"github-token={second}\n".replace("-", "_").upper())
        one.replace(uri, one.buffers[uri].text.replace(second.upper(), second))
        move = (await fixes(one, uri))[0]
        assert move.title.endswith("as GITHUB_TOKEN_2")
        await one.run(move)
        lines = one.buffers[uri].text.splitlines()
    assert lines[:2] == [
        "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN",
        "COPY=keyring://acme-api/GITHUB_TOKEN",
    ]
    assert lines[2] == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN_2"
    assert stored(unlocked, "keyring://acme-api/GITHUB_TOKEN") == first
    assert stored(unlocked, "keyring://acme-api/GITHUB_TOKEN_2") == second


async def test_a_second_fix_gives_the_name_that_the_providers_tools_read(
    unlocked: dict[str, str], folder: Path
) -> None:
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    async with editor(unlocked, folder) as one:
        one.open(uri, f'deploy_credential = "{token}"\n')
        first, second, *_ = await fixes(one, uri)
        assert " as DEPLOY_CREDENTIAL and read it with" in first.title
        assert first.is_preferred
        assert second.title.endswith('as GITHUB_TOKEN and read it with `os.environ["GITHUB_TOKEN"]`')
        assert not second.is_preferred
        await one.run(second)
        assert 'os.environ["GITHUB_TOKEN"]' in one.buffers[uri].text
    assert stored(unlocked, "keyring://acme-api/GITHUB_TOKEN") == token


async def test_a_fix_that_leaves_something_to_do_says_so_and_is_not_preferred(
    unlocked: dict[str, str], folder: Path
) -> None:
    """The title ends with it, and the message after the move has it in full."""
    uri = (folder / ".github" / "workflows" / "ci.yml").as_uri()
    async with editor(unlocked, folder) as one:
        one.open(uri, f"env:\n  NPM_TOKEN: {tokens.npm()}\n", "yaml")
        (move, *_) = await fixes(one, uri)
        assert move.title == (
            "Move this npm token to the keyring as NPM_TOKEN and read it with `${{ secrets.NPM_TOKEN }}`; then set "
            "the secret in GitHub"
        )
        assert not move.is_preferred
        await one.run(move)
        assert one.buffers[uri].text == "env:\n  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
        assert (
            "Set the secret in GitHub with `tokenward get NPM_TOKEN | gh secret set NPM_TOKEN`"
            in await one.told("Moved")
        )


async def test_a_token_that_no_reader_looks_up_is_stored_aside_or_left_to_inject(
    unlocked: dict[str, str], folder: Path
) -> None:
    """The first leaves its text and answers with the lookup; the second leaves a reference."""
    token, uri = tokens.github(), (folder / "config.json").as_uri()
    text = f'{{"github_token": "{token}"}}\n'
    async with editor(unlocked, folder) as one:
        one.open(uri, text, "json")
        aside, template, *_ = await fixes(one, uri)
        assert (aside.title, template.title) == (
            "Store this GitHub token as GITHUB_TOKEN and add it to .env",
            "Move this GitHub token to the keyring as GITHUB_TOKEN, leaving a reference for `tokenward inject`",
        )
        assert not aside.is_preferred
        assert not template.is_preferred
        assert await one.result(aside) == {"lookUp": "GITHUB_TOKEN"}
        assert "the variable GITHUB_TOKEN" in await one.told("Stored the GitHub token")
        assert one.buffers[uri].text == text
        assert (folder / ".env").read_text() == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
        await one.run(template)
        assert one.buffers[uri].text == '{"github_token": "keyring://acme-api/GITHUB_TOKEN"}\n'
        assert "Fill it in with `tokenward inject`" in await one.told("Moved")
    assert stored(unlocked, "keyring://acme-api/GITHUB_TOKEN") == token


async def test_in_a_language_that_is_not_rewritten_the_look_up_is_answered(
    unlocked: dict[str, str], folder: Path
) -> None:
    uri = (folder / "main.zig").as_uri()
    async with editor(unlocked, folder) as one:
        one.open(uri, f'const t = "{tokens.github()}";\n', "zig")
        aside, *others = await fixes(one, uri)
        assert not [action for action in others if "Move" in action.title]
        look_up = 'std.process.getEnvVarOwned(allocator, "GITHUB_TOKEN")'
        assert await one.result(aside) == {"lookUp": look_up}
        assert f"write `{look_up}` in its place" in await one.told("Stored")


async def test_a_failed_store_answers_nothing(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "main.zig").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'const t = "{tokens.github()}";\n', "zig")
        assert await one.result((await fixes(one, uri))[0]) is None
    assert not (folder / ".env").exists()


async def test_actions_for_two_tokens_of_a_line_have_different_titles(
    absent: dict[str, str], folder: Path
) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = ("{tokens.github(1)}", "{tokens.github(2)}")\n')
        first, second = await one.diagnostics(uri)
        first.range = types.Range(first.range.start, second.range.end)
        titles = [action.title for action in await one.actions(uri, first)]
    assert len(set(titles)) == len(titles)
    column = second.range.start.character + 1
    assert [t for t in titles if t.startswith("Move")][1].endswith(f"line 1, column {column})")


@pytest.mark.parametrize(
    ("name", "language", "before", "after"),
    [
        ("app.py", "python", 'x = "{}"\n', 'x = "{}"  # tokenward:ignore\n'),
        ("app.ts", "typescript", 'const x = "{}";\n', 'const x = "{}"; // tokenward:ignore\n'),
        ("c.yaml", "yaml", "x: {}\n", "x: {} # tokenward:ignore\n"),
        (".env", "dotenv", "X={}\n", "# tokenward:ignore-next-line\nX={}\n"),
    ],
)
async def test_ignoring_adds_a_comment(
    absent: dict[str, str], folder: Path, name: str, language: str, before: str, after: str
) -> None:
    """A comment in the file's own syntax, after which the finding is gone."""
    token, uri = tokens.github(), (folder / name).as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, before.format(token), language)
        (ignore,) = [a for a in await fixes(one, uri) if a.title == "Ignore this token"]
        await one.run(ignore)
        assert one.buffers[uri].text.replace("  #", " #") == after.format(token).replace("  #", " #")
        assert await one.diagnostics(uri) == []


async def test_json_has_no_comments_so_its_tokens_are_ignored_in_the_ignore_file(
    absent: dict[str, str], folder: Path
) -> None:
    """The entry matches the token in every file, holds no value, and takes effect at once."""
    token = tokens.github()
    uri = (folder / "a.json").as_uri()
    (folder / ".env").write_text(f"A={token}\nB={tokens.npm()}\n")
    async with editor(absent, folder, client="neovim-0.10") as one:
        await one.shown(folder / ".env", 2)
        one.open(uri, f'{{"a": "{token}"}}', "json")
        (ignore,) = [a for a in await fixes(one, uri) if "Ignore" in a.title]
        await one.run(ignore)
        await one.told("tokenward ignore list")
        await one.shown(folder / "a.json", 0)
        await one.shown(folder / ".env", 1)
    entry = (folder / ".tokenwardignore").read_text()
    assert "# ignored in an editor" in entry
    assert token not in entry


async def test_an_open_ignore_file_is_edited_in_its_buffer(absent: dict[str, str], folder: Path) -> None:
    uri, ignored = (folder / "app.py").as_uri(), folder / ".tokenwardignore"
    ignored.write_text("# ours\n")
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(ignored.as_uri(), "# ours\n# unsaved\n", "plaintext")
        one.open(uri, f'x = "{tokens.github()}"\n')
        (ignore,) = [a for a in await fixes(one, uri) if "workspace" in a.title]
        await one.run(ignore)
        assert ignored.read_text() == "# ours\n"
        assert one.buffers[ignored.as_uri()].text.startswith("# ours\n# unsaved\n** github")
        one.save(ignored.as_uri(), ignored)
        await one.shown(folder / "app.py", 0)


async def test_in_a_folder_opened_through_a_link_the_open_ignore_file_is_edited(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """Its errors are shown under the name by which it is open, too."""
    (tmp_path / "link").symlink_to(folder)
    uri, ignored = (tmp_path / "link" / "app.py").as_uri(), tmp_path / "link" / ".tokenwardignore"
    ignored.write_text("nonsense\n")
    async with editor(absent, tmp_path / "link", client="neovim-0.10") as one:
        await one.shown(ignored, 1)
        one.open(ignored.as_uri(), "# unsaved\n", "plaintext")
        one.open(uri, f'x = "{tokens.github()}"\n')
        (ignore,) = [a for a in await fixes(one, uri) if "workspace" in a.title]
        await one.run(ignore)
        assert ignored.read_text() == "nonsense\n"
        assert one.buffers[ignored.as_uri()].text.startswith("# unsaved\n** github")
        assert not [p for p in one.published if p.uri.startswith(folder.as_uri())]


async def test_an_ignored_ignore_file_takes_effect_at_once(absent: dict[str, str], folder: Path) -> None:
    """It is often private, through `.git/info/exclude`."""
    (folder / ".git" / "info").mkdir(parents=True)
    (folder / ".git" / "info" / "exclude").write_text(".tokenwardignore\n")
    path = folder / "app.py"
    path.write_text(f'x = "{tokens.github()}"\n')
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(path.as_uri(), path.read_text())
        (ignore,) = [a for a in await fixes(one, path.as_uri()) if "workspace" in a.title]
        await one.run(ignore)
        await one.shown(path, 0)


@pytest.mark.parametrize("is_link", [False, True])
async def test_the_settings_of_the_innermost_folder_count(
    unlocked: dict[str, str], folder: Path, tmp_path: Path, is_link: bool
) -> None:
    """The order in which folders were opened does not matter, nor does a link to one."""
    inner = folder / "inner"
    (inner / ".git").mkdir(parents=True)
    if is_link:
        (tmp_path / "link").symlink_to(inner)
        inner = tmp_path / "link"
    path = inner / "app.py"
    async with editor(unlocked, folder, folders=[folder, inner]) as one:
        for opened, name in ((folder, "outer.env"), (inner, "inner.env")):
            answer = {"tokenward": {"envFile": name}}
            one.client.set_configuration(answer, scope_uri=opened.as_uri())
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        one.open(path.as_uri(), f'x = "{tokens.github()}"\n')
        await one.run((await fixes(one, path.as_uri()))[0])
        await one.told("Moved")
    assert (inner / "inner.env").read_text().startswith("GITHUB_TOKEN=keyring://")


async def test_a_token_that_cannot_be_rewritten_safely_is_not_offered_for_moving(
    absent: dict[str, str], folder: Path
) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}\n')
        assert [a.title for a in await fixes(one, uri) if "Move" in a.title] == []


async def test_only_quick_fixes_are_given_and_only_to_who_asks_for_them(
    absent: dict[str, str], folder: Path
) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"\n')
        (found,) = await one.diagnostics(uri)
        for only, wanted in ((["quickfix"], True), (["refactor"], False), (["source.fixAll"], False)):
            context = types.CodeActionContext([found], only)
            params = types.CodeActionParams(types.TextDocumentIdentifier(uri), found.range, context)
            assert bool(await one.client.text_document_code_action_async(params)) == wanted


async def test_a_token_in_a_notebook_cell_is_moved(unlocked: dict[str, str], folder: Path) -> None:
    """A cell is a document of its own; its workspace is the notebook's."""
    token, notebook = tokens.github(), (folder / "n.ipynb").as_uri()
    async with editor(unlocked, folder) as one:
        cell = one.open_cell(notebook, f'key = "{token}"')
        (found,) = await one.diagnostics(cell)
        assert one.slice(cell, found.range) == token
        move = (await one.actions(cell, found))[0]
        await one.run(move)
        (edit,) = one.edits
    assert stored(unlocked, "keyring://acme-api/GITHUB_TOKEN") == token
    assert any(
        isinstance(c, types.TextDocumentEdit) and c.text_document.uri == cell
        for c in edit.edit.document_changes or ()
    )


def _as_vim_lsp(announced: types.ClientCapabilities) -> None:
    """A client that takes edits, and announces no versions of documents."""
    announced.workspace = types.WorkspaceClientCapabilities(apply_edit=True)


def _as_kate(announced: types.ClientCapabilities) -> None:
    """A client that announces no workspace capabilities."""
    announced.workspace = None


@pytest.mark.parametrize(
    ("alter", "options"), [(_as_vim_lsp, None), (_as_kate, {"appliesEdits": True})], ids=["vim-lsp", "Kate"]
)
async def test_a_client_without_versioned_edits_moves_a_token_out_of_code(
    unlocked: dict[str, str],
    folder: Path,
    alter: Callable[[types.ClientCapabilities], None],
    options: dict[str, Any] | None,
) -> None:
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    async with editor(unlocked, folder, client="neovim-0.10", alter=alter, options=options) as one:
        one.open(uri, f'KEY = "{token}"\n')
        (found,) = await one.diagnostics(uri)
        await one.run((await one.actions(uri, found))[0])
        await one.told("Moved the GitHub token")
        (edit,) = one.edits
        assert edit.edit.document_changes is None
        assert 'os.environ["GITHUB_TOKEN"]' in one.buffers[uri].text
        assert (folder / ".env").read_text() == f"GITHUB_TOKEN=keyring://{folder.name}/GITHUB_TOKEN\n"


async def test_a_change_meanwhile_stops_an_edit_without_a_version(
    unlocked: dict[str, str], folder: Path
) -> None:
    """A key pressed while the edit was in transit moved its places: the user is told, and the value is kept."""
    token, uri = tokens.github(), (folder / ".env").as_uri()
    async with editor(unlocked, folder, client="neovim-0.10", alter=_as_vim_lsp) as one:
        one.open(uri, f"KEY={token}\n")
        (found,) = await one.diagnostics(uri)
        one.before_edit = lambda: one.change(uri, (0, 0), (0, 0), "AB")
        await one.run((await one.actions(uri, found))[0])
        await one.told("Nothing was deleted from the keyring.")


async def test_nothing_is_offered_that_a_client_without_edits_would_refuse(
    absent: dict[str, str], folder: Path
) -> None:
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10", alter=_as_kate) as one:
        one.open(uri, f'KEY = "{token}"\n')
        (found,) = await one.diagnostics(uri)
        offered = {action.command.command for action in await one.actions(uri, found) if action.command}
        assert offered
        assert not offered & {"tokenward.server.move", "tokenward.server.ignore"}
