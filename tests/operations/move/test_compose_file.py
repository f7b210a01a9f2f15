"""What a move changes for containers of docker compose, which look up no references and see no host's variables."""

from __future__ import annotations

import pytest

import tokens
from desk import Desk
from tokenward.operations.move.move import MoveResult, move


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


PASSED_ON = "Add GH_TOKEN to `environment:` in compose.yaml, because compose passes on the lines"
OF_CODE = "Add GH_TOKEN to `environment:` in compose.yaml for each service that reads it."


@pytest.mark.parametrize(
    ("service", "is_left"),
    [
        ("env_file: .env", True),
        ('env_file: ["./.env"]\n    environment:\n    - A=b', True),
        ("env_file: .env # note\n    environment: {A: b} # GH_TOKEN:", True),
        ("env_file:\n      # note\n      - path: .env", True),
        ("<<: *a\n    env_file: .env", True),
        ("env_file: other.env", False),
        ("build: .", False),
        ("env_file: .env\n    environment:\n      A: b\n\n      GH_TOKEN: c", False),
        ("env_file: .env\n    environment:\n      - GH_TOKEN", False),
        ("env_file: .env\n    environment: {GH_TOKEN}", False),
        ('env_file: .env\n    environment: ["GH_TOKEN"]', False),
    ],
)
def test_a_person_names_a_variable_of_env_that_compose_would_pass_on(
    desk: Desk, service: str, is_left: bool
) -> None:
    compose = f"x: &a {{b: c}}\nservices:\n  a:\n    {service}\n"
    done = moved(desk, compose, ".env", f"GH_TOKEN={tokens.github()}\n")
    assert desk.editor.text(desk.folder / "compose.yaml") == compose
    assert done.after.startswith(PASSED_ON) == is_left
    assert (done.after == "") != is_left


@pytest.mark.parametrize(
    ("file", "service", "is_left"),
    [
        ("app/main.py", "build: .", True),
        ("app/main.py", "build: {context: ./, dockerfile: D}", True),
        ("app/main.py", "build:\n      context: app", True),
        ("app/main.py", "volumes:\n      - ./app:/srv", True),
        ("app/main.py", "volumes: ['./app:/srv']", True),
        ("app/main.py", "build: .\n    environment:\n      - GH_TOKEN", False),
        ("app/main.py", "build: web", False),
        ("app/main.py", "volumes: ['./web:/srv']", False),
        ("app/main.py", "image: app", False),
        ("app/tests/test_main.py", "build: .", False),
    ],
)
def test_a_person_names_a_variable_of_code_that_a_container_gets(
    desk: Desk, file: str, service: str, is_left: bool
) -> None:
    compose = f"services:\n  a:\n    {service}\n"
    done = moved(desk, compose, file, f'GH_TOKEN = "{tokens.github()}"\n')
    assert desk.editor.text(desk.folder / "compose.yaml") == compose
    assert done.after == (OF_CODE if is_left else "")


def test_a_person_names_the_variable_of_an_image(desk: Desk) -> None:
    compose = "services:\n  a:\n    build: .\n"
    assert OF_CODE in moved(desk, compose, "Dockerfile", f"FROM x\nENV GH_TOKEN={tokens.github()}\n").after


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".npmrc", "//npm.example.com/:_authToken={}\n"),
        ("package.json", '{{"scripts": {{"a": "GH_TOKEN={} deploy"}}}}\n'),
    ],
)
def test_a_variable_of_another_program_is_not_for_the_container(desk: Desk, file: str, text: str) -> None:
    compose = "services:\n  a:\n    env_file: .env\n"
    moved(desk, compose, file, text.format(tokens.github()))
    assert desk.editor.text(desk.folder / "compose.yaml") == compose


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
