"""`tokenward check`."""

from __future__ import annotations

import typer

from tokenward.cli.support.provider_subject import provider_question, require_consent
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError

DEAD = 1
"""Exit code for a token that does not work; 0 means that it works, 2 anything else."""


def check(
    subject: str = typer.Argument(
        ..., metavar="FILE[:LINE[:COLUMN]]|keyring://…|-", help="Where the token is; `-` for stdin."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask; requires --host."),
    host: list[str] = typer.Option([], "--host", help="With --yes: the host that the token may be sent to."),
) -> None:
    """Ask a token's provider whether the token still works.

    Names the host first. Exit codes: 0 the token works, 1 it does not work, 2 the answer is unknown.
    """
    from tokenward.detection.rules.limits import Cancellation
    from tokenward.detection.validation.requests import CheckOutcome
    from tokenward.operations.provider.check_and_revoke import check as ask
    from tokenward.presentation.provider import cannot_ask, check_question, checked

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
