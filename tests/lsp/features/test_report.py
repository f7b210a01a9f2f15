"""tokenward/report: the page of `tokenward report`, for the open folders only."""

from __future__ import annotations

from pathlib import Path

import tokens
from cli_shell import Shell
from lsp_client import editor
from page_checks import Page, unclear, unsafe


async def test_the_page_tells_of_the_open_folders_alone(
    unlocked: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    folders = folder, tmp_path / "web", tmp_path / "closed"
    for number, one in enumerate(folders):
        one.mkdir(exist_ok=True)
        shell = Shell(unlocked, one)
        shell.write_env(f"GITHUB_TOKEN={tokens.github(number)}")
        assert shell("move", ".env").code == 0
    async with editor(unlocked, folder, folders=folders[:2]) as client:
        answer = await client.ask("tokenward/report", {})
    page = Page(answer["html"])
    assert (page.faults, unsafe(page), unclear(page)) == ([], [], [])
    assert "acme-api, web" in page.words
    for known in ("keyring://acme-api/GITHUB_TOKEN", "keyring://web/GITHUB_TOKEN", "web/.env"):
        assert known in page.words
    assert "closed" not in page.words
    assert not any(tokens.github(number) in answer["html"] for number in range(3))


async def test_without_a_folder_there_is_nothing_to_tell_of(absent: dict[str, str]) -> None:
    async with editor(absent) as client:
        assert await client.ask("tokenward/report", {}) is None
        await client.told("No folder is open")
