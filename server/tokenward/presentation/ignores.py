"""The output of `tokenward ignore list`, parts of which other verbs print too."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreEntry
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.model import IgnoredDetection
from tokenward.operations.ignore.review import IgnoreReview, UnusedEntry
from tokenward.presentation.reports.spelling import json_text, spelled

FORBIDDEN = "`allow-repository-ignores` is off here, so none of this is ignored for you."


def as_text(review: IgnoreReview) -> str:
    """Return the entries and the ignored places, one per line."""
    return "\n".join(spelled(line) for line in _lines(review))


def as_json(review: IgnoreReview) -> str:
    """Return the same as JSON, with lines counted from 1."""
    idle = {one.entry: one for one in review.unused}
    document = {
        "workspace": str(review.home),
        "in_effect": review.is_in_effect,
        "entries": [_object(entry, idle.get(entry)) for entry in review.entries],
        "silenced": [
            {"path": one.path, "line": one.line + 1, "rule": one.rule, "by": one.by}
            for one in review.silenced
        ],
        "problems": [
            {"path": one.path, "line": one.line + 1, "sentence": one.sentence} for one in review.problems
        ],
        "left_out": list(review.left_out),
    }
    return json_text(document)


def described(entry: IgnoreEntry) -> str:
    """Return an entry in words, without its key."""
    what = "any value that could be guessed" if entry.key is None else "one value"
    until = f", until {entry.until}" if entry.until else ""
    return f"{IGNORE_FILE}:{entry.line + 1}: {entry.scope} {entry.rule}, {what}{until} ({entry.reason})"


def place(silenced: IgnoredDetection) -> str:
    """Return an ignored place, with the entry or comment that ignores it."""
    return f"{silenced.path}:{silenced.line + 1}: {short_rule(silenced.rule)}, ignored by {silenced.by}"


def total(review: IgnoreReview) -> str:
    """Return how much each source ignores, and how many entries are stale."""
    sources = ", ".join(f"{count:,} by {source}" for source, count in sorted(review.sources.items()))
    total = f"{sources or 'nothing'}."
    stale = len(review.stale)
    return f"{total} Stale entries: {stale:,}; `tokenward ignore prune` removes them." if stale else total


def _lines(review: IgnoreReview) -> Iterator[str]:
    idle = {one.entry: one for one in review.unused}
    for entry in review.entries:
        unused = idle.get(entry)
        state = f"; {'stale' if unused.is_stale else 'maybe stale'}: {unused.why}" if unused else ""
        yield f"{described(entry)}{state}"
    for silenced in review.silenced:
        yield place(silenced)
    for problem in review.problems:
        yield f"no effect: {problem}"
    yield from review.left_out
    yield f"Ignored: {total(review)}"
    if not review.is_in_effect:
        yield FORBIDDEN


def _object(entry: IgnoreEntry, idle: UnusedEntry | None) -> dict[str, object]:
    return {
        "line": entry.line + 1,
        "scope": entry.scope,
        "rule": entry.rule,
        "keyed": entry.key is not None,
        "until": entry.until.isoformat() if entry.until else None,
        "reason": entry.reason,
        "stale": idle is not None and idle.is_stale,
        "why": idle.why if idle is not None else None,
    }
