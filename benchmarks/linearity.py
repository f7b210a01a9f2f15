"""A search for texts that make a scan super-linear, pumped from pieces of the rules themselves.

    python benchmarks/linearity.py [--texts 2000] [--seed 1] [--worst 25] [--kilobytes 256] [--samples]

Each text repeats one or two pieces of a rule's pattern up to a size; a full scan of it is timed, in CPU time. With
--samples, each repeats a sample of one of our rules instead, filled with other values each time, on lines and on one
line. All are timed at a quarter of the size, and the slowest at the size and at four times as much. If the time grows
much faster than the text, the run fails.
"""

from __future__ import annotations

import argparse
import math
import platform
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import rule_samples
from tokenward.detection.engine import Detector, RuleScanners

PIECES = (
    *('"', "'", "`", "=", ":", " ", "\n", "\r\n", "\t", "\\", '\\"', "\\n", "/", "://", "@", "-", "_", ".", "$", "${"),
    *("{", "}", "[", "]", "(", ")", "<", ">", ",", ";", "#", "%", "&", "?", "a", "A", "0", "é", "密", "\ud800", "\0"),
    *("password", "secret", "token = ", "api_key: ", "Authorization: Bearer ", "Cookie: ", "user:pass@", "token="),
    *("https://u:p@", '{"password": "', "<password>", "-----BEGIN RSA PRIVATE KEY-----", "eyJ", "a1B2", "keyring://w/"),
)  # fmt: skip
_LITERAL = re.compile(r"[A-Za-z0-9_-]{3,}")
VALUES = 50
STEP = 4
"""How much larger each of the three sizes is than the one before."""
MOST_GROWTH = 1.35
"""The largest exponent of time over size: 1 is linear, 2 is quadratic; small texts are noisy."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The parts of a text: a head, two alternating pieces, and a tail."""

    head: str
    pieces: tuple[str, str]
    tail: str
    path: str

    def text(self, size: int) -> str:
        unit = "".join(self.pieces) or "x"
        return self.head + unit * (size // len(unit) + 1) + self.tail

    def __str__(self) -> str:
        return f"{self.head[:16]!r} {self.pieces!r} {self.tail[:16]!r} {self.path}"


@dataclass(frozen=True, slots=True)
class RepeatedSample:
    """A sample of a rule, filled with other values each time."""

    sample: rule_samples.Sample
    separator: str

    @property
    def path(self) -> str:
        return self.sample.path

    def text(self, size: int) -> str:
        filled = [self.sample.filled(seed)[0] for seed in range(VALUES)]
        unit = self.separator.join(filled) + self.separator
        return unit * (size // len(unit) + 1)

    def __str__(self) -> str:
        return f"{self.sample} {self.separator!r}"


def main() -> None:
    options = _options()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        detector = Detector(Path(folder))
        atoms = sorted({*PIECES, *_literals(detector.load())})
        print(
            f"seed {options.seed}, {len(atoms):,} pieces, {platform.machine()}, Python {platform.python_version()}"
        )
        size = options.kilobytes * 1024
        recipes = _samples() if options.samples else _recipes(chance, atoms, options.texts)
        timed = [(_seconds(detector, recipe, size // STEP), recipe) for recipe in recipes]
        timed.sort(key=lambda item: -item[0])
        growths = [_report(detector, recipe, size) for _, recipe in timed[: options.worst]]
    worst = max(growths, default=0.0)
    print(
        f"of {len(timed):,} texts of {options.kilobytes} kB the slowest grow by size to the power {worst:.2f} at most"
    )
    sys.exit(worst > MOST_GROWTH)


def _recipes(chance: random.Random, atoms: list[str], count: int) -> Iterator[Recipe]:
    paths = (
        "a.py",
        ".env",
        ".npmrc",
        "config.json",
        "a.yaml",
        ".netrc",
        "debug.log",
        "Dockerfile",
        "hosts.yml",
    )
    for _ in range(count):
        first, second, head, tail = (chance.choice(atoms) for _ in range(4))
        pieces = (first, second) if chance.random() < 0.7 else (first, "")
        yield Recipe(head if chance.random() < 0.5 else "", pieces, tail, chance.choice(paths))


def _samples() -> Iterator[RepeatedSample]:
    for rule in rule_samples.rules():
        for sample in rule_samples.samples_of(rule):
            if sample.matches:
                yield from (RepeatedSample(sample, separator) for separator in ("\n", " "))


def _literals(scanners: RuleScanners) -> Iterator[str]:
    for scanner in scanners.all:
        for rule in scanner.rules.metadata():
            yield from _LITERAL.findall(str(scanner.rules.detail(rule["id"])["pattern"]))


def _report(detector: Detector, recipe: Recipe | RepeatedSample, size: int) -> float:
    small, large = (min(_seconds(detector, recipe, size * factor) for _ in range(2)) for factor in (1, STEP))
    growth = math.log(large / small) / math.log(STEP)
    print(f"{growth:5.2f}  {large / (STEP * size) * 1e6:6.2f} s/MB  {str(recipe)[:110]}", flush=True)
    return growth


def _seconds(detector: Detector, recipe: Recipe | RepeatedSample, size: int) -> float:
    text = recipe.text(size)
    start = time.process_time()
    detector.detect_all(text, recipe.path)
    return time.process_time() - start


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", type=int, default=25)
    parser.add_argument("--kilobytes", type=int, default=256)
    parser.add_argument("--samples", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
