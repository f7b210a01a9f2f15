"""A scanner for one request scans each of its texts once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tokens
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.detection import DetectionResult
from tokenward.detection.engine import Detector
from tokenward.findings.scan import REMEMBERED_SCANS, CachingScanner, Scanner
from tokenward.model import Surface
from tokenward.sources.source import Origin, Source


class CountingDetector(Detector):
    """A detector that remembers the texts it scanned."""

    def __init__(self, inner: Detector) -> None:
        super().__init__(Path())
        self._inner = inner
        self.scanned: list[str] = []

    def detect_all(self, text: str, *arguments: Any, **options: Any) -> DetectionResult:
        self.scanned.append(text)
        return self._inner.detect_all(text, *arguments, **options)


def source(text: str) -> Source:
    return Source(text, Origin("file:///a.py", Surface.DOCUMENT), 1, "a.py")


def test_each_text_of_a_request_is_scanned_once(detector: Detector) -> None:
    counting = CountingDetector(detector)
    plain = Scanner(counting, Fingerprinter(b"k" * 32))
    caching = CachingScanner.of(plain)
    code, env = source(f'x = "{tokens.github()}"\n'), source("A=1\n")
    for one in (code, env, code, env):
        assert caching.detections(one) == plain.detections(one)
    finding = caching.scan(code)[0]
    assert caching.locate(code, finding.fingerprint) == plain.locate(code, finding.fingerprint)
    assert counting.scanned.count(code.text) == 2 + 1 + 1
    assert counting.scanned.count(env.text) == 2 + 1


def test_only_the_latest_texts_are_remembered(detector: Detector) -> None:
    counting = CountingDetector(detector)
    caching = CachingScanner.of(Scanner(counting, Fingerprinter(b"k" * 32)))
    first = source("first = 1\n")
    for number in range(REMEMBERED_SCANS):
        caching.detections(source(f"a = {number}\n"))
        caching.detections(first)
    assert counting.scanned.count(first.text) == 1
    for number in range(REMEMBERED_SCANS):
        caching.detections(source(f"b = {number}\n"))
    caching.detections(first)
    assert counting.scanned.count(first.text) == 2
