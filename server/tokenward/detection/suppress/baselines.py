"""Findings accepted with other scanners: `.gitleaksignore` and `.secrets.baseline`."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping

from tokenward.detection.suppress.suppressor import IgnoreCandidate, short_rule
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Problem
from tokenward.text import split_lines

GITLEAKS_IGNORE = ".gitleaksignore"
SECRETS_BASELINE = ".secrets.baseline"
MAX_CHARACTERS = 10_000_000
MAX_PROBLEMS = 100
"""The most problems reported for a file; locating each takes a pass over the text."""
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class GitleaksIgnore:
    """Fingerprints `file:rule:line` and `commit:file:rule:line`, each with its line in the file."""

    path: str
    lines: Mapping[tuple[str, str, str, int], int]

    @classmethod
    def parse(cls, path: str, text: str) -> tuple[GitleaksIgnore, tuple[Problem, ...]]:
        """Parse a file; also return its problems."""
        lines: dict[tuple[str, str, str, int], int] = {}
        problems: list[Problem] = []
        if len(text) > MAX_CHARACTERS:
            return cls(path, lines), (_too_long(path),)
        for number, line in enumerate(split_lines(text.removeprefix("\ufeff"))):
            content = line.strip()
            if not content or content.startswith("#"):
                continue
            key = _fingerprint(content)
            if key is not None:
                lines.setdefault(key, number)
            elif len(problems) < MAX_PROBLEMS:
                sentence = "This is not a fingerprint; write `file:rule:line` or `commit:file:rule:line`."
                problems.append(Problem(path, number, sentence))
        return cls(path, lines), tuple(problems)

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        place = (candidate.path, candidate.short_rule, candidate.line + 1)
        commits = ("", candidate.commit.lower())
        line = next((n for c in commits if (n := self.lines.get((c, *place))) is not None), None)
        return None if line is None else f"{self.path}:{line + 1}"


@dataclass(frozen=True, slots=True)
class SecretsBaseline:
    """detect-secrets' baseline: the SHA-1 of each accepted secret with its lines, by file."""

    path: str
    hashes: Mapping[str, Mapping[str, frozenset[int]]]

    @classmethod
    def parse(cls, path: str, text: str) -> tuple[SecretsBaseline, tuple[Problem, ...]]:
        """Parse a file; also return its problems."""
        if len(text) > MAX_CHARACTERS:
            return cls(path, {}), (_too_long(path),)
        try:
            table = json.loads(text.removeprefix("\ufeff"))
        except json.JSONDecodeError as error:
            return cls(path, {}), (Problem(path, error.lineno - 1, "This is not valid JSON; fix it."),)
        except (ValueError, RecursionError):
            return cls(path, {}), (Problem(path, 0, "This is not valid JSON; fix it."),)
        results = table.get("results") if isinstance(table, dict) else None
        if not isinstance(results, dict):
            sentence = "The file has no `results` and accepts nothing; write it with `detect-secrets scan`."
            return cls(path, {}), (Problem(path, 0, sentence),)
        return cls._from_results(path, text, results)

    @classmethod
    def _from_results(
        cls, path: str, text: str, results: Mapping[str, object]
    ) -> tuple[SecretsBaseline, tuple[Problem, ...]]:
        hashes: dict[str, dict[str, frozenset[int]]] = {}
        problems: list[Problem] = []
        for name, entries in results.items():
            accepted = _accepted_lines(entries)
            if accepted is not None:
                hashes[_normal(name)] = accepted
            elif len(problems) < MAX_PROBLEMS:
                line = text.count("\n", 0, max(0, text.find(json.dumps(name))))
                sentence = (
                    "An entry for the file has no `hashed_secret`; write it with `detect-secrets scan`."
                )
                problems.append(Problem(path, line, sentence))
        return cls(path, hashes), tuple(problems)

    def ignored_by(self, candidate: IgnoreCandidate) -> str | None:
        accepted = self.hashes.get(candidate.path)
        if not accepted:
            return None
        values = (candidate.value, candidate.secret.reveal())
        header = re.match(r"-----(BEGIN [^\n-]*)-----", candidate.value)
        # Of a private key, detect-secrets hashes only the header, so the line must be the same too.
        known_key = header is not None and candidate.line + 1 in accepted.get(_sha1(header[1]), ())
        return self.path if known_key or any(_sha1(value) in accepted for value in values) else None


def _fingerprint(text: str) -> tuple[str, str, str, int] | None:
    parts = text.split(":")
    if len(parts) not in (3, 4) or not re.fullmatch(r"[0-9]{1,9}", parts[-1]):
        return None
    commit = parts[0].lower() if len(parts) == 4 else ""
    if len(parts) == 4 and not _COMMIT.fullmatch(commit):
        return None
    return commit, _normal(parts[-3]), short_rule(parts[-2]), int(parts[-1])


def _accepted_lines(entries: object) -> dict[str, frozenset[int]] | None:
    if not isinstance(entries, list):
        return None
    lines: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        hashed = entry.get("hashed_secret") if isinstance(entry, dict) else None
        if not isinstance(hashed, str) or not _SHA1.fullmatch(hashed):
            return None
        if isinstance(entry.get("line_number"), int):
            lines[hashed].add(entry["line_number"])
        else:
            lines[hashed] |= set()
    return {hashed: frozenset(numbers) for hashed, numbers in lines.items()}


def _normal(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")


def _sha1(value: str) -> str:
    return hashlib.sha1(value.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _too_long(path: str) -> Problem:
    return Problem(
        path, 0, f"The file is longer than {MAX_CHARACTERS:,} characters and was not read; shorten it."
    )
