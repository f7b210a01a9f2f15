"""The judge of accuracy: its samples are labelled rightly, and its scores mean what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path

import pytest
from accuracy import CORPORA
from corpora.sample import CLOSE, OPEN, Sample, labelled, mark
from hypothesis import given
from hypothesis import strategies as st
from scanners import Found
from scoring import Result, Score, judged

ROOT = Path(__file__).resolve().parent.parent.parent
WITH_TOKENS = [name for name in CORPORA if name != "negatives"]
PLAIN = st.text(st.characters(exclude_characters=OPEN + CLOSE, exclude_categories=["Cs"]))


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_same_seed_makes_the_same_samples_in_another_process(corpus: str) -> None:
    code = (
        "import sys; sys.path.insert(0, 'benchmarks'); from accuracy import CORPORA; from hashlib import sha1;"
        f"print(sha1(repr(list(CORPORA[{corpus!r}](7))).encode()).hexdigest())"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert elsewhere.stdout.strip() == sha1(repr(list(CORPORA[corpus](7))).encode()).hexdigest()


@pytest.mark.parametrize("corpus", CORPORA)
def test_another_seed_makes_other_samples(corpus: str) -> None:
    assert list(CORPORA[corpus](1)) != list(CORPORA[corpus](2))


@pytest.mark.parametrize("corpus", WITH_TOKENS)
def test_every_sample_has_a_token_where_it_says(corpus: str) -> None:
    samples = list(CORPORA[corpus](3))
    assert len(samples) >= 100
    for sample in samples:
        assert sample.tokens, sample.kind
        for token in sample.tokens:
            whole, *parts = token.values
            assert sample.text[token.start : token.end] == whole
            assert all(part in whole for part in parts)
            assert min(map(len, token.values)) >= 8


def test_no_hard_negative_has_a_token() -> None:
    samples = list(CORPORA["negatives"](3))
    assert len(samples) >= 300
    assert [sample.kind for sample in samples if sample.tokens] == []


@pytest.mark.parametrize("corpus", CORPORA)
def test_no_mark_is_left_and_every_path_is_relative(corpus: str) -> None:
    for sample in CORPORA[corpus](4):
        assert not {OPEN, CLOSE} & set(sample.text), sample.kind
        assert not Path(sample.path).is_absolute()
        assert ".." not in Path(sample.path).parts


@pytest.mark.parametrize("corpus", CORPORA)
def test_json_is_json(corpus: str) -> None:
    for sample in CORPORA[corpus](5):
        if sample.path.endswith((".json", ".ipynb")) and sample.path.partition("/")[0] != ".vscode":
            json.loads(sample.text)


@given(PLAIN, PLAIN, PLAIN, PLAIN, PLAIN)
def test_marks_become_spans(before: str, first: str, part: str, last: str, after: str) -> None:
    sample = labelled("any", "any", "a.txt", before + mark(first + mark(part) + last) + after)
    assert sample.text == before + first + part + last + after
    [token] = sample.tokens
    assert (token.start, token.end) == (len(before), len(before + first + part + last))
    assert token.values == (first + part + last, part)


@pytest.mark.parametrize("marked", [OPEN, CLOSE, CLOSE + OPEN, OPEN + OPEN + CLOSE])
def test_marks_that_do_not_pair_are_refused(marked: str) -> None:
    with pytest.raises(ValueError, match="pair the marks"):
        labelled("any", "any", "a.txt", marked)


VALUE = "zUdXk83LpQ"
URL = f"smb://ada:{VALUE}@share"
POSITIVE = labelled("some", "any", "a.txt", f"one\nurl = {mark(URL.replace(VALUE, mark(VALUE)))}\n")
NEGATIVE = labelled("some", "any", "a.txt", "one\ntwo\n")


def _digest(value: str) -> str:
    return sha1(value.encode()).hexdigest()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], Score(tokens=1)),
        ([Found("a", 2, VALUE)], Score(tokens=1, exact=1, overlapping=1)),
        ([Found("a", 2, f" {URL}\n")], Score(tokens=1, exact=1, overlapping=1)),
        ([Found("a", 2, VALUE[:-1])], Score(tokens=1, overlapping=1)),
        ([Found("a", 2, f"url = {URL}")], Score(tokens=1, overlapping=1)),
        ([Found("a", 2, "elsewhere")], Score(tokens=1, strays=1)),
        ([Found("a", 2, VALUE[:3])], Score(tokens=1, strays=1)),
        ([Found("b", 2, VALUE)], Score(tokens=1)),
        ([Found("a", 2, digest=_digest(VALUE))], Score(tokens=1, exact=1, overlapping=1)),
        ([Found("a", 2, digest=_digest("other"))], Score(tokens=1, overlapping=1)),
        ([Found("a", 1, digest=_digest("other"))], Score(tokens=1, strays=1)),
        (
            [Found("a", 2, VALUE), Found("a", 2, URL), Found("a", 1, "one of them")],
            Score(tokens=1, exact=1, overlapping=1, strays=1),
        ),
    ],
)
def test_a_token_is_scored(found: Sequence[Found], expected: Score) -> None:
    assert _scored(POSITIVE, found).scores["some"] == expected


def test_findings_without_a_token_are_alarms() -> None:
    result = _scored(NEGATIVE, [Found("a", 1, "one"), Found("a", 2, "two")])
    assert result.scores["some"] == Score(clean=1, flagged=1, alarms=2)
    assert [mistake.what for mistake in result.mistakes] == ["false alarm"]


@pytest.mark.slow
def test_tokenward_is_judged_by_its_command_line() -> None:
    peers = ["kingfisher", "betterleaks", "gitleaks", "detect-secrets", "secretlint"]
    options = ["--json", "--only", "vcs", "negatives", "--without", *peers]
    done = subprocess.run(
        [sys.executable, "benchmarks/accuracy.py", *options],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    [scores] = json.loads(done.stdout)["programs"].values()
    assert scores["vcs"]["tokens"] == len(list(CORPORA["vcs"](1)))
    assert scores["vcs"]["exact"] > scores["vcs"]["tokens"] / 2
    assert scores["negatives"]["clean"] == len(list(CORPORA["negatives"](1)))
    assert scores["negatives"]["flagged"] < scores["negatives"]["clean"] / 10


def _scored(sample: Sample, found: Sequence[Found]) -> Result:
    return judged([("a", sample)], found)
