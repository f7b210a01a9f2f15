"""`tokenward list`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

import typer

from tokenward.cli.support.own_records import own_records
from tokenward.cli.support.terminal import print_text, say
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries, TokenEntry
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.language import listed
from tokenward.operations.access.lease_terms import Terms, terms_of_entries
from tokenward.places import Places, shown
from tokenward.presentation.leases import cell
from tokenward.settings import load_settings

_WIDEST = 60
"""Columns to which a cell is padded; a longer cell shifts only its own row."""


class StoredListFormat(StrEnum):
    """An output format of `tokenward list`."""

    TABLE = "table"
    JSON = "json"


def list_stored(
    format_: StoredListFormat = typer.Option(
        StoredListFormat.TABLE, "--format", help="A table for people, or JSON for programs."
    ),
) -> None:
    """List stored tokens, without their values.

    FOLDER is the folder in which a token's reference can be resolved. An AI agent sees the tokens of its own workspace.
    """
    places = Places.of_user()
    folders = {binding.name: str(binding.folder) for binding in Bindings(places.custody).all()}
    own = own_records(places)
    entries = tuple(one for one in Entries(places.custody).all() if own.has(one.reference.workspace))
    leases = Leases(places.custody, Sessions(places.sessions))
    terms = terms_of_entries(leases, entries, load_settings(places, None)[0])
    found = [(one, folders.get(one.reference.workspace), terms[one.reference]) for one in entries]
    if format_ is StoredListFormat.JSON:
        print_text(json.dumps({"tokens": [_object(*one) for one in found]}, indent=2))
    elif found:
        rows = [
            (
                str(entry.reference),
                shown(entry.provider or "-"),
                listed(lease.hosts, 1) or "-",
                cell(lease),
                shown(folder or "no folder"),
            )
            for entry, folder, lease in found
        ]
        print_text(_table([("REFERENCE", "TOKEN OF", "GOES TO", "LEASE", "FOLDER"), *rows]))
    elif own.is_all:
        say("No tokens are stored yet; store one with `tokenward move FILE` or `tokenward put NAME`.")
    else:
        say(
            "No tokens are stored for the workspace in which this AI agent was started; it is shown no others."
        )


def _object(entry: TokenEntry, folder: str | None, terms: Terms) -> dict[str, object]:
    return {
        "name": entry.reference.name,
        "reference": str(entry.reference),
        "provider": entry.provider or None,
        "hosts": list(terms.hosts),
        "folder": folder,
        "stored": entry.created.isoformat(timespec="seconds"),
        "lease": {
            "expires": terms.expires
            and datetime.fromtimestamp(terms.expires, UTC).isoformat(timespec="seconds"),
            "session": terms.session or None,
            "uses": terms.uses,
            "programs": list(terms.programs),
            "by": list(terms.starters),
            "confirm": terms.confirm,
            "over": terms.over or None,
        },
    }


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return aligned columns that `awk` can read too: no cell is broken or cut, however narrow the terminal."""
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    padded = ((cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in padded)
