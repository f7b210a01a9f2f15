"""The verbs on which every program waits, done without the command-line toolkit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from tokenward.fast_dataclasses import dataclass

Work = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The options of a verb, each with the name of the toolkit's parameter.

    Attributes:
        flags: the spellings of options without a value, each with the parameter and its value.
        lists: the spellings of options with a value, which may be repeated.
        is_command: the first word that is no option starts a command, whose words follow unread.
    """

    flags: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    is_command: bool = False


GRAMMARS = {
    "run": Grammar(
        {
            "--no-env-file": ("no_env_file", True),
            "--mask": ("mask", True),
            "--no-mask": ("mask", False),
            "--home": ("home", True),
        },
        {"--env-file": "env_file", "-f": "env_file", "--only": "only", "--file": "file"},
        is_command=True,
    ),
    "get": Grammar(
        {"--clip": ("clip", True), "-c": ("clip", True), "--yes": ("yes", True), "-y": ("yes", True)}
    ),
    "credential": Grammar(),
    "scan": Grammar(
        {"--staged": ("staged", True), "--cache": ("cache", True), "--no-cache": ("cache", False)},
        {"--format": "formats"},
    ),
}
"""The options of each verb, which are those that its module gives the toolkit."""
HELPERS = ("aws", "kubectl", "headers", "key")
"""The helpers that are asked by their arguments."""


def direct_work(words: Sequence[str]) -> Work | None:
    """Return what does the work of a command line; None for one that the toolkit must read."""
    if [*words] == ["server"]:
        return _serve
    grammar = GRAMMARS.get(words[0]) if words else None
    found = grammar and read_words(grammar, words[1:])
    if not found:
        return None
    given, others = found
    works: dict[str, tuple[bool, Work]] = {
        "run": (bool(others), lambda: _run(others, **given)),
        "get": (len(others) == 1, lambda: _get(*others, **given)),
        "credential": (
            len(others) > 1 and others[0] in HELPERS,
            lambda: _help(others[0], others[1:]),
        ),
        "scan": (_are_formats(given.get("formats")), lambda: _scan([*map(Path, others)], **given)),
    }
    is_whole, work = works[words[0]]
    return work if is_whole else None


def _serve() -> int:
    from tokenward.lsp.run import serve_stdio
    from tokenward.places import Places

    serve_stdio(Places.of_user())
    return 0


def _run(command: list[str], env_file: list[str], **given: bool | list[str]) -> int:
    from tokenward.cli.run.run import RunOptions, run_command

    return run_command(RunOptions(command, [*map(Path, env_file)], **given))  # type: ignore[arg-type]


def _get(name: str, **given: bool) -> int:
    from tokenward.cli.support.print_token import print_token

    print_token(name, **given)
    return 0


def _are_formats(names: list[str] | None) -> bool:
    if not names:
        return True
    from tokenward.cli.scan.scan_run import ScanFormat

    return {*names} <= {*ScanFormat}


def _scan(paths: list[Path], formats: list[str], **given: bool) -> int:
    from tokenward.cli.scan.scan import scan_and_print
    from tokenward.cli.scan.scan_run import ScanFormat, ScanOptions
    from tokenward.cli.support.terminal import replace_unprintable

    replace_unprintable()
    format_ = ScanFormat(formats[-1]) if formats else ScanFormat.HUMAN
    return scan_and_print(ScanOptions(paths, format_, **given))  # type: ignore[arg-type]


def _help(tool: str, words: list[str]) -> int:
    from tokenward.cli.support.credential_helper import help_tool

    return help_tool(tool, words)


def read_words(grammar: Grammar, words: Sequence[str]) -> tuple[dict[str, Any], list[str]] | None:
    """Return the options and the other words; None for a command line that the toolkit must read or refuse."""
    given: dict[str, Any] = {parameter: [] for parameter in grammar.lists.values()}
    others: list[str] = []
    rest = [*words]
    while rest:
        word = rest.pop(0)
        spelling, has_value, value = word.partition("=")
        if word == "--":
            others += rest
            break
        if word in grammar.flags:
            parameter, is_on = grammar.flags[word]
            given[parameter] = is_on
        elif spelling in grammar.lists and (not has_value or spelling.startswith("--")):
            value = value if has_value else rest.pop(0) if rest else ""
            if not value or value.startswith("-"):
                return None
            given[grammar.lists[spelling]].append(value)
        elif word.startswith("-") or not word:
            return None
        else:
            others.append(word)
            if grammar.is_command:
                others += rest
                break
    return given, others
