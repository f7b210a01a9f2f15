"""After a keystroke, nearby findings are correct and the others move with their lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.engine import Detector
from tokenward.findings.rescan import CONTEXT_LINES, WINDOW_CHARACTERS, rescan, window
from tokenward.findings.scan import Scanner
from tokenward.model import Point, Surface
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

PIECES = st.sampled_from(
    [
        "\n",
        "x = 1\n",
        f'a = "{tokens.github(1)}"\n',
        f'b = "{tokens.npm(1)}"',
        "# tokenward:ignore-next-line\n",
        "é",
    ]
)


def opened(text: str) -> Document:
    return Document.opened(Origin("file:///a.py", Surface.DOCUMENT), 1, text, name="a.py")


@given(st.lists(PIECES, max_size=30), st.data())
@settings(max_examples=100, deadline=None)
def test_a_rescan_finds_what_a_whole_scan_finds(
    detector: Detector, pieces: list[str], data: st.DataObject
) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    document = opened("".join(pieces))
    known = scanner.scan(document.source())
    for _ in range(4):
        last = len(document.lines) - 1
        first_line, last_line = sorted(data.draw(st.tuples(st.integers(0, last), st.integers(0, last))))
        splice = document.replace(Point(first_line, 0), Point(last_line, 0), data.draw(PIECES))
        most = data.draw(st.sampled_from([200, 500, WINDOW_CHARACTERS]))
        within = window(document, splice, known, most)
        assert within is not None or most < WINDOW_CHARACTERS
        known = (
            scanner.scan(document.source())
            if within is None
            else rescan(document, splice, known, scanner, within)
        )
        assert known == scanner.scan(document.source())


def test_a_finding_far_away_moves_with_its_line(detector: Detector) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    far = 5 * CONTEXT_LINES
    document = opened("\n" * far + f'a = "{tokens.github()}"\n')
    known = scanner.scan(document.source())
    splice = document.replace(Point(3, 0), Point(3, 0), "one\ntwo\n")
    within = window(document, splice)
    assert within is not None
    assert within.stop < far
    (finding,) = rescan(document, splice, known, scanner, within)
    assert finding.start == Point(far + 2, 5)


def test_a_long_line_is_no_work_for_the_event_loop() -> None:
    document = opened("a" * (WINDOW_CHARACTERS + 1) + "\n")
    splice = document.replace(Point(0, 0), Point(0, 0), "b")
    assert window(document, splice) is None


def test_a_window_of_fewer_characters_has_fewer_lines_around_the_change() -> None:
    document = opened("x = 1\n" * 1_000)
    splice = document.replace(Point(500, 0), Point(500, 1), "y")
    assert window(document, splice) == range(400, 601)
    assert window(document, splice, most=120) == range(492, 509)
    assert window(document, splice, most=12) is None


def test_a_private_key_keeps_its_warning_while_it_is_edited_in_few_lines(detector: Detector) -> None:
    """However few characters around a change are scanned, the key that it touches is scanned whole."""
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    document = opened("x = 1\n" * 200 + tokens.private_key() + "\n" + "x = 1\n" * 200)
    (known,) = scanner.scan(document.source())
    middle = (known.start.line + known.end.line) // 2
    for change in ("a", "b", "\n"):
        splice = document.replace(Point(middle, 3), Point(middle, 4), change)
        within = window(document, splice, [known], 200)
        assert within is not None
        (known,) = rescan(document, splice, [known], scanner, within)
        assert (known,) == scanner.scan(document.source())


def test_a_removed_private_key_loses_its_warning_at_once(detector: Detector) -> None:
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    document = opened("x = 1\n" * 200 + tokens.private_key() + "\n" + "x = 1\n" * 200)
    (known,) = scanner.scan(document.source())
    splice = document.replace(Point(known.start.line, 0), Point(known.end.line + 1, 0), "")
    within = window(document, splice, [known], 200)
    assert within is not None
    assert rescan(document, splice, [known], scanner, within) == ()
