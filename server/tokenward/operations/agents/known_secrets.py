"""The values that an agent must not see, read in order to mask them: stored ones, and those in environment files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from itertools import islice
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries, TokenEntry
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.model import Reference, Secret
from tokenward.operations.context import vault_config
from tokenward.places import Places
from tokenward.records import dataclass
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

    def secrets(self) -> Iterator[Secret]:
        """Yield every value, and every value backwards, which is the simplest way around a comparison."""
        for secret in (*(secret for _, secret in self.stored), *self.found):
            yield secret
            yield Secret(secret.reveal()[::-1])


def known_secrets(
    entries: Iterable[TokenEntry], get: Callable[[Reference], Secret | None], folder: Path, detector: Detector
) -> KnownSecrets:
    """Return the values to mask in what an agent reads in a folder; of many entries, the first.

    A vault that is locked or absent yields none: its tokens are then recognised by their form and fingerprint.
    """
    return KnownSecrets(tuple(_stored(entries, get)), tuple(_found(folder, detector)))


def open_known_secrets(places: Places, settings: Settings, folder: Path, detector: Detector) -> KnownSecrets:
    """Return the values to mask in what an agent reads in a folder, from a vault that is opened and closed here."""
    entries = Entries(places.custody).all() if places.custody.exists() else ()
    config = vault_config(places, settings)
    if not entries or config.kind == "editor":
        # An editor gives out no value without a question.
        return known_secrets((), lambda _: None, folder, detector)
    here = Bindings(places.custody).name_of(folder)
    ordered = sorted(entries, key=lambda one: one.reference.workspace != here)
    quick, worker = QuickReader(config), VaultWorker(config)
    try:
        return known_secrets(ordered, lambda one: quick.get(one) or worker.get(one), folder, detector)
    finally:
        quick.close()
        worker.close()


def _stored(
    entries: Iterable[TokenEntry], get: Callable[[Reference], Secret | None]
) -> Iterator[tuple[Reference, Secret]]:
    try:
        for entry in islice(entries, MOST_VALUES):
            secret = get(entry.reference)
            if secret is not None:
                yield entry.reference, secret
    except TokenwardError:
        return


def _found(folder: Path, detector: Detector) -> Iterator[Secret]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(".env"))[:_MOST_FILES]  # noqa: PTH208
    except OSError:
        return
    for name in names:
        try:
            descriptor, _ = open_regular(folder / name, follow_links=True)
        except OSError:
            continue
        with os.fdopen(descriptor, "rb") as file:
            text = decoded(file.read(_LARGEST))[0]
        for detection in detector.detect_all(text, name).found:
            yield detection.secret
