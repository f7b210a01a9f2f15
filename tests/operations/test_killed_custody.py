"""`put`, `put --replace`, `run`, `rename`, `rm` and a sweep, killed at every step: no token is lost or left behind."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import killed_verbs
import tokens
from leases_over import an_hour_passes
from tokenward.custody.leases.lease import Lease
from tokenward.custody.ledger.events import Event
from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.model import Reference, Secret
from tokenward.operations.access.erase_expired import sweep
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.writes_under_way import clear_up
from tokenward.operations.opening import open_context, vault_config
from tokenward.operations.recovery.moves import recover
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest, rename
from tokenward.operations.stored.replace import replace as replace_value
from tokenward.operations.use import Purpose, Use
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.worker import VaultWorker
from vault_calls import enter

if TYPE_CHECKING:
    from fork_server import ForkServer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

KILLED = -9
STRIDE = 5
"""Steps from one kill to the next where there are so many."""
Run = Callable[..., int]


@pytest.fixture
def context(
    unlocked: dict[str, str], detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Context]:
    """The same user's keyring and records, in this process."""
    enter(unlocked, monkeypatch)
    places = Places.of_user()
    scanner = Scanner(detector, Fingerprinter(load_key(places.fingerprint_key)))
    with contextlib.closing(VaultWorker(vault_config(places, Settings()))) as vault:
        yield open_context(places, Settings(), lambda: scanner, vault)


