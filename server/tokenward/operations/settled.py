"""Whether all is done that counts on a stored value, so that the value may go."""

from __future__ import annotations

from tokenward.errors import CustodyError
from tokenward.model import Reference
from tokenward.operations.context import Context


def require_settled(context: Context, reference: Reference) -> None:
    """Refuse while a move or a renaming may be about to write a reference into a file.

    Raises:
        CustodyError: one is under way, or was cut off and not looked at yet.
    """
    if context.ledger.is_unfinished(reference):
        raise not_complete(reference)


def not_complete(reference: Reference) -> CustodyError:
    return CustodyError(
        f"A move of {reference} is not complete; try again, or run `tokenward doctor` if it was cut off."
    )
