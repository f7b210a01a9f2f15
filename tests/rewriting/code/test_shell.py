from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriting.moving import REFERENCE, TOKEN, filled, move, restored_without_record
from tokenward.errors import RewriteRefused

# `E` in expected texts is the variable.
MOVED = [
    ("API_KEY=T0K\n", 'API_KEY="E"\n'),
    ('export API_KEY="T0K"\n', 'export API_KEY="E"\n'),
    ("export API_KEY='T0K' && curl T0K", 'export API_KEY="E" && curl "E"'),
    ("curl -H 'Auth: T0K' x", "curl -H 'Auth: '\"E\" x"),
    ("curl -H 'T0K:T0K'", 'curl -H "E"\':\'"E"'),
    ('curl -H "Auth: T0K $x"', 'curl -H "Auth: E $x"'),
    ("curl --token=T0K", 'curl --token="E"'),
    ("curl x://u:T0K@h/$x", 'curl x://u:"E"@h/$x'),
    ("cat <<X\na T0K $y\nX\n", "cat <<X\na E $y\nX\n"),
    ("cat <<-X\n\tT0K\n\tX\n", "cat <<-X\n\tE\n\tX\n"),
    ("cat <<<T0K", 'cat <<<"E"'),
    ('a=(T0K "T0K")', 'a=("E" "E")'),
    ("echo ${x:-T0K}", "echo ${x:-E}"),
    ('echo "${x:-T0K}"', 'echo "${x:-E}"'),
    ('[ "$x" = "T0K" ]', '[ "$x" = "E" ]'),
    ('[[ $x == "T0K" ]]', '[[ $x == "E" ]]'),
    ('case "T0K" in x) ;; esac', 'case "E" in x) ;; esac'),
    ("for i in T0K; do :; done", 'for i in "E"; do :; done'),
    ('echo $(curl "T0K") `curl T0K`', 'echo $(curl "E") `curl "E"`'),
    ("API_KEY=T0K run", 'API_KEY="E" run'),
    ("API_KEY=$'T0K'", 'API_KEY="E"'),
    ("echo $'a T0K\\n'", "echo $'a '\"E\"$'\\n'"),
    ("# T0K\n", "# R\n"),
]


@pytest.mark.parametrize(("before", "after"), MOVED)
def test_a_word_becomes_a_variable(before: str, after: str) -> None:
    moved, rewrite = move("shell", filled(before))
    assert moved.replace("${API_KEY}", "E").replace(str(REFERENCE), "R") == after
    assert rewrite.value.reveal() == TOKEN
    assert rewrite.needs_environment is (str(REFERENCE) not in moved)


REFUSED = [
    "cat <<'X'\nT0K\nX\n",
    "cat <<\\X\nT0K\nX\n",
    "echo \"${x:-$'T0K'}\"",
    'echo $"T0K"',
    "API_KEY=other; curl T0K",
    "read API_KEY; curl T0K",
    "unset API_KEY; curl T0K",
    "for API_KEY in a; do curl T0K; done",
    ": ${API_KEY:=x}; curl T0K",
    'API_KEY="T0K-x"; curl T0K',
    "API_KEY=T0K; API_KEY+=x",
    "API_KEY+=T0K",
    "local API_KEY; curl T0K",
    "[[ $x =~ T0K ]]",
    "echo $((T0K))",
    "a[T0K]=1",
    "T0K=1",
    "echo ${T0K}",
    "T0K() { :; }",
    "echo \"${x:-'T0K'}\"",
    "echo \\T0K",
    'echo "T0K',
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_not_mean_the_same_is_refused(text: str) -> None:
    with pytest.raises(RewriteRefused) as refusal:
        move("shell", filled(text))
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    "token", ["ab*cdefgh", "ab?cdefgh", "ab~cdefgh", "{a,b}cdefgh", "ab[c]defgh", "a,bcdefgh"]
)
def test_a_word_that_the_shell_expands_is_refused_without_quotes(token: str) -> None:
    with pytest.raises(RewriteRefused):
        move("shell", f"curl {token}", token)
    assert move("shell", f"curl '{token}'", token)[1].value.reveal() == token


@pytest.mark.parametrize(
    ("written", "value"), [('a\\"b', 'a"b'), ("a\\$b", "a$b"), ("a\\\\b", "a\\b"), ("a\\`b", "a`b")]
)
def test_a_token_written_with_escapes_is_decoded(written: str, value: str) -> None:
    _, rewrite = move("shell", f'k="{written}"', written)
    assert rewrite.value.reveal() == value


_FILLER = st.text(st.sampled_from("ab .:%é😀@/{}#=-"), max_size=5)


@st.composite
def words(draw: st.DrawFn) -> str:
    left, right = draw(_FILLER), draw(_FILLER)
    style = draw(
        st.sampled_from(["'{}T0K{}'", '"{}T0K{}"', '"{}$HOME T0K{}"', "{}T0K{}", "a'{}T0K'\"b{}T0K\"T0K"])
    )
    if style == "{}T0K{}":
        left, right = ("".join(c for c in side if c in "ab.:%@/=-") for side in (left, right))
    return style.format(left, right)


@st.composite
def commands(draw: st.DrawFn) -> str:
    word = draw(words())
    frames = [
        "printf '%s|' {}",
        'x={}; printf %s "$x"',
        'printf %s "$(printf %s {})"',
        'cat <<X\n"T0K" $HOME\nX',
    ]
    return draw(st.sampled_from(frames)).format(word)


@pytest.mark.skipif(shutil.which("bash") is None, reason="evaluating shell scripts needs bash")
@settings(max_examples=100, deadline=None)
@given(st.lists(commands(), min_size=1, max_size=6))
def test_a_moved_script_prints_the_same(lines: list[str]) -> None:
    text = filled("\n".join([*lines, ""]))
    moved, rewrite = move("shell", text)
    again = restored_without_record("shell", moved, rewrite)
    expected = _printed(text)
    assert TOKEN.encode() in expected
    assert _printed(moved) == expected
    assert _printed(again) == expected


def _printed(script: str) -> bytes:
    environment = {**os.environ, "API_KEY": TOKEN, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["bash"], input=script.encode(), capture_output=True, env=environment, check=True
    ).stdout
