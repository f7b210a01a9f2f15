"""TranscriptPage and Execution: a command in a terminal, its transcript, and its output still to be scanned.

A client's parameters are checked by hand, because they may contain any program's output.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import field, replace
from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.language import said
from tokenward.lsp.client.convert import transcript_uri
from tokenward.model import Fingerprint, Secret
from tokenward.operations.terminal.output import Heading, OutputScanner, PrintedToken
from tokenward.places import by_home
from tokenward.presentation import terminals as words
from tokenward.presentation.terminals import Transcript, transcript

MOST_CHARACTERS = 1_048_576
"""The most characters in a message; a longer one is refused."""
_LONGEST_COMMAND = 4_096
_LONGEST_NAME = 100
_LONGEST_PATH = 4_096
_WIDEST = 10_000
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
log = logging.getLogger("tokenward.lsp")
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class ExecutionKey:
    """The client's ids for an execution."""

    terminal: str
    execution: str

    @classmethod
    def of(cls, raw: object) -> ExecutionKey | None:
        """Return the execution that parameters name, if any."""
        if not isinstance(raw, dict):
            return None
        terminal, execution = _id(raw.get("terminal")), _id(raw.get("execution"))
        return cls(terminal, execution) if terminal and execution else None


@dataclass(frozen=True, slots=True)
class TerminalData:
    """Output of an execution.

    Attributes:
        key: the client's ids of the execution.
        name: the terminal's name; may be empty.
        cwd: its working folder, if the client knows it.
        command: its command line; empty if the client does not know it.
        data: the output in UTF-8; None if it is too much.
        columns: the width of the terminal; 0 if the client does not know it.
    """

    key: ExecutionKey
    name: str
    cwd: Path | None
    command: str = field(repr=False)
    data: bytes | None = field(repr=False)
    columns: int = 0

    @classmethod
    def of(cls, raw: object) -> TerminalData | None:
        """Return checked parameters; None if they cannot be used."""
        key = ExecutionKey.of(raw)
        if key is None or not isinstance(raw, dict) or not isinstance(raw.get("data"), str):
            return None
        data = raw["data"]
        return cls(
            key,
            _text(raw.get("name"), _LONGEST_NAME),
            _path(raw.get("cwd")),
            _text(raw.get("commandLine"), _LONGEST_COMMAND),
            # A character may be split between two messages; no token contains such characters.
            data.encode("utf-8", "replace") if len(data) <= MOST_CHARACTERS else None,
            _columns(raw.get("columns")),
        )


def exit_code(raw: object) -> int | None:
    """Return how an execution ended; None if the client does not say."""
    code = raw.get("exitCode") if isinstance(raw, dict) else None
    usable = isinstance(code, int) and not isinstance(code, bool) and abs(code) < 2**32
    return code if usable else None


def _id(raw: object) -> str:
    text = str(raw) if isinstance(raw, (int, str)) and not isinstance(raw, bool) else ""
    return text if _ID.fullmatch(text) else ""


def _text(raw: object, most: int) -> str:
    return raw[:most] if isinstance(raw, str) else ""


def _columns(raw: object) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= _WIDEST else 0


def _path(raw: object) -> Path | None:
    if not isinstance(raw, str) or len(raw) > _LONGEST_PATH or "\0" in raw or not os.path.isabs(raw):  # noqa: PTH117
        return None
    return Path(os.path.normpath(raw))


class TranscriptPage:
    """The report on a command.

    Attributes:
        uri: the URI of the text.
        cwd: the command's working folder, if known.
        heading: the command, its terminal and folder.
        printed: the tokens.
        note: why the rest of the output is not scanned, if so.
        transcript: the current text; None if there is nothing to report.
        version: a number that changes with the text.
        has_values: the tokens' values were seen and are remembered for a while.
    """

    def __init__(self, uri: str, cwd: Path | None, heading: Heading, *, has_values: bool) -> None:
        self.uri = uri
        self.cwd = cwd
        self.heading = heading
        self.printed: list[PrintedToken] = []
        self.note: str | None = None
        self.transcript: Transcript | None = None
        self.version = 0
        self.has_values = has_values
        self._forgotten: set[Fingerprint] = set()

    def forget(self, fingerprint: Fingerprint) -> None:
        """Never report a token again."""
        self._forgotten.add(fingerprint)
        self.set_printed(self.printed)

    def set_printed(self, printed: list[PrintedToken]) -> None:
        """Report these tokens from now on, except forgotten ones."""
        self.printed = [one for one in printed if one.fingerprint not in self._forgotten]

    def compose(self) -> bool:
        """Rebuild the text, and return whether it has changed."""
        before = self.transcript
        self.transcript = transcript(self.heading, self.printed, self.note) if self.printed else None
        is_new = self.transcript != before
        self.version += is_new
        return is_new


