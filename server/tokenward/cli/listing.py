"""`tokenward list`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum

import typer

from tokenward.cli.terminal import print_text, say
from tokenward.custody.bindings import Bindings
from tokenward.custody.entries import Entries, Entry
from tokenward.places import Places, shown

_WIDEST = 60
"""Columns that a cell is padded to; a longer one moves only its own row."""


class Format(str, Enum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"


def register(app: typer.Typer) -> None:
    app.command("list")(list_stored)


def list_stored(
    format_: Format = typer.Option(
        Format.TABLE, "--format", help="A table for people, or JSON for programs."
    ),
) -> None:
    """List the stored tokens, never their values.

    A token's folder is where its reference may be resolved.
    """
    places = Places.of_user()
    folders = {binding.name: str(binding.folder) for binding in Bindings(places.custody).all()}
    entries = Entries(places.custody).all()
    if format_ is Format.JSON:
        tokens = [_object(entry, folders.get(entry.reference.workspace)) for entry in entries]
        print_text(json.dumps({"tokens": tokens}, indent=2))
    elif entries:
        rows = [_row(entry, folders.get(entry.reference.workspace)) for entry in entries]
        print_text(_table([("REFERENCE", "TOKEN OF", "FOLDER"), *rows]))
    else:
        say("No tokens are stored yet; `tokenward move FILE` or `tokenward put NAME` stores one.")


def _object(entry: Entry, folder: str | None) -> dict[str, str | None]:
    return {
        "name": entry.reference.name,
        "reference": str(entry.reference),
        "provider": entry.provider or None,
        "folder": folder,
        "stored": entry.created.isoformat(timespec="seconds"),
    }


def _row(entry: Entry, folder: str | None) -> tuple[str, ...]:
    return str(entry.reference), shown(entry.provider or "-"), shown(folder or "no folder")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns for the eye and for `awk`: no cell is ever broken or cut, however narrow the terminal is."""
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    padded = ((cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in padded)
