"""Checks and revokes tokens at their provider: the only module from which the engine opens connections.

The decision is the caller's, who shows the hosts to a person first. The engine follows no redirects, reads no
address but a proxy's from the environment, and returns no body of a response.
"""
# ruff: noqa: PLC0415 - the engine is imported when it is first needed, as in engine.py

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.validation.hosts import PINNED
from tokenward.detection.validation.methods import ProviderMethod

if TYPE_CHECKING:
    from kingfisher_sdk.revocation import RevocationResult
    from kingfisher_sdk.validation import ValidationResult

REQUEST_SECONDS = 10.0
"""Seconds for one request."""
TOTAL_SECONDS = 25.0
"""Seconds for all the requests of a check or a revocation."""
_CANCELLATION_SECONDS = 1.0
"""Seconds in which the engine ends a cancelled request; it may wait longer for the answer to a check."""
_Answer = TypeVar("_Answer")


class CheckOutcome(StrEnum):
    """A provider's answer about a token."""

    WORKS = "works"
    DEAD = "does not work"
    UNKNOWN = "unknown"


class RevocationOutcome(StrEnum):
    """The result of a revocation."""

    REVOKED = "revoked"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DEAD_BEFORE = "did not work before"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """An outcome, with the reason if it is unknown, as part of a sentence; otherwise empty."""

    outcome: CheckOutcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Revocation:
    """The result, with the reason if the token was not revoked, as part of a sentence; otherwise empty."""

    ending: RevocationOutcome
    why: str = ""


def check(way: ProviderMethod, cancellation: Cancellation) -> CheckResult:
    """Check whether a token works; blocks for at most TOTAL_SECONDS."""
    try:
        return _check_result(_interruptible(lambda: _validate(way, cancellation), cancellation))
    except TimeoutError:
        return CheckResult(CheckOutcome.UNKNOWN, _NO_ANSWER)
    except RuntimeError:
        return CheckResult(CheckOutcome.UNKNOWN, _CANCELLED if cancellation.is_cancelled else _FAILED)


def revoke(way: ProviderMethod, cancellation: Cancellation) -> Revocation:
    """Revoke a token after checking that it works, if possible; blocks for at most twice TOTAL_SECONDS."""
    result = None
    if way.check:
        try:
            result = _interruptible(lambda: _validate(way, cancellation), cancellation)
        except (TimeoutError, RuntimeError):
            return Revocation(
                RevocationOutcome.NOT_SENT, _CANCELLED if cancellation.is_cancelled else _NO_ANSWER
            )
        unready = _refusal(result)
        if unready is not None:
            return unready
    try:
        done = _interruptible(lambda: _send_revocation(way, result, cancellation), cancellation)
    except TimeoutError:
        return Revocation(RevocationOutcome.UNKNOWN, _NO_ANSWER)
    except (RuntimeError, ValueError) as error:
        return _failed(error, cancellation)
    if done.revoked:
        return Revocation(RevocationOutcome.REVOKED)
    return Revocation(RevocationOutcome.REFUSED, _status(done.http_status))


def _interruptible(request: Callable[[], _Answer], cancellation: Cancellation) -> _Answer:
    """Return a request's answer; Ctrl+C cancels it, which a thread that waits inside the engine would not see."""
    answer = Future[_Answer]()

    def work() -> None:
        try:
            answer.set_result(request())
        except BaseException as error:  # noqa: BLE001 - raised below
            answer.set_exception(error)

    Thread(target=work, daemon=True).start()
    try:
        return answer.result()
    except KeyboardInterrupt:
        cancellation.cancel()
    try:
        return answer.result(_CANCELLATION_SECONDS)
    except TimeoutError:
        raise RuntimeError(_CANCELLED) from None


def _send_revocation(
    way: ProviderMethod, result: ValidationResult | None, cancellation: Cancellation
) -> RevocationResult:
    from kingfisher_sdk.revocation import Revoker

    revoker, token = Revoker(way.scanner.rules, timeout=REQUEST_SECONDS), cancellation.token
    if result is not None:
        return revoker.revoke(result, confirm=True, timeout=TOTAL_SECONDS, cancellation=token)
    secret = way.matches[way.index].secret
    return revoker.revoke(
        way.rule, secret, confirm=True, variables=PINNED, timeout=TOTAL_SECONDS, cancellation=token
    )


def _validate(way: ProviderMethod, cancellation: Cancellation) -> ValidationResult:
    from kingfisher_sdk.revocation import RevocationPlan
    from kingfisher_sdk.validation import Validator

    validator = Validator(
        timeout=REQUEST_SECONDS, concurrency=1, allow_internal_ips=way.is_own, variables=PINNED
    )
    # A plan checks only this match; `Validator.validate` would check each match that it is given.
    plan = RevocationPlan((way.rule,), (way.rule,), way.matches, (way.index,))
    return plan.validate(validator, timeout=TOTAL_SECONDS, cancellation=cancellation.token)[0]


def _check_result(result: ValidationResult) -> CheckResult:
    if result.outcome == "verified_active":
        return CheckResult(CheckOutcome.WORKS)
    if result.outcome == "verified_inactive":
        return CheckResult(CheckOutcome.DEAD)
    missing = [issue.message for issue in result.input_diagnostics]
    if missing:
        return CheckResult(CheckOutcome.UNKNOWN, f"what else the request needs is not near it ({missing[0]})")
    known = _REASONS.get(str(result.reason))
    return CheckResult(CheckOutcome.UNKNOWN, known or _status(result.http_status))


def _refusal(result: ValidationResult) -> Revocation | None:
    """Return why a checked token is not revoked; None if it can be."""
    answer = _check_result(result)
    if answer.outcome is CheckOutcome.DEAD:
        return Revocation(RevocationOutcome.DEAD_BEFORE)
    if answer.outcome is CheckOutcome.UNKNOWN:
        return Revocation(RevocationOutcome.NOT_SENT, answer.why)
    if not result.revocation_ready:
        return Revocation(RevocationOutcome.NOT_SENT, "what else the request needs is not near it")
    return None


def _failed(error: Exception, cancellation: Cancellation) -> Revocation:
    if not getattr(error, "outcome_unknown", isinstance(error, RuntimeError)):
        return Revocation(RevocationOutcome.NOT_SENT, _FAILED)
    return Revocation(RevocationOutcome.UNKNOWN, _CANCELLED if cancellation.is_cancelled else _FAILED)


_NO_ANSWER = "no answer came in time"
_CANCELLED = "it was cancelled"
_FAILED = "the connection failed"
_REASONS = {
    "deadline_exceeded": _NO_ANSWER,
    "target_blocked": "the address is in a private network, which only a rule file of your own may use",
}


def _status(status: int | None) -> str:
    """Return a sentence part for an HTTP status; the engine reports 502 also if there was no answer."""
    if status is None or status == 502:
        return _FAILED
    return f"the answer was HTTP {status}, which is inconclusive"
