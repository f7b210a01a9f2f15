"""Tokenward's findings in source trees that hold no token, and how long its rules take there."""

from __future__ import annotations

import json
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kingfisher_sdk.inputs import ScanInput
from kingfisher_sdk.rules import Rules
from kingfisher_sdk.scanner import DetectionPolicy, Scanner

from tokenward.detection.catalog import definitions
from tokenward.detection.engine import Detector, RuleScanners

LEAST_SPEED = 0.8
"""The share of the engine's speed with its own rules alone."""
_ROUNDS = 5


def show_trees() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    vendored = Path(sysconfig.get_path("purelib")) / "pip" / "_vendor"
    for name, tree in (("standard library", library), ("pip's vendored packages", vendored)):
        _show_tree(name, _texts(tree))


def _texts(tree: Path) -> list[tuple[str, str]]:
    """Return the path and text of each text file, except installed packages."""
    texts = []
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree)
        if path.is_file() and "site-packages" not in name.parts and path.suffix != ".pyc":
            data = path.read_bytes()
            if b"\0" not in data:
                texts.append((name.as_posix(), data.decode("utf-8", "replace")))
    return texts


def _show_tree(name: str, texts: Sequence[tuple[str, str]]) -> None:
    size = sum(len(text) for _, text in texts)
    print(f"\n## {name}: {len(texts):,} files, {size / 1e6:.1f} MB\n")
    with tempfile.TemporaryDirectory() as cache:
        detector = Detector(Path(cache))
        detector.load()
        _show_findings(detector, texts)
        engine = Scanner(policy=DetectionPolicy(inline_ignores=False))
        ours = detector.load().pack.everywhere
        whole = _with_all_rules(detector.load(), Path(cache))
        alone, same, pack, everything = _fastest(
            [
                lambda path, text: engine.scan_input(ScanInput(path=path, data=text.encode())),
                lambda path, text: whole.scan_input(ScanInput(path=path, data=text.encode())),
                lambda path, text: ours.scan_input(ScanInput(path=path, data=text.encode())),
                lambda path, text: detector.detect_all(text, path),
            ],
            texts,
        )
    speed = alone / everything
    verdict = "met:" if speed >= LEAST_SPEED else "NOT met:"
    print(f"- {verdict} at least {LEAST_SPEED:.0%} of the engine's speed: {speed:.0%}")
    print(f"- of the engine's speed with all these rules in one scanner: {same / everything:.0%}")
    for what, seconds in (
        ("everything", everything),
        ("the engine alone", alone),
        ("the engine alone, with all these rules", same),
        ("our rules alone", pack),
    ):
        print(f"- {what}: {size / seconds / 1e6:.0f} MB a second of CPU")


def _with_all_rules(scanners: RuleScanners, folder: Path) -> Scanner:
    """Return the engine as it comes, with its rules and ours for any file."""
    rules = [*definitions(scanners.catalog.scanner.rules), *definitions(scanners.pack.everywhere.rules)]
    kept = [{key: value for key, value in one.items() if value not in (None, [])} for one in rules]
    for one in kept:
        del one["detection_regex"]
    file = folder / "all.yml"
    file.write_text(json.dumps({"rules": kept}))
    loaded = Rules([file], builtins=False, confidence="low", cache=False)
    return Scanner(loaded, policy=DetectionPolicy(inline_ignores=False))


def _show_findings(detector: Detector, texts: Sequence[tuple[str, str]]) -> None:
    count = 0
    for path, text in texts:
        for one in detector.detect_all(text, path).found:
            line = text.count("\n", 0, one.span.start) + 1
            print(f"- {path}:{line}: {one.rule}, {one.span.end - one.span.start} characters")
            count += 1
    print(f"- {count} findings")


def _fastest(scans: Sequence[Callable[[str, str], object]], texts: Sequence[tuple[str, str]]) -> list[float]:
    """Return the CPU seconds of each scanner's fastest round over all texts; they take turns, to share the load."""
    times: list[list[float]] = [[] for _ in scans]
    for _ in range(_ROUNDS):
        for scan, taken in zip(scans, times, strict=True):
            start = time.process_time()
            for path, text in texts:
                scan(path, text)
            taken.append(time.process_time() - start)
    return [min(taken) for taken in times]
