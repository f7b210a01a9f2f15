"""Rewrites that are checked together pass only if each passes alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import fewer
from rewriting.code.samples import SAMPLES
from rewriting.moving import LANGUAGE, REFERENCE, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting import planner, syntax
from tokenward.rewriting.languages import Language
from tokenward.rewriting.parsing_once import parsing_once
from tokenward.rewriting.rewrite import Rewrite, check_together, plan_rewrite

_TOKENS = [tokens.github(f"together {number}") for number in range(3)]
_PYTHON = [
    'k = "T0K"',
    'f("a" "T0K"',
    '  "T0K" "b")',
    'k = "T0K" + "T0K"',
    'k = f("T0K", f"x {a} T0K")',
    'k = """T0K',
    'T0K"""',
    "import os",
    "def f():",
    "    import os",
    '    return os.environ.get("API_KEY", "T0K")',
    "# T0K",
]
_JAVASCRIPT = [
    'const k = "T0K"',
    'f("a" + "T0K",',
    '  `x ${a} T0K`, "T0K")',
    "k = `T0K",
    "T0K`",
    '("T0K")',
    'k = process.env.API_KEY || "T0K"',
    "/* T0K",
    "T0K */",
]
_LINES: dict[str, list[str]] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": [*_JAVASCRIPT, 'let k = "T0K" as T'],
    "tsx": [*_JAVASCRIPT, 'k = <a b="T0K">T0K</a>'],
    "shell": ["k=T0K", "f 'a T0K' \"T0K\"", "f <<E", "T0K T0K", "E", 'k="${API_KEY:-T0K}"', "if [ T0K ]; then", "fi"],
    "yaml": ["k: T0K", "l: 'T0K'", "m: |", "  T0K", '- "T0K T0K"', "- T0K # T0K", "n: {a: T0K,", "  b: T0K}"],
    "toml": ['k = "T0K"', "l = '''", "T0K", "'''", "[t] # T0K", 'm = ["T0K", "T0K",', '"T0K"]'],
    "json": ['{"a": "T0K",', '"b": ["T0K", "T0K"]}', '"c": "T0K T0K",'],
    "jsonc": ['{"a": "T0K", // T0K', '"b": ["T0K", "T0K"]}', '"c": "T0K T0K",'],
    "ini": ["[s]", "k = T0K", "  T0K T0K", "# T0K"],
    "properties": ["k = T0K", "k = T0K \\", "  T0K T0K", "# T0K"],
    "chunks": ["```{python}", "import os", "k = 'T0K'", "f('a T0K')", "```", "```{r}", "k <- 'T0K'", "```", "T0K"],
    "notebook": [
        '{"cells": [{"cell_type": "code", "source": ["k = \\"T0K\\"\\n", "f(\'a T0K\', \\"T0K\\")"]}], "metadata": {}}',
        '{"cells": [{"cell_type": "code", "source": "k = \'T0K\'"},',
        '{"cell_type": "markdown", "source": ["T0K"]}], "metadata": {}}',
    ],
    "direnv": ["export k=T0K", "export k='a T0K' l=\"T0K\"", "# T0K", "if [ T0K ]; then", "fi"],
    "dockerfile": ["FROM a", "ENV A=T0K B='T0K'", 'RUN b "T0K" \\', "  T0K", "# T0K"],
    "jenkins": ["pipeline {", "environment {", "A = 'T0K'", 'B = "T0K"', "}", "// T0K"],
    "markup": ["<a>T0K</a>", "<!-- T0K -->"],
    "xml": ["<a>", '<b c="T0K">T0K</b>', "</a>", "<!-- T0K -->"],
    "tfvars": ['k = "T0K"', "m = [", '"T0K",', "]", "# T0K"],
    "batch": ["set k=T0K", 'set "API_KEY=T0K"', "f T0K T0K ^", ":: T0K", "goto T0K"],
    "fish": ["set k T0K", "f 'T0K' \"a T0K\"", 'f "T0K', 'T0K"', "set -x API_KEY T0K", "# T0K"],
    "make": ["k = T0K", "API_KEY ?= T0K", "all:", "\tf T0K 'T0K' \\", '\t"T0K"', "# T0K", "l = \\", "  T0K"],
    "terraform": ['variable "k" {', 'default = "T0K"', "}", 'l = ["T0K",', '"T0K"]', "# T0K"],
    "lines": ["a T0K", "T0K", "# T0K"],
    "psql": ["SELECT 'T0K';", "INSERT INTO t VALUES ('T0K', E'a T0K', $$T0K$$);", "-- T0K", "'T0K", "T0K'"],
    "key": ["T0K", "-----BEGIN T0K-----"],
    **{sample.language: [line for text, _ in sample.moved for line in text.split("\n")] for sample in SAMPLES},
    "dotenv": ["K=T0K", "K='T0K", "T0K'", 'K="T0K T0K"', "# T0K"],
}  # fmt: skip


