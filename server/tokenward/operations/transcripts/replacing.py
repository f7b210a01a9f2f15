"""Replaces values in transcripts by references or by our label, and changes nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from tokenward.findings.known_values.encodings import spellings
from tokenward.findings.known_values.known_values import Sieve
from tokenward.findings.stream.stars import stars
from tokenward.model import Secret
from tokenward.operations.transcripts.passages import JsonObject, is_identifier, parse_json
from tokenward.operations.transcripts.reading import CODING, PIECE

LABEL = "REDACTED_BY_TOKENWARD"
"""In place of a token that is not stored; no rule takes it for one, and it needs no escape anywhere."""
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


class ValueReplacer:
    """Knows the values to replace, and their encodings."""

    def __init__(self, values: Iterable[tuple[Secret, str]]) -> None:
        """Take each value with what to put in its place: ASCII without quotes or backslashes."""
        self._new: dict[bytes, bytes] = {}
        known = []
        for secret, new in values:
            escaped = Secret(json.dumps(secret.reveal(), ensure_ascii=False)[1:-1])
            for spelling in spellings([secret, escaped]):
                self._new.setdefault(spelling.content, new.encode())
                known.append(spelling)
        self._sieve = Sieve(known)
        self.longest = max((len(content) for content in self._new), default=0)

    def found(self, data: bytes) -> list[bytes]:
        """Return the spellings that occur in some bytes."""
        return [one.content for one in self._sieve.candidates(data) if one.content in data]

    def replaced(self, data: bytes, *, keeps_length: bool = False) -> bytes:
        """Return the bytes with every value replaced; of the same length on request."""
        found = self.found(data)
        if not found:
            return data
        pattern = b"|".join(map(re.escape, sorted(found, key=len, reverse=True)))
        return re.sub(pattern, lambda one: stars(one[0]) if keeps_length else self._new[one[0]], data)

    def replaced_cell(self, column: str, text: str) -> str:
        """Return a text of a database, like `replaced_text`."""
        return text if is_identifier(column, text) else self.replaced_text(text)

    def replaced_text(self, text: str) -> str:
        """Return a text with every value replaced; if it is JSON, only in its values."""
        if text[:1] in ("{", "["):
            try:
                tree = parse_json(text)
                strings = [*_strings(tree)]
                whole = "\n".join(string for string, _ in strings).encode("utf-8", "surrogatepass")
                if not self.found(whole):
                    return text
                pieces, end = [], 0
                for literal, (value, is_fixed) in zip(_LITERAL.finditer(text), strings, strict=True):
                    if not is_fixed and (new := self._literal(literal[0], value)) != literal[0]:
                        pieces += [text[end : literal.start()], new]
                        end = literal.end()
                return "".join([*pieces, text[end:]])
            except (ValueError, RecursionError):
                # What is not JSON, or too deep for it, is replaced as it is written.
                pass
        return self.replaced(text.encode(*CODING)).decode(*CODING)

    def _literal(self, written: str, value: str) -> str:
        """Return a JSON string with every value replaced, and as much else as possible as it was written."""
        data = value.encode("utf-8", "surrogatepass")
        new = self.replaced(data)
        if new == data:
            return written
        kept = self.replaced(written.encode(*CODING)).decode(*CODING)
        wanted = new.decode("utf-8", "surrogatepass")
        with suppress(ValueError):
            if json.loads(kept) == wanted:
                return kept
        return json.dumps(wanted)


def replaced_records(records: Iterable[bytes], replacer: ValueReplacer) -> Iterator[bytes]:
    """Yield records, each the text of one JSON document, with every value replaced."""
    for record in records:
        yield replacer.replaced_text(record.decode(*CODING)).encode(*CODING)


def replaced_bytes(stream: BinaryIO, replacer: ValueReplacer, *, keeps_length: bool) -> Iterator[bytes]:
    """Yield any stream with every value replaced, also one that is split between two reads."""
    rest = b""
    while data := stream.read(PIECE):
        data = rest + data
        # What may be the beginning of a value waits for the next read.
        settled = max((data.rfind(one) + len(one) for one in replacer.found(data)), default=0)
        end = max(settled, len(data) - replacer.longest + 1)
        yield replacer.replaced(data[:end], keeps_length=keeps_length)
        rest = data[end:]
    yield replacer.replaced(rest, keeps_length=keeps_length)


def _strings(tree: object) -> Iterator[tuple[str, bool]]:
    """Yield the strings of a parsed record in the order of its text, each with whether it must stay as it is."""
    if isinstance(tree, str):
        yield tree, False
    elif isinstance(tree, JsonObject):
        for key, child in tree:
            yield key, True
            for text, is_fixed in _strings(child):
                yield text, is_fixed or is_identifier(key, text)
    elif isinstance(tree, list):
        for child in tree:
            yield from _strings(child)
