"""Moves of random tokens out of real files, and their way back.

    python benchmarks/rewriting_fuzz.py FOLDER… [--seed 1] [--files 40] [--tries 3] [--reasons 3]

Each try plants a random token in place of a string or value, or of a word in it, and now and then in two. Its move must
be refused, or pass all of these checks: the token is gone, the file parses as before and differs only in that value,
the reference is found, the record of the move gives the file back byte for byte, and without the record the value comes
back readable. Next to Tokenward's own parser, another one checks wherever this machine has it. Exits with 1 if a file
was broken.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import json
import os
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree as ET

import yaml

from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Span
from tokenward.rewriting.code.r import RSyntax
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import LANGUAGES, Language, language_of
from tokenward.rewriting.notebook_syntax import NotebookSyntax
from tokenward.rewriting.parsing_once import parsing_once
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import Rewrite, find_references, plan_rewrite
from tokenward.rewriting.syntax import Syntax

MOST_BYTES = 60_000
SIGNS = ("", "", "-_", "+/=", "._~-", "!@%^*?,:;|&$#")
"""What the tokens are made of besides letters and digits; most tokens have little."""

_STRING = re.compile(r".*string(?:_lit(?:eral)?)?|string|.*_scalar|AttValue|CharData|word|quoted_template")
_QUOTED = re.compile(
    r"\s*(?:[A-Za-z@$]{0,3}(?P<quote>\"\"\"|'''|[\"'`]))?(?P<inner>.*?)(?P=quote)?\s*", re.DOTALL
)
_LINE_VALUE = re.compile(r"^[^#;\[\s](?:[^\n=:]*[=:]|\S*[ \t])[ \t]*(?P<inner>\S[^\n]*?)\r?$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z0-9]{2,}")
_NAMES = {"key", "name", "source", "tag"}
_NAMING = re.compile(".*(?:import|include|use_declaration|directive|linkage|extern|literal_type).*")
"""Fields and kinds of nodes whose strings are names, such as of modules and keys."""
_LANGUAGE = {language.name: language for language in LANGUAGES}


@dataclass
class Row:
    """What happened to the files of one language or reader."""

    files: set[Path] = field(default_factory=set)
    tries: int = 0
    moved: int = 0
    readable: int = 0
    broken: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class Broken(Exception):
    """A check that a move did not pass."""


@dataclass(frozen=True)
class Case:
    """A file with a token in it.

    Attributes:
        spans: of the token.
        is_parsed: another parser than Tokenward's can read the file.
    """

    path: Path
    language: Language
    text: str
    spans: Sequence[Span]
    is_parsed: bool

    @property
    def token(self) -> str:
        return self.text[self.spans[0].start : self.spans[0].end]

    def check_same(self, after: str, *, is_moved: bool) -> None:
        """Fail if a text has other values than the file; once the token has moved, those with it may differ."""
        if len(self.language.read(after).errors()) > len(self.language.read(self.text).errors()):
            raise Broken("more errors of the grammar")
        if not self.is_parsed:
            return
        old = _scalars(self.language.name, self.text, self.path.suffix)
        new = _scalars(self.language.name, after, self.path.suffix)
        if old is None or new is None:
            raise Broken("another parser finds an error")
        reader = self.language.reader
        changes_more = reader is not None and any(place.further or place.disabled for place in reader.places)
        if not (is_moved and changes_more) and [
            first
            for first, second in zip_longest(old, new)
            if first != second and not (is_moved and first is not None and self.token in first)
        ]:
            raise Broken("other values changed")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=40, help="files of a language or reader")
    parser.add_argument("--tries", type=int, default=3, help="tries in a file")
    parser.add_argument("--show", metavar="WORDS", help="show the tries whose refusal has these words")
    parser.add_argument("--reasons", type=int, default=3, help="refusals of a language or reader to show")
    chosen = parser.parse_args()
    rows: dict[str, Row] = {}
    for path, text, language in _files(chosen.folders, chosen.seed, chosen.files):
        row = rows.setdefault(_name(language), Row())
        with parsing_once():
            for number in range(chosen.tries):
                rng = random.Random(f"{chosen.seed} {path} {number}")
                if case := _planted(path, text, language, rng):
                    _try(case, row, chosen.show)
    _show(rows, chosen.reasons)
    sys.exit(any(row.broken for row in rows.values()))


def _files(folders: Iterable[Path], seed: int, most: int) -> Iterator[tuple[Path, str, Language]]:
    """Yield files, their texts and who reads them, no more than so many of each reader."""
    found = sorted(Path(at, name) for folder in folders for at, _, names in os.walk(folder) for name in names)
    random.Random(seed).shuffle(found)
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for path in found:
        if not path.is_file() or path.is_symlink() or not 0 < path.stat().st_size < MOST_BYTES:
            continue
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        language = language_of(str(path), None, text)
        if language and counts[name := _name(language)] < most and text not in seen:
            seen.add(text)
            counts[name] += 1
            yield path, text, language


def _name(language: Language) -> str:
    return f"{language.name}: {language.reader.name}" if language.reader else language.name


def _try(case: Case, row: Row, show: str | None) -> None:
    """Move the token out of a file and bring it back."""
    row.files.add(case.path)
    row.tries += 1
    rewrite = None
    try:
        name = case.language.read(case.text).variable(case.spans[0]) or "FUZZ_TOKEN"
        reference = Reference("acme", name)
        rewrite = plan_rewrite(case.text, case.language, case.spans, reference)
        moved = _moved(case, reference, rewrite)
        row.moved += 1
        row.readable += _comes_back(case, moved, reference, rewrite)
    except RewriteRefused as refused:
        if rewrite:
            row.broken += 1
            _print("BROKEN on the way back", case, refused)
            return
        row.reasons[str(refused)] += 1
        if show and show in str(refused):
            _print("REFUSED", case, refused)
    except Exception as error:  # noqa: BLE001 - any failure is a finding
        row.broken += 1
        _print(f"BROKEN by {type(error).__name__}", case, error)
        print("  =>", *(edit.text for edit in (rewrite.edits if rewrite else ())), sep="\n     ")


def _print(word: str, case: Case, error: Exception) -> None:
    line = case.text.count("\n", 0, case.spans[0].start)
    around = [one[:200] for one in case.text.split("\n")[max(line - 2, 0) : line + 3]]
    print(f"{word} {_name(case.language)} {case.path}:{line + 1}: {error}", *around, sep="\n  ")


def _planted(path: Path, text: str, language: Language, rng: random.Random) -> Case | None:
    """Return the file with a token in it; None if that breaks it already."""
    places = [*_values(language, text)]
    if not places:
        return None
    letters = string.ascii_letters + string.digits
    token = "".join(rng.choices(letters + rng.choice(SIGNS), k=rng.randint(20, 48))) + rng.choice(letters)
    planted, spans, end = "", [], 0
    for value in sorted(rng.sample(places, min(len(places), rng.choice((1, 1, 1, 2))))):
        words = [Span(*word.span()) for word in _WORD.finditer(text, value.start, value.end)]
        is_whole = "\n" not in text[value.start : value.end] and rng.random() < 0.6
        place = value if is_whole or not words else rng.choice(words)
        planted += text[end : place.start] + token
        spans.append(Span(len(planted) - len(token), len(planted)))
        end = place.end
    planted += text[end:]
    reader = language_of(str(path), None, planted)
    if reader is None:
        return None
    is_parsed = _scalars(reader.name, text, path.suffix) is not None
    if is_parsed and _scalars(reader.name, planted, path.suffix) is None:
        return None
    try:
        is_worse = len(reader.read(planted).errors()) > len(reader.read(text).errors())
    except RewriteRefused:
        return None
    return None if is_worse else Case(path, reader, planted, spans, is_parsed)


def _values(language: Language, text: str) -> Iterator[Span]:
    """Yield the insides of strings and values, none inside another."""
    try:
        # Without the reader, which hides the syntax tree.
        parsed = _LANGUAGE[language.name].read(text)
    except RewriteRefused:
        return
    if isinstance(parsed, (NotebookSyntax, RSyntax)):
        for leaf in parsed.leaves():
            if leaf.kind in {"string", "string_content"} and len(leaf.span) > 2:
                found = _QUOTED.fullmatch(text, leaf.span.start, leaf.span.end)
                inner = Span(*found.span("inner")) if found else leaf.span
                # A string of a notebook's file is no value, unless it is code.
                with suppress(RewriteRefused):
                    parsed.literal(inner, Reference("acme", "FUZZ_TOKEN"))
                    yield inner
        return
    if not isinstance(parsed, Syntax):
        yield from (Span(*found.span("inner")) for found in _LINE_VALUE.finditer(text))
        return
    waiting = [parsed.root]
    while waiting:
        node = waiting.pop()
        is_name = node.field in _NAMES or _NAMING.fullmatch(node.type) is not None
        is_value = node.is_named and not is_name and _STRING.fullmatch(node.type) is not None
        if is_value:
            span = parsed.span(node)
            inner = Span(*_QUOTED.fullmatch(text, span.start, span.end).span("inner"))
            is_alone = node.parent is not None and node.parent.type == "expression_statement"
            if text[inner.start : inner.end].strip() and not is_alone:
                yield inner
        elif not is_name:
            waiting += reversed(node.children)


def _moved(case: Case, reference: Reference, rewrite: Rewrite) -> str:
    """Return the text after the move, if that changed nothing else."""
    moved = apply_edits(case.text, rewrite.edits)
    if case.token in moved or case.token in json.dumps([step.to_json() for step in rewrite.undo]):
        raise Broken("the token is still there")
    if not find_references(moved, case.language, [reference.name]):
        raise Broken("no reference is found")
    case.check_same(moved, is_moved=True)
    return moved


def _comes_back(case: Case, moved: str, reference: Reference, rewrite: Rewrite) -> bool:
    """Return whether the value comes back without the record; fail if it does not with it."""
    language = language_of(str(case.path), None, moved)
    if language is None or language.key != case.language.key:
        raise Broken("another program reads the file after the move")
    undo = [type(step).from_json(step.to_json()) for step in rewrite.undo]
    if apply_edits(moved, plan_restore(moved, language, undo, reference, rewrite.value)) != case.text:
        raise Broken("the way back gives other bytes")
    try:
        restored = apply_edits(moved, plan_restore(moved, language, (), reference, rewrite.value))
    except RewriteRefused:
        return False
    if find_references(restored, language, [reference.name]):
        raise Broken("a reference remains without the record")
    case.check_same(restored, is_moved=False)
    return True


@lru_cache(maxsize=16)
def _scalars(language: str, text: str, suffix: str) -> list[str] | None:
    """Return the values of a data file as another parser reads them; none of code, and None if it has errors."""
    errors = (
        SyntaxError,
        ValueError,
        yaml.YAMLError,
        configparser.Error,
        ET.ParseError,
        RecursionError,
        AttributeError,  # configparser's, for a further line of a key without a value
    )
    try:
        if parse := _PARSERS.get(language):
            return [*parse(text)]
    except errors:
        return None
    command = _COMMANDS.get(language, ())
    if not command or not shutil.which(command[0]):
        return []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"file{suffix}")
        file.write_text(text, "utf-8", newline="")
        return None if subprocess.run([*command, file], capture_output=True, check=False).returncode else []


def _of_python(text: str) -> list[str]:
    with warnings.catch_warnings(action="ignore"):
        ast.parse(text)
    return []


def _of_yaml(text: str) -> Iterator[str]:
    for event in yaml.parse(text, yaml.CSafeLoader):
        yield f"{type(event).__name__} {getattr(event, 'tag', '')} {getattr(event, 'value', '')}"


def _of_ini(text: str) -> Iterator[str]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    return _flat({name: dict(section) for name, section in parser.items()})


def _of_xml(text: str) -> Iterator[str]:
    for element in ET.fromstring(text).iter():
        yield from (element.tag, element.text or "", element.tail or "")
        yield from _flat(element.attrib)


def _flat(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _flat(item)
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item)
    else:
        yield repr(value)


def _json(text: str) -> Iterator[str]:
    return _flat(json.loads(text))


_PARSERS: dict[str, Callable[[str], Iterable[str]]] = {
    "python": _of_python,
    "json": _json,
    "jsonc": _json,
    "yaml": _of_yaml,
    "toml": lambda text: _flat(tomllib.loads(text)),
    "ini": _of_ini,
    "xml": _of_xml,
    "notebook": lambda text: [type(json.loads(text)).__name__],
}
_COMMANDS = {
    "javascript": ("node", "--check"),
    "shell": ("bash", "-n"),
    "ruby": ("ruby", "-c"),
    "go": ("gofmt", "-e"),
    "c": ("gcc", "-fsyntax-only"),
    "cpp": ("g++", "-fsyntax-only"),
    "php": ("php", "-l"),
    "lua": ("luac", "-p"),
    "r": ("Rscript", "--vanilla", "-e", "invisible(parse(commandArgs(TRUE)[1]))"),
    "fish": ("fish", "--no-execute"),
}


def _show(rows: dict[str, Row], reasons: int) -> None:
    print(
        "| language or file's reader | files | tries | moved | refused | broken | back without the record |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    total = Row()
    for name, row in sorted(rows.items()):
        print(_line(name, row))
        total.files |= row.files
        total.reasons += row.reasons
        for column in ("tries", "moved", "readable", "broken"):
            setattr(total, column, getattr(total, column) + getattr(row, column))
    print(_line("all", total))
    for name, row in [*sorted(rows.items()), ("all", total)]:
        print(f"\n{name} refused:", *_most(row.reasons, reasons), sep="\n  ")


def _line(name: str, row: Row) -> str:
    cells = (len(row.files), row.tries, row.moved, row.reasons.total(), row.broken, row.readable)
    return f"| {name} | {' | '.join(f'{cell:,}' for cell in cells)} |"


def _most(reasons: Counter[str], most: int) -> list[str]:
    return [f"{count:5} {reason}" for reason, count in reasons.most_common(most)]


if __name__ == "__main__":
    main()
