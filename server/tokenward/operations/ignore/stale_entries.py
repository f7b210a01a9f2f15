"""Which entries of a `.tokenwardignore` a scan of the whole workspace had no use for."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from urllib.parse import unquote

from tokenward.detection.suppress.ignore_entry import IgnoreEntry
from tokenward.detection.suppress.ignore_file import IgnoreFile
from tokenward.detection.suppress.suppressor import IgnoredDetection
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.operations.ignore.find_tokens import tokens_in
from tokenward.operations.scan.file_scan import FileScanner
from tokenward.operations.scan.workspace_rules import Rules
from tokenward.sources.candidate import Candidate, Identity


class Idle(NamedTuple):
    """An entry without use.

    Attributes:
        why: in a few words, why it is thought to have none.
        is_stale: it surely has none in the workspace as it is.
    """

    entry: IgnoreEntry
    why: str
    is_stale: bool = True


def idle_entries(
    files: FileScanner,
    rules: Rules,
    silenced: Sequence[IgnoredDetection],
    outside: Collection[str],
    today: date,
) -> tuple[Idle, ...]:
    """The entries that silence nothing, in the file's order.

    Args:
        files: scanned the workspace.
        rules: of the workspace.
        silenced: what that scan says of all its files.
        outside: the paths, spelled as scopes are, that it did not look at; an empty one is the whole workspace.
        today: the day on which entries have expired or not.
    """
    unused = rules.local.ignore_file.stale(silenced, today)
    doubted = [entry for entry, _ in unused if not entry.has_expired(today)]
    used = set(_used(files, rules, silenced, doubted, today)) if doubted else set()
    known = _known_rules(files.scanner, rules) if doubted else set()
    return tuple(
        Idle(entry, why) if entry.has_expired(today) else _judged(entry, why, known, outside)
        for entry, why in unused
        if entry not in used
    )


def _judged(entry: IgnoreEntry, why: str, known: Collection[str], outside: Collection[str]) -> Idle:
    if unquote(entry.rule, errors="surrogatepass") not in known:
        return Idle(entry, "its rule is not in use on this machine", is_stale=False)
    if any(_may_hold_in(entry, path) for path in outside):
        return Idle(entry, "its token may stand in what was not looked at", is_stale=False)
    return Idle(entry, why)


def _used(
    files: FileScanner,
    rules: Rules,
    silenced: Sequence[IgnoredDetection],
    doubted: Sequence[IgnoreEntry],
    today: date,
) -> Iterator[IgnoreEntry]:
    """The entries that hold for a token beside what silences it first: a comment, say, or another entry."""
    file = IgnoreFile("", doubted)
    bare = replace(rules, local=replace(rules.local, ignore_sources=(), exceptions=(), comments=False))
    for path in sorted({one.path for one in silenced}):
        try:
            candidate = Candidate(str(rules.home), Identity.of(os.lstat(rules.home / path), path))
            tokens = tokens_in(files.scanner, bare, candidate, files.limit)
        except (OSError, TokenwardError):
            # What cannot be read a second time may hold any of them.
            yield from doubted
            return
        for token in tokens:
            found = token.detection
            yield from file.holding(found.secret, found.rule, path, today)


def _known_rules(scanner: Scanner, rules: Rules) -> set[str]:
    custom = rules.local.custom.scanner
    loaded = scanner.detector.load()
    every = [*loaded.all, *([custom] if custom else [])]
    return {str(rule["id"]) for one in every for rule in one.rules.metadata()}


def _may_hold_in(entry: IgnoreEntry, path: str) -> bool:
    """Whether an entry can hold for a path, or for one beneath it."""
    literal, wildcard, _ = entry.scope.partition("*")
    return (
        not path
        or entry.holds_for(path)
        or literal.startswith(f"{path}/")
        or (bool(wildcard) and f"{path}/".startswith(literal))
    )
