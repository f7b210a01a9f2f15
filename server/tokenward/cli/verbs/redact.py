"""`tokenward redact`: copy a stream or files with the tokens masked and nothing else changed."""

from __future__ import annotations

import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.read_ahead import ChunkReader, Pause, chunks_and_pauses, reader_for
from tokenward.cli.support.terminal import named_output_failures, note, say
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.findings.stream.masking import Masker
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.language import counted
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import shown

MASKED = 1
"""Exit code with `--fail` if a token was masked."""
STDIN = "stdin"
"""The file name that rules see for stdin."""
_HYPHEN = Path("-")
_MOST_LABELS = 1_000
_OTHERS = "others"


def redact(
    files: list[Path] = typer.Argument(
        None, metavar="[FILE]...", help="Files to copy, in this order; stdin without files, or for `-`."
    ),
    *,
    columns: int = typer.Option(
        0,
        "--columns",
        metavar="N",
        min=0,
        help="The width of the terminal that wrapped the lines of this output.",
    ),
    summary: bool = typer.Option(
        None,
        "--summary/--quiet",
        help="Print a summary to stderr; by default only if stderr is a terminal.",
    ),
    fail: bool = typer.Option(False, "--fail", help="Exit with 1 if a token was masked."),
) -> None:
    """Copy stdin or files to stdout, with the tokens masked.

    A token's public prefix, such as `ghp_`, stays visible. Ignore entries and ignore comments have no effect. Exit
    codes: 0 with or without tokens, 2 on a failure; text that was not scanned is not printed.
    """
    sources = files or [_HYPHEN]
    for file in sources:
        if file != _HYPHEN and not file.exists():
            raise TokenwardError(f"{shown(file)} does not exist; check the path.")
        if file != _HYPHEN and file.is_dir():
            raise TokenwardError(f"{shown(file)} is a folder; name the files in it.")
    invocation = Invocation.here()
    # Neither the text nor the repository may let a token through.
    strict = replace(invocation.settings, allow_repository_ignores=False)
    scanner = invocation.scanner()
    redaction = _Redaction(scanner.detector, RootRules(scanner, strict, invocation.places), columns)
    for file in sources:
        with _opened(file) as descriptor:
            redaction.copy(descriptor, STDIN if file == _HYPHEN else str(file))
    if sys.stderr is not None and (sys.stderr.isatty() if summary is None else summary):
        for line in _summary(redaction.masked):
            say(line)
    raise typer.Exit(MASKED if fail and redaction.masked else 0)


class _Redaction:
    """One run of the verb.

    Attributes:
        masked: the number of masked tokens, by label.
    """

    def __init__(self, detector: Detector, rules: RootRules, columns: int) -> None:
        self.masked: Counter[str] = Counter()
        self._detector = detector
        self._rules = rules
        self._columns = columns
        self._said: set[str] = set()

    def copy(self, descriptor: int, name: str) -> None:
        """Copy a stream to stdout, masked.

        Raises:
            TokenwardError: it cannot be read, scanned or written; text that was not scanned is not written.
        """
        masker = self._masker(name)
        read = reader_for(descriptor)
        try:
            for arrival in chunks_and_pauses(lambda seconds: _read(read, seconds, name)):
                if isinstance(arrival, bytes):
                    _write(masker.feed(arrival))
                elif masker.is_holding:
                    _write(masker.release_settled(is_late=arrival is Pause.LONG))
                self._count(masker)
            _write(masker.finish())
            self._count(masker)
        except TimeoutError:
            why = "took too long to scan, so the rest was not printed; split it into smaller parts"
            raise TokenwardError(f"{shown(name)} {why}.") from None

    def _masker(self, name: str) -> Masker:
        place = absolute(Path(name))
        rules = self._rules.of(str(place.parent))
        for trouble in self._rules.troubles():
            if trouble.sentence not in self._said:
                self._said.add(trouble.sentence)
                note(trouble.sentence)
        seen_as = rules.prefix + place.name
        return Masker(StreamScanner(self._detector, local=rules.local, name=seen_as, columns=self._columns))

    def _count(self, masker: Masker) -> None:
        for sighting in masker.sightings:
            label = sighting.detection.label
            is_counted = label in self.masked or len(self.masked) < _MOST_LABELS
            self.masked[label if is_counted else _OTHERS] += 1
        masker.sightings.clear()


def _read(read: ChunkReader, seconds: float | None, name: str) -> bytes | None:
    try:
        return read(seconds)
    except OSError as error:
        raise _unreadable(name, error) from None


def _write(data: bytes) -> None:
    if sys.stdout is None:
        raise TokenwardError("Nothing can be printed because stdout is closed; open it and try again.")
    if data:
        with named_output_failures():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def _summary(masked: Counter[str]) -> Iterator[str]:
    """Yield the number of masked tokens, then each label, the most frequent first."""
    total = sum(masked.values())
    yield f"tokenward: masked {counted(total, 'token') if total else 'no tokens'}"
    for label, count in masked.most_common():
        yield f"  {label}: {count:,}"


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    if file == _HYPHEN:
        yield 0
        return
    try:
        # Opening a FIFO waits for its writer, which is what a user who names one wants.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise _unreadable(str(file), error) from None
    try:
        status = os.fstat(descriptor)
        # Such a file would grow while it is read.
        if stat.S_ISREG(status.st_mode) and os.path.samestat(status, os.fstat(1)):
            raise TokenwardError(f"{shown(file)} is also the output; write the output elsewhere.")
        yield descriptor
    finally:
        os.close(descriptor)


def _unreadable(name: str, error: OSError) -> TokenwardError:
    return TokenwardError(f"{shown(name)} cannot be read ({error.strerror}); check its permissions.")
