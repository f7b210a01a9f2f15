"""Planner: parses texts in a process that has nothing else, because a hostile one may end or take over its parser."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tokenward.child import Child
from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.rewriting.tree import BROKEN, Tree
from tokenward.wire import ChildLost, Frame

MAX_SECONDS = 10.0
"""CPU time of one parse, because a few grammars take quadratic time for a text in another language."""
MAX_MEGABYTES = 512
MAX_WAITING = 30.0
MOST_ENDED = 3
"""The times that texts of a grammar may end the process in a workspace, and threefold in all of them."""
SECONDS_REFUSED = 600.0
_MODULE = "tokenward.rewriting.planner_process"
_VARIABLES = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""What an interpreter may need to start; the process gets no others."""
_REFUSALS = {
    "late": phrase("The file takes too long to be parsed; move the token by hand."),
    "spent": phrase(
        "The parser of {grammar} files failed too often, so it reads no more of them here for ten minutes; move the "
        "token by hand, or try again then."
    ),
    "missing": phrase("This installation has no grammar for {grammar} files; move the token by hand."),
}
_SHARE_AWAITED = 0.1
"""Enough for 2,000,000 characters of any usual text."""
_KILLED = 9
_LONG = 2_048
_MOST_REFUSED = 1_000


class ByteEdit(NamedTuple):
    """A text that takes the place of some bytes."""

    start: int
    end: int
    text: str


class Work(NamedTuple):
    """What texts are parsed for.

    Attributes:
        folder: the workspace in which few texts of a grammar may end the process; None for any number.
        is_awaited: an editor waits for an answer that it can do without.
    """

    folder: Path | None = None
    is_awaited: bool = False


_OTHER = Work()
_work: ContextVar[Work] = ContextVar("work")


@contextmanager
def parsing_for(folder: Path | None, *, is_awaited: bool = False) -> Iterator[None]:
    """Parse the texts within the block for a workspace."""
    token = _work.set(Work(folder, is_awaited))
    try:
        yield
    finally:
        _work.reset(token)


class Planner:
    """A process that parses one text at a time under limits, is started for the first, and replaced when it ends.

    Any thread may call.
    """

    def __init__(self, share: float = 1.0) -> None:
        """Take the share of the CPU time that a parse may have."""
        self._share = share
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._refused: dict[Hashable, str] = {}
        self._ended: dict[str, list[tuple[float, Path]]] = {}
        """When texts of a grammar ended the process, and in which workspace."""

    def parse(
        self, grammar: str, content: bytes, old: bytes = b"", edits: Sequence[ByteEdit] = ()
    ) -> tuple[Tree, list[tuple[int, int]]]:
        """Return the tree of a text; with edits that made it of an old one, also the bytes that may differ.

        Raises:
            RewriteRefused: it ends the process or takes too much time or memory, or a text like it or too many of its
                grammar in the workspace did.
        """
        with self._turn:
            marks = _marks(grammar, content) if self._refused else ()
            for mark in marks:
                if mark in self._refused:
                    raise RewriteRefused(self._refused[mark], grammar=grammar)
            if self._is_spent(grammar):
                raise RewriteRefused(_REFUSALS["spent"], grammar=grammar)
            answer = self._ask(grammar, content, old if edits else content, edits)
            try:
                return _parsed(answer, content)
            except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
                self._end()
                self._count(grammar)
                raise RewriteRefused(BROKEN) from None

    def close(self) -> None:
        """End the process at once, even during a parse."""
        if child := self._child:
            child.kill()
        with self._turn:
            self._end()

    def forget(self) -> None:
        """Leave the process to the one of which this is a fork."""
        self._turn, self._child = threading.Lock(), None

    def _ask(self, grammar: str, content: bytes, old: bytes, edits: Sequence[ByteEdit]) -> Frame:
        child, is_known = self._running_child(), True
        try:
            answer = child.exchange({"grammar": grammar, "edits": edits}, MAX_WAITING, old)
        except ChildLost as lost:
            # Somebody else may have killed it, whatever the text.
            is_known = lost.is_late or lost.returncode != -_KILLED
            answer = {"refused": "broken"}
        if refused := answer.get("refused"):
            text = _REFUSALS.get(str(refused), BROKEN)
            if refused != "missing":
                self._count(grammar)
            if is_known:
                # Only digests are kept, so that the next stroke of a key does not take the time again.
                new = dict.fromkeys(_marks(grammar, content), text)
                self._refused = dict([*self._refused.items(), *new.items()][-_MOST_REFUSED:])
            raise RewriteRefused(text, grammar=grammar)
        return answer

    def _is_spent(self, grammar: str) -> bool:
        if (folder := _work.get(_OTHER).folder) is None:
            return False
        ended = self._ended.get(grammar, [])
        # A repository can mark each of its folders as a workspace.
        here = [one for one in ended if one[1] == folder or len(ended) >= 3 * MOST_ENDED]
        return len(here) >= MOST_ENDED and monotonic() - here[-1][0] < SECONDS_REFUSED

    def _count(self, grammar: str) -> None:
        """Count an end of the process, and forget old ones."""
        if folder := _work.get(_OTHER).folder:
            now, ended = monotonic(), self._ended.get(grammar, [])
            recent = [one for one in ended if now - one[0] < SECONDS_REFUSED]
            self._ended[grammar] = [*recent, (now, folder)]

    def _running_child(self) -> Child:
        if self._child is not None and self._child.alive:
            return self._child
        self._end()
        environment = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
        limits = {"seconds": MAX_SECONDS * self._share, "megabytes": MAX_MEGABYTES}
        try:
            self._child = Child(_MODULE, limits, environment, has_site=False)
            self._child.wait_until_ready()
        except (ChildLost, OSError):
            raise RewriteRefused(
                "Tokenward cannot start the process that parses files; reinstall it, or move the token by hand."
            ) from None
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.dispose()
        self._child = None


def _marks(grammar: str, content: bytes) -> list[Hashable]:
    """Return digests of a text, of which a long one keeps at least one when a character of it changes."""
    compact = content.translate(None, b" \t\r\n")
    if len(compact) < _LONG:
        return [(grammar, blake2b(content).digest())]
    size = 1 << len(compact).bit_length() - 2
    return [(grammar, size, blake2b(part).digest()) for part in (compact[:size], compact[-size:])]


def _parsed(answer: Frame, content: bytes) -> tuple[Tree, list[tuple[int, int]]]:
    kinds = {int(number): (str(kind), bool(named)) for number, (kind, named) in answer["kinds"].items()}
    fields = {int(number): str(field) for number, field in answer["fields"].items() if field}
    tree = Tree(content, memoryview(answer.get("raw", b"")).cast("I"), kinds, fields)
    return tree, [(int(start), int(end)) for start, end in answer["changed"]]


_planner, _awaited_planner = Planner(), Planner(_SHARE_AWAITED)


def parse(
    grammar: str, content: bytes, old: bytes = b"", edits: Sequence[ByteEdit] = ()
) -> tuple[Tree, list[tuple[int, int]]]:
    """Do what `Planner.parse` does; an awaited answer waits for no text of other work.

    Raises:
        RewriteRefused: as there.
    """
    planner = _awaited_planner if _work.get(_OTHER).is_awaited else _planner
    return planner.parse(grammar, content, old, edits)


for one in (_planner, _awaited_planner):
    atexit.register(one.close)
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=one.forget)
