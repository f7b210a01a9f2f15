"""Diagnostics for open documents: on exactly the token, for the version that the client has."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

import tokens
from lsp_client import PATIENCE, editor
from tokenward.detection.engine import MOST_SCREENED

CLIENTS = [
    pytest.param("vscode-1.139", None, id="VS Code, UTF-16"),
    pytest.param("neovim-0.10", None, id="Neovim"),
    pytest.param("neovim-0.10", "utf-8", id="UTF-8"),
    pytest.param("vscode-1.139", "utf-32", id="UTF-32"),
]
AWKWARD = ["", "\n", "\r\n", "\r", "\f\u2028\x85", "\ufeff", "é😀\n😀", "\0\0\n", "\v\x1c\x1d\r\r\n"]


@pytest.mark.parametrize(("client", "encoding"), CLIENTS)
async def test_the_warning_stands_on_exactly_the_token(
    absent: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """After any text, a token's range in the client's own units is exactly the token."""
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    async with editor(absent, folder, client=client, encoding=encoding) as one:
        assert encoding in (None, one.encoding)
        for number, before in enumerate(AWKWARD):
            case = f"{uri}{number}"
            one.open(case, f'{before}x = "{token}"')
            (found,) = await one.diagnostics(case)
            assert one.slice(case, found.range) == token


@pytest.mark.parametrize(("client", "encoding"), CLIENTS)
async def test_a_token_typed_in_shows_at_once_and_goes_when_it_is_deleted(
    absent: dict[str, str], folder: Path, client: str, encoding: str | None
) -> None:
    """didChange with ranges: the server's text matches the client's, character by character."""
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    async with editor(absent, folder, client=client, encoding=encoding) as one:
        one.open(uri, "# 😀\r\nx = \r\ny = 2\r\n")
        assert await one.diagnostics(uri) == []
        one.change(uri, (1, 4), (1, 4), f'"{token}"')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == token
        one.change(uri, (0, 0), (0, 0), "\f\u2028\r")
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == token
        line = found.range.start.line
        one.change(uri, (line, 0), (line + 1, 0), "")
        assert await one.diagnostics(uri) == []


@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
async def test_a_new_version_of_the_same_text_is_answered(
    absent: dict[str, str], folder: Path, client: str
) -> None:
    """An editor may announce a new version without any change, whether it pulls or is pushed to."""
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client=client) as one:
        one.open(uri, f'x = "{tokens.github()}"\n')
        assert len(await one.diagnostics(uri)) == 1
        one.retell(uri)
        assert len(await one.diagnostics(uri)) == 1


async def test_a_large_document_is_scanned_and_edited(absent: dict[str, str], folder: Path) -> None:
    """Beyond the part scanned at once, the edit shows at once and the rest is right after a pause."""
    token, uri = tokens.github(), (folder / "big.py").as_uri()
    filler = "value = compute(1, 2)  # nothing here\n" * 20_000
    async with editor(absent, folder) as one:
        one.open(uri, f'{filler}x = "{token}"\n')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == token
        one.change(uri, (5, 0), (5, 0), f'a = "{tokens.npm()}"\n\n')
        first, second = await one.diagnostics(uri)
        assert one.slice(uri, first.range) == tokens.npm()
        assert one.slice(uri, second.range) == token


async def test_a_burst_of_changes_ends_with_the_findings_of_the_last(
    absent: dict[str, str], folder: Path
) -> None:
    """No diagnostics of an old version come after those of a newer one."""
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(uri, "x = 1\n" * 30_000)
        for number in range(60):
            one.change(uri, (number, 0), (number, 0), f'a = "{tokens.github(number)}"\n')
        assert len(await one.diagnostics(uri)) == 60
        versions = [p.version for p in one.published if p.uri == uri and p.version is not None]
        assert versions == sorted(versions)


async def test_a_closed_document_has_no_diagnostics(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(uri, f'x = "{tokens.github()}"')
        assert await one.diagnostics(uri)
        one.close(uri)
        last = await one.heard(lambda published: not published.diagnostics)
        assert last.uri == uri


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/a.py?x", "nonsense", "file:///%00", "file:///%ff%fe/a.py"]
)
async def test_a_uri_that_is_no_file_is_scanned_all_the_same(
    absent: dict[str, str], folder: Path, uri: str
) -> None:
    async with editor(absent, folder) as one:
        one.open(uri, f'x = "{tokens.github()}"')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == tokens.github()


@pytest.mark.parametrize(
    "text",
    ["", "\ud800 \udfff", "\0" * 1000, "a" * 9_000_000, "\n" * 200_000, "{" * 50_000],
    ids=["empty", "lone surrogates", "NULs", "one long line", "only newlines", "nested"],
)
async def test_bad_input_neither_crashes_nor_hides_a_token(
    absent: dict[str, str], folder: Path, text: str
) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, f'{text}\nx = "{tokens.github()}"\n')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == tokens.github()


async def test_a_document_over_the_limit_says_so(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder, client="neovim-0.10", configuration={"maxDocumentBytes": 1000}) as one:
        one.open(uri, "x" * 2000)
        published = await one.heard(lambda published: bool(published.diagnostics))
        assert "maxDocumentBytes" in published.diagnostics[0].message


@pytest.mark.slow
async def test_a_document_of_many_tokens_is_scanned_off_the_loop_and_cut(
    absent: dict[str, str], folder: Path
) -> None:
    """Thousands of findings neither delay keystrokes nor hide their number."""
    uri = (folder / "app.py").as_uri()
    line = " ".join(f'"{tokens.github(n)}"' for n in range(3000))
    async with editor(absent, folder) as one:
        one.open(uri, f"{line}\n")
        found = await one.diagnostics(uri)
        assert "3,000 tokens" in found[-1].message
        one.open((folder / "other.py").as_uri(), "x = 1")
        one.change(uri, (1, 0), (1, 0), f'x = "{tokens.npm()}"')
        assert "3,001 tokens" in (await one.diagnostics(uri))[-1].message


async def test_after_a_large_paste_no_old_place_is_shown(absent: dict[str, str], folder: Path) -> None:
    uri = (folder / "app.py").as_uri()
    token = tokens.github()
    async with editor(absent, folder, client="neovim-0.10") as one:
        one.open(uri, "x = 1\n" * 20_000 + f'y = "{token}"\n')
        await one.heard(lambda published: bool(published.diagnostics))
        one.change(uri, (5, 0), (5, 0), "pasted = 2\n" * 20_000)
        one.change(uri, (7, 0), (7, 0), "z")
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == token


@pytest.mark.slow
async def test_fifty_megabytes_are_refused_and_the_server_goes_on(
    absent: dict[str, str], folder: Path
) -> None:
    uri = (folder / "app.py").as_uri()
    async with editor(absent, folder) as one:
        one.open(uri, "x = 1\n" * 8_500_000)
        (found,) = await one.diagnostics(uri)
        assert "larger than" in found.message
        one.replace(uri, f'x = "{tokens.github()}"')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == tokens.github()


RESTLESS = """
import sys, threading
from pathlib import Path
from tokenward.cli.main import main
from tokenward.detection.engine import Detector
from tokenward.lsp import lifecycle

