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
from tokenward.rewriting.code.table import CODE as CODE_LANGUAGES
from tokenward.rewriting.languages import LANGUAGES, Language, LanguageKind, language_of
from tokenward.rewriting.readers.own_settings import LIBRARIES
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
EXAMPLES = {
    "batch": "set X=TOKEN\n",
    "chunks": "```{python}\nx = 'TOKEN'\n```\n",
    "fish": "set x 'TOKEN'\n",
    "javascript": 'x = "TOKEN";\n',
    "make": "X = TOKEN\n",
    "notebook": '{"cells": [{"cell_type": "code", "source": "x = \'TOKEN\'"}]}\n',
    "python": 'x = "TOKEN"\n',
    "r": 'x <- "TOKEN"\n',
    "shell": 'x="TOKEN"\n',
    "terraform": 'variable "x" {\n  default = "TOKEN"\n}\n',
    "tsx": 'x = "TOKEN";\n',
    "typescript": 'x = "TOKEN";\n',
}
"""A short text of each language whose lookup no row of data holds."""
_WHOLE = "only whole strings"
NAMES = {
    "batch": ("batch files", ""),
    "c": ("C", "with the include; a `static` pointer becomes a macro"),
    "chunks": ("Quarto, R Markdown", "in chunks of Python, R, Julia and shells"),
    "clojure": ("Clojure", _WHOLE),
    "cpp": ("C++", "with the include; `constexpr` goes, and a part of a string needs `std::string`"),
    "csharp": ("C#", "a `const` becomes `static readonly`"),
    "dart": ("Dart", "with the import; a `const` becomes `final`; not in Flutter"),
    "elixir": ("Elixir", "only where code runs at run time"),
    "elixir_script": ("Elixir scripts", "also `config/runtime.exs`"),
    "emacs-lisp": ("Emacs Lisp", f"{_WHOLE}, not in quoted lists"),
    "erlang": ("Erlang", f"{_WHOLE}, not in patterns and guards"),
    "fish": ("fish", ""),
    "fsharp": ("F#", f"{_WHOLE}, not in literals for the compiler"),
    "go": ("Go", "with the import; a `const` outside a block becomes a `var`"),
    "groovy": ("Groovy, Gradle", ""),
    "haskell": ("Haskell", "only constants with the signature `:: String`; with the imports"),
    "java": ("Java", "`${NAME}` in a `@Value` of Spring"),
    "javascript": ("JavaScript", "not in code for browsers"),
    "jsonnet": ("Jsonnet", f"{_WHOLE}; started with `jsonnet -V NAME`"),
    "julia": ("Julia", "not in modules, which are compiled"),
    "notebook": ("Jupyter notebooks", "in code cells, by the kernel's language (Python, R, Julia)"),
    "kotlin": ("Kotlin", "a `const val` becomes a `val`; not in Android apps"),
    "leiningen": ("Leiningen's project.clj", _WHOLE),
    "lua": ("Lua", ""),
    "make": ("Make", "in recipes `$${NAME}`"),
    "perl": ("Perl", "inside strings and here-documents too"),
    "php": (
        "PHP",
        "a `const` becomes a `define`, and other constants read one; in Laravel's configuration `env('NAME')`",
    ),
    "powershell": ("PowerShell", ""),
    "python": ("Python", "with the import"),
    "r": ("R", ""),
    "ruby": ("Ruby", ""),
    "rust": ("Rust", "read once where a `&str` is needed; a private `const` becomes a `LazyLock`"),
    "scala": ("Scala", ""),
    "shell": ("shell", ""),
    "swift": ("Swift", "with the import; not in apps"),
    "terraform": ("Terraform", "the default of a variable, which `TF_VAR_…` in `.env` sets"),
    "tsx": ("TSX", "not in code for browsers"),
    "typescript": ("TypeScript", "not in code for browsers"),
    "vim": ("Vim", "only whole strings that `let` assigns"),
}
"""The name of each language of code for people, and what a move does besides."""
KNOWN = (
    "tokenward run",
    "Docker Compose",
    "GitHub Actions",
    "GitLab CI",
    "npm",
    "Spring",
    "Ansible",
)
"""The readers of the short table, as far as there are rows for them."""
MOST_FILES = 6

