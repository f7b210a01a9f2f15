"""Records of tokens in the output of commands, one file for each command.

The process that watches a command writes the file, and language servers read it. It contains no token.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Fingerprint
from tokenward.places import make_private_folder
from tokenward.safe_files import read_own, replace_private, unwritable

LONGEST_LIFE = 86_400
"""Seconds after which a record is useless."""
MOST_FINDINGS = 200
"""The most findings of a record."""
MOST_RECORDS = 100
"""The most records that are read, the newest first."""
LONGEST_WORD = 200
"""Characters of a rule's id, a provider or a label."""
LONGEST_TEXT = 2000
"""Characters of an excerpt or a command line."""

_LARGEST = 2_000_000
_LONGEST_PATH = 8192
_NAME = re.compile(r"[0-9a-f]{32}\.json")
_PART = ".part"
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_FAULTS = (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class TerminalFinding:
    """A token in the output of a command.

    Attributes:
        label: shown instead of the value.
        line: its line in the output, from 0.
        excerpt: that line and those around it, without any token.
    """

    rule: str
    provider: str
    label: str
    fingerprint: Fingerprint
    line: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class TerminalRecord:
    """A watched command, and the tokens in its output.

    Attributes:
        id: 32 hex characters, also the name of the file.
        cwd: its working folder, an absolute path.
        command: its command line, without tokens.
        started: seconds since 1970, UTC.
        pid: the id of the process that watches it.
        findings: each token once, in order.
    """

    id: str
    cwd: str
    command: str
    started: float
    pid: int
    findings: tuple[TerminalFinding, ...] = ()


def folder_in(data_dir: Path) -> Path:
    """Return the folder of the records, in the user's data folder."""
    return data_dir / "terminals"


def new_id() -> str:
    """Return a random id for a record."""
    return secrets.token_hex(16)


def write(folder: Path, record: TerminalRecord) -> None:
    """Write or replace a record, atomically and closed to others.

    Raises:
        StateDamaged: the folder cannot be written.
    """
    content = json.dumps(asdict(record)).encode("ascii")
    try:
        make_private_folder(folder)
        replace_private(folder / f"{record.id}.json", content, durable=False)
    except OSError as error:
        raise unwritable(folder, error) from None


def read(folder: Path) -> tuple[TerminalRecord, ...]:
    """Return a folder's valid records that are not too old, the newest first."""
    ages = sorted((age, path) for path, age in _ages(folder) if _NAME.fullmatch(path.name))
    records = []
    for path in (path for age, path in ages[:MOST_RECORDS] if age < LONGEST_LIFE):
        with contextlib.suppress(*_FAULTS):
            records.append(_record(path.stem, json.loads(read_own(path, _LARGEST))))
    return tuple(records)


def remove_old(folder: Path) -> None:
    """Remove the records that are too old, if possible."""
    for path, age in _ages(folder):
        if age >= LONGEST_LIFE and (_NAME.fullmatch(path.name) or path.suffix == _PART):
            with contextlib.suppress(OSError):
                path.unlink()


def _ages(folder: Path) -> Iterator[tuple[Path, float]]:
    """Yield the files of a folder and the seconds since each was written."""
    now = time.time()
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):
            yield Path(entry.path), now - entry.stat(follow_symlinks=False).st_mtime


def _record(number: str, fields: dict[str, Any]) -> TerminalRecord:
    findings = fields["findings"]
    if fields["id"] != number or not isinstance(findings, list) or len(findings) > MOST_FINDINGS:
        raise ValueError
    return TerminalRecord(
        id=number,
        cwd=_path(fields["cwd"]),
        command=_text(fields["command"], LONGEST_TEXT),
        started=_seconds(fields["started"]),
        pid=_number(fields["pid"]),
        findings=tuple(_finding(each) for each in findings),
    )


def _finding(fields: dict[str, Any]) -> TerminalFinding:
    fingerprint = _text(fields["fingerprint"], LONGEST_WORD)
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError
    for line in _string(fields["excerpt"], LONGEST_TEXT).split("\n"):
        _text(line, LONGEST_TEXT)
    return TerminalFinding(
        rule=_text(fields["rule"], LONGEST_WORD),
        provider=_text(fields["provider"], LONGEST_WORD),
        label=_text(fields["label"], LONGEST_WORD),
        fingerprint=Fingerprint(fingerprint),
        line=_number(fields["line"]),
        excerpt=fields["excerpt"],
    )


def _string(value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError
    return value


def _text(value: object, longest: int) -> str:
    text = _string(value, longest)
    if not text.isprintable():
        raise ValueError
    return text


def _path(value: object) -> str:
    path = _string(value, _LONGEST_PATH)
    if "\0" in path or not os.path.isabs(path):  # noqa: PTH117
        raise ValueError
    return path


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)
