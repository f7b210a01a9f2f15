"""The terms of stored tokens' leases, for display; does not touch the keyring."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.leases.lease import Lease, Moment
from tokenward.custody.leases.leases import Leases
from tokenward.detection.rules.token_hosts import TokenHost, hosts_of
from tokenward.errors import CustodyError
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference
from tokenward.operations.access.grant_lease import leases_of, old_lease
from tokenward.operations.context import Context
from tokenward.settings import Settings


@dataclass(frozen=True, slots=True)
class Terms:
    """The lease of a token.

    Attributes:
        expires: when it ends, in seconds since 1970; None for never.
        session: the kind of session that it ends with; empty for none.
        uses: the number of uses left; None for no limit.
        programs: the paths of the only programs that may get the token; empty for all.
        confirm: when a person is asked: `never`, `session` or `always`.
        starters: what may start a use; empty for anything.
        over: why it has ended, such as `its time has run out`; empty while it lasts.
        hosts: where the token belongs, by a person's word or its provider's; empty if that is unknown.
    """

    expires: int | None = None
    session: str = ""
    uses: int | None = None
    programs: tuple[str, ...] = ()
    confirm: str = "never"
    starters: tuple[str, ...] = ()
    over: str = ""
    hosts: tuple[str, ...] = ()


NO_LIMIT = Terms()


def terms_of(context: Context, references: Collection[Reference]) -> dict[Reference, Terms]:
    """Return the current terms of stored tokens' leases."""
    moment = context.leases.moment()
    found = leases_of(context, references)
    entries = {reference: context.entries.get(reference) for reference in found}
    return {one: as_terms(context.leases, lease, moment, entries[one]) for one, lease in found.items()}


def terms_in(context: Context, folder: Path, references: Iterable[Reference]) -> dict[Reference, Terms]:
    """Return the same for those stored tokens that a folder may see."""
    known = []
    for reference in dict.fromkeys(references):
        try:
            context.bindings.check(reference, folder)
        except CustodyError:
            continue
        if context.entries.get(reference) is not None:
            known.append(reference)
    return terms_of(context, known)


def terms_of_entries(
    leases: Leases, entries: Collection[TokenEntry], settings: Settings
) -> dict[Reference, Terms]:
    """Return the same for tokens of any workspace, without a Context."""
    known, moment, terms = leases.all(), leases.moment(), {}
    for entry in entries:
        lease = known.get(entry.reference)
        lease = lease or old_lease(settings, int(entry.created.timestamp()), leases.sessions)
        terms[entry.reference] = as_terms(leases, lease, moment, entry)
    return terms


def token_hosts_of(
    context: Context, references: Collection[Reference]
) -> dict[Reference, tuple[TokenHost, ...]]:
    """Return the hosts that stored tokens are for, and how requests carry them there."""
    leases = leases_of(context, references)
    return {one: _hosts(context.entries.get(one), lease) for one, lease in leases.items()}


def _hosts(entry: TokenEntry | None, lease: Lease) -> tuple[TokenHost, ...]:
    return hosts_of(entry.provider, entry.reference.name, lease.hosts) if entry else ()


def as_terms(leases: Leases, lease: Lease, moment: Moment, entry: TokenEntry | None) -> Terms:
    """Return the terms of the lease of an entry at a moment."""
    over = leases.end_of(lease, moment)
    return Terms(
        expires=lease.expires,
        session=lease.session.value if lease.session else "",
        uses=lease.uses,
        programs=tuple(program.path for program in lease.programs),
        confirm=lease.confirm.value,
        starters=lease.starters,
        over=over.value if over else "",
        hosts=tuple(one.name for one in _hosts(entry, lease)),
    )


def is_ending(terms: Terms) -> bool:
    """Return whether a lease ever ends by itself."""
    return terms.expires is not None or bool(terms.session) or terms.uses is not None
