"""wrap: lets `tokenward run` start a server, so that it resolves the references in the server's environment."""

from __future__ import annotations

import re

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.data_syntax import TomlSyntax, YamlSyntax
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.structure import ARGUMENTS, LAUNCHERS
from tokenward.text import line_span, newline_of

# A server gets only its own variables: neither all of the workspace's tokens, nor another one of that name.
RUN = ("run", "--no-env-file", "--")

_QUOTED_RUN = ", ".join(f'"{word}"' for word in RUN)
_TOKENWARD = re.compile(r"[\"']?(?:[^\"']*[/\\])?tokenward(?:\.exe)?[\"']?")
_RUN_FIRST = re.compile(r"(?:\[\s*|-\s+)[\"']?run[\"']?\s*(?:[,\r\n\]]|\Z)")
_RUN_IN_LIST = re.compile(r"\[\s*[\"'](?:[^\"']*[/\\])?tokenward(?:\.exe)?[\"']\s*,\s*[\"']run[\"']\s*,")
_WORD = re.compile(r"[\w./@+-]+|\"(?:[^\"\\\r\n]|\\.)*\"|'[^'\r\n]*'")
_ON_ITS_LINE = re.compile(r"((?:-(?= )| )*)[\"']?\w+[\"']?[ \t]*[:=][ \t]*")
_END = re.compile(r"\s*\]")
_LIMITED = re.compile(r"(?:(?![\"'\s]--[\"'\s,])[\s\S])*?--only\b")
_ELSEWHERE = re.compile(
    r"[\"']?(?:[/\\~%]|[A-Za-z]:|\$(?!\{workspace(?:Folder|Root)\b)|(?:.*[/\\])?\.\.(?![^/\\\"']))"
)
_ITEM = re.compile(r"-[ \t]+")


def wrap(parsed: ParsedText, span: Span, name: str, levels: int = 2) -> list[Replacement]:  # noqa: ARG001
    """Return the changes of the command and its arguments, `levels` above a variable; none if it is already wrapped.

    Raises:
        RewriteRefused: there is no command, or it cannot be changed so that the change can be undone.
    """
    values = parsed.beside(span, levels)
    command = next((values[key] for key in ("command", "cmd", "path") if key in values), None)
    if command is None:
        raise RewriteRefused(
            "Nothing beside this environment says which program gets it; move the token by hand."
        )
    text, arguments = parsed.text, values.get("args")
    written, given = _read(text, command), _read(text, arguments) if arguments else ""
    if written.startswith("["):
        place = Span(command.start + 1, command.start + 1)
        is_wrapped = _RUN_IN_LIST.match(text, command.start) is not None
        return [] if is_wrapped else [Replacement(place, f'"tokenward", {_QUOTED_RUN}, ')]
    if _TOKENWARD.fullmatch(written) and _RUN_FIRST.match(given):
        if _LIMITED.match(given):
            raise RewriteRefused(
                "`tokenward run --only` leaves this variable out; omit it, then move the token."
            )
        return []
    launcher = written.strip("\"'")
    if " " in launcher and launcher.partition(" ")[0] in LAUNCHERS:
        raise _refused()
    if arguments and launcher in LAUNCHERS:
        start = text.index(launcher, command.start)
        content = Span(start, start + len(launcher))
        first = _first_arguments(text, arguments, (*RUN, launcher))
        return [Replacement(content, "tokenward", launcher), first]
    return _wrapped_around(parsed, command, arguments)


def wrap_here(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Return the changes of a server that is started in the workspace of its file.

    Raises:
        RewriteRefused: as for `wrap`, or the server is started in another folder.
    """
    require_here(parsed, span, 2)
    return wrap(parsed, span, name)


def require_here(parsed: ParsedText, span: Span, levels: int) -> None:
    """Raise if the `cwd` that is `levels` above a variable may be outside the workspace that resolves the reference."""
    folder = parsed.beside(span, levels).get("cwd")
    if folder and _ELSEWHERE.match(_read(parsed.text, folder)):
        raise RewriteRefused(
            "The program is started in a folder (`cwd`) that may not resolve the reference; give a folder of the "
            "workspace relative to it, then move the token."
        )


def _first_arguments(text: str, arguments: Span, words: tuple[str, ...]) -> Replacement:
    place = Span(arguments.start, arguments.start)
    if not _read(text, arguments).startswith("["):
        if not _ITEM.match(text, place.start):
            raise _refused()
        indent = " " * (place.start - line_span(text, place).start)
        return Replacement(place, "".join(f'- "{word}"{newline_of(text)}{indent}' for word in words))
    place = Span(arguments.start + 1, arguments.start + 1)
    return Replacement(place, ", ".join(f'"{word}"' for word in words) + _comma(text, place.start))


def _wrapped_around(parsed: ParsedText, command: Span, arguments: Span | None) -> list[Replacement]:
    """Make the command the first argument in its place, so that no part of it is removed."""
    text = parsed.text
    if not _WORD.fullmatch(text, command.start, command.end):
        raise _refused()
    start = Replacement(Span(command.start, command.start), _opening(parsed, command))
    if arguments is None:
        return [start, Replacement(Span(command.end, command.end), "]")]
    between = Span(command.end, arguments.start + 1)
    removed = text[between.start : between.end]
    if not ARGUMENTS.fullmatch(removed):
        raise _refused()
    return [start, Replacement(between, _comma(text, between.end), removed)]


def _opening(parsed: ParsedText, command: Span) -> str:
    if not isinstance(parsed, (TomlSyntax, YamlSyntax)):
        return f'"tokenward", "args": [{_QUOTED_RUN}, '
    line = line_span(parsed.text, command)
    key = _ON_ITS_LINE.fullmatch(parsed.text, line.start, command.start)
    if key is None:
        raise _refused()
    assigns = "args = [" if isinstance(parsed, TomlSyntax) else "args: ["
    return f'"tokenward"{newline_of(parsed.text)}{" " * len(key[1])}{assigns}{_QUOTED_RUN}, '


def _comma(text: str, place: int) -> str:
    """Return what separates a new first argument from the others."""
    if _END.match(text, place):
        return ""
    return "," if text[place] in "\r\n" else ", "


def _read(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _refused() -> RewriteRefused:
    return RewriteRefused(
        "`tokenward run` cannot be put before this command; write `args` right after `command`, then move the token."
    )
