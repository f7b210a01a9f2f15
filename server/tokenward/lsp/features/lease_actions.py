"""Code actions that limit a reference's lease, and their command; as each permits less, none needs approval."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward.custody.leases.lease import Confirm, Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import SessionKind
from tokenward.errors import TokenwardError
from tokenward.lsp.client.code_action_context import wants_refactorings
from tokenward.lsp.client.convert import from_position
from tokenward.lsp.client.references import reference_at
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import workspace_of
from tokenward.lsp.parts import Parts
from tokenward.model import Reference
from tokenward.names import COMMAND_LEASE
from tokenward.operations.access.grant_lease import change_lease, lease_of, loosens
from tokenward.operations.approval.messages import whole_reference
from tokenward.operations.context import Context
from tokenward.presentation.leases import ASK_ALWAYS, EDITOR_LIMITS, limit_title, limited
from tokenward.setting_fields import duration
from tokenward.sources.documents import Document

LIMITS = (*EDITOR_LIMITS, ASK_ALWAYS)


async def reference_actions(
    parts: Parts, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return actions that limit the lease of the reference at the start of a range."""
    session = parts.session
    if not wants_refactorings(params.context):
        return []
    point = from_position(document.lines, params.range.start, session.encoding)
    found = reference_at(document.lines[point.line], point.column)
    if found is None:
        return []
    reference = found[1]
    try:
        context = parts.vault.context(document)
        limits = await session.in_scan_thread(partial(_limits, session, context, document, reference))
    except TokenwardError:
        # A hover says why; a message at each cursor move would be noise.
        return []
    return [_action(document.origin.uri, reference, limit) for limit in limits]


async def lease(parts: Parts, argument: Any) -> None:
    """Limit the lease of the token that the argument names."""
    session = parts.session
    uri, reference, limit = _argument(argument)
    document = session.documents.get(uri)
    if document is None:
        raise TokenwardError("The document was closed; open it and choose the action again.")
    context = parts.vault.context(document)
    await session.in_scan_thread(partial(_limit, session, context, document, reference, limit))
    session.inform(limited(reference, limit))
    parts.shown.lease_notes.schedule(document)


def _limits(session: Session, context: Context, document: Document, reference: Reference) -> list[str]:
    """Return the limits that permit less than the current lease."""
    workspace = workspace_of(session, context, document.origin)
    if workspace is None:
        return []
    context, folder = workspace
    context.bindings.check(reference, folder)
    before = lease_of(context, reference)
    after = {limit: _limited(context.leases, before, limit) for limit in LIMITS}
    return [
        limit
        for limit, lease in after.items()
        if lease != before and not loosens(context, before, lease) and not lease.erases_otherwise(before)
    ]


def _limit(session: Session, context: Context, document: Document, reference: Reference, limit: str) -> None:
    workspace = workspace_of(session, context, document.origin)
    if workspace is None:
        raise TokenwardError("This text belongs to no workspace; save it to a file in one first.")
    context, folder = workspace
    context.bindings.check(reference, folder)
    after = _limited(context.leases, lease_of(context, reference), limit)
    change_lease(context, folder, reference, after)


def _limited(leases: Leases, before: Lease, limit: str) -> Lease:
    if limit == ASK_ALWAYS:
        return replace(before, confirm=Confirm.ALWAYS)
    if limit == SessionKind.EDITOR.value:
        return replace(before, session=SessionKind.EDITOR, mark=leases.sessions.editor())
    return replace(before, expires=leases.moment().latest + (duration(limit) or 0))


def _action(uri: str, reference: Reference, limit: str) -> types.CodeAction:
    title = limit_title(reference, limit)
    argument = {"uri": uri, "reference": str(reference), "limit": limit}
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.Refactor,
        command=types.Command(title=title, command=COMMAND_LEASE, arguments=[argument]),
    )


def _argument(raw: object) -> tuple[str, Reference, str]:
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
