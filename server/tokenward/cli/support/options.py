"""The options that several verbs have, and the points in time that people write for `--since` and `--until`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import typer

from tokenward.errors import TokenwardError
from tokenward.setting_fields import duration

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
