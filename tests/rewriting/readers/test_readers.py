from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import filled, spans_of
from rewriting.readers import (
    agents_samples,
    browser_samples,
    ci_samples,
    containers_samples,
    credential_files_samples,
    data_tools_samples,
    editors_samples,
    environment_samples,
    fixed_files_samples,
    frameworks_samples,
    kubernetes_samples,
    overridden_samples,
    packages_samples,
    project_tools_samples,
    shells_samples,
)
from rewriting.readers.samples import Refused, Sample
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.readers.table import READERS
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import find_references, plan_rewrite

TABLES = (
    agents_samples,
    browser_samples,
    ci_samples,
    containers_samples,
    credential_files_samples,
    data_tools_samples,
    editors_samples,
    environment_samples,
    fixed_files_samples,
    frameworks_samples,
    kubernetes_samples,
    overridden_samples,
    packages_samples,
    project_tools_samples,
    shells_samples,
)
SAMPLES: list[Sample] = [sample for table in TABLES for sample in getattr(table, "SAMPLES", ())]
REFUSED: list[Refused] = [sample for table in TABLES for sample in getattr(table, "REFUSED", ())]


def test_every_reader_has_a_sample() -> None:
    assert {reader.name for reader in READERS} == {
        sample.reader for table in (SAMPLES, REFUSED) for sample in table
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.reader}: {sample.path}")
def test_a_token_is_replaced_by_what_its_reader_looks_up_and_restored_byte_for_byte(sample: Sample) -> None:
    text, reference = filled(sample.text), Reference("acme", sample.variable)
    language = language_of(f"/w/{sample.path}", None, text, sample.project)
    assert language is not None
    assert language.reader is not None
    assert language.reader.name == sample.reader

    assert language.read(text).variable(spans_of(text)[0]) in (None, sample.variable)
    rewrite = plan_rewrite(text, language, spans_of(text), reference)
    moved = apply_edits(text, rewrite.edits)
    assert moved == sample.moved
    assert find_references(moved, language, [sample.variable])

    back = plan_restore(moved, language, rewrite.undo, reference, rewrite.value)
    assert apply_edits(moved, back) == text
    with contextlib.suppress(RewriteRefused):
        back = plan_restore(moved, language, (), reference, rewrite.value)
        left = find_references(apply_edits(moved, back), language, [sample.variable])
        assert not {one for _, one in left}.intersection([reference, sample.variable])


@pytest.mark.parametrize("sample", REFUSED, ids=lambda sample: f"{sample.reader}: {sample.why}")
def test_a_token_that_no_reader_looks_up_stays_and_the_reason_is_said(sample: Refused) -> None:
    text = filled(sample.text)
    language = language_of(f"/w/{sample.path}", None, text, sample.project)
    assert language is not None
    assert language.reader is not None
    assert language.reader.name == sample.reader
    with pytest.raises(RewriteRefused) as refusal:
        plan_rewrite(text, language, spans_of(text), Reference("acme", "API_KEY"))
    assert sample.why in str(refusal.value)


@given(st.sampled_from(SAMPLES), st.text(st.sampled_from("abXY09-_.:%@/{}$'\"\\"), min_size=1, max_size=12))
def test_any_value_is_moved_and_restored_byte_for_byte_or_refused(sample: Sample, value: str) -> None:
    text, reference = filled(sample.text, f"q{value}q"), Reference("acme", sample.variable)
    language = language_of(f"/w/{sample.path}", None, text, sample.project)
    if language is None or language.reader is None:
        return
    try:
        rewrite = plan_rewrite(text, language, spans_of(text, f"q{value}q"), reference)
    except RewriteRefused:
        return
    moved = apply_edits(text, rewrite.edits)
    assert f"q{value}q" not in moved
    back = plan_restore(moved, language, rewrite.undo, reference, rewrite.value)
    assert apply_edits(moved, back) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".npmrc", f"a{' ' * 500_000}T0K\n"),
        (".aws/credentials", "aws_access_key_id = A\n" * 50_000 + "aws_secret_access_key = T0K\n"),
        (".kube/config", f"kind: Config\nusers:\n- user: {{{'token: ' * 50_000}T0K}}\n"),
        (".mcp.json", f'{{"mcpServers": {{"a": {{"headers": {{"{"A" * 500_000}": "T0K"}}}}}}}}'),
        ("package.json", f'{{"scripts": {{"a": "{"a=env a=(env " * 40_000}T0K"}}}}'),
        ("Jenkinsfile", "'''\\" * 50_000 + "pipeline { sh 'T0K' }"),
        ("Jenkinsfile", "pipeline {" * 10_000 + " sh 'T0K'"),
        ("Jenkinsfile", "pipeline { sh(" + "a: b, " * 100_000 + "'T0K') }"),
        ("plot.R", "f(" * 100_000 + "'T0K'"),
        ("plot.R", "r'(" * 100_000 + "'T0K'"),
        ("plot.R", "'\\" * 100_000 + "'T0K'"),
        ("azure-pipelines.yml", f"? {'steps/' * 80_000}\n: T0K\n"),
    ],
)
def test_no_line_takes_more_than_linear_time(path: str, text: str) -> None:
    # With a step for each pair of characters this would take an hour.
    filled_text = filled(text)
    language = language_of(f"/w/{path}", None, filled_text)
    assert language is not None
    with contextlib.suppress(RewriteRefused):
        assert plan_rewrite(filled_text, language, spans_of(filled_text), Reference("acme", "API_KEY")).edits
