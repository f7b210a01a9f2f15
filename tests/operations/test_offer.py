"""What is offered for the findings of a document is thought out together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import tokens
from desk import Desk
from tokenward.detection.detection import Detection
from tokenward.findings.scan import Scanner
from tokenward.operations.asking import asker_of
from tokenward.operations.offer import offers
from tokenward.rewriting import syntax
from tokenward.sources.source import Source


def test_one_scan_and_one_whole_parse_serve_all_findings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[Source] = []
    parses: list[bool] = []
    detections, parser = Scanner.detections, syntax.Syntax.__init__

    def scanned(scanner: Scanner, source: Source) -> Sequence[Detection]:
        scans.append(source)
        return detections(scanner, source)

    def parsed(self: syntax.Syntax, text: str, grammar: str) -> None:
        parses.append(True)
        parser(self, text, grammar)

    lines = [f'K{n} = "{tokens.github(n)}"\n' for n in range(5)]
    source = desk.editor.open(desk.folder / "app.py", "import os\n" + "".join(lines))
    counted = [(finding, 1) for finding in desk.findings(source)]
    asker = asker_of(desk.context, desk.places)
    monkeypatch.setattr(Scanner, "detections", scanned)
    monkeypatch.setattr(syntax.Syntax, "__init__", parsed)
    made = offers(desk.context, desk.editor, source, folder=desk.folder, counted=counted, asker=asker)
    assert [(offer.name, offer.ignorable) for offer in made] == [(f"K{n}", True) for n in range(5)]
    assert (len(scans), len(parses)) == (1, 1)
