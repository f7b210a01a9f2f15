"""Code actions for a reference, and their commands: enter the token that it lacks, or limit its lease.

As each limit permits less, none needs approval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from tokenward.custody.leases.lease import Confirm, Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import SessionKind
from tokenward.errors import CustodyError, TokenwardError
from tokenward.lsp.client.convert import from_position, to_path
from tokenward.lsp.client.references import reference_at
from tokenward.lsp.client.workspace_of import require_workspace, workspace_of
from tokenward.lsp.parts import Parts
from tokenward.model import TOKEN_NAME, Finding, Reference, Surface
from tokenward.names import COMMAND_ENTER, COMMAND_LEASE, DIAGNOSTIC_SOURCE
from tokenward.operations.access.grant_lease import change_lease, lease_of, loosens
from tokenward.operations.access.put import put
from tokenward.operations.approval.messages import whole_reference
from tokenward.operations.context import Context
from tokenward.operations.stored.listing import dangling
from tokenward.operations.token_names import NO_NAME, require_name
from tokenward.presentation import stored as words
from tokenward.presentation.leases import ASK_ALWAYS, EDITOR_LIMITS, limit_title, limited
from tokenward.presentation.quick_fixes import quick_fix
from tokenward.setting_fields import duration
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

LIMITS = (*EDITOR_LIMITS, ASK_ALWAYS)


def wants_quick_fixes(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Return whether a client requests quick fixes, perhaps among other kinds."""
    return not only or not {"", "quickfix"}.isdisjoint(_kinds(only))


def wants_refactorings(context: types.CodeActionContext) -> bool:
    """Return whether a client requests refactorings, by name or because its user opened the menu."""
    if context.only:
        return not {"", "refactor"}.isdisjoint(_kinds(context.only))
    return context.trigger_kind is not types.CodeActionTriggerKind.Automatic


def wants_source_action(only: Sequence[types.CodeActionKind | str] | None, kind: str) -> bool:
    """Return whether a client asks for a kind of source actions by its name, or by the start of it."""
    return any(f"{kind}.".startswith(f"{wanted}.") for wanted in _kinds(only or ()) if wanted)


def _kinds(only: Sequence[types.CodeActionKind | str]) -> set[str]:
    return {str(getattr(kind, "value", kind)) for kind in only}


def diagnostics_of(context: types.CodeActionContext, finding: Finding) -> list[types.Diagnostic]:
    """Return the client's own diagnostics that an action for the finding would fix."""
    return [
        diagnostic
        for diagnostic in context.diagnostics
        if diagnostic.source == DIAGNOSTIC_SOURCE
        and isinstance(diagnostic.data, dict)
        and diagnostic.data.get("fingerprint") == finding.fingerprint
    ]


async def reference_actions(
    parts: Parts, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return the actions for the reference at the start of a range, if there is one."""
    point = from_position(document.lines, params.range.start, parts.session.encoding)
    found = reference_at(document.lines[point.line], point.column)
    if found is None:
        return []
    vault, uri, reference, actions = parts.vault, document.origin.uri, found[1], list[types.CodeAction]()
    can_enter = wants_quick_fixes(params.context.only) and vault.can_ask_hidden
    missing = await vault.read(document, partial(dangling, references=[reference])) if can_enter else None
    if missing:
        fixed = [one for one in params.context.diagnostics if one.code == words.DANGLING]
        argument = {"uri": uri, "name": reference.name}
        title = words.enter_title(reference)
        actions.append(quick_fix(title, COMMAND_ENTER, argument, fixed, preferred=True))
    if wants_refactorings(params.context):
        limits = await vault.read(document, partial(_limits, reference=reference)) or ()
        actions += [_limit_action(uri, reference, limit) for limit in limits]
    return actions


def _limits(context: Context, folder: Path, reference: Reference) -> list[str]:
    """Return the limits that permit less than the current lease."""
    context.bindings.check(reference, folder)
    before = lease_of(context, reference)
    after = {limit: _limited(context.leases, before, limit) for limit in LIMITS}
    return [
        limit for limit, lease in after.items() if lease != before and not loosens(context, before, lease)
    ]


def _limit_action(uri: str, reference: Reference, limit: str) -> types.CodeAction:
    title = limit_title(reference, limit)
    argument = {"uri": uri, "reference": str(reference), "limit": limit}
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.Refactor,
        command=types.Command(title=title, command=COMMAND_LEASE, arguments=[argument]),
    )


async def lease(parts: Parts, argument: Any) -> None:
    """Limit the lease of the token that the argument names."""
    session = parts.session
    uri, reference, limit = _reference_and_limit(argument)
    document = session.documents.get(uri)
    if document is None:
        raise TokenwardError("The document was closed; open it and choose the action again.")
    context, origin = parts.vault.context(document), document.origin

    def change() -> None:
        inside, folder = require_workspace(session, context, origin)
        inside.bindings.check(reference, folder)
        change_lease(inside, folder, reference, _limited(inside.leases, lease_of(inside, reference), limit))

    await session.in_scan_thread(change)
    session.inform(limited(reference, limit))
    parts.shown.lease_notes.schedule(document)


def _reference_and_limit(raw: object) -> tuple[str, Reference, str]:
    """Parse the argument of one of our actions; refuse anything else."""
    fields = raw if isinstance(raw, dict) else {}
    uri, text, limit = (fields.get(key) for key in ("uri", "reference", "limit"))
    if not isinstance(uri, str) or not isinstance(text, str) or limit not in LIMITS:
        raise TokenwardError("The command's argument is incomplete; use the editor's code action.")
    try:
        return uri, whole_reference(text), str(limit)
    except ValueError:
        raise TokenwardError(
            "The command's argument names no reference; use the editor's code action."
        ) from None


def _limited(leases: Leases, before: Lease, limit: str) -> Lease:
    if limit == ASK_ALWAYS:
        return replace(before, confirm=Confirm.ALWAYS)
    if limit == SessionKind.EDITOR.value:
        return replace(before, session=SessionKind.EDITOR, mark=leases.sessions.editor())
    return replace(before, expires=leases.moment().latest + (duration(limit) or 0))


async def enter_token(parts: Parts, argument: Any) -> None:
    """Ask the user for a value, and store it under a name in the workspace of an open folder's file."""
    session, vault = parts.session, parts.vault
    origin, name = _file_and_name(argument)
    if not vault.can_ask_hidden:
        raise TokenwardError(words.cannot_enter(name))
    context = vault.context()

    def workspace() -> Path:
        require_name(context, name)
        found = workspace_of(session, context, origin)
        if found is None or session.placed(origin.path)[1] is None:
            raise TokenwardError("This file is in no open folder; open its folder first.")
        return found[1]

    folder = await session.in_scan_thread(workspace)
    secret = await vault.ask_hidden(words.enter_prompt(name, folder.name))
    if secret is None:
        return
    stored = await vault.run_in(folder, partial(put, folder=folder, name=name, secret=secret))
    if stored is not None:
        session.inform(words.entered(stored[0]))
        parts.shown.lease_notes.check_all()


def _file_and_name(argument: Any) -> tuple[Origin, str]:
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
