"""A quick fix and a command that have the client's user enter a token, which is then stored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from tokenward.errors import CustodyError, TokenwardError
from tokenward.lsp.client.code_action_context import wants_quick_fixes
from tokenward.lsp.client.convert import from_position, to_path
from tokenward.lsp.client.references import reference_at
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import workspace_of
from tokenward.lsp.parts import Parts
from tokenward.model import TOKEN_NAME, Reference, Surface
from tokenward.names import COMMAND_ENTER
from tokenward.operations.access.put import put
from tokenward.operations.context import Context
from tokenward.operations.stored.details import dangling
from tokenward.operations.token_names import NO_NAME, require_name
from tokenward.presentation import stored as words
from tokenward.presentation.quick_fixes import quick_fix
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin


async def dangling_actions(
    parts: Parts, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return the action that stores the token of a reference that resolves to nothing, if that can be entered."""
    session, vault = parts.session, parts.vault
    point = from_position(document.lines, params.range.start, session.encoding)
    found = reference_at(document.lines[point.line], point.column)
    if found is None or not (wants_quick_fixes(params.context.only) and vault.can_ask_hidden):
        return []
    reference, origin = found[1], document.origin
    try:
        context = vault.context(document)
        is_dangling = await session.in_scan_thread(partial(_is_dangling, session, context, origin, reference))
    except TokenwardError:
        # A hover says why; a message at each cursor move would be noise.
        return []
    fixed = [one for one in params.context.diagnostics if one.code == words.DANGLING]
    argument = {"uri": origin.uri, "name": reference.name}
    title = words.enter_title(reference)
    return [quick_fix(title, COMMAND_ENTER, argument, fixed, preferred=True)] if is_dangling else []


async def enter_token(parts: Parts, argument: Any) -> None:
    """Ask the user for a value, and store it under a name in the workspace of an open folder's file."""
    session, vault = parts.session, parts.vault
    origin, name = _target(argument)
    if not vault.can_ask_hidden:
        raise TokenwardError(words.cannot_enter(name))
    context = vault.context()
    folder = await session.in_scan_thread(partial(_folder, session, context, origin, name))
    secret = await vault.ask_hidden(words.enter_prompt(name, folder.name))
    if secret is None:
        return
    reference = await vault.run(
        lambda context: put(replace(context, settings=session.settings_of(folder)), folder, name, secret)[0]
    )
    if reference is not None:
        session.inform(words.entered(reference))
        parts.shown.lease_notes.check_all()


def _target(argument: Any) -> tuple[Origin, str]:
    """Return the file that a command's argument names, which need not exist, and the name of the token.

    Raises:
        TokenwardError: it names none.
    """
    uri, name = (argument.get(key) if isinstance(argument, dict) else None for key in ("uri", "name"))
    path = to_path(uri) if isinstance(uri, str) else None
    if path is None or not isinstance(name, str):
        raise TokenwardError("The command's argument is incomplete; use the editor's quick fix or menu.")
    if not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    return Origin(str(uri), Surface.FILE, path), name


def _folder(session: Session, context: Context, origin: Origin, name: str) -> Path:
    require_name(context, name)
    found = workspace_of(session, context, origin)
    if found is None or session.placed(origin.path)[1] is None:
        raise TokenwardError("This file is in no open folder; open its folder first.")
    return found[1]


def _is_dangling(session: Session, context: Context, origin: Origin, reference: Reference) -> bool:
    found = workspace_of(session, context, origin)
    return found is not None and bool(dangling(*found, [reference]))