@pytest.fixture
def run(unlocked: dict[str, str], fork_server: ForkServer | None) -> Iterator[Run]:
    """Return a function that runs `tokenward ARGUMENTS…` in a folder, killed at a step, and returns its exit code."""
    server = subprocess.Popen(
        [sys.executable, killed_verbs.__file__, *(fork_server.start() if fork_server else ())],
        env=unlocked,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        requests, answers = server.stdin, server.stdout

        def run(step: int, folder: Path, *arguments: str) -> int:
            requests.write("\t".join((str(step), str(folder), *arguments)) + "\n")
            requests.flush()
            return int(answers.readline())

        yield run
        requests.close()


@dataclass(frozen=True)
class Project:
    """A new workspace, and a token that is to be stored in it."""

    folder: Path
    secret: Secret

    @property
    def reference(self) -> Reference:
        return Reference(self.folder.name, "TOKEN")

    def put(self, context: Context) -> None:
        assert put(context, self.folder, "TOKEN", self.secret)[0] == self.reference

    def is_stored(self, context: Context) -> bool:
        return context.vault.get(self.reference) == self.secret

    def assert_stored(self, context: Context) -> None:
        assert self.is_stored(context)
        entry = context.entries.get(self.reference)
        assert entry is not None
        assert entry.fingerprint == context.scanner.fingerprint(self.secret.reveal())


@pytest.fixture
def make(tmp_path: Path) -> Callable[[int], Project]:
    def make(step: int) -> Project:
        project = Project(tmp_path / f"acme-{step}", Secret(tokens.github(step)))
        project.folder.mkdir()
        (project.folder / "given").write_text(project.secret.reveal())
        return project

    return make


def test_a_put_that_is_killed_can_be_done_again(
    context: Context, run: Run, make: Callable[[int], Project]
) -> None:
    """The user stores the value again; the name is not taken and gets no number."""
    step, code, stood = 1, KILLED, set[bool]()
    while code == KILLED:
        project = make(step)
        code = run(step, project.folder, "put", "TOKEN")
        stood.add(project.is_stored(context))
        project.put(context)
        project.assert_stored(context)
        step += 1
    assert code == 0
    assert stood == {True, False}
    assert_nothing_lies_about()


def test_a_run_that_is_killed_costs_no_token(
    context: Context, run: Run, make: Callable[[int], Project]
) -> None:
    """The token stays, the next run gets it, and the ledger records every run that got it."""
    project = make(0)
    project.put(context)
    (project.folder / ".env").write_text(f"TOKEN={project.reference}\n")
    step, code = 1, KILLED
    while code == KILLED:
        code = run(step, project.folder, "run", "--no-mask", "--", "printenv", "TOKEN")
        out = (project.folder / "out").read_text()
        assert out == ("" if code == KILLED else f"{project.secret.reveal()}\n")
        project.assert_stored(context)
        step += 1
    assert code == 0
    assert step > 10
    assert context.ledger.last(Event.RESOLVED, project.reference)
    assert_nothing_lies_about()


def test_a_run_with_files_that_is_killed_leaves_none_after_the_next_command(
    context: Context, run: Run, make: Callable[[int], Project]
) -> None:
    """Each file is private or not there, and then gone, also where only the command is killed."""
    project, notes = make(0), Places.of_user().writes
    project.put(context)
    (project.folder / "given").write_text("")
    (project.folder / "conf.tmpl").write_text(str(project.reference))
    runtime = Path(os.environ["XDG_RUNTIME_DIR"])
    files = ("--file", "conf.tmpl=conf.json", "--file", "conf.tmpl={CONF}")
    step, code, seen = 1, KILLED, set[int]()
    while code:
        code = run(step, project.folder, "run", "--no-mask", *files, "--", "true")
        assert code in (0, KILLED, 128 - KILLED)
        left = [*project.folder.glob("conf.json"), *runtime.glob("tokenward-*/conf.tmpl")]
        assert {file.stat().st_mode & 0o777 for file in left} <= {0o600}
        seen.add(len(left))
        assert clear_up(notes) == []
        assert sorted(path.name for path in project.folder.iterdir()) == ["conf.tmpl", "given", "out"]
        assert [*runtime.glob("tokenward-*")] == []
        assert_nothing_lies_about()
        step += STRIDE
    assert len(seen) > 1


def test_a_removal_that_is_killed_is_completed_by_the_next(
    context: Context, run: Run, make: Callable[[int], Project]
) -> None:
    """Until then the token is complete or gone; then its name is free for another value."""
    step, code, stood = 1, KILLED, set[bool]()
    while code == KILLED:
        project = make(step)
        project.put(context)
        code = run(step, project.folder, "rm", "--yes", "TOKEN")
        stood.add(project.is_stored(context))
        assert context.vault.get(project.reference) in (None, project.secret)
        remove(context, project.folder, project.reference)
        assert context.vault.get(project.reference) is None
        assert context.entries.get(project.reference) is None
        another = replace(project, secret=Secret(tokens.github(-step)))
        another.put(context)
        another.assert_stored(context)
        step += 1
    assert code == 0
    assert stood == {True, False}
    assert_nothing_lies_about()


def test_a_sweep_that_is_killed_is_completed_by_the_next(
    context: Context, run: Run, make: Callable[[int], Project]
) -> None:
    """An expired token is complete or gone, and gone in the end; a valid one is always there."""
    lasting = make(0)
    lasting.put(context)
    step, code, stood = 1, KILLED, set[bool]()
    while code == KILLED:
        project = make(step)
        project.put(context)
        context.leases.grant(project.reference, Lease(uses=0, erases=True))
        assert sweep(context) == ()
        an_hour_passes(Places.of_user().custody)
        code = run(step, project.folder, "list")
        stood.add(project.is_stored(context))
        assert context.vault.get(project.reference) in (None, project.secret)
        sweep(context)
        assert context.vault.get(project.reference) is None
        assert context.entries.get(project.reference) is None
        assert context.leases.get(project.reference) is None
        assert context.ledger.last(Event.EXPIRED, project.reference)
        assert context.ledger.last(Event.ERASED, project.reference)
        lasting.assert_stored(context)
        step += 1
    assert code == 0
    assert stood == {True, False}
    assert_nothing_lies_about()


def test_a_renaming_that_is_killed_costs_no_token(
    context: Context, run: Run, make: Callable[[int], Project]
) -> None:
    """The old or the new name leads to it; the next start says which, and repeating the renaming completes it."""
    step, code, said = 1, KILLED, set[str]()
    while code == KILLED:
        project = make(step)
        project.put(context)
        old, new = project.reference, Reference(project.folder.name, "RENAMED")
        env = project.folder / ".env"
        env.write_text(f"TOKEN={old}\n")
        code = run(step, project.folder, "rename", "TOKEN", "RENAMED")
        leading = [name for name in (old, new) if context.entries.get(name)]
        assert project.secret in [context.vault.get(name) for name in leading]
        assert env.read_text() in (f"TOKEN={old}\n", f"TOKEN={new}\n")
        for sentence in recover(context, DiskEditor()):
            assert f"A rename of {old} to RENAMED was interrupted" in sentence
            said.add(sentence.partition("; ")[2].partition(",")[0])
        if context.entries.get(old):
            sources = [source for source in [DiskEditor().read(env)] if source]
            rename(context, RenameRequest(project.folder, old, "RENAMED", sources), DiskEditor())
        assert context.vault.get(new) == project.secret
        assert (context.vault.get(old), context.entries.get(old)) == (None, None)
        assert env.read_text() == f"TOKEN={new}\n"
        assert list(recover(context, DiskEditor())) == []
        step += STRIDE
    assert code == 0
    assert said == {
        "the token is still called TOKEN.",
        "it has both names",
        "the token is called RENAMED now",
    }
    assert_nothing_lies_about()


@pytest.mark.parametrize("first", range(1, STRIDE + 1))
def test_a_replacement_that_is_killed_costs_no_value(
    context: Context, run: Run, make: Callable[[int], Project], first: int
) -> None:
    """The reference leads to the old or the new value at any time; the next command settles which, and says so."""
    step, code, seen = first, KILLED, set[tuple[bool, bool]]()
    while code == KILLED:
        project = make(step)
        project.put(context)
        context.leases.grant(project.reference, Lease(uses=9))
        new = replace(project, secret=Secret(tokens.github(("new", step))))
        env = project.folder / ".env"
        env.write_text(f"TOKEN={project.reference}\n")
        (project.folder / "given").write_text(new.secret.reveal())
        code = run(step, project.folder, "put", "TOKEN", "--replace")
        begun = context.replacements.get(project.reference)
        assert context.vault.get(project.reference) in (project.secret, new.secret)
        said: list[str] = []
        if step % 2:
            said.extend(recover(context, DiskEditor()))
        else:
            resolve(
                replace(context, warn=said.append), project.folder, project.reference, Use.own(Purpose.GET)
            )
        kept = new if new.is_stored(context) else project
        kept.assert_stored(context)
        assert len(said) == (begun is not None)
        assert all(("its new value now" in text) == (kept is new) for text in said)
        assert begun is None or context.vault.get(begun.aside) is None
        seen.add((begun is not None, kept is new))
        replace_value(context, project.folder, project.reference, new.secret)
        new.assert_stored(context)
        lease = context.leases.get(project.reference)
        assert lease is not None
        assert lease.uses in (8, 9)
        assert env.read_text() == f"TOKEN={project.reference}\n"
        assert context.replacements.all() == ()
        step += STRIDE
    assert code == 0
    assert seen >= {(False, False), (True, True), (False, True)}
    assert_nothing_lies_about()


def assert_nothing_lies_about() -> None:
    """Assert that no file of Tokenward's own holds a token's value."""
    # The ledger has labels, with the public prefix.
    value = re.compile(re.escape(tokens.github()[:4]).encode() + rb"[A-Za-z0-9]{4}")
    for path in Places.of_user().data_dir.rglob("*"):
        assert not path.is_file() or not value.search(path.read_bytes()), path
