from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import tokens
from desk import Desk, tampered
from tokenward.custody.leases.lease import Confirm, Lease, Program
from tokenward.custody.leases.sessions import SessionKind
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import (
    CustodyError,
    EditRefused,
    EditUncertain,
    EntryMissing,
    LeaseSpent,
    NameTaken,
    TokenwardError,
    VaultForgetful,
    VaultLocked,
    VaultTimeout,
    WorkspaceElsewhere,
)
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve
from tokenward.operations.move.restore import restore
from tokenward.operations.recovery import recover
from tokenward.operations.stored.find_references import referring_files
from tokenward.operations.stored.listing import completion_candidates, stored_details, stored_tokens
from tokenward.operations.stored.rename import RenameRequest, rename
from tokenward.operations.use import Purpose, Use
from tokenward.settings import Settings
from tokenward.sources.source import Source

OLD, NEW = Reference("acme-api", "TOKEN"), Reference("acme-api", "DEPLOY_TOKEN")
VALUE = tokens.github()


@pytest.fixture
def env(desk: Desk) -> Source:
    """An open `.env` that refers to a stored token."""
    assert put(desk.context, desk.folder, OLD.name, Secret(VALUE)) == (OLD, True)
    return desk.editor.open(desk.folder / ".env", f"TOKEN={OLD}\nOTHER={OLD}_2\n")


def renamed(desk: Desk, *sources: Source, old: Reference = OLD, new: str = NEW.name) -> Reference:
    return rename(desk.context, RenameRequest(desk.folder, old, new, sources), desk.editor)


def value(desk: Desk, reference: Reference) -> str:
    return resolve(desk.context, desk.folder, reference, Use.own(Purpose.GET)).reveal()


def assert_called(desk: Desk, name: Reference, other: Reference) -> None:
    """Assert that the token has only the first name."""
    assert value(desk, name) == VALUE
    assert desk.vault.get(other) is None
    assert desk.context.entries.get(other) is None
    assert desk.context.leases.get(other) is None


def events(desk: Desk) -> list[str]:
    return [record.event.value for record in desk.context.ledger.records()]


def test_a_token_goes_by_its_new_name_alone_and_its_references_follow(desk: Desk, env: Source) -> None:
    before = desk.context.entries.get(OLD)
    assert renamed(desk, env) == NEW
    assert_called(desk, NEW, OLD)
    assert desk.editor.text(desk.folder / ".env") == f"TOKEN={NEW}\nOTHER={OLD}_2\n"
    assert desk.editor.labels == ["Rename TOKEN to DEPLOY_TOKEN"]
    after = desk.context.entries.get(NEW)
    assert before is not None
    assert after is not None
    assert (after.fingerprint, after.created) == (before.fingerprint, before.created)


def test_its_lease_stays_as_it_is_and_no_use_is_spent(desk: Desk, env: Source) -> None:
    lease = Lease(
        expires=2_000_000_000,
        session=SessionKind.BOOT,
        mark=desk.context.leases.sessions.boot(),
        uses=3,
        programs=(Program("/bin/a", "/bin/a"),),
        confirm=Confirm.ALWAYS,
    )
    desk.context.leases.grant(OLD, lease)
    renamed(desk, env)
    assert desk.context.leases.all() == {NEW: lease}


def test_what_a_person_agreed_to_goes_with_it(desk: Desk, env: Source) -> None:
    leases = desk.context.leases
    leases.approve([OLD], "run", leases.sessions.boot())
    renamed(desk, env)
    assert leases.approved("run") == {NEW}


def test_a_counted_lease_is_never_had_twice(desk: Desk, env: Source) -> None:
    """While both names are on record, only the old one has uses."""
    desk.context.leases.grant(OLD, Lease(uses=1))

    def use() -> None:
        with pytest.raises(LeaseSpent):
            value(desk, NEW)
        assert value(desk, OLD) == VALUE

    desk.editor.before_edit = use
    renamed(desk, env)
    with pytest.raises(LeaseSpent):
        value(desk, NEW)


@pytest.mark.parametrize("name", ["TOKEN", "token", "Token", "OTHER", "other"])
def test_a_name_of_another_token_is_refused_also_in_another_case(desk: Desk, env: Source, name: str) -> None:
    put(desk.context, desk.folder, "OTHER", Secret("another value"))
    before = events(desk)
    with pytest.raises(NameTaken, match="choose another name"):
        renamed(desk, env, new=name)
    assert events(desk) == before
    assert value(desk, OLD) == VALUE


def test_a_value_that_is_not_on_record_is_not_overwritten(desk: Desk, env: Source) -> None:
    desk.hold(str(NEW), "another value")
    with pytest.raises(NameTaken):
        renamed(desk, env)
    assert desk.value(str(NEW)) == "another value"
    assert desk.context.entries.get(NEW) is None
    assert value(desk, OLD) == VALUE
    assert desk.editor.labels == []


