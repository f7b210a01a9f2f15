"""The format of the encrypted file: bytes in, bytes out.

    tokenward vault 1 <newline>                    magic
    {"kdf": "argon2id", "salt": …} <newline>       how the key is derived
    nonce 12, tag 16                               key check: nothing, sealed under the two lines above
    nonce 12, ciphertext, tag 16                   the entries, sealed under all of the above
    SHA-256 of all of the above                    distinguishes accidental damage from a wrong passphrase

Sealing is ChaCha20-Poly1305 with a new random nonce each time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tokenward.vault.unlocking import KEY_BYTES, Unlocking

_MAGIC = b"tokenward vault 1\n"
_NONCE = 12
_TAG = 16
_CHECK = _NONCE + _TAG
_CHECKSUM = 32
_SALT = 16

# RFC 9106, section 4, second recommended option.
_ARGON2ID = {"time": 3, "memory": 65536, "lanes": 4}
# A file from elsewhere must not make the machine run out of memory or time.
_MOST = {"time": 16, "memory": 1 << 20, "lanes": 16}


class Damaged(Exception):
    """The bytes are not the sealed ones."""


class Mismatch(Exception):
    """The passphrase or key is not the one that the file was created with."""


class Missing(Exception):
    """The file needs an unknown passphrase or key; the argument says which."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The parts of a file: its head, which never changes, and its body."""

    head: bytes
    body: bytes

    @classmethod
    def parse(cls, blob: bytes) -> Sealed:
        """Split a file into its parts.

        Raises:
            Damaged: it is truncated or was changed.
        """
        content, checksum = blob[:-_CHECKSUM], blob[-_CHECKSUM:]
        if not content.startswith(_MAGIC) or hashlib.sha256(content).digest() != checksum:
            raise Damaged
        end = content.find(b"\n", len(_MAGIC)) + 1 + _CHECK
        if end <= len(_MAGIC) + _CHECK or len(content) < end + _NONCE + _TAG:
            raise Damaged
        return cls(content[:end], content[end:])

    def __bytes__(self) -> bytes:
        content = self.head + self.body
        return content + hashlib.sha256(content).digest()

    def key(self, unlocking: Unlocking) -> bytes:
        """Return the key of this file.

        Raises:
            Damaged: no Tokenward wrote this head.
            Missing: the passphrase or key is not known.
            Mismatch: the passphrase or key does not open it.
        """
        recipe, check = self.head[:-_CHECK], self.head[-_CHECK:]
        key = _derive(_parse_recipe(recipe), unlocking)
        try:
            ChaCha20Poly1305(key).decrypt(check[:_NONCE], check[_NONCE:], recipe)
        except InvalidTag:
            raise Mismatch from None
        return key

    def open(self, key: bytes) -> bytes:
        """Decrypt the content.

        Raises:
            Damaged: the body does not authenticate.
        """
        try:
            return ChaCha20Poly1305(key).decrypt(self.body[:_NONCE], self.body[_NONCE:], self.head)
        except InvalidTag:
            raise Damaged from None

    def resealed(self, key: bytes, plain: bytes) -> Sealed:
        """Return the same file with different content."""
        return Sealed(self.head, _seal(key, plain, self.head))


def new(unlocking: Unlocking, plain: bytes) -> Sealed:
    """Create a new file, sealed with the passphrase if there is one, or else with the key.

    Raises:
        Missing: there is neither.
    """
    recipe: dict[str, Any] = {"kdf": "none"}
    if unlocking.passphrase is not None:
        recipe = {"kdf": "argon2id", "salt": base64.b64encode(os.urandom(_SALT)).decode(), **_ARGON2ID}
    line = _MAGIC + json.dumps(recipe).encode() + b"\n"
    key = _derive(recipe, unlocking)
    head = line + _seal(key, b"", line)
    return Sealed(head, _seal(key, plain, head))


def _parse_recipe(lines: bytes) -> dict[str, Any]:
    try:
        recipe = json.loads(lines[len(_MAGIC) :])
        sound = recipe["kdf"] == "none" or _is_sound_argon2id(recipe)
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise Damaged
    return dict(recipe)


def _is_sound_argon2id(recipe: dict[str, Any]) -> bool:
    bounded = all(type(recipe[name]) is int and 0 < recipe[name] <= most for name, most in _MOST.items())
    salt = base64.b64decode(recipe["salt"], validate=True)
    return (
        recipe["kdf"] == "argon2id"
        and bounded
        and len(salt) == _SALT
        and recipe["memory"] >= 8 * recipe["lanes"]
    )


def _derive(recipe: dict[str, Any], unlocking: Unlocking) -> bytes:
    if recipe["kdf"] == "none":
        return _require(unlocking.key_bytes(), "key")
    return hash_secret_raw(
        secret=_require(unlocking.passphrase_bytes(), "passphrase"),
        salt=base64.b64decode(recipe["salt"]),
        time_cost=recipe["time"],
        memory_cost=recipe["memory"],
        parallelism=recipe["lanes"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _require(material: bytes | None, name: str) -> bytes:
    if material is None:
        raise Missing(name)
    return material


def _seal(key: bytes, plain: bytes, associated: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, associated)
