"""The entries of a framework's files of profiles: a variable named like an entry replaces it in all of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.operations.token_names import letters
from tokenward.rewriting.languages import Language
from tokenward.rewriting.naming import environment_name
from tokenward.sources.editable_file import text_if_readable
from tokenward.sources.source import Source

_MOST_NAMES = 1_000
_MOST_FILES = 20
"""The most files that are read, which may be a hostile repository's."""
_WORDS = 2
_MOST_CHARACTERS = 200_000
_PROFILES_INSIDE = re.compile(r"^---|^[ \t]*[\"']?%\w", re.MULTILINE)
_IN_DEVELOPMENT = re.compile(r".*\.Development\.json", re.IGNORECASE)


def names_for_one_profile(language: Language, source: Source, span: Span, names: Sequence[str]) -> list[str]:
    """Return the names of variables that give a value only to the place that looks it up.

    The framework would give the others to the same entry of each profile.
    """
    if language.reader is None or language.reader.profiles is None:
        return [*names]
    if not (_PROFILES_INSIDE.search(source.text[:_MOST_CHARACTERS]) or [*_other_files(language, source)]):
        return [*names]
    keys = language.read(source.text).keys(span)
    # Quarkus has the profile in the key.
    keys = keys[1:] if keys and keys[0].startswith("%") else keys
    entry = letters("".join(keys))
    fit = [name for name in names if letters(name) != entry]
    shorter = environment_name("_".join(keys[1:])) if len(keys) > _WORDS else None
    return [shorter, *fit] if shorter and letters(names[0]) == entry else fit


def require_own_entry(language: Language, source: Source, span: Span) -> None:
    """Raise if a variable that replaces an entry would replace it in another environment's file too.

    What developers start reads the file of development, so the variable may have the value from there.

    Raises:
        RewriteRefused: another file sets the entry.
    """
    if language.reader is None or language.reader.profiles is None or _IN_DEVELOPMENT.fullmatch(source.name):
        return
    keys = language.read(source.text).keys(span)
    for path in islice(_other_files(language, source), _MOST_FILES):
        if _sets(language, path, keys):
            raise RewriteRefused(
                "{file} sets this entry too, and a variable would replace it there; delete the token here, and set "
                "the variable where the program runs with this file.",
                file=path.name,
            )


def _other_files(language: Language, source: Source) -> Iterator[Path]:
    path, files = source.origin.path, language.reader.profiles if language.reader else None
    if path is None or files is None:
        return
    with suppress(OSError), os.scandir(path.parent) as entries:
        names = sorted(entry.name for entry in islice(entries, _MOST_NAMES))
        yield from (path.parent / name for name in names if name != path.name and files.fullmatch(name))


def _sets(language: Language, path: Path, keys: Sequence[str]) -> bool:
    text = text_if_readable(path)[:_MOST_CHARACTERS]
    with suppress(RewriteRefused):
        parsed = language.read(text)
        found = re.finditer(rf"\"{re.escape(keys[-1])}\"\s*:\s*(?=\")", text)
        places = (Span(one.end() + 1, one.end() + 1) for one in islice(found, _MOST_NAMES))
        return any(parsed.keys(place) == keys for place in places)
    return False