_OPENING = """\
# What takes a token's place, by the program that reads the file

<!-- `make reader-pages` writes this page from the tables of readers. -->

A move replaces a token by what the program that reads the file looks up, and adds `NAME=keyring://WORKSPACE/NAME` to
`.env` where that is a variable. `tokenward run -- COMMAND` then gives the program its value. The last column has what
is left to do besides; a quick fix with an entry there is not the preferred one, and its title says so.

A file that is in neither list keeps its token: **Store … and add it to .env** stores it, and in a data file
`tokenward move --inject FILE` leaves a reference for
[`tokenward inject`](../how-to/run.md#a-program-that-reads-a-file).

## Code

| language | in place of the token | besides |
| --- | --- | --- |
"""
_DATA = """
## Other files

| program | files | in place of the token | left to do |
| --- | --- | --- | --- |
"""
_OWN = """
## A program's own settings

In a file such as `config.yaml`, the library with which the project's code reads it decides.

| library | code | in place of the token | left to do |
| --- | --- | --- | --- |
"""


def pages() -> dict[Path, str]:
    """Return the text of each page that has a generated part."""
    table = "".join(["| file | in place of the token |\n| --- | --- |\n", *_short_rows()])
    written = {path: _with_table(path.read_text("utf-8"), table) for path in TABLES}
    return {PAGE: "".join([_OPENING, *_code_rows(), _DATA, *_rows(READERS), _OWN, *_own_rows()]), **written}


def file_names(pattern: str) -> list[str]:
    """Return the names that a pattern of file paths matches, with `*` for any part."""
    return list(dict.fromkeys(re.sub(r"\*+", "*", name) for name in _expanded(parser.parse(pattern))))


def _rows(readers: Iterable[Reader]) -> Iterator[str]:
    for reader in sorted(readers, key=lambda reader: reader.name.casefold()):
        names = _files(reader)
        moved = [place for place in reader.places if place.look_up or not place.refusal]
        kinds = dict.fromkeys((_look_up(place), place.sentence() or "nothing") for place in moved)
        if not kinds:
            kinds = {("the token stays", f"{reader.refusal.rstrip('.')}." if reader.refusal else ""): None}
        for look_up, after in kinds:
            left = _cell(after.replace("LOGIN_URL", "https://HOST"))
            yield f"| {reader.name} | {names} | {look_up} | {left} |\n"


def _own_rows() -> Iterator[str]:
    for library in sorted(LIBRARIES, key=lambda library: library.name.casefold()):
        code = ", ".join(_code(f"*{suffix}") for suffix in library.suffixes)
        look_up = _look_up(library.place) if library.place else _code("set by NAME")
        left = (library.place.sentence() if library.place else "") or "nothing"
        yield f"| {library.name} | {code} | {look_up} | {_cell(left)} |\n"


def _code_rows() -> Iterator[str]:
    lookups = {syntax.grammar.name: syntax.grammar.lookup for syntax in CODE_LANGUAGES}
    code = {language.name: language for language in LANGUAGES if language.kind is LanguageKind.CODE}
    # A file of direnv is a row of the other table.
    for name in code.keys() - {"direnv"}:
        assert name in NAMES, f"{name} has no name for people"
    for name, (label, besides) in NAMES.items():
        look_up = lookups.get(name) or _rewritten(code[name], EXAMPLES[name]).replace("GITHUB_TOKEN", "NAME")
        yield f"| {label} | {_code(look_up)} | {_cell(besides)} |\n"


def _rewritten(language: Language, text: str) -> str:
    """Return what takes the place of the token in a text."""
    start = text.index("TOKEN")
    span = Span(start, start + len("TOKEN"))
    name = language.read(text).variable(span) or "GITHUB_TOKEN"
    planned = plan_rewrite(text, language, [span], Reference("acme-api", name))
    return planned.look_up or planned.edits[-1].text


def _short_rows() -> Iterator[str]:
    for language, (name, text) in CODE.items():
        found = language_of(f"/w/{name}", None, text)
        assert found is not None
        yield f"| {language} | {_code(_rewritten(found, text))} |\n"
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
    written = (str(place.helper) if place.helper else place.look_up).replace(
        "REFERENCE", "keyring://WORKSPACE/NAME"
    )
    if place.start and not written:
        return "the language's own lookup"
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
