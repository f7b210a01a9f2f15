"""The places of an index's password from which pip, uv and twine can be made to ask Python's keyring."""

from __future__ import annotations

import re
from collections.abc import Callable

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import HelperLogin, ParsedText, Replacement
from tokenward.rewriting.readers.helper_command import CommandPart, HelperCommand
from tokenward.rewriting.readers.reader import Place
from tokenward.rewriting.structure import URL_AT, URL_COLON

_USER = r"[^\s:@/%\"']{1,200}"
_HOST = r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[\w.~+/-]*)?"
_SCHEME = "(?:(?<=https:)|(?<=http:))"
_BEFORE = re.compile(rf"(https?://)({_USER}):")
_AFTER = re.compile(rf"@({_HOST})")
_KEY = re.compile(r"^([^\s=:#;\[][^\r\n=:]{0,200}?)[ \t]*[=:]", re.MULTILINE)
_LONGEST = 300
# The tools ask for the password of a URL that has a user alone.
_IN_URL = HelperCommand(
    before=(CommandPart(rf"{_SCHEME}//{_USER}"), CommandPart(URL_COLON, "", ":")),
    after=(CommandPart(URL_AT, "@", "@"), CommandPart(rf"{_HOST}(?=[\s\"']|\Z)")),
    example="https://USER@HOST/…",
)


def _url_login(parsed: ParsedText, span: Span) -> HelperLogin:
    for before in _BEFORE.finditer(parsed.text, max(0, span.start - _LONGEST), span.start):
        after = _AFTER.match(parsed.text, span.end)
        if after and before.end() == span.start:
            return HelperLogin(before[1] + after[1], before[2])
    raise RewriteRefused("The URL of this index cannot be read; move the token by hand.")


def _changes_again(text: str, login: HelperLogin) -> list[Replacement]:
    scheme, _, rest = (re.escape(part) for part in login.url.partition("://"))
    url = re.compile(rf"{scheme}://{re.escape(login.user)}(?=@{rest}/?(?:[\s\"']|\Z))")
    places = [Span(found.end(), found.end()) for found in url.finditer(text)]
    return [
        change
        for at in places
        for change in (Replacement(at, "", URL_COLON), Replacement(at, "", carries_value=True))
    ]


def _pip_login(parsed: ParsedText, span: Span) -> HelperLogin:
    """Return the login of an index; its URL may be in a further line of a list, which has no key."""
    *_, key = ("", *(found[1] for found in _KEY.finditer(parsed.text, 0, span.start)))
    if key not in {"index-url", "extra-index-url"}:
        raise RewriteRefused("pip asks for no password there; move the token by hand.")
    return _url_login(parsed, span)


def _repository_login(parsed: ParsedText, span: Span) -> HelperLogin:
    beside = parsed.beside(span, 1)
    url, user = (parsed.text[at.start : at.end].strip() for at in (beside["repository"], beside["username"]))
    return HelperLogin(url, user)


def _index(
    keys: str, tool: str, told: str, login: Callable[[ParsedText, Span], HelperLogin] = _url_login
) -> Place:
    """Return the places of an index's URL with a password; `told` makes the tool ask."""
    return Place(
        "",
        re.compile(keys),
        in_environment=False,
        # A percent sign may be an escape.
        token=re.compile("[^%]+"),
        login=login,
        helper=_IN_URL,
        again=_changes_again,
        after=f"Run `tokenward run -- {tool} …`, or {told} and have Tokenward answer Python's keyring by `pipx install "
        "--include-deps tokenward`.",
    )


_UV = ("uv", "set UV_KEYRING_PROVIDER=subprocess")
PIP_INDEX = _index(
    r"[\w-]+(?:/(?:extra-)?index-url)?",
    "pip",
    "run `pip config set global.keyring-provider subprocess`",
    _pip_login,
)
UV_INDEX = _index(r"(?:index/url|(?:pip/)?(?:extra-)?index-url)", *_UV)
PYPROJECT_INDEX = _index(r"tool/uv/(?:index/url|(?:pip/)?(?:extra-)?index-url)", *_UV)
TWINE_REPOSITORY = Place(
    "REFERENCE",
    re.compile(r"(?i:[^/]+/password)"),
    whole=True,
    login=_repository_login,
    helper=HelperCommand(
        # The line becomes a comment, so that twine looks elsewhere.
        before=(CommandPart("(?m:^)", "# "), CommandPart(r"(?i:password)[ \t]{0,200}[=:][ \t]{0,200}")),
        needs=frozenset({"repository", "username"}),
        example="# password = REFERENCE",
    ),
    after="Start twine with `tokenward run -- twine …`, or have Tokenward answer Python's keyring in it by "
    "`pipx inject twine tokenward`.",
)
