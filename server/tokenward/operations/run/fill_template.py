"""Fills a text's references with values, each written as the text's syntax requires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Span, references_in
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.context import Context
from tokenward.operations.use import Use
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.languages import LanguageKind, language_of
from tokenward.rewriting.literal import ParsedText


def fill_template(context: Context, folder: Path, paths: Sequence[Path], text: str, use: Use) -> Secret:
    """Return a template with every reference in it resolved; each distinct one is resolved once.

    The names of the template and of the filled file say what syntax the text has.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    values = resolve_all(context, folder, dict.fromkeys(one for _, one in references_in(text)), use)
    return filled_with(paths, text, values)


def filled_with(paths: Sequence[Path], text: str, values: Mapping[Reference, Secret]) -> Secret:
    """Return a template with values in place of their references; other references stay.

    Without paths, values are written as they are, whatever the syntax.
    """
    places = [(span, reference) for span, reference in references_in(text) if reference in values]
    parsed = _parsed(paths, text) if places and paths else None
    edits = [
        Edit(span, _written(parsed, span, reference, values[reference].reveal()))
        for span, reference in places
    ]
    return Secret(apply_edits(text, edits))


def _parsed(paths: Sequence[Path], text: str) -> ParsedText | None:
    # A template may be called key.json.template, where only the rest of its name says what it is.
    for name in (*paths, *(path.with_suffix("") for path in paths)):
        language = language_of(str(name), None, text)
        if language is not None and language.kind is LanguageKind.DATA:
            with suppress(RewriteRefused):
                return language.read(text)
    return None


def _written(parsed: ParsedText | None, span: Span, reference: Reference, value: str) -> str:
    """Return a value as a reader of the syntax gets it; as it is where the syntax does not say how to write it."""
    try:
        literal = parsed.literal(span, reference) if parsed else None
    except RewriteRefused:
        literal = None
    if literal is None or parsed is None:
        return value
    # With escapes first: without them, a quote in the value would end the literal.
    for spelling in reversed(literal.form.spellings(parsed.text)):
        written = spelling.written(value)
        with suppress(RewriteRefused):
            if literal.form.read(written)[0] == value:
                return written
    return value