def test_there_are_lines_of_every_language() -> None:
    assert set(_LINES) == set(LANGUAGE)


@pytest.mark.parametrize(
    ("text", "parses"),
    [
        ('a = "T0K"\nb = "T0K"\nc = "T0K"\n', 2),
        ('a = "T0K"\nb = ["T0K", "T0K"]\n', 3),
        ('a = ("T0K"\n  "T0K"\n  "T0K")\n', 4),
        ('a = """\nT0K\nT0K"""\nb = "T0K"\n', 3),
        ('a = "T0K"\nb = "T0K"\nc = "T0K"\nd = ) (\n', 2),
    ],
)
def test_a_token_in_lines_of_its_own_needs_no_parse_of_its_own(
    monkeypatch: pytest.MonkeyPatch, text: str, parses: int
) -> None:
    parsed: list[bytes] = []

    def parse(grammar: str, content: bytes, *given: Any) -> Any:
        parsed.append(content)
        return planner.parse(grammar, content, *given)

    monkeypatch.setattr(syntax, "parse", parse)
    first, *rest = ("import os\n" + text).split("T0K")
    text = first + "".join(token + part for token, part in zip(_TOKENS, rest, strict=True))
    groups = [spans_of(text, token) for token in _TOKENS]
    with parsing_once():
        check_together(text, LANGUAGE["python"], groups, REFERENCE)
        for spans in groups:
            plan_rewrite(text, LANGUAGE["python"], spans, Reference("acme", "OTHER"))
    assert len(parsed) == parses


@st.composite
def _texts(draw: st.DrawFn, language: str) -> str:
    """Return lines of a language with a token in each place."""
    lines = _LINES[language]
    chosen = draw(st.lists(st.sampled_from(lines), min_size=2, max_size=8))
    text = draw(st.sampled_from(["\n", "\r\n"])).join([*chosen, ""])
    first, *rest = text.split("T0K")
    return first + "".join(draw(st.sampled_from(_TOKENS)) + part for part in rest)


@pytest.mark.parametrize("name", LANGUAGE)
@given(st.data())
@settings(max_examples=fewer(30, 1_000), deadline=None)
def test_each_rewrite_is_the_same_as_alone(name: str, data: st.DataObject) -> None:
    text, language = data.draw(_texts(name)), LANGUAGE[name]
    everywhere = [spans for token in _TOKENS if (spans := spans_of(text, token))]
    groups = [*([span] for spans in everywhere for span in spans), *everywhere]
    chosen = data.draw(st.lists(st.sampled_from(groups), unique_by=tuple)) if groups else []
    alone = [_outcome(text, language, spans) for spans in chosen]
    with parsing_once():
        check_together(text, language, chosen, REFERENCE)
        assert [_outcome(text, language, spans) for spans in chosen] == alone


def _outcome(text: str, language: Language, spans: Sequence[Span]) -> Rewrite | str:
    try:
        return plan_rewrite(text, language, spans, REFERENCE)
    except RewriteRefused as refusal:
        return str(refusal)
