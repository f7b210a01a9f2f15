"""Planner: parses texts in a process that has nothing else, because a hostile one may end or take over its parser."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Hashable, Sequence
from hashlib import blake2b
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
_MODULE = "tokenward.rewriting.planner_process"
_VARIABLES = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""What an interpreter may need to start; the process gets no others."""
_REFUSALS = {
    "late": phrase("The file takes too long to be parsed; move the token by hand."),
    "missing": phrase("This installation has no grammar for {grammar} files; move the token by hand."),
}
_KILLED = 9
_LONG = 2_048
_MOST_REFUSED = 1_000


class ByteEdit(NamedTuple):
    """A text that takes the place of some bytes."""

    start: int
    end: int
    text: str


class Planner:
    """A process that parses one text at a time under limits, is started for the first, and replaced when it ends.

    Any thread may call.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: Child | None = None
        self._refused: dict[Hashable, str] = {}

    def parse(
        self, grammar: str, content: bytes, old: bytes = b"", edits: Sequence[ByteEdit] = ()
    ) -> tuple[Tree, list[tuple[int, int]]]:
        """Return the tree of a text; with edits that made it of an old one, also the bytes that may differ.

        Raises:
            RewriteRefused: it ends the process or takes too much time or memory, or a text like it did.
        """
        with self._turn:
            marks = _marks(grammar, content) if self._refused else ()
            for mark in marks:
                if mark in self._refused:
                    raise RewriteRefused(self._refused[mark], grammar=grammar)
            answer = self._ask(grammar, content, old if edits else content, edits)
            try:
                return _parsed(answer, content)
            except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
                self._end()
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
        child = self._running_child()
        try:
            answer = child.exchange({"grammar": grammar, "edits": edits}, MAX_WAITING, old)
        except ChildLost as lost:
            # Somebody else may have killed it, whatever the text.
            if not lost.is_late and lost.returncode == -_KILLED:
                raise RewriteRefused(BROKEN) from None
            answer = {"refused": "broken"}
        if refused := answer.get("refused"):
            text = _REFUSALS.get(str(refused), BROKEN)
            # Only digests are kept, so that the next stroke of a key does not take the time again.
            new = dict.fromkeys(_marks(grammar, content), text)
            self._refused = dict([*self._refused.items(), *new.items()][-_MOST_REFUSED:])
            raise RewriteRefused(text, grammar=grammar)
        return answer

    def _running_child(self) -> Child:
        if self._child is not None and self._child.alive:
            return self._child
        self._end()
        environment = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
        limits = {"seconds": MAX_SECONDS, "megabytes": MAX_MEGABYTES}
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


_planner = Planner()
parse = _planner.parse
atexit.register(_planner.close)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_planner.forget)
