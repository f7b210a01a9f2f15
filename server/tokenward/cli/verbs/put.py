"""`tokenward put`."""

from __future__ import annotations

import sys

import typer

from tokenward.cli.support.invocation import Setting, require_name
from tokenward.cli.support.person import ask_hidden
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.model import Secret

LARGEST = 1_000_000
"""Bytes of a value; more is no token."""


def register(app: typer.Typer) -> None:
    # What is too much may be the value, so that it is taken and refused by us.
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(put)


def put(
    command: typer.Context,
    name: str = typer.Argument(..., help="What to call the token, such as GITHUB_TOKEN."),
) -> None:
    """Store a token of this workspace.

    Its value comes from a prompt or from stdin, without the last line end, and never from the command line.
    """
    from tokenward.operations.access.lease_terms import terms_of
    from tokenward.operations.stored.store import put as store
    from tokenward.presentation.leases import stored_end

    require_name(name)
    if command.args:
        raise TokenwardError(
            "A value is not taken from the command line, which other programs and the shell's history see; run "
            "`tokenward put NAME` and type it when you are asked, or pipe it in."
        )
    setting = Setting.here()
    value = _read_value(name)
    with setting.context() as context:
        reference, made = store(context, setting.folder, name, value)
        end = stored_end(terms_of(context, [reference])[reference])
    say(f"Stored {reference}" if made else f"{reference} holds that value already")
    if end:
        say(end)


def _read_value(name: str) -> Secret:
    if sys.stdin is None:
        raise TokenwardError(
            f"The value of {name} cannot be read, since stdin is closed; nothing was stored."
        )
    if sys.stdin.isatty():
        value = ask_hidden(f"Value of {name}: ")
    else:
        value = _without_line_end(_decoded(name, sys.stdin.buffer.read(LARGEST + 1)))
    if not value:
        raise TokenwardError(f"The value of {name} is empty; nothing was stored.")
    return Secret(value)


def _decoded(name: str, content: bytes) -> str:
    if len(content) > LARGEST:
        raise TokenwardError(f"The value of {name} is larger than {LARGEST:,} bytes; nothing was stored.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        reason = f"The value of {name} is no text in UTF-8; nothing was stored."
    # Outside of the handler: the decoder's exception holds the bytes.
    raise TokenwardError(reason)


def _without_line_end(value: str) -> str:
    return value[:-2] if value.endswith("\r\n") else value.removesuffix("\n")
