"""Who made each use of a token in an access log, and the verdict on them.

A use is ours if it came from an address that the user named. If they named none, it counts as ours if the token was
resolved here just before; later uses from the same addresses may also be ours, because a program keeps its token for
as long as it runs, and its end is not recorded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address

from tokenward.custody.ledger.histories import TokenHistory
from tokenward.language import counted, moment
from tokenward.operations.review.model import LogUses, ReviewVerdict, Whose
from tokenward.sources.logs.access_logs import LogUse, TokenNaming

SKEW = timedelta(minutes=2)
"""How far two clocks may differ."""
TOLERANCE = timedelta(minutes=5)
"""How long after a token was resolved a use still counts as the intended one."""
MOST_GROUPS = 500
"""The most kinds of uses of a token; uses from further addresses count without an address."""
_MOST_ACTIONS = 5
Network = IPv4Network | IPv6Network
_MOST_ADDRESSES = 3


@dataclass(slots=True)
class _Group:
    first: datetime
    last: datetime
    count: int = 0
    failed: int = 0
    actions: dict[str, None] = field(default_factory=dict)


class TokenUses:
    """Counts the uses of a token in memory that does not grow with them."""

    def __init__(self, history: TokenHistory, ours: Sequence[Network]) -> None:
        """Take the token's history in the ledger, and the user's addresses, if any."""
        self._history = history
        self._ours = ours
        self._resolved = sorted(
            [*(use.time for use in history.uses), *([history.checked[0]] if history.checked else [])]
        )
        self._groups: dict[tuple[str, Whose, str], _Group] = {}
        self.is_certain = False

    def add(self, use: LogUse, time: datetime) -> None:
        """Count a use."""
        self.is_certain |= use.naming is not TokenNaming.GITLAB_USER
        address = use.address
        key = (address, self._whose(use.naming, address, time), self._after(time))
        if key not in self._groups and len(self._groups) >= MOST_GROUPS:
            key = ("", *key[1:])
        group = self._groups.setdefault(key, _Group(time, time))
        group.first, group.last = min(group.first, time), max(group.last, time)
        group.count += 1
        group.failed += use.failed
        if len(group.actions) < _MOST_ACTIONS:
            group.actions.setdefault(use.action)

    def grouped(self) -> tuple[LogUses, ...]:
        """Return the counted uses, the suspicious ones first."""
        homes = {address for address, whose, _ in self._groups if address and whose is Whose.OURS}
        uses = [
            LogUses(address, whose, after, one.count, one.failed, one.first, one.last, tuple(one.actions))
            for (address, whose, after), one in self._groups.items()
        ]
        if not self._ours:
            uses = [
                replace(one, whose=Whose.MAYBE)
                if one.address in homes and not one.after and one.whose is not Whose.OURS
                else one
                for one in uses
            ]
        return tuple(
            sorted(uses, key=lambda one: (not one.after, _ORDER.index(one.whose), -one.count, one.first))
        )

    def _whose(self, naming: TokenNaming, address: str, time: datetime) -> Whose:
        if address and not (address[0].isdigit() or ":" in address):
            # The name of a service of the provider.
            return Whose.MAYBE
        if self._ours:
            is_ours = bool(address) and any(ip_address(address) in network for network in self._ours)
            return Whose.OURS if is_ours else Whose.OTHERS
        place = bisect_right(self._resolved, time + SKEW)
        if place > 0 and time - self._resolved[place - 1] <= TOLERANCE:
            return Whose.OURS
        if naming is TokenNaming.GITLAB_USER:
            return Whose.ACCOUNT
        stored = self._history.stored
        return Whose.OTHERS if stored is not None and time >= stored - SKEW else Whose.UNRECORDED

    def _after(self, time: datetime) -> str:
        history = self._history
        if history.revoked is not None and time > history.revoked + SKEW:
            return "revoked"
        return "expired" if history.expires is not None and time > history.expires + SKEW else ""


_ORDER = (Whose.OTHERS, Whose.UNRECORDED, Whose.ACCOUNT, Whose.MAYBE, Whose.OURS)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for a verdict on a token.

    Attributes:
        provider: the token's provider; empty if unknown.
        ends: how to revoke it, in a sentence; empty if unknown.
        is_certain: the logs name the token itself, not only its account.
        knows_ours: the user said which addresses are theirs.
        is_covered: a log of its provider was read.
        is_named: its identifier in that log is known.
        first: the time of the first record in those logs; `last` that of the last.
    """

    provider: str
    ends: str
    uses: tuple[LogUses, ...]
    is_certain: bool
    knows_ours: bool
    is_covered: bool
    is_named: bool
    first: datetime | None
    last: datetime | None


