"""One VS Code and one browser for all tests here, and a window for each file of tests, since one takes ten seconds.

The tests of a file share a folder too, with the files and the stored tokens of the tests before them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, sync_playwright

import code_server
import keyring_session
from code_server import CodeServer
from workbench import PICTURES, SETTINGS, Workbench

READY = "TOKENWARD_VSIX"
CLIENT = Path(__file__).resolve().parents[2] / "client-vscode"
# One that hangs ends with a picture of where; the first also pays for the start of everything.
LIMIT = pytest.mark.timeout(240, func_only=True)
_NAMES = itertools.chain(
    ["api", "web", "mail", "docs", "chat", "maps", "shop", "jobs", "pay"], itertools.count(1)
)
_BROWSER = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(LIMIT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a test that failed where its picture is, and what the extension logged."""
    if call.excinfo is not None:
        # pytest would parse a module of 25,000 lines for each call on the way.
        call.excinfo.traceback = call.excinfo.traceback.filter(
            lambda entry: "playwright" not in Path(entry.path).parts
        )
    report = yield
    given = getattr(item, "funcargs", {})
    shown: Workbench | None = given.get("window")
    if report.when == "call" and report.failed and shown is not None:
        place = Path(tempfile.mkdtemp(prefix="tokenward-window-")) / "window.png"
        with contextlib.suppress(Error):
            shown.page.screenshot(path=place)
        report.sections.append(("VS Code", f"{place}\n{given['editor'].logs()}"))
        # The next test in this file finds a window and a folder without what this one left.
        shown.close_folder()
        for left in given["folder"].iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return report


@pytest.fixture(scope="session")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension that the variable names, else one built from the sources as they are."""
    if ready := os.environ.get(READY):
        return Path(ready)
    place = tmp_path_factory.mktemp("extension") / "tokenward.vsix"
    package = [str(CLIENT / "node_modules" / ".bin" / "vsce"), "package", "--out", str(place)]
    package += ["--no-dependencies", "--no-rewrite-relative-links", "--allow-missing-repository"]
    for command in (["node", "esbuild.mjs"], package):
        done = subprocess.run(command, cwd=CLIENT, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return place


@pytest.fixture(scope="package")
def environment(rules_home: Path) -> Iterator[dict[str, str]]:
    """That of a user with an unlocked keyring."""
    for known in (code_server, keyring_session):
        if not known.AVAILABLE:
            pytest.skip(known.WHY_NOT)
    with keyring_session.keyring_session() as session:
        (Path(session["HOME"]) / ".bashrc").write_text("PS1='\\W $ '\n", "utf-8")
        others = {
            name: value for name, value in session.items() if name not in ("GITHUB_TOKEN", "TOKENWARD_SERVER")
        }
        yield {**others, "XDG_CACHE_HOME": str(rules_home), "SHELL": "/bin/bash", **server(session["PATH"])}


def server(path: str) -> dict[str, str]:
    """By which variables this checkout's server is found; none where the extension has one inside."""
    if os.environ.get(READY):
        return {}
    programs = Path(sys.executable).parent
    return {"PATH": f"{programs}{os.pathsep}{path}", "TOKENWARD_SERVER": str(programs / "tokenward")}


@pytest.fixture(scope="package")
def editor(environment: dict[str, str], extension: Path) -> Iterator[CodeServer]:
    with code_server.code_server(environment, extension, SETTINGS) as started:
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[BrowserContext]:
    scale = 2 if os.environ.get(PICTURES) else 1
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=code_server.BROWSER, args=_BROWSER)
        context = started.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=scale)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context
        started.close()


@pytest.fixture(scope="module")
def window(browser: BrowserContext, editor: CodeServer) -> Iterator[Workbench]:
    with browser.new_page() as page:
        yield Workbench(page, editor.address)


@pytest.fixture(scope="module")
def folder(environment: dict[str, str]) -> Path:
    """A workspace of a name of its own: all tests share a keyring, and a name belongs to one folder."""
    workspace = Path(environment["HOME"]) / f"acme-{next(_NAMES)}"
    workspace.mkdir()
    return workspace


@pytest.fixture
def stored(environment: dict[str, str], folder: Path) -> Callable[[str], str]:
    """What another program reads from the keyring under a name of the workspace."""

    def look_up(name: str) -> str:
        command = ["secret-tool", "lookup", "service", f"tokenward/{folder.name}/{name}"]
        return subprocess.run(
            command, env=environment, capture_output=True, encoding="utf-8", check=False
        ).stdout

    return look_up
