"""Scans of whole folders: progress, cancellation, limits, and the effect of settings."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

import tokens
from lsp_client import PATIENCE, Editor, editor

NEOVIM = "neovim-0.10"


async def progress(one: Editor, kind: str) -> tuple[str, Any]:
    """Return the first progress of a kind: begin, report or end."""
    async with one.news:
        await asyncio.wait_for(
            one.news.wait_for(lambda: any(value["kind"] == kind for _, value in one.progress)), PATIENCE
        )
    return next((token, value) for token, value in one.progress if value["kind"] == kind)


def fill(folder: Path, files: int) -> None:
    """Create some seconds of work: one text of eight megabytes under many names."""
    (folder / "0.txt").write_text("lorem ipsum dolor\n" * 450_000)
    for number in range(1, files):
        os.link(folder / "0.txt", folder / f"{number}.txt")


@pytest.mark.slow
async def test_a_long_look_shows_its_progress_and_can_be_cancelled(
    absent: dict[str, str], folder: Path
) -> None:
    """After cancelling, no more files are read, but changes are still scanned."""
    fill(folder, 400)
    (folder / ".env").write_text(f"A={tokens.github()}\n")
    async with editor(absent, folder, client=NEOVIM) as one:
        token, begin = await progress(one, "begin")
        assert begin["cancellable"]
        assert folder.name in begin["title"]
        one.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        ended, end = await progress(one, "end")
        assert ended == token
        assert end["message"].startswith("Stopped after")
        (folder / "new.env").write_text(f"A={tokens.npm()}\n")
        await one.shown(folder / "new.env", 1)


@pytest.mark.slow
async def test_the_first_start_shows_that_the_rules_are_compiled(
    absent: dict[str, str], folder: Path, cold_home: dict[str, str]
) -> None:
    async with editor({**absent, **cold_home}, folder, client=NEOVIM) as one:
        _, begin = await progress(one, "begin")
        assert begin["title"] == "Compiling the rules, once"
        assert not begin["cancellable"]
        await progress(one, "end")


@pytest.mark.slow
async def test_the_progress_ends_with_what_was_found(absent: dict[str, str], folder: Path) -> None:
    fill(folder, 15)
    (folder / ".env").write_text(f"A={tokens.github()}\n")
    async with editor(absent, folder, client=NEOVIM) as one:
        _, end = await progress(one, "end")
        assert end["message"].startswith("Scanned 16 files in ")
        assert end["message"].endswith(": 1 token.")
        await one.client.workspace_execute_command_async(types.ExecuteCommandParams("tokenward.server.scan"))
        assert await one.told(f"{folder.name}: Scanned 16 files")


@pytest.mark.slow
async def test_an_open_document_is_answered_while_a_folder_is_looked_at(
    absent: dict[str, str], folder: Path
) -> None:
    fill(folder, 400)
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client=NEOVIM) as one:
        one.open(uri, "x = 1\n")
        await progress(one, "begin")
        for number in range(20):
            one.change(uri, (0, 0), (0, 0), f'a = "{tokens.github(number)}"\n')
            assert len(await one.diagnostics(uri)) == number + 1
        assert not [value for _, value in one.progress if value["kind"] == "end"]


async def test_what_is_left_out_is_said(absent: dict[str, str], folder: Path) -> None:
    """A large file by a note on itself; unreadable files and the repository's exclusions in the log."""
    (folder / "large.log").write_text("x" * 2000)
    (folder / "tokenward.toml").write_text('exclude = ["hidden.txt"]\n')
    (folder / "hidden.txt").write_text(tokens.github())
    os.mkfifo(folder / "pipe")
    async with editor(absent, folder, client=NEOVIM, configuration={"maxFileBytes": 1000}) as one:
        (note,) = await one.shown(folder / "large.log", 1)
        assert note.severity is types.DiagnosticSeverity.Information
        assert "max-file-bytes" in note.message
        assert "hidden.txt" in await one.logged("excludes")
        assert "pipe" in await one.logged("not a regular file")
        (folder / "large.log").write_text("x")
        await one.shown(folder / "large.log", 0)


