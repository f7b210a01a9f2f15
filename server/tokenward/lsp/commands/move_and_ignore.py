"""workspace/executeCommand: moving a token, and ignoring it in one place or everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward.detection.suppress.ignore_file import IGNORE_FILE
from tokenward.errors import TokenwardError
from tokenward.lsp.client.command_argument import Argument, document_of
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.model import Fingerprint, Point
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.ignore import add_entries as allowing
from tokenward.operations.ignore import allow_comment as ignoring
from tokenward.operations.ignore.ignore_file import AllowFile
from tokenward.operations.move import move as moving
from tokenward.operations.move.plan import MoveRequest
from tokenward.presentation import wording
from tokenward.presentation.leases import stored_end
from tokenward.sources.source import Source


async def move(session: Session, keeping: Keeping, argument: Any) -> None:
    """Move a token, as an action of ours says which."""
    wanted = Argument.of(argument)
    document = document_of(session, wanted)
    source, editor = document.source(), LspEditor(session)
    work = partial(_move, session=session, source=source, wanted=wanted, editor=editor)
    moved = await keeping.run(work, document)
    if moved is not None:
        text = wording.moved(moved.token, str(moved.reference), list(moved.files))
        terms = await session.in_scan_thread(partial(terms_of, keeping.context(document), [moved.reference]))
        session.tell(f"{text} {stored_end(terms[moved.reference])}".rstrip(), types.MessageType.Info)


async def ignore(session: Session, keeping: Keeping, argument: Any) -> None:
    """Add an allow comment for a token, as an action of ours says which."""
    wanted = Argument.of(argument)
    if wanted.at is None:
        raise TokenwardError("The command's argument is incomplete; use the editor's quick fix.")
    document = document_of(session, wanted)
    source, context, editor = document.source(), keeping.context(document), LspEditor(session)
    await session.in_edit_thread(
        partial(ignoring.ignore, context, source, wanted.fingerprint, wanted.at, editor)
    )


async def allow(session: Session, keeping: Keeping, argument: Any) -> None:
    """Add an entry for a token to its workspace's ignore file, as an action of ours says which."""
    wanted = Argument.of(argument)
    document = document_of(session, wanted)
    home = session.homes.get(document.folder) if document.folder else None
    if wanted.at is None or home is None:
        raise TokenwardError("This text is in no open folder; open the folder, or add a comment instead.")
    context = replace(keeping.context(document), settings=session.settings_for(document))
    # An entry takes effect when it is on the disk; but what is being edited is its editor's.
    is_open = bool(session.documents.of_path(home / IGNORE_FILE))
    file = AllowFile(
        home, session.places.ignores_lock, LspEditor(session) if is_open else DiskEditor(follows_links=False)
    )
    source, at = document.source(), wanted.at
    await session.in_edit_thread(lambda: _allow(context, file, source, wanted.fingerprint, at))
    session.tell(wording.ignored_in_workspace(IGNORE_FILE), types.MessageType.Info)


def _allow(context: Context, file: AllowFile, source: Source, fingerprint: Fingerprint, at: Point) -> None:
    token = allowing.token_at(context.scanner, source, fingerprint, at)
    today = date.today()  # noqa: DTZ011 - a day of the user's calendar
    allowing.allow(context, file, [token], allowing.Terms(wording.IGNORE_REASON), today)


def _move(
    context: Context, *, session: Session, source: Source, wanted: Argument, editor: LspEditor
) -> moving.Moved:
    folder = folder_of(context, tuple(session.folders), source.origin)
    if folder is None:
        raise TokenwardError("This text belongs to no workspace; save it to a file first.")
    request = MoveRequest(source, folder, wanted.fingerprint, wanted.at, suggested=wanted.name)
    return moving.move(replace(context, settings=session.settings_of(folder)), request, editor)
