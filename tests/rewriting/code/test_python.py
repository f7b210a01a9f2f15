from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import up_to
from rewriting.moving import REFERENCE, TOKEN, filled, move, restored_without_record
from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.code.python import PythonSyntax
from tokenward.rewriting.edits import Edit

# `E` in expected texts is the lookup.
MOVED = [
    ("spread", 'import os\nprint(*"T0K")\n', "import os\nprint(*E)\n"),
    ("plain", 'k = "T0K"\n', "import os\nk = E\n"),
    ("raw", 'import os\nk = r"T0K"', "import os\nk = E"),
    ("part", "import os\nk = 'a T0K b'", "import os\nk = ('a ' + E + ' b')"),
    ("at the start", 'import os\nk = "T0K@h"', 'import os\nk = (E + "@h")'),
    ("twice in one", 'import os\nk = "T0K:T0K"', 'import os\nk = (E + ":" + E)'),
    ("side by side", 'import os\nk = "T0KT0K"', 'import os\nk = (E + "" + E)'),
    ("triple quotes", 'import os\nk = """a\nT0K\n"""', 'import os\nk = ("""a\n""" + E + """\n""")'),
    ("prefix kept", 'import os\nk = u"a T0K"', 'import os\nk = (u"a " + E)'),
    ("bytes", 'import os\nk = b"T0K"', "import os\nk = E.encode()"),
    ("part of bytes", 'import os\nk = rb"a T0K"', 'import os\nk = (rb"a " + E.encode())'),
    ("f-string", "import os\nk = f'a {b} T0K'", "import os\nk = f'a {b} {E}'"),
    ("inside an f-string", "import os\nk = f'{f(\"T0K\")}'", "import os\nk = f'{f(E)}'"),
    (
        "implicit concatenation",
        'import os\nk = ("a"\n "T0K" # c\n "b")',
        'import os\nk = (("a"\n + E + # c\n "b"))',
    ),
    ("all of a concatenation", 'import os\nk = "T0K" "T0K"', "import os\nk = (E + E)"),
    ("a formatted piece", 'import os\nk = "T0K" f"{x}"', 'import os\nk = (E + f"{x}")'),
    ("precedence", 'import os\nk = "T0K %s" % x', 'import os\nk = (E + " %s") % x'),
    ("a word before", 'import os\nk = x if"T0K"in y else z', "import os\nk = x if Ein y else z"),
    ("return", 'import os\ndef f():\n return"T0K"', "import os\ndef f():\n return E"),
    ("dict", 'import os\nk = {"T0K": "T0K"}', "import os\nk = {E: E}"),
    ("subscript", 'import os\nk["T0K"]', "import os\nk[E]"),
    (
        "default and decorator",
        'import os\n@d("T0K")\ndef f(a="T0K"): ...',
        "import os\n@d(E)\ndef f(a=E): ...",
    ),
    ("slots", 'import os\nclass A:\n __slots__ = ("T0K",)', "import os\nclass A:\n __slots__ = (E,)"),
    ("in a comment", "# T0K\n", "# R\n"),
    ("a statement", 'x = 1\n"T0K"\n', 'x = 1\n"R"\n'),
    ("the first statement has no parts", 'pass\nk = "T0K"\n', "import os\npass\nk = E\n"),
    ("a docstring stays first", '"""d"""\nk = "T0K"\n', '"""d"""\nimport os\nk = E\n'),
    (
        "future imports stay first",
        '#!x\n"d"\nfrom __future__ import annotations  # c\nk = "T0K"',
        '#!x\n"d"\nfrom __future__ import annotations  # c\nimport os\nk = E',
    ),
    ("one line", '"d"; k = "T0K"', '"d"; import os; k = E'),
    ("CRLF", '"d"\r\nk = "T0K"\r\n', '"d"\r\nimport os\r\nk = E\r\n'),
    ("BOM", '\ufeffk = "T0K"\n', "\ufeffimport os\nk = E\n"),
    ("another name for os", 'import os as o\nk = "T0K"', "import os\nimport os as o\nk = E"),
    ("from os", 'from os import environ\nk = "T0K"', "import os\nfrom os import environ\nk = E"),
    ("os.path", 'import sys, os.path\nk = "T0K"', "import sys, os.path\nk = E"),
    (
        "os of another",
        'import a.os\nk = b.os + f(os=1) + "T0K"',
        "import os\nimport a.os\nk = b.os + f(os=1) + E",
    ),
    ("import later", 'k = "T0K"\nimport os', "import os\nk = E\nimport os"),
    (
        "import in try",
        'try:\n import os\nexcept E: pass\nk = "T0K"',
        "import os\ntry:\n import os\nexcept E: pass\nk = E",
    ),
    ("local import before", 'def f():\n import os\n k = "T0K"', "def f():\n import os\n k = E"),
    ("local import elsewhere", 'def f():\n import os\nk = "T0K"', "import os\ndef f():\n import os\nk = E"),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in MOVED], ids=[row[0] for row in MOVED])
