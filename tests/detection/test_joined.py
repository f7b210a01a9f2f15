"""Small texts that are scanned together: none that holds a match passes for one without."""

from __future__ import annotations

import random
import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rule_samples
import tokens
from examples import up_to
from grown import grown
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import Detector
from tokenward.detection.pieces import SEPARATOR, joined_texts

BETWEEN = SEPARATOR.decode()
FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
SINGLE = (ops.LITERAL, ops.NOT_LITERAL, ops.IN, ops.ANY)
EDGES = (ops.AT_BEGINNING, ops.AT_END, ops.AT_BEGINNING_STRING, ops.AT_END_STRING)
NEEDS_THE_END = {"betterleaks.sidekiq-sensitive-url"}
"""A rule for which no line break, but only the end of the text will do; each joined text ends with a line break."""
CATEGORIES = {
    ops.CATEGORY_SPACE: re.compile(r"\s"),
    ops.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    ops.CATEGORY_WORD: re.compile(r"\w"),
    ops.CATEGORY_NOT_WORD: re.compile(r"\W"),
    ops.CATEGORY_DIGIT: re.compile(r"\d"),
    ops.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
}


def parsed(pattern: str) -> tuple[Any, int]:
    """Return a rule's regex as Python parses it, and its flags."""
    flags = sum({FLAGS[one] for found in re.findall(r"\(\?([imsx]+)\)", pattern) for one in found})
    plain = re.sub(r"\\x\{(\w\w)\}", r"\\x\1", re.sub(r"\(\?[imsx]+\)", "", pattern.replace(r"\z", r"\Z")))
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        tree = parser.parse(re.sub(r"\(\?<(?=\w)", "(?P<", plain), flags)
    return tree, flags


def accepts(op: Any, value: Any, one: str, flags: int) -> bool:
    """Return whether a part of a regex matches a character."""
    if op is ops.ANY:
        return one != "\n" or bool(flags & re.DOTALL)
    if op is not ops.IN:
        return (ord(one) == value) is (op is ops.LITERAL)
    tests = {
        ops.LITERAL: lambda code: ord(one) == code,
        ops.RANGE: lambda ends: ends[0] <= ord(one) <= ends[1],
        ops.CATEGORY: lambda name: bool(CATEGORIES[name].match(one)),
    }
    return any(tests[kind](it) for kind, it in value if kind in tests) is not (value[0][0] is ops.NEGATE)


class Automaton:
    """What a regex does within the text between two texts; its state 0 is the beginning of a match."""

    def __init__(self, tree: Any, flags: int) -> None:
        self._new = count(1)
        self._free: dict[int, set[int]] = {}
        self._steps: dict[int, list[tuple[set[str], int]]] = {}
        self.end = self._add(tree, flags, 0)
        self.states = set(range(next(self._new)))

    def _add(self, tree: Iterable[tuple[Any, Any]], flags: int, state: int) -> int:
        for op, value in tree:
            if op is ops.SUBPATTERN:
                state = self._add(value[3], (flags | value[1]) & ~value[2], state)
            elif op is ops.BRANCH:
                ends = {self._add(branch, flags, state) for branch in value[1]}
                state = self._joining(ends)
            elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
                state = self._repeated(value, flags, state)
            elif op is not ops.AT:
                new = next(self._new)
                fitting = {one for one in set(BETWEEN) if accepts(op, value, one, flags)}
                self._steps.setdefault(state, []).append((fitting, new))
                state = new
        return state

    def _repeated(self, repeat: tuple[int, int, Any], flags: int, state: int) -> int:
        least, most, tree = repeat
        is_one = len(tree) == 1 and tree[0][0] in SINGLE
        # What matches nothing there is the same once as often.
        is_dead = is_one and not any(accepts(tree[0][0], tree[0][1], one, flags) for one in set(BETWEEN))
        longest = 1 if is_dead else len(BETWEEN) + 1
        for _ in range(min(least, longest)):
            state = self._add(tree, flags, state)
        ends = {state}
        for _ in range(min(most - least, longest)):
            state = self._add(tree, flags, state)
            ends.add(state)
        return self._joining(ends)

    def _joining(self, states: set[int]) -> int:
        new = next(self._new)
        for state in states:
            self._free.setdefault(state, set()).add(new)
        return new

    def closed(self, states: set[int]) -> set[int]:
        waiting, found = [*states], set(states)
        while waiting:
            more = self._free.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return found

    def after(self, states: set[int], one: str) -> set[int]:
        return self.closed(
            {new for state in states for fits, new in self._steps.get(state, ()) if one in fits}
        )


@pytest.fixture(scope="module")
def rules(detector: Detector) -> list[dict[str, Any]]:
    scanners = (detector.load().catalog.scanner, detector.load().pack.everywhere)
    return [one.rules.detail(str(rule["id"])) for one in scanners for rule in one.rules.metadata()]


LEFT_OUT = {
    "betterleaks.private-key": b"-----",
    "betterleaks.gcp-application-default-credentials": b'"client_secret"',
    "betterleaks.gcp-service-account": b'"private_key"',
}
"""The rules that match across texts, and what is in each text that one begins or ends in."""


@pytest.mark.slow
def test_a_match_is_in_one_text_unless_its_text_is_left_out(rules: list[dict[str, Any]]) -> None:
    reaching: dict[str, str] = {}
    for rule in rules:
        automaton = Automaton(*parsed(rule["pattern"]))
        inside = automaton.closed(automaton.states)
        entering: set[int] = set()
        for place, one in enumerate(BETWEEN):
            inside = automaton.after(inside, one)
            entering = automaton.after(
                entering | automaton.closed({0} if BETWEEN[place + 1 :] else set()), one
            )
            if place and automaton.end in inside:
                reaching[rule["id"]] = "ends beyond the line break"
        if inside:
            reaching[rule["id"]] = "goes on to the next text"
        if entering:
            reaching[rule["id"]] = "begins before the line break"
    assert reaching.keys() == LEFT_OUT.keys(), reaching


