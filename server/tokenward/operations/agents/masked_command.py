"""Commands as an agent runs them: through `tokenward exec --mask`, which masks what they print.

An agent's text stays quoted, so no shell can read it in another way than the one that runs it. The shell that the agent
keeps follows to the folder in which the command ended.
"""

from __future__ import annotations

import shlex
from contextlib import suppress

_SHELL = '"${BASH:-${ZSH_NAME:-sh}}"'
"""The shell that reads the line, as far as it says which it is."""
_INNER = 'eval "shift; $1" 3>&-; { set -- "$?"; pwd >&3; exit "$1"; } 2> /dev/null'
"""Does a command, and names the folder in which it ended, unless it ended the shell."""
_BEHIND = (
    ' 3> "${_tokenward:-/dev/null}"; _tokenward_code=$?; cd "$(command cat "$_tokenward" 2> /dev/null)" 2> /dev/null; '
    'command rm -f "$_tokenward"; (exit "$_tokenward_code")'
)


def masked_command(program: str, line: str) -> str:
    """Return a shell's line that runs a line and masks its output; the same line if it is one already."""
    before = _before(program)
    if line.startswith(before) and line.endswith(_BEHIND):
        with suppress(ValueError):
            words = shlex.split(line.removeprefix(before).removesuffix(_BEHIND))
            if [line] == [_masked(program, one) for one in words]:
                return line
    return _masked(program, line) if line.strip() else line


def _masked(program: str, line: str) -> str:
    return f"{_before(program)}{shlex.quote(line)}{_BEHIND}"


def _before(program: str) -> str:
    inner = f"{_SHELL} -c {shlex.quote(_INNER)} {_SHELL}"
    return f"_tokenward=$(mktemp 2> /dev/null); {shlex.quote(program)} exec --mask -- {inner} "
