"""`tokenward get`."""

from __future__ import annotations

import sys

import typer

from tokenward.cli.support.clipboard import SECONDS, copy_for_a_while
from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.terminal import print_text
from tokenward.model import Reference


def register(app: typer.Typer) -> None:
    app.command()(get)


def get(
    name: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    clip: bool = typer.Option(
        False, "--clip", "-c", help=f"Copy it instead, and clear the clipboard after {SECONDS} s."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Print to a terminal without asking."),
) -> None:
    """Print a stored token, or copy it.

    Asks before printing when stdout is a terminal.
    """
    from tokenward.operations.access.resolve import resolve
    from tokenward.operations.use import Purpose, Use

    setting = Setting.here()
    reference = setting.reference(name)
    if not clip:
        _require_consent(reference, is_given=yes)
    with setting.context() as context:
        secret = resolve(context, setting.folder, reference, Use.own(Purpose.GET))
    if clip:
        copy_for_a_while(secret)
    else:
        print_text(secret.reveal())


def _require_consent(reference: Reference, *, is_given: bool) -> None:
    if sys.stdout is None or not sys.stdout.isatty():
        return
    otherwise = "A terminal would show the value and nobody can be asked; say so by `--yes`."
    require_yes(f"Show the value of {reference} on this screen?", otherwise=otherwise, given=is_given)
