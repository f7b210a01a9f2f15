from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from rewriting.moving import REFERENCE, TOKEN, filled, move, restored_without_record
from tokenward.errors import RewriteRefused

# `E` in expected texts is the lookup.
MOVED = [
    ("javascript", 'const k = "T0K";', "const k = E;"),
    ("javascript", "k = 'a:T0K:b'", "k = ('a:' + E + ':b')"),
    ("javascript", "k = `a ${b} T0K`", "k = `a ${b} ${E}`"),
    ("javascript", "k = `${f(`T0K`)} T0K`", "k = `${f(`${E}`)} ${E}`"),
    ("javascript", '"use strict";\nk = {a: "T0K", b: ["T0K"]}', '"use strict";\nk = {a: E, b: [E]}'),
    ("javascript", 'k = {["T0K"]: 1}', "k = {[E]: 1}"),
    ("javascript", 'k = typeof"T0K"', "k = typeof E"),
    ("javascript", 'k = "T0K"in x', "k = E in x"),
    ("javascript", 'k = "T0K"==x', "k = E==x"),
    ("javascript", 'k = x ?"T0K":y', "k = x ?E:y"),
    ("javascript", 'k = () => "a T0K"', 'k = () => ("a " + E)'),
    ("javascript", 'k = "aT0K".length', 'k = ("a" + E).length'),
    ("javascript", 'switch (x) { case"T0K": break }', "switch (x) { case E: break }"),
    ("javascript", 'export default "T0K"', "export default E"),
    ("javascript", 'class A { k = "T0K"; #p = "T0K" }', "class A { k = E; #p = E }"),
    ("javascript", 'function f({a = "T0K"}, b = "T0K") {}', "function f({a = E}, b = E) {}"),
    ("javascript", 'k = <A b="T0K" c={"T0K"}/>', "k = <A b={E} c={E}/>"),
    ("javascript", "k = <A b='x T0K'/>", "k = <A b={'x ' + E}/>"),
    ("javascript", "/* T0K */ // T0K\n", "/* R */ // R\n"),
    (
        "javascript",
        'import process from "node:process"\nk = "T0K"',
        'import process from "node:process"\nk = E',
    ),
    ("javascript", 'if (process) f(process.argv); k = "T0K"', "if (process) f(process.argv); k = E"),
    ("typescript", 'const k: string = "T0K"', "const k: string = E!"),
    ("typescript", 'k = "T0K"==x', "k = E! ==x"),
    ("typescript", 'k = "T0K"===x', "k = E! ===x"),
    ("typescript", "k = `T0K`", "k = `${E}`"),
    (
        "typescript",
        'class A { constructor(private a = "T0K") {} }',
        "class A { constructor(private a = E!) {} }",
    ),
    ("typescript", 'const k = {a: "T0K"} as const', "const k = {a: E!} as const"),
    ("typescript", 'const k = "T0K" as string', "const k = E! as string"),
    ("tsx", 'k = <A b="T0K">{"T0K"}</A>', "k = <A b={E!}>{E!}</A>"),
]


@pytest.mark.parametrize(("language", "before", "after"), MOVED)
def test_a_string_becomes_a_lookup(language: str, before: str, after: str) -> None:
    moved, rewrite = move(language, filled(before))
    assert moved == after.replace("E", "process.env.API_KEY").replace("R", str(REFERENCE))
    assert rewrite.value.reveal() == TOKEN
    assert rewrite.needs_environment is (str(REFERENCE) not in moved)


