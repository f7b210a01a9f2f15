"""`tokenward put`, `get`, `list` and `rm`: single stored tokens."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
import time
from enum import Enum

import typer

from tokenward.cli.setting import Setting, confirm, is_person, say
from tokenward.errors import CustodyError, TokenwardError
from tokenward.model import TOKEN_NAME, Reference, Secret, references_in

CLIPBOARD_SECONDS = 30


class Format(str, Enum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"


def register(app: typer.Typer) -> None:
    app.command()(put)
    app.command()(get)
    app.command("list")(list_stored)
    app.command("rm")(remove)


def put(name: str = typer.Argument(..., help="What to call the token, such as GITHUB_TOKEN.")) -> None:
    """Store a token of this workspace; its value comes from a prompt or stdin, never from the command line."""
    from tokenward.operations.store import put as store

    _require_name(name)
    value = _read_value(name)
    setting = Setting.here()
    with setting.context() as context:
        reference, made = store(context, setting.folder, name, value)
    say(f"{'Stored' if made else 'The same value was there already'}: {reference}")


def get(
    name: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    clip: bool = typer.Option(
        False, "--clip", help=f"Copy it, and clear the clipboard after {CLIPBOARD_SECONDS} s."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Print to a terminal without asking."),
) -> None:
    """Print a stored token, asking first when stdout is a terminal."""
    from tokenward.operations.resolve import resolve

    setting = Setting.here()
    if not clip and sys.stdout.isatty() and not yes:
        confirm(f"Show the value of {name} on this screen?")
    with setting.context() as context:
        secret = resolve(context, setting.folder, _reference(setting, name))
    if clip:
        _copy_for_a_while(secret)
    else:
        typer.echo(secret.reveal())


def list_stored(
    format_: Format = typer.Option(
        Format.TABLE, "--format", help="A table for people, or JSON for programs."
    ),
) -> None:
    """List the stored tokens by name, reference and folder; never their values."""
    from tokenward.custody.bindings import Bindings
    from tokenward.custody.entries import Entries
    from tokenward.places import Places

    places = Places.of_user()
    folders = {binding.name: str(binding.folder) for binding in Bindings(places.custody).all()}
    rows = [
        {
            "name": entry.reference.name,
            "reference": str(entry.reference),
            "provider": entry.provider,
            "folder": folders.get(entry.reference.workspace),
            "stored": entry.created.isoformat(timespec="seconds"),
        }
        for entry in Entries(places.custody).all()
    ]
    if format_ is Format.JSON:
        typer.echo(json.dumps({"tokens": rows}, indent=2))
    else:
        _print_table(rows)


def remove(
    name: str = typer.Argument(..., help="A name of this workspace, or a whole keyring:// reference."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
) -> None:
    """Delete a stored token from the keyring; what refers to it stops working."""
    from tokenward.operations.store import remove as delete

    setting = Setting.here()
    reference = _reference(setting, name)
    if not yes:
        if not is_person():
            raise TokenwardError(f"Deleting {reference} needs a yes; say so by `--yes`.")
        confirm(f"Delete {reference} for good?")
    with setting.context() as context:
        found = delete(context, setting.folder, reference)
    say(f"{'Deleted' if found else 'There was no'} {reference}")


def _require_name(name: str) -> None:
    if not TOKEN_NAME.fullmatch(name):
        raise CustodyError("A token's name is letters, digits and `_`, no digit first; choose such a name.")


def _read_value(name: str) -> Secret:
    value = getpass.getpass(f"Value of {name}: ") if sys.stdin.isatty() else sys.stdin.read()
    value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise TokenwardError(f"The value of {name} is empty; nothing was stored.")
    return Secret(value)


def _reference(setting: Setting, name: str) -> Reference:
    """The reference that a name means here."""
    from tokenward.custody.bindings import Bindings

    found = [reference for span, reference in references_in(name) if len(span) == len(name)]
    if found:
        return found[0]
    _require_name(name)
    workspace = Bindings(setting.places.custody).name_of(setting.folder)
    if workspace is None:
        raise CustodyError(f"This folder has no stored tokens yet; store one by `tokenward put {name}`.")
    return Reference(workspace, name)


def _copy_for_a_while(secret: Secret) -> None:
    import pyperclip

    try:
        pyperclip.copy(secret.reveal())
    except pyperclip.PyperclipException:
        raise TokenwardError("There is no clipboard here; on Linux install wl-clipboard or xclip.") from None
    say(f"Copied; it is cleared in {CLIPBOARD_SECONDS} s, or now by Ctrl-C.")
    with contextlib.suppress(KeyboardInterrupt):
        time.sleep(CLIPBOARD_SECONDS)
    if pyperclip.paste() == secret.reveal():
        pyperclip.copy("")


def _print_table(rows: list[dict[str, str | None]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        say("No tokens are stored yet; `tokenward move FILE` or `tokenward put NAME` stores one.")
        return
    table = Table("Name", "Reference", "Token of", "Bound to")
    for row in rows:
        cells = (row["name"], row["reference"], row["provider"], row["folder"] or "no folder")
        table.add_row(*(Text(cell or "", overflow="fold") for cell in cells))
    Console().print(table)
