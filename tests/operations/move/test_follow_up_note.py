"""What a move says where `tokenward run` alone does not read the environment file."""

from __future__ import annotations

import pytest

import tokens
from desk import Desk

NAMED = "Start the program that reads {} with `tokenward run {} -- COMMAND`."

IN_MODE = (
    "Start the program with `tokenward run -- COMMAND` where NODE_ENV is production, because Next.js reads "
    ".env.production only then."
)


@pytest.mark.parametrize(
    ("others", "file", "expected"),
    [
        ((), ".env", ""),
        ((), "apps/api/.env", ""),
        (("next.config.js",), ".env.local", ""),
        ((), "worker.env", NAMED.format("worker.env", "--env-file .env --env-file worker.env")),
        (
            (),
            ".env.production",
            NAMED.format(".env.production", "--env-file .env --env-file .env.production"),
        ),
        ((), "my app.env", NAMED.format("my app.env", "--env-file .env --env-file 'my app.env'")),
        ((), "fastlane/.env", NAMED.format("fastlane/.env", "--env-file .env --env-file fastlane/.env")),
        ((), ".env.example", ""),
        (
            ("next.config.js",),
            ".env.production",
            IN_MODE,
        ),
    ],
)
def test_the_move_says_how_to_have_the_file_read(
    desk: Desk, others: tuple[str, ...], file: str, expected: str
) -> None:
    for name in others:
        (desk.folder / name).write_text("A=1\n")
    text = f"GH_TOKEN={tokens.github()}\n"
    path = desk.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert desk.move(desk.editor.open(path, text)).after == expected
