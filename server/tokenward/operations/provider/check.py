"""Asking a provider whether one token works, once somebody has said yes to its host."""

from __future__ import annotations

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.detection.rules.limits import Cancellation
from tokenward.detection.validation import requests
from tokenward.detection.validation.requests import CheckResult
from tokenward.operations.context import Context
from tokenward.operations.provider.subject import Question, require_sure
from tokenward.operations.recording import note


def check(context: Context, question: Question, cancellation: Cancellation) -> CheckResult:
    """Send the token to the hosts of its way's check, and record what was answered; blocks.

    Raises:
        TokenwardError: whom it would reach is not sure.
    """
    way = question.way
    assert way is not None  # noqa: S101 - a caller shows its hosts first
    require_sure(way.check)
    answer = requests.check(way, cancellation)
    detail = {"rule": way.rule, "hosts": [host.name for host in way.check], "outcome": answer.outcome.value}
    checked = NewRecord(
        Event.CHECKED, question.reference, question.fingerprint, question.origin, None, detail
    )
    note(context, "this check", checked)
    return answer
