"""`tokenward put`."""

from __future__ import annotations

import sys

import typer

from tokenward.cli.support.invocation import Invocation, require_name
from tokenward.cli.support.person import ask_hidden
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.model import Secret

LARGEST = 1_000_000
"""Bytes of a value; a larger one is not a token."""


def register(app: typer.Typer) -> None:
    """Register the verb `put`."""
    # An extra argument may be the value; accept it, so that our own message refuses it.
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(put)


def put(
    command: typer.Context,
    name: str = typer.Argument(..., help="The name for the token, such as GITHUB_TOKEN."),
) -> None:
    """Store a token for this workspace.

    The value is read from a prompt or from stdin, without the final line end. It is never taken from the command line.
    """
    from tokenward.operations.access.lease_terms import terms_of
    from tokenward.operations.stored.store import put as store
    from tokenward.presentation.leases import stored_end

    require_name(name)
    if command.args:
        raise TokenwardError(
            "A value on the command line is refused, because other programs and the shell's history can see it; run "
            "`tokenward put NAME` and type the value when prompted, or pipe it in."
        )
    invocation = Invocation.here()
    value = _read_value(name)
    with invocation.context() as context:
        reference, made = store(context, invocation.folder, name, value)
        end = stored_end(terms_of(context, [reference])[reference])
    say(f"Stored {reference}" if made else f"{reference} already has that value")
    if end:
        say(end)


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
