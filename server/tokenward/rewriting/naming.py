"""assigned_name: a name for a token, from the key or variable that it is assigned to."""

from __future__ import annotations

import re

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.languages import Language

MAX_LENGTH = 64

_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)=[\"']?\Z")
_OPTION = re.compile(r"--([A-Za-z][A-Za-z0-9-]*)[\"']?,?\s{1,40}[\"']?\Z")
_IN_ADDRESS = re.compile(r"://(?:[^\s/@:]*:)?\Z")
_ADDRESS = re.compile(r"(?:\A|_)(?:URL|URI|DSN|REMOTE|ORIGIN)S?\Z")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Terraform's own names for variables in the environment, whose letters it reads as they are written.
_EXACT = re.compile(r"TF_VAR_[A-Za-z0-9_]{1,57}")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_MEANINGLESS = re.compile(
    "ARGS?|BODY|CMD|COMMAND|CONTENT|DATA|DEFAULT|ELEMENT|ENTRYPOINT|FOO|BAR|ID|INPUT|ITEM|KEY|LINE|MESSAGE|NAME|OBJ"
    "|OUTPUT|PARAMS|PAYLOAD|RESULT|RUN|SCRIPT|STR|STRING|TEMP|TEST|TEXT|TMP|URI|URL|VALUES?|VAL|VAR"
)
# A program that is started with one of these set may break, or serve the author of a hostile file.
_DANGEROUS = re.compile(
    "(?:LD|DYLD|LC|XDG|DBUS|KEYRING|TOKENWARD)_.*|BASH.*|(?:PERL5|RUBY|PYTHON)[A-Z0-9]*|PYTHON_KEYRING.*"
    "|NODE_(?:OPTIONS|PATH|EXTRA.*|TLS.*|REDIRECT.*)|GIT_(?!TOKEN|PAT|PASSWORD).*|(?:_?JAVA_|JDK_).*OPTIONS"
    "|SSL_?(?:CERT|KEYLOG).*|(?:HTTPS?|ALL|NO|FTP)_PROXY|CLASSPATH|PATH|PATHEXT|HOME|SHELL|ENV|IFS|PS[0-9]"
    "|PROMPT_COMMAND|ZDOTDIR|USER|LOGNAME|LANG|LANGUAGE|TERM|PWD|OLDPWD|TMPDIR|TEMP|TMP|EDITOR|VISUAL|PAGER"
    "|BROWSER|DISPLAY|COMSPEC|SYSTEMROOT|WINDIR|(?:LOCAL)?APPDATA|USERPROFILE"
)


def assigned_name(text: str, language: Language, span: Span) -> str | None:
    """Return an environment variable's name for the token at a span; None where its place suggests none."""
    before = text[max(span.start - 2 * MAX_LENGTH, 0) : span.start]
    named = _PARAMETER.search(before.rpartition("\n")[2]) or _OPTION.search(before)
    if named and (name := environment_name(named[1])):
        return name
    try:
        assigned = language.read(text).assigned(span)
    except RewriteRefused:
        return None
    if assigned and _EXACT.fullmatch(assigned):
        return assigned
    name = environment_name(assigned) if assigned else None
    if name and _IN_ADDRESS.search(before) and _ADDRESS.search(name):
        # A program may read both the address and the password in it, so the two need different names.
        return environment_name(f"{_ADDRESS.sub('', name)}_PASSWORD")
    return name


def environment_name(words: str) -> str | None:
    """Return a name in any style as `UPPER_SNAKE`; None for one that says nothing or could do harm."""
    parts = _SEPARATORS.sub("_", _HUMP.sub("_", words))
    name = parts.upper().strip("_")[:MAX_LENGTH].rstrip("_")
    if len(name) < 2 or name[0].isdigit() or _MEANINGLESS.fullmatch(name) or _DANGEROUS.fullmatch(name):
        return None
    return name
