"""The leases of stored tokens as they are shown; no keyring is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tokenward.custody.bindings.entries import Entry
from tokenward.custody.leases.clock import Moment
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.errors import CustodyError
from tokenward.model import Reference
from tokenward.operations.access.grant_lease import leases_of, old_lease
from tokenward.operations.context import Context
from tokenward.presentation.leases import AT_END, Terms, end, is_ending
from tokenward.settings import Settings


def terms_of(context: Context, references: Collection[Reference]) -> dict[Reference, Terms]:
    """What the leases of stored tokens permit now."""
    moment = context.leases.moment()
    found = leases_of(context, references)
    return {reference: as_terms(context.leases, lease, moment) for reference, lease in found.items()}


def terms_in(context: Context, folder: Path, references: Iterable[Reference]) -> dict[Reference, Terms]:
    """The same of those that are stored and that a folder may know of."""
    return terms_of(context, [one for one in dict.fromkeys(references) if _is_ours(context, folder, one)])


def _is_ours(context: Context, folder: Path, reference: Reference) -> bool:
    try:
        context.bindings.check(reference, folder)
    except CustodyError:
        return False
    return context.entries.get(reference) is not None


def told_end(context: Context, reference: Reference) -> str:
    """A sentence on the end that the lease of a token has, for who has just stored it; empty if it has none."""
    terms = terms_of(context, [reference])[reference]
    return f"Its lease ends {end(terms)}; {AT_END[terms.erases]}." if is_ending(terms) else ""


def listed(leases: Leases, entries: Collection[Entry], settings: Settings) -> dict[Reference, Terms]:
    """The same for tokens of any workspace, without a Context."""
    known, moment = leases.all(), leases.moment()
    return {
        entry.reference: as_terms(
            leases,
            known.get(entry.reference)
            or old_lease(settings, int(entry.created.timestamp()), leases.sessions),
            moment,
        )
        for entry in entries
    }


def as_terms(leases: Leases, lease: Lease, moment: Moment) -> Terms:
    over = leases.over(lease, moment)
    return Terms(
        expires=lease.expires,
        session=lease.session.value if lease.session else "",
        uses=lease.uses,
        programs=tuple(program.path for program in lease.programs),
        confirm=lease.confirm.value,
        erases=lease.erases,
        over=over.value if over else "",
    )
