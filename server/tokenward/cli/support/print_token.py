"""Prints or copies a stored token, without the command-line toolkit."""

from __future__ import annotations

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.person import require_yes_to_show
from tokenward.cli.support.terminal import print_text


def print_token(name: str, *, clip: bool = False, yes: bool = False) -> None:
    """Print or copy a token; ask before a terminal shows it.

    Raises:
        TokenwardError: it may not or cannot be given.
    """
    from tokenward.operations.access.resolve import resolve
    from tokenward.operations.use import Purpose, Use

    invocation = Invocation.here()
    reference = invocation.reference(name)
    if not clip:
        otherwise = "A terminal would show the value and nobody can be asked; pass `--yes` to print it."
        require_yes_to_show(f"Show the value of {reference} on this screen?", otherwise=otherwise, given=yes)
    with invocation.context() as context:
        secret = resolve(context, invocation.folder, reference, Use.own(Purpose.GET))
    if clip:
        from tokenward.cli.support.clipboard import copy_for_a_while

        copy_for_a_while(secret)
    else:
        print_text(secret.reveal())
