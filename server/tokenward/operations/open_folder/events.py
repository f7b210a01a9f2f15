"""The events of a FolderScan: one class for each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.workspace_rules import Rules
from tokenward.sources.candidate import Trouble


@dataclass(frozen=True, slots=True)
class RulesRead:
    """These rules apply to the folder from now on."""

    rules: Rules


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """A settings file changed."""


@dataclass(frozen=True, slots=True)
class FilesFound:
    """New results of some files."""

    results: tuple[ScannedFile | Trouble, ...]


@dataclass(frozen=True, slots=True)
class FilesGone:
    """The earlier results of some files no longer apply."""

    paths: frozenset[Path]


@dataclass(frozen=True, slots=True)
class FilesScanned:
    """The progress of a scan of the whole folder, as a number of files."""

    files: int


@dataclass(frozen=True, slots=True)
class ScanFinished:
    """The end of a scan of the whole folder.

    Attributes:
        files: the number of scanned files.
        tokens: the number of different tokens in them, without those that are only for information.
        findings: the number of their places.
        seconds: the duration.
        was_cancelled: the rest of the folder was not scanned.
        silenced: the number of findings that each source has ignored.
        left_out: a sentence for each thing that could not be scanned.
    """

    files: int
    tokens: int
    findings: int
    seconds: float
    was_cancelled: bool
    silenced: Counter[str] = field(default_factory=Counter)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserNotice:
    """A sentence for the user."""

    sentence: str


FolderEvent = RulesRead | SettingsChanged | FilesFound | FilesGone | FilesScanned | ScanFinished | UserNotice
