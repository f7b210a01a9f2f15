"""`tokenward check` and `tokenward revoke`: ask a token's provider about it, or to end it."""

from __future__ import annotations

import typer

from tokenward.cli.support.provider_subject import provider_question, require_consent
from tokenward.cli.support.provider_subject import revoke as revoke_at_provider
from tokenward.cli.support.terminal import say
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.validation.requests import CheckOutcome, RevocationOutcome
from tokenward.errors import TokenwardError
from tokenward.operations.provider.check_and_revoke import check as ask
from tokenward.presentation.provider import (
    cannot_ask,
    check_question,
    checked,
    revoke_confirmation,
    revoke_question,
)

DEAD = 1
"""Exit code for a token that does not work; 0 means that it works, 2 anything else."""
REFUSED = 1
"""Exit code if the provider refused; 0 means that the token no longer works, 2 anything else."""
_SUBJECT = typer.Argument(
    ..., metavar="FILE[:LINE[:COLUMN]]|keyring://…|-", help="Where the token is; `-` for stdin."
)
_YES = typer.Option(False, "--yes", "-y", help="Do not ask; requires --host.")


def check(
    subject: str = _SUBJECT,
    yes: bool = _YES,
    host: list[str] = typer.Option([], "--host", help="With --yes: the host that the token may be sent to."),
) -> None:
    """Ask a token's provider whether the token still works.

    Names the host first. Exit codes: 0 the token works, 1 it does not work, 2 the answer is unknown.
    """
    with provider_question(subject) as (context, question):
        way, token = question.way, question.token
        if way is None or not way.check:
            raise TokenwardError(cannot_ask(token, question.profile, revoking=False))
        text = check_question(token, way.check, way.rule, is_brought=way.is_from_workspace)
        require_consent(way.check, [text], host, yes=yes)
        answer = ask(context, question, Cancellation())
    if answer.outcome is CheckOutcome.UNKNOWN:
        raise TokenwardError(checked(token, way.check, answer))
    say(checked(token, way.check, answer))
    if answer.outcome is CheckOutcome.DEAD:
        raise typer.Exit(DEAD)


def revoke(
    subject: str = _SUBJECT,
    yes: bool = _YES,
    host: list[str] = typer.Option(
        [], "--host", help="With --yes: a host that the token may be sent to (repeatable)."
    ),
) -> None:
    """Revoke a token at its provider, permanently.

    Names the hosts first. Exit codes: 0 the token no longer works, 1 the provider refused, 2 the result is unknown.
    """
    with provider_question(subject) as (context, question):
        token = question.token
        hosts = question.way.revoke if question.way is not None else ()
        if not hosts:
            raise TokenwardError(cannot_ask(token, question.profile, revoking=True))
        require_consent(hosts, [revoke_question(token, hosts), revoke_confirmation(token)], host, yes=yes)
        places = [question.origin] if question.reference is None and subject != "-" else []
        ending, text = revoke_at_provider(context, question, places)
    if ending in {RevocationOutcome.UNKNOWN, RevocationOutcome.NOT_SENT}:
        raise TokenwardError(text)
    say(text)
    if ending is RevocationOutcome.REFUSED:
        raise typer.Exit(REFUSED)
