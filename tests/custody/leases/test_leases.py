"""Leases: what they permit, which changes extend them, and a clock that jumps."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.leases.lease import Confirm, Lease, LeaseEnd, Program
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import SessionKind, Sessions
from tokenward.errors import LeaseSpent
from tokenward.model import Reference

FIRST, SECOND = Reference("acme-api", "FIRST"), Reference("acme-api", "SECOND")
NOW = 1_800_000_000
HOUR, DAY = 3_600, 86_400


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(tmp_path: Path, clock: Clock) -> Leases:
    return Leases(tmp_path / "custody.db", Sessions(tmp_path / "sessions.alive"), clock)


PROGRAMS = st.lists(st.sampled_from(["/a", "/b", "/c"]).map(lambda path: Program(path, path)), max_size=3)
LEASES = st.builds(
    Lease,
    expires=st.none() | st.integers(NOW, NOW + 3),
    session=st.none(),
    uses=st.none() | st.integers(0, 3),
    programs=PROGRAMS.map(tuple),
    confirm=st.sampled_from(Confirm),
)


@given(before=LEASES, after=LEASES)
def test_what_loosens_a_lease_is_what_permits_anything_more(before: Lease, after: Lease) -> None:
    """Checked against every possible use."""

    def uses(lease: Lease) -> set[tuple[object, ...]]:
        return {
            (second, number, program, confirm)
            for second in range(NOW, NOW + 5)
            for number in range(5)
            for program in ("/a", "/b", "/c", "/d", None)
            for confirm in Confirm
            if (lease.expires is None or second < lease.expires)
            and (lease.uses is None or number < lease.uses)
            and (not lease.programs or program in {one.path for one in lease.programs})
            and confirm.rank >= lease.confirm.rank
        }

    more = bool(uses(after) - uses(before))
    assert more <= after.loosens(before)
    if uses(before):
        assert after.loosens(before) <= bool(more or not uses(after))
    assert not before.loosens(before)


def test_a_session_is_looser_unless_it_ends_sooner() -> None:
    none = Lease()
    boot = replace(none, session=SessionKind.BOOT, mark="boot:1")
    login = replace(none, session=SessionKind.LOGIN, mark="login:1:2")
    other = replace(none, session=SessionKind.LOGIN, mark="login:1:3")
    editor = replace(none, session=SessionKind.EDITOR, mark="editor:5")
    tighter = [(none, boot), (none, editor), (boot, login), (login, editor), (login, login)]
    assert not any(after.loosens(before) for before, after in tighter)
    assert all(before.loosens(after) for before, after in tighter if before != after)
    assert other.loosens(login)


def test_what_is_granted_comes_back_whole(leases: Leases, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff'\n"))
    lease = Lease(NOW + 5, SessionKind.BOOT, "boot:1", 3, (Program.of(odd),), Confirm.SESSION)
    leases.grant(FIRST, lease)
    leases.grant(SECOND, Lease())
    assert leases.all() == {FIRST: lease, SECOND: Lease()}
    leases.forget(FIRST)
    assert (leases.get(FIRST), leases.get(SECOND)) == (None, Lease())


def test_a_lease_ends_at_its_second(leases: Leases, clock: Clock) -> None:
    lease = Lease(NOW + 1)
    assert leases.end_of(lease, leases.tick()) is None
    clock.now += 0.999
    assert leases.end_of(lease, leases.tick()) is None
    clock.now += 0.001
    assert leases.end_of(lease, leases.tick()) is LeaseEnd.EXPIRED


@given(steps=st.lists(st.integers(-3 * DAY, 3 * DAY) | st.integers(-HOUR, HOUR), max_size=8))
def test_no_setting_of_the_clock_extends_a_lease(
    steps: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """It lasts while its end was not seen, and the clock is not behind what was."""
    clock, folder = Clock(), tmp_path_factory.mktemp("clock")
    leases = Leases(folder / "custody.db", Sessions(folder / "sessions.alive"), clock)
    lease, latest = Lease(NOW + DAY), NOW
    leases.tick()
    for step in steps:
        clock.now += step
        latest = max(latest, int(clock.now))
        lasts = latest < NOW + DAY and latest - int(clock.now) <= 600
        assert (leases.end_of(lease, leases.tick()) is None) == lasts


def test_a_clock_that_was_set_back_ends_no_lease_without_an_end(leases: Leases, clock: Clock) -> None:
    leases.tick()
    clock.now = NOW - DAY
    behind = leases.tick()
    assert leases.end_of(Lease(NOW + DAY), behind) is LeaseEnd.UNSURE
    assert leases.end_of(Lease(uses=1), behind) is None
    clock.now = NOW - 600
    assert leases.end_of(Lease(NOW + DAY), leases.tick()) is None


def test_a_clock_that_was_far_ahead_leaves_it_unsure_until_a_person_trusts_it_again(
    leases: Leases, clock: Clock
) -> None:
    leases.tick()
    lease = Lease(NOW + DAY)
    clock.now = NOW + 1000 * DAY
    leap = leases.tick()
    assert leases.end_of(lease, leap) is LeaseEnd.EXPIRED
    clock.now = NOW + HOUR
    behind = leases.tick()
    assert (leases.end_of(lease, behind), behind.is_behind) == (LeaseEnd.UNSURE, True)
    leases.trust_clock()
    assert leases.end_of(lease, leases.tick()) is None


def test_uses_are_taken_of_all_or_of_none(leases: Leases) -> None:
    leases.grant(FIRST, Lease(uses=2))
    leases.grant(SECOND, Lease(uses=1))
    assert leases.spend([FIRST, SECOND]) == (FIRST, SECOND)
    with pytest.raises(LeaseSpent):
        leases.spend([FIRST, SECOND])
    assert [lease.uses for lease in leases.all().values()] == [1, 0]
    leases.give_back([SECOND])
    assert leases.spend([FIRST, SECOND, Reference("acme-api", "OTHER")]) == (FIRST, SECOND)


SPENDER = """
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.errors import LeaseSpent
from tokenward.model import Reference
leases = Leases(folder / "custody.db", Sessions(folder / "sessions.alive"))
print("ready", flush=True)
sys.stdin.readline()
taken = 0
for _ in range(10):
    try:
        leases.spend([Reference("acme-api", "FIRST")])
        taken += 1
    except LeaseSpent:
        pass
