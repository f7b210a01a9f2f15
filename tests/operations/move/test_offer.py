"""Offers for the findings of a document are worked out together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import tokens
from desk import Desk
from tokenward.detection.detection import DetectionResult
from tokenward.detection.engine import Detector
from tokenward.model import Finding
from tokenward.operations.move.offer import Offer, offers
from tokenward.operations.provider.subject import asker_of
from tokenward.rewriting import excerpt, literal, syntax
from tokenward.sources.source import Source

FAR = "value = compute(1, 'some text')\n" * 1_000


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Whether each text was scanned or parsed, and its characters."""
    texts: list[tuple[str, int]] = []
    detect_all, check_size = Detector.detect_all, literal.check_size

    def scanned(detector: Detector, text: str, *given: Any, **named: Any) -> DetectionResult:
        texts.append(("scan", len(text)))
        return detect_all(detector, text, *given, **named)

    def parsed(text: str) -> None:
        texts.append(("parse", len(text)))
        check_size(text)

    monkeypatch.setattr(Detector, "detect_all", scanned)
    monkeypatch.setattr(syntax, "check_size", parsed)
    return texts


def offered(desk: Desk, source: Source, findings: Sequence[Finding]) -> list[Offer]:
    everywhere = desk.findings(source)
    found = [(one, [same for same in everywhere if same.fingerprint == one.fingerprint]) for one in findings]
    methods = asker_of(desk.context, desk.places)
    return offers(desk.context, desk.editor, source, folder=desk.folder, found=found, methods=methods)


def test_one_scan_and_three_parses_serve_all_findings(desk: Desk, read: list[tuple[str, int]]) -> None:
    """The text is parsed once as it is, once with all moves, and once with all ignore comments."""
    lines = [f'KEY_{n} = "{tokens.github(n)}"\n' for n in range(4)]
    lines += [f'f("x {tokens.github(4)}", 1)\n'] * 2
    source = desk.editor.open(desk.folder / "app.py", "import sys\n" + "".join(lines))
    findings = desk.findings(source)[:5]
    read.clear()
    made = offered(desk, source, findings)
    assert [offer.name for offer in made] == ["KEY_0", "KEY_1", "KEY_2", "KEY_3", "GITHUB_TOKEN"]
    assert [offer.all_name for offer in made] == [None, None, None, None, "GITHUB_TOKEN"]
    assert all(offer.ignorable for offer in made)
    # The first scan is this test's own.
    assert [kind for kind, _ in read[1:]] == ["scan", "parse", "parse", "parse"]


def test_of_a_long_file_only_the_lines_around_the_tokens_are_read(
    desk: Desk, read: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f'KEY_{n} = "{tokens.github(n % 3)}"\n' for n in range(4)]
    source = desk.editor.open(desk.folder / "app.py", "import os\n" + FAR.join(lines) + FAR)
    findings = desk.findings(source)
    read.clear()
    near = offered(desk, source, findings)
    assert sorted(kind for kind, _ in read[1:]) == ["parse", "parse", "parse", "scan"]
    assert max(size for _, size in read[1:]) < len(source.text) // 10
    assert [(one.name, one.count) for one in near] == [("KEY_0", 2), ("KEY_1", 1), ("KEY_2", 1), ("KEY_3", 2)]
    monkeypatch.setattr(excerpt, "LONG", len(source.text) + 1)
    assert near == offered(desk, source, findings)


def test_what_cannot_be_moved_around_its_lines_is_tried_in_the_whole_file(
    desk: Desk, read: list[tuple[str, int]]
) -> None:
    pattern = f'match a:\n    case "{tokens.github(1)}":\n        f()\n'
    source = desk.editor.open(desk.folder / "app.py", f'A = "{tokens.github(0)}"\n' + FAR + pattern + FAR)
    findings = desk.findings(source)
    read.clear()
    made = offered(desk, source, findings)
    assert [one.name for one in made] == ["GITHUB_TOKEN", None]
    assert ("parse", len(source.text)) in read
    assert made == [*offered(desk, source, findings[:1]), *offered(desk, source, findings[1:])]


def test_a_token_that_takes_no_comment_does_not_keep_the_others_from_one(desk: Desk) -> None:
    text = f'a = "{tokens.github(1)}" + \\\n  "x"\nif (b := "{tokens.github(2)}"):\n'
    text += f'    c = """\n{tokens.github(3)}\n"""\n'
    source = desk.editor.open(desk.folder / "app.py", "import os\n" + text)
    found = desk.findings(source)
    together = offered(desk, source, found)
    alone = [offered(desk, source, [one])[0] for one in found]
    assert (
        [offer.ignorable for offer in together] == [offer.ignorable for offer in alone] == [True, True, False]
    )
    assert [offer.name for offer in together] == [offer.name for offer in alone]


def test_without_its_records_a_token_can_still_be_ignored(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "app.py", f'KEY = "{tokens.github()}"\n')
    desk.places.custody.parent.mkdir(parents=True, exist_ok=True)
    desk.places.custody.write_bytes(b"not a database")
    (offer,) = offered(desk, source, desk.findings(source))
    assert (offer.name, offer.aside_name, offer.ignorable) == (None, None, True)
