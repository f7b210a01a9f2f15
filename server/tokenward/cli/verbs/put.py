"""`tokenward put`."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute, require_name
from tokenward.cli.support.options import REASON
from tokenward.cli.support.person import ask_hidden, refuse_assistants
from tokenward.cli.support.provider_subject import offer_revocation
from tokenward.cli.support.terminal import note, say
from tokenward.custody.sockets.registry import folder_in
from tokenward.errors import TokenwardError
from tokenward.model import Reference, Secret
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.access.put import put as store
from tokenward.operations.command_words import plain_words
from tokenward.operations.context import Context, preferred_workspace
from tokenward.operations.editor_vault.client import request_value
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.environment_line import add_line, environment_at
from tokenward.operations.stored.find_references import look_ups
from tokenward.operations.stored.replace import replace as replace_stored
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown
from tokenward.presentation.leases import replaced_end, stored_end
from tokenward.presentation.stored import look_up_text, replaced

LARGEST = 1_000_000
"""Bytes of a value; a larger one is not a token."""


def put(
    command: typer.Context,
    name: str = typer.Argument(..., help="The name for the token, such as GITHUB_TOKEN."),
    replaces: bool = typer.Option(
        False, "--replace", help="Replace the value of a stored token; its references and lease stay."
    ),
    *,
    no_env: bool = typer.Option(False, "--no-env", help="Do not add the token to the environment file."),
    in_editor: bool = typer.Option(
        False, "--in-editor", help="Have a person enter the value in the editor that has the workspace open."
    ),
    reason: str = REASON,
) -> None:
    """Store a token for this workspace, and add it to .env.

    The value is read from a prompt or from stdin, without the final line end. It is never taken from the command line.
    """
    require_name(name)
    if command.args:
        raise TokenwardError(
            "A value on the command line is refused, because other programs and the shell's history can see it; run "
            "`tokenward put NAME` and type the value when prompted, or pipe it in."
        )
    invocation = Invocation.here()
    if replaces and in_editor:
        raise TokenwardError("`--replace` and `--in-editor` exclude each other; use only one of them.")
    if replaces:
        _replace(invocation, name)
    elif in_editor:
        _request(invocation, name, reason, no_env=no_env)
    else:
        _store(invocation, name, no_env=no_env)


def _store(invocation: Invocation, name: str, *, no_env: bool) -> None:
    value = _read_value(name)
    with invocation.context() as context:
        reference, made = store(context, invocation.folder, name, value)
        say(f"Stored {reference}" if made else f"{reference} already has that value")
        if end := stored_end(terms_of(context, [reference])[reference]):
            say(end)
        if not no_env:
            _add_line(context, invocation, reference, value)


def _request(invocation: Invocation, name: str, reason: str, *, no_env: bool) -> None:
    records = folder_in(invocation.places.data_dir)
    use = replace(Use.own(Purpose.ENTER), reason=plain_words(reason))
    expected = Reference(preferred_workspace(invocation.settings, invocation.folder), name)
    made = request_value(records, invocation.folder, expected, use, note)
    reference = invocation.reference(name)
    say(f"Stored {reference}" if made else f"{reference} already has that value")
    if not no_env:
        with invocation.context() as context:
            _add_line(context, invocation, reference, None)


def _add_line(context: Context, invocation: Invocation, reference: Reference, value: Secret | None) -> None:
    """Add the token to the environment file, and print how code reads it."""
    editor = DiskEditor(notes=invocation.places.writes)
    try:
        environment = environment_at(context, invocation.folder, absolute(Path()), editor)
        path = add_line(environment, reference, value, editor)
    except TokenwardError as error:
        # The value is stored, so this is no failure of the command.
        note(
            f"No line was added to the environment file: {error} "
            f"A program gets the token by `{reference.name}={reference}`."
        )
        return
    if path is not None:
        say(f"Added {reference.name} to {shown(path.relative_to(invocation.folder))}")
    say(look_up_text(look_ups(invocation.folder, invocation.settings, reference.name), reference.name))


def _replace(invocation: Invocation, name: str) -> None:
    """Replace a value; no assistant may, because the old value is lost, and the new one could be its own."""
    refuse_assistants()
    reference = invocation.reference(name)
    value = _read_value(name)
    with invocation.context() as context:
        done = replace_stored(context, invocation.folder, reference, value)
        say(replaced(reference, is_new=done.is_new))
        if end := replaced_end(reference, terms_of(context, [reference])[reference], time.time()):
            say(end)
        if done.old is not None:
            offer_revocation(context, invocation, reference, done.old)


def _read_value(name: str) -> Secret:
    if sys.stdin is None:
        raise TokenwardError(
            f"The value of {name} cannot be read because stdin is closed; nothing was stored."
        )
    if sys.stdin.isatty():
        value = ask_hidden(f"Value of {name}: ")
    else:
        value = _decode(name, sys.stdin.buffer.read(LARGEST + 1))
        value = value[:-2] if value.endswith("\r\n") else value.removesuffix("\n")
    if not value:
        raise TokenwardError(f"The value of {name} is empty; nothing was stored.")
    return Secret(value)


def _decode(name: str, content: bytes) -> str:
    if len(content) > LARGEST:
        raise TokenwardError(f"The value of {name} is larger than {LARGEST:,} bytes; nothing was stored.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        reason = f"The value of {name} is not UTF-8 text; nothing was stored."
    # Raised outside the handler, because the decoder's exception holds the bytes.
    raise TokenwardError(reason)
