"""A review as JSON, as docs/reference/review.schema.json describes it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from tokenward.operations.review.model import LogReview
from tokenward.presentation.reports.spelling import json_text


def render(review: LogReview) -> str:
    """Return `{"tokens": […], "logs": […], …}`."""
    document = asdict(review)
    for one, token in zip(document["tokens"], review.tokens, strict=True):
        one["verdict"] = token.verdict.value
        one["strange"] = token.verdict.is_strange
        for uses, written in zip(token.uses, one["uses"], strict=True):
            written["whose"] = uses.whose.value
    return json_text({"strange": review.is_strange, **_spelled(document)})


def _spelled(value: Any) -> Any:
    """Return the document with times in ISO format."""
    if isinstance(value, dict):
        return {name: _spelled(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value