@pytest.mark.slow
async def test_only_so_many_files_are_shown_and_others_take_their_places(
    absent: dict[str, str], folder: Path
) -> None:
    for number in range(1_005):
        (folder / f"{number}.env").write_text(f"A={tokens.github(number)}\n")
    async with editor(absent, folder, client=NEOVIM) as one:
        assert "1,000" in await one.told("tokenward scan")
        await one.logged("Scanned 1,005 files")
        visible = {p.uri for p in one.published if p.diagnostics}
        assert len(visible) == 1_000
        for uri in list(visible)[:3]:
            (folder / uri.rpartition("/")[2]).unlink()
        for uri in list(visible)[3:5]:
            (folder / uri.rpartition("/")[2]).write_text("A=\n")
        await asyncio.wait_for(_all_others_shown(one, visible), PATIENCE)


async def _all_others_shown(one: Editor, before: set[str]) -> None:
    async with one.news:
        await one.news.wait_for(lambda: len({p.uri for p in one.published if p.diagnostics} - before) == 5)


async def test_a_token_in_very_many_places_names_the_first(absent: dict[str, str], folder: Path) -> None:
    (folder / ".env").write_text(f"A={tokens.github()}\n" * 300)
    async with editor(absent, folder, client=NEOVIM) as one:
        found = await one.shown(folder / ".env", 101)
        assert "300 tokens" in found[-1].message
        assert len(found[0].related_information or ()) == 10


async def test_folders_are_looked_at_each_with_its_own_settings(
    absent: dict[str, str], tmp_path: Path
) -> None:
    """A folder inside another is scanned by itself; a closed one takes its warnings along."""
    outer, inner = tmp_path / "outer", tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (outer / "tokenward.toml").write_text('exclude = ["a.txt"]\n')
    for place in (outer, inner):
        for name in ("a.txt", "b.txt"):
            (place / name).write_text(tokens.github(f"{place}{name}"))
    async with editor(absent, outer, folders=[outer, inner], client=NEOVIM) as one:
        for path in (inner / "a.txt", inner / "b.txt", outer / "b.txt"):
            await one.shown(path, 1)
        await one.logged(f"{outer}: Scanned")
        assert not [p for p in one.published if p.uri == (outer / "a.txt").as_uri()]
        gone = types.WorkspaceFoldersChangeEvent([], [types.WorkspaceFolder(outer.as_uri(), "outer")])
        one.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(gone))
        await one.shown(outer / "b.txt", 0)
        assert len(await one.shown(inner / "b.txt", 1)) == 1
        back = types.WorkspaceFoldersChangeEvent([types.WorkspaceFolder(outer.as_uri(), "outer")], [])
        one.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(back))
        await one.shown(outer / "b.txt", 1)


async def test_looking_at_files_can_be_switched_off_and_on(absent: dict[str, str], folder: Path) -> None:
    """While it is off, only open documents have warnings, but by all the workspace's rules."""
    (folder / ".env").write_text(f"A={tokens.github()}\n")
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client=NEOVIM) as one:
        await one.shown(folder / ".env", 1)
        one.client.set_configuration({"scanWorkspace": False}, section="tokenward")
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await one.shown(folder / ".env", 0)
        await one.client.workspace_execute_command_async(types.ExecuteCommandParams("tokenward.server.scan"))
        assert await one.told("scanWorkspace")
        one.open(uri, f'x = "{tokens.github()}"\n')
        await one.shown(folder / "app.py", 1)
        (folder / ".gitleaks.toml").write_text("[[allowlists]]\nregexes = ['^ghp_']\n")
        await one.shown(folder / "app.py", 0)
        (folder / ".gitleaks.toml").unlink()
        one.client.set_configuration({"scanWorkspace": True}, section="tokenward")
        one.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await one.shown(folder / ".env", 1)


async def test_a_settings_file_takes_hold_when_it_is_written(absent: dict[str, str], folder: Path) -> None:
    (folder / "a.txt").write_text(tokens.github())
    async with editor(absent, folder, client=NEOVIM) as one:
        await one.shown(folder / "a.txt", 1)
        (folder / "tokenward.toml").write_text('exclude = ["a.txt"]\n')
        await one.shown(folder / "a.txt", 0)
        (folder / "tokenward.toml").unlink()
        await one.shown(folder / "a.txt", 1)


@pytest.mark.slow
async def test_a_second_start_shows_the_same_from_the_cache(absent: dict[str, str], folder: Path) -> None:
    (folder / ".env").write_text(f'# 😀\n"😀" {tokens.github()}\n')
    os.utime(folder / ".env", (1_600_000_000, 1_600_000_000))
    ranges = []
    for encoding in ("utf-8", "utf-16", "utf-32"):
        for _ in range(2):
            async with editor(absent, folder, client=NEOVIM, encoding=encoding) as one:
                (found,) = await one.shown(folder / ".env", 1)
                ranges.append(found.range.start.character)
    assert ranges == [7, 7, 5, 5, 4, 4]


