"""The token that `tokenward check` and `revoke` are about, and the consent that they need."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.options import NamedPlace, parse_place
from tokenward.cli.support.person import is_person, require_yes, says_yes
from tokenward.cli.support.terminal import say
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.validation.hosts import Host
from tokenward.detection.validation.requests import RevocationOutcome
from tokenward.errors import PersonNeeded, TokenwardError
from tokenward.model import Reference, Secret, reference_of
from tokenward.operations.access.resolve import resolve
from tokenward.operations.context import Context
from tokenward.operations.ignore.find_tokens import named_file, text_of
from tokenward.operations.provider import check_and_revoke
from tokenward.operations.provider.check_and_revoke import references_to
from tokenward.operations.provider.subject import (
    ProviderQuestion,
    SearchedText,
    asker_of,
    question_at,
    question_of_value,
)
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown
from tokenward.presentation.provider import (
    OLD_IS_UNKNOWN,
    old_may_work,
    revoke_confirmation,
    revoke_question,
    revoked,
)
from tokenward.text import Encoding, from_units, split_lines

STDIN = "-"
LARGEST = 100_000
"""Bytes of a value from stdin; a larger one is not a token."""


@contextmanager
def provider_question(subject: str) -> Iterator[tuple[Context, ProviderQuestion]]:
    """Give the token that a place, a reference or `-` names, and the context with the rules of its workspace.

    Raises:
        TokenwardError: there is no token or more than one, or it may not be used.
    """
    is_file = subject != STDIN and reference_of(subject) is None
    invocation = Invocation.here(absolute(_place(subject).path).parent) if is_file else Invocation.here()
    with invocation.context() as context:
        find = _find_in_file if is_file else _find_alone
        yield find(context, invocation, subject)


def require_consent(
    hosts: Sequence[Host], questions: Sequence[str], named: Sequence[str], *, yes: bool
) -> None:
    """Require a person's yes to each question, or a script that names exactly these hosts.

    Raises:
        TokenwardError: there was no consent.
    """
    if yes and {name.lower() for name in named} != {host.name for host in hosts}:
        options = " ".join(f"--host {shown(host.name)}" for host in hosts)
        raise TokenwardError(
            f"The token would be sent to hosts other than those you named; to agree, use {options}."
        )
    otherwise = (
        "Nobody can be asked whether the token may be sent; pass `--yes` and a `--host` for each host."
    )
    for question in questions:
        require_yes(question, otherwise=otherwise, given=yes)


def offer_revocation(context: Context, invocation: Invocation, reference: Reference, old: Secret) -> None:
    """Offer a person to revoke a value that was just replaced, which nothing stores now."""
    context = _with_rules(context, invocation, str(invocation.folder))
    try:
        question = question_of_value(context, asker_of(context, invocation.places), old, reference.name)
    except TokenwardError:
        say(OLD_IS_UNKNOWN)
        return
    if question.way is None or not question.way.revoke or not _agrees(question):
        say(old_may_work(question.token, question.profile))
        return
    say(revoke(context, question)[1])


def _agrees(question: ProviderQuestion) -> bool:
    """Return whether a person at a terminal wants the replaced value to be revoked."""
    hosts = question.way.revoke if question.way is not None else ()
    texts = [revoke_question(f"old {question.token}", hosts), revoke_confirmation(f"old {question.token}")]
    try:
        return is_person() and all(says_yes(text, otherwise="") for text in texts)
    except PersonNeeded:
        # The value is replaced already, so no answer is no failure.
        return False


def revoke(
    context: Context, question: ProviderQuestion, places: Sequence[str] = ()
) -> tuple[RevocationOutcome, str]:
    """Have the provider revoke a token, which may also be in places; return the result, and the same as a text."""
    hosts = question.way.revoke if question.way is not None else ()
    revocation = check_and_revoke.revoke(context, question, Cancellation())
    references = references_to(context, question.fingerprint)
    text = revoked(question.token, hosts, revocation, question.profile, places=places, references=references)
    return revocation.ending, text


def _place(subject: str) -> NamedPlace:
    try:
        return parse_place(subject, may_be_file=True)
    except (TokenwardError, ValueError):
        # The subject is not repeated, because it may be a value that belongs on stdin.
        reason = "No such file; name an existing file, a keyring:// reference, or `-` for a value on stdin."
    raise TokenwardError(reason)


def _with_rules(context: Context, invocation: Invocation, root: str) -> Context:
    rules = RootRules(context.scanner, invocation.settings, invocation.places).of(root)
    return context.scanning_with(replace(context.scanner, local=rules.local, prefix=rules.prefix))


def _find_alone(context: Context, invocation: Invocation, subject: str) -> tuple[Context, ProviderQuestion]:
    """Return a token that is not in a file."""
    context = _with_rules(context, invocation, str(invocation.folder))
    asker = asker_of(context, invocation.places)
    if subject == STDIN:
        return context, question_of_value(context, asker, _from_stdin(), "TOKEN")
    reference = invocation.reference(subject)
    secret = resolve(context, invocation.folder, reference, Use.own(Purpose.ASK))
    return context, question_of_value(context, asker, secret, reference.name, reference=reference)


def _find_in_file(context: Context, invocation: Invocation, subject: str) -> tuple[Context, ProviderQuestion]:
    place = _place(subject)
    candidate = named_file(place.path, [invocation.folder])
    context = _with_rules(context, invocation, candidate.root)
    asker = asker_of(context, invocation.places)
    text = text_of(candidate, invocation.settings.max_file_bytes)
    where = SearchedText(text, context.scanner.prefix + candidate.name, str(candidate.path))
    line, column, lines = place.line, place.character, split_lines(text)
    if line is not None and column is not None and line < len(lines):
        column = from_units(lines[line], column, Encoding.UTF16)
    return context, question_at(context, asker, where, line=line, column=column)


def _from_stdin() -> Secret:
    if sys.stdin is None or sys.stdin.isatty():
        raise TokenwardError("The value must be piped in, because a terminal would show it.")
    content = sys.stdin.buffer.read(LARGEST + 1)
    if not content.strip() or len(content) > LARGEST:
        raise TokenwardError(f"Stdin is empty or larger than {LARGEST:,} bytes; pipe in one token.")
    try:
        return Secret(content.decode().strip())
    except UnicodeDecodeError:
        reason = "Stdin is not UTF-8 text; pipe in one token."
    # Raised outside the handler, because the decoder's exception holds the bytes.
    raise TokenwardError(reason)
