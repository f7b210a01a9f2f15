"""A program's environment: what it inherits, the assignments of dotenv files over it, all references resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from dotenv.main import DotEnv

from tokenward.errors import SettingsError
from tokenward.model import Reference, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.context import Context
from tokenward.operations.expansion import Variable, atoms
from tokenward.operations.resolve import filled, resolve_all
from tokenward.operations.use import Use
from tokenward.places import shown
from tokenward.sources.files import read_text

LARGEST_ENVIRONMENT = 10_000_000
"""Characters of a file's expanded values; no system gives a program as many."""


def environment_for(
    context: Context, folder: Path, env_files: Sequence[Path], base: Mapping[str, str], use: Use
) -> dict[str, str]:
    """The environment of a program: the base, the files' assignments over it, all references resolved.

    Raises:
        TokenwardError: a file cannot be read, or a reference not be resolved; the text names which.
    """
    # Which references are needed does not depend on their values, so that they are asked for at once.
    needed: dict[Reference, None] = {}
    _read(env_files, base, lambda text: _noted(text, needed))
    values = resolve_all(context, folder, needed, use)
    return _read(env_files, base, lambda text: filled(text, values).reveal())


def _noted(text: str, needed: dict[Reference, None]) -> str:
    needed.update((reference, None) for _, reference in references_in(text))
    return text


def _read(env_files: Iterable[Path], base: Mapping[str, str], fill: Callable[[str], str]) -> dict[str, str]:
    environment = _Environment(base, fill)
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
