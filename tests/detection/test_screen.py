"""A text in which a rule matches is never taken for one without any, and few rules find the same as all of them."""

from __future__ import annotations

import base64
import random
import re
import shutil
from copy import copy
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rule_samples
import tokens
from grown import grown
from tokenward.detection import catalog as compiled_module
from tokenward.detection import engine as engine_module
from tokenward.detection.catalog import table_of
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import MOST_SCREENED, Detector, Matches
from tokenward.detection.needed_text import OTHER, Need, need_of
from tokenward.detection.screen import NeedsOthers, Screen, _searched

SEEDS = range(3)
OTHER_CASE = str.maketrans({"k": "\u212a", "K": "\u212a", "s": "\u017f", "S": "\u017f"})
"""Characters that are equal to letters of ASCII if case makes no difference."""


@pytest.fixture(scope="module")
def rules(detector: Detector) -> list[dict[str, Any]]:
    catalog, named = detector.load().definitions
    return [*catalog, *named]


@pytest.fixture
def compiled(rules_home: Path, tmp_path: Path) -> Path:
    """A folder with all rules compiled together, and none by itself."""
    folder = tmp_path / "rules"
    shutil.copytree(
        rules_home / "tokenward" / "rules",
        folder,
        ignore=shutil.ignore_patterns("*.rule.yml", "*.wanted.yml"),
    )
    return folder


@pytest.fixture(scope="module")
def screen(detector: Detector) -> Screen:
    return Screen(detector._rules_cache, detector.identity)


def shown_ids(found: Matches | None) -> set[str]:
    matches = chain.from_iterable(matches for _, matches in found.by) if found else ()
    return {match.rule_id for match in matches if match.visible}


def needed(screen: Screen, text: str) -> list[str]:
    """Return the ids of the rules that may match in a text, by its needs alone."""
    rows = screen._needed(_searched(text.encode()), is_named=True)
    return [match for _, rule in rows for match in re.findall(r'"id": "([^"]+)"', rule)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_rule_is_needed_for_its_samples_and_for_what_they_are_encoded_as(
    seed: int, rules: list[dict[str, Any]], screen: Screen
) -> None:
    alone = copy(screen)
    for rule, row in zip(rules, screen._rules, strict=True):
        alone._rules = [row]
        text = grown(rule["pattern"], random.Random(f"{rule['id']} {seed}"))
        once = base64.urlsafe_b64encode(f"a = 1\n{text}\n".ljust(32).encode()).decode()
        twice = base64.b64encode(once.encode()).decode()
        # The engine decodes nothing but ASCII.
        encoded = [f"data: {once}", twice] if text.isascii() else []
        in_other_case = [text.translate(OTHER_CASE), text.upper()] if "(?i" in rule["pattern"] else []
        for form in (text, *in_other_case, *encoded):
            assert needed(alone, form) == [rule["id"]], form


def test_every_rule_that_matches_in_a_sample_of_ours_was_needed(detector: Detector, screen: Screen) -> None:
    samples = [next(iter(rule_samples.samples_of(rule)), None) for rule in rule_samples.rules()]
    for sample in filter(None, samples):
        text, _ = sample.filled(0)
        found = detector.matches(text.encode(), sample.path)
        assert shown_ids(found) <= {*needed(screen, text)}, sample


@settings(max_examples=40)
@given(data=st.data())
def test_no_match_among_anything_is_missed(data: st.DataObject, detector: Detector, screen: Screen) -> None:
    made = st.sampled_from([tokens.github(), f"password = '{tokens.jwt({})}'", tokens.stripe()])
    encoded = made.map(lambda one: base64.b64encode(one.encode()).decode())
    other = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
    text = "".join(data.draw(st.lists(made | encoded | other, max_size=6)))
    found = detector.matches(text.encode(), "a.py")
    assert shown_ids(found) <= {*needed(screen, text)}


@pytest.mark.parametrize(
    ("pattern", "need"),
    [
        ("abc[0-9]{20}", Need(frozenset(["abc"]), 0, 20)),
        (r"(?i)\b(?:ab|CDE)[_-]x", Need(frozenset(["ab_x", "ab-x", "cde_x", "cde-x"]), 2, 1)),
        ("(?:abc[0-9]{9}|x[a-z]{4})", Need(frozenset(["abc", "x"]), 1, 4)),
        (r"(?xi) a b  # no text\n [^c] de", Need(frozenset(["ab"]))),
        ("a?bcd?e*f", Need(frozenset(["abc", "bc"]), 3, 0)),
        ("(?:secret|ключ)==", Need(frozenset([OTHER, "secret"]))),
        (r"[\w]{9}x", Need(frozenset(["x"]), 2, 9)),
        ("[a-z&&[^b]]xyz", Need()),
        ("[[:alpha:]]xyz", Need(frozenset(["xyz"]), 2, 1)),
        ("(?-u:xyz)", Need()),
    ],
)
def test_what_a_pattern_needs(pattern: str, need: Need) -> None:
    assert need_of(pattern) == need


@pytest.mark.parametrize("name", ["app.py", ".npmrc"])
def test_a_text_without_tokens_needs_no_other_rules(name: str, compiled: Path) -> None:
    detector = Detector(compiled, most_new=9)
    assert detector.matches(b"def step(value):\n    return value + 1\n", name) is None
    assert detector.detect_all("last = step(2)\n", name).found == ()
    assert detector._scanners is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        f"a = '{tokens.github()}'",
        f"npm_token = '{tokens.npm()}'\npassword = 'Zu4kR9-wq'\n",
        base64.b64encode(f"a = '{tokens.github()}'".encode()).decode(),
        f"{tokens.github()[:9]}\x1b[31m{tokens.github()[9:]}",
    ],
)
def test_a_token_is_found_without_all_rules_once_those_that_it_needs_are_compiled(
    text: str, compiled: Path, detector: Detector
) -> None:
    for is_ready in (False, False, True):
        new = Detector(compiled, most_new=0)
        assert new.detect_all(text, "a.log") == detector.detect_all(text, "a.log")
        assert (new._scanners is None) is is_ready
        new.compile_wanted(100)


