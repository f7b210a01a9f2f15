"""The events of a FolderScan: one class for each kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

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
    """The current results of some files."""

    results: tuple[ScannedFile | Trouble, ...]


@dataclass(frozen=True, slots=True)
class FilesGone:
    """The earlier results of some files no longer apply."""

    paths: frozenset[Path]


@dataclass(frozen=True, slots=True)
class FilesScanned:
    """The whole folder is being scanned; this many files are done."""

    files: int


@dataclass(frozen=True, slots=True)
class ScanFinished:
    """A scan of the whole folder is over.

    Attributes:
        files: how many were scanned.
        findings: how many tokens are in them.
        seconds: how long it took.
        was_cancelled: the rest of the folder was not scanned.
        silenced: how many findings each source has ignored.
        left_out: a sentence for each thing that could not be scanned.
    """

    files: int
    findings: int
    seconds: float
    was_cancelled: bool
    silenced: Counter[str] = field(default_factory=Counter)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserNotice:
    """The user should read a sentence."""

    sentence: str


FolderEvent = RulesRead | SettingsChanged | FilesFound | FilesGone | FilesScanned | ScanFinished | UserNotice
