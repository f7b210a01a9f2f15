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
        ("/w/.envrc", None, "shell"),
        ("/w/.env.json", None, "json"),
        ("/w/a.json", "jsonc", "json"),
        ("/w/tsconfig.base.json", "json", "jsonc"),
        ("/w/.vscode/mcp.json", None, "jsonc"),
        ("/w/docker-compose.YML", "dockercompose", "yaml"),
        ("/w/pyproject.toml", None, "toml"),
        ("/w/setup.cfg", None, "ini"),
        ("/w/.npmrc", None, "ini"),
        ("/w/application.properties", "ini", "properties"),
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
        ("/w/book.ipynb", "json"),
        ("/w/environment", "plaintext"),
        ("/w/a.zig", "zig"),
    ],
)
def test_other_files_have_no_language(path: str | None, language_id: str | None) -> None:
    assert language_of(path, language_id) is None


def test_every_language_has_a_row_of_its_own() -> None:
    assert len({language.name for language in LANGUAGES}) == len(LANGUAGES)
