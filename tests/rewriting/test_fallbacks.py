"""After a move, code that falls back from a variable to a token reads that variable and no other."""

from __future__ import annotations

import pytest

import tokens
from rewriting.moving import LANGUAGE, TOKEN, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting.rewrite import find_references
from tokenward.rewriting.undo import UndoStep

IMPORT = "import os\n"
DROPPED = [
    ("python", 'x = os.getenv("API_KEY", "T0K")', 'x = os.environ["API_KEY"]'),
    ("python", "x = os.environ.get('API_KEY', default='T0K',)", 'x = os.environ["API_KEY"]'),
    ("python", 'x = os.getenv("API_KEY", "https://u:T0K@example.com/0")', 'x = os.environ["API_KEY"]'),
    ("python", 'f(os.getenv(\n    "API_KEY",\n    "T0K",\n))', 'f(os.environ["API_KEY"])'),
    ("python", 'os.environ.setdefault("API_KEY", "T0K")', 'os.environ["API_KEY"]'),
    ("python", "x = f\"{os.getenv('API_KEY', 'T0K')}\"", "x = f\"{os.environ['API_KEY']}\""),
    (
        "python",
        'x = os.getenv("A") or os.getenv("API_KEY") or "T0K"',
        'x = os.getenv("A") or os.environ["API_KEY"]',
    ),
    ("javascript", 'x = process.env.API_KEY || "T0K";', "x = process.env.API_KEY;"),
    ("javascript", "x = process.env.API_KEY ?? `T0K`;", "x = process.env.API_KEY;"),
    ("javascript", "f(process.env['API_KEY'] ?? 'T0K')", "f(process.env.API_KEY)"),
    (
        "javascript",
        'x = process.env.A || process.env.API_KEY || "T0K"',
        "x = process.env.A || process.env.API_KEY",
    ),
    ("javascript", 'process.env.API_KEY ||= "T0K";', "process.env.API_KEY;"),
    (
        "typescript",
        'const x: string = process.env.API_KEY || "T0K"',
        "const x: string = process.env.API_KEY!",
    ),
    ("typescript", 'f({ k: process.env.API_KEY! || "T0K" })', "f({ k: process.env.API_KEY! })"),
    ("tsx", 'x = <A k={process.env.API_KEY ?? "T0K"} />', "x = <A k={process.env.API_KEY!} />"),
    ("shell", 'echo "${API_KEY:-T0K}"', 'echo "${API_KEY}"'),
    ("shell", 'echo ${API_KEY-"T0K"}', "echo ${API_KEY}"),
    ("shell", ': "${API_KEY:=T0K}"', ': "${API_KEY}"'),
    ("shell", 'export API_KEY="${API_KEY:-T0K}"', 'export API_KEY="${API_KEY}"'),
]
LAZY = [
    ("python", 'x = y or "T0K"', 'x = y or os.environ["API_KEY"]'),
    ("python", 'x = os.getenv("OTHER") or "T0K"', 'x = os.getenv("OTHER") or os.environ["API_KEY"]'),
    ("javascript", 'x = process.env.OTHER || "T0K"', "x = process.env.OTHER || process.env.API_KEY"),
    (
        "javascript",
        'x = a && process.env.API_KEY || "T0K"',
        "x = a && process.env.API_KEY || process.env.API_KEY",
    ),
    ("shell", 'echo "${1:-T0K}"', 'echo "${1:-${API_KEY}}"'),
    ("shell", "echo ${OTHER:-a/T0K}", "echo ${OTHER:-a/${API_KEY}}"),
]
EAGER = [
    ("python", 'x = os.getenv("OTHER", "T0K")', "fallback of OTHER"),
    ("python", 'x = os.environ.get("OTHER", default="T0K")', "fallback of OTHER"),
    ("python", 'os.environ.setdefault("OTHER", "T0K")', "fallback of OTHER"),
    ("python", 'x = os.getenv("API_KEY", f"{a} T0K")', "part of a fallback"),
    ("python", 'x = os.getenv("API_KEY", "a" "T0K")', "part of a fallback"),
    ("python", 'x = os.getenv("API_KEY", ["T0K"])', "part of a fallback"),
    ("javascript", 'process.env.OTHER ??= "T0K"', "fallback of OTHER"),
]
SET = [
    ("python", 'os.environ["API_KEY"] = "T0K"', 'os.environ["API_KEY"] = os.environ["API_KEY"]'),
    ("python", "x = os.environ['API_KEY'] = 'T0K'", "x = os.environ['API_KEY'] = os.environ[\"API_KEY\"]"),
    ("javascript", 'process.env.API_KEY = "T0K";', "process.env.API_KEY;"),
    ("typescript", "x = process.env['API_KEY'] = `T0K`", "x = process.env.API_KEY!"),
    (
        "python",
        'os.environ["A"] = os.environ["API_KEY"] = r"T0K"',
        'os.environ["A"] = os.environ["API_KEY"] = os.environ["API_KEY"]',
    ),
]
COMPARED = [
    *(("python", f'x = os.environ["OTHER"] {sign} "T0K"') for sign in ("==", "!=", "<=", ">=")),
    *(("javascript", f'x = process.env.OTHER {sign} "T0K"') for sign in ("==", "!=", "===", "!==", "<=")),
    *(("ruby", f'x = ENV["OTHER"] {sign} "T0K"') for sign in ("==", "!=")),
    *(("php", f'<?php\n$x = $_ENV["OTHER"] {sign} "T0K";') for sign in ("==", "!==")),
    ("perl", '$x = $ENV{OTHER} == "T0K";'),
    ("julia", 'x = ENV["OTHER"] == "T0K"'),
    ("powershell", '$x = $env:OTHER -eq "T0K"'),
]
SET_TO_ANOTHER = [
    ("python", 'os.environ["OTHER"] = "T0K"', 'os.environ["OTHER"] = os.environ["API_KEY"]'),
    ("javascript", 'process.env.OTHER = "T0K"', "process.env.OTHER = process.env.API_KEY"),
    ("typescript", 'process.env.OTHER = "T0K"', "process.env.OTHER = process.env.API_KEY!"),
]
SETTING = [
    ("python", "os.environ['API_KEY'] = \"a\" 'T0K'"),
    ("python", 'os.environ["API_KEY"] += "T0K"'),
    ("python", 'os.environ["A"] = os.environ["B"] = "a T0K"'),
    ("javascript", 'process.env.API_KEY += "T0K"'),
    ("javascript", 'process.env.API_KEY = "a T0K"'),
]


