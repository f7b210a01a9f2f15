"""`tokenward redact`: a stream or files with the tokens masked, nothing else changed."""

from __future__ import annotations

import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Setting, absolute
from tokenward.cli.support.read_ahead import Pause, Reading, arrivals, reading_of
from tokenward.cli.support.terminal import named_output_failures, say
from tokenward.errors import TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.detection.engine import Detector
    from tokenward.findings.stream.masking import Masker
    from tokenward.operations.scan.workspace_rules import RootRules

MASKED = 1
"""Exit code with `--fail` when there was a token; else it is 0, and 2 when something failed."""
STDIN = "stdin"
"""What rules see as the name of what is no file."""
_HYPHEN = Path("-")
_MOST_LABELS = 1_000
_OTHERS = "others"


def register(app: typer.Typer) -> None:
    app.command()(redact)


def redact(
    files: list[Path] = typer.Argument(
        None, metavar="[FILE]...", help="Files, one after the other; stdin if none, or for `-`."
    ),
    *,
    columns: int = typer.Option(
        0,
        "--columns",
        metavar="N",
        min=0,
        help="The width of the terminal whose output it is, where that wraps lines.",
    ),
    summary: bool = typer.Option(
        None,
        "--summary/--quiet",
        help="Say on stderr what was masked; without either, if that is a terminal.",
    ),
    fail: bool = typer.Option(False, "--fail", help="Exit with 1 if a token was masked."),
) -> None:
    """Copy stdin or files to stdout, with the tokens masked.

    What a token's provider makes public, such as `ghp_`, stays. Ignores and allow comments do not count. Exits with 0
    whether or not there was a token, with 2 when something failed; what was not searched is then not printed.
    """
    from tokenward.cli.scan_output.work import Work
    from tokenward.operations.scan.workspace_rules import RootRules

    named = files or [_HYPHEN]
    for file in named:
        _require_file(file)
    setting = Setting.here()
    # Nothing that a text or a repository says may let a token through.
    strict = replace(setting.settings, allow_repository_ignores=False)
    scanner = Work(setting).scanner
    redaction = _Redaction(scanner.detector, RootRules(scanner, strict, setting.places), columns)
    for file in named:
        with _opened(file) as descriptor:
            redaction.copy(descriptor, _name(file))
    if sys.stderr is not None and (sys.stderr.isatty() if summary is None else summary):
        for line in _summary(redaction.masked):
            say(line)
    raise typer.Exit(MASKED if fail and redaction.masked else 0)


class _Redaction:
    """One run of the verb.

    Attributes:
        masked: how many tokens were, by label.
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
            TokenwardError: it cannot be read, searched or written; nothing that was not searched was written.
        """
        masker = self._masker(name)
        reading = reading_of(descriptor)
        try:
            for arrival in arrivals(lambda seconds: _read(reading, seconds, name)):
                _write(_let_through(masker, arrival))
                self._count(masker)
            _write(masker.finish())
            self._count(masker)
        except TimeoutError:
            why = "took too long to search, and the rest of it was not printed; give it in smaller parts"
            raise TokenwardError(f"{shown(name)} {why}.") from None

    def _masker(self, name: str) -> Masker:
        from tokenward.findings.stream.masking import Masker
        from tokenward.findings.stream.stream_scan import StreamScanner

        place = absolute(Path(name))
        rules = self._rules.of(str(place.parent))
        for trouble in self._rules.troubles():
            if trouble.sentence not in self._said:
                self._said.add(trouble.sentence)
                say(f"tokenward: {trouble.sentence}")
        seen_as = rules.prefix + place.name
        return Masker(StreamScanner(self._detector, local=rules.local, name=seen_as, columns=self._columns))

    def _count(self, masker: Masker) -> None:
        for sighting in masker.sightings:
            found = sighting.detection
            label = f"{found.provider.token} ({found.provider.label(found.secret.reveal())})"
            is_counted = label in self.masked or len(self.masked) < _MOST_LABELS
            self.masked[label if is_counted else _OTHERS] += 1
        masker.sightings.clear()


def _let_through(masker: Masker, arrival: bytes | Pause) -> bytes:
    if isinstance(arrival, bytes):
        return masker.feed(arrival)
    return masker.release_settled(is_late=arrival is Pause.LONG) if masker.is_holding else b""


def _read(reading: Reading, seconds: float | None, name: str) -> bytes | None:
    try:
        return reading(seconds)
    except OSError as error:
        raise _unreadable(name, error) from None


def _write(data: bytes) -> None:
    if sys.stdout is None:
        raise TokenwardError("Nothing can be printed, since stdout is closed; open it and try again.")
    if data:
        with named_output_failures():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def _summary(masked: Counter[str]) -> Iterator[str]:
    """How many tokens were masked, the most frequent first."""
    total = sum(masked.values())
    from tokenward.phrases import counted

    yield f"tokenward: masked {counted(total, 'token') if total else 'no tokens'}"
    for label, count in masked.most_common():
        yield f"  {label}: {count:,}"


def _require_file(file: Path) -> None:
    if file == _HYPHEN:
        return
    if not file.exists():
        raise TokenwardError(f"{shown(file)} is not there; name a file that is.")
    if file.is_dir():
        raise TokenwardError(f"{shown(file)} is a folder; name the files in it.")


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    if file == _HYPHEN:
        yield 0
        return
    try:
        # A FIFO is waited for: whoever names one wants what comes out of it.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise _unreadable(str(file), error) from None
    try:
        if _is_output(descriptor):
            raise TokenwardError(f"{shown(file)} is where the output goes, too; send that elsewhere.")
        yield descriptor
    finally:
        os.close(descriptor)


def _is_output(descriptor: int) -> bool:
    """Whether it is a file that would grow while it is read."""
    status = os.fstat(descriptor)
    return stat.S_ISREG(status.st_mode) and os.path.samestat(status, os.fstat(1))


def _name(file: Path) -> str:
    return STDIN if file == _HYPHEN else str(file)


def _unreadable(name: str, error: OSError) -> TokenwardError:
    return TokenwardError(f"{shown(name)} cannot be read ({error.strerror}); see to its permissions.")
