"""The options that several verbs have."""

from __future__ import annotations

from enum import StrEnum

import typer


class OutputFormat(StrEnum):
    """An output for people, or for programs."""

    HUMAN = "human"
    JSON = "json"


FORMAT = typer.Option(OutputFormat.HUMAN, "--format", help="Text for people, or JSON for programs.")
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
