"""Lookups of environment variables in code: for each language, those it writes for a token and those people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.code.samples import SAMPLES, Samples
from tokenward.model import Reference, Span
from tokenward.rewriting.languages import LANGUAGES, Language, LanguageKind
from tokenward.rewriting.lookups import LOOKUPS, lookup_at

NAME = "API_KEY"
BY_NAME = {language.name: language for language in LANGUAGES}
CODE = [language for language in LANGUAGES if language.kind is LanguageKind.CODE]
WRITTEN_OUT = [
    language
    for language in CODE
    if LOOKUPS[language.name] and language.name not in {row.language for row in SAMPLES}
]
_PYTHON = [
    'os.environ["API_KEY"]',
    "os.environ['API_KEY']",
    'os.environ.get("API_KEY", "")',
    "environ.pop('API_KEY')",
    'os.getenv("API_KEY")',
    'os.environb[b"API_KEY"]',
]
_JAVASCRIPT = [
    "process.env.API_KEY",
    "process.env?.API_KEY",
    'process.env["API_KEY"]',
    "import.meta.env.API_KEY",
    "Bun.env.API_KEY",
    'Deno.env.get("API_KEY")',
]
_SHELL = ["${API_KEY}", '"$API_KEY"', "${API_KEY:-none}", "${#API_KEY}"]
SPELLINGS = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": [*_JAVASCRIPT, "process.env.API_KEY!"],
    "tsx": _JAVASCRIPT,
    "batch": ["%API_KEY%", "%API_KEY:~0,4%"],
    "fish": ["$API_KEY", '"a $API_KEY"'],
    "make": ["$(API_KEY)", "${API_KEY}", "$$API_KEY", '"$${API_KEY}"'],
    "chunks": [],
    "notebook": [],
    "terraform": [],
    **{samples.language: samples.readings for samples in SAMPLES},
    "shell": _SHELL,
    "direnv": ["$(tokenward get API_KEY)", *_SHELL],
}
ROWS = [(language, spelling) for language, spellings in SPELLINGS.items() for spelling in spellings]


def columns(language: Language, line: str) -> list[int]:
    """Return where in a line the lookup of the name is recognised."""
    spans = [(column, lookup_at(language, line, column)) for column in range(len(line) + 1)]
    return [column for column, found in spans if found is not None and found[1] == NAME]


def test_every_language_of_the_table_has_its_look_ups_or_reads_none() -> None:
    assert set(LOOKUPS) == set(SPELLINGS) == {language.name for language in CODE}


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda samples: samples.language)
def test_what_a_row_of_data_writes_is_recognised(samples: Samples) -> None:
    line = samples.lookup.replace("NAME", NAME)
    start = line.index(NAME)
    assert columns(BY_NAME[samples.language], line) == list(range(start, start + len(NAME) + 1))


@pytest.mark.parametrize("language", WRITTEN_OUT, ids=lambda language: language.name)
def test_what_a_rewrite_writes_is_recognised(language: Language) -> None:
    """Each row shows how its language reads a variable."""
    quoted = 'KEY="token"' if language.name in {"shell", "direnv"} else 'key = "token"'
    start = quoted.index("token")
    literal = language.read(quoted).literal(Span(start, start + 5), Reference("acme-api", NAME))
    line = quoted.replace('"token"', literal.filling)
    assert NAME in literal.filling
    assert columns(language, line) == list(range(line.index(NAME), line.index(NAME) + len(NAME) + 1))


@pytest.mark.parametrize(("name", "spelling"), ROWS)
def test_only_the_name_in_a_look_up_leads_to_its_assignment(name: str, spelling: str) -> None:
    line = f"😀 = {spelling}; other"
    start = line.index(NAME)
    assert columns(BY_NAME[name], line) == list(range(start, start + len(NAME) + 1))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("python", "os.environ[\"API_KEY']"),
        ("python", 'my_environ["API_KEY"]'),
        ("python", 'table["API_KEY"]'),
        ("javascript", "myprocess.env.API_KEY"),
        ("javascript", "process.envy.API_KEY"),
        ("javascript", "process.env.API_KEY$"),
        ("shell", "API_KEY=1"),
        ("shell", "\\$API_KEY"),
        *((language.name, "${API_KEY}") for language in LANGUAGES if language.kind is LanguageKind.DATA),
    ],
)
def test_what_is_no_look_up_leads_nowhere(name: str, line: str) -> None:
    assert columns(BY_NAME[name], line) == []


@given(st.sampled_from(CODE), st.text(st.sampled_from("osenvir.getpc[]()\"'`${}?AB_1 "), max_size=60))
def test_a_name_that_is_found_stands_where_it_is_said_to(language: Language, line: str) -> None:
    for column in range(len(line) + 1):
        if (found := lookup_at(language, line, column)) is not None:
            assert line[found[0].start : found[0].end] == found[1]
