"""Whose each use of a token in an access log is.

A use is ours if it came from an address that the user named as theirs. Where they named none it is taken for ours if
the token was given out here just before; and from the addresses of those uses, later ones may be ours too: a program
keeps its token for as long as it runs, and its end is not recorded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address

from tokenward.custody.ledger.histories import TokenHistory
from tokenward.operations.review.model import LogUses, Whose
from tokenward.sources.logs.access_logs import LogUse, TokenNaming

SKEW = timedelta(minutes=2)
"""By how much two clocks may differ."""
TOLERANCE = timedelta(minutes=5)
"""For how long after a token was given out a use is taken for the one that it was given out for."""
MOST_GROUPS = 500
"""Kinds of uses of one token that are told apart; what comes from further addresses is counted under none."""
_MOST_ACTIONS = 5

Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class _Group:
    first: datetime
    last: datetime
    count: int = 0
    failed: int = 0
    actions: dict[str, None] = field(default_factory=dict)


class TokenUses:
    """The uses of one token, counted as they come, in memory that does not grow with them."""

    def __init__(self, history: TokenHistory, ours: Sequence[Network]) -> None:
        """Take what the ledger tells of the token, and the addresses of the user; none when they named none."""
        self._history = history
        self._ours = ours
        self._given_out = sorted(
            [*(use.time for use in history.uses), *([history.checked[0]] if history.checked else [])]
        )
        self._groups: dict[tuple[str, Whose, str], _Group] = {}
        self.is_certain = False

    def take(self, use: LogUse, time: datetime) -> None:
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
        """What was counted, what is strange first."""
        homes = {address for address, whose, _ in self._groups if address and whose is Whose.OURS}
        uses = [
            LogUses(address, whose, after, one.count, one.failed, one.first, one.last, tuple(one.actions))
            for (address, whose, after), one in self._groups.items()
        ]
        if not self._ours:
            uses = [replace(one, whose=Whose.MAYBE) if _is_near(one, homes) else one for one in uses]
        return tuple(
            sorted(uses, key=lambda one: (not one.after, _ORDER.index(one.whose), -one.count, one.first))
        )

    def _whose(self, naming: TokenNaming, address: str, time: datetime) -> Whose:
        if address and not _is_ip(address):
            return Whose.MAYBE
        if self._ours:
            return Whose.OURS if _is_in(address, self._ours) else Whose.OTHERS
        if self._was_given_out(time):
            return Whose.OURS
        if naming is TokenNaming.GITLAB_USER:
            return Whose.ACCOUNT
        stored = self._history.stored
        return Whose.OTHERS if stored is not None and time >= stored - SKEW else Whose.UNRECORDED

    def _was_given_out(self, time: datetime) -> bool:
        place = bisect_right(self._given_out, time + SKEW)
        return place > 0 and time - self._given_out[place - 1] <= TOLERANCE

    def _after(self, time: datetime) -> str:
        history = self._history
        if history.revoked is not None and time > history.revoked + SKEW:
            return "revoked"
        return "expired" if history.expires is not None and time > history.expires + SKEW else ""


_ORDER = (Whose.OTHERS, Whose.UNRECORDED, Whose.ACCOUNT, Whose.MAYBE, Whose.OURS)


def _is_near(uses: LogUses, homes: set[str]) -> bool:
    return uses.address in homes and not uses.after and uses.whose is not Whose.OURS


def _is_ip(address: str) -> bool:
    return address[0].isdigit() or ":" in address


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    return bool(address) and any(ip_address(address) in network for network in networks)
