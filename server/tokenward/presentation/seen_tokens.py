"""The tokens in transcripts, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from tokenward.language import counted, listed
from tokenward.model import Fingerprint, Reference
from tokenward.operations.transcripts.survey import TranscriptPlace, TranscriptSurvey, TranscriptToken
from tokenward.places import by_home

_MOST_PLACES = 10


def seen_lines(found: TranscriptSurvey, references: Mapping[Fingerprint, Reference]) -> Iterator[str]:
    """Yield the lines about each token, the ones that an agent has seen first, and a summary."""
    tokens = sorted(found.tokens.values(), key=lambda token: not token.agents)
    for token in tokens:
        stored = references.get(token.fingerprint)
        yield f"{token.finding.label}, {f'stored as {stored}' if stored else 'not stored'}"
        yield f"  seen by {listed(token.agents)}" if token.agents else "  seen by no AI agent"
        groups = [*_places(token)]
        for place, number in groups[:_MOST_PLACES]:
            where = f"{by_home(place.file.path)}{f':{place.line}' if place.line else ''}"
            often = f", {counted(number, 'time')}" if number > 1 else ""
            yield f"  {place.agent}, {place.when:%Y-%m-%d %H:%M} UTC, {place.origin.value}{often}: {where}"
        if len(groups) > _MOST_PLACES:
            yield f"  and {len(groups) - _MOST_PLACES:,} more"
    seen = sum(bool(token.agents) for token in tokens)
    read = counted(found.files, "file")
    yield (
        f"{counted(len(tokens), 'token')} in {read}, {seen:,} of them seen by an AI agent."
        if tokens
        else (f"No tokens in {read} of AI agents, editors and shells.")
    )


def seen_data(found: TranscriptSurvey, references: Mapping[Fingerprint, Reference]) -> str:
    """Return `{"tokens": […], "files": 3, "troubles": […]}`."""
    tokens = [_data(token, references.get(token.fingerprint)) for token in found.tokens.values()]
    return json.dumps({"tokens": tokens, "files": found.files, "troubles": found.troubles}, indent=2)


def _data(token: TranscriptToken, reference: Reference | None) -> Mapping[str, Any]:
    finding = token.finding
    return {
        "label": finding.label,
        "rule": finding.rule,
        "provider": finding.provider,
        "fingerprint": finding.fingerprint,
        "reference": str(reference) if reference else None,
        "seen_by": token.agents,
        "places": [
            {
                "agent": place.agent,
                "is_agent": place.file.row.is_agent,
                "path": str(place.file.path),
                "line": place.line or None,
                "how": place.origin.value,
                "when": place.when.isoformat(timespec="seconds"),
            }
            for place in token.places
        ],
    }


def _places(token: TranscriptToken) -> Iterator[tuple[TranscriptPlace, int]]:
    """Yield the first place in each file for each way, with the number of places like it."""

    def kind(place: TranscriptPlace) -> tuple[str, str]:
        return str(place.file.path), place.origin.value

    groups = [[*places] for _, places in groupby(sorted(token.places, key=kind), kind)]
    for alike in sorted(groups, key=lambda group: (str(group[0].file.path), group[0].line)):
        yield alike[0], len(alike)
