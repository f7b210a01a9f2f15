"""Decides who made each use of a token in an access log.

A use is ours if it came from an address that the user named. If they named none, it counts as ours if the token was
resolved here just before; later uses from the same addresses may also be ours, because a program keeps its token for
as long as it runs, and its end is not recorded.
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
"""How far two clocks may differ."""
TOLERANCE = timedelta(minutes=5)
"""How long after a token was resolved a use still counts as the intended one."""
MOST_GROUPS = 500
"""The most kinds of uses of a token; uses from further addresses count without an address."""
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
