"""Ignores a token with an ignore comment on its line."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import RewriteRefused
from tokenward.model import Finding, Fingerprint, Point, Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.ignore.add_entries import token_at
from tokenward.operations.origins import language_for, origin_name
from tokenward.operations.recording import note
from tokenward.rewriting import comments
from tokenward.rewriting.comments import ignore_edit
from tokenward.sources.source import Source
from tokenward.text import LineTable


def plan_ignore(context: Context, source: Source, fingerprint: Fingerprint, at: Point) -> FileEdit:
    """Return the edit that adds an ignore comment for the token at a point.

    Raises:
        TokenGone: the token is not there.
        RewriteRefused: the file's format has no comments, or none can be placed there.
    """
    span = token_at(context.scanner, source, fingerprint, at).detection.span
    return FileEdit(source, (ignore_edit(source.text, language_for(source), span),))


def all_ignorable(source: Source, findings: Sequence[Finding]) -> bool:
    """Return for each finding in a source whether an ignore comment can certainly be added."""
    table = LineTable(source.text)
    spans = [Span(table.offset(finding.start), table.offset(finding.end)) for finding in findings]
    try:
        return comments.all_ignorable(source.text, language_for(source), spans)
    except RewriteRefused:
        return False


def ignore_by_comment(
    context: Context, source: Source, fingerprint: Fingerprint, at: Point, editor: Editor
) -> None:
    """Add an ignore comment for the token at a point, and record it."""
    edit = plan_ignore(context, source, fingerprint, at)
    editor.apply((edit,), "Ignore this token")
    ignored = NewRecord(Event.IGNORED, None, fingerprint, origin_name(source.origin))
    note(context, "this token, which is ignored from now on", ignored)
