"""Settles replacements that a crash interrupted."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.errors import VaultError
from tokenward.model import Reference
from tokenward.operations.access.settle_replacement import settle
from tokenward.operations.context import Context


def recover_replacements(context: Context) -> Iterator[str]:
    """Complete or take back every replacement that was cut off, and yield a sentence about each."""
    for seen in context.replacements.all():
        try:
            outcome = _settle(context, seen.reference)
        except VaultError:
            yield (
                f"The replacement of the value of {seen.reference} was interrupted; the keyring cannot be asked now, "
                "so run `tokenward doctor` when it can."
            )
        else:
            if outcome:
                yield outcome


def _settle(context: Context, reference: Reference) -> str:
    with context.turn():
        # Another process may have completed it while this one waited for its turn.
        begun = context.replacements.get(reference)
        return settle(context, begun) if begun is not None else ""
