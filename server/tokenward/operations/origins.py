"""What a text's place implies: its language, and its name in the ledger."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.errors import RewriteRefused
from tokenward.places import canonical
from tokenward.sources.project import builds_of, is_shipped, project_code
from tokenward.sources.source import Origin, Source

if TYPE_CHECKING:
    from tokenward.rewriting.languages import Language


def language_for(source: Source) -> Language:
    """Return the language of a text.

    Raises:
        RewriteRefused: Tokenward cannot rewrite this kind of file yet.
    """
    # The server's start need not wait for every language.
    from tokenward.rewriting.languages import language_of  # noqa: PLC0415
    from tokenward.rewriting.parsing_once import once  # noqa: PLC0415
    from tokenward.rewriting.readers.project import Project  # noqa: PLC0415

    origin = source.origin
    path = None if origin.path is None else str(origin.path)
    file = Path(path or "")
    project = Project(lambda: is_shipped(file), partial(project_code, file), partial(builds_of, file))
    known = ("language", path, origin.language_id, source.text)
    language = once(known, lambda: language_of(path, origin.language_id, source.text, project))
    if language is None:
        raise RewriteRefused(
            "Tokenward cannot rewrite this kind of file yet; store the token with `tokenward put NAME` and "
            "replace it by hand."
        )
    return language


def language_if_known(source: Source) -> Language | None:
    """Return the language of a text; None if Tokenward cannot rewrite this kind of file yet."""
    with suppress(RewriteRefused):
        return language_for(source)
    return None


def origin_name(origin: Origin) -> str:
    """Return the ledger's name of a text: the path of its file, or its URI if it has no file."""
    is_file = origin.path is not None and origin.uri.startswith("file:")
    return canonical(str(origin.path)) if is_file else origin.uri
