"""Telling the ledger of a scan on the command line; that it cannot be told changes nothing that the scan comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tokenward.cli.scan_output.work import Results, Work
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import StateDamaged
from tokenward.operations.sightings.record_scan import ScanRecorder


@contextmanager
def recorded(work: Work, roots: Sequence[Path]) -> Iterator[Callable[[Results], Results]]:
    """Gives what results are to pass through; at the end the ledger is told of them, once."""
    recorder = ScanRecorder(work.scanner)
    yield recorder.collected
    try:
        for remark in recorder.record(work.setting.places.ledger, roots):
            say(f"tokenward: {remark}")
    except StateDamaged as error:
        say(f"tokenward: The ledger does not tell of what was found: {sentence(error)}")
