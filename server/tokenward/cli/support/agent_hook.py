"""Reads the event of `tokenward agents hook` from stdin, and writes the decision to stdout."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, NoReturn

from tokenward.cli.support.start_daemon import start_compiling, start_hooks_daemon
from tokenward.detection.engine import Detector
from tokenward.detection.screen import MOST_NEW
from tokenward.language import either
from tokenward.operations.agents.answer import UNCHECKED, HookRun
from tokenward.operations.agents.dialects.dialect import (
    MOST_BYTES,
    HookAnswer,
    all_dialects,
    dialect_named,
    exit_two,
)
from tokenward.operations.agents.event import EventKind
from tokenward.places import Places

if TYPE_CHECKING:
    from tokenward.operations.agents.dialects.dialect import Dialect
    from tokenward.operations.agents.event import AgentEvent, Decision
    from tokenward.operations.agents.workspace_facts import WorkspaceFacts


DEADLINE = 15.0
"""Seconds after which the answer is a denial. With the daemon's, agents wait longer; most let through what is late."""
_LATE = (
    "Tokenward could not check this in time, so nothing was allowed: this computer is too busy, or the keyring does "
    "not answer. Let builds and tests end, or unlock the keyring, and try again."
)
_RECORD_SECONDS = 1.0
_PAUSE = 0.05
_MOST_WANTED = 100
"""Rules that a daemon compiles after an answer, for hooks that no daemon answers."""
_COMPILING = (
    "Tokenward compiles its rules, once after it was installed or updated, so nothing was allowed; try again in a few"
    " seconds."
)
_RESULTS = (EventKind.RESULT, EventKind.FAILURE)
_STORED = (EventKind.PROMPT, *_RESULTS)
"""The events whose new tokens are stored for users who chose so."""
_COPIED = " The clipboard has the prompt without it."
_KEPT = " The clipboard holds a token that is not stored and was left alone; store it, then send the prompt again."
_UNKNOWN = exit_two(
    f"No such agent is known to `tokenward agents hook`; name {either(sorted(all_dialects()))}."
)


def answer_hook(name: str, given: bytes = b"") -> NoReturn:
    """Answer one hook in time, and end the process; the input starts with the part already read."""
    dialect = dialect_named(name)
    if dialect is None:
        _write(_UNKNOWN)
        _end(_UNKNOWN)
    opened = _Opened(dialect)
    run = opened.run(lambda: given + sys.stdin.buffer.read(MOST_BYTES + 1))
    # The work has the main thread, which alone can stop a keyring that does not answer.
    turn, answered = Lock(), SimpleQueue[HookAnswer]()
    Thread(target=_end_in_time, args=(run, turn, answered), daemon=True).start()
    answer = run.answer()
    # Never released: the thread that has it gives the answer.
    turn.acquire()
    _write(answer)
    answered.put(answer)
    run.record()
    if run.event is not None and run.event.kind is EventKind.NOTICE:
        # A session begins, and its first prompt is to find the rules loaded.
        start_hooks_daemon()
    opened.compile_wanted(MOST_NEW)
    _end(answer)


def answer_here(name: str, given: bytes, detector: Detector) -> tuple[int, Callable[[], None]]:
    """Print the answer to one hook; return the exit code, and what is left to do once it is sent."""
    dialect = dialect_named(name)
    if dialect is None:
        _write(_UNKNOWN)
        return _UNKNOWN.code, lambda: None
    opened = _Opened(dialect, detector)
    run = opened.run(lambda: given)
    answer = run.answer()
    _write(answer)

    def finish() -> None:
        run.record()
        os.nice(10)
        opened.compile_wanted(_MOST_WANTED)

    return answer.code, finish


def _end_in_time(run: HookRun, turn: Lock, answered: SimpleQueue[HookAnswer]) -> None:
    time.sleep(DEADLINE)
    if turn.acquire(blocking=False):
        late = run.late_answer(_LATE)
        _write(late)
        _end(late)
    answer = answered.get()
    time.sleep(_RECORD_SECONDS)
    _end(answer)


