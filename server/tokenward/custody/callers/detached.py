"""Detects a process that cut itself off from what started it, as an assistant could to pass for a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tokenward.custody.callers.processes import Process, control_group

DETACHED = "a program that hides what started it"
"""Shown instead of an assistant's name."""
_SOON = 10.0
"""Seconds after the start of a container's first process in which it starts its services."""
_SYSTEMD = Path("/run/systemd/system")
_GIVES_TERMINALS = re.compile(
    r"python[\d.]*|perl[\d.]*|ruby[\d.]*|tclsh[\d.]*|expect|unbuffer|script|socat|setsid|nohup|tokenward|\w{0,3}sh"
)
"""Programs with which a command can give itself a terminal; without Node, which editors on a server use."""


def is_detached(lineage: Sequence[Process]) -> bool:
    """Return whether a process may hide what started it.

    Its topmost ancestor was adopted by the system's first process and is not a service, and nothing in the chain has
    a terminal, except one that a program made. Only Linux reports enough to judge.

    Args:
        lineage: the process, the one that started it, and so on to the first process.
    """
    # In a container, a process that is started from outside has no parent.
    if not lineage or lineage[-1].pid != 1:
        return False
    below = [one for one in lineage[:-1] if one.name != "systemd"]
    if not below or _is_started(below[-1], by=lineage[-1]) or below[-1].user != below[0].user:
        return False
    at_terminal = [place for place, one in enumerate(below) if one.has_terminal]
    if not at_terminal:
        return True
    giver = below[min(at_terminal[-1] + 1, len(below) - 1)]
    return bool(_GIVES_TERMINALS.fullmatch(giver.name))


def _is_started(top: Process, by: Process) -> bool:
    """Return whether the first process, the user's service manager or the desktop started a process itself."""
    if top.session is None or by.session is None or top.started is None or by.started is None:
        return True
    if top.session == by.session:
        return True
    if not _SYSTEMD.is_dir():
        return top.started - by.started < _SOON
    unit = control_group(top.pid).rpartition("/")[2]
    # A desktop names the unit of a program after its process.
    return not unit.endswith(".scope") or unit.endswith(f"-{top.pid}.scope")
