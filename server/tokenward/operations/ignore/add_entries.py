"""Ignores tokens with entries in their workspace's `.tokenwardignore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.detection.detection import Detection
from tokenward.detection.suppress.ignore_file import (
    ANYWHERE,
    IGNORE_FILE,
    IgnoreEntry,
    IgnoreFile,
    NewIgnoreEntry,
    encoded_path,
)
from tokenward.errors import EditRefused, SettingsError, TokenGone, TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.model import Fingerprint, Point
from tokenward.operations.context import Context
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.origins import origin_name
from tokenward.operations.recording import note
from tokenward.places import shown
from tokenward.sources.source import Source
from tokenward.text import LineTable


@dataclass(frozen=True, slots=True)
class IgnorableToken:
    """A token that may be ignored, with its value; short-lived.

    Attributes:
        path: the path of its file, relative to the workspace, with `/`.
        start: its first character.
        origin: the ledger's name of its text.
    """

    path: str
    start: Point
    origin: str
    detection: Detection


@dataclass(frozen=True, slots=True)
class IgnoreTerms:
    """The terms on which tokens are ignored.

    Attributes:
        reason: why, in the user's own words.
        until: the last day; None for no end.
        scope: the paths, with `*` and `**`; a value that could be guessed is ignored in its own file only.
    """

    reason: str
    until: date | None = None
    scope: str = ANYWHERE


def add_entries(
    context: Context,
    file: IgnoreFileWriter,
    tokens: Sequence[IgnorableToken],
    terms: IgnoreTerms,
    today: date,
) -> tuple[IgnoreEntry, ...]:
    """Write and record an entry for each token, all or none; return the entries in the tokens' order.

    Raises:
        TokenwardError: the terms are not valid.
        EditRefused: the file cannot be written.
    """
    _require_valid(context, terms, today)
    entries: tuple[IgnoreEntry, ...] = ()

    def changed(before: IgnoreFile) -> str:
        nonlocal entries
        text, entries = before.with_entries(
            NewIgnoreEntry(
                token.detection.secret,
                token.detection.rule,
                token.path,
                terms.reason,
                terms.until,
                terms.scope,
            )
            for token in tokens
        )
        _require_effect(text, entries, tokens)
        return text

    file.change(changed)
    fingerprint = context.scanner.fingerprint
    places = ((fingerprint(token.detection.secret.reveal()), token.origin) for token in tokens)
    detail = {"by": IGNORE_FILE}
    ignored = [NewRecord(Event.IGNORED, None, *place, None, detail) for place in dict.fromkeys(places)]
    note(context, "the tokens that are ignored from now on", *ignored)
    return entries


def token_at(scanner: Scanner, source: Source, fingerprint: Fingerprint, at: Point) -> IgnorableToken:
    """Return the token that starts at a point in an editor's text; the scanner has its workspace's rules.

    Raises:
        TokenGone: it is not there.
    """
    offset = LineTable(source.text).offset(at)
    for detection in scanner.locate(source, fingerprint):
        if detection.span.start == offset:
            return IgnorableToken(scanner.prefix + source.name, at, origin_name(source.origin), detection)
    raise TokenGone("The token is no longer where it was found; scan the file again.")


def _require_valid(context: Context, terms: IgnoreTerms, today: date) -> None:
    if not context.settings.allow_repository_ignores:
        raise SettingsError(
            "`allow-repository-ignores` is off here, so {ignore_file} has no effect; turn it on to "
            "ignore a token.",
            ignore_file=IGNORE_FILE,
        )
    if not terms.reason.strip():
        raise TokenwardError("A token can be ignored only for a reason; give it in a few words.")
    if context.scanner.scan_text(terms.reason, "reason"):
        raise TokenwardError("The reason itself contains a token; write it without one.")
    if terms.until is not None and terms.until < today:
        raise TokenwardError("{until} is past; choose a day from {today} on.", until=terms.until, today=today)


def _require_effect(text: str, entries: Sequence[IgnoreEntry], tokens: Sequence[IgnorableToken]) -> None:
    """Raise unless every entry can be read back and applies to its token."""
    effective = set(map(str, IgnoreFile.parse(text)[0].entries))
    for entry, token in zip(entries, tokens, strict=True):
        if not entry.holds_for(encoded_path(token.path)):
            raise TokenwardError(
                "The scope {scope} does not apply to {path}; choose one that does, relative to the workspace.",
                scope=shown(entry.scope),
                path=shown(token.path),
            )
        if str(entry) not in effective:
            raise EditRefused(
                "An entry for {path} would be too long for {ignore_file}; shorten it.",
                path=shown(token.path),
                ignore_file=IGNORE_FILE,
            )
