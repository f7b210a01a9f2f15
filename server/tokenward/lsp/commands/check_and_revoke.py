"""workspace/executeCommand: asking a provider whether a token works, revoking it, and the page to do that by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.lsp.client import capabilities
from tokenward.lsp.client.command_argument import Argument, document_of
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.transcript_uris import is_transcript, terminal_name
from tokenward.lsp.client.uris import to_path
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.lsp.commands.provider_requests import Asking
from tokenward.lsp.commands.stored_questions import stored_question
from tokenward.lsp.terminals.check import printed_question
from tokenward.model import Fingerprint
from tokenward.operations.context import Context
from tokenward.operations.origins import origin_name
from tokenward.operations.provider import check as checking
from tokenward.operations.provider import revoke as revoking
from tokenward.operations.provider.subject import Question, Text, asker_of, question_at
from tokenward.presentation import provider as words
from tokenward.sources.source import Source


async def check(asking: Asking, argument: Any) -> None:
    """Ask a token's provider whether it works, after its user has said yes to the hosts."""
    session, asked = asking.session, await _question(asking, argument, "check")
    if asked is None:
        return
    context, question = asked
    way = question.way
    if way is None or not way.check:
        raise TokenwardError(words.cannot_ask(question.token, question.profile, revoking=False))
    text = words.check_question(question.token, way.check, way.rule, is_brought=way.is_brought)
    if not await _says_yes(session, text, words.check_choice(way.check)):
        return
    work = partial(checking.check, context, question)
    answer = await asking.run(question.fingerprint, words.check_choice(way.check), work)
    session.tell(words.checked(question.token, way.check, answer), types.MessageType.Info)


async def revoke(asking: Asking, argument: Any) -> None:
    """Have a token's provider end it for good, after its user has said yes to the hosts and to that."""
    session, asked = asking.session, await _question(asking, argument, "revoke")
    if asked is None:
        return
    context, question = asked
    hosts = question.way.revoke if question.way is not None else ()
    if not hosts:
        raise TokenwardError(words.cannot_ask(question.token, question.profile, revoking=True))
    choice = words.revoke_choice(hosts)
    if not await _says_yes(session, words.revoke_question(question.token, hosts), choice):
        return
    if not await _says_yes(session, words.revoke_confirmation(question.token), words.REVOKE_FOR_GOOD):
        return
    work = partial(revoking.revoke, context, question)
    revocation = await asking.run(question.fingerprint, choice, work)
    session.tell(
        words.revoked(
            question.token,
            hosts,
            revocation,
            question.profile,
            places=_places(session, question.fingerprint),
            references=await session.in_edit_thread(
                partial(revoking.references_to, context, question.fingerprint)
            ),
        )
    )


async def open_page(asking: Asking, argument: Any) -> None:
    """Show the page on which a token is revoked by hand."""
    session = asking.session
    _, question = await _question_in_text(asking, argument, "")
    page = question.profile.page
    if not page.startswith("https://"):
        raise TokenwardError(words.cannot_ask(question.token, question.profile, revoking=True))
    if capabilities.opens_browser(session.capabilities):
        shown = await session.server.window_show_document_async(
            types.ShowDocumentParams(uri=page, external=True)
        )
        # A client may answer nothing at all.
        if getattr(shown, "success", False):
            return
    session.tell(words.page_text(page), types.MessageType.Info)


async def _question(asking: Asking, argument: Any, verb: str) -> tuple[Context, Question] | None:
    """The token that an argument names, and what is needed to ask about it.

    None when the user was offered another place for tokens instead, since there is no keyring.
    """
    if isinstance(argument, dict) and "reference" in argument:
        return await stored_question(asking, argument, verb)
    return await _question_in_text(asking, argument, verb)


async def _question_in_text(asking: Asking, argument: Any, verb: str) -> tuple[Context, Question]:
    """The same for a token that an action of ours says, found again."""
    session, wanted = asking.session, Argument.of(argument)
    if wanted.at is None:
        raise TokenwardError("The command's argument is incomplete; use the editor's quick fix.")
    if verb and not capabilities.asks(session.capabilities):
        raise TokenwardError(words.cannot_show(verb))
    if is_transcript(wanted.uri):
        return await printed_question(asking.keeping, asking.terminals, wanted)
    document = document_of(session, wanted)
    context, source = asking.keeping.context(document), document.source()
    return await session.in_scan_thread(partial(_found, session, context, source, wanted))


def _found(session: Session, context: Context, source: Source, wanted: Argument) -> tuple[Context, Question]:
    assert wanted.at is not None  # noqa: S101 - `_question` said so
    folder = folder_of(context, tuple(session.folders), source.origin)
    context = replace(context, settings=session.settings_of(folder))
    where = Text(source.text, context.scanner.prefix + source.name, origin_name(source.origin))
    asker = asker_of(context, session.places)
    question = question_at(context, asker, where, line=wanted.at.line, column=wanted.at.column)
    if question.fingerprint != wanted.fingerprint:
        raise TokenwardError("The token is no longer where it was found; look at the file again.")
    return context, question


async def _says_yes(session: Session, text: str, choice: str) -> bool:
    answer = await session.server.window_show_message_request_async(
        types.ShowMessageRequestParams(types.MessageType.Warning, text, [types.MessageActionItem(choice)])
    )
    return answer is not None and answer.title == choice


def _places(session: Session, fingerprint: Fingerprint) -> list[str]:
    paths = ((uri, to_path(uri)) for uri in session.index.holders(fingerprint))
    return sorted(session.placed(path)[0] if path is not None else terminal_name(uri) for uri, path in paths)
