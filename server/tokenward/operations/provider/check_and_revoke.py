"""Checks and revokes a token at its provider, after the user has confirmed.

A revocation is recorded before it is sent, so no crash hides it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.validation import requests
from tokenward.detection.validation.requests import CheckResult, Revocation, RevocationOutcome
from tokenward.errors import StateDamaged
from tokenward.language import either
from tokenward.model import Fingerprint, Reference
from tokenward.operations.context import Context
from tokenward.operations.provider.subject import ProviderQuestion, require_sure
from tokenward.operations.recording import may_stay_unrecorded, note
from tokenward.places import shown

_EVENTS = {
    RevocationOutcome.REVOKED: Event.REVOKED,
    RevocationOutcome.REFUSED: Event.REVOCATION_REFUSED,
    RevocationOutcome.UNKNOWN: Event.REVOCATION_UNKNOWN,
    RevocationOutcome.DEAD_BEFORE: Event.REVOCATION_NOT_SENT,
    RevocationOutcome.NOT_SENT: Event.REVOCATION_NOT_SENT,
}


def check(context: Context, question: ProviderQuestion, cancellation: Cancellation) -> CheckResult:
    """Send the token to the provider's hosts for checks, and record the answer; blocks.

    Raises:
        TokenwardError: it is not certain which host the token would reach.
    """
    way = question.way
    assert way is not None  # noqa: S101 - a caller shows its hosts first
    require_sure(way.check)
    answer = requests.check(way, cancellation)
    detail = {"rule": way.rule, "hosts": [host.name for host in way.check], "outcome": answer.outcome.value}
    token = (question.reference, question.fingerprint, question.origin)
    note(context, "this check", NewRecord(Event.CHECKED, *token, None, detail))
    return answer


def revoke(context: Context, question: ProviderQuestion, cancellation: Cancellation) -> Revocation:
    """Have the provider revoke the token permanently; blocks.

    Raises:
        StateDamaged: it could not be recorded, so nothing was sent.
        TokenwardError: it is not certain which host the token would reach.
    """
    way = question.way
    assert way is not None  # noqa: S101 - a caller shows its hosts first
    require_sure(way.revoke)
    detail = {"rule": way.rule, "hosts": [host.name for host in way.revoke], "token": question.token}
    number = context.ledger.begin_revocation(
        question.fingerprint, question.origin, question.reference, detail
    )
    revocation = requests.revoke(way, cancellation)
    # If this fails, it stays open, and the next start says so.
    with may_stay_unrecorded(context, "the result of this revocation"):
        context.ledger.end_revocation(number, _EVENTS[revocation.ending], revocation.ending.value)
    return revocation


def references_to(context: Context, fingerprint: Fingerprint) -> tuple[Reference, ...]:
    """Return the keyring's entries that hold a token, or none if the records cannot be read."""
    # The user must see the answer in any case.
    with contextlib.suppress(StateDamaged):
        return tuple(entry.reference for entry in context.entries.all() if entry.fingerprint == fingerprint)
    return ()


def recover_revocations(context: Context) -> Iterator[str]:
    """Yield a sentence, once, for each revocation whose process died, because its outcome is unknown."""
    for record in context.ledger.open_revocations():
        token, hosts = record.detail.get("token"), record.detail.get("hosts")
        names = [str(host) for host in hosts] if isinstance(hosts, list) else []
        at = f" at {either([*map(shown, names)])}" if names else ""
        # Another process may be reporting it at the same time.
        if context.ledger.end_revocation(record.id, Event.REVOCATION_UNKNOWN, "cut off"):
            yield (
                f"The revocation of the {shown(str(token))}{at}, begun at {record.time:%Y-%m-%d %H:%M} UTC, was "
                "interrupted, so it is not known whether the token is revoked; check whether it still works."
            )