def test_another_folder_renames_nothing_and_the_ledger_tells_of_it(
    desk: Desk, env: Source, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    with pytest.raises(WorkspaceElsewhere):
        rename(desk.context, RenameRequest(stranger, OLD, NEW.name, [env]), desk.editor)
    refused = desk.context.ledger.records()[-1]
    assert (refused.event, refused.detail["purpose"]) == (Event.REFUSED, "rename")
    assert value(desk, OLD) == VALUE


def test_what_is_not_stored_is_not_renamed(desk: Desk, env: Source) -> None:
    with pytest.raises(EntryMissing):
        renamed(desk, env, old=Reference("acme-api", "NONE"))


def test_a_refused_edit_leaves_all_as_it_was(desk: Desk, env: Source) -> None:
    lease = desk.context.leases.get(OLD)
    desk.editor.refuse = True
    with pytest.raises(EditRefused, match="keeps its name"):
        renamed(desk, env)
    assert_called(desk, OLD, NEW)
    assert desk.context.leases.get(OLD) == lease
    desk.editor.refuse = False
    renamed(desk, env)
    assert_called(desk, NEW, OLD)


def test_a_name_that_is_taken_in_the_last_moment_keeps_its_token_and_its_lease(
    desk: Desk, env: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process stores a token under it after it was found free, and before this one has its turn."""
    strict = Lease(uses=2)

    def late(*_: object) -> None:
        put(desk.context, desk.folder, NEW.name, Secret("another"))
        desk.context.leases.grant(NEW, strict)

    monkeypatch.setattr("tokenward.operations.stored.rename.require_name", late)
    with pytest.raises(NameTaken):
        renamed(desk, env)
    assert desk.context.leases.get(NEW) == strict
    assert (value(desk, OLD), value(desk, NEW)) == (VALUE, "another")
    assert "rename_started" not in events(desk)


@pytest.mark.parametrize("failure", [EditUncertain("Who knows."), EditRefused("It was refused.")])
def test_after_an_uncertain_edit_both_names_work_and_it_can_be_completed(
    desk: Desk, env: Source, failure: TokenwardError
) -> None:
    def type_it() -> None:
        desk.editor.type(desk.folder / ".env", f"TOKEN={NEW}\n")

    desk.editor.before_edit, desk.editor.fail = type_it, failure
    with pytest.raises(EditUncertain, match="complete the rename with `tokenward rename TOKEN DEPLOY_TOKEN`"):
        renamed(desk, env)
    assert (value(desk, OLD), value(desk, NEW)) == (VALUE, VALUE)
    renamed(desk)
    assert_called(desk, NEW, OLD)
    assert list(recover(desk.context, desk.editor)) == []


def test_a_keyring_that_does_not_delete_leaves_both_names(desk: Desk, env: Source) -> None:
    def locked(*_: object) -> None:
        raise VaultLocked("The keyring is locked.")

    with tampered(desk.vault, "delete", locked), pytest.raises(EditUncertain, match="has both names"):
        renamed(desk, env)
    assert (value(desk, OLD), value(desk, NEW)) == (VALUE, VALUE)
    renamed(desk)
    assert_called(desk, NEW, OLD)


def test_a_deletion_of_which_nothing_is_known_can_be_completed(desk: Desk, env: Source) -> None:
    def late(reference: Reference, delete: object) -> None:
        delete(reference)  # type: ignore[operator]
        raise VaultTimeout("Too late.")

    with tampered(desk.vault, "delete", late), pytest.raises(EditUncertain):
        renamed(desk, env)
    assert value(desk, NEW) == VALUE
    renamed(desk)
    assert_called(desk, NEW, OLD)


def test_a_name_that_somebody_else_stores_the_value_under_meanwhile_stays(desk: Desk, env: Source) -> None:
    desk.editor.before_edit = lambda: put(desk.context, desk.folder, NEW.name, Secret(VALUE)) and None
    desk.editor.refuse = True
    with pytest.raises(EditRefused):
        renamed(desk, env)
    assert (value(desk, OLD), value(desk, NEW)) == (VALUE, VALUE)


@pytest.mark.parametrize("failure", [VaultForgetful("Forgotten."), VaultLocked("Locked.")])
def test_a_keyring_that_does_not_store_leaves_all_as_it_was(
    desk: Desk, env: Source, failure: TokenwardError
) -> None:
    def fail(*_: object) -> None:
        raise failure

    with tampered(desk.vault, "put", fail), pytest.raises(type(failure)):
        renamed(desk, env)
    assert_called(desk, OLD, NEW)
    assert desk.editor.labels == []


def test_a_keyring_that_does_not_answer_leaves_the_old_name(desk: Desk, env: Source) -> None:
    def late(reference: Reference, secret: Secret, put: object) -> None:
        put(reference, secret)  # type: ignore[operator]
        raise VaultTimeout("Too late.")

    with tampered(desk.vault, "put", late), pytest.raises(VaultTimeout):
        renamed(desk, env)
    assert value(desk, OLD) == VALUE
    renamed(desk, env)
    assert_called(desk, NEW, OLD)


def test_a_new_name_that_is_removed_meanwhile_costs_no_token(desk: Desk, env: Source) -> None:
    """By another program, because `tokenward rm` refuses meanwhile."""
    desk.editor.before_edit = lambda: desk.vault.delete(NEW) and None
    with pytest.raises(EditUncertain, match="has changed; check"):
        renamed(desk, env)
    assert value(desk, OLD) == VALUE


def test_a_token_that_is_being_moved_keeps_its_name(desk: Desk, env: Source) -> None:
    ledger = desk.context.ledger
    entry = desk.context.entries.get(OLD)
    assert entry is not None
    move = ledger.record_start(
        NewRecord(Event.MOVE_STARTED, OLD, entry.fingerprint, "/acme-api/app.py", None, {})
    )
    with pytest.raises(CustodyError, match="is not complete"):
        renamed(desk, env)
    assert_called(desk, OLD, NEW)
    ledger.undo_move(move, "test")
    renamed(desk, env)
    assert_called(desk, NEW, OLD)


def test_a_move_is_restored_after_a_rename(desk: Desk) -> None:
    path = desk.folder / ".env"
    text = f"GITHUB_TOKEN={VALUE}\n"
    path.write_text(text)
    reference = desk.move_on_disk(path).reference
    source = desk.disk.read(path)
    assert source is not None
    rename(desk.context, RenameRequest(desk.folder, reference, "A", [source]), desk.disk)
    source = desk.disk.read(path)
    assert source is not None
    assert source.text == "GITHUB_TOKEN=keyring://acme-api/A\n"
    rename(desk.context, RenameRequest(desk.folder, Reference("acme-api", "A"), "B", [source]), desk.disk)
    (restored,) = restore(desk.context, desk.folder, path, desk.disk, None)
    assert restored.name == "B"
    assert path.read_text() == text


def test_the_list_knows_a_token_by_all_its_names(desk: Desk) -> None:
    path = desk.folder / ".env"
    path.write_text(f"GITHUB_TOKEN={VALUE}\n")
    reference = desk.move_on_disk(path).reference
    value(desk, reference)
    (before,) = stored_tokens(desk.places, Settings(), [desk.folder])
    rename(desk.context, RenameRequest(desk.folder, reference, "A", []), desk.disk)
    rename(desk.context, RenameRequest(desk.folder, Reference("acme-api", "A"), "B", []), desk.disk)
    rename(desk.context, RenameRequest(desk.folder, Reference("acme-api", "B"), "A", []), desk.disk)
    (after,) = stored_tokens(desk.places, Settings(), [desk.folder])
    assert after.entry.reference.name == "A"
    assert (after.label, after.used) == (before.label, before.used)
    assert after.label
    assert after.used
    hovered = stored_details(desk.context, desk.places, desk.folder, after.entry.reference)
    completed = completion_candidates(desk.context, desk.folder)[after.entry.reference]
    assert hovered.used == completed.used == after.used


def test_the_ledger_tells_of_both_names_and_holds_no_value(desk: Desk, env: Source) -> None:
    renamed(desk, env)
    assert events(desk)[-3:] == ["rename_started", "put", "renamed"]
    with closing(sqlite3.connect(desk.places.ledger)) as connection:
        assert VALUE not in "\n".join(connection.iterdump())


def test_files_that_refer_are_found_but_for_another_workspaces(desk: Desk, env: Source) -> None:
    texts = {
        "a.env": f"A={OLD}\n",
        "deep/b.yml": f"b: '{OLD}'\n",
        "c.env": f"C={OLD}_2\n",
        "wide.txt": f"{OLD}\n",
        "clone/d.env": f"D={OLD}\n",
        ".gitignore": "/local/\n",
        "local/e.yml": f"e: {OLD}\n",
    }
    for name, text in texts.items():
        path = desk.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-16" if name == "wide.txt" else "utf-8")
    (desk.folder / "clone" / ".git").mkdir()
    found = referring_files(desk.folder, OLD, Settings(), desk.context.bindings)
    names = sorted(path.relative_to(desk.folder).as_posix() for path in found.files)
    assert (names, found.is_whole) == (["a.env", "deep/b.yml", "local/e.yml", "wide.txt"], True)
    ticks = iter(range(0, 10_000, 25))
    cut = referring_files(desk.folder, OLD, Settings(), desk.context.bindings, clock=lambda: next(ticks))
    assert not cut.is_whole
    cut = referring_files(desk.folder, OLD, Settings(), desk.context.bindings, is_cancelled=lambda: True)
    assert (cut.files, cut.is_whole) == ((), False)
