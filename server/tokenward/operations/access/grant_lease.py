"""Grants a token its lease when it is stored, and changes the lease later."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from tokenward.custody.leases.lease import Confirm, Lease, LeaseEnd
from tokenward.custody.leases.sessions import SessionKind, Sessions
from tokenward.custody.ledger.events import JSON, Event
from tokenward.errors import EntryMissing, LeaseRefused
from tokenward.model import Fingerprint, Kind, Profile, Reference
from tokenward.operations.context import Context
from tokenward.operations.recording import may_stay_unrecorded
from tokenward.operations.token_names import require_known
from tokenward.settings import Settings

_LIFETIME = re.compile(r"(?:at most )?(a|an|[0-9]{1,4}) (hour|day|year)s?")
_SECONDS = {"hour": 3_600, "day": 86_400, "year": 366 * 86_400}


def default_lease(settings: Settings, profile: Profile, stored: int, sessions: Sessions) -> Lease:
    """Return the default lease of a token that is stored at a time, in seconds since 1970."""
    own, chosen = _own_end(profile, stored), settings.lease_seconds(profile.kind)
    # Storing an expired token is deliberate, and a program may expect one.
    ends = [own] if own is not None and own > stored else []
    if chosen is not None:
        ends.append(stored + chosen)
    is_session = profile.kind is Kind.SESSION
    return Lease(
        expires=min(ends, default=None),
        session=SessionKind.LOGIN if is_session else None,
        mark=sessions.login() if is_session else "",
        confirm=Confirm(settings.confirmation),
    )


def old_lease(settings: Settings, stored: int, sessions: Sessions) -> Lease:
    """Return the lease of a token that was stored without one: the default for an unknown kind."""
    return default_lease(settings, Profile(""), stored, sessions)


def lease_stored(context: Context, reference: Reference, fingerprint: Fingerprint, profile: Profile) -> None:
    """Grant a lease to a token that is being stored, unless it has one that still lasts.

    An entry with another value keeps its lease, because nobody has presented that value.
    """
    leases, moment = context.leases, context.leases.moment()
    entry, before = context.entries.get(reference), leases.get(reference)
    if entry is not None and entry.fingerprint != fingerprint:
        return
    if entry is not None and before is not None and leases.end_of(before, moment) is None:
        return
    lease = default_lease(context.settings, profile, moment.now, leases.sessions)
    lease = replace(lease, hosts=before.hosts) if before else lease
    if lease.is_limited or (before is not None and before.is_limited):
        _grant(context, None, reference, lease)
    else:
        leases.grant(reference, lease)


def renew_own_end(context: Context, reference: Reference, old_end: int | None, new_end: int | None) -> None:
    """Give a lease that ends because the replaced value expired the end of the new value."""
    lease = context.leases.get(reference)
    if old_end is None or lease is None or lease.expires != old_end or new_end == old_end:
        return
    _grant(context, None, reference, replace(lease, expires=new_end))


def leases_of(context: Context, references: Collection[Reference]) -> dict[Reference, Lease]:
    """Return the leases of stored tokens."""
    leases: dict[Reference, Lease] = {}
    for reference in references:
        lease = context.leases.get(reference)
        if lease is None:
            entry = context.entries.get(reference)
            stored = int(entry.created.timestamp()) if entry else 0
            lease = old_lease(context.settings, stored, context.leases.sessions)
        leases[reference] = lease
    return leases


def lease_of(context: Context, reference: Reference) -> Lease:
    """Return the lease of one token.

    Raises:
        EntryMissing: nothing is stored under the reference.
    """
    if context.entries.get(reference) is None:
        require_known(context.entries, [reference])
        raise EntryMissing("There is no {reference}; see `tokenward list`.", reference=reference)
    return leases_of(context, [reference])[reference]


def loosens(context: Context, before: Lease, after: Lease) -> bool:
    """Return whether a new lease now permits anything that the earlier one does not."""
    moment = context.leases.moment()
    return after.loosens(before) or context.leases.end_of(before, moment) is not None


def without_ended_limits(context: Context, lease: Lease) -> Lease:
    """Return a lease to renew, without its exceeded limits, which would end the new lease at once."""
    leases, moment = context.leases, context.leases.moment()
    if leases.end_of(Lease(lease.expires), moment) is LeaseEnd.EXPIRED:
        lease = replace(lease, expires=None)
    if leases.end_of(Lease(session=lease.session, mark=lease.mark), moment):
        lease = replace(lease, session=None, mark="")
    return replace(lease, uses=lease.uses or None)


def change_lease(context: Context, folder: Path, reference: Reference, lease: Lease) -> None:
    """Replace a token's lease with one that permits no more.

    Raises:
        LeaseRefused: it would permit more, which needs a person's approval.
        EntryMissing, WorkspaceUnbound, WorkspaceElsewhere: the folder has no such token.
    """
    context.bindings.check(reference, folder)
    if loosens(context, lease_of(context, reference), lease):
        raise LeaseRefused(
            "That would allow more than the lease of {reference} does; a person can allow it at a "
            "terminal with `tokenward lease {name}`.",
            reference=reference,
            name=reference.name,
        )
    _grant(context, folder, reference, lease)


def widen_lease(context: Context, folder: Path, reference: Reference, lease: Lease) -> None:
    """Give a token any lease, to which a person has agreed; from now on, the clock counts as right.

    Raises:
        EntryMissing, WorkspaceUnbound, WorkspaceElsewhere: the folder has no such token.
    """
    context.bindings.check(reference, folder)
    lease_of(context, reference)
    context.leases.trust_clock()
    _grant(context, folder, reference, lease)


def lease_detail(lease: Lease) -> Mapping[str, JSON]:
    """Return the details of a lease for the ledger."""
    detail: dict[str, JSON] = {"confirm": lease.confirm.value}
    if lease.expires is not None:
        detail["expires"] = lease.expires
    if lease.session is not None:
        detail["session"] = lease.session.value
    if lease.uses is not None:
        detail["uses"] = lease.uses
    if lease.programs:
        detail["programs"] = [program.path for program in lease.programs]
    if lease.starters:
        detail["by"] = list(lease.starters)
    if lease.hosts:
        detail["hosts"] = list(lease.hosts)
    return detail


def _grant(context: Context, folder: Path | None, reference: Reference, lease: Lease) -> None:
    context.leases.grant(reference, lease)
    origin = str(folder) if folder else None
    with may_stay_unrecorded(context, f"the lease of {reference}"):
        context.ledger.record(Event.LEASED, reference=reference, origin=origin, detail=lease_detail(lease))


def _own_end(profile: Profile, stored: int) -> int | None:
    """Return the latest time at which a token stops working by itself; None if unknown."""
    claims = profile.claims
    if claims.expires is not None:
        return claims.expires
    found = _LIFETIME.fullmatch(profile.lifetime)
    if found is None or profile.kind not in (Kind.SESSION, Kind.EXPIRING):
        return None
    count = int(found[1]) if found[1].isdecimal() else 1
    return min(claims.issued or stored, stored) + count * _SECONDS[found[2]]
