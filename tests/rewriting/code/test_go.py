"""A Go file compiles after each of several moves, and after each is taken back: no import is missing or unused."""

from __future__ import annotations

import itertools

import pytest

import tokens
from rewriting.moving import LANGUAGE, spans_of
from tokenward.model import Reference, Secret
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite

VALUES = {"GITHUB": tokens.github("go"), "SLACK": tokens.slack("go")}
FILES = [
    'package a\n\nvar a, b = "{}", "{}"\n',
    'package a\n\nimport "fmt"\n\nvar a, b = "{}", "{}"\n',
    'package a\n\nimport (\n\t"fmt"\n\t"time"\n)\n\nconst a = "{} {}"\n',
    'package a\n\nimport "os"\n\nvar a, b, c = "{}", "{}", os.Args\n',
]


@pytest.mark.parametrize("with_record", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(VALUES)))
@pytest.mark.parametrize("file", FILES)
def test_tokens_move_and_come_back_in_any_order(file: str, order: tuple[str, str], with_record: bool) -> None:
    language, before = LANGUAGE["go"], file.format(*VALUES.values())
    text, records = before, {}
    for name, value in VALUES.items():
        rewrite = plan_rewrite(text, language, spans_of(text, value), Reference("acme", name))
        text, records[name] = apply_edits(text, rewrite.edits), rewrite.undo
        check_imports(text)
    for name in order:
        record = records[name] if with_record else ()
        edits = plan_restore(text, language, record, Reference("acme", name), Secret(VALUES[name]))
        text = apply_edits(text, edits)
        check_imports(text)
        assert not ("const" in text and "Getenv" in text)
    if with_record and order == ("SLACK", "GITHUB"):
        assert text == before


def check_imports(text: str) -> None:
    assert text.count('"os"') == ("os." in text)
