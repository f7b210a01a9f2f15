"""The history of each token in the ledger, whatever the order of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.ledger.events import JSON, Event, Record
from tokenward.custody.ledger.histories import TokenHistory, histories
from tokenward.model import Fingerprint, Reference

A, B = Fingerprint("a" * 32), Fingerprint("b" * 32)
REFERENCE, OTHER = Reference("acme", "GITHUB_TOKEN"), Reference("acme", "OTHER")
FILE = "/acme/app.py"
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
GITHUB: Mapping[str, JSON] = {"rule": "betterleaks.github-pat", "provider": "GitHub", "label": "GitHub token"}


def at(hour: int) -> datetime:
    return BEGAN + timedelta(hours=hour)


class Book:
    """Records, one an hour."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __call__(
        self,
        event: Event,
        fingerprint: Fingerprint | None = None,
        reference: Reference | None = None,
        origin: str | None = None,
        **detail: JSON,
    ) -> datetime:
        number = len(self.records)
        move = 1 if event in (Event.STORED, Event.MOVED) else None
        self.records.append(
            Record(number + 1, at(number), event, reference, fingerprint, origin, 1, move, detail)
        )
        return at(number)

    def only(self) -> TokenHistory:
        (one,) = histories(self.records)
        return one


@pytest.fixture
def book() -> Book:
    return Book()


def move(book: Book, fingerprint: Fingerprint = A, **detail: JSON) -> None:
    book(Event.MOVE_STARTED, fingerprint, REFERENCE, FILE, **GITHUB, **detail)
    book(Event.STORED, fingerprint, REFERENCE, FILE)
    book(Event.MOVED, fingerprint, REFERENCE, FILE, **GITHUB, **detail)


def test_a_token_that_is_only_seen(book: Book) -> None:
    expires = 1_800_000_000
    book(Event.FOUND, A, None, FILE, **GITHUB, surface="file", expires=expires, issued=1e9, traces=["t1"])
    book(Event.FOUND, A, None, "/acme/b.py", surface="log")
    book(Event.WITHDRAWN, A, None, FILE)
    book(Event.IGNORED, A, None, FILE)
    token = book.only()
    assert (token.fingerprint, token.rule, token.provider) == (A, GITHUB["rule"], "GitHub")
    assert (token.first_seen, token.last_event, token.ignored) == (at(0), at(3), at(3))
    assert [(one.origin, one.surface, one.first, one.gone) for one in token.places] == [
        (FILE, "file", at(0), at(2)),
        ("/acme/b.py", "log", at(1), None),
    ]
    assert token.expires == datetime.fromtimestamp(expires, UTC)
    assert token.issued == datetime.fromtimestamp(1e9, UTC)
    assert (token.traces, token.references, token.stored, token.ended) == (frozenset({"t1"}), (), None, None)


def test_a_move_stores_the_token_and_clears_its_place(book: Book) -> None:
    book(Event.FOUND, A, None, FILE, surface="document")
    move(book)
    token = book.only()
    assert (token.stored, token.references) == (at(2), (REFERENCE,))
    assert [(one.surface, one.gone) for one in token.places] == [("document", at(3))]


def test_a_move_of_one_of_several_occurrences_leaves_the_place(book: Book) -> None:
    move(book, left=1)
    assert book.only().places[0].gone is None


def test_a_file_that_gains_only_a_reference_never_held_the_token(book: Book) -> None:
    move(book)
    book(Event.MOVED, A, REFERENCE, "/acme/.env", **GITHUB)
    assert [place.origin for place in book.only().places] == [FILE]


def test_a_restored_token_stands_in_its_place_again(book: Book) -> None:
    move(book)
    book(Event.RESTORED, None, REFERENCE, FILE)
    assert book.only().places[0].gone is None


def test_what_stood_escaped_in_a_text_is_the_same_token(book: Book) -> None:
    book(Event.FOUND, B, None, FILE, surface="file")
    move(book, A, found_as=B)
    token = book.only()
    assert (token.fingerprint, token.first_seen, token.stored) == (A, at(0), at(2))


def test_a_move_that_was_undone_stored_nothing(book: Book) -> None:
    book(Event.MOVE_STARTED, A, REFERENCE, FILE)
    book(Event.MOVE_UNDONE, A, REFERENCE, FILE, why="NameTaken")
    assert (book.only().stored, book.only().references) == (None, ())