@dataclass(frozen=True, slots=True)
class OutputPortion:
    """Output to scan next."""

    data: bytes = field(repr=False)
    is_last: bool


@dataclass(slots=True)
class PortionResult:
    """The outcome of scanning a portion.

    Attributes:
        size: the number of scanned bytes.
        is_last: they were the last bytes.
        found: the tokens, each with its value.
        failure: why nothing more can be scanned, if so.
        heading: the command that ran, if scanned now.
        uri: the URI with the name of the terminal, if scanned now.
    """

    size: int
    is_last: bool
    found: list[tuple[PrintedToken, Secret]] = field(default_factory=list, repr=False)
    failure: str | None = None
    heading: Heading | None = None
    uri: str | None = None


class Execution(TranscriptPage):
    """The state of an execution, changed on the event loop; only `scan` runs in a thread, one call at a time.

    Attributes:
        key: the client's ids.
        columns: the width of its terminal; 0 if unknown.
        output: the state of the scan; None before the first portion and after the last.
        patience: seconds for which it still waits for the rules of its folder.
        waiting: bytes still to be scanned.
        is_running: a portion is being scanned.
        has_ended: no more output comes.
        is_over: nothing more will be scanned.
    """

    def __init__(self, data: TerminalData, number: str) -> None:
        """Start with the first output, and our id for the execution."""
        super().__init__(transcript_uri(number, ""), data.cwd, Heading(), has_values=True)
        self.key = data.key
        self.columns = data.columns
        self.output: OutputScanner | None = None
        self.waiting = 0
        self.patience = PATIENCE
        self.is_running = self.has_ended = self.is_over = False
        self._number = number
        self._first: TerminalData | None = data
        """The client's description, which may contain tokens; None once it is scanned."""
        self._pending: list[bytes] = []

    @property
    def is_cut(self) -> bool:
        """Return whether the rest of the output is not scanned."""
        return self.note is not None

    @property
    def has_work(self) -> bool:
        """Return whether there is anything to scan."""
        return not self.is_over and bool(self._pending or self.has_ended)

    def add(self, data: bytes, columns: int) -> None:
        """Add output to scan."""
        self._pending.append(data)
        self.waiting += len(data)
        self.columns = columns or self.columns

    def end(self, code: int | None) -> None:
        """Note that the command has ended."""
        self.has_ended = True
        self.heading = replace(self.heading, exit_code=code)

    def cut(self, why: str) -> None:
        """Leave the rest of the output unscanned."""
        self.note = why

    def take_portion(self) -> OutputPortion:
        """Remove and return all waiting output."""
        data, self._pending = b"".join(self._pending), []
        return OutputPortion(data, self.has_ended)

    def finish(self) -> None:
        """Drop the state that is needed only for scanning."""
        self.output, self.is_over = None, True
        self._pending, self.waiting = [], 0

    def scan(self, portion: OutputPortion) -> PortionResult:
        """Scan a portion, in the context of all that came before it; blocks."""
        result = PortionResult(len(portion.data), portion.is_last)
        output = self.output
        assert output is not None  # noqa: S101 - made before anything is scanned
        try:
            self._scan(output, portion, result)
        except TimeoutError:
            result.failure = said(words.TOO_SLOW)
        except Exception as error:  # noqa: BLE001 - its text may hold a value
            log.error("unexpected %s while scanning a terminal", type(error).__name__)  # noqa: TRY400
            result.failure = words.failed(type(error).__name__)
        return result

    def _scan(self, output: OutputScanner, portion: OutputPortion, result: PortionResult) -> None:
        if (first := self._first) is not None:
            self._first = None
            terminal = output.masked(first.name)
            folder = output.masked(by_home(first.cwd) if first.cwd else "")
            result.heading = Heading(output.masked(first.command), terminal, folder)
            result.uri = transcript_uri(self._number, terminal)
            result.found += output.in_command(first.command)
        output.resize(self.columns)
        result.found += output.feed(portion.data)
        if portion.is_last:
            result.found += output.finish()
        elif not self._pending:
            result.found += output.scan_pending()

    def introduce(self, result: PortionResult) -> None:
        """Apply new facts about the command."""
        if result.heading is not None and result.uri is not None:
            self.heading = replace(result.heading, exit_code=self.heading.exit_code)
            self.uri = result.uri
