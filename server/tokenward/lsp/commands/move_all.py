"""workspace/executeCommand: moving all tokens of a document or of its workspace, after one question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tokenward.custody.ledger.database import databases_kept_open
from tokenward.errors import EditUncertain, MoveStopped, TokenwardError, VaultError
from tokenward.language import said
from tokenward.lsp.client.convert import to_uri
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import folder_of, require_workspace
from tokenward.lsp.commands.command_argument import open_document
from tokenward.lsp.commands.finish import tell_moved
from tokenward.lsp.parts import Parts
from tokenward.model import Surface
from tokenward.operations.context import Context
from tokenward.operations.move.find_files import WorkspaceFiles, in_order
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.move_file import FileRequest, move_file
from tokenward.operations.move.preview import FilePreview, Previewer
from tokenward.presentation import previews as words
from tokenward.presentation import wording
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

_Planned = list[tuple[FileRequest, FilePreview]]
"""The tokens of each file."""


async def move_all(parts: Parts, argument: Any) -> dict[str, Any] | None:
    """Move all tokens of the document that the argument names, or of its workspace, as `move` does."""
    session, vault = parts.session, parts.vault
    fields = argument if isinstance(argument, dict) else {}
    scope = fields.get("scope")
    if not isinstance(fields.get("uri"), str) or scope not in ("file", "workspace"):
        raise TokenwardError("The command's argument is incomplete; use the editor's source action.")
    document, everywhere = open_document(session, fields), scope == "workspace"
    editor = LspEditor(session)
    context = vault.context(None if everywhere else document)
    work = partial(_plan, session, context, document, editor, everywhere=everywhere)
    context, planned = await session.in_scan_thread(work)
    requests = [request for request, preview in planned if preview.moved]
    if not requests:
        session.show_message(words.nothing_to_move([preview for _, preview in planned]))
        return None
    named = [(request.source.name, preview) for request, preview in planned]
    if await session.choose(words.question(named), [wording.MOVE_ALL_ANSWER]) != wording.MOVE_ALL_ANSWER:
        return None
    stopped, total = threading.Event(), sum(len(preview.moves) for _, preview in planned)
    bar, numbers = ProgressBar(session, said(wording.MOVING), stopped.set), count(1)

    def watch() -> bool:
        session.on_loop(partial(bar.report, f"{next(numbers):,} / {total:,}"))
        return stopped.is_set()

    try:
        moved = await vault.run(
            partial(_move, editor=editor, requests=requests, planned_in=context, watch=watch)
        )
    finally:
        bar.end("")
    if moved is None:
        return None
    results, failures = moved
    left = (one.left for one in results)
    return await tell_moved(parts, words.moved_all(results, failures), left, is_warning=bool(failures))


def _plan(
    session: Session, context: Context, document: Document, editor: LspEditor, *, everywhere: bool
) -> tuple[Context, _Planned]:
    """Return the files to move tokens out of, and the context with their workspace's settings and rules."""
    context, folder = require_workspace(session, context, document.origin)
    if not everywhere:
        source = document.source()
        request = FileRequest(source, folder, (), None)
        return context, [(request, Previewer(context, editor).preview(request))]
    files = WorkspaceFiles(context, session.places, folder)
    return files.context, _plan_workspace(session, files, editor)


def _plan_workspace(session: Session, files: WorkspaceFiles, editor: LspEditor) -> _Planned:
    def root_of(parent: Path) -> Path | None:
        inside = parent / "file"
        return folder_of(session, files.context, Origin(to_uri(inside), Surface.FILE, inside))

    found = [path for path in files.find([files.folder], root_of) if isinstance(path, Path)]
    previewer, planned = Previewer(files.context, editor), _Planned()
    for path in in_order(found):
        try:
            source = files.read(path, editor)
            if source is not None:
                request = FileRequest(source, files.folder, (), None)
                planned.append((request, previewer.preview(request)))
        except TokenwardError:
            # It cannot be read as text, or its buffer no longer has a token.
            continue
    return planned


def _move(
    context: Context,
    *,
    editor: LspEditor,
    requests: Sequence[FileRequest],
    planned_in: Context,
    watch: Callable[[], bool],
) -> tuple[list[MoveResult], list[TokenwardError]]:
    """Return the moves, and why other tokens stay; stop where the others would fail too."""
    context = replace(context, settings=planned_in.settings).scanning_with(planned_in.scanner)
    results, failures = list[MoveResult](), list[TokenwardError]()
    for number, planned in enumerate(requests):
        try:
            request = planned.after_other_moves(editor) if number else planned
            with databases_kept_open():
                for outcome in move_file(context, request, editor, watch):
                    if isinstance(outcome.result, MoveResult):
                        results.append(outcome.result)
                    elif isinstance(outcome.result, TokenwardError):
                        failures.append(outcome.result)
        except TokenwardError as error:
            if isinstance(error, VaultError) and not results:
                raise
            failures.append(error)
            if isinstance(error, (VaultError, EditUncertain, MoveStopped)):
                break
    return results, failures
