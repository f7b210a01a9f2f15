"""Offers for the findings of a document are worked out together."""

from __future__ import annotations

from typing import Any

import pytest
from tree_sitter import Language, Parser

import tokens
from desk import Desk
from tokenward.detection.detection import DetectionResult
from tokenward.detection.engine import Detector
from tokenward.operations.move.offer import offers
from tokenward.operations.provider.subject import asker_of
from tokenward.rewriting import syntax


def test_one_scan_and_three_parses_serve_all_findings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is parsed once as it is, once with all moves, and once with all ignore comments."""
    scans: list[str] = []
    parses: list[Parser] = []
    detect_all = Detector.detect_all

    def scanned(detector: Detector, text: str, *given: Any, **named: Any) -> DetectionResult:
        scans.append(text)
        return detect_all(detector, text, *given, **named)

    def parser(language: Language) -> Parser:
        parses.append(Parser(language))
        return parses[-1]

    lines = [f'KEY_{n} = "{tokens.github(n)}"\n' for n in range(4)]
    lines += [f'f("x {tokens.github(4)}", 1)\n'] * 2
    source = desk.editor.open(desk.folder / "app.py", "import sys\n" + "".join(lines))
    counted = [(finding, 1 + (number > 3)) for number, finding in enumerate(desk.findings(source)[:5])]
    methods = asker_of(desk.context, desk.places)
    monkeypatch.setattr(Detector, "detect_all", scanned)
    monkeypatch.setattr(syntax, "Parser", parser)
    made = offers(desk.context, desk.editor, source, folder=desk.folder, counted=counted, methods=methods)
    assert [offer.name for offer in made] == ["KEY_0", "KEY_1", "KEY_2", "KEY_3", "GITHUB_TOKEN"]
    assert [offer.all_name for offer in made] == [None, None, None, None, "GITHUB_TOKEN"]
    assert all(offer.ignorable for offer in made)
    assert (len(scans), len(parses)) == (1, 3)


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
