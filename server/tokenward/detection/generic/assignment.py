"""The assignment around a match of the generic rule: its name, and the exact span of its value."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.detection.generic.files import FileKind
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span

_LEFT, _RIGHT = 160, 2_000
"""The most characters around a match that are read."""
_LONGEST_MATCH = 700
_MOST_WORDS_OF_NAME = 3
_OWN_NAME = re.compile(r"[^\s=:<>\"'`\\\]),(|?!\uff1a]+")
_NAME_BACKWARDS = re.compile(r"[\w.$-]{1,80}")
_WORD_BEFORE = re.compile(r"(?:\A|[^A-Za-z])([A-Za-z]{2,12}(?:[ ]de)?)[ ]\Z")
_COPULA = (
    r"[\"'`*]{0,3}[ ](?:(?:for|of|on|at|in|f\u00fcr|auf|del?|d[aou]|van|voor|till?|pour|sur|per|para)[ ]"
    r"(?:\S{1,60}[ ]){1,3})?(?:(?:(?:re)?set|changed)[ ]to|now|to|is|was|ist|lautet|es|est|\u00e9|\u00e8|\u00e4r"
    r"|er|jest|provided|-|::)(?:[ ]now)?:?[ ]{1,2}[\"'`*]{0,3}"
)
"""What says a value in a sentence: `the password for the router is …`, `la contraseña es …`."""
_BELOW = re.compile(r":\*{0,2}\r?\n[ \t]{0,8}`{0,3}")
_UNQUOTED_AFTER = re.compile(
    rf"{_COPULA}|[\"']?:\r?\n[ ]*-[ ]|{_BELOW.pattern}|"
    r":\*\*[ ]|[\"'`*]{0,3}[ ]?(?:->|\u2192|\u2013|\u2014|::)[ ]+[\"'`*]{0,3}|[ ]\([^()\n]{1,20}\):?[ ][\"'`*]{0,3}"
    r"|[ \t]*\?=[ \t]*|[\"']?>\s*(?:<value>|<!\[CDATA\[)|\}[ ]{2,}"
    r"|[\"']?[ ]?[:=]{1,2}[ ]?(?:[\"']?\$\{[\w.]+:[-=]?|(?:&[\w-]+|!!str)[ ])"
    r"|(?:[ ][^\s:;,.()\"'=]+){1,4}[ ]?:[ ]"
    r"|[\"'\]\\*]{0,4}[ \t]*(?:(?::=|=>?|:|\uff1a|>)[ \t]*|\|[ ]*\*{0,2}|[ ]+)"
)
_BLANK_AFTER = re.compile(r"[ \t]*(?:ENV|SetEnv|env|setenv|set[ \t]+-[A-Za-z]{1,4})[ \t]+[\w.-]*\Z")
_NAME_ENDS_IN_QUOTE = re.compile(r"[\"'\])\\*>]{1,5}|.*(?:value|string)[\"']", re.IGNORECASE | re.DOTALL)
_VALUE_WORD = re.compile(
    r"(?:(?:Parameter|default)?value|string|\bdefault)[\"']?[ \t]?[:=>][ \t]?[\"']?", re.IGNORECASE
)
_BLOCK = re.compile(r"[\"']?: [|>][+-]? *\r?\n( +)")
"""The start of YAML's block scalar."""
_ALIGNED, _LINE_END = re.compile(r"[ ]{2,}"), re.compile(r"[ \t]*(?:\r?\n|\Z)")
_VALUE_FIRST = re.compile(
    r"\Wvalue[\"']? ?[:=] ?([\"']?)(?P<value>[^\s\"']+)\1,?\s*[\"']?(?:name|key)[\"']? ?[:=] ?[\"']?(?=[\w.-])",
    re.IGNORECASE,
)
_NEXT_ELEMENT = re.compile(r"[\"'],\s{0,40}[\"']")
_ASIDE = re.compile(
    r"</name>|=\s?(?:[Ff]ield|Form)\(|<description>[^<]*</description>|\{[^{}]*(?=\bdefault\b)"
)
"""Text between a name and a value that says nothing about how the name is used."""
_PROSE = re.compile(
    rf"{_COPULA}|"
    r"[\"'`*]{0,3}[ ](?:(?:[^\s:;,.()\"'=]+[ ]){0,3}[^\s:;,.()\"'=]+[ ]?:[ ][\"'`*]?)?"
    r"|[\"'`*]{0,3}[ ]?(?:->|\u2192|\u2013|\u2014)[ ]+[\"'`*]{0,3}|[ ]\([^()\n]{1,20}\):?[ ][\"'`*]{0,3}"
)
_WHOLE_NAME = re.compile(r"[\w.-]+")
_SCHEME = re.compile(r"(?:(?i:bearer|basic|token|bot|apikey)[ ]+|base64:)(?=\S)")
_LINE_START = re.compile(
    r"[ \t]*(?:[#;][ \t]*)?(?:(?:export|set|setx|ENV|ARG|env|-|[{,])[ \t]+)*[\"']?[\w.$-]*\Z"
)
# YAML, SQL and others double a quote within quotes; in a shell, the string continues.
_IN_QUOTES = {
    quote: re.compile(rf"(?:[^\\{quote}\n]|\\[^\n]|{quote}{quote}(?=\w))*(?={quote})") for quote in "\"'`"
}
_IN_ESCAPED_QUOTES = re.compile(r"[^\\\n\"'`]*")
_IN_ARN = re.compile(r"\barn:\S*\Z")
_ARGUMENT = re.compile(
    r"(?:[(,{]\s{0,8}\\?[\"'`]|\{[ ]?:?|\b(?:buildConfigField|resValue)\W.{0,40}\W"
    r"|\b(?:strn?(?:case)?cmp|str[nl]?cpy|memcmp|define|\w*setopt)\([^()\"']{0,40}?)[\w.$-]*\Z"
)
_FIRST_ARGUMENT = re.compile(r"(?:\([ \t]*\\?[\"'`]|--|\{[ \t]*[\"']?|[Mm]ap\.of\(.*[\"'])[\w.$-]*\Z")
_AFTER_NAME = re.compile(
    r"[\\\"'`\])]+\s*(?:,|=>?|:|\?\?|\|\||or)?\s*(?:[\"']?(?:value|string|default|fallback|content)[\"']?\s*[=:]\s*)?\\*[\"'`]"
)
_KEY_END, _TO_BLANK = re.compile(r"\\*[\"'`][ \t]*(?::|=>)"), re.compile(r"[^\s\"'`]+")
_FIELD = re.compile(r"(?:[^\s\"'`&]|&(?![\w.-]+=))+")
"""The same if form fields may follow."""
_ELEMENT = re.compile(r"[^\s\"'`<>]+(?=</)|[^\s\"'`<>]+(?=\s)")
_RUN = re.compile(r"(?:[^\s\"'`<>,;(){}\[\]|&\\]|&(?![&\s]|(?:amp;)?[\w.-]+=))+")
_RUN_END = re.compile(
    r"\Z|[\s\"'`|]|</|&(?:amp;)?[\w.-]+=|&&|\\[nrtu\"'\\]|;|\]\]>|[,)\]}]+[.!?]?(?:\Z|[\s\"'`;,]|\\[nrt\"'\\]|</|[\w.-]+[=:])"
)
"""The possible ends of a value without quotes; anything else may belong to it."""
_GOES_ON = re.compile(r"[ \t]+(?![#;]|//)[^\s]")
"""A value of several words, if only a comment may follow a value."""
_PHRASE = re.compile(
    r"(?:(?:[a-z]{4,12}[ ]){3,7}[a-z]{4,12}|(?:[^\W\d_]{2,14}[ ]){1,6}[^\W\d_]{0,14}\d{1,4}[!?]?)"
    r"(?=[ \t]*(?:[#;]|\r?\n|\Z))"
)
_PROSE_END, _STATEMENT_END = re.compile(r"(?:[.:?]+|\*\*)\Z"), re.compile(r"[;,]+\Z")


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name and its value.

    Attributes:
        name: whole, as it is written, perhaps with the word before it.
        between: the text between the name and the value.
        value: the span of the value, without quotes.
        quoted: the value has quotes.
        whole: nothing after the value can belong to it.
        said: a sentence says the value, or a list has it after the name; nothing assigns it.
    """

    name: str
    between: str
    value: Span
    quoted: bool
    whole: bool = True
    said: bool = False

    @property
    def last_name(self) -> str:
        """Return the last part of the name, including the word before a mere `key`."""
        last = self.name.rpartition(".")[2]
        return last if last.lower().endswith(" key") else last.rpartition(" ")[2]

    def text(self, text: str) -> str:
        """Return the value, from the text that contains it."""
        return text[self.value.start : self.value.end]


def assignment_at(text: str, match: Span, kind: FileKind) -> NamedValue | None:
    """Return the assignment around a match, which starts in its name and ends in its value."""
    swapped = _VALUE_FIRST.match(text, match.start, match.end)
    # A match may begin with the blank before a short name.
    start = match.end - len(text[match.start : match.end].lstrip())
    return _swapped(text, swapped) if swapped else _assigned(text, Span(start, match.end), kind)


def _assigned(text: str, match: Span, kind: FileKind) -> NamedValue | None:
    matched = text[match.start : match.end]
    own = _OWN_NAME.match(matched)
    if own is None or len(match) > _LONGEST_MATCH:
        return None
    left = text[max(0, match.start - _LEFT) : match.start]
    line = left[max(left.rfind("\n"), left.rfind("\r")) + 1 :]
    before = _name_before(line)
    start, quoted = _value_start(matched, own.end())
    between = matched[own.end() : start]
    if block := _BLOCK.fullmatch(between):
        return _in_block(text, match.start + start, before + own[0], block)
    place = match.start + start
    # The operator of a shell's `${NAME:-token}`.
    place += between == ":" and line.removesuffix(before).endswith("${") and text[place : place + 1] in "-=+?"
    is_below = _BELOW.fullmatch(between) is not None
    if (is_below or _ALIGNED.fullmatch(between)) and not (
        (kind is FileKind.TEXT if is_below else kind is not FileKind.CODE) and _is_alone(text, place)
    ):
        return None
    # A pair in code, as in `"password" to "…"`, is no sentence.
    is_said = is_below or (not (quoted and between[0] in "\"'") and _is_said(kind, between, line))
    is_directive = (
        between == " "
        and kind is FileKind.CONFIGURATION
        and line.strip() in (before, "")
        and _is_alone(text, place)
    )
    if not is_said and not is_directive and not _is_assigned(before, between, line):
        return None
    end = _end_of(kind, between, line)
    value = _quoted(text, place) if quoted else _unquoted(text, place, end)
    if value is None:
        return None
    # The default in a string of Spring's, `"${name:token}"`, is as certain as one in quotes.
    quoted = quoted or line.removesuffix(before).endswith("${")
    goes_on = (
        not quoted and end is _TO_BLANK and kind is not FileKind.COMMANDS and _GOES_ON.match(text, value.end)
    )
    if scheme := _SCHEME.match(text, value.start, value.end):
        value = Span(scheme.end(), value.end)
    is_listed = is_said or (
        "," in between[:2] and not (_VALUE_WORD.search(between) or _FIRST_ARGUMENT.search(line))
    )
    return NamedValue(before + own[0], between, value, quoted, not goes_on, is_listed)


def _is_said(kind: FileKind, between: str, line: str) -> bool:
    """Return whether words or the columns of a note, and no assignment, are between a name and a value."""
    if kind is FileKind.TEXT and _ALIGNED.fullmatch(between):
        return 0 < len(line.split()) <= _MOST_WORDS_OF_NAME
    return bool(_PROSE.fullmatch(between)) and (kind is FileKind.TEXT or between != " ")


def _swapped(text: str, swapped: re.Match[str]) -> NamedValue | None:
    """Return an assignment whose value comes before its name, as in `value: …, name: TOKEN`."""
    name = _WHOLE_NAME.match(text, swapped.end())
    return NamedValue(name[0], "", Span(*swapped.span("value")), quoted=bool(swapped[1])) if name else None


def _in_block(text: str, place: int, name: str, block: re.Match[str]) -> NamedValue | None:
    """Return an assignment in a block scalar of YAML, if that has one line."""
    value = Span(place, _end_of_word(text, place))
    end = _LINE_END.match(text, value.end)
    return (
        NamedValue(name, block[0], value, quoted=False)
        if end and not text.startswith(block[1], end.end())
        else None
    )


def _is_alone(text: str, place: int) -> bool:
    """Return whether nothing follows a word on its line."""
    return _LINE_END.match(text, _end_of_word(text, place)) is not None


def _end_of_word(text: str, place: int) -> int:
    word = _TO_BLANK.match(text, place, place + _RIGHT)
    return word.end() if word else place


def next_element(text: str, named: NamedValue) -> NamedValue | None:
    """Return the next value of the same name, if both are in quotes in a list."""
    after = _NEXT_ELEMENT.match(text, named.value.end) if named.quoted and "[" in named.between else None
    value = _quoted(text, after.end()) if after else None
    return replace(named, value=value) if value else None


def without_asides(between: str) -> str:
    """Return the text between a name and a value, without a description and other fields."""
    return _ASIDE.sub("", between)


def next_assignment(text: str, named: NamedValue) -> NamedValue | None:
    """Return the assignment whose name is another one's value, as in `key="Password" value="…"`."""
    after = _AFTER_NAME.match(text, named.value.end, named.value.end + _LEFT)
    value = _quoted(text, after.end()) if after else None
    if after is None or value is None or _KEY_END.match(text, value.end):
        return None
    return NamedValue(named.text(text), after[0], value, quoted=True)


