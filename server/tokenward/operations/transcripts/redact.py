"""Redacts tokens in transcripts: in place, whole or not at all, and not in a file that a program has open.

A value becomes a reference or our label, and nothing else changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tokenward.custody.callers.open_files import programs_with
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record, texts_of
from tokenward.errors import TokenwardError
from tokenward.findings.known_values.encodings import spellings
from tokenward.findings.known_values.known_values import Sieve
from tokenward.findings.scan import Scanner
from tokenward.findings.stream.stars import stars
from tokenward.language import listed
from tokenward.model import Fingerprint, Reference, Secret
from tokenward.operations.context import Context
from tokenward.operations.files.file_writing import require_writable, rewrite_file
from tokenward.operations.files.writes_under_way import noted
from tokenward.operations.transcripts.databases import BESIDE, scrub, update
from tokenward.operations.transcripts.reading import (
    CODING,
    LARGEST_RECORD,
    PIECE,
    JsonObject,
    is_identifier,
    parse_json,
)
from tokenward.operations.transcripts.survey import TranscriptSurvey, TranscriptToken, survey
from tokenward.operations.transcripts.transcript_files import Format, TranscriptFile

LABEL = "REDACTED_BY_TOKENWARD"
"""In place of a token that is not stored; no rule takes it for one, and it needs no escape anywhere."""
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class RedactedFile:
    """What became of a file.

    Attributes:
        gone: the tokens that are no longer in it.
        reason: why some are left; empty if none is.
    """

    path: Path
    gone: tuple[TranscriptToken, ...] = ()
    left: tuple[TranscriptToken, ...] = ()
    reason: str = ""


_PARTLY = "its value also is an ordinary word, or is in a name of a field; change it by hand"


class Redaction:
    """One run, over the tokens of a survey."""

    def __init__(
        self,
        context: Context,
        found: TranscriptSurvey,
        references: Mapping[Fingerprint, Reference],
        named: Callable[[str], str],
        notes: Path,
    ) -> None:
        """Take the references of the stored tokens, the ledger's names of paths, and the folder of notes of writes."""
        self._ledger = context.ledger
        self._scanner: Scanner = context.scanner
        self._found = found
        self._references = references
        self._named = named
        self._notes = notes
        self._replacer = ValueReplacer(
            (token.secret, str(references.get(token.fingerprint, LABEL))) for token in found.tokens.values()
        )

    def settle(self, files: Iterable[TranscriptFile]) -> None:
        """Complete or close the redactions whose process died, before any other; some left copies in a database.

        Raises:
            StateDamaged: the ledger cannot be written.
        """
        started = self._ledger.abandoned(schema.OPEN_REDACTIONS)
        by_name = {self._named(str(file.path)): file for file in files} if started else {}
        for record in started:
            self._settle(record, by_name.get(record.origin or ""))

    def redact(self, files: Iterable[TranscriptFile]) -> Iterator[RedactedFile]:
        """Redact each file that has a token; yield what became of it.

        Raises:
            StateDamaged: the ledger cannot be written.
        """
        for file in files:
            if tokens := self._found.of(file.path):
                yield self._redact(file, tokens)

    def _redact(self, file: TranscriptFile, tokens: Sequence[TranscriptToken]) -> RedactedFile:
        if reason := self._obstacle(file):
            return RedactedFile(file.path, left=tuple(tokens), reason=reason)
        origin = self._named(str(file.path))
        detail = {**_program(file), "tokens": [token.fingerprint for token in tokens]}
        number = self._ledger.record_start(
            NewRecord(Event.REDACTION_STARTED, None, None, origin, None, detail)
        )
        try:
            digest = self._rewrite(file)
        except (TokenwardError, OSError) as error:
            why = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
            # Where a database was changed and only its copies are left, the redaction stays open for the next run.
            if survey(self._scanner, [file]).tokens.keys() & {token.fingerprint for token in tokens}:
                detail = {"why": type(error).__name__}
                self._ledger.record_outcome(schema.OPEN_REDACTION, number, Event.REDACTION_UNDONE, detail)
            return RedactedFile(file.path, left=tuple(tokens), reason=why)
        still = survey(self._scanner, [file]).tokens
        gone = tuple(token for token in tokens if token.fingerprint not in still)
        left = tuple(token for token in tokens if token.fingerprint in still)
        self._record(
            number, origin, [token.fingerprint for token in gone], {"digest": digest, **_program(file)}
        )
        return RedactedFile(file.path, gone, left, _PARTLY if left else "")

    def _obstacle(self, file: TranscriptFile) -> str:
        """Return why a file must stay as it is; empty if nothing is known."""
        if file.path in self._found.unsure:
            return "it could not be read to its end"
        beside = (
            [Path(f"{file.path}{ending}") for ending in BESIDE] if file.row.format is Format.SQLITE else []
        )
        if programs := programs_with([file.path, *beside]):
            return f"{listed(programs, 3)} has it open; end that session, then repeat the command"
        return ""

    def _rewrite(self, file: TranscriptFile) -> str:
        """Rewrite a file; return the SHA-256 of its new content."""
        require_writable(file.path)
        if file.row.format is Format.SQLITE:
            update(file.path, LARGEST_RECORD, self._replacer.replaced_cell)
            scrub(file.path, LARGEST_RECORD)
            with file.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        with noted(self._notes, [file.path.parent]):
            return rewrite_file(file.path, lambda stream: self._pieces(file.row.format, stream))

    def _pieces(self, format_: Format, stream: BinaryIO) -> Iterator[bytes]:
        match format_:
            case Format.LINES:
                return replaced_records(stream, self._replacer)
            case Format.JSON:
                return replaced_records([stream.read()], self._replacer)
        return replaced_bytes(stream, self._replacer, keeps_length=format_ is Format.BINARY)

    def _record(
        self, number: int, origin: str, gone: Sequence[Fingerprint], detail: Mapping[str, JSON]
    ) -> None:
        """Record what was redacted, without values, in one transaction that ends the redaction."""
        if not gone:
            self._ledger.record_outcome(
                schema.OPEN_REDACTION, number, Event.REDACTION_UNDONE, {"why": "left"}
            )
            return
        redacted = []
        for token in gone:
            reference = self._references.get(token)
            new = {**detail, "new": str(reference or LABEL)}
            redacted.append(NewRecord(Event.REDACTED, reference, token, origin, number, new))
        withdrawn = [NewRecord(Event.WITHDRAWN, None, token, origin) for token in gone]
        self._ledger.record_all([*redacted, *withdrawn])

    def _settle(self, record: Record, file: TranscriptFile | None) -> None:
        here = {token.fingerprint for token in self._found.of(file.path)} if file else set()
        gone = [one for one in map(Fingerprint, texts_of(record.detail, "tokens")) if one not in here]
        origin = record.origin or ""
        if file is None and os.path.lexists(origin):
            # It is another workspace's, whose next run settles it.
            return
        if file is None or not gone:
            self._record(record.id, origin, [], {})
        elif not self._obstacle(file):
            # It was changed before the process died, but a database may still have copies.
            with contextlib.suppress(TokenwardError, OSError):
                self._record(record.id, origin, gone, {"digest": self._rewrite(file), **_program(file)})


def _program(file: TranscriptFile) -> dict[str, JSON]:
    return {"agent" if file.row.is_agent else "by": file.row.agent}


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
