"""Definitions: from references and from lookups in code to the lines that assign them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from cli_shell import Shell
from git_tree import git, repository
from lsp_client import ENCODERS, WIDTHS, Editor, editor
from rewriting.code.samples import SAMPLES
from tokenward.model import Reference
from tokenward.rewriting.languages import LANGUAGES, LanguageKind

TOKEN = Reference("acme-api", "TOKEN")
CLIENTS = [
    pytest.param("vscode-1.139", None, True, id="VS Code, UTF-16"),
    pytest.param("neovim-0.10", "utf-8", True, id="Neovim, UTF-8"),
    pytest.param("vscode-1.139", None, False, id="without links"),
]
LOOKUPS = {
    "python": ("app.py", 'os.environ["TOKEN"]'),
    "javascript": ("app.mjs", "process.env.TOKEN"),
    "typescript": ("app.ts", "process.env.TOKEN!"),
    "tsx": ("app.tsx", "<a b={process.env.TOKEN} />"),
    "shell": ("run.sh", 'curl "${TOKEN}"'),
    "direnv": (".envrc", 'curl "${TOKEN}"'),
    "batch": ("run.bat", "%TOKEN%"),
    "fish": ("run.fish", '"$TOKEN"'),
    "make": ("Makefile", "$(TOKEN)"),
    **{row.language: (row.file, row.readings[0].replace("API_KEY", "TOKEN")) for row in SAMPLES},
}
NO_LOOK_UP = {"chunks", "notebook", "terraform"}
"""Their variables have names of their own, or are in code of other languages."""


def links(supported: bool) -> Callable[[types.ClientCapabilities], None]:
    def alter(announced: types.ClientCapabilities) -> None:
        assert announced.text_document is not None
        announced.text_document.definition = types.DefinitionClientCapabilities(link_support=supported)

    return alter


async def definitions(one: Editor, uri: str, at: str) -> list[types.Location | types.LocationLink]:
    """Return the definitions of a text in the buffer, requested two characters into it."""
    text = one.buffers[uri].text
    before = text[: text.index(at) + 2]
    line = before.replace("\r\n", "\n").count("\n")
    column = len(before.rpartition("\n")[2].encode(ENCODERS[one.encoding])) // WIDTHS[one.encoding]
    params = types.DefinitionParams(types.TextDocumentIdentifier(uri), types.Position(line, column))
    answer = await one.client.text_document_definition_async(params)
    assert answer is None or (isinstance(answer, list) and answer)
    return list(answer or ())  # type: ignore[arg-type]


async def test_every_look_up_of_the_table_of_languages_leads_to_its_line(
    absent: dict[str, str], folder: Path
) -> None:
    """Environment files that never end, or are outside the folder, are skipped."""
    code = {language.name for language in LANGUAGES if language.kind is LanguageKind.CODE}
    assert set(LOOKUPS) == code - NO_LOOK_UP
    (folder / ".env").write_text(f"PLAIN=1\nTOKEN={TOKEN}\n")
    (folder / ".env.endless").symlink_to("/dev/zero")
    (folder.parent / "stranger").write_text(f"TOKEN={TOKEN}\n")
    (folder / ".env.link").symlink_to(folder.parent / "stranger")
    async with editor(absent, folder, alter=links(supported=True)) as one:
        for name, (file, lookup) in LOOKUPS.items():
            uri = (folder / file).as_uri()
            one.open(uri, f"x = {lookup}\ny = {lookup.replace('TOKEN', 'PLAIN')}\n", name)
            await one.diagnostics(uri)
            (found,) = await definitions(one, uri, "TOKEN")
            assert isinstance(found, types.LocationLink)
            assert found.target_uri == (folder / ".env").as_uri()
            assert found.target_selection_range == span(1, 0, 5)
            assert found.target_range == span(1, 0, 6 + len(str(TOKEN)))
            assert found.origin_selection_range is not None
            assert one.slice(uri, found.origin_selection_range) == "TOKEN"
            assert await definitions(one, uri, "PLAIN") == []
            assert await definitions(one, uri, "x =") == []
        assert one.messages == []


@pytest.mark.parametrize(("client", "encoding", "supported"), CLIENTS)
async def test_a_reference_leads_to_its_other_assignments_in_the_clients_own_units(
    absent: dict[str, str], folder: Path, client: str, encoding: str | None, supported: bool
) -> None:
    """This holds after any text at either end; an open buffer takes precedence over its file."""
    (folder / ".env").write_text(f"OLD={TOKEN}\n")
    (folder / ".env.local").write_bytes(f"# 😀\r\n  É😀 = '{TOKEN}' # 😀\r\n".encode())
    env, compose = (folder / ".env").as_uri(), (folder / "compose.yml").as_uri()
    async with editor(absent, folder, client=client, encoding=encoding, alter=links(supported)) as one:
        one.open(env, f"😀=1\r\nexport KEY={TOKEN}\r\n", "dotenv")
        one.open(compose, f"a: '😀\u2028 {TOKEN}'\r\n", "yaml")
        await one.diagnostics(compose)
        first, second = await definitions(one, compose, str(TOKEN))
        if not supported:
            assert isinstance(first, types.Location)
            assert isinstance(second, types.Location)
            assert (first.uri, one.slice(env, first.range)) == (env, "KEY")
            assert second.uri == (folder / ".env.local").as_uri()
            assert second.range == span(1, 2, 5)
            return
        assert isinstance(first, types.LocationLink)
        assert isinstance(second, types.LocationLink)
        assert (first.target_uri, second.target_uri) == (env, (folder / ".env.local").as_uri())
        assert one.slice(env, first.target_range) == f"KEY={TOKEN}"
        assert first.origin_selection_range is not None
        assert one.slice(compose, first.origin_selection_range) == str(TOKEN)
        (other,) = await definitions(one, env, str(TOKEN))
        assert isinstance(other, types.LocationLink)
        assert other.target_uri == second.target_uri


async def test_a_look_up_in_a_git_worktree_leads_to_the_main_folders_line_unless_it_has_its_own(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """A clone beside it leads nowhere."""
    repository(folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    worktree, clone = tmp_path / "worktree", tmp_path / "clone"
    git(folder, "worktree", "add", "-q", str(worktree))
    git(folder, "clone", "-q", ".", str(clone))
    assert Shell(absent, folder).agree("bind", "acme-api") == 0
    (folder / ".env").write_text(f"TOKEN={TOKEN}\n")
    for opened, expected in ((worktree, folder), (clone, None)):
        async with editor(absent, opened, alter=links(supported=False)) as one:
            uri = (opened / "app.py").as_uri()
            one.open(uri, 'x = os.environ["TOKEN"]\n', "python")
            await one.diagnostics(uri)
            found = [
                target.uri
                for target in await definitions(one, uri, "TOKEN")
                if isinstance(target, types.Location)
            ]
            assert found == ([(expected / ".env").as_uri()] if expected else [])
            if expected:
                (opened / ".env").write_text(f"TOKEN={TOKEN}\n")
                (own,) = await definitions(one, uri, "TOKEN")
                assert isinstance(own, types.Location)
                assert own.uri == (opened / ".env").as_uri()


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))
