"""Deletes a stored token, or only its records."""

from __future__ import annotations

from tokenward.model import Reference
from tokenward.operations.context import Context


def delete_token(context: Context, reference: Reference) -> None:
    """Delete a value from the keyring, and then its entry and its lease.

    Raises:
        VaultError: the keyring did not delete it; the entry and the lease stay.
    """
    context.vault.delete(reference)
    forget_token(context, reference)


def forget_token(context: Context, reference: Reference) -> None:
    """Delete a token's entry and its lease; the keyring is not touched."""
    context.entries.remove(reference)
    context.leases.forget(reference)
