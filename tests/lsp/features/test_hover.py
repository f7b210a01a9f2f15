"""Hovers on findings, on references and elsewhere, in each client's format, and with hostile text."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types
from markdown_it import MarkdownIt
from markdown_it.token import Token

import tokens
from lsp_client import ENCODERS, PATIENCE, WIDTHS, Editor, editor
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.model import Fingerprint, Reference

CLIENTS = [
    pytest.param("vscode-1.139", None, id="VS Code, UTF-16"),
    pytest.param("neovim-0.10", None, id="Neovim"),
    pytest.param("neovim-0.10", "utf-8", id="UTF-8"),
    pytest.param("vscode-1.139", "utf-32", id="UTF-32"),
]
HOUR = 3_600


def shown(hover: types.Hover | None) -> str:
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents.value


def parsed(markdown: str) -> list[Token]:
    """Return a Markdown text as an independent parser reads it, trusting every link."""
    reader = MarkdownIt()
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader.parse(markdown)


def links(markdown: str) -> list[str]:
    """Return the links of a Markdown text."""
    inline = [token for block in parsed(markdown) for token in block.children or ()]
    return [str(token.attrs["href"]) for token in inline if token.type == "link_open"]


async def over(one: Editor, uri: str, text: str, language: str = "python") -> types.Hover | None:
    """Return the hover on the only finding of a text."""
    one.open(uri, text, language)
    (found,) = await one.diagnostics(uri)
    return await one.hover(uri, found.range.start.line, found.range.start.character + 3)


def wants(*formats: str) -> Callable[[types.ClientCapabilities], None]:
    def alter(announced: types.ClientCapabilities) -> None:
        assert announced.text_document is not None
        kinds = [types.MarkupKind(one) for one in formats]
        announced.text_document.hover = types.HoverClientCapabilities(content_format=kinds) if kinds else None

    return alter


def command(environment: dict[str, str], folder: Path, *words: str, given: str = "") -> None:
    run = [sys.executable, "-m", "tokenward.cli", *words]
    subprocess.run(run, cwd=folder, env=environment, input=given, text=True, check=True, capture_output=True)


def bind(environment: dict[str, str], folder: Path) -> None:
    """Bind the folder, as a person does with `tokenward bind` at a terminal."""
    Bindings(records(environment)).bind("acme-api", folder)


def records(environment: dict[str, str]) -> Path:
    return Path(environment["HOME"], ".local/share/tokenward/custody.db")


@pytest.mark.parametrize(("client", "encoding"), CLIENTS)
async def test_a_hover_is_on_exactly_the_token_and_never_holds_it(
    absent: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """After any text, the range in the client's own units is exactly the token."""
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    async with editor(absent, folder, client=client, encoding=encoding) as one:
        hover = await over(one, uri, f'# 😀\f\u2028\r\né😀 = "{token}"\n')
        assert hover is not None
        assert hover.range is not None
        assert one.slice(uri, hover.range) == token
        assert shown(hover).startswith("**GitHub token (ghp\\_…, 40 characters)**")
        assert token not in shown(hover)
        assert token[4:16] not in shown(hover)


async def test_a_hover_says_what_the_token_can_do_and_how_it_ends(
    absent: dict[str, str], folder: Path
) -> None:
    async with editor(absent, folder) as one:
        text = shown(await over(one, (folder / "app.py").as_uri(), f'x = "{tokens.github()}"\n'))
    for label in ("Authority", "Lifetime", "A copy", "What to do", "How to revoke it", "Rule", "Standards"):
        assert f"\n- **{label}**" in text
    hosts = {link.split("/")[2] for link in links(text)}
    assert {"owasp.org", "cwe.mitre.org"} <= hosts
    assert any(link.endswith("/github.md") and link.startswith("file:") for link in links(text))


@pytest.mark.parametrize(
    ("name", "weakness"),
    [
        ("app.py", "CWE-798"),
        (".env", "CWE-312"),
        (".cursor/mcp.json", "CWE-312"),
        ("logs/run.log", "CWE-532"),
    ],
)
async def test_a_hover_names_the_weakness_of_such_a_file(
    absent: dict[str, str], folder: Path, name: str, weakness: str
) -> None:
    async with editor(absent, folder) as one:
        text = shown(await over(one, (folder / name).as_uri(), f'TOKEN="{tokens.github()}"\n', "plaintext"))
    assert [one for one in ("CWE-798", "CWE-312", "CWE-532") if one in text] == [weakness]


