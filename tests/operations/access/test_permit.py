"""Leases of stored tokens: what is permitted, what is refused and recorded."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from desk import Desk, tampered
from tokenward.custody.callers.callers import Caller
from tokenward.custody.leases.lease import Confirm, Lease, Program
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import SessionKind, Sessions
from tokenward.custody.ledger.events import Event
from tokenward.errors import (
    ApprovalDenied,
    ApprovalUnavailable,
    LeaseExpired,
    LeaseRefused,
    LeaseSpent,
    NameTaken,
    ProgramNotAllowed,
    VaultLocked,
)
from tokenward.model import Claims, Kind, Profile, Reference, Secret
from tokenward.operations.access.grant_lease import (
    change_lease,
    default_lease,
    lease_of,
    widen_lease,
    without_ended_limits,
)
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve, resolve_all
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion, Reply
from tokenward.operations.context import Context
from tokenward.operations.move.move import move
from tokenward.operations.stored.remove import remove
from tokenward.operations.use import Purpose, Use
from tokenward.presentation.leases import stored_end
from tokenward.settings import Settings

FIRST, SECOND = Reference("acme-api", "FIRST"), Reference("acme-api", "SECOND")
HOUR, DAY = 3_600, 86_400


class Person:
    """A person who gives the next of some answers to each question."""

    def __init__(self, session: str = "") -> None:
        self.answers: list[ApprovalAnswer] = []
        self.asked: list[ApprovalQuestion] = []
        self.session = session

    def ask(self, question: ApprovalQuestion) -> Reply:
        self.asked.append(question)
        return Reply(self.answers.pop(0), self.session)


@pytest.fixture
def context(desk: Desk) -> Context:
    """A context in which FIRST and SECOND are stored."""
    for reference in (FIRST, SECOND):
        put(desk.context, desk.folder, reference.name, Secret(f"the value of {reference.name}"))
    return desk.context


@pytest.fixture
def person(context: Context) -> Person:
    return Person(context.leases.sessions.editor())


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "vite"
    path.write_text("")
    return path


def run(program: Path | None) -> Use:
    return Use(Purpose.RUN, Caller(()), program, ("vite",))


GET = Use(Purpose.GET, Caller(()))


def events(context: Context, *wanted: Event) -> list[tuple[str, object]]:
    return [
        (record.reference.name if record.reference else "", record.detail.get("why"))
        for record in context.ledger.records()
        if record.event in wanted
    ]


def later(desk: Desk, seconds: float) -> Context:
    """Return the context after this much time has passed, by the clock."""
    context = desk.context
    leases = Leases(
        desk.places.custody,
        context.leases.sessions,
        lambda: time.time() + seconds,
    )
    return replace(context, leases=leases)


def test_a_token_without_a_limit_is_given(desk: Desk, context: Context) -> None:
    assert resolve(context, desk.folder, FIRST, GET).reveal() == "the value of FIRST"
    assert events(context, Event.LEASED, Event.REFUSED) == []


def test_what_is_over_is_refused_at_once_and_stays_in_the_keyring(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(int(time.time()) + DAY))
    assert resolve(context, desk.folder, FIRST, GET)
    with pytest.raises(LeaseExpired, match=r"ended on .* `tokenward lease FIRST --for 8h`, or delete it"):
        resolve(later(desk, DAY + 1), desk.folder, FIRST, GET)
    assert desk.value(str(FIRST)) == "the value of FIRST"


def test_what_the_settings_end_is_refused_and_kept(desk: Desk) -> None:
    """It may be the only copy of a token that still works."""
    desk.settings = Settings(workspace_lease_for=((Kind.UNKNOWN, 3_600),))
    put(desk.context, desk.folder, "FIRST", Secret("the value"))
    context = later(desk, 3_601)
    with pytest.raises(
        LeaseExpired, match="with `tokenward lease FIRST --for 8h`, or delete it with `tokenward rm"
    ):
        resolve(context, desk.folder, FIRST, GET)
    assert desk.value(str(FIRST)) == "the value"
    widen_lease(context, desk.folder, FIRST, Lease(int(time.time()) + 9_000))
    assert resolve(context, desk.folder, FIRST, GET).reveal() == "the value"


def test_a_token_from_before_there_were_leases_has_that_of_an_unknown_kind(
    desk: Desk, context: Context
) -> None:
    context.leases.forget(FIRST)
    assert resolve(context, desk.folder, FIRST, GET)
    strict = replace(context, settings=Settings(lease_for=((Kind.UNKNOWN, 3_600),)))
    assert resolve(strict, desk.folder, FIRST, GET)
    with pytest.raises(LeaseExpired):
        resolve(
            replace(strict, leases=later(desk, 3_601).leases),
            desk.folder,
            FIRST,
            GET,
        )


def test_no_use_is_spent_when_another_token_is_refused(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(uses=1))
    change_lease(context, desk.folder, SECOND, Lease(uses=1))
    assert resolve_all(context, desk.folder, [SECOND], GET)
    with pytest.raises(LeaseSpent):
        resolve_all(context, desk.folder, [FIRST, SECOND], GET)
    assert lease_of(context, FIRST).uses == 1
    assert resolve_all(context, desk.folder, [FIRST], GET)
    assert events(context, Event.REFUSED) == [("SECOND", "LeaseSpent")]


def test_a_keyring_that_stays_locked_costs_no_use(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(uses=1))

    def locked(*_: object) -> object:
        raise VaultLocked("It stayed locked.")

    with tampered(desk.vault, "get", locked), pytest.raises(VaultLocked):
        resolve(context, desk.folder, FIRST, GET)
    assert resolve(context, desk.folder, FIRST, GET)


def test_a_program_is_allowed_by_its_file_and_what_is_none_is_refused(
    desk: Desk, context: Context, program: Path, tmp_path: Path
) -> None:
    change_lease(context, desk.folder, FIRST, Lease(programs=(Program.of(program),)))
    shadow = tmp_path / "shadow" / "vite"
    shadow.parent.mkdir()
    shadow.write_text("")
    assert resolve(context, desk.folder, FIRST, run(program))
    for use in (run(shadow), GET, Use(Purpose.INJECT, Caller(())), Use(Purpose.ENV, Caller(()))):
        with pytest.raises(ProgramNotAllowed, match=f"FIRST is only for {program}"):
            resolve(context, desk.folder, FIRST, use)
    assert len(events(context, Event.REFUSED)) == 4


def test_a_person_is_asked_once_for_all_tokens_and_again_for_another_program(
    desk: Desk, context: Context, person: Person, program: Path, tmp_path: Path
) -> None:
    context = replace(context, approver=person)
    for reference in (FIRST, SECOND):
        change_lease(context, desk.folder, reference, Lease(confirm=Confirm.SESSION))
    person.answers = [ApprovalAnswer.ONCE, ApprovalAnswer.SESSION, ApprovalAnswer.DENY, ApprovalAnswer.DENY]
    for _ in range(4):
        assert resolve_all(context, desk.folder, [FIRST, SECOND], run(program))
    assert [question.references for question in person.asked] == [(FIRST, SECOND)] * 2
    assert all(question.can_last for question in person.asked)
    for use in (run(tmp_path / "other"), GET):
        with pytest.raises(ApprovalDenied):
            resolve_all(context, desk.folder, [FIRST, SECOND], use)
    assert events(context, Event.REFUSED) == [(name, "ApprovalDenied") for name in ("FIRST", "SECOND")] * 2


def test_a_token_to_be_confirmed_each_time_is_never_agreed_to_for_longer(
    desk: Desk, context: Context, person: Person, program: Path
) -> None:
    context = replace(context, approver=person)
    change_lease(context, desk.folder, FIRST, Lease(confirm=Confirm.ALWAYS))
    person.answers = [ApprovalAnswer.SESSION, ApprovalAnswer.ONCE]
    for _ in range(2):
        assert resolve(context, desk.folder, FIRST, run(program))
    assert [question.can_last for question in person.asked] == [False, False]


def test_nobody_to_ask_is_a_refusal(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(confirm=Confirm.SESSION))
    with pytest.raises(ApprovalUnavailable):
        resolve(context, desk.folder, FIRST, GET)
    assert events(context, Event.REFUSED) == [("FIRST", "ApprovalUnavailable")]


def test_a_lease_that_ends_while_a_person_thinks_is_over(
    desk: Desk, context: Context, person: Person
) -> None:
    change_lease(context, desk.folder, FIRST, Lease(int(time.time()) + DAY, confirm=Confirm.ALWAYS))
    seconds = 0.0
    leases = Leases(desk.places.custody, context.leases.sessions, lambda: time.time() + seconds)

    class Slow(Person):
        def ask(self, question: ApprovalQuestion) -> Reply:
            nonlocal seconds
            seconds = 2 * DAY
            return Reply(ApprovalAnswer.ONCE)

    with pytest.raises(LeaseExpired):
        resolve(replace(context, leases=leases, approver=Slow()), desk.folder, FIRST, GET)


def test_its_own_provider_may_have_what_is_over(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(int(time.time()) + 1, uses=1, confirm=Confirm.ALWAYS))
    assert resolve(later(desk, 9), desk.folder, FIRST, Use(Purpose.ASK, Caller(())))


def test_nobody_is_needed_to_permit_less_and_somebody_to_permit_more(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(uses=5))
    change_lease(context, desk.folder, FIRST, Lease(uses=4, confirm=Confirm.SESSION))
    for looser in (Lease(uses=5, confirm=Confirm.SESSION), Lease(uses=4), Lease(confirm=Confirm.ALWAYS)):
        with pytest.raises(LeaseRefused, match="allow it at a terminal"):
            change_lease(context, desk.folder, FIRST, looser)
    change_lease(context, desk.folder, SECOND, Lease(int(time.time()) + 5))
    with pytest.raises(LeaseRefused):
        change_lease(later(desk, 9), desk.folder, SECOND, Lease(int(time.time()) + 1))


@pytest.mark.parametrize("expires", [None, 1])
def test_storing_a_token_again_keeps_a_lease_that_lasts_and_renews_one_that_is_over(
    desk: Desk, context: Context, expires: int | None
) -> None:
    lease = Lease(expires, uses=3)
    context.leases.grant(FIRST, lease)
    put(context, desk.folder, "FIRST", Secret("the value of FIRST"))
    assert lease_of(context, FIRST) == (Lease() if expires else lease)


def test_another_value_does_not_revive_a_lease_that_is_over(desk: Desk, context: Context) -> None:
    """Otherwise any token would unlock any name."""
    over = Lease(1)
    context.leases.grant(FIRST, over)
    with pytest.raises(NameTaken):
        put(context, desk.folder, "FIRST", Secret("another value"))
    # Loading the rules may take longer than a scan may.
    desk.detector.load()
    source = desk.editor.open(desk.folder / "app.py", f'x = "{tokens.github()}"\n')
    with pytest.raises(NameTaken):
        desk.move(source, name="FIRST")
    assert context.leases.get(FIRST) == over


def test_what_was_removed_leaves_no_lease_for_the_next_of_its_name(desk: Desk, context: Context) -> None:
    context.leases.grant(FIRST, Lease(uses=1, confirm=Confirm.ALWAYS))
    remove(context, desk.folder, FIRST)
    put(context, desk.folder, "FIRST", Secret("the next value"))
    assert lease_of(context, FIRST) == Lease()


def test_a_moved_token_gets_the_end_that_it_names_and_is_kept_beyond_it(desk: Desk) -> None:
    desk.detector.load()
    end = int(time.time()) + 2 * DAY
    source = desk.editor.open(desk.folder / "app.py", f'x = "{tokens.jwt({"exp": end})}"\n')
    reference = desk.move(source).reference
    assert lease_of(desk.context, reference).expires == end
    with pytest.raises(LeaseExpired):
        resolve(later(desk, 3 * DAY), desk.folder, reference, GET)
    assert desk.value(str(reference))


@pytest.mark.skipif(sys.platform != "linux", reason="logins are logind's on Linux alone")
@pytest.mark.parametrize("file", ["jupyter_server_config.py", ".env"])
def test_a_token_that_is_said_to_last_as_long_as_a_session_is_kept_after_the_logout(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    """Its configuration may have been the only copy, and nobody chose that end."""
    monkeypatch.setenv("XDG_SESSION_ID", "c1")
    logins = tmp_path / "logins"
    logins.mkdir()
    (logins / "c1").write_text(f"UID={os.getuid()}\n")
    sessions = Sessions(desk.places.sessions, logins)
    desk.detector.load()
    value = hashlib.sha256(b"a made-up token").hexdigest()[:48]
    text = f"JUPYTER_TOKEN={value}\n" if file == ".env" else f"c.ServerApp.token = '{value}'\n"
    request = desk.request(desk.editor.open(desk.folder / file, text))
    context = replace(desk.context, leases=Leases(desk.places.custody, sessions))
    reference = move(context, request, desk.editor).reference
    assert stored_end(terms_of(context, [reference])[reference]).startswith(
        "Its lease ends when the login session ends; then it is refused"
    )
    (logins / "c1").unlink()
    with pytest.raises(LeaseExpired, match="ended with its session; a person can renew it with"):
        resolve(context, desk.folder, reference, GET)
    assert desk.value(str(reference)) == value
    widen_lease(context, desk.folder, reference, without_ended_limits(context, lease_of(context, reference)))
    assert resolve(context, desk.folder, reference, GET).reveal() == value


def test_a_document_with_a_token_that_ends_does_not_end_with_it(desk: Desk) -> None:
    """The document also holds the token that renews it."""
    token = tokens.jwt({"exp": int(time.time()) + 12})
    document = json.dumps({"id_token": token, "refresh_token": "lasts", "client_secret": "lasts"})
    reference, _ = put(desk.context, desk.folder, "OAUTH", Secret(document))
    assert lease_of(desk.context, reference) == Lease()
    alone, _ = put(desk.context, desk.folder, "ID_TOKEN", Secret(token))
    assert lease_of(desk.context, alone).expires is not None


NOW = 1_800_000_000
SPANS = Settings(lease_for=tuple((kind, 5 * DAY) for kind in Kind))


@pytest.mark.parametrize(
    ("profile", "settings", "expires"),
    [
        (Profile(""), Settings(), None),
        (Profile("", Kind.LONG_LIVED), Settings(), None),
        (Profile("", Kind.LONG_LIVED, "1 year"), Settings(), None),
        (Profile("", Kind.LONG_LIVED), SPANS, NOW + 5 * DAY),
        (Profile("", Kind.EXPIRING, "at most 12 hours"), Settings(), NOW + DAY // 2),
        (Profile("", Kind.EXPIRING, "30 days"), SPANS, NOW + 5 * DAY),
        (Profile("", Kind.EXPIRING, "until its expiry date"), Settings(), None),
        (Profile("", Kind.EXPIRING, "1 hour"), SPANS, NOW + 3_600),
        (Profile("", claims=Claims(expires=NOW + 9)), SPANS, NOW + 9),
        (Profile("", claims=Claims(expires=NOW - 9)), Settings(), None),
        (
            Profile("", Kind.EXPIRING, "1 hour", claims=Claims(issued=NOW - 600)),
            Settings(),
            NOW + 3_000,
        ),
        (Profile("", Kind.EXPIRING, "1 hour", claims=Claims(issued=NOW - DAY)), Settings(), None),
        (Profile("", Kind.SESSION, "as long as its session"), Settings(), None),
        (Profile("", Kind.SESSION), SPANS, NOW + 5 * DAY),
    ],
)
def test_a_stored_token_gets_the_earliest_of_the_ends_that_are_known(
    context: Context, profile: Profile, settings: Settings, expires: int | None
) -> None:
    lease = default_lease(settings, profile, NOW, context.leases.sessions)
    assert lease.expires == expires
    assert lease.session is (SessionKind.LOGIN if profile.kind is Kind.SESSION else None)
    assert context.leases.sessions.is_alive(lease.mark) is (lease.session is not None)


@pytest.mark.parametrize("mark", ["editor:5", "login:1:c1", f"boot:{'0' * 32}:{'0' * 36}"])
def test_a_session_that_cannot_be_seen_from_here_refuses(desk: Desk, context: Context, mark: str) -> None:
    context.leases.grant(FIRST, Lease(session=SessionKind(mark.partition(":")[0]), mark=mark))
    with pytest.raises(LeaseExpired, match="belongs to another machine, container or user"):
        resolve(context, desk.folder, FIRST, GET)
    assert desk.value(str(FIRST)) == "the value of FIRST"


def test_a_person_who_renews_a_lease_is_rid_of_the_end_that_is_over(desk: Desk, context: Context) -> None:
    over = Lease(1, SessionKind.EDITOR, "editor:5", uses=0, confirm=Confirm.ALWAYS)
    context.leases.tick()
    assert without_ended_limits(context, over) == Lease(confirm=Confirm.ALWAYS)
    lasting = Lease(int(time.time()) + DAY, SessionKind.BOOT, context.leases.sessions.boot(), uses=1)
    assert without_ended_limits(context, lasting) == lasting
    later(desk, DAY // 2).leases.tick()
    assert without_ended_limits(context, lasting) == lasting


def test_a_clock_that_went_back_refuses_until_a_person_renews(desk: Desk, context: Context) -> None:
    change_lease(context, desk.folder, FIRST, Lease(int(time.time()) + DAY))
    with pytest.raises(LeaseExpired):
        resolve(later(desk, 1000 * DAY), desk.folder, FIRST, GET)
    # The lease is refused after the correction too, and a person has to decide.
    with pytest.raises(LeaseExpired, match=r"because the clock showed .* `tokenward lease FIRST --for 8h`"):
        resolve(context, desk.folder, FIRST, GET)
    widen_lease(context, desk.folder, FIRST, Lease(int(time.time()) + DAY))
    assert resolve(context, desk.folder, FIRST, GET)


def test_a_clock_that_is_set_back_before_the_end_postpones_it_for_nobody(
    desk: Desk, context: Context
) -> None:
    change_lease(context, desk.folder, FIRST, Lease(int(time.time()) + DAY))
    assert resolve(later(desk, DAY // 2), desk.folder, FIRST, GET)
    with pytest.raises(LeaseExpired, match="because the clock showed"):
        resolve(context, desk.folder, FIRST, GET)
    assert resolve(later(desk, DAY // 2), desk.folder, FIRST, GET)
