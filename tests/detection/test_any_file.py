"""Any configuration in a repository is read or reported, and the catalog stays active."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import tokens
from examples import up_to
from tokenward.detection.custom.workspace import read_local
from tokenward.detection.engine import Detector

LINE = f"acme_q7Zt2mXw9LbC = '{tokens.github()}'\n"
NAMES = [
    "id",
    "regex",
    "path",
    "secretGroup",
    "entropy",
    "keywords",
    "skipReport",
    "description",
    "filter",
    "allowlist",
    "allowlists",
    "rules",
    "extend",
    "disabledRules",
    "useDefault",
    "targetRules",
    "regexTarget",
    "condition",
    "commits",
    "paths",
    "regexes",
    "stopwords",
    "Entropy",
]
KEYS = st.sampled_from(NAMES)
NUMBERS = st.one_of(
    st.integers().map(str),
    st.integers(1, 5000).map(lambda digits: "9" * digits),
    st.integers(1, 9000).map(lambda digits: f"0x{'f' * digits}"),
    st.sampled_from(["inf", "-inf", "nan", "1e400", "-0.0", "0b1", "1_000"]),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:.3f}"),
)
OTHERS = st.sampled_from(
    ["true", "false", "1979-05-27", "1979-05-27T07:32:00-07:00", "07:32:00.999", "0000-00-00", "24:00:00"]
)
STRINGS = st.one_of(
    st.text(max_size=8).map(json.dumps),
    st.sampled_from(
        ["''", "'acme'", "'github-pat'", "'and'", "'line'", "'acme_([a-z]{1,9})'", "'(?=a)'", "'b.toml'"]
    ),
)


def _arrays_and_tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arrays = st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    tables = st.dictionaries(KEYS, values, max_size=3).map(
        lambda table: f"{{{', '.join(f'{key} = {value}' for key, value in table.items())}}}"
    )
    return arrays | tables


VALUES = st.recursive(NUMBERS | OTHERS | STRINGS, _arrays_and_tables, max_leaves=6)
HEADERS = st.sampled_from(
    ["[[rules]]\nid = 'acme'", "[[rules]]", "[[allowlists]]", "[[rules.allowlists]]", "[rules.allowlist]"]
)
SECTIONS = st.tuples(HEADERS, st.dictionaries(KEYS, VALUES, max_size=4))
TOPS = st.sampled_from(["", "[extend]", "[allowlist]"])
DOCUMENTS = st.tuples(
    st.tuples(TOPS, st.dictionaries(KEYS, VALUES, max_size=3)), st.lists(SECTIONS, max_size=3)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("0" * 40),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(
            st.sampled_from(["results", "hashed_secret", "line_number", "a"]), values, max_size=3
        )
    ),
    max_leaves=8,
)


def _joined(parts: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(parts), max_size=30).map("".join)


LINES = _joined([*"*: #-a0\n\r\0é\ud800", "s1:", "any ", "until:", "2026-11-25", "src/a.py", "github-pat"])
FIELDS = [
    "confidence: ",
    "min_entropy: ",
    "pattern_requirements:\n",
    "visible: ",
    "examples: ",
    "id: custom.a\n",
]
YAML = _joined(
    [
        *"-: \n\t'\"[]{}&*!|>%@#,?0é\ud800",
        *(f"    {field}" for field in FIELDS),
        "rules:\n",
        "  - name: A\n    id: custom.a\n    pattern: 'a(b)'\n",
        "1e999",
    ]
)
ANY = settings(max_examples=up_to(150), suppress_health_check=[HealthCheck.too_slow])


def _text(document: tuple[tuple[str, dict[str, str]], list[tuple[str, dict[str, str]]]]) -> str:
    top, sections = document
    return "".join(
        "\n".join([header, *(f"{key} = {value}" for key, value in table.items()), ""])
        for header, table in [top, *sections]
    )


def _check(
    detector: Detector, cache: Path, files: dict[str, str], rule_files: dict[str, str] | None = None
) -> None:
    local, problems = read_local(files.get, cache, rule_files=rule_files, is_trusted=True)
    assert all(problem.line >= 0 for problem in problems)
    detected = detector.detect_all(LINE, "src/a.py", local=local)
    assert len([*detected.found, *detected.ignored]) >= 1


@given(DOCUMENTS)
@ANY
def test_any_gitleaks_file(detector: Detector, rules_home: Path, document: object) -> None:
    _check(detector, rules_home, {".gitleaks.toml": _text(document), "b.toml": _text(document)})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
@given(VALUES)
@example("9" * 400)
@example(f"0x{'f' * 8000}")
@settings(max_examples=60)
def test_any_value_of_a_key_in_a_gitleaks_file(rules_home: Path, name: str, value: str) -> None:
    rule = {"id": "'acme'", "regex": "'a(b)'", name: value}
    allowlist = {"stopwords": "['x']", name: value}
    sections = [("[[rules]]", rule), ("[[rules.allowlists]]", allowlist), ("[[allowlists]]", allowlist)]
    text = _text((("[extend]", {name: value}), sections))
    read_local({".gitleaks.toml": text}.get, rules_home)


@given(JSON.map(json.dumps) | st.text(max_size=40) | st.integers(4000, 9000).map(lambda n: "9" * n))
@ANY
def test_any_baseline(detector: Detector, rules_home: Path, text: str) -> None:
    _check(detector, rules_home, {".secrets.baseline": text})
    _check(detector, rules_home, {".secrets.baseline": f'{{"results": {{"src/a.py": [{text}]}}}}'})


@given(LINES)
@ANY
def test_any_ignore_file(detector: Detector, rules_home: Path, text: str) -> None:
    _check(detector, rules_home, {".tokenwardignore": text, ".gitleaksignore": text})


@given(YAML)
@ANY
def test_any_rule_file(detector: Detector, rules_home: Path, text: str) -> None:
    _check(detector, rules_home, {}, {"mine.yml": text, "more.yml": f"rules:\n{text}"})
