"""Names for a token, from the keys or the variable that it is assigned to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.tree import refusing_false_trees
from tokenward.rewriting.variables import is_dangerous

if TYPE_CHECKING:
    from tokenward.rewriting.languages import Language

MAX_LENGTH = 64

_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)=[\"']?\Z")
_OPTION = re.compile(r"--([A-Za-z][A-Za-z0-9-]*)[\"']?,?\s{1,40}[\"']?\Z")
_IN_ADDRESS = re.compile(r"(?:\b(\w{1,16})(?:\+\w{1,16})?)?://(?:[^\s/@:]*:)?\Z")
_SYSTEMS = {
    **dict.fromkeys(
        ("postgres", "postgresql", "mysql", "mariadb", "mssql", "sqlserver", "oracle"), "DATABASE"
    ),
    **dict.fromkeys(("redis", "rediss", "valkey"), "REDIS"),
    **dict.fromkeys(("amqp", "amqps"), "RABBITMQ"),
    **dict.fromkeys(("smtp", "smtps"), "SMTP"),
    **dict.fromkeys(("mongodb", "ftp", "ldap", "ldaps", "mqtt", "nats", "sftp"), ""),
}
"""What an address's scheme leads to; empty if the scheme is its name."""
_ADDRESS = re.compile(r"(?:\A|_)(?:URL|URI|DSN|REMOTE|ORIGIN)S?\Z")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")
_CONSTANT = re.compile("\\Ak(?=[A-Z])")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_MEANINGLESS = re.compile(
    "ARGS?|BODY|CMD|COMMAND|CONTENT|DATA|DEFAULT|ELEMENT|ENTRYPOINT|FOO|BAR|ID|INPUT|ITEM|KEY|LINE|MESSAGE|NAME|OBJ"
    "|OUTPUT|PARAMS|PAYLOAD|RESULT|RUN|SCRIPT|STR|STRING|TEMP|TEST|TEXT|TMP|URI|URL|VALUES?|VAL|VAR"
)
_OF_SECRETS = re.compile(
    r"(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PW|AUTH|CREDENTIAL|CRED|PAT|DSN|UR[IL]|COOKIE|JWT|SALT"
    r"|PEPPER|SIGNATURE|SEED|WEBHOOK|STRING)S?\Z|(?:\A|_)(?:TOKEN|KEY|SECRET|PASSWORD)S?_"
)
_WEAK = re.compile(
    "(?:(?:ACCESS|API|AUTH|PRIVATE|X_API)_(?:TOKEN|KEY)|(?:SECRET_)?ACCESS_KEY(?:_ID)?|AUTH|CREDENTIAL|JWT|KEY|PASS"
    "|PASSWD|PASSWORD|PW|PWD|REQUIREPASS|SECRET|TOKEN|VALUE)S?"
)
"""Names that do not say what the value is for."""
_FRAME = re.compile(
    "ALLOW|APP|AUTHORIZATION|BAT|BEARER|CONFIG(?:S|URATIONS?)?|CONNECTION_STRINGS|CONTAINERS?|DENY|DOCKER_COMPOSE|COMPOSE|ENV|ENVIRONMENT|ENVS"
    "|HEADERS?|INDEX|JOBS?|LONG|MAIN|MCP_?SERVERS|OPTIONS|PERMISSIONS|PROPERTIES|SERVERS?|SERVICES?|SETTINGS?|SH|SPEC"
    "|SRC|STEPS?|STRING_DATA|TEMPLATE|VARIABLES|VARS|WITH|[A-Z]"
)
"""Keys that only contain others."""
_IN_FILE_NAME = re.compile("(?!ENV\\Z)[A-Z][A-Z0-9_]+")
_DOMAIN = re.compile(r"_(?:COM|ORG|NET|IO|DEV)\Z")


def keys_at(text: str, language: Language, span: Span) -> tuple[str, ...]:
    """Return the keys and variables that lead to the token at a span, and the parameter or option before it."""
    before = text[max(span.start - 2 * MAX_LENGTH, 0) : span.start]
    named = _PARAMETER.search(before.rpartition("\n")[2]) or _OPTION.search(before)
    try:
        with refusing_false_trees():
            keys = language.read(text).keys(span)
    except RewriteRefused:
        keys = ()
    if named and environment_name(named[1]):
        return keys if keys[-1:] == (named[1],) else (*keys, named[1])
    address = _IN_ADDRESS.search(before)
    return _keys_in_address(keys, address[1] or "") if address else keys


