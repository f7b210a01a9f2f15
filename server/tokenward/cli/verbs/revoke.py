"""`tokenward revoke`."""

from __future__ import annotations

import typer

from tokenward.cli.support.provider_subject import provider_question, require_consent
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError

REFUSED = 1
"""Exit code if the provider refused; 0 means that the token no longer works, 2 anything else."""


def revoke(
    subject: str = typer.Argument(
        ..., metavar="FILE[:LINE[:COLUMN]]|keyring://…|-", help="Where the token is; `-` for stdin."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask; requires --host."),
    host: list[str] = typer.Option(
        [], "--host", help="With --yes: a host that the token may be sent to (repeatable)."
    ),
) -> None:
    """Revoke a token at its provider, permanently.

    Names the hosts first. Exit codes: 0 the token no longer works, 1 the provider refused, 2 the result is unknown.
    """
    from tokenward.detection.rules.limits import Cancellation
    from tokenward.detection.validation.requests import RevocationOutcome
    from tokenward.operations.provider.check_and_revoke import references_to
    from tokenward.operations.provider.check_and_revoke import revoke as end
    from tokenward.presentation.provider import cannot_ask, revoke_confirmation, revoke_question, revoked

    with provider_question(subject) as (context, question):
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
