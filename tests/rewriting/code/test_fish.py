"""A script for fish reads a moved token by `$NAME`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting.naming import keys_at, name_choices
from tokenward.rewriting.rewrite import find_references

MOVED = [
    ("set -gx KEY T0K", 'set -gx KEY "$E"'),
    ('set -gx KEY "T0K" # T0K', f"set -gx KEY $E # {REFERENCE}"),
    ("set KEY 'T0K'; f", "set KEY $E; f"),
    ('curl -H "a: T0K" x', 'curl -H "a: "$E x'),
    ('curl -H "a: T0K $b"', 'curl -H "a: "$E" $b"'),
    ("curl 'a T0K,T0K b'", "curl 'a '$E','$E' b'"),
    ("f --key=T0K a", 'f --key="$E" a'),
    ('f --key="T0K"b', 'f --key="$E"b'),
    ('f a"T0K"', 'f a"$E"'),
    ('set -q API_KEY; or set -x API_KEY "T0K"', "set -q API_KEY; or set -x API_KEY $E"),
]


def expected(after: str) -> str:
    return after.replace("$E", f"${REFERENCE.name}")


@pytest.mark.parametrize(("before", "after"), MOVED)
def test_a_token_becomes_a_variable(before: str, after: str) -> None:
    moved, rewrite = move("fish", filled(before))
    assert moved == expected(after)
    assert rewrite.value.reveal() == TOKEN
    assert len(find_references(moved, LANGUAGE["fish"], [REFERENCE.name])) == before.count("T0K")
    assert restored_without_record("fish", moved, rewrite).count(TOKEN) == before.count("T0K")


@given(st.sampled_from(MOVED), st.text(st.sampled_from("abXY09_-./+=:@%é#&*,;?^|$(){}[]<> "), min_size=4))
def test_any_token_moves_and_comes_back_byte_for_byte(row: tuple[str, str], letters: str) -> None:
    token = f"t0{letters}0t"
    try:
        moved, rewrite = move("fish", filled(row[0], token), token)
    except RewriteRefused:
        return
    assert rewrite.value.reveal() == token
    assert moved == expected(row[1])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("set API_KEY a; set KEY T0K", "something else"),
        ("set -e API_KEY\nset KEY T0K", "something else"),
        ("set KEY \"$(f 'T0K')\"", "command inside a string"),
        ("set KEY a\\T0K", "with escapes"),
        ("echo $T0K\n", "the name of a variable"),
        ("echo $a_T0K-b\n", "the name of a variable"),
        ('echo "$T0K"\n', "the name of a variable"),
    ],
)
def test_what_fish_would_read_otherwise_is_refused(source: str, why: str) -> None:
    with pytest.raises(RewriteRefused, match=why):
        move("fish", filled(source))


@pytest.mark.parametrize("source", ["set -gx API_KEY T0K", "set api_key 'T0K'", "API_KEY=T0K f"])
def test_a_token_is_named_after_its_variable(source: str) -> None:
    text = filled(source)
    keys = keys_at(text, LANGUAGE["fish"], spans_of(text)[0])
    assert name_choices(keys, "", "TOKEN")[0] == "API_KEY"


@pytest.mark.skipif(shutil.which("fish") is None, reason="this test needs fish")
def test_a_moved_script_computes_the_same(tmp_path: Path) -> None:
    program = """function show
    for value in $argv
        printf %s $value | sha256sum
    end
end
set -gx KEY T0K # T0K
set LIST a "T0K" 'T0K b'
show $KEY $LIST[2] $LIST[3] "a T0K $LIST[1]" 'x T0K,T0K' --key=T0K --key="T0K"b a"T0K" (echo "T0K") "é T0K
\\$b"
"""
    before = filled(program)
    moved, rewrite = move("fish", before)
    printed = _printed(tmp_path / "before.fish", before)
    assert hashlib.sha256(TOKEN.encode()).hexdigest() in printed
    assert _printed(tmp_path / "moved.fish", moved) == printed
    assert _printed(tmp_path / "restored.fish", restored_without_record("fish", moved, rewrite)) == printed


def _printed(path: Path, program: str) -> str:
    path.write_text(program)
    environment = {**os.environ, REFERENCE.name: TOKEN, "HOME": str(path.parent)}
    done = subprocess.run(["fish", path], env=environment, capture_output=True, text=True, check=True)
    return done.stdout
