"""Only records older than the ledger are named."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import Desk
from tokenward.custody.callers.callers import Caller
from tokenward.custody.leases.lease import Confirm, Lease
from tokenward.custody.ledger.events import Event
from tokenward.model import Reference, Secret
from tokenward.operations.access.grant_lease import change_lease, widen_lease
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve
from tokenward.operations.move.older_records import find_older_records
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest, rename
from tokenward.operations.use import Purpose, Use

TOKEN = Reference("acme-api", "TOKEN")
LEASE = f"The lease of {TOKEN} is not the last one in the ledger"
GONE = f"{TOKEN} is recorded, but the ledger says that it is gone"
Act = Callable[[Desk], object]


def _use(desk: Desk) -> None:
    resolve(desk.context, desk.folder, TOKEN, Use(Purpose.GET, Caller(())))


def _limit(lease: Lease) -> Act:
    return lambda desk: change_lease(desk.context, desk.folder, TOKEN, lease)


def _remove(desk: Desk) -> None:
    remove(desk.context, desk.folder, TOKEN)


def _put(desk: Desk) -> None:
    put(desk.context, desk.folder, "TOKEN", Secret("the value"))


def _rename(desk: Desk) -> None:
    rename(desk.context, RenameRequest(desk.folder, TOKEN, "OTHER", []), desk.editor)


def _bind(desk: Desk) -> None:
    other = desk.folder.with_name("other")
    other.mkdir(exist_ok=True)
    desk.context.bindings.bind("acme-api", other)
    desk.context.ledger.record(Event.BOUND, origin=str(other), detail={"workspace": "acme-api"})


def messages(desk: Desk) -> list[str]:
    return [sentence for sentence, _ in find_older_records(desk.places)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], [_limit(Lease(confirm=Confirm.ALWAYS))], LEASE),
        ([], [_limit(Lease(2_000_000_000))], LEASE),
        ([_limit(Lease(uses=3))], [_limit(Lease(uses=2))], LEASE),
        ([_limit(Lease(uses=3))], [_use], LEASE),
        ([], [_remove], GONE),
        ([], [_rename], GONE),
        ([], [_bind], "acme-api is not bound to"),
    ],
)
def test_an_older_copy_of_the_records_is_told(
    desk: Desk, tmp_path: Path, before: list[Act], after: list[Act], said: str
) -> None:
    for act in (_put, *before):
        act(desk)
    shutil.copy(desk.places.custody, tmp_path / "copy")
    for act in after:
        act(desk)
    assert messages(desk) == []
    for file in desk.places.custody.parent.glob(f"{desk.places.custody.name}*"):
        file.unlink()
    shutil.copy(tmp_path / "copy", desk.places.custody)
    assert [sentence[: len(said)] for sentence in messages(desk)] == [said]


@pytest.mark.parametrize(
    "acts",
    [
        [],
        [_put, _limit(Lease(uses=2)), _use, _use],
        [_put, _limit(Lease(uses=2, confirm=Confirm.NEVER)), _use, _rename],
        [_put, _limit(Lease(2_000_000_000)), _remove, _put],
        [_put, _limit(Lease(2_000_000_000)), _remove, _put, _put],
        [_put, _bind],
    ],
)
def test_records_as_they_are_left_agree_with_the_ledger(desk: Desk, acts: list[Act]) -> None:
    for act in acts:
        act(desk)
    assert messages(desk) == []


def test_a_lease_that_was_over_and_is_given_again_by_storing_agrees(desk: Desk) -> None:
    _put(desk)
    widen_lease(desk.context, desk.folder, TOKEN, Lease(int(time.time()) - 5))
    _put(desk)
    assert desk.context.leases.get(TOKEN) == Lease()
    assert messages(desk) == []
