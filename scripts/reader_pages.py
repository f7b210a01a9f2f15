"""Generates docs/reference/readers.md from the table of readers, and the short tables in two other pages.

`make reader-pages` calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path, PurePosixPath
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tokenward.model import Reference, Span
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.readers.reader import Place, Reader
from tokenward.rewriting.readers.table import READERS
from tokenward.rewriting.rewrite import plan_rewrite

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "readers.md"
TABLES = (ROOT / "README.md", ROOT / "docs" / "start" / "first-move.md")

CODE = {
    "Python": ("app.py", 'x = "TOKEN"\n'),
    "JavaScript, TypeScript": ("app.js", 'x = "TOKEN";\n'),
    "shell": ("run.sh", 'x="TOKEN"\n'),
}
"""A short file of each language of the short table."""
KNOWN = (
    "tokenward run",
    "Docker Compose",
    "GitHub Actions",
    "GitLab CI",
    "npm",
    "pip",
    "Spring",
    "Ansible",
    "Terraform",
)
"""The readers of the short table, as far as there are rows for them."""
MOST_FILES = 6

_OPENING = """\
# What takes a token's place, by the program that reads the file

<!-- `make reader-pages` writes this page from the tables of readers. -->

A move replaces a token by what the program that reads the file looks up, and adds `NAME=keyring://WORKSPACE/NAME` to
`.env` where that is a variable. `tokenward run -- COMMAND` then gives the program its value. The last column has what
is left to do besides; a quick fix with an entry there is not the preferred one, and its title says so.

Code is rewritten by its language: [your first move](../start/first-move.md) has the look-ups. A data file that is not
in this list keeps its token: **Store … and add it to .env** stores it, and `tokenward move --inject FILE` leaves a
reference for [`tokenward inject`](../how-to/run.md#a-program-that-reads-a-file).

| program | files | in place of the token | left to do |
| --- | --- | --- | --- |
"""


def pages() -> dict[Path, str]:
    """Return the text of each page that has a generated part."""
    table = "".join(["| file | in place of the token |\n| --- | --- |\n", *_short_rows()])
    written = {path: _with_table(path.read_text("utf-8"), table) for path in TABLES}
    return {PAGE: _OPENING + "".join(_rows(READERS)), **written}


def file_names(pattern: str) -> list[str]:
    """Return the names that a pattern of file paths matches, with `*` for any part."""
    return list(dict.fromkeys(re.sub(r"\*+", "*", name) for name in _expanded(parser.parse(pattern))))


def _rows(readers: Iterable[Reader]) -> Iterator[str]:
    for reader in sorted(readers, key=lambda reader: reader.name.casefold()):
        names = _files(reader)
        kinds = dict.fromkeys((_look_up(place), place.after or "nothing") for place in reader.places)
        if not kinds:
            kinds = {("the token stays", f"{reader.refusal.rstrip('.')}." if reader.refusal else ""): None}
        for look_up, after in kinds:
            yield f"| {reader.name} | {names} | {look_up} | {_cell(after)} |\n"


def _short_rows() -> Iterator[str]:
    for language, (name, text) in CODE.items():
        found = language_of(f"/w/{name}", None, text)
        assert found is not None
        start = text.index("TOKEN")
        span = Span(start, start + len("TOKEN"))
        rewrite = plan_rewrite(text, found, [span], Reference("acme-api", "GITHUB_TOKEN"))
        yield f"| {language} | {_code(rewrite.look_up)} |\n"
    known = {reader.name: reader for reader in READERS}
    for name in KNOWN:
        if name in known:
            reader = known[name]
            look_up = (
                _look_up(reader.places[0]).replace("NAME", "GITHUB_TOKEN").replace("WORKSPACE", "acme-api")
            )
            yield f"| {_code(_file_names(reader)[0])} ({name}) | {look_up} |\n"


def _file_names(reader: Reader) -> list[str]:
    return [name for name in file_names(reader.files.pattern) if not name.startswith("*/")]


def _files(reader: Reader) -> str:
    names = _file_names(reader)
    more = ", …" if len(names) > MOST_FILES else ""
    return ", ".join(map(_code, names[:MOST_FILES])) + more


def _look_up(place: Place) -> str:
    written = place.look_up.replace("REFERENCE", "keyring://WORKSPACE/NAME")
    return _code(written) if written else "nothing; the variable replaces the entry"


def _code(text: str) -> str:
    return _cell(f"`` {text} ``" if "`" in text else f"`{text}`")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _with_table(page: str, table: str) -> str:
    return re.sub(
        r"(<!-- readers -->\n).*?(<!-- end -->)",
        lambda found: found[1] + table + found[2],
        page,
        flags=re.DOTALL,
    )


def _expanded(nodes: Iterable[tuple[Any, Any]]) -> list[str]:
    """Return every text that a parsed pattern matches, with `*` for any characters."""
    parts = [_alternatives(code, argument) for code, argument in nodes]
    return ["".join(chosen) for chosen in product(*parts)]


def _alternatives(code: Any, argument: Any) -> list[str]:
    if code is codes.LITERAL:
        return [chr(argument)]
    if code is codes.SUBPATTERN:
        return _expanded(argument[3])
    if code is codes.BRANCH:
        return [text for branch in argument[1] for text in _expanded(branch)]
    if code is codes.IN and all(kind is codes.LITERAL for kind, _ in argument):
        return [chr(character) for _, character in argument]
    if code is codes.MAX_REPEAT and argument[1] == 1:
        _, _, inner = argument
        is_letter = len(inner) == 1 and inner[0][0] is codes.LITERAL
        return [*([] if is_letter else [""]), *_expanded(inner)]
    is_empty = code in (codes.ASSERT, codes.ASSERT_NOT, codes.AT)
    return [""] if is_empty else ["*"]


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, "utf-8", newline="\n")
        print(f"Wrote {PurePosixPath(path.relative_to(ROOT))}.")


if __name__ == "__main__":
    main()
