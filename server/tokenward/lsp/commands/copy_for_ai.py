"""workspace/executeCommand: parts of a document for an AI assistant, with references instead of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import from_range, ranges_of
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import with_workspace
from tokenward.lsp.commands.command_argument import open_document
from tokenward.lsp.parts import Parts
from tokenward.model import Span
from tokenward.operations.agents.guard_files import GuardFiles
from tokenward.operations.agents.workspace_facts import workspace_facts
from tokenward.operations.context import Context
from tokenward.presentation.agent_texts import Copied, block
from tokenward.settings import WORKSPACE_FILE
from tokenward.sources.source import Source
from tokenward.text import LineTable, split_lines


async def copy_for_ai(parts: Parts, argument: Any) -> dict[str, Any]:
    """Return the text of some ranges of a document without a token, below the file's name, and the number masked."""
    session = parts.session
    document = open_document(session, argument)
    source, ranges = document.source(), ranges_of(argument)
    table, lines = LineTable(source.text), split_lines(source.text)
    spans = [table.span(*from_range(lines, one, session.encoding)) for one in ranges]
    work = partial(_copied, session, parts.vault.context(), source, spans)
    try:
        texts, masked = await session.in_keyring_thread(work)
    except TimeoutError:
        raise TokenwardError("This text takes too long to search for tokens; copy less of it.") from None
    blocks = [
        Copied(source.name, table.point(span.start).line + 1, source.origin.language_id or "", text)
        for span, text in zip(spans, texts, strict=True)
    ]
    return {"text": "\n".join(map(block, blocks)), "masked": masked}


def _copied(
    session: Session, context: Context, source: Source, spans: Sequence[Span]
) -> tuple[list[str], int]:
    context, folder = with_workspace(session, context, source.origin)
    beside = source.origin.path.parent if source.origin.path else Path.home()
    facts = workspace_facts(
        session.places,
        context.settings,
        folder or beside,
        scanner=context.scanner,
        guard=GuardFiles(session.places, (), WORKSPACE_FILE),
        program="",
    )
    found = [facts.excerpt(source.text, source.name, span) for span in spans]
    return [text for text, _ in found], sum(masked for _, masked in found)
