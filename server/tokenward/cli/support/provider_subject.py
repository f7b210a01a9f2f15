"""The token that `tokenward check` and `revoke` are asked about, and the yes that they need."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.place import Place, parse_place
from tokenward.errors import TokenwardError
from tokenward.model import Secret, references_in
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.detection.validation.hosts import Host
    from tokenward.operations.context import Context
    from tokenward.operations.provider.subject import ProviderQuestion

STDIN = "-"
LARGEST = 100_000
"""Bytes of a value from stdin; more is no token."""


@contextmanager
def asked(subject: str) -> Iterator[tuple[Context, ProviderQuestion]]:
    """The token that a subject names, and the context with the rules of its workspace.

    Args:
        subject: a place in a file, a reference, or `-`.

    Raises:
        TokenwardError: there is none, or several; or it may not be had.
    """
    is_file = subject != STDIN and not _is_reference(subject)
    setting = Setting.here(absolute(_place(subject).path).parent) if is_file else Setting.here()
    with setting.context() as context:
        yield _in_file(context, setting, _place(subject)) if is_file else _alone(context, setting, subject)


def require_consent(
    hosts: Sequence[Host], questions: Sequence[str], named: Sequence[str], *, yes: bool
) -> None:
    """Return only if a person says yes to each question, or a script named exactly the hosts.

    Raises:
        TokenwardError: neither.
    """
    if yes and {name.lower() for name in named} != {host.name for host in hosts}:
        options = " ".join(f"--host {shown(host.name)}" for host in hosts)
        raise TokenwardError(
            f"The token would be sent to other hosts than you named; agree to them by {options}."
        )
    otherwise = "Nobody can be asked whether the token may be sent; say so by `--yes` and each `--host`."
    for question in questions:
        require_yes(question, otherwise=otherwise, given=yes)


def _is_reference(subject: str) -> bool:
    return any(len(span) == len(subject) for span, _ in references_in(subject))


def _place(subject: str) -> Place:
    """FILE, FILE:LINE or FILE:LINE:COLUMN; a line below 0 means the whole file."""
    if os.path.lexists(subject):
        return Place(Path(subject), -1, None)
    try:
        return parse_place(subject)
    except (TokenwardError, ValueError):
        # Not repeated, since it may be a value that should have come by stdin.
        reason = (
            "No such file is there; name one that is, a keyring:// reference, or `-` for a value on stdin."
        )
    raise TokenwardError(reason)


def _with_rules(context: Context, setting: Setting, root: str) -> Context:
    from tokenward.operations.scan.workspace_rules import RootRules

    rules = RootRules(context.scanner, setting.settings, setting.places).of(root)
    return context.scanning_with(replace(context.scanner, local=rules.local, prefix=rules.prefix))


def _alone(context: Context, setting: Setting, subject: str) -> tuple[Context, ProviderQuestion]:
    """A token that stands in no file."""
    from tokenward.operations.access.resolve import resolve
    from tokenward.operations.provider.subject import asker_of, question_of_value
    from tokenward.operations.use import Purpose, Use

    context = _with_rules(context, setting, str(setting.folder))
    asker = asker_of(context, setting.places)
    if subject == STDIN:
        return context, question_of_value(context, asker, _from_stdin(), "TOKEN")
    reference = setting.reference(subject)
    secret = resolve(context, setting.folder, reference, Use.own(Purpose.ASK))
    return context, question_of_value(context, asker, secret, reference.name, reference=reference)


def _in_file(context: Context, setting: Setting, place: Place) -> tuple[Context, ProviderQuestion]:
    from tokenward.operations.ignore.find_tokens import named_file, text_of
    from tokenward.operations.provider.subject import SearchedText, asker_of, only_question, question_at
    from tokenward.text import Encoding, LineTable, from_units

    candidate = named_file(place.path, [setting.folder])
    context = _with_rules(context, setting, candidate.root)
    asker = asker_of(context, setting.places)
    text = text_of(candidate, setting.settings.max_file_bytes)
    where = SearchedText(text, context.scanner.prefix + candidate.name, str(candidate.path))
    if place.line < 0:
        return context, only_question(context, asker, where)
    lines = LineTable(text).lines
    column = place.character
    if column is not None and place.line < len(lines):
        column = from_units(lines[place.line], column, Encoding.UTF16)
    return context, question_at(context, asker, where, line=place.line, column=column)


def _from_stdin() -> Secret:
    if sys.stdin is None or sys.stdin.isatty():
        raise TokenwardError(
            "The value comes from stdin, and never from a terminal that shows it; pipe it in."
        )
    content = sys.stdin.buffer.read(LARGEST + 1)
    if not content.strip() or len(content) > LARGEST:
        raise TokenwardError(
            f"Stdin holds no value, or one of more than {LARGEST:,} bytes; pipe in one token."
        )
    try:
        return Secret(content.decode().strip())
    except UnicodeDecodeError:
        reason = "Stdin holds no text in UTF-8; pipe in one token."
    # Outside of the handler: the decoder's exception holds the bytes.
    raise TokenwardError(reason)
