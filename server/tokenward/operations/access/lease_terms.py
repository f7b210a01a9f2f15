"""The terms of stored tokens' leases, for display; does not touch the keyring."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.leases.lease import Lease, Moment
from tokenward.custody.leases.leases import Leases
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
    """

    expires: int | None = None
    session: str = ""
    uses: int | None = None
    programs: tuple[str, ...] = ()
    confirm: str = "never"
    starters: tuple[str, ...] = ()
    over: str = ""


NO_LIMIT = Terms()


def terms_of(context: Context, references: Collection[Reference]) -> dict[Reference, Terms]:
    """Return the current terms of stored tokens' leases."""
    moment = context.leases.moment()
    found = leases_of(context, references)
    return {reference: as_terms(context.leases, lease, moment) for reference, lease in found.items()}


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
        terms[entry.reference] = as_terms(leases, lease, moment)
    return terms


def as_terms(leases: Leases, lease: Lease, moment: Moment) -> Terms:
    """Return the terms of a lease at a moment."""
    over = leases.end_of(lease, moment)
    return Terms(
        expires=lease.expires,
        session=lease.session.value if lease.session else "",
        uses=lease.uses,
        programs=tuple(program.path for program in lease.programs),
        confirm=lease.confirm.value,
        starters=lease.starters,
        over=over.value if over else "",
    )


def is_ending(terms: Terms) -> bool:
    """Return whether a lease ever ends by itself."""
    return terms.expires is not None or bool(terms.session) or terms.uses is not None