REFUSED = [
    ("javascript", 'import x from "T0K"'),
    ("javascript", 'export * from "T0K"'),
    ("javascript", 'import j from "j" with {type: "T0K"}'),
    ("javascript", 'k = {"T0K": 1}'),
    ("javascript", 'const {"T0K": k} = x'),
    ("javascript", 'class A { "T0K" = 1 }'),
    ("javascript", '"T0K"'),
    ("javascript", 'f(x)\n"T0K".length'),
    ("javascript", "k = tag`T0K`"),
    ("javascript", "k = /T0K/"),
    ("javascript", "k = <A>T0K</A>"),
    ("javascript", 'k = <A b="&amp;T0K"/>'),
    ("javascript", "k = T0K"),
    ("javascript", 'const process = {env: {}}; k = "T0K"'),
    ("javascript", 'function f(process) { return "T0K" }'),
    ("javascript", 'const {process} = x; k = "T0K"'),
    ("javascript", 'import process from "./mine"; k = "T0K"'),
    ("javascript", 'k = "T0K'),
    ("javascript", 'k = ("T0K" x)'),
    ("javascript", "k = '\\T0K'"),
    (
        "javascript",
        'import { defineConfig } from "vite"; defineConfig({ define: { K: JSON.stringify("T0K") } })',
    ),
    ("javascript", "const a = require('esbuild'); a.build({ 'define': { 'process.env.K': '\"T0K\"' } })"),
    ("javascript", 'new webpack.DefinePlugin({ K: JSON.stringify("T0K") })'),
    ("javascript", 'new EnvironmentPlugin({ K: "T0K" })'),
    ("typescript", 'const k = "T0K" as const'),
    ("typescript", 'const k = ("T0K") as const'),
    ("typescript", 'const k = <const>"T0K"'),
    ("typescript", 'enum A { B = "T0K" }'),
    ("typescript", 'type A = "T0K"'),
    ("typescript", "type A = `${string}T0K`"),
    ("typescript", 'let k: "T0K"'),
    ("typescript", 'declare const k = "T0K"'),
    ("typescript", 'interface A { "T0K": string }'),
]


@pytest.mark.parametrize(("language", "text"), REFUSED)
def test_what_would_not_mean_the_same_is_refused(language: str, text: str) -> None:
    with pytest.raises(RewriteRefused) as refusal:
        move(language, filled(text))
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize("literal", ['"{}"', "'{}'", "`{}`"])
def test_a_key_written_with_escapes_is_decoded(literal: str) -> None:
    key = tokens.private_key()
    written = key.replace("\n", "\\n")
    _, rewrite = move("javascript", f"k = {literal.format(written)}\n", written)
    assert rewrite.value.reveal() == key


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_key_written_over_lines_is_decoded(newline: str) -> None:
    written = tokens.private_key().replace("\n", newline)
    _, rewrite = move("javascript", f"k = `{written}`{newline}", written)
    assert rewrite.value.reveal() == tokens.private_key()


_FILLER = st.text(st.sampled_from("ab .:%é😀\\n@/{}'\"`$\t#\u2028"), max_size=6)
_FRAMES = [
    "{}",
    "[{}, {}]",
    "({}).length",
    "typeof{}",
    "true ?{}: 1",
    "((a = {}) => a)()",
    "{{a: {}}}",
    "{}+{}",
    "{}==1",
]


@st.composite
def literals(draw: st.DrawFn) -> str:
    quote = draw(st.sampled_from(['"', "'", "`"]))
    left, right = (draw(_FILLER).replace("\\", "\\\\").replace(quote, "") for _ in range(2))
    if quote != "`":
        return f"{quote}{left}T0K{right}{quote}"
    left, right = left.replace("$", ""), right.replace("$", "")
    return f"`{left}{draw(st.sampled_from(['', '${1 + 1}', '${`x`}']))}T0K{right}`"


@st.composite
def expressions(draw: st.DrawFn) -> str:
    frame = draw(st.sampled_from(_FRAMES))
    return frame.format(*(draw(literals()) for _ in range(frame.count("{}"))))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="evaluating JavaScript needs node")
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(expressions(), min_size=30, max_size=60))
def test_a_moved_program_computes_the_same(tmp_path: Path, programs: list[str]) -> None:
    before = [filled(f"v = {program}") for program in programs]
    results = [move("javascript", text) for text in before]
    after = [moved for moved, _ in results]
    again = [restored_without_record("javascript", *result) for result in results]
    expected = _evaluated(tmp_path, before)
    assert _evaluated(tmp_path, after) == expected
    assert _evaluated(tmp_path, again) == expected


def _evaluated(folder: Path, programs: list[str]) -> list[object]:
    lines = "".join(f"values.push((() => {{ let v; {program}\n return v; }})());\n" for program in programs)
    script = folder / "programs.js"
    script.write_text(
        f"const values = [];\n{lines}process.stdout.write(JSON.stringify(values));", encoding="utf-8"
    )
    environment = {**os.environ, "API_KEY": TOKEN}
    done = subprocess.run(["node", str(script)], capture_output=True, env=environment, check=True)
    values: list[object] = json.loads(done.stdout)
    return values
