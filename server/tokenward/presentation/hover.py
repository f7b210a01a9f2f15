"""Hovers on findings and references, without values."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from tokenward.detection.rules.profiles import profile_of
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.model import Finding, Profile, Reference, Surface
from tokenward.operations.stored.details import StoredDetails
from tokenward.phrases import ago, counted
from tokenward.presentation import wording
from tokenward.presentation.leases import lease_lines
from tokenward.presentation.markup import Code, Line, MarkupLink, MarkupText, Piece, Strong
from tokenward.presentation.page_files import page_of
from tokenward.presentation.profile_words import (
    UNKNOWN_END,
    UNKNOWN_SCOPE,
    dates,
    has_expired,
    persistence,
    reach,
)
from tokenward.presentation.standards import standards
from tokenward.records import dataclass

MOST_FACTS = 8


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A place that contains a token.

    Attributes:
        name: its file, relative to the workspace.
        line: from 0.
        uri: of its document or file.
    """

    name: str
    line: int
    uri: str


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The place of a finding, and the other places of its token.

    Attributes:
        name: the file, with `/` between folders; empty for none.
        surface: where the text was seen.
        here: the number of other places in the same document.
        files: the number of other documents and files.
        first: the first of all these places.
    """

    name: str
    surface: Surface
    here: int = 0
    files: int = 0
    first: Sequence[TokenPlace] = ()


def of_finding(finding: Finding, occurrences: Occurrences, now: float) -> MarkupText:
    """Return what a token can do, for how long, where else it is, and how to revoke it."""
    profile = profile_of(finding.rule, finding.claims)
    title = (Strong(finding.label), f" {wording.IN_PLAIN_TEXT}")
    lines = [*_profile(profile, now), *_elsewhere(occurrences), *_what_to_do(finding, profile, now)]
    return MarkupText(title, (*lines, _rule(finding.rule), _standards(profile, occurrences)))


def of_reference(reference: Reference, stored: StoredDetails, now: float) -> MarkupText:
    """Return where the value of a reference is, since when, and which programs may use it."""
    title = (Code(str(reference)), " is a reference to a token.")
    return MarkupText(title, tuple(_stored(reference, stored, now)))


def of_candidate(reference: Reference, stored: StoredDetails, now: float) -> MarkupText:
    """Return the same, shortened, for a reference that completion offers."""
    lines = (*_history(stored, now), *lease_lines(stored.lease, now))
    return MarkupText((Code(str(reference)), " is a reference to a token."), lines)


def _profile(profile: Profile, now: float) -> Iterator[Line]:
    yield Strong("Authority"), f": {profile.scope or UNKNOWN_SCOPE}"
    yield Strong("Lifetime"), ": ", " ".join([f"{persistence(profile)}.", *dates(profile, now)])
    yield Strong("A copy"), f": {reach(profile)}"
    if profile.harmless:
        yield Strong("On its own"), ": gives no access"
    if profile.claims.checksum is not None:
        result = "valid" if profile.claims.checksum else "wrong, so this is probably not a token"
        yield Strong("Checksum"), f": {result}"
    if profile.claims.facts:
        pieces: list[Piece] = []
        for name, value in profile.claims.facts[:MOST_FACTS]:
            pieces += [f"{', ' if pieces else ''}{name} ", Code(value)]
        yield Strong("Contains"), ": ", *pieces


def _elsewhere(occurrences: Occurrences) -> Iterator[Line]:
    counts = [
        f"{counted(occurrences.here, 'other place')} in this document" if occurrences.here else "",
        counted(occurrences.files, "other file") if occurrences.files else "",
    ]
    if not any(counts):
        return
    places: list[Piece] = []
    for place in occurrences.first:
        text = f"{place.name}:{place.line + 1}"
        is_file = place.uri.startswith("file:") and "#" not in place.uri
        link = MarkupLink(text, f"{place.uri}#L{place.line + 1}") if is_file else text
        places += [", ", link] if places else [link]
    end = "." if len(occurrences.first) >= occurrences.here + occurrences.files else " …"
    yield Strong("The same token"), f" is in {' and '.join(filter(None, counts))}: ", *places, end


def _what_to_do(finding: Finding, profile: Profile, now: float) -> Iterator[Line]:
    label = Strong("What to do")
    if has_expired(profile, now):
        yield label, ": delete it, because it no longer works."
        return
    doubt = "" if finding.whole else f" {wording.NOT_WHOLE}"
    yield label, f": move it to the keyring, then revoke it, because somebody may have read it here.{doubt}"
    page: list[Piece] = []
    if profile.page.startswith("https://"):
        page = [" ", MarkupLink(profile.page.removeprefix("https://"), profile.page)]
    yield Strong("How to revoke it"), f": {profile.ends or UNKNOWN_END}", *page


def _rule(rule: str) -> Line:
    page, name = page_of(rule), short_rule(rule)
    return Strong("Rule"), ": ", MarkupLink(name, page) if page else Code(name)


def _standards(profile: Profile, occurrences: Occurrences) -> Line:
    cases = standards(profile, occurrences.name, occurrences.surface, is_elsewhere=occurrences.files > 0)
    pieces: list[Piece] = [Strong("Standards"), ": "]
    for number, case in enumerate(cases):
        pieces += [", " if number else "", MarkupLink(case.name, case.page)]
    return tuple(pieces)


def _stored(reference: Reference, stored: StoredDetails, now: float) -> Iterator[Line]:
    if stored.refusal:
        yield Strong("It does not resolve here"), f": {stored.refusal}"
        return
    if stored.since is None:
        yield (
            Strong("Nothing is stored"),
            " under this name; store a token with ",
            Code(f"tokenward put {reference.name}"),
            ".",
        )
        return
    whose = f", a token of {stored.provider}," if stored.provider else ""
    yield Strong("Stored"), f"{whose} in {_vault(stored)}"
    yield from _history(stored, now)
    yield (
        Strong("Who can use it"),
        ": commands that ",
        Code("tokenward run"),
        f" starts in this workspace, {reference.workspace}",
    )
    yield from lease_lines(stored.lease, now)


def _history(stored: StoredDetails, now: float) -> Iterator[Line]:
    if stored.since is not None:
        yield Strong("Added"), f" {ago(stored.since.timestamp(), now)}"
    yield (
        Strong("Last used"),
        f" {ago(stored.used.timestamp(), now)}" if stored.used else ": never, according to the ledger",
    )


def _vault(stored: StoredDetails) -> str:
    if stored.file:
        return f"the encrypted file {stored.file}"
    if stored.by_editor:
        return "the editor's secret storage"
    named = {"darwin": "the macOS Keychain", "win32": "the Windows Credential Manager"}
    return named.get(sys.platform, "the OS keyring")
