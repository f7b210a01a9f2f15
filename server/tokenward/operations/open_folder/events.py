"""What a FolderScan tells: one class for each kind of news."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.workspace_rules import Rules
from tokenward.sources.candidate import Trouble


@dataclass(frozen=True, slots=True)
class RulesRead:
    """These rules hold for the folder from now on."""

    rules: Rules


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """A file of settings changed."""


@dataclass(frozen=True, slots=True)
class FilesFound:
    """What stands in some files now, or why that is not known."""

    results: tuple[ScannedFile | Trouble, ...]


@dataclass(frozen=True, slots=True)
class FilesGone:
    """Nothing that was told of some files holds any longer."""

    paths: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Looking:
    """The whole folder is being looked at; so many files were so far."""

    files: int


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at the whole folder is over.

    Attributes:
        files: how many were looked at.
        findings: how many tokens are in them.
        seconds: how long it took.
        was_cancelled: the rest of the folder was not looked at.
        silenced: how many findings each source silences.
        left_out: a sentence for each thing that could not be looked at.
    """

    files: int
    findings: int
    seconds: float
    was_cancelled: bool
    silenced: Counter[str] = field(default_factory=Counter)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """There is something that the user should know."""

    sentence: str


News = RulesRead | SettingsChanged | FilesFound | FilesGone | Looking | Looked | Told
