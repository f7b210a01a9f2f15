"""What a move changes for containers of docker compose, which look up no references and see no host's variables."""

from __future__ import annotations

import re

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


IN_IMAGE = "services:\n  db:\n    image: x\n  a:\n    build: {}\n"
DIFFERENCES = (
    """
+    environment:
+      - GH_TOKEN
     env_file: .env
""",
    """
     env_file: ["./.env"]
     environment:
+    - GH_TOKEN
     - A=b
""",
    """
     env_file: .env
     environment: # note
+      GH_TOKEN: ${GH_TOKEN}
       A: b
""",
    """
     env_file: .env
-    environment: {A: b}
+    environment: {GH_TOKEN: "${GH_TOKEN}", A: b}
""",
    """
     env_file: .env
-    environment: []
+    environment: ["GH_TOKEN"]
""",
    """
     <<: *a
     env_file: .env
""",
    """
     env_file: .env
     environment: *a
""",
    """
     env_file: other.env
""",
    """
     env_file: .env
     environment:
       A: b

 # note
       GH_TOKEN: c
""",
    """
     env_file: .env
     environment:

       # note
+      - GH_TOKEN
       - A
""",
    """
     env_file: .env
     environment: {GH_TOKEN}
""",
    """
     env_file: .env
     "environment": {A: b}
""",
    """
     image: x
   b: !override
     env_file: .env
     environment: {A: b}
""",
)


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_container_gets_a_line_of_env_from_compose(desk: Desk, difference: str) -> None:
    lines = difference.lstrip("\n").splitlines(keepends=True)
    before, after = (
        "x: &a {b: c}\nservices:\n  a:\n"
        + "".join(line[1:] or "\n" for line in lines if line[0] in f"{kept}\n")
        for kept in (" -", " +")
    )
    done = moved(desk, before, ".env", f"GH_TOKEN={tokens.github()}\n")
    is_left = before == after and not re.search("other|GH_TOKEN", before)
    assert desk.editor.text(desk.folder / "compose.yaml") == after
    assert done.after.startswith("Add GH_TOKEN to `environment:` in compose.yaml, because") == is_left
    assert (done.after == "") != is_left


@pytest.mark.parametrize(
    ("service", "dockerfile", "gets"),
    [
        (IN_IMAGE.format("."), "FROM x\nCOPY app app\n", True),
        (IN_IMAGE.format('./\n    ports: ["1:1"]'), "FROM x\nADD --chown=1 . .\n", True),
        (
            IN_IMAGE.format("\n      context: .\n      dockerfile: Dockerfile"),
            'FROM x\ncopy ["app/*.py", "/"]\n',
            True,
        ),
        (IN_IMAGE.format("."), "FROM x\nCOPY --from=a app app\nCOPY requirements.txt .\n", False),
        (IN_IMAGE.format("web"), "FROM x\nCOPY . .\n", False),
        (f"{IN_IMAGE.format('.')}    env_file: .env\n", "FROM x\nCOPY . .\n", True),
        (f"{IN_IMAGE.format('web')}    env_file: .env\n", "FROM x\nCOPY . .\n", False),
        (IN_IMAGE.format("."), "", False),
        ("services:\n  a:\n    image: x\n    volumes:\n      - ./app:/srv\n", "", True),
        ("services:\n  a:\n    image: x\n    volumes: ['./web:/srv']\n", "", False),
        ("services:\n  a: {build: .}\n", "FROM x\nCOPY . .\n", False),
    ],
)
def test_code_in_a_container_gets_its_variable_from_compose(
    desk: Desk, service: str, dockerfile: str, gets: bool
) -> None:
    desk.editor.open(desk.folder / "Dockerfile", dockerfile)
    moved(desk, service, "app/main.py", f'GH_TOKEN = "{tokens.github()}"\n')
    assert ("- GH_TOKEN\n" in desk.editor.text(desk.folder / "compose.yaml")) == gets


def test_a_container_gets_the_variable_of_its_image_from_compose(desk: Desk) -> None:
    text = f"FROM x\nENV GH_TOKEN={tokens.github()}\n"
    done = moved(desk, IN_IMAGE.format("."), "Dockerfile", text)
    assert (done.after, "- GH_TOKEN" in desk.editor.text(desk.folder / "compose.yaml")) == ("", True)


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


MONOREPO = "services:\n  a:\n    build: {}\n    env_file: [packages/api/.env]\n  db:\n    image: x\n"


@pytest.mark.parametrize(
    ("service", "file", "gets"),
    [
        ("packages/api", "packages/api/.env", "a"),
        ("packages/api", "packages/api/src/server.py", "a"),
        ("packages/api", "packages/api/tests/test_server.py", ""),
        ("packages/api", "packages/worker/main.py", ""),
        ("packages/api", "packages/worker/.env", ""),
        ("packages/api", ".env", ""),
        (".", "packages/worker/main.py", ""),
        (".\n  b:\n    build: packages/worker", "packages/worker/main.py", "b"),
        (".", "main.py", "a"),
        (".", "tests/main.py", ""),
        ("{context: ., dockerfile: packages/worker/Dockerfile}", "packages/worker/main.py", "a"),
    ],
)
def test_a_container_gets_only_what_its_own_package_reads(
    desk: Desk, service: str, file: str, gets: str
) -> None:
    for name in ("Dockerfile", "packages/api/Dockerfile", "packages/worker/Dockerfile"):
        desk.editor.open(desk.folder / name, "FROM x\nCOPY . .\n")
    desk.editor.open(desk.folder / "packages/api/.env", "A=1\n")
    (desk.folder / "packages/api").mkdir(parents=True, exist_ok=True)
    (desk.folder / "packages/api/.env").write_text("A=1\n")
    line = "GH_TOKEN={}\n" if file.endswith(".env") else 'GH_TOKEN = "{}"\n'
    compose = MONOREPO.format(service)
    moved(desk, compose, file, line.format(tokens.github()))
    line = "    environment:\n      - GH_TOKEN\n"
    expected = compose.replace(f"  {gets}:\n", f"  {gets}:\n{line}") if gets else compose
    assert desk.editor.text(desk.folder / "compose.yaml") == expected
