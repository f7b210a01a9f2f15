"""Revoking one token at its provider, once somebody has said yes twice; announced before, so that no crash hides it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from tokenward.custody.ledger.events import Event
from tokenward.detection.rules.limits import Cancellation
from tokenward.detection.validation import requests
from tokenward.detection.validation.requests import Ending, Revocation
from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint, Reference
from tokenward.operations.context import Context
from tokenward.operations.provider.subject import Question, require_sure
from tokenward.operations.recording import unrecorded
from tokenward.phrases import either
from tokenward.places import shown

_EVENTS = {
    Ending.REVOKED: Event.REVOKED,
    Ending.REFUSED: Event.REVOCATION_REFUSED,
    Ending.UNKNOWN: Event.REVOCATION_UNKNOWN,
    Ending.DEAD_BEFORE: Event.REVOCATION_NOT_SENT,
    Ending.NOT_SENT: Event.REVOCATION_NOT_SENT,
}


def revoke(context: Context, question: Question, cancellation: Cancellation) -> Revocation:
    """Have the provider end the token for good; blocks.

    Raises:
        StateDamaged: it could not be announced, so nothing was sent.
        TokenwardError: whom it would reach is not sure.
    """
    way = question.way
    assert way is not None  # noqa: S101 - a caller shows its hosts first
    require_sure(way.revoke)
    detail = {"rule": way.rule, "hosts": [host.name for host in way.revoke], "token": question.token}
    number = context.ledger.begin_revocation(
        question.fingerprint, question.origin, question.reference, detail
    )
    revocation = requests.revoke(way, cancellation)
    try:
        context.ledger.end_revocation(number, _EVENTS[revocation.ending], revocation.ending.value)
    except StateDamaged as error:
        # It stays open, and the next start says so.
        unrecorded(context, "what became of this revocation", error)
    return revocation


def references_to(context: Context, fingerprint: Fingerprint) -> tuple[Reference, ...]:
    """Return the keyring's entries that hold a token, as far as the records can be read."""
    # What was answered is to be told in any case.
    with contextlib.suppress(StateDamaged):
        return tuple(entry.reference for entry in context.entries.all() if entry.fingerprint == fingerprint)
    return ()


def recover_revocations(context: Context) -> Iterator[str]:
    """Say of each revocation whose process died that its outcome is not known; each is told once."""
    for record in context.ledger.open_revocations():
        token, hosts = record.detail.get("token"), record.detail.get("hosts")
        names = [str(host) for host in hosts] if isinstance(hosts, list) else []
        # Another start may be telling it just now.
        if context.ledger.end_revocation(record.id, Event.REVOCATION_UNKNOWN, "cut off"):
            yield _cut_off(str(token), names, record.time)


def _cut_off(token: str, hosts: Sequence[str], when: datetime) -> str:
    at = f" at {either([*map(shown, hosts)])}" if hosts else ""
    return (
        f"The revocation of the {shown(token)}{at}, begun at {when:%Y-%m-%d %H:%M} UTC, was cut off, so whether it is "
        "revoked is not known; check whether it still works."
    )
