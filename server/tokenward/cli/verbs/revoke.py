"""`tokenward revoke`."""

from __future__ import annotations

import typer

from tokenward.cli.support.provider_subject import asked, require_consent
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError

REFUSED = 1
"""Exit code when the provider refused; 0 is for a token that works no more, 2 for all else."""


def register(app: typer.Typer) -> None:
    app.command()(revoke)


def revoke(
    subject: str = typer.Argument(
        ..., metavar="FILE[:LINE[:COLUMN]]|keyring://…|-", help="Where the token is; `-` is stdin."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask; needs --host."),
    host: list[str] = typer.Option([], "--host", help="With --yes: each host that it may be sent to."),
) -> None:
    """Have a token's provider end it for good.

    Names the hosts first. Exits with 0 if it works no more, 1 if the provider refused, 2 if that could not be told.
    """
    from tokenward.detection.rules.limits import Cancellation
    from tokenward.detection.validation.requests import RevocationOutcome
    from tokenward.operations.provider.check_and_revoke import references_to
    from tokenward.operations.provider.check_and_revoke import revoke as end
    from tokenward.presentation.asking import cannot_ask, revoke_confirmation, revoke_question, revoked

    with asked(subject) as (context, question):
        token, profile = question.token, question.profile
        hosts = question.way.revoke if question.way is not None else ()
        if not hosts:
            raise TokenwardError(cannot_ask(token, profile, revoking=True))
        require_consent(hosts, [revoke_question(token, hosts), revoke_confirmation(token)], host, yes=yes)
        revocation = end(context, question, Cancellation())
        references = references_to(context, question.fingerprint)
    places = [question.origin] if question.reference is None and subject != "-" else []
    text = revoked(token, hosts, revocation, profile, places=places, references=references)
    if revocation.ending in {RevocationOutcome.UNKNOWN, RevocationOutcome.NOT_SENT}:
        raise TokenwardError(text)
    say(text)
    if revocation.ending is RevocationOutcome.REFUSED:
        raise typer.Exit(REFUSED)
