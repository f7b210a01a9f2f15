"""workspace/executeCommand: revokes, at their providers, the tokens that an AI agent has seen."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from tokenward.detection.rules.limits import Cancellation
from tokenward.errors import TokenwardError
from tokenward.language import said
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.lsp.commands.agents import agents, named_agent, require_person
from tokenward.lsp.commands.check_and_revoke import revoke_agreed
from tokenward.lsp.parts import Parts
from tokenward.operations.agents_protection.places_of_agents import Ground
from tokenward.operations.context import Context
from tokenward.operations.transcripts.search import SeenTokens, search_transcripts, seen_tokens
from tokenward.presentation import provider as words


async def revoke_seen(parts: Parts, argument: Any) -> dict[str, Any] | None:
    """Search the transcripts, and revoke the tokens that an agent has seen, if the user agrees to all of them."""
    session = parts.session
    require_person(session, "transcripts --revoke")
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
        session.show_message(words.seen_by_hand(seen.by_hand), types.MessageType.Info)
    if not seen.questions:
        session.show_message(said(words.NOTHING_SEEN), types.MessageType.Info)
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
    ground = Ground(home, folder if folder != home else None, os.environ)
    search = search_transcripts(
        context,
        session.places,
        ground,
        folder,
        agents_only=True,
        is_wanted=lambda: not cancellation.is_cancelled,
    )
    return search.context, seen_tokens(search, session.places, agent)
