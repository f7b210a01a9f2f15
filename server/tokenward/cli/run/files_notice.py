"""files_notice: what `run` says when a program is started without tokens that may be meant for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.operations.environment_files.find_files import may_refer
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.environment_files.find_files import EnvironmentFiles

_MOST_NAMED = 3


def files_notice(files: EnvironmentFiles, root: Path, *, has_tokens: bool) -> str:
    """Return one sentence; empty if the files that were read have tokens and no other file seems to be meant."""
    unread = [path for path in files.unread if may_refer(path)]
    if not unread:
        return "" if has_tokens else _without_tokens(files, root)
    named = ", ".join(map(_named, unread[:_MOST_NAMED]))
    named += " and others" if len(unread) > _MOST_NAMED else ""
    verb = "holds" if len(unread) == 1 else "hold"
    return f"{named} {verb} references and {'was' if len(unread) == 1 else 'were'} not read; {_remedy(files, unread)}"


def _named(path: Path) -> str:
    """Return a file's path from the current folder, as `--env-file` takes it."""
    return shown(os.path.relpath(os.path.realpath(path), os.path.realpath("")))


def _without_tokens(files: EnvironmentFiles, root: Path) -> str:
    there = [_named(path) for path in files.read if path.exists()]
    if not there:
        return f"The command gets no tokens, because {shown(root)} has no environment file."
    verb = "holds" if len(there) == 1 else "hold"
    return f"The command gets no tokens, because {' and '.join(there)} {verb} no reference."


def _remedy(files: EnvironmentFiles, unread: list[Path]) -> str:
    modes = [path for path in unread if path in files.overriding]
    if len(modes) == len(unread):
        variable = files.framework.variables[0]
        return f"set {variable}, as {files.framework.name} does, if the mode is not {files.mode}."
    return "pass `--env-file` to read them instead."
