"""workspace/executeCommand: checks a token with its provider, revokes it, or opens the page to revoke it by hand."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.errors import TokenwardError
from tokenward.language import said
from tokenward.lsp.client.convert import is_transcript
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import with_workspace
from tokenward.lsp.commands.agents import agents, named_agent, require_person
from tokenward.lsp.commands.command_argument import (
    CommandArgument,
    open_document,
    stored_reference,
    workspace_of_stored,
)
from tokenward.lsp.parts import Parts
from tokenward.lsp.terminals.execution import TranscriptPage
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.model import Reference, Secret
from tokenward.operations.access.resolve import resolve
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.context import Context
from tokenward.operations.origins import origin_name
from tokenward.operations.provider import check_and_revoke
from tokenward.operations.provider.subject import (
    ProviderQuestion,
    SearchedText,
    asker_of,
    question_at,
    question_of_value,
)
from tokenward.operations.stored.listing import OpenWorkspace
from tokenward.operations.terminal.output import PrintedToken
from tokenward.operations.transcripts.search import SeenTokens, search_transcripts, seen_tokens
from tokenward.operations.use import Purpose, Use
from tokenward.presentation import provider as words
from tokenward.presentation.stored import cannot_ask
from tokenward.sources.source import Source


async def check(parts: Parts, argument: Any) -> None:
    """Ask a token's provider whether the token works, once the user has approved the hosts."""
    session, found = parts.session, await _question(parts, argument, "check")
    if found is None:
        return
    context, question = found
    way = question.way
    if way is None or not way.check:
        raise TokenwardError(words.cannot_ask(question.token, question.profile, revoking=False))
    text = words.check_question(question.token, way.check, way.rule, is_brought=way.is_from_workspace)
    if not await session.choose(text, [words.check_choice(way.check)]):
        return
    work = partial(check_and_revoke.check, context, question)
    answer = await parts.provider_requests.run(question.fingerprint, words.check_choice(way.check), work)
    session.inform(words.checked(question.token, way.check, answer))


async def revoke(parts: Parts, argument: Any) -> None:
    """Have a token's provider revoke it, once the user has approved the hosts and confirmed."""
    found = await _question(parts, argument, "revoke")
    if found is None:
        return
    context, question = found
    if question.way is None or not question.way.revoke:
        raise TokenwardError(words.cannot_ask(question.token, question.profile, revoking=True))
    await _ask_and_revoke(parts, context, question, question.token)


async def offer_revocation(parts: Parts, workspace: OpenWorkspace, reference: Reference, old: Secret) -> None:
    """Offer to revoke a value that was just replaced, which nothing stores now."""
    session, context = parts.session, parts.vault.context()
    work = partial(_question_of_stored, session, context, workspace, reference, old)
    try:
        context, question = await session.in_scan_thread(work)
    except TokenwardError:
        session.inform(said(words.OLD_IS_UNKNOWN))
        return
    # The reference leads to another value now.
    question = replace(question, reference=None)
    can_revoke = question.way is not None and bool(question.way.revoke)
    if not can_revoke or not await _ask_and_revoke(parts, context, question, f"old {question.token}"):
        session.inform(words.old_may_work(question.token, question.profile))


async def _ask_and_revoke(parts: Parts, context: Context, question: ProviderQuestion, token: str) -> bool:
    """Revoke a token if the user agrees, and show the result; return False if the user does not."""
    session = parts.session
    hosts = question.way.revoke if question.way is not None else ()
    choice = words.revoke_choice(hosts)
    if not await session.choose(words.revoke_question(token, hosts), [choice]):
        return False
    if not await session.choose(words.revoke_confirmation(token), [words.REVOKE_FOR_GOOD]):
        return False
    await revoke_agreed(parts, context, question)
    return True


async def revoke_agreed(parts: Parts, context: Context, question: ProviderQuestion) -> None:
    """Revoke a token, as the user has agreed, and show the result.

    Raises:
        TokenwardError: nothing was sent.
    """
    session = parts.session
    hosts = question.way.revoke if question.way is not None else ()
    work = partial(check_and_revoke.revoke, context, question)
    revocation = await parts.provider_requests.run(question.fingerprint, words.revoke_choice(hosts), work)
    session.show_message(
        words.revoked(
            question.token,
            hosts,
            revocation,
            question.profile,
            places=sorted(map(session.name_of, session.index.holders(question.fingerprint))),
            references=await session.in_edit_thread(
                partial(check_and_revoke.references_to, context, question.fingerprint)
            ),
        )
    )


async def open_page(parts: Parts, argument: Any) -> None:
    """Show the page where a token is revoked by hand."""
    session = parts.session
    _, question = await _question_in_text(parts, argument, "")
    page = question.profile.page
    if not page.startswith("https://"):
        raise TokenwardError(words.cannot_ask(question.token, question.profile, revoking=True))
    if session.capabilities.opens_documents:
        shown = await session.server.window_show_document_async(
            types.ShowDocumentParams(uri=page, external=True)
        )
        # A client may answer null.
        if getattr(shown, "success", False):
            return
    session.inform(words.page_text(page))


