"""store_new: the common rule for storing, which overwrites nothing and reads everything back."""

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
    try:
        secret.reveal().encode()
        is_text = True
    except UnicodeEncodeError:
        is_text = False
    if not is_text:
        # Raised here, because the exception above contains the whole text and must not be chained.
        raise VaultError(
            f"The value for {reference} is not valid Unicode text and cannot be stored; correct it first."
        )
    held = read(reference)
    if held is not None:
        if held != secret:
            raise NameTaken(
                f"The keyring already has another value under {reference}; choose another name, "
                f"or remove that entry with `tokenward rm {reference.name}`."
            )
        return False
    write(reference, secret)
    if read(reference) != secret:
        raise VaultForgetful(
            f"The keyring accepted a value for {reference} but did not return it, so nothing was changed; "
            "run `tokenward doctor` to see which keyring is in use."
        )
    return True
