"""Stores a token and adds it to the environment file, but leaves the text with the token unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from tokenward.custody.ledger.events import JSON
from tokenward.errors import EditUncertain, NameTaken, RewriteRefused, TokenwardError
from tokenward.model import Finding, Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move.environment_line import (
    added_lines,
    conflicting_names,
    environment_edit,
    names_of_value,
    read_environment,
)
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.name_choices import suggested_names
from tokenward.operations.move.name_collisions import colliding_names
from tokenward.operations.move.plan import MOST_NAMES_TRIED, MoveRequest, matching_numbers
from tokenward.operations.origins import language_if_known
from tokenward.places import shown
from tokenward.rewriting.look_up_hints import look_up_hint
from tokenward.token_prefixes import is_token_name

_MAYBE_ESCAPED = re.compile(r"""\\|&#?\w+;|''|""|%%|\$\$""")
"""Characters that some formats read as other text, so that the value is not certain."""


@dataclass(frozen=True, slots=True)
class StoredAside:
    """A stored token whose text is unchanged.

    Attributes:
        token: the description of the token for people.
        reference: its reference.
        look_up: the text to write in the token's place, in the syntax of the file; the bare name if that is unknown.
        environment: the name of the environment file.
    """

    token: str
    reference: Reference
    look_up: str
    environment: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """The value, its name, and the line that assigns its reference."""

    token: str
    reference: Reference
    secret: Secret
    finding: Finding
    environment: FileEdit
    edits: tuple[FileEdit, ...]
    detail: Mapping[str, JSON]


def aside_name(context: Context, request: MoveRequest, editor: Editor) -> str | None:
    """Return the name under which a token would be stored; None if it cannot be."""
    with suppress(TokenwardError):
        workspace = context.workspace_of(request.folder)
        return _plan(context, request, editor, workspace, frozenset()).reference.name
    return None


def store_aside(context: Context, request: MoveRequest, editor: Editor) -> StoredAside:
    """Store a token, then add its line to the environment file.

    Raises:
        TokenwardError: nothing has changed, except as the text says.
    """
    workspace = context.claim_workspace(request.folder)
    taken: frozenset[str] = frozenset()
    while True:
        plan = _plan(context, request, editor, workspace, taken)
        try:
            put(context, request.folder, plan.reference.name, plan.secret, plan.finding, detail=plan.detail)
            break
        except NameTaken:
            # The keyring has an unrecorded entry.
            if request.name is not None or len(taken) >= MOST_NAMES_TRIED:
                raise
            taken |= {plan.reference.name}
    _add_line(plan, editor)
    path = plan.environment.source.origin.path
    name = shown(path.name) if path else ".env"
    look_up = look_up_hint(request.source.origin.path, plan.reference.name)
    return StoredAside(plan.token, plan.reference, look_up, name)


def _add_line(plan: _Plan, editor: Editor) -> None:
    try:
        if plan.edits:
            editor.apply(plan.edits, f"Add {plan.reference.name} to the environment file")
    except EditUncertain:
        raise
    except TokenwardError as error:
        raise TokenwardError(
            "The token is stored as {reference}, but the environment file was not changed: {error} Add "
            "the line `{name}={reference}` to it.",
            reference=plan.reference,
            error=error,
            name=plan.reference.name,
        ) from None


def _plan(
    context: Context, request: MoveRequest, editor: Editor, workspace: str, taken: frozenset[str]
) -> _Plan:
    tokens = FileTokens.of(context.scanner, request.source)
    number = matching_numbers(tokens, request)[0]
    first, finding = tokens.detections[number], tokens.findings[number]
    if not first.whole or _MAYBE_ESCAPED.search(first.secret.reveal()):
        raise RewriteRefused(
            "It is not certain where the token ends or how it is written; store it with `tokenward put NAME`."
        )
    language = language_if_known(request.source)
    suggested = request.suggested if is_token_name(request.suggested or "") else None
    wanted = [suggested] if suggested else suggested_names(language, request.source, first, tokens.letters)
    environment = read_environment(context, request.source, request.folder, editor)
    fingerprint = context.scanner.fingerprint(first.secret.reveal())
    taken |= conflicting_names(environment, workspace, first.secret)
    taken |= colliding_names(context, request.source, request.folder, environment, first.secret, names=wanted)
    preferred = names_of_value(environment, first.secret)
    name = request.name or context.entries.free_name(
        workspace, wanted, fingerprint, taken, preferred=preferred
    )
    reference = Reference(workspace, name)
    changes = environment_edit(environment, reference, first.secret)
    edits = tuple(change.file for change in changes)
    detail = {"added": added_lines([change.file for change in changes if not change.undo], reference)}
    return _Plan(first.provider.token, reference, first.secret, finding, environment.file, edits, detail)
