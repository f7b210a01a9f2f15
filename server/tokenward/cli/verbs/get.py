"""`tokenward get`."""

from __future__ import annotations

import sys

import typer

from tokenward.cli.support.clipboard import SECONDS, copy_for_a_while
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.terminal import print_text


def register(app: typer.Typer) -> None:
    """Register the verb `get`."""
    app.command()(get)


def get(
    name: str = typer.Argument(..., help="A name in this workspace, or a full keyring:// reference."),
    clip: bool = typer.Option(
        False, "--clip", "-c", help=f"Copy the value instead, and clear the clipboard after {SECONDS} s."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Print to a terminal without asking."),
) -> None:
    """Print or copy a stored token.

    Asks before printing to a terminal.
    """
    from tokenward.operations.access.resolve import resolve
    from tokenward.operations.use import Purpose, Use

    invocation = Invocation.here()
    reference = invocation.reference(name)
    if not clip and sys.stdout is not None and sys.stdout.isatty():
        otherwise = "A terminal would show the value and nobody can be asked; pass `--yes` to print it."
        require_yes(f"Show the value of {reference} on this screen?", otherwise=otherwise, given=yes)
    with invocation.context() as context:
        secret = resolve(context, invocation.folder, reference, Use.own(Purpose.GET))
    if clip:
        copy_for_a_while(secret)
    else:
        print_text(secret.reveal())
