"""Every language of `tokenward.rewriting.code` leaves a lookup of a variable that its program can read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from rewriting.code.samples import SAMPLES, Samples
from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret
from tokenward.rewriting.code.table import CODE
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.naming import keys_at, name_choices
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import find_references, plan_rewrite

MOVED = [(samples, *row) for samples in SAMPLES for row in samples.moved]
REFUSED = [(samples, *row) for samples in SAMPLES for row in samples.refused]
NAMED = [(samples, source) for samples in SAMPLES for source in samples.named]


def name_of(value: object) -> str | None:
    return value.language if isinstance(value, Samples) else None


def test_every_language_has_samples() -> None:
    # Those of JavaScript, TypeScript and Python are in tests that make their programs.
    elsewhere = {"javascript", "typescript", "tsx", "python"}
    languages = {syntax.grammar.name for syntax in CODE}
    assert {samples.language for samples in SAMPLES} | elsewhere == languages


@pytest.mark.parametrize("samples", SAMPLES, ids=name_of)
def test_a_file_is_known_by_its_name(samples: Samples) -> None:
    found = language_of(f"/w/{samples.file}", None)
    assert found is not None
    assert found.name == samples.language


@pytest.mark.parametrize(("samples", "before", "after"), MOVED, ids=name_of)
def test_a_string_becomes_a_lookup(samples: Samples, before: str, after: str) -> None:
    moved, rewrite = move(samples.language, filled(before))
    expected = _with_lookup(samples, after)
    assert moved == expected
    assert rewrite.value.reveal() == TOKEN
    found = [name for _, name in find_references(moved, LANGUAGE[samples.language], [REFERENCE.name])]
    assert len(found) == before.count("T0K")


@pytest.mark.parametrize(("samples", "before", "after"), MOVED, ids=name_of)
def test_a_value_comes_back_without_the_record_of_its_move(samples: Samples, before: str, after: str) -> None:
    moved, rewrite = move(samples.language, filled(before))
    restored = restored_without_record(samples.language, moved, rewrite)
    assert restored.count(TOKEN) == before.count("T0K")


@pytest.mark.parametrize(("samples", "source", "why"), REFUSED, ids=name_of)
def test_what_would_not_work_is_refused(samples: Samples, source: str, why: str) -> None:
    with pytest.raises(RewriteRefused, match=why) as refusal:
        move(samples.language, filled(source))
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(("samples", "source"), NAMED, ids=name_of)
def test_a_token_is_named_after_what_it_is_assigned_to(samples: Samples, source: str) -> None:
    text = filled(source)
    keys = keys_at(text, LANGUAGE[samples.language], spans_of(text)[0])
    assert name_choices(keys, "", "TOKEN")[0] == "API_KEY"


_CHARACTERS = "abcXYZ0189_-./+=:@%~!é😀#&*,;?^|$(){}[]<> "


@given(st.sampled_from(MOVED), st.text(st.sampled_from(_CHARACTERS), min_size=4, max_size=20))
def test_any_token_in_any_place_moves_and_comes_back_byte_for_byte(
    row: tuple[Samples, str, str], letters: str
) -> None:
    samples, before, after = row
    token = f"t0{letters}0t"
    try:
        moved, rewrite = move(samples.language, filled(before, token), token)
    except RewriteRefused:
        return
    assert rewrite.value.reveal() == token
    assert moved == _with_lookup(samples, after)


@pytest.mark.slow
@pytest.mark.parametrize("samples", SAMPLES, ids=name_of)
def test_a_moved_program_computes_the_same(samples: Samples, tmp_path: Path) -> None:
    """A program prints digests of what it makes of the token: before the move, after it, and when it is taken back."""
    before = filled(samples.program)
    moved, rewrite = move(samples.language, before)
    restored = restored_without_record(samples.language, moved, rewrite)
    if shutil.which(samples.toolchain.tool) is None:
        pytest.skip(f"running {samples.language} needs {samples.toolchain.tool}")
    expected = _printed(samples, tmp_path / "before", before)
    assert hashlib.sha256(TOKEN.encode()).hexdigest() in expected.splitlines()
    assert _printed(samples, tmp_path / "moved", moved) == expected
    if restored != before:
        assert _printed(samples, tmp_path / "restored", restored) == expected


@pytest.mark.parametrize("with_records", [True, False])
@pytest.mark.parametrize("order", [("GITHUB", "SLACK"), ("SLACK", "GITHUB")])
@pytest.mark.parametrize(
    "samples", [row for row in SAMPLES if REFERENCE.name not in row.program], ids=name_of
)
def test_two_tokens_of_a_program_come_back_in_any_order(
    samples: Samples, order: tuple[str, str], with_records: bool
) -> None:
    values, language = {"GITHUB": tokens.github(), "SLACK": tokens.slack()}, LANGUAGE[samples.language]
    first, *rest = samples.program.split("T0K")
    before = first + "".join(value + part for value, part in zip(cycle(values.values()), rest, strict=False))
    text, records = before, {}
    for name, value in values.items():
        rewrite = plan_rewrite(text, language, spans_of(text, value), Reference("acme", name))
        text, records[name] = apply_edits(text, rewrite.edits), rewrite.undo
    for name in order:
        undo, secret = records[name] if with_records else (), Secret(values[name])
        text = apply_edits(text, plan_restore(text, language, undo, Reference("acme", name), secret))
    assert [text.count(value) for value in values.values()] == [
        before.count(value) for value in values.values()
    ]
    if with_records and order == ("SLACK", "GITHUB"):
        assert text == before


def _printed(samples: Samples, folder: Path, program: str) -> str:
    folder.mkdir()
    (folder / samples.file).write_text(program, encoding="utf-8", newline="")
    environment = {**os.environ, **samples.toolchain.environment, REFERENCE.name: TOKEN}
    for command in samples.toolchain.commands:
        arguments = [samples.file if argument == "FILE" else argument for argument in command]
        done = subprocess.run(
            arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return done.stdout


def _with_lookup(samples: Samples, after: str) -> str:
    lookup = samples.lookup.replace("NAME", REFERENCE.name)
    written = re.sub(r"\bE\b", lambda _: lookup, after)
    return re.sub(r"\bR\b(?!\")", str(REFERENCE), written)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("rust", 'fn a() { let v = json!({"a": ["x"] }\nfn b() { let v = json!({"a": ["T0K"]}); }\n'),
        ("go", 'package a\nmport "\'x\'os\n\nfunc f() { os.Exit(g(T{K: "T0K"})) }'),
    ],
)
def test_code_that_does_not_parse_is_refused_or_moved(language: str, text: str) -> None:
    source = filled(text)
    with contextlib.suppress(RewriteRefused):
        edits = plan_rewrite(source, LANGUAGE[language], spans_of(source), REFERENCE).edits
        assert TOKEN not in apply_edits(source, edits)