class _Opened:
    """What one decision opens."""

    def __init__(self, dialect: Dialect, detector: Detector | None = None) -> None:
        self._dialect = dialect
        self._detector = detector
        self._facts: WorkspaceFacts | None = None
        self._ledger = Path()
        self._folder = ""
        self._copies = False
        self._why = UNCHECKED

    def run(self, read: Callable[[], bytes]) -> HookRun:
        """Return the run that has these facts."""
        return HookRun(self._dialect, read, self.facts, self.record, offer=self.offer, why=lambda: self._why)

    def compile_wanted(self, most: int) -> None:
        """Compile rules that texts needed, for the next process."""
        if self._detector is not None:
            self._detector.compile_wanted(most)

    def facts(self, event: AgentEvent) -> WorkspaceFacts:
        """Return the facts about the workspace of an event.

        Raises:
            TokenwardError: its records cannot be read.
        """
        from tokenward.cli.support.invocation import Invocation
        from tokenward.operations.agents.guard_files import GuardFiles
        from tokenward.operations.agents.workspace_facts import workspace_facts
        from tokenward.settings import WORKSPACE_FILE

        self._detector = self._detector or self._compiled()
        if event.folder:
            # An agent's process may be elsewhere; a folder that is gone belongs to no workspace.
            with contextlib.suppress(OSError):
                os.chdir(event.folder)
        invocation = Invocation.here()
        endings = [ending for one in all_dialects().values() for ending in one.settings]
        # A daemon's command line does not name the program that the agent's hooks start.
        program, on_path = own_program(), shutil.which("tokenward") or ""
        new = parts = None
        if event.kind in _RESULTS:
            from tokenward.custody.callers.asker import asking_process
            from tokenward.custody.callers.callers import topmost_agent
            from tokenward.operations.agents.part_matches import PartMatches

            agent = topmost_agent(asking_process()) or self._dialect.agent
            parts = PartMatches(invocation.places, agent, invocation.folder)
        if invocation.settings.agents_store and event.kind in _STORED:
            from tokenward.operations.agents.new_tokens import NewTokens

            new = NewTokens(invocation.context, invocation.folder, self._dialect.agent)
        self._facts = workspace_facts(
            invocation.places,
            invocation.settings,
            invocation.folder,
            scanner=invocation.scanner(self._detector),
            guard=GuardFiles(invocation.places, endings, WORKSPACE_FILE, (program, on_path, sys.argv[0])),
            program=program,
            agent=self._dialect.name,
            new=new,
            parts=parts,
        )
        self._copies = invocation.settings.agents_clipboard and event.is_typed
        self._ledger, self._folder = invocation.places.ledger, str(invocation.folder)
        return self._facts

    def _compiled(self) -> Detector:
        """Return a detector whose rules are compiled, for which the time of this process may be too short."""
        places = Places.of_user()
        detector = Detector(places.rules_cache, most_new=0)
        if detector.is_compiled:
            start_hooks_daemon()
            return detector
        self._why = _COMPILING
        start_compiling(places.rules_cache)
        while not detector.is_compiled:
            time.sleep(_PAUSE)
        self._why = UNCHECKED
        return detector

    def offer(self, decision: Decision) -> Decision:
        """Copy the prompt without its tokens if a prompt is denied, and say so."""
        from tokenward.cli.support.clipboard import copy_apart
        from tokenward.operations.agents.event import Deny

        facts = self._facts
        if not isinstance(decision, Deny) or not decision.prompt or not self._copies or facts is None:
            return decision
        # It may be the only copy of a token.
        copied = copy_apart(
            decision.prompt, lambda held: any(not one.reference for one in facts.tokens(held))
        )
        more = {True: _COPIED, False: "", None: _KEPT}[copied]
        return replace(decision, for_person=decision.for_person + more)

    def record(self, event: AgentEvent, decision: Decision) -> None:
        """Record a decision in the ledger.

        Raises:
            StateDamaged: it cannot be written.
        """
        from tokenward.custody.ledger.ledger import Ledger
        from tokenward.operations.agents.records import record_decision

        if self._facts is not None:
            ledger = Ledger(self._ledger)
            agent = self._dialect.agent
            record_decision(ledger, event, decision, self._facts, agent=agent, folder=self._folder)


def own_program() -> str:
    """Return the path of this program, as a command line names it."""
    named = Path(sys.argv[0])
    if named.is_absolute() and named.name.startswith("tokenward"):
        return str(named)
    beside = Path(sys.executable).with_name("tokenward.exe" if os.name == "nt" else "tokenward")
    return str(beside) if beside.exists() else shutil.which("tokenward") or str(beside)


def _write(answer: HookAnswer) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(answer.err and f"{answer.err}\n")
        sys.stderr.flush()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.write(answer.out and f"{answer.out}\n")
        sys.stdout.flush()


def _end(answer: HookAnswer) -> NoReturn:
    # The other thread may still wait for a keyring, and an agent for this process.
    os._exit(answer.code)
