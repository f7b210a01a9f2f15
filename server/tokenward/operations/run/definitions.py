"""Finds where a workspace's environment files assign references to variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import SettingsError
from tokenward.model import Reference, Span, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.rewriting.env_file import EnvAssignment, parse_env
from tokenward.setting_files import inside
from tokenward.settings import Settings
from tokenward.sources.editable_file import text_if_readable
from tokenward.text import LineTable, content_length

LARGEST = 1_000_000
"""The most bytes or characters of an environment file that is read while somebody waits."""
MOST_FILES = 20
MOST_ASSIGNMENTS = 200
_MOST_NEIGHBOURS = 10_000
_ENV = ".env"


class ReferenceAssignment(NamedTuple):
    """A line that assigns a reference to a variable.

    Attributes:
        line: its number, from 0.
        name: the span of the variable's name in it.
        whole: the span of the assignment, as far as it is on this line.
    """

    path: Path
    line: int
    text: str
    name: Span
    whole: Span


def assignments_of(
    reference: Reference, settings: Settings, folder: Path, buffers: Mapping[Path, str]
) -> list[ReferenceAssignment]:
    """Return the assignments with a reference; `buffers` are open documents, which take precedence over files."""
    return _found(settings, folder, buffers, lambda one: reference in _references(one))


def assignments_to(
    variable: str, settings: Settings, folder: Path, buffers: Mapping[Path, str]
) -> list[ReferenceAssignment]:
    """Return the assignments of a reference to a variable, in the same way."""
    return _found(settings, folder, buffers, lambda one: one.key == variable and bool(_references(one)))


def _references(assignment: EnvAssignment) -> list[Reference]:
    return [reference for _, reference in references_in(assignment.value)]


def _found(
    settings: Settings, folder: Path, buffers: Mapping[Path, str], wanted: Callable[[EnvAssignment], bool]
) -> list[ReferenceAssignment]:
    """Search each environment file once, whatever links lead to it."""
    opened = {_real(path): path for path in buffers}
    files = {_real(path): path for path in reversed(_env_files(settings, folder, opened))}
    found: list[ReferenceAssignment] = []
    for real, path in reversed(files.items()):
        own = opened.get(real)
        text = _text(path) if own is None else buffers[own]
        found += islice(_in_text(own or path, text, wanted), MOST_ASSIGNMENTS - len(found))
        if len(found) == MOST_ASSIGNMENTS:
            break
    return found


def _in_text(path: Path, text: str, wanted: Callable[[EnvAssignment], bool]) -> Iterator[ReferenceAssignment]:
    if len(text) > LARGEST or f"{REFERENCE_SCHEME}://" not in text:
        return
    table = LineTable(text)
    for one in filter(wanted, parse_env(text)):
        key = table.point(one.key_span.start)
        line, start = table.line(key.line), one.key_span.start - key.column
        end = min(one.value_span.end + len(one.quote) - start, content_length(line))
        name = Span(key.column, min(one.key_span.end - start, end))
        yield ReferenceAssignment(path, key.line, line, name, Span(key.column, end))


def _text(path: Path) -> str:
    """Return the text of a file; empty if it cannot be read, which is reported when a program starts."""
    with suppress(OSError):
        return text_if_readable(path) if path.stat().st_size <= LARGEST else ""
    return ""


def _env_files(settings: Settings, folder: Path, opened: Iterable[Path]) -> list[Path]:
    """Return the workspace's environment file, and those beside it with names of environment files."""
    main = folder / settings.env_file
    here = {path for path in opened if path.parent == _real(main.parent) and path.name.startswith(_ENV)}
    beside = {main.parent / path.name for path in here}
    with suppress(OSError), os.scandir(main.parent) as entries:
        names = [one.name for one in islice(entries, _MOST_NEIGHBOURS) if one.name.startswith(_ENV)]
        # A link may lead out of the workspace.
        beside |= {path for name in sorted(names)[:MOST_FILES] if inside(path := main.parent / name, folder)}
    own: list[Path] = []
    with suppress(SettingsError):
        own = [settings.env_path(folder)]
    return [*own, *(path for path in sorted(beside) if path != main)][:MOST_FILES]


def _real(path: Path) -> Path:
    # Unlike `resolve`, it never raises.
    return Path(os.path.realpath(path))
