"""Labelled excerpts are counted by what was found, and split by repository without overlap."""

from __future__ import annotations

import gzip
import json
import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled import folds_of, show_labelled

SIZES = st.dictionaries(st.text("abc", min_size=1), st.integers(1, 50), min_size=4)


@given(SIZES, st.integers(2, 4), st.integers(0, 9))
def test_each_repository_is_in_one_fold_which_depends_on_the_seed_alone(
    sizes: dict[str, int], count: int, seed: int
) -> None:
    folds = folds_of(sizes, count, seed)
    assert sorted(name for fold in folds for name in fold) == sorted(sizes)
    assert folds == folds_of(dict(reversed(sizes.items())), count, seed)
    totals = [sum(sizes[name] for name in fold) for fold in folds]
    assert max(totals) - min(totals) <= max(sizes.values())


def test_a_secret_found_and_a_label_flagged_are_counted_in_the_fold_of_their_repository(
    tmp_path: Path, rules_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=32))
    text = f"api_secret: {value}\nport: 80\n"
    label = {"first": 0, "last": 0, "start": 12, "end": 44, "category": "Secret"}
    rows = [
        {"repo": repo, "path": "a.yml", "text": text, "labels": [{**label, "secret": repo == "a"}]}
        for repo in ("a", "b")
    ]
    path = tmp_path / "excerpts.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    show_labelled(path, rules_home / "tokenward" / "rules", folds=2)
    lines = capsys.readouterr().out.splitlines()
    assert "| without ids | 1 of 1 | 1 | 0 | 0.500 | 1.000 | 0.667 |" in lines
    found = {line.partition("without ids | ")[2] for line in lines if line.startswith("| fold")}
    assert {"1 of 1 | 0 | 0 | 1.000 | 1.000 | 1.000 |", "0 of 0 | 1 | 0 | 0.000 | 0.000 | 0.000 |"} <= found