print(taken)
"""


def test_processes_never_share_a_use(leases: Leases, tmp_path: Path, race: Callable[..., list[str]]) -> None:
    leases.grant(FIRST, Lease(uses=17))
    assert sum(map(int, race(4, SPENDER, tmp_path))) == 17
    assert leases.all()[FIRST].uses == 0


def test_what_a_person_agreed_to_lasts_as_long_as_the_session_and_the_lease(leases: Leases) -> None:
    editor = leases.sessions.editor()
    leases.approve([FIRST], "run /a", editor)
    leases.approve([SECOND], "run /a", "editor:1")
    assert leases.approved("run /a") == {FIRST}
    assert leases.approved("run /b") == frozenset()
    leases.grant(FIRST, Lease(confirm=Confirm.SESSION))
    assert leases.approved("run /a") == frozenset()


def test_a_program_is_told_by_its_place_and_by_where_it_leads(tmp_path: Path) -> None:
    for name in ("vite.js", "other.js"):
        (tmp_path / name).write_text("#!/usr/bin/env node\n")
    link, shadow = tmp_path / "bin" / "vite", tmp_path / "shadow" / "vite"
    for made in (link, shadow):
        made.parent.mkdir()
        made.symlink_to("../vite.js")
    folder_link = tmp_path / "elsewhere"
    folder_link.symlink_to(tmp_path / "bin")
    lease = Lease(programs=(Program.of(link),))
    assert lease.allows(link)
    assert lease.allows(folder_link / "vite")
    assert lease.allows(tmp_path / "shadow" / ".." / "bin" / "vite")
    assert not any(map(lease.allows, [shadow, tmp_path / "vite.js", tmp_path / "other.js", None]))
    link.unlink()
    link.symlink_to("../other.js")
    assert not lease.allows(link)
