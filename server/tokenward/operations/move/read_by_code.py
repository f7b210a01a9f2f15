"""The line of a project's own code that reads a file of data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tokenward.places import shown
from tokenward.rewriting.look_up_hints import look_up_hint
from tokenward.rewriting.readers.own_settings import FILES
from tokenward.sources.project import project_code

_CODE = (".cjs", ".cs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".py", ".rb", ".rs", ".ts")
_WITHOUT_ENDING = (".cjs", ".js", ".mjs", ".ts")
_IN_COMMENT = re.compile(r"[ \t]*(?:#|//|\*)")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of code, by its number and the name of its file, and how code there looks up a variable."""

    file: str
    number: int
    look_up: str


def line_that_reads(path: Path) -> CodeLine | None:
    """Return the line of a project's code, nearest to a file of settings, that names it; None for other files."""
    found = []
    for code, text in project_code(path, _CODE) if FILES.fullmatch(path.as_posix()) else ():
        optional = "?" if code.endswith(_WITHOUT_ENDING) and path.suffix == ".json" else ""
        named = re.compile(rf"[\"'`/]{re.escape(path.stem)}(?:{re.escape(path.suffix)}){optional}[\"'`]")
        lines = enumerate(text.split("\n"), 1)
        if number := next((n for n, one in lines if named.search(one) and not _IN_COMMENT.match(one)), 0):
            found.append((Path(code), number))
    # Those around only one of the two are between them.
    around = {*path.parents}
    nearest = min(found, key=lambda one: len(around ^ {*one[0].parents}), default=None)
    return nearest and CodeLine(shown(nearest[0].name), nearest[1], look_up_hint(nearest[0], "NAME"))
