"""The server follows the logs named in the settings, whatever their size, and reports each token in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

import tokens
from lsp_client import editor

NEOVIM = "neovim-0.10"
LOGS = {"logFiles": ["logs/**/*.log", "one.log"]}


def place_of(text: str, value: str) -> types.Range:
    """Return the range of a value, as an editor counts it."""
    before = text[: text.index(value)]
    line, head = before.count("\n"), before.rpartition("\n")[2]
    start = len(head.encode("utf-16-le")) // 2
    return types.Range(types.Position(line, start), types.Position(line, start + len(value)))


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(text)


async def test_a_token_is_shown_where_it_stands_as_the_log_grows(
    absent: dict[str, str], folder: Path
) -> None:
    path = folder / "logs" / "deep" / "app.log"
    path.parent.mkdir(parents=True)
    text = f"GET /\né😀 token={tokens.github(1)} ok\n"
    append(path, text)
    async with editor(absent, folder, client=NEOVIM, configuration=LOGS) as one:
        (found,) = await one.shown(path, 1)
        assert found.range == place_of(text, tokens.github(1))
        more = f"\x1b[31mred {tokens.npm(2)}\x1b[0m\n"
        append(path, more)
        _, second = await one.shown(path, 2)
        assert second.range == place_of(text + more, tokens.npm(2))
        # Rotated: the token of the old file is no longer in this one.
        path.rename(path.with_suffix(".1"))
        append(path, f"nothing\n{tokens.gitlab(3)}\n")
        (third,) = await one.shown(path, 1)
        assert third.range.start == types.Position(1, 0)
        path.unlink()
        await one.shown(path, 0)


async def test_a_log_is_read_although_it_is_too_large_for_a_file_and_not_told_of_it(
    absent: dict[str, str], folder: Path
) -> None:
    path = folder / "one.log"
    path.write_text("x" * 999 + "\n" + tokens.github(1) + "\n")
    settings = {**LOGS, "maxFileBytes": 100}
    async with editor(absent, folder, client=NEOVIM, configuration=settings) as one:
        (found,) = await one.shown(path, 1)
        assert found.range.start == types.Position(1, 0)
        await one.logged("Scanned")
        assert not any("max-file-bytes" in d.message for p in one.published for d in p.diagnostics)


async def test_the_rules_of_the_folder_hold_in_its_logs(absent: dict[str, str], folder: Path) -> None:
    (folder / ".gitleaks.toml").write_text("[[allowlists]]\npaths = ['one\\.log']\n")
    (folder / "logs").mkdir()
    (folder / "one.log").write_text(tokens.github(1) + "\n")
    (folder / "logs" / "two.log").write_text(tokens.github(2) + "\n")
    async with editor(absent, folder, client=NEOVIM, configuration=LOGS) as one:
        await one.shown(folder / "logs" / "two.log", 1)
        assert not [p for p in one.published if p.uri == (folder / "one.log").as_uri() and p.diagnostics]


@pytest.mark.parametrize("settings", [{}, {"logFiles": LOGS["logFiles"], "enabled": False}])
async def test_no_log_is_followed_that_nobody_asked_for(
    absent: dict[str, str], folder: Path, settings: dict[str, object]
) -> None:
    path = folder / "one.log"
    path.write_text("x" * 999 + "\n" + tokens.github(1) + "\n")
    async with editor(absent, folder, client=NEOVIM, configuration={**settings, "maxFileBytes": 100}) as one:
        one.open((folder / "b.py").as_uri(), "x = 1\n")
        await one.diagnostics((folder / "b.py").as_uri())
        assert not [d for p in one.published for d in p.diagnostics if d.code]