LIMITED = ["unshare", "-Ur", "bash", "-c", 'echo 5 > /proc/sys/user/max_inotify_watches && exec "$@"', "_"]


def may_set_limits() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*LIMITED, "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not may_set_limits(), reason="this user may not limit inotify for itself")
async def test_when_no_more_can_be_watched_it_is_said_and_changes_are_seen_all_the_same(
    absent: dict[str, str], folder: Path
) -> None:
    """The whole server under a real limit on inotify watches."""
    for number in range(20):
        (folder / f"{number}").mkdir()
    async with editor(absent, folder, client=NEOVIM, wrap=LIMITED) as one:
        assert "sysctl" in await one.told("no more folders")
        (folder / "7" / ".env").write_text(f"A={tokens.github()}\n")
        await one.shown(folder / "7" / ".env", 1)


async def test_what_a_client_hears_may_be_anything(absent: dict[str, str], folder: Path) -> None:
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "a.env").write_text(f"A={tokens.github()}\n")
    odd = ["untitled:a", "file:///%00", "nonsense", "file:///etc/passwd", (folder / "gone").as_uri()]
    odd.append((folder / "node_modules" / "a.env").as_uri())
    async with editor(absent, folder, client=NEOVIM) as one:
        await one.logged("Scanned")
        events = [types.FileEvent(uri, types.FileChangeType.Changed) for uri in odd]
        one.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))
        (folder / ".env").write_text(f"A={tokens.github()}\n")
        await one.shown(folder / ".env", 1)
        assert {p.uri for p in one.published} == {(folder / ".env").as_uri()}


async def test_a_whole_home_is_not_looked_at(absent: dict[str, str]) -> None:
    """Nor is the root of a disk; documents opened in it have warnings."""
    home = Path(absent["HOME"])
    (home / ".env").write_text(f"A={tokens.github()}\n")
    async with editor(absent, home, folders=[home, Path(home.anchor)], client=NEOVIM) as one:
        assert "open a project" in await one.told(f"files that you open in {home}")
        assert await one.told("files that you open in /,")
        one.open((home / "app.py").as_uri(), f'x = "{tokens.npm()}"\n')
        await one.shown(home / "app.py", 1)
        assert not [p for p in one.published if p.uri.endswith(".env")]


@pytest.mark.parametrize("client", [NEOVIM, "vscode-1.139"])
async def test_a_token_in_an_output_stays_shown_while_its_notebook_is_open(
    absent: dict[str, str], folder: Path, client: str
) -> None:
    """Cells have no outputs; tokens in the file's source are shown by the cells, as they are now."""
    path = folder / "n.ipynb"
    code, printed = tokens.github("cell"), tokens.gitlab("output")
    cell = {"cell_type": "code", "source": [f'key = "{code}"'], "outputs": [{"text": [printed]}]}
    path.write_text(json.dumps({"cells": [cell], "nbformat": 4}, indent=1))
    async with editor(absent, folder, client=client) as one:
        await shown_of(one, path, 2)
        opened = one.open_cell(path.as_uri(), f'key = "{code}"')
        (left,) = await shown_of(one, path, 1)
        assert "GitLab" in left.message
        assert left.message.endswith("clear the output and save the notebook.")
        assert len(await one.diagnostics(opened)) == 1
        one.replace(opened, "key = 1")
        assert not await one.diagnostics(opened)
        del cell["outputs"]
        path.write_text(json.dumps({"cells": [cell], "nbformat": 4}, indent=1))
        await shown_of(one, path, 0)
        one.close_cell(path.as_uri(), opened)
        (left,) = await shown_of(one, path, 1)
        assert "GitHub" in left.message


async def shown_of(one: Editor, path: Path, count: int) -> list[types.Diagnostic]:
    """Wait until a file has this many diagnostics, pulled or pushed, and return them."""
    if not one.pulls:
        return await one.shown(path, count)
    known: dict[str, str] = {}
    while True:
        items: list[types.Diagnostic] = []
        for report in await one.pull_workspace(known):
            known[report.uri] = report.result_id
            if report.uri == path.as_uri():
                items = list(report.items)
                if len(items) == count:
                    return items
