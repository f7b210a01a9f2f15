"""fallback_of: the variable with a fallback, if a lookup of it can replace the whole expression."""

from __future__ import annotations

import re

from tokenward.errors import RewriteRefused
from tokenward.model import Span

_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,127}"
_QUOTED = rf"""(?:"{_NAME}"|'{_NAME}')"""
_GET = rf"(?:os\.)?(?:getenv|environ\.get)\(\s*{_QUOTED}"
_OPENINGS = (
    rf"(?:os\.)?(?:getenv|environ\.(?:get|setdefault))\(\s*{_QUOTED}\s*,\s*(?:default\s*=\s*)?",
    rf"{_GET}\s*\)\s*or\s+",
    rf"process\.env(?:\.{_NAME}|\[\s*{_QUOTED}\s*\])!?\s*(?:\|\||\?\?|(?==[^=]))=?\s*",
    rf"\$\{{{_NAME}:?[-=]",
    rf"System\.getenv(?:\(\s*{_QUOTED}\s*\)|\(\)\[\s*{_QUOTED}\s*\])\s*\?:\s*",
    rf"(?:System\.getenv\(\)|System\.env)\.getOrDefault\(\s*{_QUOTED}\s*,\s*",
    rf"(?:java\.util\.)?Objects\.requireNonNullElse\(\s*System\.getenv\(\s*{_QUOTED}\s*\)\s*,\s*",
    rf"(?:java\.util\.)?Optional\.ofNullable\(\s*System\.getenv\(\s*{_QUOTED}\s*\)\s*\)\s*\.orElse\(\s*",
    rf"(?:System\.)?Environment\.GetEnvironmentVariable\(\s*{_QUOTED}\s*\)\s*\?\?=?\s*",
    rf"(?:std::)?env::var\(\s*{_QUOTED}\s*\)\s*\.unwrap_or(?:_else\(\|\w{{1,20}}\||\()\s*(?:String::from\()?",
    r"String::from\(",
    rf"Platform\.environment\[\s*{_QUOTED}\s*\]\s*\?\?=?\s*",
    rf"(?:sys\.env\.getOrElse|(?:scala\.util\.)?Properties\.envOrElse)\(\s*{_QUOTED}\s*,\s*",
    rf"sys\.env\.get\(\s*{_QUOTED}\s*\)\s*\.getOrElse\(\s*",
    rf"Option\(\s*System\.getenv\(\s*{_QUOTED}\s*\)\s*\)\s*\.getOrElse\(\s*",
    rf"ProcessInfo\.processInfo\.environment\[\s*{_QUOTED}\s*(?:\]\s*\?\?\s*|,\s*default\s*:\s*)",
    rf"(?:std::)?(?P<getenv>getenv\(\s*{_QUOTED}\s*\))\s*\?\s*(?:std::)?(?P=getenv)\s*:\s*",
    rf"(?:std::)?(?:secure_)?getenv\(\s*{_QUOTED}\s*\)\s*\?:\s*",
    rf"ENV(?:\[\s*{_QUOTED}\s*\]|\.fetch\(\s*{_QUOTED}\s*,\s*nil\s*\))\s*(?:\|\|=?|or)\s*",
    rf"ENV\.fetch(?:\(\s*|\s+){_QUOTED}\s*,\s*",
    rf"ENV\.fetch\(\s*{_QUOTED}\s*\)\s*(?:\{{|do)\s*",
    rf"System\.env\.{_NAME}\s*\?:\s*",
    rf"(?:base::)?Sys\.getenv\(\s*{_QUOTED}\s*,\s*(?:unset\s*=\s*)?",
    rf"providers\.environmentVariable\(\s*{_QUOTED}\s*\)\.getOrElse\(\s*",
    rf"\$ENV\{{\s*(?:{_QUOTED}|{_NAME})\s*\}}\s*(?:\|\||//)\s*",
    rf"System\.get_env\(\s*{_QUOTED}\s*(?:\)\s*\|\||,)\s*",
    rf"get\(\s*ENV\s*,\s*{_QUOTED}\s*,\s*",
    rf"\\?getenv\(\s*{_QUOTED}\s*\)\s*\?:\s*",
    rf"\$_(?:ENV|SERVER)\[\s*{_QUOTED}\s*\]\s*\?[?:]\s*",
)
_CALL_OF_ENV = rf"\\?env\(\s*{_QUOTED}\s*,\s*"
_QUOTES = (
    r"(?:[A-Za-z$@]{0,3}#{0,8}(?:\"{3,8}|'{3}|\"|'|`)|(?:%[qQ]?|qq?\s?)[(\[{<|!/]"
    r"|\[=*\[(?:\r?\n)?|R\"\w{0,16}\(|[rR][\"']-{0,9}[(\[{]|<<\")?"
)
OPENING = re.compile(rf"(?:{'|'.join((*_OPENINGS, _CALL_OF_ENV))})?{_QUOTES}")
"""The code before a value that a lookup replaces; contains no value, so it may be recorded."""
CLOSING = re.compile(
    rf"(?:{_QUOTES}#{{0,8}}|\]=*\]|\)\w{{0,16}}\"|\">>|[)\]}}]-{{0,9}}[\"']|[)\]}}>|!/])(?:\s*\.(?:to_string|to_owned|into)\(\))?\)?"
    r"(?:\s*(?:,\s*)?\)|\s*(?:[\]}]|end))?"
)
"""The code after it."""
KEYWORD = re.compile(
    rf"const(?:expr)?(?: |\s{{0,9}}\(\s{{1,60}})?|const\s+{_NAME}\s*=\s*|\s{{1,60}}|\s{{0,60}}\)"
    r"|&(?:'static )?str|[?!]?=|\"os\""
    r"|static[ \t]+(?:const[ \t]+)?char[ \t]*(?:const[ \t]*)?\*[ \t]*(?:const[ \t]+)?|[ \t]*(?:=[ \t]*|;)",
    re.IGNORECASE,
)
"""The code that a move replaces where no value was."""
_SET = re.compile(rf"(?<!\w)(?:env:)?({_NAME})(?:[^\w.+]|-value\s)*\Z", re.IGNORECASE)
"""Without `+` and `.`, which would append to the value."""
_VARIABLE = re.compile(
    rf"(?:(?:[(\[]|ENV\s*,)\s*[\"']|process\.env\.|System\.env\.|\$ENV\{{\s*[\"']?|\$\{{)({_NAME})"
)


