"""References -> values, for a program that is about to start or a person who asks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from tokenward.custody.ledger import Event
from tokenward.errors import CustodyError, EntryMissing, StateDamaged, VaultError
from tokenward.model import Reference, Secret, references_in
from tokenward.operations.context import Context
from tokenward.sources.files import read_text


def resolve(context: Context, folder: Path, reference: Reference) -> Secret:
    """The value of a reference, for a workspace that may have it.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not.
        EntryMissing: nothing is stored under it.
        VaultError: the keyring did not give it.
    """
    try:
        context.bindings.check(reference, folder)
        # A value without a record may be from before the records were lost; who bound the name since then may be
        # a stranger to it, so it takes somebody who can present the value to make the record anew.
        secret = context.vault.get(reference) if context.entries.get(reference) else None
        if secret is None:
            raise EntryMissing(f"Nothing is stored under {reference}; store it by `tokenward put {reference.name}`.")
    except (CustodyError, VaultError) as error:
        _record(context, Event.REFUSED, folder, reference, why=type(error).__name__)
        raise
    _record(context, Event.RESOLVED, folder, reference)
    return secret


def resolve_text(context: Context, folder: Path, text: str) -> Secret:
    """A text with every reference in it replaced by its value.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    pieces: list[str] = []
    end = 0
    for span, reference in references_in(text):
        pieces += [text[end : span.start], resolve(context, folder, reference).reveal()]
        end = span.end
    return Secret("".join([*pieces, text[end:]]))


def environment_for(
    context: Context, folder: Path, env_files: Iterable[Path], base: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a program: the base, the files' assignments over it, all references resolved.

    Raises:
        TokenwardError: a file cannot be read, or a reference not be resolved; the text names which.
    """
    merged = dict(base)
    for env_file in env_files:
        merged |= read_env_file(env_file)
    known: dict[str, Secret] = {}
    for value in merged.values():
        if value not in known and any(references_in(value)):
            known[value] = resolve_text(context, folder, value)
    return {key: known[value].reveal() if value in known else value for key, value in merged.items()}


def read_env_file(path: Path) -> dict[str, str]:
    """A dotenv file's assignments, `${…}` expanded as python-dotenv does; a missing file has none."""
    file = read_text(path)
    if file is None:
        return {}
    values = dotenv_values(stream=StringIO(file.text.removeprefix("\ufeff")))
    return {key: value for key, value in values.items() if key and value is not None}


def _record(context: Context, event: Event, folder: Path, reference: Reference, **detail: str) -> None:
    # A full disk or a locked database must not keep a program from starting.
    with contextlib.suppress(StateDamaged):
        context.ledger.record(event, reference=reference, origin=str(folder), detail=detail)