def test_uses_and_refusals_are_of_the_token_that_the_reference_led_to(book: Book) -> None:
    book(Event.RESOLVED, None, REFERENCE, "/acme", purpose="run")
    book(Event.PUT, A, REFERENCE, "/acme", **GITHUB)
    said: Mapping[str, JSON] = {
        "purpose": "run",
        "program": "/usr/bin/npm",
        "command": "npm start",
        "agent": "Claude Code",
    }
    used = book(Event.RESOLVED, None, REFERENCE, "/acme", **said)
    book(Event.REMOVED, None, REFERENCE, "/acme")
    book(Event.PUT, B, REFERENCE, "/acme")
    book(Event.REFUSED, None, REFERENCE, "/acme", purpose="get", why="LeaseExpired")
    first, second = histories(book.records)
    (use,) = first.uses
    assert (use.time, use.purpose, use.program, use.command) == (used, "run", "/usr/bin/npm", "npm start")
    assert (use.agent, second.uses) == ("Claude Code", ())
    assert (first.refusals, second.refusals) == (0, 1)


ENDINGS: dict[str, tuple[list[tuple[Event, Reference]], int | None]] = {
    "removed": ([(Event.REMOVED, REFERENCE)], 1),
    "removed, then put again": ([(Event.REMOVED, REFERENCE), (Event.PUT, REFERENCE)], None),
    "another reference is left": ([(Event.PUT, OTHER), (Event.REMOVED, REFERENCE)], None),
    "none is left": ([(Event.PUT, OTHER), (Event.REMOVED, REFERENCE), (Event.REMOVED, OTHER)], 3),
    "revoked": ([(Event.REVOKED, REFERENCE)], 1),
    "removed, then revoked": ([(Event.REMOVED, REFERENCE), (Event.REVOKED, REFERENCE)], 1),
    "revoked, then put again": ([(Event.REVOKED, REFERENCE), (Event.PUT, REFERENCE)], 1),
}


@pytest.mark.parametrize(("events", "hour"), ENDINGS.values(), ids=ENDINGS)
def test_how_a_token_ends(book: Book, events: list[tuple[Event, Reference]], hour: int | None) -> None:
    book(Event.PUT, A, REFERENCE, "/acme")
    for event, reference in events:
        book(event, A if event in (Event.PUT, Event.REVOKED) else None, reference)
    assert book.only().ended == (None if hour is None else at(hour))


def test_the_latest_check_counts(book: Book) -> None:
    book(Event.CHECKED, A, None, FILE, rule="betterleaks.github-pat", outcome="live")
    book(Event.CHECKED, A, None, FILE, outcome="dead")
    book(Event.REVOKED, A, None, FILE, outcome="revoked")
    token = book.only()
    assert (token.checked, token.revoked, token.rule) == ((at(1), "dead"), at(2), "betterleaks.github-pat")


def test_what_is_of_no_token_is_nobodys(book: Book) -> None:
    book(Event.BOUND, None, None, "/acme")
    book(Event.REFUSED, None, REFERENCE, "/acme", why="WorkspaceElsewhere")
    assert histories(book.records) == ()


Row = tuple[Event, Fingerprint | None, Reference | None, str | None, dict[str, JSON]]
DETAILS = st.dictionaries(
    st.sampled_from(["rule", "traces", "expires", "issued", "found_as", "left", "surface", "parents", "why"]),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.text(), max_size=2),
)
RECORDS = st.lists(
    st.builds(
        lambda event, reference, fingerprint, origin, detail: (event, fingerprint, reference, origin, detail),
        st.sampled_from(list(Event)),
        st.none() | st.sampled_from([REFERENCE, OTHER]),
        st.none() | st.sampled_from([A, B]),
        st.none() | st.sampled_from([FILE, "/acme"]),
        DETAILS,
    ),
    max_size=12,
)


@given(RECORDS)
def test_no_sequence_of_records_is_too_much(
    rows: list[tuple[Event, Fingerprint, Reference, str, dict[str, JSON]]],
) -> None:
    book = Book()
    for event, fingerprint, reference, origin, detail in rows:
        book(event, fingerprint, reference, origin, **detail)
    for token in histories(book.records):
        assert token.first_seen <= token.last_event
        assert token.ended is None or token.ended <= token.last_event
