"""Texts for checking and revoking a token at its provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tokenward.detection.validation.requests import CheckOutcome, CheckResult, Revocation, RevocationOutcome
from tokenward.language import counted, either, listed, phrase, said
from tokenward.model import Profile, Reference
from tokenward.places import shown

REVOKE_FOR_GOOD = phrase("Revoke it for good")
MOST_NAMED = 3
NOTHING_SEEN = phrase("No token that an AI agent has seen can be revoked from here.")
OLD_IS_UNKNOWN = phrase("The old value may still work; revoke it where it was created.")


def hosts_named(hosts: Sequence[object]) -> str:
    """Return all hosts for a sentence; none is left out, because each may get the token."""
    return either([shown(host) for host in hosts])


def check_question(token: str, hosts: Sequence[object], rule: str, *, is_brought: bool) -> str:
    """Return the question before a token is checked."""
    text = said(
        "Check whether the {token} still works? It will be sent to {hosts} and nowhere else.",
        token=token,
        hosts=hosts_named(hosts),
    )
    brought = said("The rule {rule} names the host; it may come from this workspace.", rule=shown(rule))
    return f"{text} {brought}" if is_brought else text


def check_choice(hosts: Sequence[object]) -> str:
    """Return the title of the answer that agrees to a check."""
    return said("Ask {hosts}", hosts=hosts_named(hosts))


def revoke_question(token: str, hosts: Sequence[object]) -> str:
    """Return the first question before a token is revoked."""
    return said(
        "Revoke the {token}? It will be sent to {hosts} and nowhere else, and will stop working for everybody who has "
        "it.",
        token=token,
        hosts=hosts_named(hosts),
    )


def revoke_seen_question(tokens: Sequence[str], hosts: Sequence[object]) -> str:
    """Return the question before all tokens that an AI agent has seen are revoked; it names each."""
    numbers = Counter(tokens)
    named = [one if number == 1 else f"{one} ({number:,})" for one, number in numbers.items()]
    return said(
        "Revoke what AI agents have seen: {tokens}? Each token will be sent only to its own provider, at {hosts}. This "
        "cannot be undone: everything that still uses them will stop working.",
        tokens=listed(named),
        hosts=hosts_named(hosts),
    )


def revoke_seen_choice(count: int) -> str:
    """Return the title of the answer that agrees to all these revocations."""
    return said("Revoke {tokens} for good", tokens=counted(count, "token"))


def not_revoked(token: str, why: str) -> str:
    """Return that a token was not sent to its provider."""
    return said("The {token} was not revoked: {why}", token=token, why=why)


def seen_by_hand(labels: Sequence[str]) -> str:
    """Return that some of the tokens that an AI agent has seen cannot be revoked from here."""
    return said(
        "Revoke these where they were created, because Tokenward cannot: {labels}.", labels=listed(labels)
    )


def revoke_choice(hosts: Sequence[object]) -> str:
    """Return the title of the answer that agrees to a revocation."""
    return said("Revoke at {hosts}", hosts=hosts_named(hosts))


def revoke_confirmation(token: str) -> str:
    """Return the second question before a token is revoked."""
    return said(
        "This cannot be undone: everything that still uses the {token} will stop working. Revoke it?",
        token=token,
    )


def checked(token: str, hosts: Sequence[object], answer: CheckResult) -> str:
    """Return the result of a check."""
    values = {"token": token, "hosts": hosts_named(hosts)}
    if answer.outcome is CheckOutcome.WORKS:
        return said("The {token} works: {hosts} accepted it.", **values)
    if answer.outcome is CheckOutcome.DEAD:
        return said("The {token} does not work: {hosts} rejected it.", **values)
    return said(
        "Tokenward could not find out whether the {token} works: {why}.", token=token, why=said(answer.why)
    )


def revoked(
    token: str,
    hosts: Sequence[object],
    revocation: Revocation,
    profile: Profile,
    *,
    places: Sequence[str] = (),
    references: Sequence[Reference] = (),
) -> str:
    """Return the result of a revocation; `places` still contain the token, and `references` resolve to it."""
    values = {"token": token, "hosts": hosts_named(hosts), "why": said(revocation.why)}
    if revocation.ending is RevocationOutcome.REVOKED:
        return _joined(said("{hosts} revoked the {token}.", **values), _left(places, references))
    if revocation.ending is RevocationOutcome.DEAD_BEFORE:
        text = said("There was nothing to revoke: {hosts} says that the {token} no longer works.", **values)
        return _joined(text, _left(places, references))
    if revocation.ending is RevocationOutcome.REFUSED:
        text = said("{hosts} did not revoke the {token}: {why}. It may still work.", **values)
    elif revocation.ending is RevocationOutcome.UNKNOWN:
        text = said(
            "It is unknown whether the {token} was revoked: {why}. Check whether it still works.", **values
        )
    else:
        text = said("The {token} was not revoked; nothing was changed: {why}.", **values)
    return _joined(text, by_hand(profile))


def cannot_ask(token: str, profile: Profile, *, revoking: bool) -> str:
    """Return that Tokenward cannot do this, and how to do it by hand."""
    cannot = phrase("Tokenward cannot revoke the {token}.")
    text = said(cannot if revoking else phrase("Tokenward cannot check the {token}."), token=token)
    return _joined(text, by_hand(profile) if revoking else "")


def by_hand(profile: Profile) -> str:
    """Return how the user can revoke a token by hand; empty if that is unknown."""
    page = said("Do it at {page}", page=profile.page) if profile.page else ""
    return _joined(said(profile.ends), page)


def old_may_work(token: str, profile: Profile) -> str:
    """Return that a replaced token was not revoked, and how to do it by hand."""
    return _joined(
        said("The old {token} may still work; revoke it once nothing else uses it.", token=token),
        by_hand(profile),
    )


def page_text(page: str) -> str:
    """Return the message with the page for revoking a token."""
    return said("Revoke the token at {page}", page=page)


def _left(places: Sequence[str], references: Sequence[Reference]) -> str:
    """Return where the dead value remains."""
    named = listed(list(map(shown, places)), MOST_NAMED)
    in_files = said("It is still in {files}; delete it there.", files=named) if places else ""
    stored = listed(list(map(str, references)))
    dead = phrase("{references} now resolves to a dead token; store a new one in its place.")
    return _joined(in_files, said(dead, references=stored) if references else "")


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
