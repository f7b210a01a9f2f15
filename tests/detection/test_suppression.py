"""What is no finding although a rule matched."""

from __future__ import annotations

import pytest

import tokens
from tokenward.detection.engine import Detector

ALLOW_HERE = [
    "tokenward:allow",
    "gitleaks:allow",
    "betterleaks:allow",
    "kingfisher:ignore",
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "ggignore",
    "secretlint-disable-line",
    "trufflehog:ignore",
]
ALLOW_BELOW = [
    "tokenward:allow-next-line",
    "pragma: allowlist nextline secret",
    "secretlint-disable-next-line",
]
CLEARLY_NO_TOKENS = [
    "keyring://acme-api/GITHUB_TOKEN",
    "gh" + "p_" + "x" * 36,
    "gh" + "p_" + "EXAMPLE" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o",
    "${GITHUB_TOKEN}",
    "gl" + "pat-" + "0" * 20,
]


@pytest.mark.parametrize("marker", ALLOW_HERE)
def test_an_allow_comment_counts_on_its_own_line_only(detector: Detector, marker: str) -> None:
    token = tokens.github()
    assert detector.detect(f'a = "{token}"  # {marker}\n') == []
    assert detector.detect(f'# {marker}\na = "{token}"\n')


@pytest.mark.parametrize("marker", ALLOW_BELOW)
def test_an_allow_comment_for_the_next_line_counts_there_only(detector: Detector, marker: str) -> None:
    token = tokens.github()
    assert detector.detect(f'# {marker}\na = "{token}"\n') == []
    assert detector.detect(f'# {marker}\n\na = "{token}"\n')
    assert detector.detect(f'a = "{token}"  # {marker}\n')


@pytest.mark.parametrize("word", ["tokenward:allowed", "xggignorex", "tokenward:allow-nothing"])
def test_a_word_that_only_resembles_a_marker_allows_nothing(detector: Detector, word: str) -> None:
    assert detector.detect(f'a = "{tokens.github()}"  # {word}\n')


@pytest.mark.parametrize("text", CLEARLY_NO_TOKENS)
def test_references_and_placeholders_are_no_findings(detector: Detector, text: str) -> None:
    assert detector.detect(f'GITHUB_TOKEN="{text}"\n') == []
