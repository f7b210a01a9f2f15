"""textDocument/codeAction: the quick fixes for the findings in a range."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.lsp.convert import from_position
from tokenward.lsp.editor import LspEditor
from tokenward.lsp.keeping import Keeping
from tokenward.lsp.session import Session
from tokenward.lsp.workspaces import folder_of
from tokenward.model import Finding
from tokenward.names import DIAGNOSTIC_SOURCE
from tokenward.operations.context import Context
from tokenward.operations.offer import offer
from tokenward.presentation.actions import Offer, code_actions
from tokenward.sources.documents import Document
from tokenward.sources.source import Source


async def code_action(
    session: Session, keeping: Keeping, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """What can be done about the findings that a range touches."""
    document = session.documents.get(params.text_document.uri)
    if document is None or not _wanted(params.context.only):
        return None
    findings = _findings(session, document, params.range)
    if not findings:
        return None
    context, source, editor = keeping.context(), document.source(), LspEditor(session)
    counts = [len(session.index.places(document.origin.uri, f.fingerprint)) for f in findings]
    work = partial(
        _offers, context, source, tuple(session.folders), list(zip(findings, counts, strict=True)), editor
    )
    offers = await session.in_scan_thread(work)
    uri, version = document.origin.uri, source.version or 0
    return [
        action
        for one in offers
        for action in code_actions(one, uri, version, _diagnostics(params.context, one.finding))
    ]


def _wanted(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    kinds = [str(getattr(kind, "value", kind)) for kind in only or ()]
    return not kinds or any(kind in ("", "quickfix") for kind in kinds)


def _findings(session: Session, document: Document, within: types.Range) -> tuple[Finding, ...]:
    if session.index.get(document.origin.uri).version != document.version:
        return ()
    encoding, lines = session.encoding, document.lines
    start, end = (from_position(lines, position, encoding) for position in (within.start, within.end))
    return session.index.within(document.origin.uri, start, end)


def _offers(
    context: Context,
    source: Source,
    folders: tuple[Path, ...],
    counted: list[tuple[Finding, int]],
    editor: LspEditor,
) -> list[Offer]:
    folder = folder_of(context, folders, source.origin)
    return [
        offer(context, editor, source, folder=folder, finding=finding, count=count)
        for finding, count in counted
    ]


def _diagnostics(context: types.CodeActionContext, finding: Finding) -> list[types.Diagnostic]:
    """The client's own diagnostics that an action for the finding would settle."""
    return [
        diagnostic
        for diagnostic in context.diagnostics
        if diagnostic.source == DIAGNOSTIC_SOURCE
        and isinstance(diagnostic.data, dict)
        and diagnostic.data.get("fingerprint") == finding.fingerprint
    ]
