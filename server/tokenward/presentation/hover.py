"""Hovers on findings and references, without values."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from tokenward.detection.rules.providers import profile_of
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.language import ago, counted, listed, phrase, said
from tokenward.model import Finding, Profile, Reference, Surface
from tokenward.operations.stored.listing import StoredDetails
from tokenward.presentation import wording
from tokenward.presentation.leases import host_line, lease_lines
from tokenward.presentation.markup import Code, Line, MarkupLink, MarkupText, Piece, Strong
from tokenward.presentation.profile_words import (
    UNKNOWN_END,
    UNKNOWN_SCOPE,
    dates,
    has_expired,
    page_of,
    persistence,
    reach,
)
from tokenward.presentation.standards import standards

MOST_FACTS = 8
_IS_REFERENCE = phrase("is a reference to a token.")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A line, from 0, that contains a token, with the name of its file relative to the workspace."""

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
    title = (Strong(finding.label), f" {said(wording.IN_PLAIN_TEXT)}")
    lines = [*_profile(profile, now), *_elsewhere(occurrences), *_what_to_do(finding, profile, now)]
    page, name = page_of(finding.rule), short_rule(finding.rule)
    rule: Line = (Strong(said("Rule")), ": ", MarkupLink(name, page) if page else Code(name))
    return MarkupText(title, (*lines, rule, _standards(profile, occurrences)))


def of_reference(reference: Reference, stored: StoredDetails, now: float) -> MarkupText:
    """Return where the value of a reference is, since when, and which programs may use it."""
    title = (Code(str(reference)), f" {said(_IS_REFERENCE)}")
    return MarkupText(title, tuple(_stored(reference, stored, now)))


def of_candidate(reference: Reference, stored: StoredDetails, now: float) -> MarkupText:
    """Return the same, shortened, for a reference that completion offers."""
    lines = (*_history(stored, now), *lease_lines(stored.lease, now))
    return MarkupText((Code(str(reference)), f" {said(_IS_REFERENCE)}"), lines)


def _profile(profile: Profile, now: float) -> Iterator[Line]:
    yield Strong(said("Authority")), f": {said(profile.scope or UNKNOWN_SCOPE)}"
    yield (
        Strong(said("Lifetime")),
        ": ",
        " ".join([said("{lifetime}.", lifetime=persistence(profile)), *dates(profile, now)]),
    )
    yield Strong(said("A copy")), f": {reach(profile)}"
    if profile.hosts:
        yield host_line(profile.hosts)
    if profile.harmless:
        yield Strong(said("On its own")), f": {said('gives no access on its own')}"
    if profile.claims.checksum is not None:
        wrong = phrase("wrong, so this is probably not a token")
        yield Strong(said("Checksum")), f": {said(phrase('valid') if profile.claims.checksum else wrong)}"
    if profile.claims.facts:
        pieces: list[Piece] = []
        for name, value in profile.claims.facts[:MOST_FACTS]:
            pieces += [f"{', ' if pieces else ''}{name} ", Code(value)]
        yield Strong(said("Contains")), ": ", *pieces


def _elsewhere(occurrences: Occurrences) -> Iterator[Line]:
    counts = [
        said("{places} in this document", places=counted(occurrences.here, "other place"))
        if occurrences.here
        else "",
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
    where = said("is in {places}", places=listed([*filter(None, counts)]))
    yield Strong(said("The same token")), f" {where}: ", *places, end


def _what_to_do(finding: Finding, profile: Profile, now: float) -> Iterator[Line]:
    label = Strong(said("What to do"))
    if has_expired(profile, now):
        yield label, f": {said('delete it, because it no longer works.')}"
        return
    doubt = "" if finding.whole else f" {said(wording.NOT_WHOLE)}"
    text = said("move it to the keyring, then revoke it, because somebody may have read it here.")
    yield label, f": {text}{doubt}"
    page: list[Piece] = []
    if profile.page.startswith("https://"):
        page = [" ", MarkupLink(profile.page.removeprefix("https://"), profile.page)]
    yield Strong(said("How to revoke it")), f": {said(profile.ends or UNKNOWN_END)}", *page


def _standards(profile: Profile, occurrences: Occurrences) -> Line:
    cases = standards(profile, occurrences.name, occurrences.surface, is_elsewhere=occurrences.files > 0)
    pieces: list[Piece] = [Strong(said("Standards")), ": "]
    for number, case in enumerate(cases):
        pieces += [", " if number else "", MarkupLink(case.name, case.page)]
    return tuple(pieces)


def _stored(reference: Reference, stored: StoredDetails, now: float) -> Iterator[Line]:
    if stored.refusal:
        yield Strong(said("It does not resolve here")), f": {stored.refusal}"
        return
    if stored.since is None:
        store = said("store a token with")
        yield Strong(said("Nothing is stored")), f": {store} ", Code(f"tokenward put {reference.name}")
        return
    yield Strong(said("Stored")), ": ", ", ".join(filter(None, [stored.provider, _vault(stored)]))
    yield from _history(stored, now)
    yield (
        Strong(said("Who can use it")),
        ": ",
        Code("tokenward run"),
        f" {said('in this workspace, {name}', name=reference.workspace)}",
    )
    yield from lease_lines(stored.lease, now)


def _history(stored: StoredDetails, now: float) -> Iterator[Line]:
    if stored.since is not None:
        yield Strong(said("Added")), f": {ago(stored.since.timestamp(), now)}"
    yield (
        Strong(said("Last used")),
        f": {ago(stored.used.timestamp(), now) if stored.used else said('never, according to the ledger')}",
    )


def _vault(stored: StoredDetails) -> str:
    if stored.file:
        return said("the encrypted file {file}", file=stored.file)
    if stored.by_editor:
        return said("the editor's secret storage")
    named = {"darwin": phrase("the macOS Keychain"), "win32": phrase("the Windows Credential Manager")}
    return said(named.get(sys.platform, phrase("the OS keyring")))