@pytest.mark.parametrize(
    ("ends_in", "said"),
    [
        (3 * HOUR + 60, "Expires in 3 hours, on "),
        (20 * 366 * 24 * HOUR, "Expires in 20 years, on "),
        (-49 * HOUR, "Expired 2 days ago, on "),
    ],
)
async def test_a_token_that_names_its_end_has_a_clock(
    absent: dict[str, str], folder: Path, ends_in: int, said: str
) -> None:
    token = tokens.jwt({"iss": "acme", "exp": int(time.time()) + ends_in})
    async with editor(absent, folder) as one:
        assert said in shown(await over(one, (folder / "app.py").as_uri(), f'x = "{token}"\n'))


@pytest.mark.parametrize(
    "issuer",
    [
        "[x](https://evil.example)",
        "![x](https://evil.example/pixel.png)",
        "<https://evil.example>",
        "<img src=x onerror=alert(1)>",
        "a\n\n# b\n\n[x]: https://evil.example\n[x]",
        "`[x](https://evil.example)`",
        "```\n[x](https://evil.example)\n```",
        "**bold** _it_ &lt;b&gt;",
        "\u202e[x](command:workbench.action.terminal.new)",
        "[x](https://evil.example)" * 2_000,
    ],
)
async def test_no_claim_of_a_token_becomes_more_than_text(
    absent: dict[str, str], folder: Path, issuer: str
) -> None:
    """A hostile repository chose the token, so its claims must not lead anywhere."""
    token = tokens.jwt({"iss": issuer, "aud": [issuer, issuer], "scope": issuer})
    async with editor(absent, folder) as one:
        text = shown(await over(one, (folder / "app.py").as_uri(), f'x = "{token}"\n'))
    kinds = {token.type for block in parsed(text) for token in (block, *(block.children or ()))}
    assert not kinds & {"image", "html_inline", "html_block", "heading_open", "fence", "code_block"}
    assert not any("evil.example" in link or link.startswith("command:") for link in links(text))
    assert len(text) < 5_000


@pytest.mark.parametrize(
    ("formats", "kind"),
    [
        (("markdown", "plaintext"), types.MarkupKind.Markdown),
        (("plaintext", "markdown"), types.MarkupKind.PlainText),
        (("plaintext",), types.MarkupKind.PlainText),
        ((), types.MarkupKind.PlainText),
    ],
)
async def test_a_hover_is_written_as_the_client_likes_it(
    absent: dict[str, str], folder: Path, formats: tuple[str, ...], kind: types.MarkupKind
) -> None:
    async with editor(absent, folder, alter=wants(*formats)) as one:
        hover = await over(one, (folder / "app.py").as_uri(), f'x = "{tokens.github()}"\n')
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind == kind
    assert ("**" in shown(hover)) == (kind is types.MarkupKind.Markdown)
    assert "GitHub token (ghp_…, 40 characters)" in shown(hover).replace("\\", "")


async def test_a_hover_names_the_other_places_of_the_token(absent: dict[str, str], folder: Path) -> None:
    token, odd = tokens.github(), folder / "[x](y) `z`.env"
    odd.write_text(f"\nA={token}\n")
    async with editor(absent, folder) as one:
        await one.logged("Scanned")
        one.open((folder / "app.py").as_uri(), f'x = "{token}"\ny = "{token}"\n')
        assert len(await one.diagnostics((folder / "app.py").as_uri())) == 2
        text = shown(await one.hover((folder / "app.py").as_uri(), 0, 10))
    assert "1 other place in this document and 1 other file" in text
    assert f"{odd.as_uri()}#L2" in links(text)
    assert "OWASP NHI9:2025" in text


async def test_there_is_no_hover_on_anything_else(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"\ny = "keyring://Not A/REFERENCE"\n')
        await one.diagnostics(uri)
        for line, character in [(0, 0), (1, 8), (1, 20), (2, 0), (900, 900)]:
            assert await one.hover(uri, line, character) is None
        assert await one.hover((folder / "other.py").as_uri(), 0, 0) is None


async def test_there_is_no_hover_when_tokenward_is_switched_off(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / ".env").as_uri()
    async with editor(absent, folder, configuration={"enabled": False}) as one:
        one.open(uri, f"A=keyring://acme-api/A\nB={tokens.github()}\n")
        await one.diagnostics(uri)

        async def settled() -> None:
            # The settings files apply until the client has sent its settings.
            while await one.hover(uri, 1, 8) is not None:
                pass

        await asyncio.wait_for(settled(), PATIENCE)
        assert await one.hover(uri, 0, 8) is None


async def test_a_hover_in_a_notebook_is_on_the_cell_s_token(absent: dict[str, str], folder: Path) -> None:
    token, notebook = tokens.github(), (folder / "n.ipynb").as_uri()
    cell = notebook.replace("file:", "vscode-notebook-cell:") + "#W0"
    async with editor(absent, folder, client="neovim-0.10") as one:
        item = types.TextDocumentItem(cell, "python", 1, f'# 😀\nx = "{token}"\n')
        one.client.notebook_document_did_open(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(
                    notebook, "jupyter-notebook", 1, [types.NotebookCell(types.NotebookCellKind.Code, cell)]
                ),
                [item],
            )
        )
        await one.heard(lambda published: published.uri == cell and bool(published.diagnostics))
        hover = await one.hover(cell, 1, 10)
        assert "GitHub token" in shown(hover)
        assert await one.hover(cell, 0, 0) is None


