"""What is said before a provider is asked about a token, and after."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.detection.validation.requests import CheckOutcome, CheckResult, Revocation, RevocationOutcome
from tokenward.model import Profile, Reference
from tokenward.phrases import either
from tokenward.places import shown

CHECK_TITLE = "Check whether this token still works"
REVOKE_TITLE = "Revoke this token…"
PAGE_TITLE = "Open the provider's page to revoke this token"
REVOKE_FOR_GOOD = "Revoke it for good"
MOST_NAMED = 3


def hosts_named(hosts: Sequence[object]) -> str:
    """Return all hosts, for a sentence; none is left out, since each may get the token."""
    return either([shown(host) for host in hosts])


def check_question(token: str, hosts: Sequence[object], rule: str, *, is_brought: bool) -> str:
    asked = f"Check whether the {token} still works? It is used to sign in to {hosts_named(hosts)}, and nowhere else."
    return asked + _brought(rule, is_brought=is_brought)


def check_choice(hosts: Sequence[object]) -> str:
    return f"Ask {hosts_named(hosts)}"


def revoke_question(token: str, hosts: Sequence[object]) -> str:
    return (
        f"Revoke the {token}? It is used to sign in to {hosts_named(hosts)}, and nowhere else, and is ended there for "
        "everybody who has it."
    )


def revoke_choice(hosts: Sequence[object]) -> str:
    return f"Revoke at {hosts_named(hosts)}"


def revoke_confirmation(token: str) -> str:
    return f"This cannot be undone: whatever still uses the {token} stops working. Revoke it?"


def _brought(rule: str, *, is_brought: bool) -> str:
    return f" So says the rule {shown(rule)}, which this workspace may have brought." if is_brought else ""


def checked(token: str, hosts: Sequence[object], answer: CheckResult) -> str:
    if answer.outcome is CheckOutcome.WORKS:
        return f"The {token} works: {hosts_named(hosts)} accepted it."
    if answer.outcome is CheckOutcome.DEAD:
        return f"The {token} does not work, says {hosts_named(hosts)}."
    return f"Whether the {token} works could not be told: {answer.why}."


def revoked(
    token: str,
    hosts: Sequence[object],
    revocation: Revocation,
    profile: Profile,
    *,
    places: Sequence[str] = (),
    references: Sequence[Reference] = (),
) -> str:
    """What became of a revocation.

    Args:
        token: its label.
        hosts: whom it went to.
        revocation: the outcome.
        profile: how else it can be ended.
        places: the texts where it still stands.
        references: what still leads to it.
    """
    named, why = hosts_named(hosts), revocation.why
    if revocation.ending is RevocationOutcome.REVOKED:
        return _joined(f"The {token} is revoked, says {named}.", _left(places, references))
    if revocation.ending is RevocationOutcome.DEAD_BEFORE:
        text = f"The {token} did not work any more, says {named}, so there was nothing to revoke."
        return _joined(text, _left(places, references))
    if revocation.ending is RevocationOutcome.REFUSED:
        return _joined(f"{named} did not revoke the {token}: {why}.", "It may still work.", by_hand(profile))
    if revocation.ending is RevocationOutcome.UNKNOWN:
        text = f"Whether the {token} was revoked is not known: {why}."
        return _joined(text, "Check whether it still works.", by_hand(profile))
    return _joined(f"The {token} was not revoked, and nothing was changed: {why}.", by_hand(profile))


def cannot_ask(token: str, profile: Profile, *, revoking: bool) -> str:
    """That there is no way, and what can be done by hand."""
    what = "revoke" if revoking else "check"
    text = f"Tokenward knows no way to {what} the {token} for you."
    return _joined(text, by_hand(profile) if revoking else "")


def by_hand(profile: Profile) -> str:
    """How its user ends it, as far as that is known; empty when it is not."""
    page = f"The page for that is {profile.page}" if profile.page else ""
    return _joined(profile.ends, page)


def cannot_show(verb: str) -> str:
    return f"This editor cannot ask you before a token is sent anywhere; use `tokenward {verb} FILE:LINE`."


BUSY = "This token is being asked about already; wait for the answer."


def page_told(page: str) -> str:
    return f"The page to revoke it is {page}"


def _left(places: Sequence[str], references: Sequence[Reference]) -> str:
    """Where the dead value still stands."""
    named = [shown(place) for place in places[:MOST_NAMED]]
    if len(places) > MOST_NAMED:
        named.append(f"{len(places) - MOST_NAMED:,} more")
    stands = f"It still stands in {_and(named)}; delete it there." if named else ""
    kept = _and([str(reference) for reference in references])
    leads = f"{kept} now leads to a dead token; store a new one in its place." if references else ""
    return _joined(stands, leads)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
