"""Two concurrent moves of one value, one of which fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from desk import Desk, MemoryEditor
from tokenward.custody.ledger.events import Event
from tokenward.errors import EditRefused, EditUncertain
from tokenward.model import Reference, Secret
from tokenward.operations.stored.store import put, remove
from tokenward.sources.source import Source

TOKEN = tokens.github("concurrent")
REFERENCE = "keyring://acme-api/GITHUB_TOKEN"


def opened(desk: Desk, name: str) -> Source:
    return desk.editor.open(desk.folder / name, json.dumps({"github_token": TOKEN}))


def refused_after(desk: Desk, meanwhile: Callable[[], object]) -> None:
    """Make a move whose edit is refused after another action."""
    first = opened(desk, "first.json")
    editor = replace(desk.editor, refuse=True, before_edit=meanwhile)
    with pytest.raises(EditRefused):
        desk.move(first, editor=editor)


def test_a_refused_move_leaves_the_entry_to_one_that_succeeded_meanwhile(desk: Desk) -> None:
    second = opened(desk, "second.json")
    refused_after(desk, lambda: desk.move(second))
    assert json.loads(desk.editor.text(desk.folder / "second.json")) == {"github_token": REFERENCE}
    assert desk.value(REFERENCE) == TOKEN
    assert len(desk.context.entries.all()) == 1


def test_a_refused_move_leaves_the_entry_to_one_that_is_still_under_way(desk: Desk) -> None:
    """The second one's edit comes after the first one has restored what it could."""
    second = opened(desk, "second.json")
    waiting, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        waiting.set()
        assert go_on.wait(30)

    slow = replace(desk.editor, before_edit=wait)
    thread = threading.Thread(target=lambda: desk.move(second, editor=slow))

    def meanwhile() -> None:
        thread.start()
        assert waiting.wait(30)

    refused_after(desk, meanwhile)
    go_on.set()
    thread.join(30)
    assert json.loads(desk.editor.text(desk.folder / "second.json")) == {"github_token": REFERENCE}
    assert desk.value(REFERENCE) == TOKEN


def test_a_refused_move_leaves_the_entry_to_one_whose_outcome_is_unknown(desk: Desk) -> None:
    second = opened(desk, "second.json")

    def meanwhile() -> None:
        with pytest.raises(EditUncertain):
            desk.move(second, editor=replace(desk.editor, fail=EditUncertain("Nobody knows.")))

    refused_after(desk, meanwhile)
    assert desk.value(REFERENCE) == TOKEN


def test_a_refused_move_leaves_the_entry_to_somebody_who_has_put_the_same_value(desk: Desk) -> None:
    refused_after(desk, lambda: put(desk.context, desk.folder, "GITHUB_TOKEN", Secret(TOKEN)))
    assert desk.value(REFERENCE) == TOKEN


def test_the_last_of_two_refused_moves_leaves_nothing(desk: Desk) -> None:
    second = opened(desk, "second.json")

    def meanwhile() -> None:
        with pytest.raises(EditRefused):
            desk.move(second, editor=replace(desk.editor, refuse=True))

    refused_after(desk, meanwhile)
    assert desk.value(REFERENCE) is None
    assert desk.context.entries.all() == ()


def test_an_entry_of_long_ago_does_not_keep_a_refused_move_from_putting_back(desk: Desk) -> None:
    """A value that was moved, removed by its user, and refused now leaves nothing behind."""
    desk.move(opened(desk, "old.json"))
    assert remove(desk.context, desk.folder, Reference("acme-api", "GITHUB_TOKEN"))
    refused_after(desk, None)
    assert desk.value(REFERENCE) is None


def test_many_moves_of_one_value_some_refused_end_with_every_reference_resolving(desk: Desk) -> None:
    """In any order, a text holds the token or a reference that the vault can resolve."""
    sources = [opened(desk, f"{number}.json") for number in range(12)]

    def one(number: int) -> None:
        editor: MemoryEditor = replace(desk.editor, refuse=number % 3 == 0)
        try:
            desk.move(sources[number], editor=editor)
        except EditRefused:
            assert number % 3 == 0

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(sources))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    texts = [json.loads(desk.editor.text(Path(s.origin.path or "")))["github_token"] for s in sources]
    assert [text == TOKEN for text in texts] == [number % 3 == 0 for number in range(12)]
    assert desk.value(REFERENCE) == TOKEN
    ends = [r.event for r in desk.context.ledger.records() if r.event in (Event.MOVED, Event.MOVE_UNDONE)]
    assert (ends.count(Event.MOVED), ends.count(Event.MOVE_UNDONE)) == (8, 4)
