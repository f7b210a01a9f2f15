"""Asking a provider whether one token works, once somebody has said yes to its host."""

from __future__ import annotations

import contextlib

from tokenward.custody.ledger import Event
from tokenward.detection import asking
from tokenward.detection.asking import Answer
from tokenward.detection.matching import Cancellation
from tokenward.errors import StateDamaged
from tokenward.operations.asking import Question, require_sure
from tokenward.operations.context import Context


def check(context: Context, question: Question, cancellation: Cancellation) -> Answer:
    """Send the token to the hosts of its way's check, and record what was answered; blocks.

    Raises:
        TokenwardError: whom it would reach is not sure.
    """
    way = question.way
    assert way is not None  # noqa: S101 - a caller shows its hosts first
    require_sure(way.check)
    answer = asking.check(way, cancellation)
    detail = {"rule": way.rule, "hosts": [host.name for host in way.check], "outcome": answer.outcome.value}
    # The answer is worth more than its record.
    with contextlib.suppress(StateDamaged):
        context.ledger.record(
            Event.CHECKED,
            reference=question.reference,
            fingerprint=question.fingerprint,
            origin=question.origin,
            detail=detail,
        )
    return answer
