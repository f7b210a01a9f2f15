"""What a file holds is the same, whether its bytes are decoded or not."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from tokenward.custody.fingerprints import Fingerprinter
from tokenward.detection.catalog import compile_rules
from tokenward.detection.engine import Detector
from tokenward.detection.local import PLAIN, Local
from tokenward.findings.scan import Scanner
from tokenward.sources.coding import decoded

PIECES = st.sampled_from(
    [
        tokens.github().encode(),
        f'token = "{tokens.npm()}"'.encode(),
        f"  # tokenward:allow\nkey = {tokens.gitlab()}".encode(),
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


def test_a_match_of_a_custom_rule_alone_is_found(detector: Detector, tmp_path: Path) -> None:
    custom, problems = compile_rules({"mine.yml": YAML_RULE}, [], tmp_path)
    assert problems == ()
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    found, _ = scanner.scan_content(b"key = house_abcdefgh\n", "a.py", Local(custom=custom))
    assert [finding.rule for finding in found] == ["house.1"]


def test_a_mark_and_a_nul_hide_no_token(detector: Detector) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    token = tokens.github(2)
    data = f"\nb = {token}\n# ".encode()
    data = b"\xff\xfe" + data + b"\0" * (2 - len(data) % 2)
    findings, _ = scanner.scan_content(data, "a.txt", PLAIN)
    assert [data[f.place.start : f.place.end] for f in findings if f.place] == [token.encode()]