notes, release, load = Path(sys.argv[1]), Detector.release, Detector.load

def noted_release(detector, idle):
    return release(detector, idle) and bool((notes / "released").write_text("") or True)

def noted_load(detector):
    if not detector.is_loaded:
        with (notes / "loaded").open("a") as file:
            file.write(threading.current_thread().name + "\\n")
    return load(detector)

lifecycle.IDLE_SECONDS, Detector.release, Detector.load = 0.1, noted_release, noted_load
sys.argv = ["tokenward", "server"]
main()
"""


@pytest.mark.slow
async def test_rules_that_were_let_go_are_loaded_for_the_next_change_off_the_event_loop(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    token, uri = tokens.github(), (folder / "app.py").as_uri()
    wrap = (sys.executable, "-c", RESTLESS, str(tmp_path))
    async with editor(absent, folder, client="neovim-0.10", wrap=wrap) as one:
        one.open(uri, "x = 1\n".ljust(MOST_SCREENED + 1, "\n"))
        assert await one.diagnostics(uri) == []
        async with asyncio.timeout(PATIENCE):
            while not (tmp_path / "released").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        one.change(uri, (0, 4), (0, 5), f'"{token}"')
        (found,) = await one.diagnostics(uri)
        assert one.slice(uri, found.range) == token
    threads = (tmp_path / "loaded").read_text().split()
    assert len(threads) > 1
    assert "MainThread" not in threads


SLOW = """
import sys
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from tokenward.cli.main import main
from tokenward.findings.scan import Scanner
from tokenward.lsp.diagnostics import scheduler

wall, thread = (map(float, count(0, int(step))).__next__ for step in sys.argv[1:3])
notes, scan = Path(sys.argv[3]), Scanner.scan

def noted_scan(*arguments, **more):
    with notes.open("a") as file:
        file.write("scan\\n")
    return scan(*arguments, **more)

Scanner.scan, scheduler.PAUSE = noted_scan, 1e6
scheduler.time = SimpleNamespace(perf_counter=wall, thread_time=thread)
sys.argv = ["tokenward", "server"]
main()
"""
"""A server whose clocks say that each scan takes some seconds, and for which typing never pauses."""


@pytest.mark.slow
@pytest.mark.parametrize("is_whole", [False, True], ids=["lines", "whole text"])
async def test_typing_in_a_slow_document_shows_tokens_without_a_pause(
    absent: dict[str, str], folder: Path, tmp_path: Path, is_whole: bool
) -> None:
    """What is found far from the change stays; the lines around it are scanned."""
    far, near, uri = tokens.github(), tokens.npm(), (folder / "app.py").as_uri()
    wrap = (sys.executable, "-c", SLOW, "1", "1", str(tmp_path / "scans"))
    async with editor(absent, folder, client="neovim-0.10", wrap=wrap) as one:
        text = "x = 1\n" * 500 + f'far = "{far}"\n'
        one.open(uri, text)
        assert len(await one.diagnostics(uri)) == 1
        for line in (3, 7):
            added = f'near = "{near}"\n'
            if is_whole:
                one.replace(uri, "x = 1\n" * line + added + "x = 1\n" * (500 - line) + f'far = "{far}"\n')
            else:
                one.change(uri, (line, 0), (line, 0), added)
            found = await one.diagnostics(uri)
            assert {one.slice(uri, each.range) for each in found} == {near, far}


@pytest.mark.slow
async def test_a_busy_machine_makes_no_document_slow(
    absent: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    """Another process had the processor; each change of a small document is scanned whole all the same."""
    uri = (folder / "app.py").as_uri()
    wrap = (sys.executable, "-c", SLOW, "1", "0", str(tmp_path / "scans"))
    async with editor(absent, folder, client="neovim-0.10", wrap=wrap) as one:
        one.open(uri, "x = 1\n")
        assert await one.diagnostics(uri) == []
        for number in range(5):
            one.change(uri, (0, 0), (0, 0), f'a = "{tokens.github(number)}"\n')
            assert len(await one.diagnostics(uri)) == number + 1
    assert (tmp_path / "scans").read_text().count("scan") >= 5
