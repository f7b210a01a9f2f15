"""workspace/executeCommand: moves or ignores one token or all, and does the steps that a move has left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tokenward.custody.ledger.database import databases_kept_open
from tokenward.detection.suppress.ignore_file import IGNORE_FILE
from tokenward.errors import EditUncertain, MoveStopped, TokenwardError, VaultError
from tokenward.language import said
from tokenward.lsp.client.convert import to_uri
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.progress import ProgressBar
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import folder_of, require_workspace
from tokenward.lsp.commands.command_argument import (
    CommandArgument,
    open_document,
    stored_reference,
    workspace_of_stored,
)
from tokenward.lsp.parts import Parts
from tokenward.model import Surface
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.ignore import add_entries as allowing
from tokenward.operations.ignore.ignore_comment import ignore_by_comment
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.move import move as moving
from tokenward.operations.move import store_aside as storing
from tokenward.operations.move.find_files import WorkspaceFiles, in_order
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.move_file import move_file
from tokenward.operations.move.plan import MoveRequest
from tokenward.operations.move.preview import FilePreview, FileRequest, Previewer
from tokenward.operations.run.follow_ups import ReadyStep, ready_step, start_step
from tokenward.presentation import previews as words
from tokenward.presentation import wording
from tokenward.presentation.leases import stored_end
from tokenward.rewriting.follow_up import FollowUp
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

T = TypeVar("T")
_Planned = list[tuple[FileRequest, FilePreview]]
"""The tokens of each file, and the plan for them."""


async def finish(parts: Parts, argument: Any) -> None:
    """Start the commands of the steps that the argument names, once the user agrees to them."""
    session = parts.session
    folder, ready = await _ready(parts, _steps(argument))
    question = wording.finish_question([*map(str, ready)])
    if not ready or await session.choose(question, [wording.FINISH_ANSWER]) != wording.FINISH_ANSWER:
        return

    def start(context: Context) -> list[TokenwardError]:
        failed = list[TokenwardError]()
        for step in ready:
            try:
                start_step(context, folder, step)
            except TokenwardError as error:
                failed.append(error)
        return failed

    failed = await parts.vault.run_in(folder, start)
    if failed is not None:
        show = session.show_message if failed else session.inform
        show(wording.finished(len(ready), failed))


async def tell_moved(
    parts: Parts, message: str, left: Iterable[FollowUp | None], *, is_warning: bool = False
) -> dict[str, Any] | None:
    """Tell the user that tokens were moved, and offer to do the steps left; return what the client is to do of that."""
    session = parts.session
    _, ready = await _ready(parts, [*dict.fromkeys(filter(None, left))])
    steps = [{**asdict(one.step), "reference": str(one.step.reference)} for one in ready]
    if "moved" in session.capabilities.extensions and not is_warning:
        return {"message": message, **({"finish": {"steps": steps}} if steps else {})}
    show = session.show_message if is_warning else session.inform
    show(message)
    if steps:
        session.start_task(finish(parts, {"steps": steps}))
    return None


def _steps(argument: Any) -> list[FollowUp]:
    try:
        return [
            FollowUp(one["program"], stored_reference(one), str(one["own"]), str(one["url"]))
            for one in argument["steps"]
        ]
    except (KeyError, TypeError, ValueError):
        raise TokenwardError("The command's argument names no step that a move has left.") from None


async def _ready(parts: Parts, steps: Sequence[FollowUp]) -> tuple[Path, list[ReadyStep]]:
    """Return the workspace of a move's steps, and those that can be started there."""
    if not steps:
        return Path(), []
    session = parts.session
    workspace = await workspace_of_stored(session, parts.vault.context(), steps[0].reference)
    folder = workspace.folder
    found = await session.in_scan_thread(lambda: [ready_step(folder, step) for step in steps])
    return folder, [*filter(None, found)]


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
        partial(ignore_by_comment, context, source, target.fingerprint, target.at, editor)
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
    if not any(preview.moved for _, preview in planned):
        session.show_message(words.nothing_to_move([preview for _, preview in planned]))
        return None
    named = [(request.source.name, preview) for request, preview in planned]
    if await session.choose(words.question(named), [wording.MOVE_ALL_ANSWER]) != wording.MOVE_ALL_ANSWER:
        return None
    stopped, total = threading.Event(), sum(len(preview.moves) for _, preview in planned)
    bar, done = ProgressBar(session, said(wording.MOVING), stopped.set), 0

    def watch(count: int) -> bool:
        nonlocal done
        done += count
        session.on_loop(partial(bar.report, f"{done:,} / {total:,}"))
        return stopped.is_set()

    try:
        moved = await vault.run(
            partial(_move, editor=editor, planned=planned, planned_in=context, watch=watch)
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
    planned: _Planned,
    planned_in: Context,
    watch: Callable[[int], bool],
) -> tuple[list[MoveResult], list[TokenwardError]]:
    """Return the moves, and why other tokens stay; stop where the others would fail too."""
    context = replace(context, settings=planned_in.settings).scanning_with(planned_in.scanner)
    results, failures = list[MoveResult](), list[TokenwardError]()
    for number, (request, preview) in enumerate(one for one in planned if one[1].moved):
        try:
            current = request.after_other_moves(editor) if number else request
            with databases_kept_open():
                for outcome in move_file(context, current, editor, watch, preview):
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
