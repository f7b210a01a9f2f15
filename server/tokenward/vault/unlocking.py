"""Unlocking: the secrets that open an encrypted file, and their environment variables."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import field

from tokenward.errors import PassphraseWrong
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Secret

KEY_VARIABLE = "TOKENWARD_VAULT_KEY"
PASSPHRASE_VARIABLE = "TOKENWARD_VAULT_PASSPHRASE"  # noqa: S105
SECRET_VARIABLES = (KEY_VARIABLE, PASSPHRASE_VARIABLE)

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Unlocking:
    """A passphrase, a key of 32 bytes in Base64, both, or neither."""

    passphrase: Secret | None = field(default=None, repr=False)
    key: Secret | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], passphrase: Secret | None = None) -> Unlocking:
        """Return the secrets in the environment; a typed passphrase takes precedence."""
        variables = (environment.get(name) for name in (PASSPHRASE_VARIABLE, KEY_VARIABLE))
        known, key = (Secret(value) if value else None for value in variables)
        return cls(passphrase or known, key)

    def passphrase_bytes(self) -> bytes | None:
        """Return the same bytes however the keyboard composed accents."""
        if self.passphrase is None:
            return None
        return unicodedata.normalize("NFC", self.passphrase.reveal()).encode("utf-8", "surrogateescape")

    def key_bytes(self) -> bytes | None:
        """Decode the key.

        Raises:
            PassphraseWrong: it is not the Base64 of 32 bytes.
        """
        if self.key is None:
            return None
        try:
            key = base64.b64decode(self.key.reveal().strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise PassphraseWrong(
                "{key_variable} is not a key; set it to the Base64 of {key_bytes} random bytes, such as "
                "`openssl rand -base64 {key_bytes}` prints.",
                key_variable=KEY_VARIABLE,
                key_bytes=KEY_BYTES,
            )
        return key
