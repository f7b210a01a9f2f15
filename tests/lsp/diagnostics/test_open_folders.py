"""Files that are not open: findings in them, and how the list of findings stays current."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from lsprotocol import types

import tokens
from lsp_client import editor


async def test_tokens_in_files_that_were_never_opened_are_shown(absent: dict[str, str], folder: Path) -> None:
    """This includes Git-ignored files; ranges are in the client's units."""
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text(".env\nnotes.txt\n")
    (folder / ".env").write_text(f'# é😀\nname = "😀" KEY={tokens.github()}\n')
    (folder / "notes.txt").write_text(tokens.github())
    async with editor(absent, folder) as one:
        (found,) = await one.shown(folder / ".env", 1)
        assert found.range.start == types.Position(1, 16)
        assert found.range.end == types.Position(1, 16 + len(tokens.github()))
        await one.logged("Scanned")
        assert not [p for p in one.published if p.uri.endswith("notes.txt")]


async def test_a_client_that_wants_to_know_is_told_when_a_look_has_ended(
    absent: dict[str, str], folder: Path
) -> None:
    """This includes a folder without findings; all findings are sent before it."""
    empty = folder.parent / "empty"
    empty.mkdir()
    (folder / ".env").write_text(f"A={tokens.github()}\n")
    ended: asyncio.Queue[str] = asyncio.Queue()

    def announce(capabilities: types.ClientCapabilities) -> None:
        capabilities.experimental = {"tokenward": {"looked": True}}

    async with editor(absent, folder, folders=[folder, empty], client="neovim-0.10", alter=announce) as one:
        one.client.feature("tokenward/looked")(lambda params: ended.put_nowait(params.uri))
        uris = {await asyncio.wait_for(ended.get(), 30) for _ in range(2)}
        assert uris == {folder.as_uri(), empty.as_uri()}
        assert [published for published in one.published if published.diagnostics]


async def test_what_changes_on_the_disk_is_followed(absent: dict[str, str], folder: Path) -> None:
    """A token that appears is shown; one that is replaced, deleted or moved away with its folder is withdrawn."""
    (folder / "sub").mkdir()
    async with editor(absent, folder, client="neovim-0.10") as one:
        await one.logged("Scanned")
        (folder / "sub" / ".env").write_text(f"A={tokens.github()}\n")
        (folder / "conf.json").write_text(f'{{"a": "{tokens.npm()}"}}')
        await one.shown(folder / "sub" / ".env", 1)
        await one.shown(folder / "conf.json", 1)
        (folder / "conf.json").write_text("{}")
        await one.shown(folder / "conf.json", 0)
        (folder / "sub").rename(folder / "other")
        await one.shown(folder / "other" / ".env", 1)
        await one.shown(folder / "sub" / ".env", 0)
        shutil.rmtree(folder / "other")
        await one.shown(folder / "other" / ".env", 0)


async def test_what_is_no_text_any_longer_is_withdrawn(absent: dict[str, str], folder: Path) -> None:
    path = folder / "data.bin"
    path.write_text(tokens.github())
    async with editor(absent, folder, client="neovim-0.10") as one:
        await one.shown(path, 1)
        await one.logged("Scanned")
        path.write_bytes(b"\0\1\2" * 100)
        await one.shown(path, 0)


async def test_the_buffer_wins_over_the_disk(absent: dict[str, str], folder: Path) -> None:
    """While a document is open, nothing of its file is shown; after it is closed, the file is."""
    path = folder / ".env"
    path.write_text(f"A={tokens.github()}\n")
    async with editor(absent, folder, client="neovim-0.10") as one:
        await one.shown(path, 1)
        one.open(path.as_uri(), "A=\n", "shellscript")
        assert await one.diagnostics(path.as_uri()) == []
        path.write_text(f"A={tokens.github()}\nB={tokens.npm()}\n")
        (folder / "marker.env").write_text(f"A={tokens.slack()}\n")
        await one.shown(folder / "marker.env", 1)
        await asyncio.sleep(0.5)
        assert not [p for p in one.published if p.uri == path.as_uri()][-1].diagnostics
        one.close(path.as_uri())
        await one.shown(path, 2)


async def test_other_places_of_a_token_are_named(absent: dict[str, str], folder: Path) -> None:
    """In open files and in others, until the token is gone from there."""
    token = tokens.github()
    (folder / ".env").write_text(f"# 😀\nA={token}\n")
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10") as one:
        await one.shown(folder / ".env", 1)
        one.open(uri, f'# 😀 {token}\nb = "{token}"\n')
        first, _ = await one.diagnostics(uri)
        places = [(r.location.uri, r.location.range.start.line) for r in first.related_information or ()]
        assert places == [(uri, 1), ((folder / ".env").as_uri(), 1)]
        related = await one.heard(
            lambda p: p.uri.endswith(".env") and len(p.diagnostics[0].related_information or ()) == 2
        )
        (second, third) = related.diagnostics[0].related_information or ()
        assert [one.slice(uri, r.location.range) for r in (second, third)] == [token, token]
        one.close(uri)
        await one.heard(lambda p: p.uri.endswith(".env") and not p.diagnostics[0].related_information)


async def test_ignoring_takes_hold_in_files_and_in_open_documents(
    absent: dict[str, str], folder: Path
) -> None:
    """A repository's ignore file counts in the editor as in `scan`: from when it is written until it is removed."""
    token = tokens.github()
    (folder / ".env").write_text(f"A={token}\n")
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10") as one:
        await one.shown(folder / ".env", 1)
        one.open(uri, f'a = "{token}"\n')
        assert await one.diagnostics(uri)
        allow = "[[allowlists]]\nregexes = ['^ghp_']\n"
        (folder / ".gitleaks.toml").write_text(allow)
        await one.shown(folder / ".env", 0)
        await one.shown(folder / "app.py", 0)
        assert ".gitleaks.toml" in await one.logged("ignored by")
        (folder / ".gitleaks.toml").unlink()
        await one.shown(folder / ".env", 1)
        await one.shown(folder / "app.py", 1)


async def test_a_malformed_rule_file_is_reported_on_its_line(absent: dict[str, str], folder: Path) -> None:
    """The file may be open or not; the report disappears when the line is fixed."""
    path = folder / ".gitleaksignore"
    path.write_text("# fine\nnonsense\n")
    async with editor(absent, folder, client="neovim-0.10") as one:
        (problem,) = await one.shown(path, 1)
        assert problem.range.start.line == 1
        one.open(path.as_uri(), path.read_text(), "plaintext")
        (problem,) = await one.diagnostics(path.as_uri())
        assert problem.range.start.line == 1
        path.write_text("# fine\n")
        await one.shown(path, 0)
