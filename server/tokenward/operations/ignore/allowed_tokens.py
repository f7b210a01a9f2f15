"""The tokens, such as those of a test's fixtures, that a person lets AI agents read and write."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tokenward.detection.suppress.suppressor import IgnoreCandidate
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint
from tokenward.places import Places
from tokenward.safe_files import read_own, replace_private, unwritable
from tokenward.vault.file_lock import hold_file_lock

_LARGEST = 1_000_000
_PATIENCE = 5.0
_FOR_TESTS = ("django-insecure-", "sk_test_", "rk_test_")
"""How values begin that say of themselves that they are for development or tests."""


@dataclass(frozen=True, slots=True)
class AllowedTokens:
    """Ignores these tokens, and those that say that they are for tests."""

    fingerprint: Callable[[str], Fingerprint]
    allowed: frozenset[Fingerprint]

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        value = candidate.secret.reveal()
        is_allowed = value.startswith(_FOR_TESTS) or (
            bool(self.allowed) and self.fingerprint(value) in self.allowed
        )
        return "a person" if is_allowed else None


def allowed_tokens(places: Places, fingerprint: Callable[[str], Fingerprint]) -> AllowedTokens:
    """Return the tokens that this user has allowed; none that cannot be read."""
    return AllowedTokens(fingerprint, frozenset(_read(places)))


def allow_tokens(places: Places, tokens: Iterable[Fingerprint]) -> None:
    """Add tokens, by their fingerprints, to a file of the user's data folder; the repository has no part in it.

    Raises:
        TokenwardError: it cannot be written.
    """
    try:
        with hold_file_lock(places.ignores_lock, _PATIENCE):
            lines = sorted({*_read(places), *tokens})
            replace_private(places.allowed, "".join(f"{one}\n" for one in lines).encode())
    except OSError as error:
        raise unwritable(places.allowed, error) from None


def _read(places: Places) -> list[Fingerprint]:
    try:
        return [Fingerprint(line) for line in read_own(places.allowed, _LARGEST).decode("ascii").split()]
    except (OSError, ValueError):
        return []
