"""A file gives the same findings, whether or not its bytes are decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.custom.catalog import compile_rules
from tokenward.detection.custom.workspace import PLAIN, LocalRules
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.sources.encoding import decoded

PIECES = st.sampled_from(
    [
        tokens.github().encode(),
        f'token = "{tokens.npm()}"'.encode(),
        f"  # tokenward:ignore\nkey = {tokens.gitlab()}".encode(),
        *(
            b"\n",
            b" ",
            b"x = 1\n",
            b"\xff",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\0",
            "é€😀".encode(),
            b"\xed\xa0\x80",
        ),
    ]
)
BROKEN = b"\xff\xff\x11\xff"
CODECS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
TOKENS = {tokens.github().encode(codec) for codec in CODECS}
WIDE_PIECES = st.sampled_from(
    [
        *TOKENS,
        *(f"\ufeff{text}".encode(codec) for codec in CODECS for text in ("", "k = ")),
        *("\n".encode(codec) for codec in CODECS),
        *(b"\xff\xff\x11\0", b"\0\x11\xff\xff", b"\0\xd8\0\0", b"\0\0\xd8\0", b"\0\xd8", b"\xdc\0"),
    ]
)
"""Texts in every encoding, and what is no character in one of them."""


YAML_RULE = """
rules:
  - name: House token
    id: house.1
    pattern: '(house_[a-z]{8})'
    confidence: high
    min_entropy: 0
    examples: []
"""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(PIECES, max_size=6))
def test_bytes_hold_what_their_text_holds(detector: Detector, pieces: list[bytes]) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    data = b"".join(pieces)
    text, coding = decoded(data)
    assert scanner.scan_content(data, "a.py", PLAIN) == scanner.scan_file(text, "a.py", PLAIN, coding)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(WIDE_PIECES, max_size=8), st.binary(max_size=9))
def test_any_bytes_can_be_scanned(detector: Detector, pieces: list[bytes], rest: bytes) -> None:
    """Each reported place holds bytes, in any encoding."""
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    data = b"".join(pieces) + rest
    findings, _ = scanner.scan_content(data, "a.py", PLAIN)
    for place in [finding.place for finding in findings]:
        assert place is not None
        assert 0 <= place.start < place.end <= len(data)


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be"])
def test_four_bytes_that_are_no_character_hide_no_token(detector: Detector, codec: str) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    token = tokens.github(3).encode(codec)
    data = "\ufeff".encode(codec) + BROKEN * 2 + token
    findings, _ = scanner.scan_content(data, "a.txt", PLAIN)
    assert [data[f.place.start : f.place.end] for f in findings if f.place] == [token]


def test_a_match_of_a_custom_rule_alone_is_found(detector: Detector, tmp_path: Path) -> None:
    custom, problems = compile_rules({"mine.yml": YAML_RULE}, tmp_path)
    assert problems == ()
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    found, _ = scanner.scan_content(b"key = house_abcdefgh\n", "a.py", LocalRules(custom=custom))
    assert [finding.rule for finding in found] == ["house.1"]


def test_a_mark_and_a_nul_hide_no_token(detector: Detector) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    token = tokens.github(2)
    data = f"\nb = {token}\n# ".encode()
    data = b"\xff\xfe" + data + b"\0" * (2 - len(data) % 2)
    findings, _ = scanner.scan_content(data, "a.txt", PLAIN)
    assert [data[f.place.start : f.place.end] for f in findings if f.place] == [token.encode()]
