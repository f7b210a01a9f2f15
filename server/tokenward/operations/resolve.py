"""References -> values, for a program that is about to start or a person who asks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from io import StringIO
from pathlib import Path

from dotenv.main import DotEnv

from tokenward.custody.ledger import Event
from tokenward.errors import CustodyError, EntryMissing, SettingsError, StateDamaged, VaultError
from tokenward.model import Reference, Secret, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.context import Context
from tokenward.operations.expansion import Variable, atoms
from tokenward.places import shown
from tokenward.sources.files import read_text

LARGEST_ENVIRONMENT = 10_000_000
"""Characters of a file's expanded values; no system gives a program as many."""


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
            raise EntryMissing(
                f"Nothing is stored under {reference}; store it by `tokenward put {reference.name}`."
            )
    except (CustodyError, VaultError) as error:
        _record(context, Event.REFUSED, folder, reference, why=type(error).__name__)
        raise
    _record(context, Event.RESOLVED, folder, reference)
    return secret


def resolve_text(context: Context, folder: Path, text: str) -> Secret:
    """A text with every reference in it replaced by its value; each distinct one is resolved once.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    return _filled(text, cache(partial(resolve, context, folder)))


def environment_for(
    context: Context, folder: Path, env_files: Iterable[Path], base: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a program: the base, the files' assignments over it, all references resolved.

    Raises:
        TokenwardError: a file cannot be read, or a reference not be resolved; the text names which.
    """
    lookup = cache(partial(resolve, context, folder))
    environment = _Environment(base, lambda text: _filled(text, lookup).reveal())
    for env_file in env_files:
        environment.assigned.update(read_env_file(env_file, environment, environment.fill))
    return dict(environment)


def read_env_file(path: Path, base: Mapping[str, str], fill: Callable[[str], str] = str) -> dict[str, str]:
    """A dotenv file's assignments, `${…}` expanded as python-dotenv does; a missing file has none.

    Args:
        path: the file.
        base: what a `${…}` may name besides the assignments before it.
        fill: replaces references, before the text becomes part of another that could blur their borders.

    Raises:
        SettingsError: the expansions grow beyond what a program can be given, or a value looks like a reference
            and is none.
        EditRefused: the file cannot be read.
    """
    file = read_text(path)
    if file is None:
        return {}
    values: dict[str, str | None] = {}
    size = 0
    for key, written in DotEnv(None, StringIO(file.text.removeprefix("\ufeff"))).parse():
        parts = list(atoms(written or ""))
        _require_plain_references(parts, f"{shown(key)} in {shown(path.name)}")
        pieces = [_expanded(part, values, base, fill) for part in parts]
        # Each line may double the one before it.
        size += sum(map(len, pieces))
        if size > LARGEST_ENVIRONMENT:
            raise SettingsError(
                f"{shown(path.name)} expands to more than {LARGEST_ENVIRONMENT:,} characters; shorten it."
            )
        values[key] = None if written is None else "".join(pieces)
    return {key: value for key, value in values.items() if key and value is not None}


@dataclass(frozen=True)
class _Environment(Mapping[str, str]):
    """What is inherited, filled when it is asked for, and over it what was assigned, which is filled already."""

    inherited: Mapping[str, str]
    fill: Callable[[str], str]
    assigned: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        return self.assigned[key] if key in self.assigned else self.fill(self.inherited[key])

    def __iter__(self) -> Iterator[str]:
        return iter({**self.inherited, **self.assigned})

    def __len__(self) -> int:
        return len(self.inherited.keys() | self.assigned.keys())


def _expanded(
    part: str | Variable,
    values: Mapping[str, str | None],
    base: Mapping[str, str],
    fill: Callable[[str], str],
) -> str:
    if isinstance(part, str):
        return fill(part)
    if part.name in values:
        return values[part.name] or ""
    found = base.get(part.name)
    return fill(part.default) if found is None else found


def _require_plain_references(parts: Iterable[str | Variable], where: str) -> None:
    """Return only if all that looks like a reference is one: a program must not get its text for a token."""
    for part in parts:
        text = part if isinstance(part, str) else part.default
        if text.count(f"{REFERENCE_SCHEME}://") > sum(1 for _ in references_in(text)):
            raise SettingsError(
                f"{where} holds what looks like a reference and is none; write {REFERENCE_SCHEME}://workspace/NAME, "
                "and no letter, digit, `_`, `-` or `/` next to it."
            )


def _filled(text: str, lookup: Callable[[Reference], Secret]) -> Secret:
    pieces: list[str] = []
    end = 0
    for span, reference in references_in(text):
        pieces += [text[end : span.start], lookup(reference).reveal()]
        end = span.end
    return Secret("".join([*pieces, text[end:]]))


def _record(context: Context, event: Event, folder: Path, reference: Reference, **detail: str) -> None:
    # A full disk or a locked database must not keep a program from starting.
    with contextlib.suppress(StateDamaged):
        context.ledger.record(event, reference=reference, origin=str(folder), detail=detail)
