"""`tokenward scan` of whole source trees, compared with other scanners and `rg` in one interleaved run.

    python benchmarks/workspace.py [--runs 5] [--trees python cloud …] [--without detect-secrets …]

Packages are downloaded and peers installed on demand, into the cache folder `tokenward-benchmarks`. Each run is a whole
process after a read of the whole tree, so that none waits for the disk. Programs take turns, to share the load. Figures
are medians; memory is that of the largest process. A program that takes longer than `--slow` runs once, and is stopped
after `--longest`. Runs on Linux and macOS.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from measuring import Run, read_through, run
from peers import PEERS, Peer, tokenward
from platformdirs import user_cache_path
from trees import TREES, Tree, laid, size

LARGEST_FILE = 256_000_000
"""Bytes of the largest file to read: Kingfisher's default."""
GOAL_SECOND, GOAL_PEAK = 5, 300_000_000


@dataclass(slots=True)
class Row:
    """The runs of one program on one tree."""

    peer: Peer
    runs: list[Run] = field(default_factory=list)
    findings: str = ""

    @property
    def wall(self) -> float:
        return statistics.median(one.wall for one in self.runs)

    @property
    def cpu(self) -> float:
        return statistics.median(one.cpu for one in self.runs)

    @property
    def peak(self) -> int:
        return max(one.peak for one in self.runs)

    @property
    def was_stopped(self) -> bool:
        return any(one.was_stopped for one in self.runs)

    @property
    def is_rival(self) -> bool:
        """Return whether it is a scanner and succeeded."""
        return self.peer.is_scanner and not self.findings.startswith("failed")


class Bench:
    """Runs programs in a home of their own, so that no user settings apply."""

    def __init__(self, home: Path, longest: float) -> None:
        self._home, self._longest = home, longest
        folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **folders}
        settings = home / "config" / "tokenward" / "config.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"max-file-bytes = {LARGEST_FILE}\n")

    def rehearse(self, peers: Sequence[Peer]) -> None:
        """Run each program once, so that it compiles and caches its rules."""
        folder = self._home / "rehearsal"
        folder.mkdir()
        (folder / "empty.py").write_text("pass\n")
        for peer in peers:
            self.take(Row(peer), folder)

    def take(self, row: Row, tree: Path) -> None:
        """Run a program once more and record the result."""
        report, stdout = self._home / "report.json", self._home / "stdout"
        report.unlink(missing_ok=True)
        if row.peer.forgets:
            (self._home / "cache" / "tokenward" / "scans.db").unlink(missing_ok=True)
        read_through(tree)
        done = run(row.peer.command(tree, report), stdout, self._environment, tree, self._longest)
        row.runs.append(done)
        row.findings = _findings(row.peer, report if report.exists() else stdout, done)


def _findings(peer: Peer, report: Path, done: Run) -> str:
    if done.was_stopped:
        return "stopped"
    try:
        found = peer.findings(report)
    except (ValueError, KeyError, TypeError):
        return f"failed ({done.code})"
    return "" if found is None else f"{found:,}"


def main() -> None:
    chosen = _arguments()
    trees = [tree for tree in TREES if tree.name in chosen.trees]
    places = {tree.name: laid(tree, chosen.cache) for tree in trees}
    peers = [*tokenward(), *_installed(chosen.cache, chosen.without)]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before;")
    engine = version("kingfisher-secret-scanner")
    print(f"Python {platform.python_version()}, tokenward {version('tokenward')}, engine {engine};")
    print(f"{chosen.runs} runs, medians.")
    print("\n" + "\n".join(f"- {peer.name}: {peer.note}" for peer in peers))
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), chosen.longest)
        bench.rehearse(peers)
        for tree in trees:
            _show(tree, places[tree.name], _rows(bench, peers, places[tree.name], chosen))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [tree.name for tree in TREES]
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--trees", nargs="+", choices=names, default=names)
    parser.add_argument("--without", nargs="+", default=[], help="names of programs to leave out")
    parser.add_argument("--slow", type=float, default=30.0, help="seconds")
    parser.add_argument("--longest", type=float, default=90.0, help="seconds")
    parser.add_argument("--cache", type=Path, default=user_cache_path("tokenward-benchmarks"))
    return parser.parse_args()


def _installed(cache: Path, without: Sequence[str]) -> Iterator[Peer]:
    for install in PEERS:
        name = install.__name__.replace("_", "-")
        if name in without:
            print(f"Left out: {name}.")
            continue
        try:
            yield install(cache)
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            print(f"MISSING: {name} cannot be installed ({type(error).__name__}).")


def _rows(bench: Bench, peers: Sequence[Peer], tree: Path, chosen: argparse.Namespace) -> list[Row]:
    rows = [Row(peer) for peer in peers]
    for number in range(chosen.runs):
        for row in rows:
            if number == 0 or row.wall < chosen.slow:
                bench.take(row, tree)
    return rows


def _show(tree: Tree, place: Path, rows: Sequence[Row]) -> None:
    files, held = size(place)
    first, filling, second, *others = rows
    made_of = ", ".join([*tree.wheels, *tree.tarballs]) or ("logs" if tree.logs else "small Python modules")
    print(f"\n## {tree.name}: {files:,} files, {held / 1e6:.0f} MB ({made_of})\n")
    print("| program | wall | to tokenward | CPU | to tokenward | memory | findings | runs |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(_line(row, first))
    fastest = min((row.wall for row in others if row.is_rival), default=float("inf"))
    print(f"\n- {_met(first.wall < fastest)} fastest scanner: {first.wall:.2f} s, the next {fastest:.2f} s")
    ratio = first.wall / second.wall
    print(
        f"- {_met(ratio >= GOAL_SECOND)} second scan at least {GOAL_SECOND} times faster: {ratio:.1f} times"
    )
    peak = max(row.peak for row in (first, filling, second))
    print(
        f"- {_met(peak < GOAL_PEAK)} memory below {GOAL_PEAK / 1e6:.0f} MB: {peak / 1e6:.0f} MB", flush=True
    )


def _line(row: Row, first: Row) -> str:
    if row.was_stopped:
        return f"| {row.peer.name} | > {row.wall:.0f} s | > {row.wall / first.wall:.0f} | | | | stopped | 1 |"
    ratios: list[Callable[[Row], float]] = [lambda one: one.wall, lambda one: one.cpu]
    pairs = " | ".join(f"{of(row):.2f} s | {of(row) / of(first):.2f}" for of in ratios)
    return f"| {row.peer.name} | {pairs} | {row.peak / 1e6:.0f} MB | {row.findings} | {len(row.runs)} |"


def _met(is_met: bool) -> str:
    return "met:" if is_met else "NOT met:"


if __name__ == "__main__":
    main()
