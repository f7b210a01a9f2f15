"""textDocument/completion: the references of the workspace while one is being typed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lsprotocol import types

from tokenward.lsp.client.convert import from_position, to_span
from tokenward.lsp.client.references import assigned_variable, empty_value, typed_reference
from tokenward.lsp.client.session import Session
from tokenward.lsp.parts import Parts
from tokenward.model import Reference, Span
from tokenward.operations.stored.listing import StoredDetails, completion_candidates
from tokenward.places import shown
from tokenward.presentation.hover import of_candidate
from tokenward.presentation.markup import markdown, plain
from tokenward.rewriting.languages import language_of
from tokenward.sources.documents import Document

_ENV = "dotenv"


@dataclass(frozen=True, slots=True)
class _Typed:
    """The word at the cursor.

    Attributes:
        where: the range that a reference would replace.
        variable: the variable that its line assigns, in an environment file; otherwise empty.
        is_begun: it is certainly the start of a reference.
    """

    where: Span
    variable: str
    is_begun: bool


async def completion(parts: Parts, params: types.CompletionParams) -> types.CompletionList | None:
    """Return every reference of the workspace while one is being typed, otherwise None."""
    session = parts.session
    document = session.documents.get(params.text_document.uri)
    if document is None or not session.settings_in(document.folder).enabled:
        return None
    point = from_position(document.lines, params.position, session.encoding)
    line = document.lines[point.line]
    typed = _typed(line, point.column, in_env=_is_env(session, document))
    if typed is None:
        return None
    known = await parts.vault.read(document, completion_candidates) or {}
    if not typed.is_begun and all(one.name != typed.variable for one in known):
        return None
    where = to_span(point.line, typed.where, line, encoding=session.encoding)
    # A stable sort: first the one that fits the line, then by name.
    ordered = sorted(known, key=lambda one: one.name != typed.variable)
    items = [_item(session, one, known[one], where, order) for order, one in enumerate(ordered)]
    return types.CompletionList(is_incomplete=False, items=items) if items else None


def _typed(line: str, column: int, *, in_env: bool) -> _Typed | None:
    variable = assigned_variable(line) if in_env else ""
    if (begun := typed_reference(line, column)) is not None:
        return _Typed(begun, variable, is_begun=True)
    empty = empty_value(line, column) if in_env else None
    return None if empty is None else _Typed(empty, variable, is_begun=False)


def _is_env(session: Session, document: Document) -> bool:
    """Return whether a document is an environment file, by its language or because the settings name it."""
    path, folder = document.origin.path, document.folder
    if folder is not None and path == folder / session.settings_in(document.folder).env_file:
        return True
    language = language_of(None if path is None else str(path), document.origin.language_id)
    return language is not None and language.name == _ENV


def _item(
    session: Session, reference: Reference, stored: StoredDetails, where: types.Range, order: int
) -> types.CompletionItem:
    text = of_candidate(reference, stored, time.time())
    is_marked = session.capabilities.documentation_kind is types.MarkupKind.Markdown
    spelled = types.MarkupContent(types.MarkupKind.Markdown, markdown(text)) if is_marked else plain(text)
    return types.CompletionItem(
        label=str(reference),
        kind=types.CompletionItemKind.Reference,
        detail=shown(stored.provider) or None,
        documentation=spelled,
        sort_text=f"{order:04}",
        text_edit=types.TextEdit(where, str(reference)),
    )