@pytest.mark.slow
def test_few_rules_find_the_same_as_all(
    compiled: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "MOST_SCREENED", 10**9)
    screen, loaded = Screen(compiled, detector.identity, most_new=10_000), 0
    samples = [next(iter(rule_samples.samples_of(rule)), None) for rule in rule_samples.rules()][::8]
    for sample in filter(None, samples):
        text, _ = sample.filled(0)
        few = Detector(compiled)
        few._screen = screen
        assert few.detect_all(text, sample.path) == detector.detect_all(text, sample.path), sample
        loaded += few._scanners is not None
    # Those beside others that they depend on, and those for certain files.
    assert loaded < len(samples) / 2


def test_rules_that_depend_on_others_are_not_asked_by_themselves(compiled: Path, detector: Detector) -> None:
    screen = Screen(compiled, detector.identity)
    for name in (
        "betterleaks.aws-access-token",
        "betterleaks.algolia-api-key",
        "betterleaks.heroku-api-key-v2",
    ):
        with pytest.raises(NeedsOthers):
            [*screen.whole_matches(b"a", [name])]


def test_a_long_text_gets_all_rules(compiled: Path, detector: Detector) -> None:
    text, new = "x" * (MOST_SCREENED + 1), Detector(compiled)
    assert new.detect_all(text, "a.log") == detector.detect_all(text, "a.log")
    assert new._scanners is not None


@pytest.mark.slow
def test_rules_that_are_too_many_are_compiled_later(compiled: Path) -> None:
    text = b"password = os.environ['KEY']\ntoken: $TOKEN\n"

    def is_all_loaded() -> bool:
        detector = Detector(compiled, most_new=1)
        assert detector.matches(text, "a.py") is None
        return detector._scanners is not None

    assert is_all_loaded()
    wanted = len([*compiled.glob("*.wanted.yml")])
    assert wanted > 1
    assert not [*compiled.glob("*.rule.yml")]
    Detector(compiled).compile_wanted(wanted - 2)
    assert is_all_loaded()
    Detector(compiled).compile_wanted(wanted)
    assert not is_all_loaded()
    assert len([*compiled.glob("*.rule.yml")]) == wanted
    assert not [*compiled.glob("*.wanted.yml")]


@pytest.mark.parametrize("damage", ["missing", "damaged", "of others"])
def test_without_usable_needs_all_rules_are_needed(
    damage: str, compiled: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compiled_module, "BROUGHT", tmp_path)
    file = table_of(compiled, detector.identity)
    if damage == "missing":
        file.unlink()
    elif damage == "damaged":
        file.write_text("{")
    else:
        compiled.chmod(0o777)
    assert Detector(compiled)._few(b"a = 1\n", "a.py", PLAIN) == (False, None)
    with pytest.raises((OSError, ValueError)):
        Screen(compiled, detector.identity)
