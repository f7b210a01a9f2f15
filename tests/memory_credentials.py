"""A CredentialStore with logins in memory, which notes what it was asked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenward.custody.credentials import Address, CredentialRecord
from tokenward.errors import LeaseExpired
from tokenward.model import Reference, Secret
from tokenward.operations.credentials.credential_store import Login
from tokenward.operations.credentials.protocols import PROTOCOLS

ENDED = "The lease of keyring://acme-api/TOKEN has ended."


@dataclass
class MemoryCredentials:
    """Answers with one login for every address that starts with `url`."""

    url: str = "https://example.com"
    user: str = "alice"
    value_text: str = "the value"
    has_ended: bool = False
    is_bound: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    stored: list[tuple[str, str, str]] = field(default_factory=list)
    forgotten: list[tuple[str, str, str | None]] = field(default_factory=list)

    def find(self, address: Address, user: str = "") -> Login | None:
        self.asked.append((str(address), user))
        if not str(address).startswith(self.url):
            return None
        return Login(user or self.user, self._secret())

    def value(self, reference: Reference) -> Secret:
        self.asked.append((str(reference), ""))
        return self._secret()

    def store(self, address: Address, user: str, secret: Secret) -> bool:
        if self.is_bound:
            self.stored.append((str(address), user, secret.reveal()))
        return self.is_bound

    def forget(self, address: Address, user: str, secret: Secret | None = None) -> None:
        self.forgotten.append((str(address), user, None if secret is None else secret.reveal()))

    def records(self) -> Sequence[CredentialRecord]:
        reference = Reference("acme-api", "TOKEN")
        index = Address("sparse+https", "example.com", 443, "index")
        return [
            CredentialRecord(Address("https", "example.com", 443), self.user, reference),
            CredentialRecord(index, "", reference),
        ]

    def _secret(self) -> Secret:
        if self.has_ended:
            raise LeaseExpired(ENDED)
        return Secret(self.value_text)


def ask(credentials: MemoryCredentials, tool: str, *words: str, given: bytes = b"") -> tuple[str, int]:
    """Return what a protocol prints, and its exit code."""
    replies = [*PROTOCOLS[tool](credentials, words, io.BytesIO(given))]
    return "".join(reply.text for reply in replies), replies[-1].code if replies else 0
