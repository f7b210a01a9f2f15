"""Counts which letter follows which in names and words, and writes `detection/generic/letters.txt`.

Run it on folders of hand-written source code: `python scripts/generic_letters.py FOLDER…`. A cost is the negative
logarithm of a letter's share after another one, in tenths of bits; `0` is any digit and `_` any word separator.
"""

from __future__ import annotations

import math
import re
import string
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from tokenward.detection.generic.randomness import parted

LETTERS = string.ascii_lowercase + "0_"
TARGET = Path(__file__).parent.parent / "server/tokenward/detection/generic/letters.txt"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{2,30}")
_LONGEST_LINE, _MOST_FILES_OF_A_WORD, _LEAST_SHARE = 2_000, 30, 0.002


def main() -> None:
    words = Counter[str]()
    for folder in map(Path, sys.argv[1:]):
        for path in sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".ts"}):
            text = path.read_text("utf-8", errors="ignore")[:200_000]
            if max(map(len, text.split("\n"))) < _LONGEST_LINE:
                words.update(set(_WORD.findall(text)))
    TARGET.write_text("\n".join(rows(words)) + "\n")


def rows(words: Counter[str]) -> Iterable[str]:
    pairs = Counter[str]()
    for word, files in words.items():
        if files > 1:
            for a, b in pairwise(f"_{parted(word)}_"):
                pairs[a + b] += min(files, _MOST_FILES_OF_A_WORD)
    yield "  " + "  ".join(LETTERS)
    for a in LETTERS:
        total = sum(pairs[a + b] for b in LETTERS)
        all_shares = total * (1 + _LEAST_SHARE * len(LETTERS)) + len(LETTERS)
        costs = (-math.log2((pairs[a + b] + total * _LEAST_SHARE + 1) / all_shares) for b in LETTERS)
        yield f"{a} " + " ".join(f"{min(99, round(cost * 10)):2d}" for cost in costs)


if __name__ == "__main__":
    main()
