"""`.tokenwardignore`: entries match by value, are safe to commit, and expire on the date that their author chose."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import fewer
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, MAX_SALTS, IgnoreFile, NewIgnoreEntry
from tokenward.model import IgnoredDetection, Secret

TODAY = date(2026, 11, 25)
RULE = "betterleaks.github-pat"
URL_RULE = "kingfisher.url.1"
WEAK = "Summer" + "2024!"


def parsed(text: str) -> IgnoreFile:
    file, problems = IgnoreFile.parse(text)
    assert problems == ()
    return file


def github(seed: object = 0) -> Secret:
    return Secret(tokens.github(seed))


def file_with(secret: Secret, *, rule: str = RULE, path: str = "tests/a.py", **options: object) -> IgnoreFile:
    return parsed(with_entry(IgnoreFile("", ()), secret, rule, path, reason="a test value", **options))


def with_entry(file: IgnoreFile, secret: Secret, rule: str, path: str, **options: Any) -> str:
    return file.with_entries([NewIgnoreEntry(secret, rule, path, **options)])[0]


def test_an_entry_holds_for_its_value_wherever_it_stands() -> None:
    file = file_with(github())
    assert file.matches(github(), RULE, "elsewhere/b.py", TODAY)
    assert file.matches(github(), "a.renamed.rule", "b.py", TODAY)


def test_a_new_token_in_the_old_place_is_not_ignored() -> None:
    assert file_with(github(0)).matches(github(1), RULE, "tests/a.py", TODAY) is None


def test_an_entry_holds_up_to_its_last_day() -> None:
    file = file_with(github(), until=TODAY)
    assert file.matches(github(), RULE, "a.py", TODAY)
    assert file.matches(github(), RULE, "a.py", TODAY + timedelta(1)) is None


def test_an_entry_holds_within_its_scope() -> None:
    file = file_with(github(), scope="tests/**")
    assert file.matches(github(), RULE, "tests/x/a.py", TODAY)
    assert file.matches(github(), RULE, "src/a.py", TODAY) is None


@pytest.mark.parametrize(
    "path", ["a b.py", "x#1.py", "n\nl.py", "é/ü.py", "*.py", "a%20b", "\udcff.env", "😀"]
)
def test_any_file_name_can_be_a_scope(path: str) -> None:
    file = file_with(Secret(WEAK), rule=URL_RULE, path=path)
    assert len(file.text.splitlines()) == 2
    assert file.matches(Secret(WEAK), URL_RULE, path, TODAY)
    assert file.matches(Secret(WEAK), URL_RULE, f"{path}x", TODAY) is None


def test_nothing_of_a_guessable_value_is_written_down() -> None:
    files = [file_with(Secret(value), rule=URL_RULE).text for value in (WEAK, "Winter" + "1999?")]
    assert files[0] == files[1]


def test_an_entry_without_a_key_holds_for_its_rule_in_its_file_only() -> None:
    file = file_with(Secret(WEAK), rule=URL_RULE, path="compose.yml")
    assert file.matches(Secret(WEAK), URL_RULE, "compose.yml", TODAY)
    assert file.matches(Secret(WEAK), URL_RULE, "other.yml", TODAY) is None
    assert file.matches(Secret(WEAK), RULE, "compose.yml", TODAY) is None


@pytest.mark.parametrize("rule", [URL_RULE, URL_RULE.partition(".")[2]])
def test_an_entry_names_its_rule_with_or_without_the_catalog(rule: str) -> None:
    file, problems = IgnoreFile.parse(f"compose.yml {rule} any - # why not\n")
    assert not problems
    assert file.matches(Secret(WEAK), URL_RULE, "compose.yml", TODAY)


def test_an_entry_without_a_key_does_not_hide_a_strong_token() -> None:
    file = file_with(Secret(WEAK), rule=URL_RULE, path="compose.yml")
    assert file.matches(github(), URL_RULE, "compose.yml", TODAY) is None


@pytest.mark.parametrize("scope_and_rule", ["** x.rule", "a/* x.rule", "a.py *"])
def test_an_entry_without_a_key_cannot_be_for_much(scope_and_rule: str) -> None:
    file, (problem,) = IgnoreFile.parse(f"{scope_and_rule} any - # why not\n")
    assert file.entries == ()
    assert (problem.path, problem.line) == (IGNORE_FILE, 0)


def test_no_text_of_a_token_is_in_the_file_even_when_its_reason_has_it() -> None:
    secret = github()
    text = with_entry(IgnoreFile("", ()), secret, RULE, "a.py", reason=f"see {secret.reveal()}\nand more")
    assert secret.reveal() not in text
    assert text.count("\n") == 2


def test_lines_are_sorted_whatever_the_order_of_their_making() -> None:
    secrets = [github(seed) for seed in range(8)]
    random.Random(1).shuffle(secrets)
    text = ""
    for number, secret in enumerate(secrets):
        text = with_entry(parsed(text), secret, RULE, "a.py", reason="r", scope=f"dir{number % 3}/**")
    lines = text.splitlines()[1:]
    assert lines == sorted(lines)
    assert len(lines) == 8


def test_ignoring_again_replaces_the_entry() -> None:
    text = with_entry(file_with(github()), github(), RULE, "a.py", reason="better reason", until=TODAY)
    (entry,) = parsed(text).entries
    assert (entry.reason, entry.until) == ("better reason", TODAY)


def test_two_files_that_were_merged_line_by_line_hold_both_entries() -> None:
    one, other = file_with(github(1)), file_with(github(2))
    merged = parsed(one.text + other.text)
    assert merged.matches(github(1), RULE, "a.py", TODAY)
    assert merged.matches(github(2), RULE, "a.py", TODAY)


def test_conflict_markers_are_reported_and_harm_no_entry() -> None:
    one, other = file_with(github(1)).text, file_with(github(2)).text
    file, problems = IgnoreFile.parse(f"<<<<<<< ours\n{one}=======\n{other}>>>>>>> theirs\n")
    assert [problem.line for problem in problems] == [0, 3, 6]
    assert len(file.entries) == 2


# Each example costs slow hashes.
@settings(max_examples=fewer(20, 100))
@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=40), max_size=6))
def test_what_is_not_understood_stays_in_the_file(lines: list[str]) -> None:
    text = "\n".join(lines)
    changed = with_entry(IgnoreFile.parse(text)[0], github(), RULE, "a.py", reason="r")
    kept = changed.split("\n")
    assert [line for line in kept if line in lines and line] == [line for line in lines if line]
    assert IgnoreFile.parse(changed)[0].matches(github(), RULE, "a.py", TODAY)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_endings_stay_as_they_are(ending: str) -> None:
    text = with_entry(IgnoreFile.parse(f"# ours{ending}")[0], github(), RULE, "a.py", reason="r")
    assert text.count(ending) == text.count("\n") == 2


@pytest.mark.parametrize("until", ["2026-02-30", "tomorrow", "20260101", "2026-1-1"])
def test_a_date_that_does_not_exist_is_reported(until: str) -> None:
    line = file_with(github()).text.splitlines()[1].replace(" - #", f" until:{until} #")
    file, (problem,) = IgnoreFile.parse(f"\n{line}\n")
    assert file.entries == ()
    assert problem.line == 1


def test_a_damaged_key_is_reported() -> None:
    line = file_with(github()).text.splitlines()[1].replace("s1:", "s1:0")
    assert len(IgnoreFile.parse(line)[1]) == 1


def test_a_hostile_file_cannot_bring_many_salts() -> None:
    lines = [file_with(github(seed)).text.splitlines()[1] for seed in range(MAX_SALTS + 2)]
    file, problems = IgnoreFile.parse("\n".join(lines))
    assert len(file.entries) == MAX_SALTS
    assert len(problems) == 2


def test_what_a_scan_had_no_use_for_is_stale() -> None:
    text = file_with(github(1)).text
    for seed, until in ((2, None), (3, TODAY - timedelta(1))):
        text = with_entry(parsed(text), github(seed), RULE, "a.py", reason=f"token {seed}", until=until)
    file = parsed(text)
    used = next(entry for entry in file.entries if entry.reason == "a test value")
    stale = file.stale([IgnoredDetection("a.py", 0, RULE, f"{IGNORE_FILE}:{used.line + 1}")], TODAY)
    assert {entry.reason: why for entry, why in stale} == {
        "token 2": "its token is no longer found",
        "token 3": f"expired on {TODAY - timedelta(1)}",
    }
    assert parsed(file.without([entry for entry, _ in stale])).entries[0].reason == "a test value"


def test_nearly_no_other_value_costs_a_slow_hash() -> None:
    file = parsed(file_with(github()).text)
    assert not any(file.matches(github(seed), RULE, "a.py", TODAY) for seed in range(1, 300))
    assert len(file._digests) < 10


def test_a_value_costs_one_slow_hash_however_many_entries_there_are() -> None:
    text = ""
    for seed in range(40):
        text = with_entry(parsed(text), github(seed), RULE, "a.py", reason="r")
    file = parsed(text)
    for _ in range(3):
        assert file.matches(github(5), RULE, "a.py", TODAY)
    assert len(file._digests) == 1
