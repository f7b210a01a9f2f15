"""Commands as an agent runs them: through `tokenward exec --mask`, which masks what they print.

An agent checks a command against its user's rules after a hook has changed it, and rules such as "never `curl`" know
nothing of what a quoted text runs. So the line begins with the command itself, where it never runs.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from itertools import islice

_SHELL = '"${BASH:-${SHELL:-sh}}"'
"""The shell that runs the rest of the line, as far as it says which it is."""
_CHANGE = re.compile(r"\s*cd\s+(?:[\w./~+@-]+|'[^'\n]*')\s*(?:(?:&&|;|\n)\s*|\Z)")
"""A change of folder, which has to happen in the agent's own shell, and prints nothing."""
_BEFORE, _BEHIND = "false && {\n", "\n}; "
_END = ' || echo "[exit code $?]"'
"""Says how a command failed where the agent lets no hook replace what a failed one printed."""
_MOST_ENDS = 50


def masked_command(program: str, line: str, *, succeeds: bool = False) -> str:
    """Return a shell's line that runs a line and masks its output; `program` is the path of Tokenward.

    With `succeeds`, it never fails, but says how the line did.

    It is returned unchanged if it is such a line already, or if it only changes the folder. The line must be one that
    the shell can parse, or the part that never runs could end early.
    """
    return line if is_masked(program, line, succeeds=succeeds) else _masked(program, line, succeeds)


def is_masked(program: str, line: str, *, succeeds: bool = False) -> bool:
    """Return whether a line is exactly one that `masked_command` returns, and so holds no other command."""
    if not line.startswith(_BEFORE):
        return False
    ends = (found.start() for found in re.finditer(re.escape(_BEHIND), line))
    commands = (line[len(_BEFORE) : end] for end in islice(ends, _MOST_ENDS))
    return any(line == _masked(program, command, succeeds) != command for command in commands)


def is_parsed(line: str) -> bool:
    """Return whether the shells of this system that an agent may use take a line as a whole command; runs nothing."""
    import subprocess  # noqa: PLC0415 - loads slowly, and most hooks need none

    bash, own = shutil.which("bash") or shutil.which("sh"), os.environ.get("SHELL", "")
    shells = [[bash, "-n"]] if bash else []
    if own.endswith("/zsh") and os.path.isfile(own):  # noqa: PTH113
        shells.append([own, "-f", "-n"])
    data = line.encode("utf-8", "surrogatepass")
    for shell in shells:
        done = subprocess.run(shell, input=data, env={}, capture_output=True, check=False)
        # A here-document without an end is only warned of.
        if done.returncode or done.stderr:
            return False
    return True


def _masked(program: str, line: str, succeeds: bool) -> str:
    start = 0
    while start < len(line) and (found := _CHANGE.match(line, start)):
        start = found.end()
    changes, rest = line[:start], line[start:]
    if not rest.strip():
        return line
    end = _END if succeeds else ""
    inner = f"{_SHELL} -c {shlex.quote(rest)}{end}"
    return f"{_BEFORE}{line}{_BEHIND}{changes}{shlex.quote(program)} exec --mask -- {inner}"