def judge(evidence: Evidence) -> tuple[ReviewVerdict, str]:
    """Return the verdict, and a sentence that says what to do."""
    uses = evidence.uses
    # A program of ours may not yet have noticed that its token is dead.
    own_failures = [one for one in uses if one.whose is Whose.OURS and one.failed == one.count]
    late = [one for one in uses if one.after and one not in own_failures]
    others = [one for one in uses if one.whose is Whose.OTHERS]
    unrecorded = [one for one in uses if one.whose is Whose.UNRECORDED]
    account = [one for one in uses if one.whose is Whose.ACCOUNT]
    if late and evidence.is_certain:
        return ReviewVerdict.AFTER_END, _after_end(late, evidence)
    if others:
        return ReviewVerdict.OTHERS, _others(others, evidence)
    if unrecorded:
        return ReviewVerdict.UNRECORDED, (
            f"Used {_times(unrecorded)} {_where(unrecorded)}, before it was stored, when uses from here were not "
            "recorded: name your own addresses with `--ours`."
        )
    if account:
        return ReviewVerdict.ACCOUNT, (
            f"Its account was active {_times(account)} {_where(account)}; the log does not say with which token, "
            "so name your own addresses with `--ours`."
        )
    if not uses:
        return _without_uses(evidence)
    maybe = _count(one for one in uses if one.whose is Whose.MAYBE)
    extent = f"; of these {maybe} may be yours, by their addresses alone" if maybe else ", as from here"
    return ReviewVerdict.OURS, f"Used {_times(uses)} {_where(uses)}{extent}."


def _after_end(late: Sequence[LogUses], evidence: Evidence) -> str:
    end = "it was revoked" if any(one.after == "revoked" for one in late) else "it should have expired"
    if all(one.failed == one.count for one in late):
        return (
            f"Tried {_times(late)} {_where(late)}, after {end}, and refused: it no longer works; check what it was "
            "used for before."
        )
    is_ours = all(one.whose is Whose.OURS for one in late)
    advice = "revoke it" if is_ours else "treat it as stolen and revoke it"
    return (
        f"Used {_times(late)} {_where(late)}, after {end}: it still works, so {advice} at "
        f"{evidence.provider or 'its provider'}.{_ending(evidence)}"
    )


def _others(others: Sequence[LogUses], evidence: Evidence) -> str:
    where = f"{_times(others)} {_where(others)}"
    advice = f"treat it as stolen and revoke it.{_ending(evidence)}"
    if not evidence.is_certain:
        return (
            f"Its account was active {where}, which is not one of your addresses; the log does not say with which "
            f"token, so {advice}"
        )
    if evidence.knows_ours:
        return f"Used {where}, which is not one of your addresses: {advice}"
    return (
        f"Used {where}, when nothing here had requested it: unless that was you (name your addresses with "
        f"`--ours`), {advice}"
    )


def _without_uses(evidence: Evidence) -> tuple[ReviewVerdict, str]:
    if not evidence.is_covered:
        whose = f" of {evidence.provider}" if evidence.provider else " that could name it"
        return ReviewVerdict.NOT_COVERED, f"None of these logs is one{whose}."
    if not evidence.is_named:
        return ReviewVerdict.UNNAMED, (
            "Its name in these logs is not known, so they were not searched for it: scan the place where it was found "
            "again, or name it in a mapping file."
        )
    return ReviewVerdict.UNUSED, f"No use in these logs{covered(evidence.first, evidence.last)}."


def covered(first: datetime | None, last: datetime | None) -> str:
    """Return the period of the logs, as the end of a sentence about them."""
    if first is None or last is None:
        return ", which contain no records with a time"
    return f", which run from {moment(first.timestamp())} to {moment(last.timestamp())}"


def _ending(evidence: Evidence) -> str:
    return f" {evidence.ends}" if evidence.ends else ""


def _count(uses: Iterable[LogUses]) -> int:
    return sum(one.count for one in uses)


def _times(uses: Sequence[LogUses]) -> str:
    return counted(_count(uses), "time")


def _where(uses: Sequence[LogUses]) -> str:
    """Return the addresses and times of some uses."""
    addresses = list(dict.fromkeys(one.address or "an address that the log does not show" for one in uses))
    more = len(addresses) - _MOST_ADDRESSES
    named = ", ".join(addresses[:_MOST_ADDRESSES]) + (f" and {more} more" if more > 0 else "")
    first, last = min(one.first for one in uses), max(one.last for one in uses)
    begun = moment(first.timestamp())
    return (
        f"from {named}, on {begun}"
        if first == last
        else f"from {named}, from {begun} to {moment(last.timestamp())}"
    )
