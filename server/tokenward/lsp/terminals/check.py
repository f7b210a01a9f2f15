"""Prepares the check of a token in terminal output, whose text cannot be scanned again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tokenward.errors import TokenGone
from tokenward.lsp.client.command_argument import CommandArgument
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.lsp.client.workspace_of import with_workspace
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.lsp.terminals.transcript_page import TranscriptPage
from tokenward.model import Secret, Surface
from tokenward.operations.context import Context
from tokenward.operations.provider.subject import ProviderQuestion, asker_of, question_of_value
from tokenward.operations.terminal.output import PrintedToken
from tokenward.sources.source import Origin


def printed_of(terminals: Terminals, argument: CommandArgument) -> tuple[TranscriptPage, PrintedToken]:
    """Return the token of an action; the version does not matter, because transcripts are never edited.

    Raises:
        TokenGone: it is no longer reported.
    """
    page = terminals.get(argument.uri)
    for printed in page.printed if page is not None else ():
        if printed.fingerprint == argument.fingerprint:
            assert page is not None  # noqa: S101 - it has printed something
            return page, printed
    raise TokenGone("This output is no longer available; run the command again.")


def place_of(terminals: Terminals, page: TranscriptPage) -> Origin:
    """Return the working folder of an execution as the origin of a text."""
    opened = terminals.folder(page)
    cwd = page.cwd
    is_inside = opened is not None and cwd is not None and cwd.is_relative_to(opened)
    folder = cwd if is_inside else opened
    # A workspace is found by a file, so a file name is made up.
    return Origin(page.uri, Surface.TERMINAL, None if folder is None else folder / "terminal")


async def printed_question(
    vault: VaultAccess, terminals: Terminals, argument: CommandArgument
) -> tuple[Context, ProviderQuestion]:
    """Return a token whose value is still remembered, and how to check it.

    Raises:
        TokenGone: its value is no longer remembered.
        TokenwardError: no rule recognises it.
    """
    page, printed = printed_of(terminals, argument)
    secret = terminals.secret(printed.fingerprint)
    context = context_of(terminals, vault, page)
    work = partial(_question, terminals.session, context, secret, printed, place_of(terminals, page))
    return await terminals.session.in_scan_thread(work)


def context_of(terminals: Terminals, vault: VaultAccess, page: TranscriptPage) -> Context:
    """Return a context without the vault, with the rules of an execution's folder.

    Raises:
        TokenwardError: the rules are not loaded yet.
    """
    context, scanner = vault.context(), terminals.scanner(page)
    return context if scanner is None else context.scanning_with(scanner)


def _question(
    session: Session, context: Context, secret: Secret, printed: PrintedToken, place: Origin
) -> tuple[Context, ProviderQuestion]:
    context, _ = with_workspace(session, context, place)
    asker = asker_of(context, session.places)
    question = question_of_value(context, asker, secret, printed.variable)
    return context, replace(question, origin=place.uri)
