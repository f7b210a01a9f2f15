"""The reader of a file chooses the variable, and the environment file gains it only where that is read."""

from __future__ import annotations

import pytest

import tokens
from desk import Desk
from tokenward.errors import RewriteRefused

TOKEN = tokens.github("reader")


def test_an_instruction_of_a_dockerfile_names_the_variable(desk: Desk) -> None:
    path = desk.folder / "Dockerfile"
    source = desk.editor.open(path, f"FROM alpine\nENV DEPLOY_KEY={TOKEN}\nRUN curl -u {TOKEN}\n")
    desk.move(source, everywhere=True)
    assert desk.editor.text(path) == (
        "FROM alpine\nENV DEPLOY_KEY=${DEPLOY_KEY}\n"
        "RUN --mount=type=secret,id=DEPLOY_KEY,required=true,mode=0444 "
        'curl -u "$(cat /run/secrets/DEPLOY_KEY)"\n'
    )
    assert desk.editor.text(desk.folder / ".env") == "DEPLOY_KEY=keyring://acme-api/DEPLOY_KEY\n"
    assert desk.value("keyring://acme-api/DEPLOY_KEY") == TOKEN


def test_a_token_of_two_variables_is_not_moved_as_one(desk: Desk) -> None:
    path = desk.folder / "Dockerfile"
    text = f"FROM alpine\nENV FIRST_KEY={TOKEN}\nENV SECOND_KEY={TOKEN}\n"
    source = desk.editor.open(path, text)
    with pytest.raises(RewriteRefused, match="one by one"):
        desk.move(source, everywhere=True)
    assert desk.editor.text(path) == text
    desk.move(source)
    assert "ENV FIRST_KEY=${FIRST_KEY}\n" in desk.editor.text(path)


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD"])
def test_a_dockerfile_cannot_choose_a_variable_that_does_harm(desk: Desk, name: str) -> None:
    source = desk.editor.open(desk.folder / "Dockerfile", f"FROM alpine\nENV {name}={TOKEN}\n")
    with pytest.raises(RewriteRefused, match="does not set"):
        desk.move(source)


def test_a_secret_of_a_runner_is_not_read_from_the_environment_file(desk: Desk) -> None:
    path = desk.folder / ".gitlab-ci.yml"
    source = desk.editor.open(path, f"a:\n  script:\n    - deploy '{TOKEN}'\n")
    desk.move(source)
    assert TOKEN not in desk.editor.text(path)
    assert desk.editor.read(desk.folder / ".env") is None
