"""Shared by the tests of rewriting: one token, one reference, and a move with its restoration."""

from __future__ import annotations

import tokens
from tokenward.model import Reference, Span
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import LANGUAGES, Language
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import Rewrite, plan_rewrite

TOKEN = tokens.github("rewriting")
REFERENCE = Reference("acme", "API_KEY")
LANGUAGE: dict[str, Language] = {language.name: language for language in LANGUAGES}


def filled(text: str, token: str = TOKEN) -> str:
    return text.replace("T0K", token)


def spans_of(text: str, token: str = TOKEN) -> list[Span]:
    spans, start = [], text.find(token)
    while start >= 0:
        spans.append(Span(start, start + len(token)))
        start = text.find(token, start + len(token))
    return spans


def move(name: str, text: str, token: str = TOKEN) -> tuple[str, Rewrite]:
    """Return the text without the token, and the rewrite, after checking that it can be undone byte for byte."""
    rewrite = plan_rewrite(text, LANGUAGE[name], spans_of(text, token), REFERENCE)
    moved = apply_edits(text, rewrite.edits)
    assert token not in moved
    steps = [type(step).from_json(step.to_json()) for step in rewrite.undo]
    assert token not in repr([step.to_json() for step in steps])
    back = plan_restore(moved, LANGUAGE[name], steps, REFERENCE, rewrite.value)
    assert apply_edits(moved, back) == text
    return moved, rewrite


def restored_without_record(name: str, moved: str, rewrite: Rewrite) -> str:
    return apply_edits(moved, plan_restore(moved, LANGUAGE[name], (), REFERENCE, rewrite.value))
