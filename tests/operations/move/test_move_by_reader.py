"""The reader of a file chooses the variable, and the environment file gains it only where that is read."""

from __future__ import annotations

import json

import pytest

import tokens
from desk import Desk
from tokenward.errors import RewriteRefused
from tokenward.operations.move.store_aside import store_aside

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


def test_what_fastlane_reads_is_in_the_environment_file_above_its_folder(desk: Desk) -> None:
    (desk.folder / "fastlane").mkdir()
    (desk.folder / "fastlane" / ".env").write_text("A=b\n")
    desk.move(desk.editor.open(desk.folder / "fastlane" / "Fastfile", f'GH_TOKEN = "{TOKEN}"\n'))
    assert desk.editor.text(desk.folder / ".env") == "GH_TOKEN=keyring://acme-api/GH_TOKEN\n"


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("schema.prisma", 'datasource db {{\n  url = "postgresql://shop:{}@db/shop"\n}}\n', "DATABASE_URL"),
        ("app.py", 'import os\nx = os.getenv("CACHE_URL", "redis://:{}@db/0")\n', "CACHE_URL"),
    ],
)
def test_a_variable_that_holds_a_whole_address_is_called_so(
    desk: Desk, file: str, text: str, name: str
) -> None:
    source = desk.editor.open(desk.folder / file, text.format("Kranich7Tulip3Harbour"))
    assert desk.move(source).reference.name == name
    assert desk.value(f"keyring://acme-api/{name}").endswith(("@db/shop", "@db/0"))


OTHER = tokens.github("other")


@pytest.mark.parametrize("key", [TOKEN, OTHER, f"Keys:{TOKEN}", f"DEPLOY_{TOKEN}"])
def test_a_variable_whose_name_shows_a_token_is_not_recorded(desk: Desk, key: str) -> None:
    text = json.dumps({"Github": {key: TOKEN}}, indent=2)
    source = desk.editor.open(desk.folder / "appsettings.json", text)
    last = len(desk.findings(source)) - 1
    with pytest.raises(RewriteRefused, match="name contains a token"):
        desk.move(source, last)
    assert not [*desk.context.ledger.records()]
    assert desk.editor.text(desk.folder / "appsettings.json") == text


@pytest.mark.parametrize("key", ["github-token", "spring.mail.password", "LD_PRELOAD", "PATH", TOKEN, OTHER])
def test_a_name_of_the_environment_file_that_no_token_can_have_is_not_used(desk: Desk, key: str) -> None:
    line = f"{key}={TOKEN}\n"
    desk.editor.open(desk.folder / ".env", line)
    source = desk.editor.open(desk.folder / "app.py", f'X = "{TOKEN}"\n')
    assert str(desk.move(source).reference) == "keyring://acme-api/GITHUB_TOKEN"
    assert desk.editor.text(desk.folder / ".env") == f"{line}GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
    aside = desk.editor.open(desk.folder / "config.json", json.dumps({"a_token": TOKEN}))
    assert store_aside(desk.context, desk.request(aside), desk.editor).reference.name == "GITHUB_TOKEN"
