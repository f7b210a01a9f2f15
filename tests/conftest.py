from __future__ import annotations

import gc
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import keyring_session
from provider import Provider, provider
from tokenward import detection
from tokenward.detection.engine import Detector
from tokenward.errors import VaultTimeout
from tokenward.vault.file_lock import hold_file_lock

if TYPE_CHECKING:
    from cli_shell import SetUp
    from fork_server import ForkServer

# An example's duration says more about the machine than about the code.
settings.register_profile("default", deadline=None)
settings.register_profile("long", settings.get_profile("default"))
settings.load_profile("default")

_RULES = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tokenward-test" / "compiled-rules"
)
_KEPT = 7 * 24 * 3600.0
"""Seconds without use after which compiled rules are removed."""

# To search thousands of tests for garbage, which all stay to the end, would take a third of the time to collect them.
gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect the tests, and search them for garbage no more."""
    with _modules_compiled_once(session.config):
        collected = yield
    gc.freeze()
    gc.enable()
    return collected


@contextmanager
def _modules_compiled_once(config: pytest.Config) -> Iterator[None]:
    """Let one worker collect while the others wait, which then read the modules that it has compiled."""
    lock = config.rootpath / ".pytest_cache" / "collection"
    with ExitStack() as stack:
        if hasattr(config, "workerinput"):
            try:
                stack.enter_context(hold_file_lock(lock, patience=0))
            except VaultTimeout:
                with hold_file_lock(lock, patience=250):
                    pass
        yield


@pytest.fixture(scope="session")
def compiled_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all rules compiled, which takes seconds and is done once for all checkouts; only to be read."""
    made = tmp_path_factory.mktemp("rules")
    detector = Detector(made)
    cached = _RULES / f"{detector.identity}-{_digest_of_detection()}"
    # The other workers wait for the first instead of compiling the same.
    with hold_file_lock(_RULES / "lock", patience=250):
        if not Detector(cached).is_compiled:
            shutil.rmtree(cached, ignore_errors=True)
            detector.load()
            Path(shutil.copytree(made, tempfile.mkdtemp(dir=_RULES), dirs_exist_ok=True)).rename(cached)
        os.utime(cached)
        for unused in _RULES.glob("*/"):
            if unused.stat().st_mtime < time.time() - _KEPT:
                shutil.rmtree(unused, ignore_errors=True)
    return cached


def _digest_of_detection() -> str:
    """Return a digest of the code that decides what is compiled, which a version covers only for users."""
    digest = hashlib.sha256()
    for path in sorted(Path(detection.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def rules_home(compiled_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder with compiled rules, shared by all servers compiled."""
    home = tmp_path_factory.mktemp("cache")
    rules = home / "tokenward" / "rules"
    rules.parent.mkdir(mode=0o700)
    shutil.copytree(compiled_rules, rules)
    return home


@pytest.fixture
def cold_home(compiled_rules: Path, tmp_path: Path) -> Path:
    """Return a cache folder without compiled rules; what takes long to compile is there, except for long tests."""
    home = tmp_path / "cache"
    rules = home / "tokenward" / "rules"
    rules.mkdir(0o700, parents=True)
    if settings.get_current_profile_name() != "long":
        for scanner in sorted(compiled_rules.glob("*.vscdb"), key=lambda path: path.stat().st_size)[1:]:
            shutil.copy(scanner, rules)
    return home


@pytest.fixture(scope="session")
def fork_server(request: pytest.FixtureRequest) -> Iterator[ForkServer | None]:
    """Starts with the first process that it is needed for; it is not used where a fork does not pay or is not safe."""
    if sys.platform != "linux" or settings.get_current_profile_name() == "long":
        yield None
        return
    from fork_server import ForkServer  # noqa: PLC0415 - not on Windows

    server = ForkServer(lambda: request.getfixturevalue("rules_home") / "tokenward" / "rules")
    yield server
    server.close()


@pytest.fixture(autouse=True)
def forks(request: pytest.FixtureRequest, fork_server: ForkServer | None) -> Iterator[None]:
    """Fork `tokenward` where a test starts it, except for tests that use `own_interpreter`."""
    if fork_server is None or "own_interpreter" in request.fixturenames:
        yield
        return
    with fork_server.in_popen():
        yield


@pytest.fixture
def own_interpreter() -> None:
    """Have each `tokenward` of a test started, and not forked: for promises about the start and the interpreter."""


@pytest.fixture
def set_up(request: pytest.FixtureRequest, fork_server: ForkServer | None) -> SetUp:
    """Returns a block in which `tokenward` is forked even if the test has `own_interpreter`: for what comes before."""
    if fork_server is None or "own_interpreter" not in request.fixturenames:
        return nullcontext
    return fork_server.in_popen


@pytest.fixture
def unlocked(rules_home: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of a user with an unlocked gnome-keyring."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    with keyring_session.keyring_session() as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.fixture
def absent(rules_home: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of a user without a keyring."""
    with keyring_session.keyring_session("absent") as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    workspace = tmp_path / "acme-api"
    workspace.mkdir()
    return workspace


@pytest.fixture(scope="session")
def detector(rules_home: Path) -> Detector:
    """Return the detector with all rules, loaded once for the whole run."""
    return Detector(rules_home / "tokenward" / "rules")


@pytest.fixture
def acme() -> Iterator[Provider]:
    """A provider of tokens on this machine."""
    with provider() as made:
        yield made
