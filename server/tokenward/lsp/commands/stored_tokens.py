"""Renames or deletes a stored token, or replaces its value."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.errors import CustodyError, EditRefused, TokenwardError
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.lsp.commands.check_and_revoke import offer_revocation
from tokenward.lsp.commands.command_argument import stored_reference, workspace_of_stored
from tokenward.lsp.parts import Parts
from tokenward.model import TOKEN_NAME, Reference, Secret, references_in
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.leave.survey import files_in_need
from tokenward.operations.stored.find_references import SECONDS, referring_files
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest
from tokenward.operations.stored.rename import rename as renaming
from tokenward.operations.stored.replace import replace
from tokenward.operations.token_names import NO_NAME
from tokenward.presentation import stored as words
from tokenward.presentation.leases import replaced_end
from tokenward.sources.source import Source

DELETE_SEARCH_SECONDS = 5.0
"""The longest search for texts that refer to a token before the question whether to delete it."""
LARGEST = 1_000_000
"""Characters of a value; a larger one is not a token."""
_SURROGATE = re.compile("[\ud800-\udfff]")


async def rename(parts: Parts, argument: Any) -> None:
    """Rename a stored token and the references to it."""
    session, reference = parts.session, stored_reference(argument)
    name = argument.get("name")
    if not isinstance(name, str) or not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    context, editor = parts.vault.context(), LspEditor(session)
    workspace = await workspace_of_stored(session, context, reference)
    sources, skipped, is_whole = await _search(session, context, workspace.folder, reference, editor)
    request = RenameRequest(workspace.folder, reference, name, sources)
    to = await parts.vault.run_in(workspace.folder, partial(renaming, request=request, editor=editor))
    if to is not None:
        files = sorted({session.name_of(source.origin.uri) for source in sources})
        text = words.renamed(reference, to, files, skipped, is_whole=is_whole)
        show = session.show_message if skipped or not is_whole else session.inform
        show(text)


async def delete(parts: Parts, argument: Any) -> None:
    """Delete a stored token from the keyring, once the user has confirmed."""
    session, reference = parts.session, stored_reference(argument)
    context = parts.vault.context()
    workspace = await workspace_of_stored(session, context, reference)
    if not session.capabilities.asks:
        raise TokenwardError(words.cannot_ask(f"rm {reference.name}"))
    sources, skipped, is_whole = await _search(
        session, context, workspace.folder, reference, LspEditor(session), seconds=DELETE_SEARCH_SECONDS
    )
    needing = await session.in_scan_thread(partial(files_in_need, context, reference))
    names = (session.name_of(source.origin.uri) for source in sources)
    files = sorted({*names, *skipped, *(session.placed(path)[0] for path in needing)})
    question = words.delete_question(reference, files, is_whole=is_whole)
    if not await session.choose(question, [words.DELETE]):
        return
    was_there = await parts.vault.run(partial(remove, folder=workspace.folder, reference=reference))
    if was_there is not None:
        session.inform(words.deleted(reference, was_there=was_there))


async def replace_value(parts: Parts, params: Any) -> dict[str, str] | None:
    """Replace the value of a stored token once the user has confirmed, and offer to revoke the old one."""
    session, reference, secret = parts.session, stored_reference(params), _value(params)
    workspace = await workspace_of_stored(session, parts.vault.context(), reference)
    if not session.capabilities.asks:
        raise TokenwardError(words.cannot_ask(f"put {reference.name} --replace"))
    if not await session.choose(words.replace_question(reference), [words.REPLACE]):
        return None
    folder = workspace.folder
    done = await parts.vault.run_in(folder, lambda context: replace(context, folder, reference, secret))
    if done is None:
        return None
    parts.tokens.check_now()
    terms = await session.in_scan_thread(partial(terms_of, parts.vault.context(), [reference]))
    end = replaced_end(reference, terms[reference], time.time())
    text = f"{words.replaced(reference, is_new=done.is_new)} {end}".rstrip()
    session.inform(text)
    if done.old is not None:
        await offer_revocation(parts, workspace, reference, done.old)
    return {"reference": str(reference)}


def _value(params: Any) -> Secret:
    """Return the value in a request.

    Raises:
        TokenwardError: no value could be stored.
    """
    value = params.get("value") if isinstance(params, dict) else None
    # Half a character can be neither stored nor fingerprinted.
    if isinstance(value, str) and 0 < len(value) <= LARGEST and not _SURROGATE.search(value):
        return Secret(value)
    raise TokenwardError("The new value is empty, too large, or not text; nothing was changed.")


async def _search(
    session: Session,
    context: Context,
    folder: Path,
    reference: Reference,
    editor: LspEditor,
    *,
    seconds: float = SECONDS,
) -> tuple[list[Source], list[str], bool]:
    """Search a workspace for texts that refer to a token.

    Return them (open buffers replace files), what cannot be edited, and whether every file was read.
    """
    opened = [document.source() for document in session.documents if _refers(document.lines, reference)]
    held = {document.origin.path for document in session.documents}

    def in_thread() -> tuple[list[Source], list[str], bool]:
        settings = session.settings_of(folder)
        found = referring_files(
            folder,
            reference,
            settings,
            context.bindings,
            seconds=seconds,
            is_cancelled=lambda: session.is_closed,
        )
        sources, skipped = dict[str, Source](), list[str]()
        for source in opened:
            around = folder_of(session, context, source.origin)
            if around is not None and around.resolve() == folder.resolve():
                sources[source.origin.uri] = source
        for path in found.files:
            if path in held:
                continue
            file = None
            with contextlib.suppress(EditRefused):
                file = editor.read(path)
            if file is not None and _refers([file.text], reference):
                sources.setdefault(file.origin.uri, file)
            else:
                skipped.append(session.placed(path)[0])
        return list(sources.values()), skipped, found.is_whole

    return await session.in_scan_thread(in_thread)


def _refers(lines: Sequence[str], reference: Reference) -> bool:
    text = str(reference)
    return any(text in line and any(found == reference for _, found in references_in(line)) for line in lines)
