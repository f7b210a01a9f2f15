"""The lease of a token, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.custody.callers.services import spoken
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import Terms, is_ending
from tokenward.phrases import counted, either, listed, moment, span
from tokenward.places import shown
from tokenward.presentation.language import phrase, said
from tokenward.presentation.markup import Code, Line, MarkupText, Strong

SOON = 3_600
"""Seconds before its end from which a lease is shown at its reference."""
_SESSIONS = {
    "editor": "the editor session ends",
    "login": "the login session ends",
    "boot": "the machine is shut down",
}
AT_END = {
    True: "then it is deleted from the keyring",
    False: "then it is refused, but stays in the keyring",
}
_ASKS = {"session": "once per session, for each program", "always": "each time"}


def of_lease(reference: Reference, terms: Terms, now: float) -> MarkupText:
    """Return a lease with its reference as the title."""
    return MarkupText((Code(str(reference)),), tuple(lease_lines(terms, now)))


def lease_lines(terms: Terms, now: float) -> Iterator[Line]:
    """Yield what a lease permits; `now` is in seconds since 1970."""
    yield Strong("May be used"), f": {_span(terms, now)}"
    if terms.uses is not None:
        yield Strong("Uses left"), f": {terms.uses:,}"
    if terms.programs:
        first, *others = terms.programs
        pieces = [piece for path in others for piece in (", ", Code(shown(path)))]
        yield Strong("Only for"), ": ", Code(shown(first)), *pieces
    if terms.starters:
        yield Strong("Only if started by"), f": {either(spoken(terms.starters))}"
    if terms.confirm in _ASKS:
        yield Strong("Approval by a person"), f": {_ASKS[terms.confirm]}"
    if is_ending(terms):
        yield Strong("At its end"), f": {AT_END[terms.erases].removeprefix('then ')}"


def cell(terms: Terms) -> str:
    """Return a lease for a table cell."""
    if terms.over:
        return f"ended: {terms.over}" + ("; will be deleted" if terms.erases else "")
    parts = [
        f"until {moment(terms.expires)}" if terms.expires is not None else "",
        f"until {_SESSIONS[terms.session]}" if terms.session else "",
        counted(terms.uses, "use") if terms.uses is not None else "",
        counted(len(terms.programs), "program") if terms.programs else "",
        f"only by {listed(spoken(terms.starters))}" if terms.starters else "",
        f"asks {_ASKS[terms.confirm]}" if terms.confirm in _ASKS else "",
        "then deleted" if terms.erases else "",
    ]
    return "; ".join(filter(None, parts)) or "no limit"


def note(reference: Reference, terms: Terms, now: float) -> str:
    """Return the note at a reference; empty if its lease does not end soon."""
    if terms.over:
        why = f"The lease of {reference.name} has ended, because {terms.over}, so no program can use it."
        return f"{why} {_renewal(reference, terms)}"
    if terms.expires is not None and terms.expires - now <= SOON:
        return f"The lease of {reference.name} ends on {moment(terms.expires)}. {_renewal(reference, terms)}"
    return ""


def _renewal(reference: Reference, terms: Terms) -> str:
    renewal = f"Renew it with `tokenward lease {reference.name} --for 8h"
    if terms.erases:
        return f"{renewal} --keep`, or the token will be deleted from the keyring."
    return (
        f"{renewal}`, or delete the token with `tokenward rm {reference.name}`."
        if terms.over
        else f"{renewal}`."
    )


def stored_end(terms: Terms) -> str:
    """Return a sentence on the end of the lease of a token that was just stored; empty if it does not end."""
    return f"Its lease ends {end(terms)}; {AT_END[terms.erases]}." if is_ending(terms) else ""


def replaced_end(reference: Reference, terms: Terms, now: float) -> str:
    """Return a sentence on the lease of a token whose value was replaced; empty if it does not end."""
    return note(reference, terms, now) if terms.over else stored_end(terms)


def erasing(reference: Reference, terms: Terms) -> str:
    """Return the warning before a token is set to be deleted at the end of its lease."""
    text = f"The lease of {reference} ends {end(terms)}; then the token is deleted from the keyring, without a copy."
    memory = " Until then, some keyrings keep it only in memory and lose it when they restart."
    return text + memory if terms.session == "login" else text


def end(terms: Terms) -> str:
    """Return when a lease ends; empty if it does not."""
    ends = [
        f"on {moment(terms.expires)}" if terms.expires is not None else "",
        f"when {_SESSIONS[terms.session]}" if terms.session else "",
        f"after {counted(terms.uses, 'use')}" if terms.uses is not None else "",
    ]
    return ", or ".join(filter(None, ends))


def _span(terms: Terms, now: float) -> str:
    if terms.over:
        return f"no longer, because {terms.over}"
    ends = [
        f"until {moment(terms.expires)}, in {span(terms.expires - now)}" if terms.expires is not None else "",
        f"until {_SESSIONS[terms.session]}" if terms.session else "",
    ]
    return ", and ".join(filter(None, ends)) or "without a time limit"


EDITOR_LIMITS = {
    "1h": phrase("for 1 hour"),
    "8h": phrase("for 8 hours"),
    "editor": phrase("until this editor session ends"),
}
ASK_ALWAYS = "always"


def limit_title(reference: Reference, limit: str) -> str:
    """Return the title of a code action for a reference."""
    if limit == ASK_ALWAYS:
        return said("Ask each time before {name} is used", name=reference.name)
    return said("Let {name} be used {time}", name=reference.name, time=said(EDITOR_LIMITS[limit]))


def limited(reference: Reference, limit: str) -> str:
    """Return the message after that code action."""
    if limit == ASK_ALWAYS:
        return said("You will be asked each time before {name} is used.", name=reference.name)
    return said(
        "{name} may be used {time}; then it is refused, but stays in the keyring.",
        name=reference.name,
        time=said(EDITOR_LIMITS[limit]),
    )
