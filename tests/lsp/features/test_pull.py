"""Diagnostics for clients that pull: documents, the workspace, and nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

import tokens
from lsp_client import PATIENCE, Editor, editor


class Puller:
    """A client that pulls the workspace as VS Code does, and stores the latest report of each uri."""

    def __init__(self, one: Editor) -> None:
        self.one = one
        self.ids: dict[str, str] = {}
        self.items: dict[str, list[types.Diagnostic]] = {}
        self.reports = 0

    async def until(self, path: Path, count: int) -> list[types.Diagnostic]:
        """Pull until a file has this many diagnostics."""
        await asyncio.wait_for(self._until(path.as_uri(), count), PATIENCE)
        return self.items.get(path.as_uri(), [])

    async def _until(self, uri: str, count: int) -> None:
        while len(self.items.get(uri, [])) != count:
            self.take(await self.one.pull_workspace(self.ids))

    def take(self, reports: list[Any]) -> None:
        self.reports += len(reports)
        for report in reports:
            self.ids[report.uri] = report.result_id
            self.items[report.uri] = list(report.items)


def replace(path: Path, text: str) -> None:
    """Replace a file in one step; a file that is written in place is empty for a moment, and reported so."""
    new = path.parent.with_name(path.name)
    new.write_text(text)
    new.replace(path)


async def test_a_document_is_pulled_at_its_version(absent: dict[str, str], folder: Path) -> None:
    """A pull that comes before the rules are loaded waits for them; nothing is pushed."""
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        assert one.pulls
        one.open(uri, f'x = "{tokens.github()}"\n')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == tokens.github()
        one.change(uri, (0, 0), (0, 0), f'y = "{tokens.npm()}"\n')
        assert len(await one.diagnostics(uri)) == 2
        assert one.published == []


async def test_an_unchanged_document_is_answered_by_its_result_id(
    absent: dict[str, str], folder: Path
) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"\n\n')
        identifier = types.TextDocumentIdentifier(uri)
        first = await one.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(identifier))
        assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
        again = types.DocumentDiagnosticParams(identifier, previous_result_id=first.result_id)
        one.change(uri, (1, 0), (1, 0), "# no token")
        second = await one.client.text_document_diagnostic_async(again)
        assert isinstance(second, types.RelatedUnchangedDocumentDiagnosticReport)
        assert second.result_id == first.result_id
        one.change(uri, (0, 0), (0, 0), "\n")
        third = await one.client.text_document_diagnostic_async(again)
        assert isinstance(third, types.RelatedFullDocumentDiagnosticReport)


async def test_the_workspace_is_pulled_and_only_news_are_told(absent: dict[str, str], folder: Path) -> None:
    """Found, changed, deleted; an unchanged file is not reported again."""
    (folder / ".env").write_text(f"A={tokens.github()}\n")
    (folder / "b.env").write_text(f"B={tokens.slack()}\n")
    async with editor(absent, folder) as one:
        puller = Puller(one)
        await puller.until(folder / ".env", 1)
        await puller.until(folder / "b.env", 1)
        told = puller.reports
        replace(folder / ".env", f"A={tokens.github()}\nB={tokens.npm()}\n")
        await puller.until(folder / ".env", 2)
        assert puller.reports == told + 1
        (folder / ".env").unlink()
        await puller.until(folder / ".env", 0)
        assert not any(published.diagnostics for published in one.published)


async def test_a_pull_of_the_workspace_waits_for_news_and_can_be_cancelled(
    absent: dict[str, str], folder: Path
) -> None:
    async with editor(absent, folder) as one:
        await one.logged("Scanned")
        waiting = asyncio.ensure_future(one.pull_workspace({}))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        (folder / ".env").write_text(f"A={tokens.github()}\n")
        (report,) = await waiting
        assert report.uri == (folder / ".env").as_uri()
        known = {report.uri: report.result_id}
        params = types.WorkspaceDiagnosticParams([types.PreviousResultId(*next(iter(known.items())))])
        protocol = one.client.protocol
        held = asyncio.ensure_future(protocol.send_request_async(types.WORKSPACE_DIAGNOSTIC, params, "held"))
        await asyncio.sleep(0.2)
        protocol.notify(types.CANCEL_REQUEST, types.CancelParams("held"))
        with pytest.raises(JsonRpcException, match="cancel"):
            await asyncio.wait_for(held, PATIENCE)
        (folder / ".env").unlink()
        (report,) = await one.pull_workspace(known)
        assert list(report.items) == []


async def test_a_file_is_known_however_the_client_spells_it(absent: dict[str, str], folder: Path) -> None:
    """VS Code writes `c%3A` for a drive; nothing is withdrawn because of that."""
    path = folder / ".env"
    path.write_text(f"A={tokens.github()}\n")
    async with editor(absent, folder) as one:
        puller = Puller(one)
        await puller.until(path, 1)
        known = {uri.replace("/.env", "/%2Eenv"): result_id for uri, result_id in puller.ids.items()}
        replace(path, f"A={tokens.github()}\nB={tokens.npm()}\n")
        reports = await one.pull_workspace(known)
        assert [(report.uri, len(report.items)) for report in reports] == [(path.as_uri(), 2)]


async def test_a_look_has_ended_when_what_it_found_is_known(absent: dict[str, str], folder: Path) -> None:
    """A client that took the end of a scan for its result would show that there is no token."""
    (folder / ".env").write_text(f"A={tokens.github()}\n")
    ended = asyncio.Event()

    def announce(capabilities: types.ClientCapabilities) -> None:
        capabilities.experimental = {"tokenward": {"looked": True}}

    async with editor(absent, folder, alter=announce) as one:
        one.client.feature("tokenward/looked")(lambda _: ended.set())
        (report,) = await one.pull_workspace({})
        await one.logged("Scanned")
        assert report.uri == (folder / ".env").as_uri()
        await asyncio.sleep(0.5)
        assert not ended.is_set()
        held = asyncio.ensure_future(one.pull_workspace({report.uri: report.result_id}))
        await asyncio.wait_for(ended.wait(), PATIENCE)
        assert not held.done()
        held.cancel()


async def test_a_closed_document_is_told_as_its_file(absent: dict[str, str], folder: Path) -> None:
    """As in VS Code, the last pull of a document comes after its close; then the workspace report includes it."""
    path = folder / ".env"
    path.write_text(f"A={tokens.github()}\nB={tokens.npm()}\n")
    async with editor(absent, folder) as one:
        puller = Puller(one)
        await puller.until(path, 2)
        one.open(path.as_uri(), f"A={tokens.github()}\n", "shellscript")
        assert len(await one.diagnostics(path.as_uri())) == 1
        await puller.until(path, 1)
        one.close(path.as_uri())
        assert len(await one.pull(path.as_uri())) == 2
        await puller.until(path, 2)


async def test_what_was_pushed_before_the_first_pull_of_the_workspace_is_taken_back(
    absent: dict[str, str], folder: Path
) -> None:
    """Many clients pull documents but never the workspace: files that are not open are pushed to them."""
    path = folder / ".env"
    path.write_text(f"A={tokens.github()}\n")
    async with editor(absent, folder) as one:
        await one.heard(lambda p: p.uri == path.as_uri() and bool(p.diagnostics))
        one.open(path.as_uri(), path.read_text(), "shellscript")
        assert len(await one.diagnostics(path.as_uri())) == 1
        assert not [p for p in one.published if p.uri == path.as_uri()][-1].diagnostics
        one.close(path.as_uri())
        one.published.clear()
        await one.heard(lambda p: p.uri == path.as_uri() and bool(p.diagnostics))
        await Puller(one).until(path, 1)
        assert not [p for p in one.published if p.uri == path.as_uri()][-1].diagnostics


async def test_a_document_is_pushed_until_it_is_pulled(absent: dict[str, str], folder: Path) -> None:
    """Neovim pulls what a window shows: the other tokens of an `.env` that a move opened unseen stay in its lists."""
    path = folder / ".env"
    path.write_text(f"A={tokens.github()}\n")
    async with editor(absent, folder) as one:
        await one.shown(path, 1)
        one.open(path.as_uri(), path.read_text(), "shellscript")
        one.change(path.as_uri(), (1, 0), (1, 0), f"B={tokens.npm()}\n")
        assert len(await one.shown(path, 2)) == 2
        assert all(published.diagnostics for published in one.published)
        one.change(path.as_uri(), (1, 0), (2, 0), "")
        assert len(await one.shown(path, 1)) == 1
        assert len(await one.diagnostics(path.as_uri())) == 1
        assert await one.shown(path, 0) == []
        one.published.clear()
        one.change(path.as_uri(), (1, 0), (1, 0), f"B={tokens.npm()}\n")
        assert len(await one.diagnostics(path.as_uri())) == 2
        await asyncio.sleep(0.5)
        assert one.published == []


async def test_a_client_is_asked_to_pull_again_when_something_else_changed(
    absent: dict[str, str], folder: Path
) -> None:
    """New rules, and a token that is now in another place too."""
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"\n')
        (found,) = await one.diagnostics(uri)
        assert not found.related_information
        await one.logged("Scanned")
        before = one.refreshes
        (folder / ".env").write_text(f"A={tokens.github()}\n")
        await one.refreshed(before)
        (found,) = await one.diagnostics(uri)
        assert [related.location.uri for related in found.related_information or ()] == [
            (folder / ".env").as_uri()
        ]
        before = one.refreshes
        (folder / ".gitleaks.toml").write_text("[[allowlists]]\nregexes = ['^ghp_']\n")
        await one.refreshed(before)
        assert await one.diagnostics(uri) == []


@pytest.mark.parametrize("part", ["diagnostic", "refresh"])
async def test_a_client_that_cannot_be_told_to_pull_again_is_pushed_everything(
    absent: dict[str, str], folder: Path, part: str
) -> None:
    """Neovim 0.10 announces one capability without the other: its diagnostics would go stale."""

    def without(announced: types.ClientCapabilities) -> None:
        assert announced.text_document is not None
        assert announced.workspace is not None
        if part == "diagnostic":
            announced.text_document.diagnostic = None
        else:
            announced.workspace.diagnostics = None

    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, alter=without) as one:
        assert not one.pulls
        one.open(uri, f'x = "{tokens.github()}"\n')
        assert len(await one.diagnostics(uri)) == 1
