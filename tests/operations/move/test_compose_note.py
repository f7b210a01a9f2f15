"""What a move says where docker compose passes an environment file on to a container."""

from __future__ import annotations

import pytest

import tokens
from desk import Desk
from tokenward.operations.move.move import MoveResult, move

NOTE = "Add {} to `environment:` in compose.yaml, because compose passes on the lines of `env_file:` as they are."


def moved(desk: Desk, compose: str, file: str, text: str) -> MoveResult:
    desk.editor.open(desk.folder / "compose.yaml", compose)
    source = desk.editor.open(desk.folder / file, text)
    return move(desk.context, desk.request(source), desk.editor)


FILES = ["worker.env", "[base.env, worker.env]", "\n      - ./worker.env", "\n      - path: 'worker.env'"]


@pytest.mark.parametrize("files", FILES)
@pytest.mark.parametrize("value", ["{}", "'{}'", '"{}" # note'])
def test_a_line_that_compose_passes_on_looks_up_the_variable(desk: Desk, files: str, value: str) -> None:
    compose = f"services:\n  a:\n    image: x\n    env_file: {files}\n"
    before = f"A=1\nGH_TOKEN={value.format(tokens.github())}\n"
    done = moved(desk, compose, "worker.env", before)
    assert done.after == ""
    after = desk.editor.text(desk.folder / "worker.env")
    assert after.split("\n")[1].removesuffix(" # note") == "GH_TOKEN=${GH_TOKEN}"
    assert desk.editor.text(desk.folder / ".env") == f"GH_TOKEN={done.reference}\n"


def test_a_line_of_env_itself_is_named_with_what_the_container_needs(desk: Desk) -> None:
    done = moved(desk, "services:\n  a:\n    env_file: .env\n", ".env", f"GH_TOKEN={tokens.github()}\n")
    assert done.after == NOTE.format("GH_TOKEN")


def test_a_line_that_code_adds_is_named_too(desk: Desk) -> None:
    done = moved(desk, "services:\n  a:\n    env_file: .env\n", "app.py", f'GH_TOKEN = "{tokens.github()}"\n')
    assert done.after == NOTE.format(done.reference.name)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".npmrc", "//npm.example.com/:_authToken={}\n"),
        ("package.json", '{{"scripts": {{"a": "GH_TOKEN={} deploy"}}}}\n'),
    ],
)
def test_a_variable_of_another_program_is_not_for_the_container(desk: Desk, file: str, text: str) -> None:
    done = moved(desk, "services:\n  a:\n    env_file: .env\n", file, text.format(tokens.github()))
    assert "environment:" not in done.after


@pytest.mark.parametrize(
    "compose",
    [
        "services: {}\n",
        "services:\n  a:\n    env_file: other.env\n",
        "services:\n  a:\n    env_file: notworker.env\n",
        "services:\n  a:\n    env_file: worker.env\n    environment:\n      - GH_TOKEN\n",
        "services:\n  a:\n    env_file: worker.env\n    environment:\n      GH_TOKEN: ${GH_TOKEN}\n",
    ],
)
def test_nothing_is_left_where_compose_does_not_pass_the_line_on(desk: Desk, compose: str) -> None:
    assert moved(desk, compose, "worker.env", f"GH_TOKEN={tokens.github()}\n").after == ""


def test_the_look_up_in_the_compose_file_itself_is_enough(desk: Desk) -> None:
    text = f"services:\n  a:\n    env_file: .env\n    environment:\n      GH_TOKEN: {tokens.github()}\n"
    source = desk.editor.open(desk.folder / "compose.yaml", text)
    assert move(desk.context, desk.request(source), desk.editor).after == ""
