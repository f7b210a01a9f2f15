"""Diagnostic details that the client supports: severity, tags, and the page of the rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lsprotocol import types

import tokens
from lsp_client import Editor, editor

ALL = ("code_description_support", "tag_support", "related_information")


def without(*names: str) -> Callable[[types.ClientCapabilities], None]:
    """A client that does not announce some capabilities."""

    def alter(announced: types.ClientCapabilities) -> None:
        documents = announced.text_document
        assert documents is not None
        for one in filter(None, (documents.publish_diagnostics, documents.diagnostic)):
            for name in names:
                setattr(one, name, None)

    return alter


def expired() -> str:
    return tokens.jwt({"iss": "acme", "exp": int(time.time()) - 3 * 86_400})


async def found(one: Editor, folder: Path, token: str) -> types.Diagnostic:
    uri = (folder / "app.py").as_uri()
    one.open(uri, f'x = "{token}"\n')
    (only,) = await one.diagnostics(uri)
    return only


@pytest.mark.parametrize(
    ("token", "severity", "said"),
    [
        (
            tokens.github,
            types.DiagnosticSeverity.Error,
            "GitHub token in plain text: long-lived, works anywhere.",
        ),
        (expired, types.DiagnosticSeverity.Information, ": expired on "),
        (
            lambda: tokens.jwt({"iss": "acme", "exp": int(time.time()) + 3_600}),
            types.DiagnosticSeverity.Warning,
            ": expires on ",
        ),
    ],
    ids=["long-lived", "expired", "expiring"],
)
@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
async def test_the_severity_and_the_message_say_what_matters(
    absent: dict[str, str],
    folder: Path,
    client: str,
    token: Callable[[], str],
    severity: types.DiagnosticSeverity,
    said: str,
) -> None:
    async with editor(absent, folder, client=client) as one:
        diagnostic = await found(one, folder, token())
    assert diagnostic.severity == severity
    assert said in diagnostic.message


@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
async def test_an_expired_token_is_struck_through(absent: dict[str, str], folder: Path, client: str) -> None:
    async with editor(absent, folder, client=client) as one:
        diagnostic = await found(one, folder, expired())
        assert list(diagnostic.tags or ()) == [types.DiagnosticTag.Deprecated]


async def test_a_token_that_works_is_not_struck_through(absent: dict[str, str], folder: Path) -> None:
    async with editor(absent, folder) as one:
        assert (await found(one, folder, tokens.github())).tags is None


async def test_a_diagnostic_leads_to_the_page_of_its_rule(absent: dict[str, str], folder: Path) -> None:
    async with editor(absent, folder) as one:
        diagnostic = await found(one, folder, tokens.github())
    assert diagnostic.code_description is not None
    address = urlsplit(diagnostic.code_description.href)
    assert address.scheme == "file"
    assert str(diagnostic.code) in Path(unquote(address.path)).read_text("utf-8")


@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
async def test_a_diagnostic_has_nothing_that_the_client_does_not_take(
    absent: dict[str, str], folder: Path, client: str
) -> None:
    async with editor(absent, folder, client=client, alter=without(*ALL)) as one:
        diagnostic = await found(one, folder, expired())
    assert diagnostic.code_description is None
    assert diagnostic.tags is None
    assert diagnostic.related_information is None


@pytest.mark.parametrize("missing", ALL)
async def test_each_ability_is_asked_for_by_itself(
    absent: dict[str, str], folder: Path, missing: str
) -> None:
    async with editor(absent, folder, alter=without(missing)) as one:
        uri, token = (folder / "app.py").as_uri(), expired()
        one.open(uri, f'x = "{token}"\ny = "{token}"\n')
        diagnostic = (await one.diagnostics(uri))[0]
    given = {
        "code_description_support": diagnostic.code_description,
        "tag_support": diagnostic.tags,
        "related_information": diagnostic.related_information,
    }
    assert {name for name, value in given.items() if not value} == {missing}


async def test_the_data_is_what_a_list_shows_without_the_value(absent: dict[str, str], folder: Path) -> None:
    async with editor(absent, folder) as one:
        diagnostic = await found(one, folder, tokens.github())
    assert isinstance(diagnostic.data, dict)
    shown = {name: text for name, text in diagnostic.data.items() if name != "fingerprint"}
    assert shown == {"rule": "github-pat", "token": "GitHub token", "name": "x"}
    assert diagnostic.code == "github-pat"


async def test_a_token_that_expires_while_it_is_shown_is_then_shown_so(
    absent: dict[str, str], folder: Path
) -> None:
    """In an open document and in a closed file, without any edit."""
    token = tokens.jwt({"iss": "acme", "exp": int(time.time()) + 4})
    path, document = folder / "kept.env", (folder / "app.py").as_uri()
    path.write_text(f"A={token}\n")
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(document, f'x = "{token}"\n')
        for uri in (document, path.as_uri()):
            shown = await one.heard(lambda p, uri=uri: p.uri == uri and any(d.tags for d in p.diagnostics))  # type: ignore[misc]
            assert shown.diagnostics[0].severity == types.DiagnosticSeverity.Information
