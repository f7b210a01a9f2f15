"""`tokenward get`."""

from __future__ import annotations

import typer

from tokenward.cli.support.clipboard import SECONDS
from tokenward.cli.support.options import NAME
from tokenward.cli.support.print_token import print_token


def get(
    name: str = NAME,
    clip: bool = typer.Option(
        False, "--clip", "-c", help=f"Copy the value instead, and clear the clipboard after {SECONDS} s."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Print to a terminal without asking."),
) -> None:
    """Print or copy a stored token.

    Asks before printing to a terminal.
    """
    print_token(name, clip=clip, yes=yes)
