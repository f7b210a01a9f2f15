"""The options that several verbs have, with the points in time and the places in files that people write."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import typer

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.setting_fields import duration

_PLACES = (
    re.compile(r"(.+):([1-9][0-9]{0,9}):([1-9][0-9]{0,9}):?", re.DOTALL),
    re.compile(r"(.+):([1-9][0-9]{0,9}):?()", re.DOTALL),
)
_ESCAPE = re.compile(r"\\(\\|u[0-9a-f]{4})")
NAME = typer.Argument(..., help="A name in this workspace, or a full keyring:// reference.")
YES = typer.Option(False, "--yes", "-y", help="Do not ask.")
ENV_FILE = typer.Option(
    [], "--env-file", "-f", help="Read this file instead of the project's environment files (repeatable)."
)
ONLY = typer.Option(
    [], "--only", metavar="NAMES", help="Set only these variables from the files, such as A,B (repeatable)."
)
REASON = typer.Option(
    "",
    "--reason",
    metavar="TEXT",
    help="Why you need the tokens; the person who is asked and the ledger see its plain words.",
    show_default=False,
)
FORMS = "a date (2026-11-25), a time (2026-11-25T08:00), or an age (36h, 30d)"


class NamedPlace(NamedTuple):
    """A file, or a line of it, or a character.

    Attributes:
        line: from 0; None for the whole file.
        character: from 0, in UTF-16 units; None for the whole line.
    """

    path: Path
    line: int | None = None
    character: int | None = None


def parse_place(text: str, *, may_be_file: bool = False) -> NamedPlace:
    """Parse `FILE:LINE` or `FILE:LINE:COLUMN`; the name may contain colons, and be spelled as in reports.

    With `may_be_file`, a file or folder without a line is a place too, and takes precedence.

    Raises:
        TokenwardError: the file does not exist, or there is no line.
    """
    if may_be_file and os.path.lexists(text):
        return NamedPlace(Path(text))
    matches = [match for pattern in _PLACES if (match := pattern.fullmatch(text))]
    for match in matches:
        for name in (match[1], _unspell(match[1])):
            if os.path.lexists(name):
                return NamedPlace(Path(name), int(match[2]) - 1, int(match[3]) - 1 if match[3] else None)
    if matches or may_be_file:
        raise TokenwardError(f"{shown(matches[0][1] if matches else text)} does not exist; check the path.")
    raise TokenwardError(f"{shown(text)} has no line; write FILE:LINE as `tokenward scan` prints it.")


def _unspell(text: str) -> str:
    """Return the name that a report spells this way."""
    plain = _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else chr(int(found[1][1:], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


class OutputFormat(StrEnum):
    """An output for people, or for programs."""

    HUMAN = "human"
    JSON = "json"


FORMAT = typer.Option(OutputFormat.HUMAN, "--format", help="Text for people, or JSON for programs.")


def moment_of(text: str | None, *, is_end: bool = False) -> datetime | None:
    """Return a point in time, in UTC unless a zone is given; a bare date means its beginning, or its end.

    Raises:
        TokenwardError: the text is not one.
    """
    from tokenward.sources.logs.access_logs import time_of

    if text is None:
        return None
    ago = duration(text)
    if ago is not None:
        return datetime.now(UTC) - timedelta(seconds=ago)
    time = time_of(text)
    if time is None:
        raise TokenwardError(
            "Invalid time; write it as 2026-11-25 or 2026-11-25T14:00+01:00, or as an age such as 36h."
        )
    is_day = len(text.strip()) == len("2026-11-25")
    return time + timedelta(days=1) if is_day and is_end else time
