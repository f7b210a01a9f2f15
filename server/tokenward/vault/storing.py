"""The common rules for storing: everything is read back, and only `store_over` overwrites."""

from __future__ import annotations

from collections.abc import Callable

from tokenward.errors import NameTaken, VaultError, VaultForgetful
from tokenward.model import Reference, Secret


def store_new(
    reference: Reference,
    secret: Secret,
    *,
    read: Callable[[Reference], Secret | None],
    write: Callable[[Reference, Secret], object],
) -> bool:
    """Store a value under a free name and read it back; return False if the name already had that value.

    Raises:
        NameTaken: the name has another value, which is left unchanged.
        VaultForgetful: the value could not be read back.
    """
    _require_text(reference, secret)
    held = read(reference)
    if held is not None:
        if held != secret:
            raise NameTaken(
                "The keyring already has another value under {reference}; choose another name, or replace "
                "that value with `tokenward put {name} --replace`.",
                reference=reference,
                name=reference.name,
            )
        return False
    write(reference, secret)
    if read(reference) != secret:
        raise VaultForgetful(
            "The keyring accepted a value for {reference} but did not return it, so nothing was changed; "
            "run `tokenward doctor` to see which keyring is in use.",
            reference=reference,
        )
    return True


def store_over(
    reference: Reference,
    secret: Secret,
    *,
    read: Callable[[Reference], Secret | None],
    write: Callable[[Reference, Secret], object],
) -> None:
    """Store a value in place of any other and read it back.

    Raises:
        VaultForgetful: the value could not be read back.
    """
    _require_text(reference, secret)
    write(reference, secret)
    if read(reference) != secret:
        raise VaultForgetful(
            "The keyring accepted a new value for {reference} but did not return it; run `tokenward "
            "doctor` to see which keyring is in use.",
            reference=reference,
        )


def _require_text(reference: Reference, secret: Secret) -> None:
    try:
        secret.reveal().encode()
    except UnicodeEncodeError:
        pass
    else:
        return
    # Raised here, because the exception above contains the whole text and must not be chained.
    raise VaultError(
        "The value for {reference} is not valid Unicode text and cannot be stored; correct it first.",
        reference=reference,
    )
