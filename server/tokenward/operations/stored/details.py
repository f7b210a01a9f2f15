"""What the records say of a reference; no vault is asked, since a keyring may prompt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tokenward.custody.bindings.renames import last_use, own_names_of
from tokenward.errors import CustodyError
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import NO_LIMIT, Terms, terms_of
from tokenward.operations.context import Context
from tokenward.operations.opening import vault_config
from tokenward.places import Places

NO_FOLDER = "This document belongs to no one workspace, and a reference resolves only in its own."


@dataclass(frozen=True, slots=True)
class Stored:
    """What the records say of a reference, for the workspace that it stands in.

    Attributes:
        refusal: why it does not resolve, in a sentence; empty when nothing is against it.
        file: the encrypted file in which values are kept; empty when that is something else.
        by_editor: they are kept by the editor, and not in the keyring.
        since: when its value was stored; None when nothing is.
        provider: whose token it is; empty when unknown.
        used: when it was last resolved; None for never.
        lease: what its lease permits.
    """

    refusal: str = ""
    file: str = ""
    by_editor: bool = False
    since: datetime | None = None
    provider: str = ""
    used: datetime | None = None
    lease: Terms = NO_LIMIT


def stored(context: Context, places: Places, folder: Path | None, reference: Reference) -> Stored:
    """What is known of a reference in a workspace, and nothing of one that the workspace may not resolve."""
    if folder is None:
        return Stored(refusal=NO_FOLDER)
    try:
        context.bindings.check(reference, folder)
        entry = context.entries.get(reference)
        if entry is None:
            return Stored()
        others = {one.reference for one in context.entries.in_workspace(reference.workspace)}
        used = last_use(context.ledger, own_names_of(context.ledger, reference, others))
        lease = terms_of(context, [reference])[reference]
    except CustodyError as error:
        return Stored(refusal=str(error))
    config = vault_config(places, context.settings)
    file = str(config.file) if config.kind == "file" else ""
    by_editor = config.kind == "editor"
    return Stored(
        file=file, by_editor=by_editor, since=entry.created, provider=entry.provider, used=used, lease=lease
    )
