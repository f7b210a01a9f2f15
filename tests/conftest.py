from __future__ import annotations

import gc
import os
import shutil
import sys
import sysconfig
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from compile_rules import compile_rules
from hypothesis import settings

import keyring_session
import tokenward
from provider import Provider, provider
from tokenward.custody.callers.callers import caller
from tokenward.detection.catalog import BROUGHT, bring
from tokenward.detection.engine import Detector
from tokenward.errors import VaultTimeout
from tokenward.vault.file_lock import hold_file_lock

if TYPE_CHECKING:
    from cli_shell import SetUp
    from fork_server import ForkServer

PURELIB = sysconfig.get_path("purelib")

if sys.platform != "win32":
    from starts import inherit_nothing

    inherit_nothing()

# An example's duration says more about the machine than about the code.
settings.register_profile("default", deadline=None, max_examples=20)
settings.register_profile("long", deadline=None, max_examples=300)
settings.load_profile("default")

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
def compiled_rules(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all rules compiled, which takes seconds if set-up did not do it for this code; only to be read."""
    # The other workers wait for the first instead of compiling the same.
    with hold_file_lock(pytestconfig.rootpath / ".pytest_cache" / "rules", patience=250):
        compile_rules()
    made = tmp_path_factory.mktemp("rules")
    bring(made, Detector(made).identity)
    return made


@pytest.fixture(scope="session")
def rules_home(compiled_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder with compiled rules, shared by all servers compiled."""
    home = tmp_path_factory.mktemp("cache")
    rules = home / "tokenward" / "rules"
    rules.parent.mkdir(mode=0o700)
    shutil.copytree(compiled_rules, rules)
    return home


@pytest.fixture
def cold_home(compiled_rules: Path, tmp_path: Path, own_interpreter: None) -> dict[str, str]:
    """Return variables for a package that brings no compiled rules, and a cache folder without any.

    What takes long to compile is there, except for long tests.
    """
    home = tmp_path / "cache"
    rules = home / "tokenward" / "rules"
    rules.mkdir(0o700, parents=True)
    if settings.get_current_profile_name() != "long":
        for scanner in sorted(compiled_rules.glob("*.vscdb"), key=lambda path: path.stat().st_size)[1:]:
            shutil.copy(scanner, rules)
    return {"PYTHONPATH": str(without_compiled_rules(tmp_path / "bare")), "XDG_CACHE_HOME": str(home)}


def without_compiled_rules(folder: Path) -> Path:
    """Return a folder to import Tokenward from, as a package that brings no compiled rules."""
    package = folder / "tokenward"
    package.mkdir(parents=True)
    for file in Path(tokenward.__file__).parent.iterdir():
        if file != BROUGHT:
            (package / file.name).symlink_to(file)
    return folder


@pytest.fixture
def cold_python(tmp_path: Path) -> Path:
    """Return a Python that has such a package installed, as have the processes that it starts."""
    environment = tmp_path / "environment"
    python, packages = environment / "bin" / "python", environment / Path(PURELIB).relative_to(sys.prefix)
    python.parent.mkdir(parents=True)
    packages.mkdir(parents=True)
    python.symlink_to(Path(sys.executable).resolve())
    (environment / "pyvenv.cfg").write_text(f"home = {python.resolve().parent}\n")
    (packages / "bare.pth").write_text(f"{without_compiled_rules(tmp_path / 'bare')}\n{PURELIB}\n")
    return python


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
def nobody_attends() -> None:
    """For tests of what happens only where no process above has a terminal: `make test` hides what started it."""
    if not caller(os.getpid()).is_unattended:
        pytest.skip("a process above the tests has a terminal, and no namespace hides it")


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
