"""textDocument/definition: leads from a reference, or a lookup in code, to the line that assigns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.lsp.client.convert import from_position, to_span, to_uri
from tokenward.lsp.client.references import reference_at
from tokenward.lsp.client.session import Session
from tokenward.lsp.parts import Parts
from tokenward.model import Span
from tokenward.operations.context import Context
from tokenward.operations.run.definitions import LARGEST, ReferenceAssignment, assignments_of, assignments_to
from tokenward.rewriting.env_file import is_environment_file
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.lookups import lookup_at
from tokenward.settings import Settings
from tokenward.sources.documents import Document

Definitions = list[types.LocationLink] | list[types.Location] | None
_Find = Callable[[Settings, Path, Mapping[Path, str]], list[ReferenceAssignment]]


async def definition(parts: Parts, params: types.DefinitionParams) -> Definitions:
    """Return the other assignments of a reference, or those of the variable that code looks up."""
    session = parts.session
    document = session.documents.get(params.text_document.uri)
    if document is None or not session.settings_in(document.folder).enabled:
        return None
    point = from_position(document.lines, params.position, session.encoding)
    line = document.lines[point.line]
    if (found := _search_at(document, line, point.column)) is None:
        return None
    span, find = found
    opened = _opened(session)
    buffers = {path: one.text() for path, one in opened.items()}
    assignments = await parts.vault.read(document, partial(_found, find, buffers))
    here = (document.origin.path, point.line)
    uris = {path: one.origin.uri for path, one in opened.items()}
    targets = [
        (uris.get(one.path) or to_uri(one.path), one)
        for one in assignments or ()
        if (one.path, one.line) != here
    ]
    origin = to_span(point.line, span, line, encoding=session.encoding)
    return _shown(session, origin, targets) if targets else None


def _found(
    find: _Find, buffers: Mapping[Path, str], context: Context, folder: Path
) -> list[ReferenceAssignment]:
    """Return the assignments in a workspace, or if it has none, those in its repository's main folder."""
    main = context.bindings.main_folder(folder, folder)
    return find(context.settings, folder, buffers) or (find(context.settings, main, buffers) if main else [])


def _search_at(document: Document, line: str, column: int) -> tuple[Span, _Find] | None:
    """Return the text at a column, and a function that finds its assignments."""
    if (reference := reference_at(line, column)) is not None:
        return reference[0], partial(assignments_of, reference[1])
    path = document.origin.path
    language = language_of(None if path is None else str(path), document.origin.language_id)
    lookup = lookup_at(language, line, column) if language else None
    return (lookup[0], partial(assignments_to, lookup[1])) if lookup else None


def _opened(session: Session) -> dict[Path, Document]:
    """Return the open documents that may be environment files."""
    found: dict[Path, Document] = {}
    for document in session.documents:
        path = document.origin.path
        if path is None or not document.origin.uri.startswith("file:") or document.size > LARGEST:
            continue
        if (
            is_environment_file(path.name)
            or path.name == Path(session.settings_in(document.folder).env_file).name
        ):
            found[path] = document
    return found


def _shown(
    session: Session, origin: types.Range, targets: list[tuple[str, ReferenceAssignment]]
) -> Definitions:
    def place(span: Span, one: ReferenceAssignment) -> types.Range:
        return to_span(one.line, span, one.text, encoding=session.encoding)

    if not session.capabilities.links_definitions:
        return [types.Location(uri, place(one.name, one)) for uri, one in targets]
    return [
        types.LocationLink(uri, place(one.whole, one), place(one.name, one), origin) for uri, one in targets
    ]