@pytest.mark.parametrize(("client", "encoding"), CLIENTS)
async def test_a_hover_on_a_reference_says_since_when_it_is_stored(
    unlocked: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """The range is the reference, and the value is not shown."""
    value, uri = tokens.github(), (folder / ".env").as_uri()
    command(unlocked, folder, "put", "API_KEY", given=value)
    async with editor(unlocked, folder, client=client, encoding=encoding) as one:
        line = "é😀=keyring://acme-api/API_KEY # 😀\n"
        one.open(uri, line, "dotenv")
        assert await one.diagnostics(uri) == []
        before = line.partition("keyring")[0].encode(ENCODERS[one.encoding])
        hover = await one.hover(uri, 0, len(before) // WIDTHS[one.encoding])
        assert hover is not None
        assert hover.range is not None
        assert one.slice(uri, hover.range) == "keyring://acme-api/API_KEY"
        assert re.search(r"\*\*Added\*\*: .+ ago, on \d{4}-\d\d-\d\d at \d\d:\d\d UTC", shown(hover))
        assert "**Last used**: never" in shown(hover)
        assert value not in shown(hover)


async def test_a_hover_on_a_reference_says_when_it_was_last_used(
    unlocked: dict[str, str], folder: Path
) -> None:
    command(unlocked, folder, "put", "API_KEY", given=tokens.github())
    (folder / ".env").write_text("A=keyring://acme-api/API_KEY\n")
    command(unlocked, folder, "run", "--", "true")
    async with editor(unlocked, folder) as one:
        uri = (folder / ".env").as_uri()
        one.open(uri, "A=keyring://acme-api/API_KEY\n", "dotenv")
        await one.diagnostics(uri)
        assert re.search(r"\*\*Last used\*\*: .+ ago, on ", shown(await one.hover(uri, 0, 8)))


async def test_a_hover_on_a_strangers_reference_is_the_refusal(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """A cloned folder that claims another's name learns its owner, but nothing of what is stored."""
    stranger = tmp_path / "clone"
    stranger.mkdir()
    bind(absent, folder)
    async with editor(absent, stranger) as one:
        uri = (stranger / ".env").as_uri()
        one.open(uri, "A=keyring://acme-api/API_KEY\nB=keyring://nobody/X\n", "dotenv")
        await one.diagnostics(uri)
        text = shown(await one.hover(uri, 0, 8))
        assert "**It does not resolve here**: acme-api belongs to " in text
        assert "Stored" not in text
        assert "nobody belongs to no folder" in shown(await one.hover(uri, 1, 8))


@pytest.mark.slow
async def test_a_hover_on_a_reference_asks_no_keyring(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """A backend that would leave a trace when it is loaded leaves none."""
    mark = tmp_path / "loaded"
    (tmp_path / "marking.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    environment = {
        **absent,
        "PYTHON_KEYRING_BACKEND": "marking.Keyring",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), absent.get("PYTHONPATH", "")]),
    }
    settings = Path(environment["HOME"], ".config/tokenward/config.toml")
    settings.parent.mkdir(parents=True)
    settings.write_text('allowed-backends = ["marking"]\n')
    bind(environment, folder)
    Entries(records(environment)).add(Reference("acme-api", "API_KEY"), Fingerprint("0" * 32), "GitHub")
    async with editor(environment, folder) as one:
        uri = (folder / ".env").as_uri()
        one.open(uri, "A=keyring://acme-api/API_KEY\nB=keyring://acme-api/OTHER\n", "dotenv")
        await one.diagnostics(uri)
        assert "**Stored**: GitHub, " in shown(await one.hover(uri, 0, 8))
        assert "**Nothing is stored**" in shown(await one.hover(uri, 1, 8))
    assert not mark.exists()


async def test_a_hover_on_a_reference_in_one_long_line_is_answered(
    absent: dict[str, str], folder: Path
) -> None:
    uri = (folder / "data.json").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, "a" * 4_000_000 + " keyring://acme-api/API_KEY " + "keyring://" * 400_000, "json")
        await one.diagnostics(uri)
        assert "does not resolve here" in shown(await one.hover(uri, 0, 4_000_005))
        assert await one.hover(uri, 0, 4_000_100) is None
