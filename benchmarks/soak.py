"""A long run: a workspace changes at random, and the server's findings must stay those of a fresh scan.

    python benchmarks/soak.py [--minutes 30] [--files 20000] [--seed N] [--modes push pull] [--cache FOLDER]
        [--trace FILE]

Files are edited, created, renamed, deleted and replaced by folders, links and binary data. Git switches between
branches, rule files come and go, and documents are opened, edited, saved and closed. Now and then more changes at once
than the system reports. At each pause, the view of each server is compared with `tokenward scan --no-cache` of the same
folder, by path, position, rule and fingerprint, and its process is measured: memory, open files, threads, watched
folders.

Fewer files hold a token than the thousand that the server reports, so that the two can be compared. The exit code is 0
if no view differed and nothing grew.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from soak_changes import step
from soak_client import Client, Measure, Place, to_path
from soak_tree import Tree

import keyring_session
from tokenward.detection.suppress.suppressor import short_rule

SCAN = [sys.executable, "-m", "tokenward.cli", "scan", "--no-cache", "--format", "json"]
PATIENCE = 90.0
"""Seconds after which a view that still differs counts as wrong."""
QUIET = 1.0
"""Seconds for which a view must stay correct."""
CHANGING = 0.75
"""The share of the time for changes; the rest is for the pauses."""
SETTLING = 3.0
MOST_DOCUMENTS = 6
MOST_NEW_THREADS = 4
"""A thread pool fills slowly; one that leaks exceeds this within a minute."""
GROWTH = 0.10
GROWTH_MB = 8.0
"""The difference in median memory between the first and the last third of the pauses that counts as growth, not noise.
The first pauses are left out: a server reaches its level once it has scanned everything after a burst."""


@dataclass
class Watched:
    """A client, and the measurements of its server at each pause."""

    client: Client
    random: random.Random
    measures: list[Measure] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    differences: int = 0
    watched_too_much: bool = False


class Soak:
    """One run."""

    def __init__(
        self, tree: Tree, clients: Sequence[Client], environment: Mapping[str, str], seed: int
    ) -> None:
        self.tree = tree
        self.environment = environment
        self.random = random.Random(seed)
        self.watched = [Watched(client, random.Random(seed + n)) for n, client in enumerate(clients)]
        self.began = time.monotonic()
        self.bursts = 0
        self.most_tokens = 0

    def run(self, seconds: float, pauses: int) -> None:
        """Change the workspace for `seconds`, with `pauses` pauses, or fewer if they take long."""
        self.pause()
        end = time.monotonic() + seconds
        for number in range(pauses):
            if time.monotonic() > end:
                return
            self.churn(time.monotonic() + (end - time.monotonic()) / (pauses - number) * CHANGING)
            if number % 5 == 0:
                self.burst()
            self.pause()

    def churn(self, until: float) -> None:
        while time.monotonic() < until:
            for _ in range(self.random.choice((1, 5, 30))):
                step(self.tree)
                if self.random.random() < 0.1:
                    self.type(self.random.choice(self.watched))
            time.sleep(self.random.choice((0.0, 0.02, 0.3)))
        self.tree.look()

    def burst(self) -> None:
        """Change so much at once that the servers miss some of it; stop them meanwhile, as on a busy machine."""
        # Not while a server restarts its watcher: it would then scan everything, and miss nothing.
        time.sleep(SETTLING)
        for one in self.watched:
            one.client.process.send_signal(signal.SIGSTOP)
        self.tree.burst()
        for one in self.watched:
            one.client.process.send_signal(signal.SIGCONT)
        self.bursts += 1

    def type(self, one: Watched) -> None:
        """Do something in an editor."""
        some, client = one.random, one.client
        if client.documents and some.random() < 0.8:
            uri = some.choice(list(client.documents))
            action = some.randrange(6)
            if action == 0:
                client.close(uri)
            elif action == 1:
                if _text(to_path(uri)) is not None:
                    self.tree.trace(f"save {to_path(uri)!r}")
                    client.save(uri)
            else:
                line = f"{self.tree.token_line()}\n" if some.random() < 0.2 else "x"
                client.insert(uri, some.randrange(5), line)
        elif len(client.documents) < MOST_DOCUMENTS:
            path = self.tree.a_file()
            taken = any(path.as_uri() in other.client.documents for other in self.watched)
            if not taken and (text := _text(path)) is not None:
                self.tree.trace(f"open {path!r}")
                client.open(path, text)
        if some.random() < 0.2:
            client.heard(some.sample(self.tree.files, 3))

    def pause(self) -> None:
        """Let everything settle, compare, measure."""
        for one in self.watched:
            self.rest(one)
        expected = self.scan(self.tree.folder)
        if self.tree.trim_leaky({Path(place[0]) for place in expected}):
            expected = self.scan(self.tree.folder)
        for one in self.watched:
            self.compare(one, self.expected_of(one.client, expected))
            one.measures.append(one.client.measure())
            one.watched_too_much |= one.measures[-1].watches > len(self.tree.folders)
        self.most_tokens = max(self.most_tokens, expected.total())
        self.say(expected)

    def rest(self, one: Watched) -> None:
        """Close each document or reload it from disk, as an editor does when a file changes."""
        for uri in list(one.client.documents):
            text = _text(to_path(uri))
            if text is None or one.random.random() < 0.5:
                one.client.close(uri)
            elif text != one.client.documents[uri]:
                one.client.replace(uri, text)

    def expected_of(self, client: Client, expected: Counter[Place]) -> Counter[Place]:
        """Return the expected view, in which an open document counts even if its file is ignored."""
        opened = [to_path(uri) for uri in client.documents]
        names = set(map(str, opened))
        others = Counter({place: count for place, count in expected.items() if place[0] not in names})
        return others + self.scan(*opened) if opened else others

    def compare(self, one: Watched, expected: Counter[Place]) -> None:
        began = time.monotonic()
        right_since: float | None = None
        while right_since is None or time.monotonic() < right_since + QUIET:
            now = time.monotonic()
            if one.client.view() != expected:
                right_since = None
                if now > began + PATIENCE:
                    self.differs(one, expected)
                    return
            elif right_since is None:
                right_since = now
            time.sleep(0.05)
        one.waits.append(right_since - began)

    def differs(self, one: Watched, expected: Counter[Place]) -> None:
        view = one.client.view()
        missing, stale = expected - view, view - expected
        one.differences += 1
        one.waits.append(math.inf)
        self.tree.trace(f"DIFFERS {one.client.mode}")
        print(f"  {one.client.mode}: {missing.total()} findings are missing, {stale.total()} are stale")
        for kind, places in (("missing", missing), ("stale", stale)):
            for place in sorted(places)[:5]:
                print(f"    {kind} {place!a}")

    def scan(self, *paths: Path) -> Counter[Place]:
        """Return the findings of a fresh scan."""
        done = subprocess.run(
            [*SCAN, *map(str, paths)],
            cwd=self.tree.folder,
            env=dict(self.environment),
            capture_output=True,
            check=False,
        )
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stderr.decode())
        return Counter(map(self._place, json.loads(done.stdout)["findings"]))

    def _place(self, finding: dict[str, object]) -> Place:
        start, end = finding["start"], finding["end"]
        assert isinstance(start, dict)
        assert isinstance(end, dict)
        return (
            str(self.tree.folder / str(finding["path"])),
            *(start["line"], start["character"], end["line"], end["character"]),
            short_rule(str(finding["rule"])),
            str(finding["fingerprint"]),
        )

    def say(self, expected: Counter[Place]) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        holding = len({place[0] for place in expected})
        print(
            f"{minutes:3}:{seconds:02}  {self.tree.done.total()} changes, {len(self.tree.files)} files, "
            f"{len(self.tree.folders)} folders, {holding} with {expected.total()} tokens"
        )
        for one in self.watched:
            m = one.measures[-1]
            wait = f"right after {one.waits[-1]:.1f} s"
            print(
                f"        {one.client.mode}: {wait}, {m.rss:.1f} MB, {m.files} open files, {m.threads} threads, "
                f"{m.watches} watches, {len(one.client.documents)} documents",
                flush=True,
            )


def _text(path: Path) -> str | None:
    """Return a file's text as an editor would show it, or None if it is no plain text."""
    with suppress(OSError, UnicodeError):
        text = path.read_bytes().decode() if path.is_file() and not path.is_symlink() else "\0"
        return None if "\0" in text else text
    return None


