"""One command that runs in a terminal of the client: what waits to be looked at, and what is told of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from tokenward.lsp.client.terminal_params import Data
from tokenward.lsp.client.transcript_uris import transcript_uri
from tokenward.lsp.terminals.transcript_page import Page
from tokenward.model import Secret
from tokenward.operations.terminal.output import Heading, OutputScanner, PrintedToken
from tokenward.places import by_home
from tokenward.presentation import terminals as words

log = logging.getLogger("tokenward.lsp")

PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Portion:
    """What is to be looked at next."""

    data: bytes = field(repr=False)
    is_last: bool


@dataclass(slots=True)
class News:
    """What came of a look.

    Attributes:
        size: how many bytes were looked at.
        is_last: they were the last.
        found: tokens, each with its value.
        failure: why nothing more can be looked at; None when it can.
        heading: what was run, where that was looked at now.
        uri: with the name of the terminal, where that was.
    """

    size: int
    is_last: bool
    found: list[tuple[PrintedToken, Secret]] = field(default_factory=list, repr=False)
    failure: str | None = None
    heading: Heading | None = None
    uri: str | None = None


class Execution(Page):
    """State that the event loop changes; `look_at` alone runs in a thread, and one call of it at a time.

    Attributes:
        key: what the client calls it.
        columns: the width of its terminal; 0 when that is not known.
        output: what has come of it so far; None before anything is looked at, and after all was.
        patience: seconds for which it still waits for the rules of its folder.
        waiting: bytes that came and were not looked at yet.
        is_running: something is being looked at.
        has_ended: nothing more comes.
        is_over: nothing more will be looked at.
    """

    def __init__(self, data: Data, number: str) -> None:
        """Take the first that came of it, and an id of ours."""
        super().__init__(transcript_uri(number, ""), data.cwd, Heading(), has_values=True)
        self.key = data.key
        self.columns = data.columns
        self.output: OutputScanner | None = None
        self.waiting = 0
        self.patience = PATIENCE
        self.is_running = self.has_ended = self.is_over = False
        self._number = number
        self._said: Data | None = data
        """What the client said of it, which may hold tokens; None once that was looked at."""
        self._pending: list[bytes] = []

    @property
    def is_cut(self) -> bool:
        return self.note is not None

    @property
    def has_work(self) -> bool:
        return not self.is_over and bool(self._pending or self.has_ended)

    def add(self, data: bytes, columns: int) -> None:
        """Let something wait to be looked at."""
        self._pending.append(data)
        self.waiting += len(data)
        self.columns = columns or self.columns

    def end(self, code: int | None) -> None:
        self.has_ended = True
        self.heading = replace(self.heading, exit_code=code)

    def cut(self, why: str) -> None:
        """Take nothing more."""
        self.note = why

    def taken(self) -> Portion:
        """All that waits, to be looked at now."""
        data, self._pending = b"".join(self._pending), []
        return Portion(data, self.has_ended)

    def let_go(self) -> None:
        """Drop what is needed to look at more."""
        self.output, self.is_over = None, True
        self._pending, self.waiting = [], 0

    def look_at(self, portion: Portion) -> News:
        """Look at a portion, and at all that came before it; blocks."""
        news = News(len(portion.data), portion.is_last)
        output = self.output
        assert output is not None  # noqa: S101 - made before anything is looked at
        try:
            self._look_at(output, portion, news)
        except TimeoutError:
            news.failure = words.TOO_SLOW
        except Exception as error:  # noqa: BLE001 - its text may hold a value
            log.error("unexpected %s while looking at a terminal", type(error).__name__)  # noqa: TRY400
            news.failure = words.failed(type(error).__name__)
        return news

    def _look_at(self, output: OutputScanner, portion: Portion, news: News) -> None:
        if (said := self._said) is not None:
            self._said = None
            terminal, folder = output.masked(said.name), output.masked(by_home(said.cwd) if said.cwd else "")
            news.heading = Heading(output.masked(said.command), terminal, folder)
            news.uri = transcript_uri(self._number, terminal)
            news.found += output.in_command(said.command)
        output.resize(self.columns)
        news.found += output.feed(portion.data)
        if portion.is_last:
            news.found += output.finish()
        elif not self._pending:
            news.found += output.scan_pending()

    def introduce(self, news: News) -> None:
        """Take what is known now of what was run."""
        if news.heading is not None and news.uri is not None:
            self.heading = replace(news.heading, exit_code=self.heading.exit_code)
            self.uri = news.uri
