"""The lease of a token, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenward.custody.callers.starters import spoken
from tokenward.language import counted, either, listed, moment, phrase, said, span
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import Terms, is_ending
from tokenward.places import shown
from tokenward.presentation.markup import Code, Line, MarkupText, Strong

SOON = 3_600
"""Seconds before its end from which a lease is shown at its reference."""
SESSION_ENDS = {
    "editor": phrase("the editor session ends"),
    "login": phrase("the login session ends"),
    "boot": phrase("the machine is shut down"),
}
MOST_HOSTS = 6
_AT_END = phrase("then it is refused, but stays in the keyring")
_ASKS = {"session": phrase("once per session, for each program"), "always": phrase("each time")}
EDITOR_LIMITS = {
    "1h": phrase("for 1 hour"),
    "8h": phrase("for 8 hours"),
    "editor": phrase("until this editor session ends"),
}
ASK_ALWAYS = "always"


def of_lease(reference: Reference, terms: Terms, now: float) -> MarkupText:
    """Return a lease with its reference as the title."""
    return MarkupText((Code(str(reference)),), tuple(lease_lines(terms, now)))


def lease_lines(terms: Terms, now: float) -> Iterator[Line]:
    """Yield what a lease permits; `now` is in seconds since 1970."""
    yield Strong(said("May be used")), f": {_span(terms, now)}"
    if terms.uses is not None:
        yield Strong(said("Uses left")), f": {terms.uses:,}"
    if terms.programs:
        first, *others = terms.programs
        pieces = [piece for path in others for piece in (", ", Code(shown(path)))]
        yield Strong(said("Only for")), ": ", Code(shown(first)), *pieces
    if terms.starters:
        yield Strong(said("Only if started by")), f": {either(spoken(terms.starters))}"
    if terms.confirm in _ASKS:
        yield Strong(said("Approval by a person")), f": {said(_ASKS[terms.confirm])}"
    if terms.hosts:
        yield host_line(terms.hosts)
    if is_ending(terms):
        yield Strong(said("At its end")), f": {said(_AT_END).removeprefix('then ')}"


def host_line(hosts: Sequence[str]) -> Line:
    """Return the hosts that a token is for."""
    return Strong(said("Goes to")), f": {listed(hosts, MOST_HOSTS)}"


def cell(terms: Terms) -> str:
    """Return a lease for a table cell."""
    if terms.over:
        return said("ended: {over}", over=said(terms.over))
    parts = [
        said("until {time}", time=moment(terms.expires)) if terms.expires is not None else "",
        said("until {event}", event=said(SESSION_ENDS[terms.session])) if terms.session else "",
        counted(terms.uses, "use") if terms.uses is not None else "",
        counted(len(terms.programs), "program") if terms.programs else "",
        said("only by {starters}", starters=listed(spoken(terms.starters))) if terms.starters else "",
        said("asks {often}", often=said(_ASKS[terms.confirm])) if terms.confirm in _ASKS else "",
    ]
    return "; ".join(filter(None, parts)) or said("no limit")


def note(reference: Reference, terms: Terms, now: float) -> str:
    """Return the note at a reference; empty if its lease does not end soon."""
    if terms.over:
        text = phrase("The lease of {name} has ended, because {over}, so no program can use it.")
        why = said(text, name=reference.name, over=said(terms.over))
        return f"{why} {_renewal(reference, terms)}"
    if terms.expires is not None and terms.expires - now <= SOON:
        end = said("The lease of {name} ends on {time}.", name=reference.name, time=moment(terms.expires))
        return f"{end} {_renewal(reference, terms)}"
    return ""


def _renewal(reference: Reference, terms: Terms) -> str:
    text = phrase("Renew it with `tokenward lease {name} --for 8h`.")
    if terms.over:
        text = phrase(
            "Renew it with `tokenward lease {name} --for 8h`, or delete the token with `tokenward rm {name}`."
        )
    return said(text, name=reference.name)


def stored_end(terms: Terms) -> str:
    """Return a sentence on the end of the lease of a token that was just stored; empty if it does not end."""
    if not is_ending(terms):
        return ""
    return said("Its lease ends {end}; {then}.", end=end(terms), then=said(_AT_END))


def replaced_end(reference: Reference, terms: Terms, now: float) -> str:
    """Return a sentence on the lease of a token whose value was replaced; empty if it does not end."""
    return note(reference, terms, now) if terms.over else stored_end(terms)


def end(terms: Terms) -> str:
    """Return when a lease ends; empty if it does not."""
    ends = [
        said("on {time}", time=moment(terms.expires)) if terms.expires is not None else "",
        said("when {event}", event=said(SESSION_ENDS[terms.session])) if terms.session else "",
        said("after {uses}", uses=counted(terms.uses, "use")) if terms.uses is not None else "",
    ]
    return said(", or ").join(filter(None, ends))


def _span(terms: Terms, now: float) -> str:
    if terms.over:
        return said("no longer, because {over}", over=said(terms.over))
    ends = [
        said("until {time}, in {span}", time=moment(terms.expires), span=span(terms.expires - now))
        if terms.expires is not None
        else "",
        said("until {event}", event=said(SESSION_ENDS[terms.session])) if terms.session else "",
    ]
    return said(", and ").join(filter(None, ends)) or said("without a time limit")


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
