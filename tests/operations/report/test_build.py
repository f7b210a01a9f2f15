"""The report that is built from Tokenward's records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.sessions import SessionKind
from tokenward.custody.ledger.events import JSON, Event, Record
from tokenward.model import Fingerprint, Reference
from tokenward.operations.report.build import ReportData, Scope, build_overview
from tokenward.operations.report.overview import Overview, ReportedToken, TokenState

NOW = datetime(2026, 11, 25, tzinfo=UTC)
A, B = Fingerprint("a" * 32), Fingerprint("b" * 32)
MINE, OTHERS = Reference("acme", "GITHUB_TOKEN"), Reference("other", "GITHUB_TOKEN")
HOME, FOLDER = Path("/home/ann"), Path("/home/ann/acme")
FILE, LOG = "/home/ann/acme/src/app.py", "/home/ann/acme/app.log"
FOUND: dict[str, JSON] = {
    "rule": "betterleaks.github-pat",
    "provider": "GitHub",
    "label": "GitHub token (40 characters)",
    "surface": "file",
}
END, LATER = (int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2026, 11, 5), (2027, 1, 1)))
Step = tuple[int, Event, dict[str, object]]


def found(day: int, origin: str = FILE, token: Fingerprint = A, **detail: JSON) -> Step:
    return day, Event.FOUND, {"fingerprint": token, "origin": origin, "detail": {**FOUND, **detail}}


def step(day: int, event: Event, origin: str | None = FILE, **detail: JSON) -> Step:
    return day, event, {"fingerprint": A, "reference": MINE, "origin": origin, "detail": detail}


def use(day: int, event: Event, reference: Reference, origin: str, **detail: JSON) -> Step:
    return day, event, {"reference": reference, "origin": origin, "detail": {"purpose": "run", **detail}}


def records(*steps: Step) -> tuple[Record, ...]:
    """Return records, each this many days after the first of November."""
    made = []
    for number, (day, event, rest) in enumerate(steps, 1):
        fields = {"reference": None, "fingerprint": None, "origin": None, "detail": {}, **rest}
        time = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day)
        made.append(Record(id=number, time=time, event=event, pid=1, move=None, **fields))  # type: ignore[arg-type]
    return tuple(made)


def entry(reference: Reference, token: Fingerprint = A) -> TokenEntry:
    return TokenEntry(reference, token, "GitHub", NOW)


def report_of(
    steps: Sequence[Step],
    entries: Sequence[TokenEntry] = (),
    *,
    scope: Scope | None = None,
    leases: dict[Reference, Lease] | None = None,
) -> Overview:
    here = Scope((FOLDER,), ("acme",), None, HOME)
    return build_overview(ReportData(records(*steps), tuple(entries), leases or {}), scope or here, NOW)


def one(*steps: Step, entries: Sequence[TokenEntry] = ()) -> ReportedToken:
    (token,) = report_of(steps, entries).tokens
    return token


MOVED = step(3, Event.MOVED)
STATES: dict[str, tuple[list[Step], bool, TokenState, int | None]] = {
    "found": ([found(0)], False, TokenState.EXPOSED, None),
    "deleted": ([found(0), step(2, Event.WITHDRAWN)], False, TokenState.LOOSE, 2),
    "moved": ([found(0), MOVED], True, TokenState.MOVED, 3),
    "moved, still in a log": ([found(0), found(1, LOG), MOVED], True, TokenState.EXPOSED, None),
    "moved, then removed from the keyring": (
        [found(0), MOVED, step(5, Event.REMOVED)],
        False,
        TokenState.LOOSE,
        3,
    ),
    "revoked where it stood": ([found(0), step(4, Event.REVOKED)], False, TokenState.ENDED, 4),
    "moved, then revoked": ([found(0), MOVED, step(6, Event.REVOKED)], True, TokenState.ENDED, 3),
    "expired": ([found(0, expires=END)], False, TokenState.ENDED, 4),
    "about to expire": ([found(0, expires=LATER)], False, TokenState.EXPOSED, None),
    "dead, its provider says": (
        [found(0), step(2, Event.CHECKED, outcome="does not work")],
        False,
        TokenState.ENDED,
        2,
    ),
    "alive, its provider says": (
        [found(0), step(2, Event.CHECKED, outcome="works")],
        False,
        TokenState.EXPOSED,
        None,
    ),
    "ignored": ([found(0), step(1, Event.IGNORED)], False, TokenState.IGNORED, 1),
    "back again": ([found(0), step(2, Event.WITHDRAWN), found(4)], False, TokenState.EXPOSED, None),
}


@pytest.mark.parametrize("name", STATES)
def test_what_became_of_a_token(name: str) -> None:
    steps, is_stored, state, gone = STATES[name]
    token = one(*steps, entries=[entry(MINE)] if is_stored else [])
    end = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=gone) if gone is not None else None
    assert (token.state, token.gone) == (state, end)
    assert token.reference == ("keyring://acme/GITHUB_TOKEN" if is_stored else "")


def test_a_token_is_told_by_its_label_kind_and_places() -> None:
    token = one(found(0), found(1, "/home/ann/acme", surface="terminal"), found(2, "/home/ann/notes.txt"))
    assert (token.label, token.provider) == ("GitHub token (40 characters)", "GitHub")
    assert [(place.name, place.surface.value) for place in token.places] == [
        ("src/app.py", "file"),
        ("acme", "terminal"),
        ("~/notes.txt", "file"),
    ]


def test_what_was_put_and_never_seen_in_the_open_did_not_leak() -> None:
    assert report_of([step(0, Event.PUT, None, provider="GitHub")], [entry(MINE)]).tokens == ()


def test_a_workspace_is_told_of_its_own_tokens_uses_and_leases_alone() -> None:
    elsewhere = "/home/ann/acme-2/app.py"
    steps = [
        found(0),
        found(0, elsewhere, B),
        use(1, Event.RESOLVED, MINE, str(FOLDER)),
        use(1, Event.RESOLVED, OTHERS, "/home/ann/other"),
        use(2, Event.REFUSED, MINE, "/home/ann/clone", why="WorkspaceElsewhere"),
        use(3, Event.REFUSED, OTHERS, str(FOLDER), why="WorkspaceElsewhere"),
    ]
    entries = [entry(MINE), entry(OTHERS, B)]
    here = report_of(steps, entries)
    assert (here.title, here.folder, here.stored) == ("acme", "~/acme", 1)
    assert len(here.tokens) == len(here.leases) == 1
    assert [use.why for use in here.uses] == ["", "WorkspaceElsewhere", "WorkspaceElsewhere"]
    everywhere = report_of(steps, entries, scope=Scope((), (), None, HOME))
    assert (everywhere.title, everywhere.folder, everywhere.stored) == ("all workspaces", "", 2)
    assert (len(everywhere.tokens), len(everywhere.leases), len(everywhere.uses)) == (2, 2, 4)


def test_a_refused_reference_that_was_never_stored_is_told_too() -> None:
    refused = report_of(
        [use(1, Event.REFUSED, MINE, str(FOLDER), why="EntryMissing", agent="Claude Code")]
    ).uses
    assert [(use.token, use.agent, use.why) for use in refused] == [
        (str(MINE), "Claude Code", "EntryMissing")
    ]


def test_what_was_over_before_is_left_out_and_what_still_stands_is_not() -> None:
    steps = [
        found(0, LOG, B),
        found(0),
        step(2, Event.WITHDRAWN),
        use(3, Event.RESOLVED, MINE, str(FOLDER)),
        use(12, Event.RESOLVED, MINE, str(FOLDER)),
    ]
    since = datetime(2026, 11, 10, tzinfo=UTC)
    later = report_of(steps, scope=Scope((FOLDER,), ("acme",), since, HOME))
    assert [token.state for token in later.tokens] == [TokenState.EXPOSED]
    assert len(later.uses) == 1


@pytest.mark.parametrize(
    ("lease", "ends", "session", "uses"),
    [
        (Lease(), None, "", None),
        (Lease(expires=LATER), "2027-01-01", "", None),
        (Lease(session=SessionKind.LOGIN, uses=3), None, "login", 3),
    ],
)
def test_a_lease_is_told_by_when_it_ends(
    lease: Lease, ends: str | None, session: str, uses: int | None
) -> None:
    (reported,) = report_of([], [entry(MINE)], leases={MINE: lease}).leases
    assert (reported.session, reported.uses) == (session, uses)
    assert (reported.ends and f"{reported.ends:%Y-%m-%d}") == ends


def test_a_name_that_is_no_path_is_shown_as_it_is() -> None:
    steps = [step(0, Event.MOVE_STARTED, "untitled:Untitled-1", **FOUND)]
    (token,) = report_of(steps, scope=Scope((), (), None, HOME)).tokens
    assert token.places[0].name == "untitled:Untitled-1"