def verdict(one: Watched, bursts: int) -> list[str]:
    """Return the faults of a server, in sentences."""
    mode, wrong = one.client.mode, []
    overflows = sum("changed at once" in said for said in one.client.told)
    print(f"{mode}: the queue of changes overflowed {overflows} times")
    if overflows < bursts:
        wrong.append(f"{mode}: {bursts} times changes were lost, and it was said {overflows} times")
    if one.differences:
        wrong.append(f"{mode}: the view differed at {one.differences} of {len(one.measures)} pauses")
    if one.watched_too_much:
        wrong.append(f"{mode}: more folders were watched than there are")
    settled = one.measures[len(one.measures) // 6 :]
    first, last = settled[: len(settled) // 3 or 1], settled[-(len(settled) // 3 or 1) :]
    before, after = (statistics.median(m.rss for m in some) for some in (first, last))
    print(f"{mode}: memory {before:.1f} MB in the first third, {after:.1f} MB in the last")
    if after > before * (1 + GROWTH) + GROWTH_MB:
        wrong.append(f"{mode}: memory grew from {before:.1f} MB to {after:.1f} MB")
    for what, more in (("files", 0), ("threads", MOST_NEW_THREADS)):
        before, after = max(getattr(m, what) for m in first), getattr(last[-1], what)
        print(f"{mode}: {before} {what} at first, {after} at the end")
        if after > before + more:
            wrong.append(f"{mode}: {what} grew from {before} to {after}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--pauses", type=int, default=0, help="one a minute by default")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--modes", nargs="+", choices=["push", "pull"], default=["push", "pull"])
    parser.add_argument("--cache", type=Path, help="the user's cache folder, by default an empty one")
    parser.add_argument("--trace", type=Path, help="a file to log every action to")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    with keyring_session.keyring_session("absent") as environment, tempfile.TemporaryDirectory() as name:
        tree = Tree(Path(name).resolve() / "acme", chosen.files, chosen.seed)
        if chosen.cache:
            environment["XDG_CACHE_HOME"] = str(chosen.cache)
        if chosen.trace:
            lines = chosen.trace.open("w", encoding="utf-8", errors="backslashreplace")
            tree.trace = lambda text: print(f"{time.monotonic():.3f} {text}", file=lines, flush=True)
        tree.build()
        clients = [Client(mode, tree.folder, environment, Path(name, f"{mode}.err")) for mode in chosen.modes]
        soak = Soak(tree, clients, environment, chosen.seed)
        soak.run(chosen.minutes * 60, chosen.pauses or max(3, round(chosen.minutes)))
        wrong = [] if soak.most_tokens else ["there was never a token to be shown"]
        wrong += [sentence for one in soak.watched for sentence in verdict(one, soak.bursts)]
        wrong += [f"{client.mode}: exit code {code}" for client in clients if (code := client.end())]
        wrong += [
            f"{client.mode}: stderr holds {said!r}"
            for client in clients
            if (said := Path(name, f"{client.mode}.err").read_text())
        ]
    print(", ".join(f"{count} {what}" for what, count in sorted(tree.done.items())))
    print("\n".join(wrong) or "no view differed, and nothing grew")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
