"""A makefile reads a moved token by make's own variable, or by the shell of a recipe."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting.naming import keys_at, name_choices
from tokenward.rewriting.rewrite import find_references

MAKE, SHELL = f"$({REFERENCE.name})", f"$${{{REFERENCE.name}}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("KEY = T0K\n", "KEY = M\n"),
        ("export KEY ?= a/T0K/b\n", "export KEY ?= a/M/b\n"),
        ("ALL = a \\\n  T0K \\\n  b\n", "ALL = a \\\n  M \\\n  b\n"),
        ("API_KEY = T0K\n", "API_KEY := M\n"),
        ("export API_KEY ?= T0K\n", "export API_KEY := M\n"),
        ("API_KEY := T0K\n", "API_KEY := M\n"),
        ("all:\n\tcurl -H T0K\n", 'all:\n\tcurl -H "S"\n'),
        ('all: b\n\t@curl -H "a: T0K" \\\n\t  x=T0K\n', 'all: b\n\t@curl -H "a: S" \\\n\t  x="S"\n'),
        ("all:\n\tcurl 'a' -H 'a: T0K'\n", "all:\n\tcurl 'a' -H 'a: M'\n"),
        ("# T0K\n", f"# {REFERENCE}\n"),
    ],
)
def test_a_token_becomes_a_variable(before: str, after: str) -> None:
    moved, rewrite = move("make", filled(before))
    assert moved == after.replace("M", MAKE).replace("S", SHELL)
    assert rewrite.value.reveal() == TOKEN
    found = find_references(moved, LANGUAGE["make"], [REFERENCE.name])
    assert len(found) == before.count("T0K")
    assert restored_without_record("make", moved, rewrite).count(TOKEN) == before.count("T0K")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("API_KEY = a T0K\n", "own value"),
        ("API_KEY = b\nKEY = T0K\n", "something else"),
        ("include .env\nexport\nKEY = T0K\n", "reads .env itself"),
        ("-include ../.env.local\nKEY = T0K\n", "reads .env itself"),
        ("unexport API_KEY\nall:\n\tT0K\n", "hides the variable"),
        ("SHELL = python3\nall:\n\tprint('T0K')\n", "other than a shell"),
        ("all:\n\t$(eval A=T0K)\n", "reads twice"),
        ("ifeq ($(A),T0K)\nendif\n", "neither a recipe"),
        ("T0K: b\n", "neither a recipe"),
    ],
)
def test_what_make_would_read_otherwise_is_refused(source: str, why: str) -> None:
    with pytest.raises(RewriteRefused, match=why):
        move("make", filled(source))


@pytest.mark.parametrize("value", ["a$b-0123456789", "a#b-0123456789", "a b-0123456789", "a'b-0123456789"])
def test_a_value_with_signs_of_its_own_is_refused(value: str) -> None:
    with pytest.raises(RewriteRefused, match="special here"):
        move("make", f"all:\n\tcurl {value}\n", value)


@pytest.mark.parametrize(
    "source", ["api_key = T0K\n", "export api-key ?= a T0K\n", "all:\n\tAPI_KEY=T0K b\n"]
)
def test_a_token_is_named_after_its_variable(source: str) -> None:
    text = filled(source)
    keys = keys_at(text, LANGUAGE["make"], spans_of(text)[0])
    assert name_choices(keys, "", "TOKEN")[0] == "API_KEY"


@pytest.mark.skipif(shutil.which("make") is None, reason="this test needs make")
@pytest.mark.parametrize("first", ["KEY = T0K", "export API_KEY ?= T0K", "KEY != printf '%s' T0K"])
def test_a_moved_makefile_computes_the_same(first: str, tmp_path: Path) -> None:
    program = f"""{first}
SHOW = | sha256sum
all: other
\t@printf '%s' T0K $(SHOW)
\t@printf '%s' "a T0K" 'b T0K' \\
\t  c:T0K $(SHOW)
\t@printf '%s' '$(KEY)' "$$API_KEY" | wc -c
other:
\t@TOKEN=T0K sh -c 'printf "%s" "$$TOKEN"' $(SHOW)
"""
    before = filled(program)
    moved, rewrite = move("make", before)
    expected = _printed(tmp_path / "before", before)
    assert hashlib.sha256(TOKEN.encode()).hexdigest() in expected
    assert _printed(tmp_path / "moved", moved) == expected
    assert _printed(tmp_path / "restored", restored_without_record("make", moved, rewrite)) == expected


def _printed(folder: Path, program: str) -> str:
    folder.mkdir()
    (folder / "Makefile").write_text(program)
    environment = {**os.environ, REFERENCE.name: TOKEN}
    done = subprocess.run(["make"], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout
