"""A token in a long text gets the same rewrite when only the blocks around it are read."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import up_to
from rewriting.moving import LANGUAGE, REFERENCE, filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting import near_blocks as near
from tokenward.rewriting.near_blocks import near_blocks
from tokenward.rewriting.rewrite import Rewrite, plan_rewrite

PYTHON = [
    "import os",
    'k = "T0K"',
    'def f(a):\n    """Do."""\n    return g("T0K", a)',
    '@app.get("T0K")\nasync def h():\n    pass',
    'class C:\n    """Do\n\nmuch.\n"""\n    a = os.environ.get("API_KEY", "T0K")',
    "def f():\n    import os\n    return os",
    "os = 1",
    "f(os)",
    'k = [\n    "T0K",\n]',
    'k = """',
    'T0K"""',
    "k = '''\nx = \"T0K\"\n'''",
    "try:\n    f()\nexcept E:\n    k('T0K')\nelse:\n    g()",
    "# T0K",
    "k = f(  # (\n    1, 'T0K')",
    "k = 1 + \\\n'T0K'",
    'print(f"""\n{a} T0K\n""")',
]
JAVASCRIPT = [
    'const k = "T0K";',
    "k = `",
    "T0K`",
    "/*",
    "T0K */",
    'function f(a)\n{\n  return g("T0K", a);\n}',
    'if (a) {\n  f("T0K");\n} else {\n  g();\n}',
    "import process from 'node:process';",
    "const process = 1;",
    "f(process);",
    "function f(process) {\n  return process.env.A;\n}",
    "k = process.env.API_KEY || 'T0K';",
    "k = {\n  a: 'T0K',\n};",
    "k = `x ${a} T0K`;",
    "switch (a) {\ncase 1:\n  f('T0K');\n}",
    "// T0K",
    "/** Do. */\nclass C {\n  a = 'T0K';\n}",
]
LINES = {"python": PYTHON, "javascript": JAVASCRIPT, "typescript": JAVASCRIPT, "tsx": JAVASCRIPT}
FILLER = {name: "x = y\n" if name == "python" else "x = y;\n" for name in LINES}


def outcome(name: str, text: str, place: tuple[int, int]) -> tuple[object, ...] | str | None:
    """Return what a title says, and what is stored; None if the text does not parse."""
    language = LANGUAGE[name]
    if language.read(text).errors():
        return None
    line, nth = place
    start = sum(map(len, text.splitlines(keepends=True)[:line]))
    span = [span for span in spans_of(text) if span.start >= start][nth]
    try:
        found: Rewrite = plan_rewrite(text, language, [span], REFERENCE)
    except RewriteRefused:
        return "refused"
    return found.value, found.look_up, found.after, found.needs_environment, found.asks_helper


def test_there_are_lines_of_every_language_of_which_blocks_are_read() -> None:
    assert set(LINES) == set(near._BLOCKS)


@pytest.mark.parametrize("name", LINES)
@given(st.data())
@settings(max_examples=up_to(1_000), deadline=None)
def test_a_token_gets_the_rewrite_that_it_gets_in_the_whole_text(name: str, data: st.DataObject) -> None:
    part = st.one_of(st.sampled_from(LINES[name]), st.just(FILLER[name] * 8))
    text = filled("\n".join([*data.draw(st.lists(part, min_size=4, max_size=12)), ""]))
    lines = text.splitlines()
    places = [number for number, line in enumerate(lines) if spans_of(line)]
    if not places:
        return
    line = data.draw(st.sampled_from(places))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "LONG", 0)
        patch.setattr(near, "HEAD", 1)
        patch.setattr(near, "AROUND", 1)
        shorter = near_blocks(text, LANGUAGE[name], [range(line, line + 1)])
    if shorter is None:
        return
    kept = shorter.splitlines()
    assert [one for one in zip(kept, lines, strict=True) if one[0] not in ("", one[1])] == []
    whole, near_by = outcome(name, text, (line, 0)), outcome(name, shorter, (line, 0))
    # What is refused, or does not parse, is tried in the whole text; that may be the one that does not parse.
    assert near_by in (None, "refused", whole) or whole is None


@pytest.mark.parametrize("name", LINES)
def test_far_lines_are_left_out_of_a_long_text_alone(name: str) -> None:
    token = filled('k = "T0K"\n')
    text = FILLER[name] * 5_000 + token + FILLER[name] * 5_000
    shorter = near_blocks(text, LANGUAGE[name], [range(5_000, 5_001)])
    assert shorter is not None
    assert len(shorter) < len(text) // 3
    assert shorter.splitlines()[5_000] == token.rstrip()
    assert near_blocks(text[: near.LONG - 1], LANGUAGE[name], [range(1)]) is None
    assert near_blocks("\n".join([filled("(T0K")] * 5_000), LANGUAGE[name], [range(2_500, 2_501)]) is None


@pytest.mark.parametrize(
    ("before", "block"),
    [
        ([], ["@app.get('/')", "def f():", "    g('T0K')"]),
        ([], ["if a:", "    b()", "", "else:", "    g('T0K')"]),
        ([], ["k = a + \\", "T0K"]),
        ([], ["k = (", "a,", "'T0K'", ")"]),
        ([], ["k = '''", "a = 1", "", "T0K", "b = 2", "'''"]),
        (["import os"], ["k = 'T0K'"]),
        (["os.stat(a)"], ["k = 'T0K'"]),
    ],
)
def test_a_block_is_kept_whole_with_what_gives_a_look_up_its_meaning(
    before: list[str], block: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near, "AROUND", 0)
    far = ["x = y"] * 2_000
    text = "\n".join([*far, *before, *far, *block, *far, ""])
    line = len(far) * 2 + len(before) + next(n for n, one in enumerate(block) if "T0K" in one)
    shorter = near_blocks(text, LANGUAGE["python"], [range(line, line + 1)])
    assert shorter is not None
    kept = [one for one in shorter.splitlines() if one not in ("", "x = y")]
    assert kept == [one for one in [*before, *block] if one]


def test_no_line_is_looked_at_for_each_of_many_places(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    is_start = near._is_start

    def counted(lines: Sequence[str], inside: AbstractSet[int], number: int) -> bool:
        looked.append(number)
        return is_start(lines, inside, number)

    monkeypatch.setattr(near, "_is_start", counted)
    near_blocks(" f(os)\n x\n" * 5_000, LANGUAGE["python"], [range(5_000, 5_001)])
    assert 0 < len(looked) <= 20_000
