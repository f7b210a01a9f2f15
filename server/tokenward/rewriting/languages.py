"""The table of languages, one row each."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from tokenward.rewriting.chunks_syntax import ChunksSyntax
from tokenward.rewriting.code.batch import BatchSyntax
from tokenward.rewriting.code.fish import FishSyntax
from tokenward.rewriting.code.make import MakeSyntax
from tokenward.rewriting.code.shell import DirenvSyntax, ShellSyntax
from tokenward.rewriting.code.table import CODE
from tokenward.rewriting.data_syntax import JsonSyntax, JsonWithCommentsSyntax, TomlSyntax, YamlSyntax
from tokenward.rewriting.docker_syntax import DockerSyntax
from tokenward.rewriting.env_file import ENV_FILES
from tokenward.rewriting.jenkins_syntax import JenkinsSyntax
from tokenward.rewriting.line_syntax import (
    EnvSyntax,
    IniSyntax,
    KeySyntax,
    MarkupSyntax,
    PlainSyntax,
    PropertiesSyntax,
)
from tokenward.rewriting.literal import ParsedText
from tokenward.rewriting.notebook_syntax import NotebookSyntax
from tokenward.rewriting.parsing_once import once
from tokenward.rewriting.readers.environment import ENV_FILE, PASSED_ON
from tokenward.rewriting.readers.project import NO_PROJECT, Project
from tokenward.rewriting.readers.reader import Reader
from tokenward.rewriting.readers.reader_text import ReaderText
from tokenward.rewriting.readers.table import reader_of
from tokenward.rewriting.sql_syntax import SqlSyntax
from tokenward.rewriting.terraform_syntax import TerraformSyntax, TfvarsSyntax
from tokenward.rewriting.xml_syntax import XmlSyntax


class LanguageKind(StrEnum):
    """The kind of a file: one with references, or code that reads the environment."""

    DATA = "data"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Language:
    """A row of the table.

    Attributes:
        files: matches a file's name, with up to one folder before it.
        ids: LSP's names for it.
        comment: starts a comment that runs to the end of its line; None if the format has none.
        parse: parses a text.
        comments_end_lines: for every reader of the format, a comment may follow other text on its line.
        reader: the program that reads the file; None for code, or if it is unknown.
    """

    name: str
    kind: LanguageKind
    files: re.Pattern[str]
    ids: frozenset[str]
    comment: str | None
    parse: Callable[[str], ParsedText]
    comments_end_lines: bool = True
    reader: Reader | None = None

    def read_by(self, reader: Reader) -> Language:
        """Return the language for one reader."""
        return replace(self, parse=lambda text: ReaderText(self.parse(text), reader), reader=reader)

    def read(self, text: str) -> ParsedText:
        """Return a parsed text; within `parsing_once` each text is parsed once."""
        return once((self.key, text), lambda: self.parse(text))

    @property
    def key(self) -> Hashable:
        """Return a key that differs for each language, and for each of its readers."""
        return self.name, self.reader.name if self.reader else None


def _language(
    name: str,
    files: str,
    ids: str,
    comment: str | None,
    parse: Callable[[str], ParsedText],
    *,
    kind: LanguageKind,
    comments_end_lines: bool = True,
) -> Language:
    pattern = re.compile(rf"(?:.*/)?(?:{files})", re.IGNORECASE | re.DOTALL)
    return Language(name, kind, pattern, frozenset(ids.split()), comment, parse, comments_end_lines)


_data = partial(_language, kind=LanguageKind.DATA)
_lines = partial(_language, kind=LanguageKind.DATA, comments_end_lines=False)
_code = partial(_language, kind=LanguageKind.CODE)

_JSONC_FILES = (
    r"[^/]*\.(?:jsonc|code-workspace)|[tj]sconfig[^/]*\.json|(?:\.vscode|\.devcontainer)/[^/]*\.json"
)
_SHELL_FILES = r"[^/]*\.(?:sh|bash|zsh|ksh)|\.(?:bash|zsh)(?:rc|env)|\.(?:bash_|z)?profile|env\.sh\.eex"
_DOCKER_FILES = r"(?:[^/]*[.-])?(?:dockerfile|containerfile)(?:[.-][^/]*)?"

LANGUAGES: tuple[Language, ...] = (
    _data("jsonc", _JSONC_FILES, "jsonc", "//", JsonWithCommentsSyntax),
    _data("json", r"[^/]*\.json", "json", None, JsonSyntax),
    _data(
        "yaml",
        r"[^/]*\.(?:ya?ml|sls)|MLproject",
        "yaml dockercompose github-actions-workflow",
        "#",
        YamlSyntax,
    ),
    _data("toml", r"[^/]*\.toml|pipfile", "toml", "#", TomlSyntax),
    _lines("ini", r"[^/]*\.(?:ini|cfg)|\.npmrc|\.pypirc", "ini", "#", IniSyntax),
    _lines("properties", r"[^/]*\.properties", "properties java-properties", "#", PropertiesSyntax),
    _data("xml", r"[^/]*\.(?:xml|config|csproj|plist|props|targets)", "xml", None, XmlSyntax),
    _data("tfvars", r"[^/]*\.tfvars", "terraform-vars", "#", TfvarsSyntax),
    _lines("lines", r"requirements[^/]*\.(?:txt|in)", "pip-requirements", "#", PlainSyntax),
    _code("shell", _SHELL_FILES, "shellscript sh bash zsh shell", "#", ShellSyntax),
    _code("batch", r"[^/]*\.(?:bat|cmd)", "bat batch", "rem", BatchSyntax, comments_end_lines=False),
    _code("fish", r"[^/]*\.fish", "fish", "#", FishSyntax),
    _code(
        "make",
        r"(?:gnu)?makefile|[^/]*\.(?:mk|mak|make)",
        "makefile make",
        "#",
        MakeSyntax,
        comments_end_lines=False,
    ),
    _code("notebook", r"[^/]*\.ipynb", "jupyter", None, NotebookSyntax),
    _code("chunks", r"[^/]*\.(?:qmd|rmd)", "quarto rmd", None, ChunksSyntax),
    _code("terraform", r"[^/]*\.tf", "terraform", "#", TerraformSyntax),
    *(
        _code(row.name, row.files, row.ids, row.comment, syntax)
        for syntax in CODE
        for row in [syntax.grammar]
    ),
    _code("direnv", r"\.envrc", "", "#", DirenvSyntax),
    _lines("dockerfile", _DOCKER_FILES, "dockerfile", "#", DockerSyntax),
    _lines("jenkins", r"jenkinsfile(?:\.[^/]*)?|[^/]*\.jenkinsfile", "jenkinsfile", "//", JenkinsSyntax),
    _lines("psql", "(?!)", "", "--", SqlSyntax),
    _lines("markup", "(?!)", "", None, MarkupSyntax),
    _lines("key", "(?!)", "", None, KeySyntax),
    _data("dotenv", ENV_FILES, "dotenv env", "#", EnvSyntax),
)

_LONGEST_FIRST_LINE = 256
_BY_NAME = {language.name: language for language in LANGUAGES}
ENVIRONMENT_PASSED_ON = _BY_NAME[PASSED_ON.language].read_by(PASSED_ON)
"""An environment file that compose passes on to a container, looking up variables in it."""

_NOTEBOOK = "notebook"


# The names of languages by the programs of their scripts; `python3.12` counts as `python`.
_PROGRAMS = {
    "python": "python", "pypy": "python",
    "sh": "shell", "bash": "shell", "zsh": "shell", "ksh": "shell", "dash": "shell", "ash": "shell",
    "node": "javascript", "nodejs": "javascript", "bun": "typescript", "deno": "typescript", "tsx": "typescript",
    "ruby": "ruby", "perl": "perl", "php": "php", "lua": "lua", "fish": "fish", "pwsh": "powershell",
    "Rscript": "r", "julia": "julia", "elixir": "elixir_script", "groovy": "groovy", "make": "make",
}  # fmt: skip


def language_of(
    path: str | None, language_id: str | None, text: str = "", project: Project = NO_PROJECT
) -> Language | None:
    """Return the language of a file: for code, by the editor's id first; otherwise by its reader, then by its name.

    For any other file, the program named in its first line decides. `project` is as in `reader_of`.
    """
    name = path.replace("\\", "/") if path else ""
    if reader := reader_of(name, text, project):
        return _BY_NAME[reader.language].read_by(reader)
    by_path = next((language for language in LANGUAGES if language.files.fullmatch(name)), None)
    # Code that editors have no id for, such as direnv's, has another language's id but its own name.
    if by_path and (by_path.kind is LanguageKind.DATA or not by_path.ids):
        return by_path
    by_id = next((language for language in LANGUAGES if language_id in language.ids), None)
    if by_id and by_id.kind is LanguageKind.DATA and by_path and by_path.name == _NOTEBOOK:
        # The file as text; an open cell has its language's id.
        return by_path
    found = by_id or by_path
    if not path and found is not None and found.name == ENV_FILE.language:
        return found.read_by(ENV_FILE)
    is_bare = bool(name) and "." not in name.rpartition("/")[2]
    return found or (_by_first_line(text) if is_bare else None)


def _by_first_line(text: str) -> Language | None:
    """Return the language of a script by the program in its `#!` line."""
    line = text[:_LONGEST_FIRST_LINE].split("\n", 1)[0]
    words = line[2:].split() if line.startswith("#!") else []
    if words and words[0].rpartition("/")[2] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    program = words[0].rpartition("/")[2].rstrip("0123456789.") if words else ""
    return _BY_NAME.get(_PROGRAMS.get(program, ""))
