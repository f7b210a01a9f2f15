"""workspace/executeCommand: stores a token in terminal output, finds it in files, or forgets it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.language import said
from tokenward.lsp.client.convert import is_transcript
from tokenward.lsp.commands.command_argument import CommandArgument
from tokenward.lsp.parts import Parts
from tokenward.lsp.terminals.execution import TranscriptPage
from tokenward.model import Reference
from tokenward.operations.access.put import put
from tokenward.operations.context import Context
from tokenward.presentation import terminals as words


async def store(parts: Parts, argument: Any) -> None:
    """Store the token that the argument names in the keyring, and show how to use it from there."""
    terminals, target = parts.terminals, CommandArgument.of(argument)
    page, printed = terminals.printed(target.uri, target.fingerprint)
    if not printed.whole:
        raise TokenwardError(words.NOT_WHOLE)
    name, secret = target.name or printed.variable, terminals.secret(printed.fingerprint)

    def work(context: Context) -> tuple[Reference, bool, str]:
        context, folder = terminals.in_workspace(page, context)
        if folder is None:
            raise TokenwardError(words.NO_FOLDER)
        return *put(context, folder, name, secret), context.settings.env_file

    outcome = await parts.vault.run(work)
    if outcome is not None:
        reference, made, env_file = outcome
        token = printed.label.partition(" (")[0]
        await _show_stored(parts, page, words.stored(token, reference, env_file, made=made))


async def find(parts: Parts, argument: Any) -> None:
    """Show where else a token is."""
    session = parts.session
    target = CommandArgument.of(argument)
    _, printed = parts.terminals.printed(target.uri, target.fingerprint)
    uris = [uri for uri in session.index.holders(printed.fingerprint) if not is_transcript(uri)]
    found = ((uri, one) for uri in uris for one in session.index.places(uri, printed.fingerprint))
    places = list(islice(found, words.MOST_NAMED))
    if not places:
        session.inform(said(words.NOWHERE))
        return
    uri, first = places[0]
    if session.capabilities.opens_documents:
        where = parts.shown.range_of(uri, first)
        await session.server.window_show_document_async(
            types.ShowDocumentParams(uri=uri, take_focus=True, selection=where)
        )
    named = [(session.name_of(uri), finding.start.line) for uri, finding in places]
    session.inform(words.stands_in(named, len(uris)))


async def forget(parts: Parts, argument: Any) -> None:
    """Stop reporting a token, and drop its value."""
    target = CommandArgument.of(argument)
    page, _ = parts.terminals.printed(target.uri, target.fingerprint)
    parts.terminals.forget(page, target.fingerprint)


async def _show_stored(parts: Parts, page: TranscriptPage, text: str) -> None:
    """Say what was stored, and offer to clear the terminal."""
    session = parts.session
    client = session.capabilities
    if not client.asks or "clearTerminal" not in client.extensions:
        session.inform(text)
        return
    if await session.choose(text, [words.CLEAR_TITLE], types.MessageType.Info):
        parts.terminals.clear(page)
