"""`tokenward list`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries, TokenEntry
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.places import Places, shown
from tokenward.settings import load_settings

if TYPE_CHECKING:
    from tokenward.operations.access.lease_terms import Terms

_WIDEST = 60
"""Columns that a cell is padded to; a longer one moves only its own row."""


class Format(StrEnum):
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
    from tokenward.operations.access.lease_terms import terms_of_entries

    places = Places.of_user()
    folders = {binding.name: str(binding.folder) for binding in Bindings(places.custody).all()}
    entries = Entries(places.custody).all()
    leases = Leases(places.custody, Sessions(places.sessions))
    terms = terms_of_entries(leases, entries, load_settings(places, None)[0])
    found = [(one, folders.get(one.reference.workspace), terms[one.reference]) for one in entries]
    if format_ is Format.JSON:
        print_text(json.dumps({"tokens": [_object(*one) for one in found]}, indent=2))
    elif found:
        rows = [_row(*one) for one in found]
        print_text(_table([("REFERENCE", "TOKEN OF", "LEASE", "FOLDER"), *rows]))
    else:
        say("No tokens are stored yet; `tokenward move FILE` or `tokenward put NAME` stores one.")
    if any(one.over and one.erases for one in terms.values()):
        _sweep()


def _sweep() -> None:
    """Erase what is over, now that the list was printed: the keyring may take its time."""
    from tokenward.operations.access.erase_expired import sweep

    with Setting.to_examine().context() as context:
        for reference in sweep(context):
            say(f"Deleted {reference}, whose lease is over")


def _object(entry: TokenEntry, folder: str | None, terms: Terms) -> dict[str, object]:
    return {
        "name": entry.reference.name,
        "reference": str(entry.reference),
        "provider": entry.provider or None,
        "folder": folder,
        "stored": entry.created.isoformat(timespec="seconds"),
        "lease": {
            "expires": terms.expires and _time(terms.expires),
            "session": terms.session or None,
            "uses": terms.uses,
            "programs": list(terms.programs),
            "confirm": terms.confirm,
            "erases": terms.erases,
            "over": terms.over or None,
        },
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _row(entry: TokenEntry, folder: str | None, terms: Terms) -> tuple[str, ...]:
    from tokenward.presentation.leases import cell

    provider = shown(entry.provider or "-")
    return str(entry.reference), provider, cell(terms), shown(folder or "no folder")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns for the eye and for `awk`: no cell is ever broken or cut, however narrow the terminal is."""
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    padded = ((cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in padded)
