"""A ledger that cannot be written undoes nothing, and is reported once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tokens
from desk import Desk, MemoryEditor
from tokenward.custody.leases.lease import Confirm, Lease
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import StateDamaged
from tokenward.model import Reference, Secret, Surface
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion, Reply
from tokenward.operations.context import Context
from tokenward.operations.ignore.ignore_comment import ignore_by_comment
from tokenward.operations.stored.remove import remove
from tokenward.operations.use import Purpose, Use
from tokenward.sources.source import Origin, Source

NAMES = ("A", "B", "C", "D")


@contextmanager
def held(desk: Desk) -> Iterator[None]:
    """Hold the ledger's write lock, as another program would."""
    with closing(sqlite3.connect(desk.places.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def context(desk: Desk, said: list[str]) -> Context:
    for name in NAMES:
        put(desk.context, desk.folder, name, Secret(tokens.github(name)))
    return replace(desk.context, warn=said.append)


def test_many_values_are_given_and_only_once_is_it_said_that_none_is_on_record(
    desk: Desk, context: Context, said: list[str]
) -> None:
    references = [Reference("acme-api", name) for name in NAMES]
    with held(desk):
        values = resolve_all(context, desk.folder, references, Use.own(Purpose.RUN))
    assert {reference.name: value.reveal() for reference, value in values.items()} == {
        name: tokens.github(name) for name in NAMES
    }
    [sentence] = said
    assert sentence.startswith("The ledger does not record keyring://acme-api/A, ")
    assert "is locked by another program" in sentence


def test_a_removal_is_done_and_said_not_to_be_on_record(
    desk: Desk, context: Context, said: list[str]
) -> None:
    with held(desk):
        assert remove(context, desk.folder, Reference("acme-api", "A"))
    assert context.vault.get(Reference("acme-api", "A")) is None
    assert [sentence.partition(":")[0] for sentence in said] == [
        "The ledger does not record the removal of keyring"
    ]


def test_a_comment_is_written_and_said_not_to_be_on_record(
    desk: Desk, context: Context, said: list[str]
) -> None:
    path = desk.folder / "app.py"
    text = f'TOKEN = "{tokens.github("ignored")}"\n'
    source = Source(text, Origin(path.as_uri(), Surface.DOCUMENT, path, "python"), 1, path.name)
    context.scanner.detector.load()
    [finding] = context.scanner.scan(source)
    editor = MemoryEditor()
    editor.show(source)
    with held(desk):
        ignore_by_comment(context, source, finding.fingerprint, finding.start, editor)
    assert editor.text(path) != text
    assert len(said) == 1


def test_what_must_be_announced_is_refused(desk: Desk, context: Context, said: list[str]) -> None:
    with held(desk), pytest.raises(StateDamaged, match="is locked by another program"):
        context.ledger.record_start(
            NewRecord(
                Event.MOVE_STARTED,
                Reference("acme-api", "A"),
                context.scanner.fingerprint("x"),
                "/a",
                None,
                {},
            )
        )
    assert said == []
    assert Event.MOVE_STARTED not in {record.event for record in context.ledger.records()}


def test_a_home_that_is_full_is_said(desk: Desk, context: Context, said: list[str], tmp_path: Path) -> None:
    desk.places.ledger.unlink()
    desk.places.ledger.mkdir()
    resolve_all(context, desk.folder, [Reference("acme-api", "A")], Use.own(Purpose.RUN))
    assert len(said) == 1
    assert "ledger.db is not a regular file" in said[0]


class Agreeing:
    """A person who says yes to each question."""

    def ask(self, question: ApprovalQuestion) -> Reply:
        return Reply(ApprovalAnswer.ONCE)


@pytest.mark.parametrize("required", ["never", "approval", "always"])
@pytest.mark.parametrize("confirm", list(Confirm))
def test_a_use_without_a_record_is_refused_as_the_settings_say(
    desk: Desk, context: Context, said: list[str], required: Any, confirm: Confirm
) -> None:
    """By default those that a person has to approve; a refused use of a counted lease costs none."""
    reference = Reference("acme-api", "A")
    settings = replace(context.settings, ledger_required=required)
    context = replace(context, settings=settings, approver=Agreeing())
    context.leases.grant(reference, Lease(uses=2, confirm=confirm))
    said.clear()
    use = Use.own(Purpose.RUN)
    is_refused = required == "always" or (required == "approval" and confirm is not Confirm.NEVER)
    with held(desk):
        if is_refused:
            with pytest.raises(StateDamaged, match=r"`ledger-required`.*is locked by another program"):
                resolve_all(context, desk.folder, [reference], use)
        else:
            resolve_all(context, desk.folder, [reference], use)
            assert "The ledger does not record" in said[-1]
    assert context.leases.get(reference) == Lease(uses=2 if is_refused else 1, confirm=confirm)
    resolve_all(context, desk.folder, [reference], use)
    assert context.ledger.records()[-1].event is Event.RESOLVED