def text_of(language: str, code: str) -> str:
    return filled(f"{IMPORT if language == 'python' else ''}{code}\n")


@pytest.mark.parametrize(("language", "code", "after"), DROPPED + LAZY + SET + SET_TO_ANOTHER)
def test_a_token_is_read_only_where_its_fallback_was(language: str, code: str, after: str) -> None:
    assert move(language, text_of(language, code))[0] == text_of(language, after)


@pytest.mark.parametrize(("language", "code"), [row[:2] for row in DROPPED + SET])
def test_a_fallback_is_named_after_its_variable(language: str, code: str) -> None:
    text = text_of(language, code)
    assert LANGUAGE[language].read(text).fallback(spans_of(text)[0]) == "API_KEY"


@pytest.mark.parametrize(("language", "code"), [row[:2] for row in EAGER if row[2] == "part of a fallback"])
def test_a_part_of_a_fallback_is_not_the_variable(language: str, code: str) -> None:
    text = text_of(language, code)
    assert LANGUAGE[language].read(text).fallback(spans_of(text)[0]) is None


@pytest.mark.parametrize(("language", "code", "after"), [SET[0], SET[1], SET[3]])
def test_a_variable_that_code_sets_is_no_look_up(language: str, code: str, after: str) -> None:
    moved, rewrite = move(language, text_of(language, code))
    assert len(find_references(moved, LANGUAGE[language], ["API_KEY"])) == 1
    assert restored_without_record(language, moved, rewrite).count(TOKEN) == 1


@pytest.mark.parametrize(
    "code", ['echo "${API_KEY:-T0K}"\n', "echo ${API_KEY:=T0K}\n", "echo ${OTHER-T0K}\n"]
)
def test_a_fallback_that_the_grammar_takes_for_several_words_is_one(code: str) -> None:
    token = tokens.slack("fallback")
    moved, rewrite = move("shell", filled(code, token), token)
    expected = {"echo ${OTHER-T0K}\n": "echo ${OTHER-${API_KEY}}\n"}
    assert moved == expected.get(code, code.replace(":-T0K", "").replace(":=T0K", ""))
    assert rewrite.value.reveal() == token


@pytest.mark.parametrize(("language", "code", "why"), EAGER)
def test_no_look_up_is_left_that_fails_where_the_fallback_is_not_needed(
    language: str, code: str, why: str
) -> None:
    with pytest.raises(RewriteRefused, match=why):
        move(language, text_of(language, code))


@pytest.mark.parametrize(("language", "code"), COMPARED)
def test_a_token_is_not_named_after_the_variable_that_it_is_compared_with(language: str, code: str) -> None:
    """Otherwise, the code would compare the variable with itself."""
    text = text_of(language, code)
    parsed, span = LANGUAGE[language].read(text), spans_of(text)[0]
    assert parsed.fallback(span) is None
    assert parsed.assigned(span) != "OTHER"


@pytest.mark.parametrize(("language", "code"), SETTING)
def test_no_variable_is_set_to_more_than_a_look_up(language: str, code: str) -> None:
    with pytest.raises(RewriteRefused, match="itself sets this variable"):
        move(language, text_of(language, code))


def test_blanks_in_a_call_cost_linear_time() -> None:
    # With a step for each pair of characters this would take days.
    blanks = " " * 1_000_000
    with pytest.raises(RewriteRefused):
        move("python", text_of("python", f'x = os.getenv("API_KEY", "T0K"{blanks},{blanks}1)'))


@pytest.mark.parametrize(
    "before", ['f("', 'os.getenv("A", "x" "', 'os.getenv("a b", "', 'x = os.getenv("A", "', "${A:+", "${A:-x"]
)
def test_nothing_more_of_the_code_is_recorded(before: str) -> None:
    with pytest.raises(ValueError, match="delimiters"):
        UndoStep(0, "x", before=before)
