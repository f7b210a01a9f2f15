"""What a recording says in place of what differs between runs, machines and versions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import tokens
from tokenward import __version__

Row = tuple[re.Pattern[str], str]
_ROWS: tuple[Row, ...] = (
    (re.compile(r"\b[0-9a-f]{32}\b"), "<fingerprint>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<digest>"),
    (re.compile(r'("fingerprint_key": ?)"[0-9a-f]{16}"'), r'\1"<key>"'),
    (re.compile(r"\btoken [0-9a-f]{8}\b"), "token <fingerprint>"),
    (re.compile(r"(?<![\w/])/(usr/)?(local/)?s?bin/(?=\w)"), "<PATH>/"),
    (re.compile(r'("expires": ?)\d+'), r"\1<time>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r'("seconds": ?)[0-9.e-]+'), r"\1<duration>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d( at \d\d:\d\d UTC)?"), "<time>"),
    (re.compile(r"\bin \d+ (second|minute|hour|day)s?\b"), "in <duration>"),
    (re.compile(r"\b\d+(\.\d+)? (ms|s|seconds)\b"), "<duration>"),
    (re.compile(r'("(?:pid|processId)": ?)\d+'), r"\1<pid>"),
    (re.compile(r"\btw-[a-z0-9_]{8}\b"), "<temporary>"),
    (re.compile(rf"\b{re.escape(__version__)}\b"), "<version>"),
)


class Normaliser:
    """Replaces tokens by their labels, and what no two runs share by a word in angle brackets."""

    def __init__(self, places: Mapping[str | Path, str] | None = None) -> None:
        """Take the folders of a run, each with its label."""
        known = {Path(__file__).parents[2]: "REPOSITORY", **(places or {})}
        self._labels = {str(place): f"<{label}>" for place, label in known.items()}

    def learn(self, label: str, value: str) -> str:
        """Know a token from now on; return it."""
        for spelling in (value, json.dumps(value)[1:-1], value.replace("\n", "\r\n")):
            self._labels[spelling] = f"<{label}:{len(value)}>"
        return value

    def learn_all(self, values: Mapping[str, str]) -> None:
        """Know tokens by their labels from now on."""
        for label, value in values.items():
            self.learn(label, value)

    def __call__(self, text: str) -> str:
        """Return the text that a recording has in place of this one."""
        for known in sorted(self._labels, key=len, reverse=True):
            text = text.replace(known, self._labels[known])
        for pattern, instead in _ROWS:
            text = pattern.sub(instead, text)
        return shown(text)


def shown(text: str) -> str:
    """Return a text whose control characters and lone surrogates can be read."""
    return re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]|[ \t]+$",
        lambda found: (
            found[0].encode("unicode_escape", "surrogatepass").decode()
            if found[0].strip(" \t")
            else found[0].replace(" ", "\\x20").replace("\t", "\\t")
        ),
        text,
        flags=re.MULTILINE,
    )


def in_json(value: object) -> str:
    """Return a value as one line of JSON whose keys are in order."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, default=lambda one: f"<{type(one).__name__}>"
    )


def planted(seed: object) -> dict[str, str]:
    """Return one token of each provider whose tokens are lines, by its label."""
    return {
        name.upper().replace("-", "_"): made(seed) for name, made in sorted(tokens.ONE_LINE_MAKERS.items())
    }


def section(title: str, lines: Iterable[str]) -> str:
    """Return a part of a recording."""
    return "\n".join([f"### {title}", *lines, "", ""])
