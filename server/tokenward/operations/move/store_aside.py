"""store_aside: store a token and add it to the environment file, and leave the text with the token as it is."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.errors import EditUncertain, RewriteRefused, TokenwardError
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.environment_line import (
    conflicting_names,
    environment_edit,
    names_of_value,
    read_environment,
)
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.plan import MoveRequest, PlacesToMove, matching_numbers, suggested_names
from tokenward.operations.origins import language_for, preferred_workspace
from tokenward.operations.stored.store import put
from tokenward.places import shown
from tokenward.rewriting.look_up_hints import look_up_hint
from tokenward.token_prefixes import is_token_name

_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class StoredAside:
    """A stored token whose text is unchanged.

    Attributes:
        token: the description of the token for people.
        reference: its entry.
        look_up: what to write in the token's place, in the syntax of the file.
        environment: the name of the environment file.
    """

    token: str
    reference: Reference
    look_up: str
    environment: str


def aside_name(context: Context, request: MoveRequest, editor: Editor) -> str:
    """Return the name under which a token would be stored aside.

    Raises:
        TokenwardError: it cannot be stored.
    """
    workspace = context.bindings.name_of(request.folder) or preferred_workspace(
        context.settings, request.folder
    )
    return _choose(context, request, editor, workspace)[0].name


def store_aside(context: Context, request: MoveRequest, editor: Editor) -> StoredAside:
    """Store a token, then add its line to the environment file.

    Raises:
        TokenwardError: nothing has changed, except as the text says.
    """
    workspace = context.bindings.claim(request.folder, preferred_workspace(context.settings, request.folder))
    reference, chosen = _choose(context, request, editor, workspace)
    secret, finding = chosen.places[0].secret, chosen.finding
    reference, _ = put(context, request.folder, reference.name, secret, finding)
    environment = read_environment(context, request.source, request.folder, editor)
    files = [change.file for change in environment_edit(environment, reference, secret)]
    try:
        if files:
            editor.apply(files, f"Add {reference.name} to the environment file")
    except EditUncertain:
        raise
    except TokenwardError as error:
        raise TokenwardError(
            f"The token is stored as {reference}, but the environment file was not changed: {error} Add the line "
            f"`{reference.name}={reference}` to it."
        ) from None
    path = environment.file.source.origin.path
    return StoredAside(
        chosen.places[0].provider.token,
        reference,
        look_up_hint(request.source.origin.path, reference.name),
        shown(path.name) if path else ".env",
    )


def _choose(
    context: Context, request: MoveRequest, editor: Editor, workspace: str
) -> tuple[Reference, PlacesToMove]:
    tokens = FileTokens.of(context.scanner, request.source)
    numbers = matching_numbers(tokens, request)
    places = [tokens.detections[number] for number in numbers]
    chosen = PlacesToMove(request, places, tokens.findings[numbers[0]], 0, tokens.detections)
    first = places[0]
    if not first.whole or _ESCAPE in first.secret.reveal():
        raise RewriteRefused(
            "Where the token begins or ends, or how it is written, is not certain; store it by `tokenward put NAME`."
        )
    try:
        language = language_for(request.source)
    except RewriteRefused:
        language = None
    suggested = request.suggested if is_token_name(request.suggested or "") else None
    wanted = [suggested] if suggested else suggested_names(language, chosen)
    environment = read_environment(context, request.source, request.folder, editor)
    fingerprint = context.scanner.fingerprint(first.secret.reveal())
    taken = frozenset(conflicting_names(environment, workspace, first.secret))
    preferred = names_of_value(environment, first.secret)
    name = request.name or context.entries.free_name(
        workspace, wanted, fingerprint, taken, preferred=preferred
    )
    return Reference(workspace, name), chosen
