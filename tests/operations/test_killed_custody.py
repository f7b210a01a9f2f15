"""`put`, `put --replace`, `run`, `inject`, `rename` and `rm`, killed at any step: no token is lost or shown.

The long tests try every step.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import git_tree
import tokens
from examples import fewer
from killed import KILLED, Killer
from tokenward.custody.leases.lease import Lease
from tokenward.custody.ledger.events import Event
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.writes_under_way import clear_up
from tokenward.operations.recovery import recover
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest, rename
from tokenward.operations.stored.replace import replace as replace_value
from tokenward.operations.use import Purpose, Use
from tokenward.places import Places

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

UNTRACKED = ("ls-files", "--others", "--exclude-standard", "-z")
STRIDE = 3
"""Steps from one kill to the next where there are so many."""


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
        return project

    return make


def test_a_put_that_is_killed_can_be_done_again(
    entered: Context, killer: Killer, make: Callable[[int], Project]
) -> None:
    """The user stores the value again; the name is not taken and gets no number."""
    stood = set[bool]()
    for step in killer.steps(stride=fewer(2, long=1)):
        project = make(step)
        killer(step, project.folder, "put", "TOKEN", stdin=project.secret.reveal())
        stood.add(project.is_stored(entered))
        project.put(entered)
        project.assert_stored(entered)
    assert stood == {True, False}
    assert_nothing_lies_about()


def test_a_run_that_is_killed_costs_no_token(
    entered: Context, killer: Killer, make: Callable[[int], Project]
) -> None:
    """The token stays, the next run gets it, and the ledger records every run that got it."""
    project = make(0)
    project.put(entered)
    (project.folder / ".env").write_text(f"TOKEN={project.reference}\n")
    for step in killer.steps():
        code = killer(step, project.folder, "run", "--no-mask", "--", "printenv", "TOKEN")
        assert killer.output == ("" if code == KILLED else f"{project.secret.reveal()}\n")
        project.assert_stored(entered)
    assert step > 5
    assert entered.ledger.last(Event.RESOLVED, project.reference)
    assert_nothing_lies_about()


def test_a_run_with_files_that_is_killed_leaves_none_after_the_next_command(
    entered: Context, killer: Killer, make: Callable[[int], Project]
) -> None:
    """Each file is private or not there, and then gone, also where only the command is killed."""
    project, notes = make(0), Places.of_user().writes
    project.put(entered)
    (project.folder / "conf.tmpl").write_text(str(project.reference))
    runtime = Path(os.environ["XDG_RUNTIME_DIR"])
    files = ("--file", "conf.tmpl=conf.json", "--file", "conf.tmpl={CONF}")
    seen = set[int]()
    for step in killer.steps(stride=fewer(STRIDE, long=1)):
        code = killer(step, project.folder, "run", "--no-mask", *files, "--", "true")
        assert code in (0, KILLED, 128 - KILLED)
        left = [*project.folder.glob("conf.json"), *runtime.glob("tokenward-*/conf.tmpl")]
        assert {file.stat().st_mode & 0o777 for file in left} <= {0o600}
        seen.add(len(left))
        assert clear_up(notes) == []
        assert sorted(path.name for path in project.folder.iterdir()) == ["conf.tmpl"]
        assert [*runtime.glob("tokenward-*")] == []
        assert_nothing_lies_about()
    assert len(seen) > 1


def test_an_injection_that_is_killed_leaves_the_old_file_or_the_new_and_no_value_that_git_sees(
    entered: Context, killer: Killer, make: Callable[[int], Project]
) -> None:
    project = make(0)
    project.put(entered)
    target = git_tree.repository(project.folder) / "secret.conf"
    # Only their own `.gitignore` hides the leftovers of a file with this name.
    (project.folder / ".gitignore").write_text("/secret.conf\n")
    (project.folder / "conf.tmpl").write_text(str(project.reference))
    seen = set[str]()
    for step in killer.steps():
        target.write_text("old")
        killer(step, project.folder, "inject", "conf.tmpl", "-o", "secret.conf")
        seen.add(target.read_text())
        for name in git_tree.git(project.folder, *UNTRACKED).split(b"\0")[:-1]:
            assert project.secret.reveal() not in (project.folder / os.fsdecode(name)).read_text(), step
    assert seen == {"old", project.secret.reveal()}
    assert step > 5


def test_a_removal_that_is_killed_is_completed_by_the_next(
    entered: Context, killer: Killer, make: Callable[[int], Project]
) -> None:
    """Until then the token is complete or gone; then its name is free for another value."""
    stood = set[bool]()
    for step in killer.steps(stride=fewer(2, long=1)):
        project = make(step)
        project.put(entered)
        killer(step, project.folder, "rm", "--yes", "TOKEN")
        stood.add(project.is_stored(entered))
        assert entered.vault.get(project.reference) in (None, project.secret)
        remove(entered, project.folder, project.reference)
        assert entered.vault.get(project.reference) is None
        assert entered.entries.get(project.reference) is None
        another = replace(project, secret=Secret(tokens.github(-step)))
        another.put(entered)
        another.assert_stored(entered)
    assert stood == {True, False}
    assert_nothing_lies_about()


def test_a_renaming_that_is_killed_costs_no_token(
    entered: Context, killer: Killer, make: Callable[[int], Project]
) -> None:
    """The old or the new name leads to it; the next start says which, and repeating the renaming completes it."""
    said = set[str]()
    for step in killer.steps(stride=fewer(STRIDE, long=1)):
        project = make(step)
        project.put(entered)
        old, new = project.reference, Reference(project.folder.name, "RENAMED")
        env = project.folder / ".env"
        env.write_text(f"TOKEN={old}\n")
        killer(step, project.folder, "rename", "TOKEN", "RENAMED")
        leading = [name for name in (old, new) if entered.entries.get(name)]
        assert project.secret in [entered.vault.get(name) for name in leading]
        assert env.read_text() in (f"TOKEN={old}\n", f"TOKEN={new}\n")
        for sentence in recover(entered, DiskEditor()):
            assert f"A rename of {old} to RENAMED was interrupted" in sentence
            said.add(sentence.partition("; ")[2].partition(",")[0])
        if entered.entries.get(old):
            sources = [source for source in [DiskEditor().read(env)] if source]
            rename(entered, RenameRequest(project.folder, old, "RENAMED", sources), DiskEditor())
        assert entered.vault.get(new) == project.secret
        assert (entered.vault.get(old), entered.entries.get(old)) == (None, None)
        assert env.read_text() == f"TOKEN={new}\n"
        assert list(recover(entered, DiskEditor())) == []
    assert said == {
        "the token is still called TOKEN.",
        "it has both names",
        "the token is called RENAMED now",
    }
    assert_nothing_lies_about()


@pytest.mark.parametrize("first", range(1, STRIDE + 1))
def test_a_replacement_that_is_killed_costs_no_value(
    entered: Context, killer: Killer, make: Callable[[int], Project], first: int
) -> None:
    """The reference leads to the old or the new value at any time; the next command settles which, and says so."""
    seen = set[tuple[bool, bool]]()
    for step in killer.steps(first, fewer(2 * STRIDE, long=STRIDE)):
        project = make(step)
        project.put(entered)
        entered.leases.grant(project.reference, Lease(uses=9))
        new = replace(project, secret=Secret(tokens.github(("new", step))))
        env = project.folder / ".env"
        env.write_text(f"TOKEN={project.reference}\n")
        killer(step, project.folder, "put", "TOKEN", "--replace", stdin=new.secret.reveal())
        begun = entered.ledger.open_replacements()
        assert entered.vault.get(project.reference) in (project.secret, new.secret)
        said: list[str] = []
        if step % 2:
            said.extend(recover(entered, DiskEditor()))
        else:
            resolve(
                replace(entered, warn=said.append), project.folder, project.reference, Use.own(Purpose.GET)
            )
        kept = new if new.is_stored(entered) else project
        kept.assert_stored(entered)
        assert len(said) == len(begun)
        assert all(("its new value now" in text) == (kept is new) for text in said)
        asides = [Reference(project.folder.name, str(one.detail["aside"])) for one in begun]
        assert [entered.vault.get(aside) for aside in asides] == [None] * len(begun)
        seen.add((bool(begun), kept is new))
        replace_value(entered, project.folder, project.reference, new.secret)
        new.assert_stored(entered)
        lease = entered.leases.get(project.reference)
        assert lease is not None
        assert lease.uses in (8, 9)
        assert env.read_text() == f"TOKEN={project.reference}\n"
        assert entered.ledger.open_stores() == ()
    assert seen >= {(False, False), (True, True), (False, True)}
    assert_nothing_lies_about()


def assert_nothing_lies_about() -> None:
    """Assert that no file of Tokenward's own holds a token's value."""
    # The ledger has labels, with the public prefix.
    value = re.compile(re.escape(tokens.github()[:4]).encode() + rb"[A-Za-z0-9]{4}")
    for path in Places.of_user().data_dir.rglob("*"):
        assert not path.is_file() or not value.search(path.read_bytes()), path