@pytest.mark.parametrize("rule", LEFT_OUT)
def test_a_text_in_which_a_match_may_begin_and_reach_another_is_left_out(
    rule: str, rules: list[dict[str, Any]]
) -> None:
    (pattern,) = (one["pattern"] for one in rules if one["id"] == rule)
    plain = b"a = 1\n"
    assert [one.numbers for one in joined_texts([(0, plain, ""), (1, plain, "")])] == [[0, 1]]
    for seed in range(20):
        match = grown(pattern, random.Random(seed)).encode()
        assert LEFT_OUT[rule] in match
        texts = [(0, plain, ""), (1, match + b"\n", ""), (2, plain, "")]
        assert [one.numbers for one in joined_texts(texts)] == [[0, 2]]


def test_a_match_that_begins_in_a_placeholder_hides_no_key_in_the_next_text(detector: Detector) -> None:
    _ = detector.load().catalog.scanner
    stub = "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"
    key = tokens.private_key().replace("PRIVATE KEY-----", "PRIVATE KEY BLOCK-----")
    check(detector, [b"a = 1\n", stub.encode(), f"{key}\n".encode(), b"b = 2\n"])


def edges(tree: Iterable[tuple[Any, Any]], flags: int) -> Iterator[bool]:
    """Yield for each end of a text in a regex whether a line break instead of it does."""
    for op, value in tree:
        if op is ops.SUBPATTERN:
            yield from edges(value[3], (flags | value[1]) & ~value[2])
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            yield from edges(value[2], flags)
        elif op is ops.BRANCH:
            branches = [branch[0] if len(branch) == 1 else (None, None) for branch in value[1]]
            breaks = any(kind in SINGLE and accepts(kind, it, "\n", flags) for kind, it in branches)
            for branch, (kind, it) in zip(value[1], branches, strict=True):
                yield from [breaks] if kind is ops.AT and it in EDGES else edges(branch, flags)
        elif op is ops.AT and value in EDGES:
            yield bool(flags & re.MULTILINE) and value in (ops.AT_BEGINNING, ops.AT_END)


def test_where_a_text_begins_or_ends_a_line_break_does(rules: list[dict[str, Any]]) -> None:
    found = {rule["id"]: [*edges(*parsed(rule["pattern"]))] for rule in rules}
    assert sum(map(len, found.values())) > 100
    assert {name for name, good in found.items() if not all(good)} == NEEDS_THE_END


def check(detector: Detector, texts: Sequence[bytes], path: str = "a.py") -> set[int]:
    """Return the numbers of the texts that pass for ones without a match, after checking each by itself."""
    without = detector.without_matches([(number, one, path) for number, one in enumerate(texts)], PLAIN)
    assert not [texts[number] for number in without if detector.matches(texts[number], path)]
    return without


@pytest.fixture(scope="module")
def samples(rules: list[dict[str, Any]]) -> list[str]:
    """Return texts that match the pattern of each rule, if not its conditions, and our own samples."""
    own = (one.filled(0)[0] for rule in rule_samples.rules() for one in rule_samples.samples_of(rule))
    return [*(grown(rule["pattern"], random.Random(str(rule["id"]))) for rule in rules), *own]


def test_every_sample_is_found_among_others(detector: Detector, samples: list[str]) -> None:
    texts = [f"{sample}\n".encode() for sample in samples]
    around = [text for one in texts for text in (b"a = 1\n", one, b"\n")]
    without = check(detector, around)
    assert len(without) > len(around) // 2
    # The same token in two texts is in both.
    assert not check(detector, [f"{tokens.github()}\n".encode(), f"k = {tokens.github()}\n".encode()])


@given(data=st.data())
@settings(max_examples=up_to(100), deadline=None)
def test_parts_of_samples_beside_each_other_are_found(
    data: st.DataObject, detector: Detector, samples: list[str]
) -> None:
    cut = st.tuples(st.sampled_from(samples), st.integers(0, 60), st.integers(0, 60))
    part = cut.map(lambda it: it[0][it[1] :] if it[1] < it[2] else it[0][: -it[2] or None])
    piece = part | st.sampled_from(
        ["password: ", "\n", "-----BEGIN PRIVATE KEY-----", "{", "}", '"', "é", "\0"]
    )
    texts = data.draw(st.lists(st.lists(piece, max_size=3).map("".join), min_size=2, max_size=8))
    check(detector, [f"{text}\n".encode("utf-8", "replace") for text in texts])


def test_what_depends_on_its_path_or_its_end_is_scanned_by_itself(detector: Detector) -> None:
    clean = [b"a = 1\n"] * 3
    assert check(detector, clean) == {0, 1, 2}
    assert check(detector, clean, ".npmrc") == check(detector, clean, "x.php") == set()
    assert check(detector, [*clean, b"a = 1", b"a = 1\n" * 4_000]) == {0, 1, 2}


@given(st.lists(st.integers(1, 20_000), max_size=60))
def test_joined_texts_are_where_they_are_said_to_be(sizes: list[int]) -> None:
    texts = [b"x" * (size - 1) + b"\n" for size in sizes]
    for joined in joined_texts((number, text, "") for number, text in enumerate(texts)):
        assert len(joined.data) < 120_000
        for number, start in zip(joined.numbers, joined.starts, strict=True):
            end = start + len(texts[number])
            assert (
                joined.data[start - len(SEPARATOR) : end + len(SEPARATOR)]
                == SEPARATOR + texts[number] + SEPARATOR
            )
