"""The options of `run` and `env` that choose variables."""

from __future__ import annotations

import typer

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
