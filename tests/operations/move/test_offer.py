"""Offers for the findings of a document are worked out together."""

from __future__ import annotations

from typing import Any

import pytest

import tokens
from desk import Desk
from tokenward.detection.detection import DetectionResult
from tokenward.detection.engine import Detector
from tokenward.operations.move.offer import offers
from tokenward.operations.provider.subject import asker_of
from tokenward.rewriting import syntax


def test_one_scan_and_one_whole_parse_serve_all_findings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[str] = []
    parses: list[bool] = []
    detect_all, parser = Detector.detect_all, syntax.Syntax.__init__

    def scanned(detector: Detector, text: str, *given: Any, **named: Any) -> DetectionResult:
        scans.append(text)
        return detect_all(detector, text, *given, **named)

    def parsed(self: syntax.Syntax, text: str, grammar: str) -> None:
        parses.append(True)
        parser(self, text, grammar)

    lines = [f'KEY_{n} = "{tokens.github(n)}"\n' for n in range(5)]
    source = desk.editor.open(desk.folder / "app.py", "import os\n" + "".join(lines))
    counted = [(finding, 1) for finding in desk.findings(source)]
    methods = asker_of(desk.context, desk.places)
    monkeypatch.setattr(Detector, "detect_all", scanned)
    monkeypatch.setattr(syntax.Syntax, "__init__", parsed)
    made = offers(desk.context, desk.editor, source, folder=desk.folder, counted=counted, methods=methods)
    assert [(offer.name, offer.ignorable) for offer in made] == [(f"KEY_{n}", True) for n in range(5)]
    assert (len(scans), len(parses)) == (1, 1)


def test_a_token_that_takes_no_comment_does_not_keep_the_others_from_one(desk: Desk) -> None:
    text = f'a = "{tokens.github(1)}" + \\\n  "x"\nif (b := "{tokens.github(2)}"):\n'
    text += f'    c = """\n{tokens.github(3)}\n"""\n'
    source = desk.editor.open(desk.folder / "app.py", "import os\n" + text)
    found = desk.findings(source)
    counted = [(finding, 1) for finding in found]
    methods = asker_of(desk.context, desk.places)
    together = offers(desk.context, desk.editor, source, folder=desk.folder, counted=counted, methods=methods)
    alone = [
        offers(desk.context, desk.editor, source, folder=desk.folder, counted=[one], methods=methods)[0]
        for one in counted
    ]
    assert (
        [offer.ignorable for offer in together] == [offer.ignorable for offer in alone] == [True, True, False]
    )
    assert [offer.name for offer in together] == [offer.name for offer in alone]
