"""Accuracy on labelled excerpts of real files, which stay outside the project.

The excerpts are JSON Lines in gzip. Each has `path`, `repo`, `text` and `labels`; a label has `first` and `last`
(lines, from 0), `start` and `end` (columns, or null), `secret` and `category`. A secret is found if a finding overlaps
it. A label of no secret is flagged if its lines have a finding and no secret. A finding on a line without a label is
unlabelled, which may be right or wrong. Rules may be tuned on one fold, which is a share of the repositories, and
judged on the others.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenward.detection.claims.claims import read_claims
from tokenward.detection.detection import Detection
from tokenward.detection.engine import Detector
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import profile_of, severity_of
from tokenward.model import Severity, Span
from tokenward.text import LineTable

IDS = frozenset(
    ["UUID", "Nonce", "Salt", "AWS S3 Bucket", "AWS Client ID", "Tencent WeChat API App ID", "Twilio Credentials"]
)  # fmt: skip
"""The categories of labels that identify rather than authorize."""


@dataclass(slots=True)
class Tally:
    """Counts of labels by what became of them, and of unlabelled findings."""

    secrets: int = 0
    found: int = 0
    flagged: int = 0
    unlabelled: int = 0

    def line(self) -> str:
        precision = self.found / max(1, self.found + self.flagged)
        recall = self.found / max(1, self.secrets)
        mean = 2 * precision * recall / max(1e-9, precision + recall)
        counts = f"{self.found} of {self.secrets} | {self.flagged} | {self.unlabelled}"
        return f"{counts} | {precision:.3f} | {recall:.3f} | {mean:.3f} |"


@dataclass(slots=True)
class Tallies:
    """The tallies of all excerpts.

    Attributes:
        severities: true, flagged and unlabelled findings by severity.
        rules: flagged and unlabelled findings by rule.
    """

    everything: Tally = field(default_factory=Tally)
    without_ids: Tally = field(default_factory=Tally)
    repositories: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    severities: dict[Severity, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def show_labelled(
    path: Path, rules: Path, *, by_repository: bool = False, folds: int = 1, seed: int = 1
) -> None:
    """Print precision and recall on the excerpts in a file, in each of so many folds, and by severity.

    The rules are compiled into a folder, unless it has them.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        excerpts = [json.loads(line) for line in lines]
    detector = Detector(rules)
    detector.load()
    start = time.process_time()
    found = [detector.detect_all(one["text"], one["path"]).found for one in excerpts]
    taken = time.process_time() - start
    judged = list(zip(excerpts, found, strict=True))
    everything = _tallies(judged)
    print(
        f"{len(excerpts):,} excerpts of {len(everything.repositories)} repositories, {taken:.1f} s of CPU\n"
    )
    print(
        "| labels | found | flagged | unlabelled | P | R | F1 |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for name, tally in (("all", everything.everything), ("without ids", everything.without_ids)):
        print(f"| {name} | {tally.line()}")
    severities = {severity.name: counts for severity, counts in everything.severities.items()}
    sizes: Counter[str] = Counter()
    for one in excerpts:
        sizes[one["repo"]] += 1 + sum(label["secret"] for label in one["labels"])
    for number, repositories in enumerate(folds_of(sizes, folds, seed), 1) if folds > 1 else ():
        tallies = _tallies(one for one in judged if one[0]["repo"] in repositories)
        print(
            f"| fold {number} ({len(repositories)} repositories), without ids | {tallies.without_ids.line()}"
        )
        severities |= {f"fold {number}: {one.name}": row for one, row in tallies.severities.items()}
    if by_repository:
        for name, tally in sorted(everything.repositories.items()):
            print(f"| {name}, without ids | {tally.line()}")
    _show("severity", severities)
    wrong = {
        rule: counts for rule, counts in everything.rules.items() if counts["flagged"] + counts["unlabelled"]
    }
    _show("rule with findings that are not labelled as secrets", wrong)


def folds_of(sizes: Mapping[str, int], count: int, seed: int) -> list[frozenset[str]]:
    """Split repositories of so many excerpts and secrets into equal folds, at random; a seed always gives the same."""
    folds: list[set[str]] = [set() for _ in range(count)]
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    for repository in sorted(order, key=lambda one: -sizes[one]):
        min(folds, key=lambda fold: sum(map(sizes.__getitem__, fold))).add(repository)
    return [frozenset(fold) for fold in folds]


def _tallies(judged: Iterable[tuple[Mapping[str, Any], Sequence[Detection]]]) -> Tallies:
    tallies = Tallies()
    for excerpt, detections in judged:
        _count(excerpt, detections, tallies)
    return tallies


def _show(what: str, rows: Mapping[str, Counter[str]]) -> None:
    print(f"\n| {what} | true | flagged | unlabelled | precision |\n| --- | --- | --- | --- | --- |")
    for name, counts in sorted(rows.items(), key=lambda row: -row[1]["flagged"] - row[1]["unlabelled"]):
        true, flagged = counts["true"], counts["flagged"]
        share = true / max(1, true + flagged)
        print(f"| {name} | {true} | {flagged} | {counts['unlabelled']} | {share:.2f} |")


def _count(excerpt: Mapping[str, Any], detections: Iterable[Detection], tallies: Tallies) -> None:
    table = LineTable(excerpt["text"])
    labels = [(label, label_span(excerpt["text"], label)) for label in excerpt["labels"]]
    places = [(one, _lines(table, one.span)) for one in detections]
    outcomes = {id(one): "unlabelled" for one, _ in places}
    for label, span in labels:
        counted = list(_counted(excerpt["repo"], label, tallies))
        if not label["secret"]:
            continue
        hits = [one for one, _ in places if one.span.overlaps(span)]
        outcomes |= {id(one): "true" for one in hits}
        for tally in counted:
            tally.secrets += 1
            tally.found += bool(hits)
    secret_lines = {line for label, _ in labels if label["secret"] for line in _of(label)}
    for label, _ in labels:
        here = [one for one, lines in places if lines & _of(label)]
        if label["secret"]:
            # Beside the value on its line: another secret that the label leaves out, or a wrong border.
            outcomes |= {id(one): "beside" for one in here if outcomes[id(one)] == "unlabelled"}
        elif here and not _of(label) & secret_lines:
            outcomes |= {id(one): "flagged" for one in here if outcomes[id(one)] != "true"}
            for tally in _counted(excerpt["repo"], label, tallies):
                tally.flagged += 1
    for one, _ in places:
        outcome = outcomes[id(one)]
        tallies.severities[_severity(one)][outcome] += 1
        tallies.rules[one.rule][outcome] += 1
        for tally in (tallies.everything, tallies.without_ids, tallies.repositories[excerpt["repo"]]):
            tally.unlabelled += outcome == "unlabelled"


def _counted(repository: str, label: Mapping[str, Any], tallies: Tallies) -> Iterator[Tally]:
    yield tallies.everything
    if not label["secret"] or not set(label["category"].split(":")) <= IDS:
        yield tallies.without_ids
        yield tallies.repositories[repository]


def label_span(text: str, label: Mapping[str, Any]) -> Span:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    first, last = starts[label["first"]], starts[min(label["last"], len(lines) - 1)]
    end = starts[min(label["last"], len(lines) - 1) + 1] - 1 if label["end"] is None else last + label["end"]
    return Span(first + (label["start"] or 0), max(end, first + (label["start"] or 0) + 1))


def _of(label: Mapping[str, Any]) -> set[int]:
    return set(range(label["first"], label["last"] + 1))


def _lines(table: LineTable, span: Span) -> set[int]:
    return set(range(table.point(span.start).line, table.point(span.end).line + 1))


def _severity(one: Detection) -> Severity:
    claims = read_claims(one.rule, one.secret.reveal())
    severity = severity_of(profile_of(one.rule, claims), time.time())
    return Severity.INFORMATION if one.rule == GENERIC else severity
