"""What is known of a finding or a reference, as a hover; never a value."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tokenward.detection.rules.profiles import profile_of
from tokenward.model import Finding, Profile, Reference, Surface
from tokenward.operations.stored.details import StoredDetails
from tokenward.phrases import ago, counted
from tokenward.presentation import wording
from tokenward.presentation.leases import lease_lines
from tokenward.presentation.markup import Code, Line, Link, Piece, Strong, Text
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

MOST_FACTS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a token stands.

    Attributes:
        name: its file, as a person in the workspace calls it.
        line: from 0.
        uri: of its document or file.
    """

    name: str
    line: int
    uri: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a finding stands, and where else its token does.

    Attributes:
        name: the file, with `/` between folders; empty for none.
        surface: where the text was seen.
        here: how many more times the token stands in the same document.
        files: how many other documents and files it stands in.
        first: the first of all these places.
    """

    name: str
    surface: Surface
    here: int = 0
    files: int = 0
    first: Sequence[Place] = ()


def of_finding(finding: Finding, setting: Setting, now: float) -> Text:
    """What a token can do, for how long, where else it stands and how to end it; `now` in seconds since 1970."""
    profile = profile_of(finding.rule, finding.claims)
    title = (Strong(finding.label), f" {wording.IN_PLAIN_TEXT}")
    lines = [*_profile(profile, now), *_elsewhere(setting), *_what_to_do(finding, profile, now)]
    return Text(title, (*lines, _rule(finding.rule), _standards(profile, setting)))


def of_reference(reference: Reference, stored: StoredDetails, now: float) -> Text:
    """Where a reference's value is, since when, and who may have it; `now` in seconds since 1970."""
    title = (Code(str(reference)), " stands for a token.")
    return Text(title, tuple(_stored(reference, stored, now)))


def of_candidate(reference: Reference, stored: StoredDetails, now: float) -> Text:
    """The same in short, of a reference that can be written."""
    lines = (*_history(stored, now), *lease_lines(stored.lease, now))
    return Text((Code(str(reference)), " stands for a token."), lines)


def _profile(profile: Profile, now: float) -> Iterator[Line]:
    yield Strong("Authority"), f": {profile.scope or UNKNOWN_SCOPE}"
    yield Strong("Lifetime"), ": ", " ".join([f"{persistence(profile)}.", *dates(profile, now)])
    yield Strong("A copy"), f": {reach(profile)}"
    if profile.harmless:
        yield Strong("Alone"), ": it opens nothing"
    if profile.claims.checksum is not None:
        fits = "fits" if profile.claims.checksum else "does not fit, so it is probably no token"
        yield Strong("Checksum"), f": {fits}"
    if profile.claims.facts:
        yield Strong("It says of itself"), ": ", *_facts(profile)


def _facts(profile: Profile) -> Iterator[Piece]:
    for number, (name, value) in enumerate(profile.claims.facts[:MOST_FACTS]):
        yield f"{', ' if number else ''}{name} "
        yield Code(value)


def _elsewhere(setting: Setting) -> Iterator[Line]:
    counts = [
        f"{counted(setting.here, 'more place')} in this document" if setting.here else "",
        counted(setting.files, "other file") if setting.files else "",
    ]
    if any(counts):
        yield (
            Strong("The same token"),
            f" stands in {' and '.join(filter(None, counts))}: ",
            *_places(setting.first),
            "." if len(setting.first) >= setting.here + setting.files else " …",
        )


def _places(places: Sequence[Place]) -> Iterator[Piece]:
    for number, place in enumerate(places):
        yield ", " if number else ""
        text = f"{place.name}:{place.line + 1}"
        is_file = place.uri.startswith("file:") and "#" not in place.uri
        yield Link(text, f"{place.uri}#L{place.line + 1}") if is_file else text


def _what_to_do(finding: Finding, profile: Profile, now: float) -> Iterator[Line]:
    label = Strong("What to do")
    if has_expired(profile, now):
        yield label, ": it no longer works, so delete it."
        return
    doubt = "" if finding.whole else f" {wording.NOT_WHOLE}"
    yield label, f": move it to the keyring, then end it, for it may have been read where it stood.{doubt}"
    yield Strong("How it ends"), f": {profile.ends or UNKNOWN_END}", *_page(profile.page)


def _page(page: str) -> Iterator[Piece]:
    if page.startswith("https://"):
        yield " "
        yield Link(page.removeprefix("https://"), page)


def _rule(rule: str) -> Line:
    page = page_of(rule)
    return Strong("Rule"), ": ", Link(rule, page) if page else Code(rule)


def _standards(profile: Profile, setting: Setting) -> Line:
    cases = standards(profile, setting.name, setting.surface, is_elsewhere=setting.files > 0)
    pieces: list[Piece] = [Strong("Standards"), ": "]
    for number, case in enumerate(cases):
        pieces += [", " if number else "", Link(case.name, case.page)]
    return tuple(pieces)


def _stored(reference: Reference, stored: StoredDetails, now: float) -> Iterator[Line]:
    if stored.refusal:
        yield Strong("It does not resolve here"), f": {stored.refusal}"
        return
    if stored.since is None:
        yield (
            Strong("Nothing is stored"),
            " under it, as far as the records say; store it by ",
            Code(f"tokenward put {reference.name}"),
            ".",
        )
        return
    whose = f", a token of {stored.provider}," if stored.provider else ""
    yield Strong("Kept"), f"{whose} in {_vault(stored)}"
    yield from _history(stored, now)
    yield (
        Strong("Who may have it"),
        ": what ",
        Code("tokenward run"),
        f" starts in the workspace {reference.workspace}, which this is",
    )
    yield from lease_lines(stored.lease, now)


def _history(stored: StoredDetails, now: float) -> Iterator[Line]:
    if stored.since is not None:
        yield Strong("Stored"), f" {ago(stored.since.timestamp(), now)}"
    yield (
        Strong("Last used"),
        f" {ago(stored.used.timestamp(), now)}" if stored.used else ": never, by the ledger",
    )


def _vault(stored: StoredDetails) -> str:
    if stored.file:
        return f"the encrypted file {stored.file}"
    if stored.by_editor:
        return "the editor's secret storage"
    named = {"darwin": "the macOS Keychain", "win32": "the Windows Credential Manager"}
    return named.get(sys.platform, "the OS keyring")
