"""A redaction killed by SIGKILL at every step: each file is as before or after, and the next run completes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import tokens
from desk import Desk
from killed import KILLED, kill_at
from tokenward.custody.ledger import schema
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.files.writes_under_way import clear_up
from tokenward.operations.transcripts.redact import Redaction
from tokenward.operations.transcripts.survey import survey
from tokenward.operations.transcripts.transcript_files import find_transcripts
from transcript_samples import CLAUDE, GOOSE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

TOKEN = tokens.github("killed")


def plant(home: Path) -> list[Path]:
    lines = home / ".claude" / "projects" / "-w" / "s.jsonl"
    rows = home / ".local" / "share" / "goose" / "sessions" / "sessions.db"
    for path, make in ((lines, CLAUDE), (rows, GOOSE)):
        path.parent.mkdir(parents=True)
        make(path, TOKEN)
    return [lines, rows]


def redact(desk: Desk, home: Path) -> None:
    files = [*find_transcripts(SearchRoots(home, None, {}), [])]
    run = Redaction(desk.context, survey(desk.context.scanner, files), {}, str, desk.places.writes)
    run.settle(files)
    assert [done.reason for done in run.redact(files) if done.left] == []


def everything(*paths: Path) -> bytes:
    return b"".join(one.read_bytes() for path in paths for one in path.parent.rglob("*") if one.is_file())


def test_no_kill_leaves_a_broken_file_or_a_copy(desk: Desk, tmp_path: Path) -> None:
    desk.context.scanner.detector.load()
    step, code, states = 1, KILLED, set[tuple[bool, bool]]()
    while code == KILLED:
        home = tmp_path / f"user{step}"
        paths = plant(home)
        before = paths[0].read_bytes()
        child = os.fork()
        if not child:
            sys.setprofile(kill_at(step, home, desk.places.data_dir))
            redact(desk, home)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        lines = paths[0].read_bytes()
        assert lines == before or TOKEN.encode() not in lines
        states.add((lines == before, TOKEN.encode() in paths[1].read_bytes()))
        if desk.places.writes.exists():
            assert clear_up(desk.places.writes) == []
        redact(desk, home)
        assert TOKEN.encode() not in everything(*paths), step
        assert [*paths[0].parent.iterdir()] == [paths[0]]
        assert desk.context.ledger.abandoned(schema.OPEN_REDACTIONS) == ()
        step += 1
    assert code == 0
    assert states >= {(True, True), (False, True), (False, False)}