def test_a_string_becomes_a_lookup(before: str, after: str) -> None:
    moved, rewrite = move("python", filled(before))
    lookup, other = 'os.environ["API_KEY"]', "os.environ['API_KEY']"
    options = [after.replace("E", text).replace("R", str(REFERENCE)) for text in (lookup, other)]
    options = [option.replace(f"except {text}", "except E") for option in options for text in (lookup, other)]
    assert moved in options
    assert rewrite.value.reveal() == TOKEN
    assert rewrite.needs_environment is (str(REFERENCE) not in moved)


REFUSED = {
    "docstring": '"""T0K"""',
    "function docstring": 'def f():\n  "T0K"\n',
    "match pattern": 'match x:\n  case "T0K": ...',
    "mapping pattern": 'match x:\n  case {"T0K": 1}: ...',
    "type": 'x: Literal["T0K"] = 1',
    "type alias": 'X = t.Literal["T0K"]',
    "annotation": 'def f(x: "T0K"): ...',
    "debugging f-string": "f(f'{\"T0K\"=}')",
    "format specification": "f(f'{x:T0K}')",
    "f-string without a free quote": "f(f\"{f(f'{y}T0K')}\")",
    "f-string cut": "f(f'{T0K}')",
    "name": "T0K = 1",
    "quote before in triple quotes": 'k = """ "T0K" """',
    "shadowed": 'os = 1\nk = "T0K"',
    "parameter": 'def f(os):\n return "T0K"',
    "loop variable": 'for os in x: f("T0K")',
    "import as": 'import x as os\nk = "T0K"',
    "import from": 'from x import os\nk = "T0K"',
    "pattern name": 'match x:\n  case os: ...\nk = "T0K"',
    "deleted": 'import os\ndel os\nk = "T0K"',
    "never imported": 'from x import *\nos.getcwd()\nk = "T0K"',
    "local import after": 'def f():\n k = "T0K"\n import os',
    "conditional local import": 'def f():\n if x:\n  import os\n k = "T0K"',
    "cell magic": '%%bash\necho "T0K"',
    "shell escape": '!curl "T0K"',
    "error on the line": 'k = ("T0K" ! x)',
    "unclosed": 'k = "T0K',
    "cut escape": "k = '\\T0K'",
    "unknown prefix": 'k = t"T0K"',
    "print statement": 'print "T0K"',
    "reference runs on in a comment": "# T0K-x",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_would_not_mean_the_same_is_refused(text: str) -> None:
    with pytest.raises(RewriteRefused) as refusal:
        move("python", filled(text))
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    "literal",
    ['"{}"', "'{}'", 'f"{}"', 'b"{}"'],
)
def test_a_key_written_with_escapes_is_decoded(literal: str) -> None:
    key = tokens.private_key()
    written = key.replace("\n", "\\n")
    _, rewrite = move("python", f"k = {literal.format(written)}\n", written)
    assert rewrite.value.reveal() == key


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_key_written_over_lines_is_decoded(newline: str) -> None:
    written = tokens.private_key().replace("\n", newline)
    _, rewrite = move("python", f'k = """{written}"""{newline}', written)
    assert rewrite.value.reveal() == tokens.private_key()


