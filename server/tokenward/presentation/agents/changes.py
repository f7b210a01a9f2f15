"""The change of an agent's file as a diff that shows only our own text, because the file may hold tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tokenward.operations.agents_protection.plan import FilePlan
from tokenward.places import by_home
from tokenward.rewriting.settings_files.setting_entry import Insertion

_FOREIGN = "…"
_COMMA = re.compile(r"[\s,]*")


def diff_of(plan: FilePlan) -> str:
    """Return the change as a unified diff without context; in a line of the user's, only the added part is shown."""
    name = by_home(plan.path)
    lines = [f"--- {'/dev/null' if plan.before is None else name}", f"+++ {name}"]
    for step in plan.replaced:
        lines += [f"-{line}" for edit in step.edits for line in edit.text.splitlines() if line.strip(" ,")]
    for start, added in _hunks(plan.after, plan.added):
        lines.append(f"@@ +{start},{len(added)} @@")
        lines += [f"+{line}" for line in added]
    return "\n".join(lines)


def _hunks(after: str, steps: Sequence[Insertion]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold something of ours, in groups, each with the number of its first line from 1."""
    group: list[str] = []
    first = place = 0
    ours = _ours(after, steps)
    for number, line in enumerate(after.splitlines(keepends=True), 1):
        shown = _shown(line, ours[place : place + len(line)])
        place += len(line)
        if shown is None:
            if group:
                yield first, group
            group = []
            continue
        first = first if group else number
        group.append(shown)
    if group:
        yield first, group


def _ours(after: str, steps: Sequence[Insertion]) -> bytearray:
    """Return a 1 for each character of a text that was inserted."""
    flags = bytearray(len(after) - sum(len(edit.text) for step in steps for edit in step.edits))
    for step in steps:
        for edit in reversed(step.edits):
            flags[edit.span.start : edit.span.start] = b"\1" * len(edit.text)
    return flags


def _shown(line: str, ours: bytearray) -> str | None:
    """Return a line with the text of others left out; None for one that has nothing of ours but a comma."""
    added = "".join(character for character, flag in zip(line, ours, strict=True) if flag)
    if _COMMA.fullmatch(added):
        return None
    marked = "".join(
        character if flag or character.isspace() else "\0" for character, flag in zip(line, ours, strict=True)
    )
    return re.sub(r"\0(?:\s*\0)*", _FOREIGN, marked).rstrip()
