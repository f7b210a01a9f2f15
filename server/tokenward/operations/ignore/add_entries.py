"""Allowing tokens by entries in their workspace's `.tokenwardignore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.detection.detection import Detection
from tokenward.detection.suppress.ignore_entry import ANYWHERE, IgnoreEntry, encoded_path
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, Addition, IgnoreFile
from tokenward.errors import EditRefused, SettingsError, TokenGone, TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.model import Fingerprint, Point
from tokenward.operations.context import Context
from tokenward.operations.ignore.ignore_file import AllowFile
from tokenward.operations.origins import origin_name
from tokenward.operations.recording import note
from tokenward.places import shown
from tokenward.sources.source import Source
from tokenward.text import LineTable


@dataclass(frozen=True, slots=True)
class Token:
    """A token that may be allowed, with its value; lives only while it is being looked at.

    Attributes:
        path: of its file, relative to the workspace, with `/`.
        start: its first character.
        origin: what the ledger calls its text.
    """

    path: str
    start: Point
    origin: str
    detection: Detection

    @property
    def label(self) -> str:
        provider = self.detection.provider
        return f"{provider.token} ({provider.label(self.detection.secret.reveal())})"


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms tokens are allowed.

    Attributes:
        reason: why, in the user's own words.
        until: the last day; None for ever.
        scope: the paths, with `*` and `**`; for a value that could be guessed its own file takes its place.
    """

    reason: str
    until: date | None = None
    scope: str = ANYWHERE


def allow(
    context: Context, file: AllowFile, tokens: Sequence[Token], terms: Terms, today: date
) -> tuple[IgnoreEntry, ...]:
    """Write an entry for each token, all or none, and record it; the entries in the tokens' order.

    Raises:
        TokenwardError: the terms are none that Tokenward can keep.
        EditRefused: the file cannot be written.
    """
    _require_acceptable(context, terms, today)
    entries: tuple[IgnoreEntry, ...] = ()

    def changed(before: IgnoreFile) -> str:
        nonlocal entries
        text, entries = before.with_entries(_addition(token, terms) for token in tokens)
        _require_effect(text, entries, tokens)
        return text

    file.change(changed)
    fingerprint = context.scanner.fingerprint
    places = ((fingerprint(token.detection.secret.reveal()), token.origin) for token in tokens)
    detail = {"by": IGNORE_FILE}
    ignored = [NewRecord(Event.IGNORED, None, *place, None, detail) for place in dict.fromkeys(places)]
    note(context, "what is allowed from now on", *ignored)
    return entries


def token_at(scanner: Scanner, source: Source, fingerprint: Fingerprint, at: Point) -> Token:
    """The token that begins at a point of an editor's text; the scanner has the rules of its workspace.

    Raises:
        TokenGone: it is not there.
    """
    offset = LineTable(source.text).offset(at)
    for detection in scanner.locate(source, fingerprint):
        if detection.span.start == offset:
            return Token(scanner.prefix + source.name, at, origin_name(source.origin), detection)
    raise TokenGone("The token is no longer where it was found; look at the file again.")


def _addition(token: Token, terms: Terms) -> Addition:
    found = token.detection
    return Addition(found.secret, found.rule, token.path, terms.reason, terms.until, terms.scope)


def _require_acceptable(context: Context, terms: Terms, today: date) -> None:
    if not context.settings.allow_repository_ignores:
        raise SettingsError(
            f"`allow-repository-ignores` is off here, so {IGNORE_FILE} has no effect; turn it on to ignore a token."
        )
    if not terms.reason.strip():
        raise TokenwardError("A token is ignored for a reason only; say it in a few words.")
    if context.scanner.scan_text(terms.reason, "reason"):
        raise TokenwardError("The reason holds a token itself; say it without one.")
    if terms.until is not None and terms.until < today:
        raise TokenwardError(f"{terms.until} is past; choose a day from {today} on.")


def _require_effect(text: str, entries: Sequence[IgnoreEntry], tokens: Sequence[Token]) -> None:
    """Return only if every entry will be read back and holds for its token."""
    heeded = set(map(str, IgnoreFile.parse(text)[0].entries))
    for entry, token in zip(entries, tokens, strict=True):
        if not entry.holds_for(encoded_path(token.path)):
            raise TokenwardError(
                f"The scope {shown(entry.scope)} does not hold for {shown(token.path)}; choose one that does, "
                "relative to the workspace."
            )
        if str(entry) not in heeded:
            raise EditRefused(
                f"An entry for {shown(token.path)} would be too long for {IGNORE_FILE}; shorten it."
            )
