from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.code.test_python import evaluated, programs
from rewriting.moving import LANGUAGE, filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.names import IGNORE_COMMENT, IGNORE_NEXT_LINE_COMMENT
from tokenward.rewriting.comments import ignore_edit
from tokenward.rewriting.edits import apply_edits


def ignored(language: str, text: str) -> str:
    edit = ignore_edit(text, LANGUAGE[language], spans_of(text)[0])
    return apply_edits(text, [edit])


# `#A` and `#N` are the ignore comments.
@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("python", 'k = "T0K"\n', 'k = "T0K" #A\n'),
        ("python", 'k = "T0K" # x\r\ny = 1', 'k = "T0K" # x #A\r\ny = 1'),
        ("python", 'k = ["T0K",\n 1]', 'k = ["T0K", #A\n 1]'),
        ("python", 'k = """T0K\n"""', '#N\nk = """T0K\n"""'),
        ("python", 'if x:\n\tk = "T0K" + \\\n "b"', 'if x:\n\t#N\n\tk = "T0K" + \\\n "b"'),
        ("javascript", 'k = "T0K";\n', 'k = "T0K"; //A\n'),
        ("typescript", "k = `T0K\n`", "//N\nk = `T0K\n`"),
        ("shell", "export K=T0K\n", "export K=T0K #A\n"),
        ("shell", "curl T0K \\\n x", "#N\ncurl T0K \\\n x"),
        ("jsonc", '{\r\n"a": "T0K"\r\n}', '{\r\n"a": "T0K" //A\r\n}'),
        ("yaml", "a:\n  b: T0K\n", "a:\n  b: T0K #A\n"),
        ("yaml", "a:\n  b: T0K\n    x\n", "a:\n  #N\n  b: T0K\n    x\n"),
        ("toml", 'a = "T0K"', 'a = "T0K" #A'),
        ("ini", "[a]\n b = T0K\n", "[a]\n #N\n b = T0K\n"),
        ("properties", "a = T0K\\\n b\n", "#N\na = T0K\\\n b\n"),
        ("dotenv", "A=1\r\nB=T0K", "A=1\r\n#N\r\nB=T0K"),
        ("dotenv", '\ufeffA="T0K\n"', '\ufeff#N\nA="T0K\n"'),
    ],
)
def test_a_comment_stands_beside_the_token(language: str, before: str, after: str) -> None:
    after = after.replace("#N", f"# {IGNORE_NEXT_LINE_COMMENT}").replace(
        "//N", f"// {IGNORE_NEXT_LINE_COMMENT}"
    )
    after = after.replace("#A", f"# {IGNORE_COMMENT}").replace("//A", f"// {IGNORE_COMMENT}")
    assert ignored(language, filled(before)) == filled(after)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("json", '{"a": "T0K"}'),
        ("python", 'k = """\nT0K\n"""'),
        ("python", 'k = "x" + \\\n "T0K" + \\\n "y"'),
        ("javascript", "k = `\nT0K\n`"),
        ("tsx", "k = <A>\nT0K\n</A>"),
        ("shell", "cat <<X\nT0K\nX\n"),
        ("shell", "cat <<'X'\nT0K\nX\n"),
        ("shell", "curl \\\n T0K \\\n x"),
        ("yaml", "a: |\n  T0K\n"),
        ("toml", 'a = """\nT0K\n"""'),
        ("properties", "a = x\\\n T0K"),
        ("dotenv", 'A="\nT0K\n"'),
    ],
)
def test_no_comment_lands_inside_a_literal(language: str, text: str) -> None:
    with pytest.raises(RewriteRefused):
        ignored(language, filled(text))


def test_an_ini_value_over_lines_stays_the_same() -> None:
    text = filled("[a]\nb = x\n  T0K\n  y\n")
    values = []
    for version in (text, ignored("ini", text)):
        parser = configparser.ConfigParser()
        parser.read_string(version)
        values.append(parser["a"]["b"])
    assert values[0] == values[1]


@given(programs())
def test_an_ignored_token_s_program_computes_the_same(program: str) -> None:
    text = filled(program)
    try:
        after = ignored("python", text)
    except RewriteRefused:
        return
    assert evaluated(after) == evaluated(text)
    assert after.count("tokenward:ignore") == 1


@given(st.lists(st.sampled_from(["K=T0K", "A='x\n# y'", "# c", "B=`z`", ""]), min_size=1, max_size=6))
def test_a_comment_changes_no_env_value(lines: list[str]) -> None:
    text = filled("\n".join(["K=T0K", *lines]))
    after = ignored("dotenv", text)
    assert after == f"# {IGNORE_NEXT_LINE_COMMENT}\n{text}"