def _is_assigned(before: str, between: str, line: str) -> bool:
    """Return whether the text between a name and a value assigns it, if that depends on the text before."""
    if "|" in between and "||" not in between:
        return line.lstrip().startswith("|")
    if _ALIGNED.fullmatch(between):
        return not line.strip() or bool(_WHOLE_NAME.fullmatch(line.strip()))
    if between.lstrip(" \t") == "`":
        return False
    if between == " ":
        return before.startswith("-") or bool(_BLANK_AFTER.match(line))
    if between.lstrip("\\\"'`").startswith(",") and not _VALUE_WORD.search(between):
        return before.startswith("--") or bool(_ARGUMENT.search(line))
    return "arn:" not in line or not _IN_ARN.search(line)


def _end_of(kind: FileKind, between: str, line: str) -> re.Pattern[str]:
    """Return a pattern for a value without quotes; in configuration, up to a blank if it is alone on its line."""
    if between.endswith(">"):
        return _ELEMENT
    if "${" in between:
        return _RUN
    alone = len(line) < _LEFT and "{" not in line and _LINE_START.fullmatch(line)
    if alone and kind in (FileKind.CONFIGURATION, FileKind.COMMANDS):
        return _TO_BLANK
    return _FIELD if alone and kind is FileKind.TEXT and between == "=" else _RUN


