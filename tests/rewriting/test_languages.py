from __future__ import annotations

import pytest

from tokenward.rewriting.languages import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("path", "language_id", "expected"),
    [
        ("/w/.env", None, "dotenv"),
        ("/w/.env.local", "plaintext", "dotenv"),
        ("/w/.env", "shellscript", "dotenv"),
        ("C:\\w\\prod.env", None, "dotenv"),
        ("/w/.envrc", None, "direnv"),
        ("/w/.envrc", "shellscript", "direnv"),
        ("/w/.env.json", None, "json"),
        ("/w/a.json", "jsonc", "json"),
        ("/w/tsconfig.base.json", "json", "jsonc"),
        ("/w/.vscode/mcp.json", None, "jsonc"),
        ("/w/docker-compose.YML", "dockercompose", "yaml"),
        ("/w/pyproject.toml", None, "toml"),
        ("/w/setup.cfg", None, "ini"),
        ("/w/.npmrc", None, "ini"),
        ("/w/application.properties", "ini", "properties"),
        ("/w/fastlane/Matchfile", None, "ruby"),
        ("/w/rel/env.sh.eex", None, "shell"),
        ("/w/a.py", "python", "python"),
        ("/w/a.py", None, "python"),
        ("/w/run", "python", "python"),
        (None, "python", "python"),
        ("/w/a.mjs", None, "javascript"),
        ("/w/a.js", "javascriptreact", "javascript"),
        ("/w/a.d.ts", None, "typescript"),
        ("/w/a.tsx", "typescriptreact", "tsx"),
        ("/w/deploy.sh", None, "shell"),
        ("/w/.zshrc", None, "shell"),
        ("/w/build.BAT", "bat", "batch"),
        ("/w/a.fish", None, "fish"),
        ("/w/Makefile", "makefile", "make"),
        ("/w/main.tf", None, "terraform"),
        ("/w/book.ipynb", "python", "python"),
        ("/w/book.ipynb", "json", "notebook"),
        ("/w/book.ipynb", None, "notebook"),
        ("/w/report.qmd", "quarto", "chunks"),
        ("/w/report.Rmd", None, "chunks"),
        ("/w/plot.R", "r", "r"),
        ("/w/lib/a.ex", "elixir", "elixir"),
        ("/w/config/runtime.exs", "elixir", "elixir_script"),
    ],
)
def test_a_language_is_known_by_name_or_id(path: str | None, language_id: str | None, expected: str) -> None:
    language = language_of(path, language_id)
    assert language is not None
    assert language.name == expected


@pytest.mark.parametrize(
    ("path", "language_id"),
    [
        ("/w/a.txt", None),
        (None, None),
        ("/w/environment", "plaintext"),
        ("/w/a.zig", "zig"),
    ],
)
def test_other_files_have_no_language(path: str | None, language_id: str | None) -> None:
    assert language_of(path, language_id) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#!/bin/sh", "shell"),
        ("#! /usr/bin/bash -e\r", "shell"),
        ("#!/usr/bin/env zsh", "shell"),
        ("#!/usr/bin/python3.12 -u", "python"),
        ("#!/usr/bin/env -S A=1 python3 -I", "python"),
        ("#!/usr/local/bin/node", "javascript"),
        ("#!/usr/bin/env", None),
        ("#!", None),
        ("#!/usr/bin/env pythonic", None),
        (" #!/bin/sh", None),
        ("x\n#!/bin/sh", None),
    ],
)
def test_a_script_without_an_ending_is_known_by_its_first_line(line: str, expected: str | None) -> None:
    language = language_of("/w/bin/deploy", "plaintext", f"{line}\necho\n")
    assert (language.name if language else None) == expected


def test_an_editors_id_and_a_files_ending_come_before_the_first_line() -> None:
    names = [
        language_of(path, an_id, "#!/bin/sh\n") for path, an_id in (("/w/a", "python"), ("/w/a.py", None))
    ]
    assert [language and language.name for language in names] == ["python", "python"]
    assert language_of("/w/notes.txt", None, "#!/bin/sh\n") is None


def test_every_language_has_a_row_of_its_own() -> None:
    assert len({language.name for language in LANGUAGES}) == len(LANGUAGES)
