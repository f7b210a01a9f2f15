"""workspace/executeCommand: renames or deletes a stored token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from tokenward.errors import CustodyError, EditRefused, TokenwardError
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.lsp.parts import Parts
from tokenward.model import TOKEN_NAME, Reference, references_in
from tokenward.operations.approval.messages import whole_reference
from tokenward.operations.context import Context
from tokenward.operations.leave.survey import files_in_need
from tokenward.operations.stored.find_references import SECONDS, referring_files
from tokenward.operations.stored.listing import OpenWorkspace, workspace_for
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest
from tokenward.operations.stored.rename import rename as renaming
from tokenward.operations.token_names import NO_NAME, require_known
from tokenward.presentation import stored as words
from tokenward.sources.source import Source

DELETE_SEARCH_SECONDS = 5.0
"""The longest search for texts that refer to a token before the question whether to delete it."""


async def rename(parts: Parts, argument: Any) -> None:
    """Rename a stored token and the references to it."""
    session, reference = parts.session, stored_reference(argument)
    name = argument.get("name")
    if not isinstance(name, str) or not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    context, editor = parts.vault.context(), LspEditor(session)
    workspace = await workspace_of_stored(session, context, reference)
    search = _Search(session, context, workspace, reference, editor)
    sources, skipped, is_whole = await session.in_scan_thread(search.run)
    request = RenameRequest(workspace.folder, reference, name, sources)
    to = await parts.vault.run(
        lambda context: renaming(
            replace(context, settings=session.settings_of(workspace.folder)), request, editor
        )
    )
    if to is not None:
        files = sorted({session.name_of(source.origin.uri) for source in sources})
        text = words.renamed(reference, to, files, skipped, is_whole=is_whole)
        session.show_message(
            text, types.MessageType.Warning if skipped or not is_whole else types.MessageType.Info
        )


async def delete(parts: Parts, argument: Any) -> None:
    """Delete a stored token from the keyring, once the user has confirmed."""
    session, reference = parts.session, stored_reference(argument)
    context = parts.vault.context()
    workspace = await workspace_of_stored(session, context, reference)
    if not session.capabilities.asks:
        raise TokenwardError(words.cannot_ask(f"rm {reference.name}"))
    search = _Search(session, context, workspace, reference, LspEditor(session))
    sources, skipped, is_whole = await session.in_scan_thread(partial(search.run, DELETE_SEARCH_SECONDS))
    needing = await session.in_scan_thread(partial(files_in_need, context, reference))
    names = (session.name_of(source.origin.uri) for source in sources)
    files = sorted({*names, *skipped, *(session.placed(path)[0] for path in needing)})
    question = words.delete_question(reference, files, is_whole=is_whole)
    if not await session.choose(question, [words.DELETE]):
        return
    was_there = await parts.vault.run(partial(remove, folder=workspace.folder, reference=reference))
    if was_there is not None:
        session.show_message(words.deleted(reference, was_there=was_there), types.MessageType.Info)


def stored_reference(raw: object) -> Reference:
    """Return the reference that a command's argument names.

    Raises:
        TokenwardError: it names no reference.
    """
    try:
        return whole_reference(raw.get("reference") if isinstance(raw, dict) else None)
    except ValueError:
        raise TokenwardError(
            "The command's argument names no reference; choose a token in the list."
        ) from None


async def workspace_of_stored(session: Session, context: Context, reference: Reference) -> OpenWorkspace:
    """Return the open workspace of a reference, because the request may come from any extension.

    Raises:
        WorkspaceElsewhere: it belongs to no open workspace.
    """

    def find() -> OpenWorkspace:
        require_known(context.entries, [reference])
        return workspace_for(context.bindings, tuple(session.folders), reference)

    return await session.in_scan_thread(find)


class _Search:
    """Searches a workspace for texts that refer to a token; created on the event loop, run in a thread."""

    def __init__(
        self,
        session: Session,
        context: Context,
        workspace: OpenWorkspace,
        reference: Reference,
        editor: LspEditor,
    ) -> None:
        self._session = session
        self._context = context
        self._folder = workspace.folder
        self._reference = reference
        self._editor = editor
        self._opened = [d.source() for d in session.documents if _refers(d.lines, reference)]
        self._held = {document.origin.path for document in session.documents}

    def run(self, seconds: float = SECONDS) -> tuple[list[Source], list[str], bool]:
        """Return the texts (open buffers replace files), what cannot be edited, and whether every file was read."""
        settings, bindings = self._session.settings_of(self._folder), self._context.bindings
        session = self._session
        found = referring_files(
            self._folder,
            self._reference,
            settings,
            bindings,
            seconds=seconds,
            is_cancelled=lambda: session.is_closed,
        )
        sources = {source.origin.uri: source for source in self._opened if self._is_inside(source)}
        skipped = []
        for path in found.files:
            if path in self._held:
                continue
            source = self._read(path)
            if source is not None and _refers([source.text], self._reference):
                sources.setdefault(source.origin.uri, source)
            else:
                skipped.append(self._session.placed(path)[0])
        return list(sources.values()), skipped, found.is_whole

    def _is_inside(self, source: Source) -> bool:
        """Return whether a text belongs to the workspace."""
        found = folder_of(self._context, tuple(self._session.folders), source.origin)
        return found is not None and found.resolve() == self._folder.resolve()

    def _read(self, path: Path) -> Source | None:
        try:
            return self._editor.read(path)
        except EditRefused:
            return None


def _refers(lines: Sequence[str], reference: Reference) -> bool:
    text = str(reference)
    return any(text in line and any(found == reference for _, found in references_in(line)) for line in lines)
