"""Accuracy of Tokenward and other scanners on labelled samples: tokens found, and false alarms.

    python benchmarks/accuracy.py [--seed 1] [--only generic …] [--without gitleaks …] [--json] [--show-misses]
    python benchmarks/accuracy.py --trees
    python benchmarks/accuracy.py --labelled EXCERPTS.jsonl.gz [--by-repository] [--folds 2]

Seeded generators make the samples at run time, each a file in a folder of its own. A token counts as found exactly if
the report is its text or an equivalent part, such as the password of a connection string. It counts as found if the
report overlaps it or, for detect-secrets, which reports a line and a hash, is on its line. Peers are installed on
demand into the cache folder `tokenward-benchmarks`. `--trees` shows Tokenward's findings in the standard library and
in pip's vendored packages, which hold no tokens, and how long its rules take compared with the engine's alone.
`--labelled` reads labelled excerpts of real files instead; `labelled.py` describes their form. `--folds` also splits
their repositories, by the seed, so that rules tuned on one fold are judged on the others.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from accuracy_trees import show_trees
from corpora.ai import ai
from corpora.cloud import cloud
from corpora.credentials import credentials
from corpora.generic import generic
from corpora.hosting import packages, services, vcs
from corpora.negatives import negatives
from corpora.sample import Sample
from corpora.workspace import workspace
from labelled import show_labelled
from platformdirs import user_cache_path
from scanners import PEERS, Contender, contenders
from scoring import Mistake, Result, Score, judged

CORPORA: dict[str, Callable[[int], Iterator[Sample]]] = {
    corpus.__name__: corpus
    for corpus in (workspace, ai, cloud, vcs, packages, services, credentials, generic, negatives)
}
LEAST_EXACT, MOST_FLAGGED, SHARE_OF_ALARMS = 0.99, 0.01, 0.25
Laid = Sequence[tuple[str, Sample]]


def main() -> None:
    chosen = _arguments()
    if chosen.trees:
        show_trees()
        return
    if chosen.labelled:
        with tempfile.TemporaryDirectory() as rules:
            show_labelled(
                chosen.labelled,
                Path(rules),
                by_repository=chosen.by_repository,
                folds=chosen.folds,
                seed=chosen.seed,
            )
        return
    samples = [sample for name in chosen.only for sample in CORPORA[name](chosen.seed)]
    with tempfile.TemporaryDirectory() as tree, tempfile.TemporaryDirectory() as home:
        laid = _lay(samples, Path(tree))
        ready = contenders(chosen.cache, Path(home), chosen.without)
        results = {one.name: _result(one, laid, Path(tree)) for one in ready}
    if chosen.json:
        print(json.dumps(_as_data(results, chosen.seed), indent=2))
        return
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, seed {chosen.seed}"
    )
    _show(results, chosen.only)
    if chosen.show_misses:
        _show_mistakes(next(iter(results.values())).mistakes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(CORPORA), default=list(CORPORA), metavar="CORPUS")
    parser.add_argument("--without", nargs="+", choices=PEERS, default=[], metavar="PROGRAM")
    parser.add_argument("--json", action="store_true", help="print JSON, without values")
    parser.add_argument("--show-misses", action="store_true", help="show Tokenward's mistakes, masked")
    parser.add_argument("--trees", action="store_true")
    parser.add_argument("--labelled", type=Path, help="a file of labelled excerpts")
    parser.add_argument("--by-repository", action="store_true", help="with --labelled")
    parser.add_argument("--folds", type=int, default=1, help="with --labelled: the number of folds")
    parser.add_argument("--cache", type=Path, default=user_cache_path("tokenward-benchmarks"))
    return parser.parse_args()


def _lay(samples: Sequence[Sample], tree: Path) -> Laid:
    """Write each sample into a folder of its own, so that equal names do not collide."""
    laid = []
    for number, sample in enumerate(samples):
        path = f"{number:04}/{sample.path}"
        place = tree / path
        place.parent.mkdir(parents=True)
        place.write_text(sample.text, "utf-8", newline="")
        laid.append((path, sample))
    return laid


def _result(contender: Contender, laid: Laid, tree: Path) -> Result:
    return judged(laid, contender.scan(tree))


def _show(results: Mapping[str, Result], corpora: Sequence[str]) -> None:
    with_tokens = [name for name in corpora if name != "negatives"]
    if with_tokens:
        print("\nTokens found, exactly / at all:\n")
        print(f"| corpus | tokens | {' | '.join(results)} |")
        print(f"| --- | ---: | {' | '.join('---:' for _ in results)} |")
        for name in with_tokens:
            print(_recall_line(name, [result.scores[name] for result in results.values()]))
        totals = [_total(result, with_tokens) for result in results.values()]
        print(_recall_line("all", totals))
        print(f"| findings beside tokens | | {' | '.join(str(total.strays) for total in totals)} |")
    if "negatives" in corpora:
        print("\nHard negatives with a finding:\n")
        print(f"| samples | {' | '.join(results)} |")
        print(f"| ---: | {' | '.join('---:' for _ in results)} |")
        scores = [result.scores["negatives"] for result in results.values()]
        shares = (
            f"{_percent(one.flagged, one.clean)} ({one.flagged}; {one.alarms} findings)" for one in scores
        )
        print(f"| {scores[0].clean} | {' | '.join(shares)} |")
    print("\n" + "\n".join(_verdicts(results, corpora)))


def _recall_line(name: str, scores: Sequence[Score]) -> str:
    cells = (f"{_percent(one.exact, one.tokens)} / {_percent(one.overlapping, one.tokens)}" for one in scores)
    return f"| {name} | {scores[0].tokens} | {' | '.join(cells)} |"


def _total(result: Result, corpora: Sequence[str]) -> Score:
    scores = [asdict(result.scores[name]) for name in corpora]
    return Score(**{key: sum(score[key] for score in scores) for key in asdict(Score())})


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def _verdicts(results: Mapping[str, Result], corpora: Sequence[str]) -> Iterator[str]:
    ours, *others = results.values()
    for name in ("workspace", "ai"):
        if name in corpora:
            score = ours.scores[name]
            is_met = score.exact >= LEAST_EXACT * score.tokens
            yield f"- {_met(is_met)} {name}: at least 99% exactly: {_percent(score.exact, score.tokens)}"
    if "negatives" in corpora:
        score = ours.scores["negatives"]
        is_met = score.flagged < MOST_FLAGGED * score.clean
        yield f"- {_met(is_met)} less than 1% of hard negatives flagged: {_percent(score.flagged, score.clean)}"
    if others and {"generic", "negatives"} <= set(corpora):
        best = max(others, key=lambda result: result.scores["generic"].exact)
        own, theirs = ours.scores["generic"], best.scores["generic"]
        alarms, their_alarms = ours.scores["negatives"].flagged, best.scores["negatives"].flagged
        is_met = own.exact >= theirs.exact and alarms <= SHARE_OF_ALARMS * their_alarms
        yield (
            f"- {_met(is_met)} generic: {own.exact} exactly, the best other {theirs.exact};"
            f" hard negatives flagged {alarms}, by that one {their_alarms}"
        )


def _met(is_met: bool) -> str:
    return "met:" if is_met else "NOT met:"


def _show_mistakes(mistakes: Sequence[Mistake]) -> None:
    print(f"\nTokenward's mistakes: {len(mistakes)}")
    for one in sorted(mistakes, key=lambda one: (one.sample.corpus, one.what, one.sample.kind)):
        rules = f" by {', '.join(sorted(set(one.rules)))}" if one.rules else ""
        values = " ".join(_masked(value) for value in one.values)
        print(f"{one.sample.corpus}: {one.what}: {one.sample.kind}: {one.sample.path}: {values}{rules}")


def _masked(value: str) -> str:
    return f"{value[:6]!r}…({len(value)})"


def _as_data(results: Mapping[str, Result], seed: int) -> dict[str, object]:
    return {
        "seed": seed,
        "machine": platform.platform(),
        "programs": {
            name: {corpus: asdict(score) for corpus, score in result.scores.items()}
            for name, result in results.items()
        },
    }


if __name__ == "__main__":
    main()