def _keys_in_address(keys: tuple[str, ...], scheme: str) -> tuple[str, ...]:
    """Return the keys of a password in an address; a program may read both, so they need different names."""
    *above, last = map(_snake, keys or ("",))
    own, system = _ADDRESS.sub("", last), _SYSTEMS.get(scheme)
    if own == last != "" and system is None:
        return keys
    if own == last or not (own or any(map(_says_something, above))):
        own = "" if system is None else system or _snake(scheme)
    if own and not scheme.startswith("http"):
        return (*(keys if own == system else keys[:-1]), f"{own}_PASSWORD")
    return (*keys[:-1], *filter(None, [own]), "PASSWORD")


def name_choices(keys: Sequence[str], file: str, variable: str) -> tuple[str, ...]:
    """Return names for a token, best first: from its key, its provider, the keys above it, and its file.

    Args:
        keys: lead to the token; if the last says nothing, the provider or the keys above it are used.
        file: the path of its file, with `/`.
        variable: the name that its provider suggests.
    """
    *above, last = map(_snake, keys or ("",))
    scope = [_DOMAIN.sub("", name) for name in above if _says_something(name)]
    own = last if _OF_SECRETS.search(last) else ""
    if own.endswith("PASSWORD") and _ADDRESS.search(variable):
        variable = "PASSWORD"
    if _WEAK.fullmatch(own) and not (scope or _WEAK.fullmatch(variable)):
        own = ""
    elif not own and _says_something(last):
        scope.append(last)
    kind = own or variable
    first = []
    if own and not _WEAK.fullmatch(own):
        first = [own]
    elif own and not _WEAK.fullmatch(variable):
        first = [variable]
    elif scope and (own or _WEAK.fullmatch(variable)):
        first = [_joined(scope, kind)]
    choices = [*first, *([] if _WEAK.fullmatch(variable) else [variable]), kind]
    scoped = [_joined(scope[-number:], kind) for number in range(1, len(scope) + 1)]
    choices = [*choices[:1], *scoped, *choices[1:]] if first else [*choices, *scoped]
    stem, folders = PurePosixPath(file).stem, PurePosixPath(file).parts[-2:-1]
    # Even an uninformative file name is better than a number.
    places = filter(_IN_FILE_NAME.fullmatch, map(_snake, (stem, *folders)))
    choices += [*(_joined([place], kind) for place in places), variable]
    return tuple(dict.fromkeys(name for choice in choices if (name := environment_name(choice))))


def environment_name(words: str) -> str | None:
    """Return a name in any style as `UPPER_SNAKE`; None if it says nothing or could do harm."""
    name = _snake(words)[:MAX_LENGTH].rstrip("_")
    if len(name) < 2 or name[0].isdigit() or _MEANINGLESS.fullmatch(name) or is_dangerous(name):
        return None
    return name


def address_variable(address: str) -> str:
    """Return the name of a variable for a whole address, by its scheme."""
    scheme = address.partition("://")[0].partition("+")[0]
    return f"{_SYSTEMS.get(scheme) or _snake(scheme)}_URL"


def names_secret(key: str) -> bool:
    """Return whether a key says that its value is a secret."""
    return _OF_SECRETS.search(_snake(key)) is not None


def _snake(words: str) -> str:
    return _SEPARATORS.sub("_", _HUMP.sub("_", _CONSTANT.sub("", words))).upper().strip("_")


def _says_something(name: str) -> bool:
    return len(name) > 1 and not (
        _WEAK.fullmatch(name) or _MEANINGLESS.fullmatch(name) or _FRAME.fullmatch(name)
    )


def _joined(scope: Sequence[str], kind: str) -> str:
    """Return a name made of words, without repetitions, and without the first words if it is too long."""
    words = [word for word in scope if word not in kind]
    while words and len("_".join([*words, kind])) > MAX_LENGTH:
        del words[0]
    return "_".join([*words, kind])
