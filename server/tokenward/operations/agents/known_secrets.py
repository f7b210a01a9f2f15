"""The values that an agent must not see, read in order to mask them: stored ones, and those in environment files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import field
from itertools import islice
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint, Reference, Secret
from tokenward.operations.vault_choice import vault_config
from tokenward.places import Places
from tokenward.safe_files import open_regular
from tokenward.settings import Settings
from tokenward.sources.encoding import decoded
from tokenward.vault.quick_reader import QuickReader
from tokenward.vault.worker import VaultWorker

MOST_VALUES = 200
"""The most stored values that are read: each takes about a millisecond."""
_MOST_FILES = 20
_LARGEST = 262_144


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """Values to mask.

    Attributes:
        stored: those of the vault, each with its reference; empty if it cannot be read.
        found: those in a workspace's environment files.
    """

    stored: tuple[tuple[Reference, Secret], ...] = field(default=(), repr=False)
    found: tuple[Secret, ...] = field(default=(), repr=False)

    def values(self) -> Iterator[str]:
        """Yield every value as text."""
        yield from (secret.reveal() for secret in self.secrets())

    def secrets(self) -> Iterator[Secret]:
        """Yield every value."""
        yield from (*(secret for _, secret in self.stored), *self.found)

    def unread(self, references: Mapping[Fingerprint, Reference]) -> Mapping[Fingerprint, Reference]:
        """Return those of the stored values' fingerprints whose values are not here."""
        read = {reference for reference, _ in self.stored}
        return {token: one for token, one in references.items() if one not in read}


def open_known_secrets(places: Places, settings: Settings, folder: Path, detector: Detector) -> KnownSecrets:
    """Return the values to mask in what an agent reads in a folder, from a vault that is opened and closed here.

    Of many stored ones, the first, and only those of the folder's workspace. A vault that is locked, absent or an
    editor's, which asks a person before it gives out a value, yields none. All others are recognised by their form and
    fingerprint.
    """
    found = tuple(_found(folder, detector))
    here = Bindings(places.custody).name_of(folder) if places.custody.exists() else None
    entries = Entries(places.custody).in_workspace(here) if here else ()
    config = vault_config(places, settings)
    if not entries or config.kind == "editor":
        return KnownSecrets(found=found)
    references = islice((entry.reference for entry in entries), MOST_VALUES)
    with closing(QuickReader(config)) as quick, closing(VaultWorker(config)) as worker:
        return KnownSecrets(tuple(_stored(references, quick, worker)), found)


def _stored(
    references: Iterable[Reference], quick: QuickReader, worker: VaultWorker
) -> Iterator[tuple[Reference, Secret]]:
    with suppress(TokenwardError):
        for one in references:
            if secret := quick.get(one) or worker.get(one):
                yield one, secret


def _found(folder: Path, detector: Detector) -> Iterator[Secret]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(".env"))[:_MOST_FILES]  # noqa: PTH208
    except OSError:
        return
    for name in names:
        text = text_of(folder / name, _LARGEST) or ""
        yield from (detection.secret for detection in detector.detect_all(text, name).found)


def text_of(path: str | Path, most: int) -> str | None:
    """Return the text of a file, as far as the most bytes that are read; None if it cannot be read."""
    try:
        descriptor, _ = open_regular(path, follow_links=True)
        with os.fdopen(descriptor, "rb") as file:
            return decoded(file.read(most))[0]
    except (OSError, ValueError):
        return None