def _name_before(line: str) -> str:
    """Return the part of a name before a match, or the word before it: `api ` of `api key`."""
    name = _NAME_BACKWARDS.match(line[::-1])
    if name:
        return name[0][::-1]
    word = _WORD_BEFORE.search(line[-20:])
    return f"{word[1]} " if word else ""


def _value_start(matched: str, name_end: int) -> tuple[int, bool]:
    """Return where the value begins in a match, and whether it is quoted."""
    last_quote = max(matched.rfind(quote, name_end) for quote in "\"'`")
    if last_quote >= 0 and not _NAME_ENDS_IN_QUOTE.fullmatch(matched, name_end, last_quote + 1):
        return last_quote + 1, True
    if block := _BLOCK.match(matched, name_end):
        return block.end(), False
    word = _VALUE_WORD.search(matched, name_end)
    if word:
        return word.end(), False
    after = _UNQUOTED_AFTER.match(matched, name_end)
    return (after.end() if after else name_end + 1), False


def _quoted(text: str, start: int) -> Span | None:
    """Return the span between quotes, which are preceded by backslashes in a string within a string."""
    before = text[max(0, start - 8) : start - 1]
    escapes = before[len(before.rstrip("\\")) :]
    if not escapes:
        found = _IN_QUOTES[text[start - 1]].match(text, start, start + _RIGHT)
        return Span(start, found.end()) if found else None
    found = _IN_ESCAPED_QUOTES.match(text, start, start + _RIGHT)
    end = found.end() if found else start
    return Span(start, end) if text.startswith(escapes + text[start - 1], end) else None


def _unquoted(text: str, start: int, pattern: re.Pattern[str]) -> Span | None:
    phrase = _PHRASE.match(text, start, start + _RIGHT) if pattern is _TO_BLANK else None
    found = phrase or pattern.match(text, start, start + _RIGHT)
    if found is None or found.end() == start + _RIGHT:
        return None
    if found[0].endswith("..."):
        return None
    if pattern is _RUN and not _RUN_END.match(text, found.end()):
        return None
    in_prose = pattern is _RUN and not text[found.end() : found.end() + 1].strip()
    value = (_PROSE_END if in_prose else _STATEMENT_END).sub("", found[0])
    return Span(start, start + len(value))