def fallback_of(text: str, whole: Span, content: Span, *, calls_env: bool = False) -> str | None:
    """Return the name of the variable; None if the expression has more than it and the content as its fallback.

    With `calls_env`, the second argument of a function `env` is a fallback too.
    """
    opening, closing = text[whole.start : content.start], text[content.end : whole.end]
    if not (OPENING.fullmatch(opening) and CLOSING.fullmatch(closing)):
        return None
    if not calls_env and re.match(_CALL_OF_ENV, opening):
        return None
    variable = _VARIABLE.search(opening)
    return variable[1] if variable else None


def refuse_fallback(name: str | None) -> RewriteRefused:
    """Return the refusal of a fallback that is evaluated even if it is not needed."""
    if name is None:
        return RewriteRefused(
            "The token is a part of a fallback, which is evaluated even if it is not needed; write the whole value "
            "into .env under the variable's name, and move the token there."
        )
    return RewriteRefused(
        "The token is the fallback of {name} and can be moved only under that name; if .env, the "
        "keyring or another file has another value under it, delete the fallback.",
        name=name,
    )


def set_variable(before: str) -> str | None:
    """Return the variable that code sets, given the code up to the value; None if the value has more parts."""
    named = _SET.search(before)
    return named[1] if named else None


def refuse_setting() -> RewriteRefused:
    """Return the refusal of a part of a value that the code assigns to an environment variable."""
    return RewriteRefused(
        "The code itself sets this variable, so only its whole value can be moved; otherwise write it into .env and "
        "move the token there, delete the line, and start the program with `tokenward run`."
    )
