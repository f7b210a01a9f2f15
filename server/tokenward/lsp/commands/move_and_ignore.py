"""workspace/executeCommand: moves a token, or ignores it in one place or everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

from tokenward.detection.suppress.ignore_file import IGNORE_FILE
from tokenward.errors import TokenwardError
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.workspace_of import require_workspace
from tokenward.lsp.commands.command_argument import CommandArgument, open_document
from tokenward.lsp.commands.finish import tell_moved
from tokenward.lsp.parts import Parts
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.ignore import add_entries as allowing
from tokenward.operations.ignore import ignore_comment as ignoring
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.move import move as moving
from tokenward.operations.move import store_aside as storing
from tokenward.operations.move.plan import MoveRequest
from tokenward.presentation import wording
from tokenward.presentation.leases import stored_end
from tokenward.sources.documents import Document

T = TypeVar("T")


async def move(parts: Parts, argument: Any) -> dict[str, Any] | None:
    """Move the token that the argument names, and tell the user or return what to tell."""
    session, vault = parts.session, parts.vault
    document, moved = await _with_token(parts, argument, moving.move)
    if moved is None:
        return None
    text = wording.moved(moved.token, str(moved.reference), list(moved.files), moved.after)
    terms = await session.in_scan_thread(partial(terms_of, vault.context(document), [moved.reference]))
    return await tell_moved(parts, f"{text} {stored_end(terms[moved.reference])}".rstrip(), [moved.left])


async def store_aside(parts: Parts, argument: Any) -> dict[str, str] | None:
    """Store the token that the argument names, and return the lookup to write in its place."""
    _, stored = await _with_token(parts, argument, storing.store_aside)
    if stored is None:
        return None
    text = wording.stored_aside(stored.token, stored.reference, stored.look_up, stored.environment)
    parts.session.inform(text)
    return {"lookUp": stored.look_up}


async def ignore(parts: Parts, argument: Any) -> None:
    """Add an ignore comment for the token that the argument names."""
    session, vault = parts.session, parts.vault
    target = CommandArgument.of(argument)
    if target.at is None:
        raise TokenwardError("The command's argument is incomplete; use the editor's quick fix.")
    document = open_document(session, argument)
    source, context, editor = document.source(), vault.context(document), LspEditor(session)
    await session.in_edit_thread(
        partial(ignoring.ignore_by_comment, context, source, target.fingerprint, target.at, editor)
    )


async def ignore_everywhere(parts: Parts, argument: Any) -> None:
    """Add an entry for the token that the argument names to its workspace's ignore file."""
    session, vault = parts.session, parts.vault
    target = CommandArgument.of(argument)
    document = open_document(session, argument)
    home = session.homes.get(document.folder) if document.folder else None
    if target.at is None or home is None:
        raise TokenwardError("This text is in no open folder; open the folder, or add a comment instead.")
    context = replace(vault.context(document), settings=session.settings_in(document.folder))
    # An entry takes effect once it is on disk, but an open file is edited in its editor.
    is_open = bool(session.documents.of_path(home / IGNORE_FILE))
    file = IgnoreFileWriter(
        home, session.places.ignores_lock, LspEditor(session) if is_open else DiskEditor(follows_links=False)
    )
    source, at = document.source(), target.at

    def add() -> None:
        token = allowing.token_at(context.scanner, source, target.fingerprint, at)
        today = date.today()  # noqa: DTZ011 - a day of the user's calendar
        allowing.add_entries(context, file, [token], allowing.IgnoreTerms(wording.IGNORE_REASON), today)

    await session.in_edit_thread(add)
    session.inform(wording.ignored_in_workspace(IGNORE_FILE))


async def _with_token(
    parts: Parts, argument: Any, operation: Callable[[Context, MoveRequest, LspEditor], T]
) -> tuple[Document, T | None]:
    """Return the document that the argument names, and the result of an operation on the token there."""
    session = parts.session
    target = CommandArgument.of(argument)
    document = open_document(session, argument)
    source, editor = document.source(), LspEditor(session)

    def work(context: Context) -> T:
        context, folder = require_workspace(session, context, source.origin)
        request = MoveRequest(
            source, folder, target.fingerprint, target.at, suggested=target.name, template=target.template
        )
        return operation(context, request, editor)

    return document, await parts.vault.run(work, document)
