"""What is asked of providers about stored tokens, whose values the keyring gives for that alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from tokenward.errors import TokenwardError
from tokenward.lsp.client.session import Session
from tokenward.lsp.commands.provider_requests import Asking
from tokenward.lsp.commands.rename_and_delete import stored_reference, workspace_of_stored
from tokenward.model import Reference, Secret
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.provider.subject import Question, asker_of, question_of_value
from tokenward.operations.stored.listing import Workspace
from tokenward.operations.use import Purpose, Use
from tokenward.presentation.stored import cannot_ask_before


async def stored_question(asking: Asking, argument: Any, verb: str) -> tuple[Context, Question] | None:
    """The stored token that an argument names, and what is needed to ask about it.

    None when the user was offered another place for tokens instead, since there is no keyring.
    """
    session, reference = asking.session, stored_reference(argument)
    context = asking.keeping.context()
    workspace = await workspace_of_stored(session, context, reference)
    if not session.capabilities.asks:
        raise TokenwardError(cannot_ask_before(verb, reference))
    secret = await asking.keeping.run(
        partial(resolve, folder=workspace.folder, reference=reference, use=Use.own(Purpose.ASK))
    )
    if secret is None:
        return None
    return await session.in_scan_thread(partial(_asked, session, context, workspace, reference, secret))


def _asked(
    session: Session, context: Context, workspace: Workspace, reference: Reference, secret: Secret
) -> tuple[Context, Question]:
    context = context.scanning_with(session.scanners.get(workspace.opened, context.scanner))
    context = replace(context, settings=session.settings_of(workspace.folder))
    asker = asker_of(context, session.places)
    return context, question_of_value(context, asker, secret, reference.name, reference=reference)