@pytest.mark.parametrize(
    "written", ["a\\x41bcdefgh", "a\\N{BULLET}bcdefgh", "a\\/bcdefgh", "a\\'bcdefgh", "a\\\tbcdefgh"]
)
def test_an_escape_that_could_not_be_put_back_is_refused(written: str) -> None:
    with pytest.raises(RewriteRefused, match="escapes"):
        move("python", f'k = "{written}"', written)


_FILLER = st.text(st.sampled_from("ab .:%é😀\\n@/{}'\"\t#"), max_size=6)


@st.composite
def literals(draw: st.DrawFn) -> str:
    """Draw a Python expression whose value holds the token, perhaps in the middle of a literal."""
    left, right = draw(_FILLER), draw(_FILLER)
    prefix = draw(st.sampled_from(["", "r", "u", "b", "f", "Rb", "fr"]))
    quote = draw(st.sampled_from(['"', "'", '"""', "'''"]))
    if "b" in prefix.lower():
        left, right = (side.encode("ascii", "ignore").decode() for side in (left, right))
    if "r" in prefix.lower():
        left, right = (side.replace("\\", "") for side in (left, right))
    if "f" in prefix:
        left, right = (side.replace("{", "{{").replace("}", "}}") for side in (left, right))
    left, right = (side.replace("\\", "\\\\").replace(quote[0], "") for side in (left, right))
    middle = (
        draw(st.sampled_from(["", "{1 + 1}", "{'x'}" if quote[0] == '"' else '{"x"}']))
        if "f" in prefix
        else ""
    )
    return f"{prefix}{quote}{left}{middle}T0K{right}{quote}"


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = draw(st.lists(st.sampled_from(['"""d"""', "# é T0K", "import sys", "import os"]), max_size=3))
    frames = ["{}", "[{}, {}]", "({}\n {})", "len({})", "{} * 2", "(lambda a={}: a)()", "{{{}: {}}}", "{}[0]"]
    for number in range(draw(st.integers(1, 4))):
        frame = draw(st.sampled_from(frames))
        kind = draw(literals())
        parts = [kind, draw(st.sampled_from([kind, kind.replace("T0K", "other")]))][: frame.count("{}")]
        lines.append(f"v{number} = {frame.format(*parts)}")
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""])


def evaluated(program: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    exec(compile(program, "program", "exec"), values)
    return {name: value for name, value in values.items() if name[0] == "v"}


@settings(max_examples=up_to(400), deadline=None)
@given(programs())
def test_a_moved_program_computes_the_same(program: str) -> None:
    text = filled(program)
    expected = evaluated(text)
    moved, rewrite = move("python", text)
    os.environ["API_KEY"] = rewrite.value.reveal()
    try:
        assert evaluated(moved) == expected
    finally:
        del os.environ["API_KEY"]
    again = restored_without_record("python", moved, rewrite)
    assert evaluated(again) == expected


def test_the_places_of_a_word_are_found_once_for_each_text() -> None:
    parsed = PythonSyntax("import os\na = os.sep\n")
    words = parsed.words("os")
    assert parsed.words("os") is words
    after, _ = parsed.edited([Edit(Span(10, 10), "b = os.sep\n")])
    assert [[step.kind for step in path] for path in after.words("os")] == [
        [step.kind for step in path] for path in PythonSyntax(after.text).words("os")
    ]
    assert (len(words), len(after.words("os")), parsed.words("os")) == (2, 3, words)
