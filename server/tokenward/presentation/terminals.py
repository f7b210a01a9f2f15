"""What is said of tokens that terminals print, and what can be done about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lsprotocol import types

from tokenward.detection.rules.profiles import profile_of
from tokenward.findings.index import DocumentFindings
from tokenward.model import Finding, Reference
from tokenward.names import (
    COMMAND_FIND,
    COMMAND_FORGET,
    COMMAND_STORE,
)
from tokenward.places import shown
from tokenward.presentation.diagnostics import MOST_IN_A_FILE, Manner, ToRange, ToRelated, diagnostics
from tokenward.presentation.hover import Setting, of_finding
from tokenward.presentation.markup import Strong, Text
from tokenward.presentation.profile_words import has_expired, matters
from tokenward.presentation.quick_fixes import provider_fixes, quick_fix

SHOWN = "was shown in a terminal."
FIND_TITLE = "Find this token in the workspace"
FORGET_TITLE = "Forget this token"
CLEAR_TITLE = "Clear terminal"
TOO_FAST = "The rest of this output was not looked at, because it came faster than it could be; scan what it came from."
TOO_SLOW = "The rest of this output was not looked at, because that took too long; scan what it came from."
NOWHERE = "This token stands in no file that was looked at in the open folders."
GONE = "Nothing of this output is kept any longer.\n"
NOT_WHOLE = "Where this token begins or ends is not certain; store it by `tokenward put NAME`."
NO_FOLDER = "No folder is open whose token this could be; open one first."
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class TerminalOffer:
    """What can be done about a token that a terminal printed.

    Attributes:
        finding: the token in its transcript.
        token: what a person calls it.
        name: what it would be called in the keyring; None when it cannot be stored.
        checkable: its provider can be asked whether it works.
        revocable: its provider can be asked to end it.
        page: where its user can end it; empty when that is not known.
    """

    finding: Finding
    token: str
    name: str | None
    checkable: bool
    revocable: bool
    page: str


def terminal_diagnostics(
    found: DocumentFindings, manner: Manner, to_range: ToRange, to_related: ToRelated
) -> list[types.Diagnostic]:
    """What an editor shows of a transcript."""
    made = diagnostics(found, manner, to_range, to_related, MOST_IN_A_FILE)
    # Notes come after the findings.
    for diagnostic, finding in zip(made, found.findings[:MOST_IN_A_FILE], strict=False):
        diagnostic.message = _message(finding, manner.now)
    return made


def _message(finding: Finding, now: float) -> str:
    profile = profile_of(finding.rule, finding.claims)
    remedy = "Store it in the keyring, clear the terminal, and revoke it if others could see it."
    is_over = has_expired(profile, now)
    parts = [f"{finding.label} {SHOWN}", matters(profile, now), "" if is_over else remedy]
    return " ".join(filter(None, parts))


def hover_text(finding: Finding, setting: Setting, now: float) -> Text:
    """What a token can do, where else it stands and how to end it; `now` in seconds since 1970."""
    return replace(of_finding(finding, setting, now), title=(Strong(finding.label), f" {SHOWN}"))


def terminal_actions(
    offer: TerminalOffer, uri: str, version: int, diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """The quick fixes for one token; each carries enough to know it again, and no value."""
    finding = offer.finding
    here = {
        "uri": uri,
        "version": version,
        "fingerprint": finding.fingerprint,
        "line": finding.start.line,
        "column": finding.start.column,
    }
    if offer.name:
        title = f"Store this {offer.token} in the keyring as {offer.name}"
        yield quick_fix(title, COMMAND_STORE, {**here, "name": offer.name}, diagnostics, preferred=True)
    yield from provider_fixes(offer, here, diagnostics)
    yield quick_fix(FIND_TITLE, COMMAND_FIND, here, diagnostics)
    yield quick_fix(FORGET_TITLE, COMMAND_FORGET, here, diagnostics)


def stored(token: str, reference: Reference, env_file: str, *, made: bool) -> str:
    """That a token is in the keyring, and how it is used there."""
    what = f"Stored the {token}" if made else f"The {token} was already stored"
    return (
        f"{what} in the keyring as {reference}. To use it, write `{reference.name}={reference}` into {shown(env_file)} "
        "and start the program by `tokenward run -- COMMAND`. What scrolled by in the terminal still shows the token."
    )


def shown_outside(command: str, labels: Sequence[str]) -> str:
    """That a command elsewhere showed tokens, which are named by their labels."""
    more = f" and {len(labels) - 1:,} more" if len(labels) > 1 else ""
    shown_there = f"`{command}` showed a token in a terminal: {labels[0]}{more}."
    return f"{shown_there} Clear the terminal, and revoke what others saw."


def stands_in(places: Sequence[tuple[str, int]], files: int) -> str:
    """Where else a token stands; each place is a file's name and a line from 0."""
    named = [f"{shown(name)}, line {line + 1:,}" for name, line in places[:MOST_NAMED]]
    more = (
        f"; {files:,} files hold it in all" if files > len({name for name, _ in places[:MOST_NAMED]}) else ""
    )
    return f"This token also stands in {'; '.join(named)}{more}."


def too_large(limit: int) -> str:
    return (
        f"The rest of this output was not looked at, because more than {limit:,} characters came at once; scan what it "
        "came from."
    )


def failed(reason: str) -> str:
    return (
        f"The rest of this output was not looked at because of an unexpected {reason}; scan what it came from, and "
        "report that."
    )
