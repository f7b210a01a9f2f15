"""Samples of tokens with a format of their own, each in many carriers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpora.carriers import CARRIERS
from corpora.carrying import Carrier
from corpora.draw import Draw
from corpora.naming import Words
from corpora.sample import Sample, labelled, mark, with_windows_lines

Make = Callable[[Draw], str]
Special = tuple[str, str]
"""A path, and a text with `{v}` for the marked value, and `{host}` and `{uuid}` for others."""

WINDOWS_SHARE = 0.08
"""The share of files with Windows line endings."""
BEARERS: tuple[Special, ...] = (
    ("run.sh", "curl -H 'Authorization: Bearer {v}' https://{host}/v1/items\n"),
    ("requests.http", "GET https://{host}/v1/items\nAuthorization: Bearer {v}\nAccept: application/json\n"),
    ("api.log", '2026-03-01 10:00:01 DEBUG headers={{"authorization": "Bearer {v}", "accept": "*/*"}}\n'),
    ("client.py", 'import requests\nheaders = {{"Authorization": f"Bearer {v}"}}\n'),
    ("src/api.ts", "const headers = {{ Authorization: 'Bearer {v}' }};\n"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of token.

    Attributes:
        label: its name in reports.
        make: draws a value, with or without marks.
        names: typical names of variables that hold it.
        specials: carriers for this kind only.
        carriers: other formats that can hold it.
        times: number of samples, in proportion to other kinds.
    """

    label: str
    make: Make
    names: Sequence[Words]
    specials: Sequence[Special] = ()
    carriers: Sequence[Carrier] = CARRIERS
    times: int = 1


def samples_of(corpus: str, kinds: Sequence[Kind], seed: int, each: int) -> Iterator[Sample]:
    for kind in kinds:
        for number in range(each * kind.times):
            yield _sample(corpus, kind, Draw(corpus, kind.label, seed, number), number)


def _sample(corpus: str, kind: Kind, draw: Draw, number: int) -> Sample:
    value = mark(kind.make(draw))
    if kind.specials and (not kind.carriers or number % 2):
        path, template = kind.specials[number // (2 if kind.carriers else 1) % len(kind.specials)]
        text = template.format(v=value, host=draw.host(), uuid=draw.uuid())
        return labelled(corpus, f"{kind.label} | {path}", path, text)
    carrier = draw.one(kind.carriers)
    path, text = carrier(draw, draw.one(kind.names), value)
    if draw.chance(WINDOWS_SHARE):
        text = with_windows_lines(text)
    return labelled(corpus, f"{kind.label} | {carrier.__name__}", path, text)


def prefixed(prefix: str, count: int, alphabet: str = "alphanumeric") -> Make:
    """Return a maker of values: a prefix and characters of one of Draw's alphabets."""
    return lambda draw: prefix + str(getattr(draw, alphabet)(count))
