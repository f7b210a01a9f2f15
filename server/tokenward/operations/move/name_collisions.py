"""Finds the variables to which other files of a workspace give a value of their own, unless they are set."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.model import Secret, Surface
from tokenward.operations.context import Context
from tokenward.operations.move.environment_line import NearestEnvironment
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.rewriting.env_file import parse_env
from tokenward.rewriting.parsing_once import once
from tokenward.sources.project import FILES, OtherValue, code_below, other_values
from tokenward.sources.source import Origin, Source

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner

_MOST_FILES, _MOST_CHARACTERS = 1_000, 5_000_000


def colliding_names(
    context: Context,
    source: Source,
    folder: Path,
    environment: NearestEnvironment,
    value: Secret,
    *,
    names: Collection[str],
    own: Collection[str] = (),
) -> set[str]:
    """Return the names of variables to which another file gives another value, unless environment files set them.

    The program reads its `own` already; of their other values, only tokens and lookups count.
    """
    path = environment.file.source.origin.path
    if path is None:
        return set()
    assigned = (environment.file.source.text, *environment.others)
    wanted = {*names, *own}.difference(one.key for text in assigned for one in parse_env(text))
    plain = value.reveal()
    texts = once(("code", path.parent, folder), lambda: tuple(_read(path.parent, folder)))
    return {
        name
        for other_path, text in texts
        if other_path != source.origin.path and any(name in text or name.lower() in text for name in wanted)
        for name, other in other_values(other_path, text)
        if name in wanted
        and other.differs(plain)
        and (name not in own or other.is_look_up or _is_token(context.scanner, other))
    }


def _read(start: Path, root: Path) -> Iterator[tuple[Path, str]]:
    seen, left = set[str](), _MOST_CHARACTERS
    for path, text in chain.from_iterable(
        code_below(folder, FILES, _MOST_FILES) for folder in dict.fromkeys((start, root))
    ):
        if path not in seen and left > 0:
            seen.add(path)
            left -= len(text)
            yield Path(path), text


def _is_token(scanner: Scanner, other: OtherValue) -> bool:
    """Return whether the literal holds a token."""
    origin = Origin(other.path.as_uri(), Surface.FILE, other.path, None)
    found = FileTokens.of(scanner, Source(other.text, origin)).detections if other.is_literal else ()
    return any(one.span.start < other.span.end and other.span.start < one.span.end for one in found)
