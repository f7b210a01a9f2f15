"""OsKeyringVault: any backend of Python's `keyring` except the Secret Service."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked, NoKeyringError

from tokenward.errors import VaultDamaged, VaultError, VaultLocked, VaultUnavailable
from tokenward.language import phrase
from tokenward.model import Reference, Secret
from tokenward.vault.vault import StoringVault

_NAMES = {
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.libsecret": "libsecret",
}

_STATUSES: dict[int, tuple[type[VaultError], str]] = {
    # errSecInteractionNotAllowed of macOS: over SSH, in launchd's jobs and in CI.
    -25308: (
        VaultLocked,
        phrase(
            "{description} is locked and cannot ask in this session; run `security unlock-keychain` and try again."
        ),
    ),
    # errSecUserCanceled.
    -128: (
        VaultLocked,
        phrase(
            "{description} was not allowed to give this program access; try again, and choose Always Allow."
        ),
    ),
    # errSecAuthFailed.
    -25293: (
        VaultLocked,
        phrase("{description} did not accept the password, or this program; unlock it and try again."),
    ),
    # ERROR_NO_SUCH_LOGON_SESSION of Windows: over SSH with a key, in services and in some CI.
    1312: (
        VaultUnavailable,
        phrase(
            "{description} does not work in this session, which has no logon of Windows; run `tokenward vault "
            "init --file`."
        ),
    ),
}
"""What a system's number for a failure means; the backends of `keyring` pass it on in their error or its cause."""
PREFIX = "tokenward-parts:"
_FORMAT = re.compile(re.escape(PREFIX) + r"([1-9][0-9]{0,5}):([0-9a-f]{64})")


class OsKeyringVault(StoringVault):
    """Stores values in a keyring backend; with a limit, a longer value is stored in parts.

    Parts are written before their manifest and removed after it, so that a crash leaves either no value or
    a whole one.
    """

    def __init__(self, backend: KeyringBackend, limit: int | None = None) -> None:
        """Take the backend.

        Args:
            backend: a backend that the caller trusts.
            limit: the most UTF-16 units in an entry of the backend; None for no limit.
        """
        self._backend = backend
        self._limit = limit
        module = type(backend).__module__
        self.description = _NAMES.get(module, f"keyring backend {module}")

    def get(self, reference: Reference) -> Secret | None:
        text = self._read(reference.service, reference)
        if text is None or self._limit is None:
            return None if text is None else Secret(text)
        try:
            manifest = parse_manifest(text)
            if manifest is None:
                return Secret(text)
            numbers = range(1, manifest.count + 1)
            return Secret(manifest.join([self._part(reference, number) or "" for number in numbers]))
        except ValueError:
            damaged = VaultDamaged(
                "The parts of {reference} do not fit together; remove it with `tokenward rm {name}` and store it "
                "again.",
                reference=reference,
                name=reference.name,
            )
        raise damaged

    def delete(self, reference: Reference) -> bool:
        existed = self._read(reference.service, reference) is not None
        if existed:
            self._remove(reference.service, reference)
        self._sweep(reference)
        return existed

    def _create(self, reference: Reference, secret: Secret) -> None:
        value = secret.reveal()
        self._sweep(reference)
        if self._limit is None or fits(value, self._limit):
            self._write(reference.service, reference, value)
            return
        manifest, parts = split(value, self._limit)
        for number, part in enumerate(parts, start=1):
            self._write(_part_service(reference, number), reference, part)
        self._write(reference.service, reference, str(manifest))

    def _overwrite(self, reference: Reference, secret: Secret) -> None:
        if self._limit is not None:
            # First, so that no crash leaves the old manifest with parts of the new value.
            self.delete(reference)
        self._create(reference, secret)

    def _part(self, reference: Reference, number: int) -> str | None:
        return self._read(_part_service(reference, number), reference)

    def _sweep(self, reference: Reference) -> None:
        """Remove parts that no manifest names, the last one first, so that a crash leaves no gap."""
        if self._limit is None:
            return
        count = 0
        while self._part(reference, count + 1) is not None:
            count += 1
        for number in range(count, 0, -1):
            self._remove(_part_service(reference, number), reference)

    def _read(self, service: str, reference: Reference) -> str | None:
        with self._named_failures():
            return self._backend.get_password(service, reference.username)

    def _write(self, service: str, reference: Reference, value: str) -> None:
        with self._named_failures():
            self._backend.set_password(service, reference.username, value)

    def _remove(self, service: str, reference: Reference) -> None:
        with self._named_failures():
            self._backend.delete_password(service, reference.username)

    @contextlib.contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - backends let out whatever their system raises
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> VaultError:
        for one in (error, error.__cause__):
            number = next(iter(one.args), None) if one else None
            if isinstance(number, int) and number in _STATUSES:
                kind, sentence = _STATUSES[number]
                return kind(sentence, description=self.description)
        if isinstance(error, KeyringLocked):
            return VaultLocked(
                "{description} is locked and stayed locked; unlock it and try again.",
                description=self.description,
            )
        if isinstance(error, (NoKeyringError, InitError)):
            return VaultUnavailable(
                "{description} does not answer; start it, or run `tokenward vault init --file` to keep "
                "tokens in an encrypted file.",
                description=self.description,
            )
        return VaultUnavailable(
            "{description} failed with {name}; run `tokenward doctor` to see its state.",
            description=self.description,
            name=type(error).__name__,
        )


def _part_service(reference: Reference, number: int) -> str:
    return f"{reference.service}/{number}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The number of parts, and a digest that detects parts that do not fit together."""

    count: int
    digest: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.count}:{self.digest}"

    def join(self, parts: list[str]) -> str:
        """Return the value.

        Raises:
            ValueError: the parts do not belong to the manifest.
        """
        value = "".join(parts)
        if len(parts) != self.count or _digest(value) != self.digest:
            raise ValueError("not the parts of this manifest")
        return value


def fits(value: str, limit: int) -> bool:
    """Return whether a value fits into one entry and cannot be mistaken for a manifest."""
    return not value.startswith(PREFIX) and len(value.encode("utf-16-le")) <= 2 * limit


def split(value: str, limit: int) -> tuple[Manifest, list[str]]:
    """Split a value into parts of at most `limit` UTF-16 units, each of whole characters."""
    units = value.encode("utf-16-le")
    parts = []
    start = 0
    while start < len(units):
        end = min(start + 2 * limit, len(units))
        is_second_half = end < len(units) and 0xDC <= units[end + 1] <= 0xDF
        if is_second_half:
            end -= 2
        parts.append(units[start:end].decode("utf-16-le"))
        start = end
    return Manifest(len(parts), _digest(value)), parts


def parse_manifest(text: str) -> Manifest | None:
    """Return the manifest in an entry, or None if the entry contains a value.

    Raises:
        ValueError: it starts like a manifest but is not one.
    """
    if not text.startswith(PREFIX):
        return None
    match = _FORMAT.fullmatch(text)
    if not match:
        raise ValueError("not a manifest")
    return Manifest(int(match[1]), match[2])


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
