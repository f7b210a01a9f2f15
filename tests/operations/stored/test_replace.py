"""A token gets another value under the same name; a crash anywhere costs neither value."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace as with_fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from desk import Desk, tampered
from examples import fewer
from fake_backends import Crashing
from tokenward.custody.leases.lease import Confirm, Lease
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.histories import histories
from tokenward.errors import (
    CustodyError,
    EntryMissing,
    StateDamaged,
    VaultForgetful,
    VaultLocked,
    VaultTimeout,
    WorkspaceElsewhere,
)
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.recovery import recover
from tokenward.operations.stored.listing import stored_tokens
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest, rename
from tokenward.operations.stored.replace import replace
from tokenward.operations.use import Purpose, Use
from tokenward.vault.os_keyring import OsKeyringVault

TOKEN = Reference("acme-api", "TOKEN")
OLD, NEW = Secret(tokens.github("old")), Secret(tokens.github("new"))


@pytest.fixture
def stored(desk: Desk) -> Desk:
    put(desk.context, desk.folder, TOKEN.name, OLD)
    return desk


def value(context: Context, desk: Desk) -> Secret:
    return resolve(context, desk.folder, TOKEN, Use.own(Purpose.GET))


def asides(desk: Desk) -> list[Reference]:
    """Return the entries of the vault besides the token."""
    return [reference for reference in desk.vault._entries if reference != TOKEN]


def assert_only(desk: Desk, secret: Secret) -> None:
    """Assert that the token has this value, and that the records say so and nothing is left over."""
    context = desk.context
    assert value(context, desk) == secret
    entry = context.entries.get(TOKEN)
    assert entry is not None
    assert entry.fingerprint == context.scanner.fingerprint(secret.reveal())
    assert asides(desk) == []
    assert context.ledger.open_stores() == ()


def test_the_new_value_takes_the_place_of_the_old_one_which_is_returned(stored: Desk) -> None:
    done = replace(stored.context, stored.folder, TOKEN, NEW)
    assert (done.reference, done.is_new, done.old) == (TOKEN, True, OLD)
    assert_only(stored, NEW)


def test_the_ledger_has_both_fingerprints_and_no_history_mixes_the_two(stored: Desk) -> None:
    replace(stored.context, stored.folder, TOKEN, NEW)
    fingerprint = stored.context.scanner.fingerprint
    old, new = fingerprint(OLD.reveal()), fingerprint(NEW.reveal())
    records = stored.context.ledger.records()
    (replaced,) = (record for record in records if record.event is Event.REPLACED)
    assert (replaced.fingerprint, replaced.detail["new"]) == (old, new)
    ended = {history.fingerprint: history.ended is not None for history in histories(records)}
    assert ended == {old: True, new: False}


def test_the_list_shows_what_the_new_value_is(stored: Desk) -> None:
    replace(stored.context, stored.folder, TOKEN, Secret(tokens.npm()))
    (listed,) = stored_tokens(stored.places, stored.settings, [stored.folder])
    assert listed.entry.provider == "npm"
    assert "npm_…" in listed.label


def test_the_lease_and_its_uses_stay(stored: Desk) -> None:
    lease = Lease(expires=int(time.time()) + 900, uses=3, confirm=Confirm.SESSION)
    stored.context.leases.grant(TOKEN, lease)
    replace(stored.context, stored.folder, TOKEN, NEW)
    assert stored.context.leases.get(TOKEN) == lease


@pytest.mark.parametrize("seconds", [-900, 900])
def test_a_lease_that_ended_with_the_old_value_ends_with_the_new_one(desk: Desk, seconds: int) -> None:
    """A token that states its own end can be replaced again and again by a script."""
    now = int(time.time())
    old, new = (Secret(tokens.jwt({"exp": now + end})) for end in (seconds, 9_000))
    put(desk.context, desk.folder, TOKEN.name, old)
    desk.context.leases.grant(TOKEN, Lease(expires=now + seconds, uses=3))
    replace(desk.context, desk.folder, TOKEN, new)
    assert desk.context.leases.get(TOKEN) == Lease(expires=now + 9_000, uses=3)
    assert value(desk.context, desk) == new


def test_the_same_value_changes_nothing(stored: Desk) -> None:
    before = stored.context.ledger.records()
    assert not replace(stored.context, stored.folder, TOKEN, OLD).is_new
    assert stored.context.ledger.records() == before
    assert_only(stored, OLD)


def test_nothing_is_replaced_where_nothing_is_stored(stored: Desk) -> None:
    with pytest.raises(EntryMissing, match="tokenward put OTHER"):
        replace(stored.context, stored.folder, Reference("acme-api", "OTHER"), NEW)
    assert asides(stored) == []


def test_a_value_that_no_record_knows_can_be_replaced(stored: Desk) -> None:
    stored.context.entries.remove(TOKEN)
    stored.context.leases.forget(TOKEN)
    assert replace(stored.context, stored.folder, TOKEN, NEW).old == OLD
    assert stored.context.leases.get(TOKEN) == Lease()
    assert_only(stored, NEW)


def test_a_value_that_is_gone_from_the_keyring_can_be_replaced(stored: Desk) -> None:
    stored.vault.delete(TOKEN)
    assert replace(stored.context, stored.folder, TOKEN, NEW).old is None
    assert_only(stored, NEW)


def test_another_folder_replaces_nothing(stored: Desk) -> None:
    stranger = stored.folder.parent / "stranger"
    stranger.mkdir()
    with pytest.raises(WorkspaceElsewhere):
        replace(stored.context, stranger, TOKEN, NEW)
    assert_only(stored, OLD)
    assert [r.detail["purpose"] for r in stored.context.ledger.records() if r.event is Event.REFUSED] == [
        "replace"
    ]


def test_a_value_that_a_move_may_still_need_stays(stored: Desk) -> None:
    context = stored.context
    context.ledger.record_start(
        NewRecord(Event.MOVE_STARTED, TOKEN, context.scanner.fingerprint(OLD.reveal()), "/a.py", None, {})
    )
    with pytest.raises(CustodyError, match="not complete"):
        replace(context, stored.folder, TOKEN, NEW)
    assert_only(stored, OLD)


@pytest.mark.parametrize("method", ["put", "replace"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_keyring_that_fails_keeps_the_old_value(stored: Desk, method: str, *, late: bool) -> None:
    def fail(reference: Reference, secret: Secret, store: Callable[..., object]) -> None:
        if late and secret == NEW:
            store(reference, Secret(secret.reveal()[:9]))
        if secret == NEW:
            raise VaultForgetful("not returned")
        store(reference, secret)

    with tampered(stored.vault, method, fail), pytest.raises(VaultForgetful):
        replace(stored.context, stored.folder, TOKEN, NEW)
    assert_only(stored, OLD)


def test_a_ledger_that_cannot_be_written_keeps_the_old_value(stored: Desk) -> None:
    context = stored.context

    def fail(*_: object) -> None:
        raise StateDamaged("locked")

    with tampered(context.ledger, "record_starts", fail), pytest.raises(StateDamaged):
        replace(context, stored.folder, TOKEN, NEW)
    assert_only(stored, OLD)


def test_a_keyring_that_answers_too_late_is_asked_by_the_next_command(stored: Desk) -> None:
    def late(reference: Reference, secret: Secret, store: Callable[..., object]) -> None:
        store(reference, secret)
        raise VaultTimeout("no answer")

    with tampered(stored.vault, "replace", late), pytest.raises(VaultTimeout):
        replace(stored.context, stored.folder, TOKEN, NEW)
    assert_only(stored, NEW)


def test_a_copy_that_cannot_be_deleted_is_deleted_by_the_next_command(stored: Desk) -> None:
    warnings: list[str] = []

    def fail(*_: object) -> None:
        raise VaultLocked("locked")

    with tampered(stored.vault, "delete", fail):
        context = with_fields(stored.context, warn=warnings.append)
        assert replace(context, stored.folder, TOKEN, NEW).is_new
    assert len(asides(stored)) == 1
    assert "still has a copy" in warnings[0]
    assert_only(stored, NEW)


def _resolve(context: Context, desk: Desk) -> Secret | None:
    return value(context, desk)


def _recover(context: Context, desk: Desk) -> Secret | None:
    said = list(recover(context, desk.editor))
    assert all(text.startswith(f"The replacement of the value of {TOKEN} was interrupted;") for text in said)
    return context.vault.get(TOKEN)


def _rename(context: Context, desk: Desk) -> Secret | None:
    to = rename(context, RenameRequest(desk.folder, TOKEN, "OTHER", []), desk.editor)
    found = resolve(context, desk.folder, to, Use.own(Purpose.GET))
    rename(context, RenameRequest(desk.folder, to, TOKEN.name, []), desk.editor)
    return found


def _replace_again(context: Context, desk: Desk) -> Secret | None:
    replace(context, desk.folder, TOKEN, NEW)
    assert value(context, desk) == NEW
    return None


def _remove(context: Context, desk: Desk) -> Secret | None:
    assert remove(context, desk.folder, TOKEN)
    assert context.vault.get(TOKEN) is None
    put(context, desk.folder, TOKEN.name, NEW)
    return None


NEXT = [_resolve, _recover, _rename, _replace_again, _remove]
SIZES = st.sampled_from([10, 150, 350])


@settings(
    max_examples=fewer(40, 80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls=st.lists(st.integers(0, 40), min_size=1, max_size=3),
    sizes=st.tuples(SIZES, SIZES),
    following=st.sampled_from(NEXT),
    limit=st.sampled_from([None, 100]),
)
def test_a_crash_at_any_call_of_the_keyring_costs_no_value(
    desk: Desk,
    calls: list[int],
    sizes: tuple[int, int],
    following: Callable[[Context, Desk], Secret | None],
    limit: int | None,
) -> None:
    """Also with one that stores long values in parts, and if the next command crashes too: the old value or the new."""
    backend = Crashing()
    context = with_fields(desk.context, vault=OsKeyringVault(backend, limit))
    if context.bindings.name_of(desk.folder) is None or context.entries.get(TOKEN):
        context.leases.forget(TOKEN)
        context.entries.remove(TOKEN)
    old, new = Secret("o" * sizes[0]), Secret("n" * sizes[1])
    put(context, desk.folder, TOKEN.name, old)
    for number, count in enumerate(calls):
        backend.crash_after(count)
        with contextlib.suppress(KeyboardInterrupt):
            replace(context, desk.folder, TOKEN, new) if number == 0 else value(context, desk)
        backend.crash_after(None)
    assert following(context, desk) in (old, new, None)
    assert value(context, desk) in (old, new, NEW)
    assert context.ledger.open_stores() == ()
    assert {service.split("/")[2] for service in backend.entries} == {TOKEN.name}
