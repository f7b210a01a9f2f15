"""The catalog, loaded from our files and in two steps, finds what the engine's own copy finds."""

from __future__ import annotations

import base64
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kingfisher_sdk.rules import Rules
from kingfisher_sdk.scanner import DetectionPolicy, Scanner

import tokens
from grown import grown
from tokenward.detection import catalog
from tokenward.detection.catalog import Catalog, CatalogScanner
from tokenward.detection.catalog_quirks import OVERRIDES, catalog_path, shown_matches
from tokenward.detection.engine import Detector
from tokenward.detection.rules import engine_scan
from tokenward.detection.rules.engine_scan import Limits, source_of

SEEDS = range(2)


@pytest.fixture(scope="module")
def compiled(rules_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog") / "rules"
    shutil.copytree(rules_home / "tokenward" / "rules", folder)
    return folder


@pytest.fixture(scope="module")
def built_in(compiled: Path) -> Scanner:
    policy = DetectionPolicy(inline_ignores=False, cli_match_semantics=False)
    return Scanner(Rules([OVERRIDES], cache_dir=compiled), policy=policy)


@pytest.fixture(scope="module")
def loaded(compiled: Path, detector: Detector) -> tuple[CatalogScanner, CatalogScanner]:
    """Return the scanner for texts without tokens, and the one for others."""
    made = Catalog(compiled, detector.identity)
    patterns, whole = made.in_use, made.scanner
    assert patterns is not whole is made.in_use
    return patterns, whole


@pytest.fixture(scope="module")
def samples(built_in: Scanner) -> list[str]:
    """Return texts that match the pattern of each rule, if not its conditions."""
    rules = catalog.definitions(built_in.rules)
    return [grown(rule["pattern"], random.Random(f"{rule['id']} {seed}")) for rule in rules for seed in SEEDS]


def matches(scanner: engine_scan.TextScanner, text: str, path: str = "text") -> list[dict[str, Any]]:
    found = shown_matches(Limits().scan(scanner, source_of(text.encode(), path)))
    return [match._native.to_dict(False) for match in found]  # type: ignore[attr-defined]


def check(
    text: str, built_in: Scanner, loaded: tuple[CatalogScanner, CatalogScanner], path: str = "text"
) -> bool:
    expected = matches(built_in, text, path)
    assert matches(loaded[1], text, path) == expected
    assert bool(matches(loaded[0], text, path)) >= bool(expected)
    return bool(expected)


@pytest.mark.slow
def test_every_rule_finds_the_same_in_its_samples(
    samples: list[str], built_in: Scanner, loaded: tuple[CatalogScanner, CatalogScanner]
) -> None:
    lines = [f"a = 1\n{sample}\n" for sample in samples]
    found = [check(line, built_in, loaded) for line in lines]
    assert sum(found) > len(samples) // 2
    encoded = [base64.b64encode(line.encode()).decode() for line in lines]
    assert sum(check(f'data = "{line}"\n', built_in, loaded) for line in encoded)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "x/.git-credentials",
        ".bash_history",
        "a.php",
        "NuGet.config",
        "Bitwarden CLI/data.json",
    ],
)
def test_no_path_makes_a_difference(
    path: str, samples: list[str], built_in: Scanner, loaded: tuple[CatalogScanner, CatalogScanner]
) -> None:
    assert check("\n".join(samples), built_in, loaded, catalog_path(path))


@given(data=st.data())
def test_parts_of_samples_among_each_other_find_the_same(
    data: st.DataObject, samples: list[str], built_in: Scanner, loaded: tuple[CatalogScanner, CatalogScanner]
) -> None:
    piece = st.tuples(st.sampled_from(samples), st.integers(0, 8)).map(lambda cut: cut[0][cut[1] :])
    text = data.draw(st.lists(piece | st.text(max_size=20), max_size=6))
    separator = data.draw(st.sampled_from(["\n", " ", "", '"', "\n\n\n\n\n\n\n"]))
    check(re.sub("[\ud800-\udfff]", "", separator.join(text)), built_in, loaded)


def test_the_conditions_are_loaded_for_the_first_text_that_may_hold_a_token(
    compiled: Path, detector: Detector
) -> None:
    made = Catalog(compiled, detector.identity)
    first = made.in_use
    for text in ("a = 1\n", "password = key", "docs: https://example.com/"):
        assert not made.matches(source_of(text.encode(), "text"), Limits())
        assert made.in_use is first
    assert made.matches(source_of(tokens.github().encode(), "text"), Limits())
    assert made.in_use is made.scanner is not first


@pytest.mark.parametrize("content", [b"", b"rules: [", b"rules:\n- {id: a}\n"])
def test_a_damaged_file_is_written_again(content: bytes, compiled: Path, detector: Detector) -> None:
    whole, patterns = (compiled / f"{detector.identity}.{part}.yml" for part in ("catalog", "patterns"))
    before = whole.read_bytes(), patterns.read_bytes()
    patterns.write_bytes(content)
    whole.write_bytes(content)
    assert matches(Catalog(compiled, detector.identity).scanner, tokens.github())
    assert (whole.read_bytes(), patterns.read_bytes()) == before


@pytest.mark.slow
def test_a_folder_in_which_others_may_write_is_not_read(
    compiled: Path, detector: Detector, tmp_path: Path
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(compiled, folder)
    for part in ("catalog", "patterns"):
        one_rule = b"rules:\n- {id: betterleaks.a, name: a, pattern: 'a{3}', confidence: high}\n"
        (folder / f"{detector.identity}.{part}.yml").write_bytes(one_rule)
    assert len(Catalog(folder, detector.identity).scanner.rules) == 1
    folder.chmod(0o777)
    assert matches(Catalog(folder, detector.identity).scanner, tokens.github())