async def _question(parts: Parts, argument: Any, verb: str) -> tuple[Context, ProviderQuestion] | None:
    """Return the token that an argument names, and how to ask its provider.

    None if there is no keyring and the user was offered an alternative.
    """
    if isinstance(argument, dict) and "reference" in argument:
        return await _stored_question(parts, argument, verb)
    return await _question_in_text(parts, argument, verb)


async def _stored_question(parts: Parts, argument: Any, verb: str) -> tuple[Context, ProviderQuestion] | None:
    """Return the same for a stored token, whose value is read from the keyring only for this."""
    session, reference = parts.session, stored_reference(argument)
    context = parts.vault.context()
    workspace = await workspace_of_stored(session, context, reference)
    if not session.capabilities.asks:
        raise TokenwardError(cannot_ask(f"{verb} {reference}"))
    secret = await parts.vault.run(
        partial(resolve, folder=workspace.folder, reference=reference, use=Use.own(Purpose.ASK))
    )
    if secret is None:
        return None
    return await session.in_scan_thread(
        partial(_question_of_stored, session, context, workspace, reference, secret)
    )


def _question_of_stored(
    session: Session, context: Context, workspace: OpenWorkspace, reference: Reference, secret: Secret
) -> tuple[Context, ProviderQuestion]:
    context = context.scanning_with(session.scanners.get(workspace.opened, context.scanner))
    context = replace(context, settings=session.settings_of(workspace.folder))
    asker = asker_of(context, session.places)
    return context, question_of_value(context, asker, secret, reference.name, reference=reference)


async def _question_in_text(parts: Parts, argument: Any, verb: str) -> tuple[Context, ProviderQuestion]:
    """Find the token of a code action again."""
    session, target = parts.session, CommandArgument.of(argument)
    if target.at is None:
        raise TokenwardError("The command's argument is incomplete; use the editor's quick fix.")
    if verb and not session.capabilities.asks:
        raise TokenwardError(cannot_ask(f"{verb} FILE:LINE"))
    if is_transcript(target.uri):
        page, printed = parts.terminals.printed(target.uri, target.fingerprint)
        secret = parts.terminals.secret(printed.fingerprint)
        work = partial(_question_of_printed, parts.terminals, page, parts.vault.context(), printed, secret)
        return await session.in_scan_thread(work)
    document = open_document(session, argument)
    context, source = parts.vault.context(document), document.source()
    return await session.in_scan_thread(partial(_question_at, session, context, source, target))


def _question_of_printed(
    terminals: Terminals, page: TranscriptPage, context: Context, printed: PrintedToken, secret: Secret
) -> tuple[Context, ProviderQuestion]:
    """Return the same for a token in terminal output, whose text cannot be scanned again."""
    context, _ = terminals.in_workspace(page, context)
    asker = asker_of(context, terminals.session.places)
    return context, replace(question_of_value(context, asker, secret, printed.variable), origin=page.uri)


def _question_at(
    session: Session, context: Context, source: Source, target: CommandArgument
) -> tuple[Context, ProviderQuestion]:
    assert target.at is not None  # noqa: S101 - checked by `_question_in_text`
    context, _ = with_workspace(session, context, source.origin)
    where = SearchedText(source.text, context.scanner.prefix + source.name, origin_name(source.origin))
    asker = asker_of(context, session.places)
    question = question_at(context, asker, where, line=target.at.line, column=target.at.column)
    if question.fingerprint != target.fingerprint:
        raise TokenwardError("The token is no longer where it was found; check the file again.")
    return context, question


async def revoke_seen(parts: Parts, argument: Any) -> dict[str, Any] | None:
    """Search the transcripts, and revoke the tokens that an agent has seen, if the user agrees to all of them."""
    session = parts.session
    await require_person(session, "transcripts --revoke")
    context, agent, cancellation = parts.vault.context(), named_agent(argument), Cancellation()
    progress = ProgressBar(session, "Searching AI agents' transcripts", cancellation.cancel)
    try:
        work = partial(_seen, session, context, agent, cancellation)
        context, seen = await session.in_agents_thread(work)
    finally:
        progress.end("")
    if cancellation.is_cancelled:
        return None
    if seen.by_hand:
        session.inform(words.seen_by_hand(seen.by_hand))
    if not seen.questions:
        session.inform(said(words.NOTHING_SEEN))
        return await agents(parts, argument)
    text = words.revoke_seen_question([one.token for one in seen.questions], seen.hosts)
    if not await session.choose(text, [words.revoke_seen_choice(len(seen.questions))]):
        return None
    for question in seen.questions:
        try:
            await revoke_agreed(parts, context, question)
        except TokenwardError as error:
            session.show_message(words.not_revoked(question.token, str(error)))
    return await agents(parts, argument)


def _seen(
    session: Session, context: Context, agent: str, cancellation: Cancellation
) -> tuple[Context, SeenTokens]:
    home = Path.home()
    folder = next(iter(session.folders), home)
    context = replace(context, settings=session.settings_of(folder))
    roots = SearchRoots(home, folder if folder != home else None, os.environ)
    search = search_transcripts(
        context,
        session.places,
        roots,
        folder,
        agents_only=True,
        is_wanted=lambda: not cancellation.is_cancelled,
    )
    return search.context, seen_tokens(search, session.places, agent)
