"""The files in docs/how-to/docker.md and docs/how-to/run-in-vs-code.md give a program its tokens."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import PATIENCE, TOKENWARD, Shell

DOCS = Path(__file__).parents[2] / "docs"
TOKEN = tokens.github("docs")
DOCKER = """#!/usr/bin/env python3
# Reads --env-file, -e and the services of a compose file as Docker does, and tells what a container would get.
import os, re, sys
words, given = sys.argv[1:], {}
def take(line):
    name, has_value, value = line.partition("=")
    if has_value: given[name] = value
    elif name in os.environ: given[name] = os.environ[name]
for option, value in zip(words, words[1:]):
    if option == "-e": take(value)
    if option == "--secret": take(value.rpartition("env=")[2])
    if option == "--env-file":
        for line in open(value, encoding="utf-8"):
            line = line.lstrip().removesuffix("\\n")
            if line and not line.startswith("#"): take(line)
if words[0] == "compose":
    text = open("compose.yaml").read()
    for name in re.findall("(?:- |environment: )([A-Z_]+)$", text, re.MULTILINE): take(name)
print(words[0], given.get("GITHUB_TOKEN") == os.environ["EXPECTED"], given.get("NAME"))
"""
REPORTS = '#!/bin/sh\necho "${0##*/} $* $(test "$GITHUB_TOKEN" = "$EXPECTED" && echo has it)"\n'


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", DOCS.joinpath(page).read_text(), re.DOTALL | re.MULTILINE
    )


def parsed(jsonc: str) -> Any:
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", re.sub(r"//.*", "", jsonc)))


@pytest.fixture
def acme(shell: Shell, tmp_path: Path) -> Shell:
    """A workspace with a token, and programs that report whether they got it."""
    shell.put("GITHUB_TOKEN", TOKEN)
    shell.write_env("GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN", 'NAME="a b # \'c"')
    programs = Shell(shell.environment, tmp_path / "programs")
    programs.folder.mkdir()
    programs.write_script("docker", DOCKER)
    for name in ("npm", "node"):
        programs.write_script(name, REPORTS)
    path = os.pathsep.join([str(programs.folder), str(Path(TOKENWARD).parent), os.environ["PATH"]])
    return shell.having(PATH=path, EXPECTED=TOKEN)


def started(shell: Shell, *command: str) -> str:
    done = subprocess.run(
        command,
        env=dict(shell.environment),
        cwd=shell.folder,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("command", blocks("how-to/docker.md", "sh"))
@pytest.mark.parametrize("compose", blocks("how-to/docker.md", "yaml"))
def test_each_command_for_docker_gives_a_container_the_token(acme: Shell, command: str, compose: str) -> None:
    acme.folder.joinpath("compose.yaml").write_text(compose)
    verb = re.findall(r"docker (\w+)", command)[0]
    name = "a b # 'c" if "--env-file" in command else None
    assert started(acme, "bash", "-c", command) == f"{verb} True {name}\n"


def test_the_tasks_and_the_debugger_of_vs_code_give_a_program_the_token(acme: Shell) -> None:
    ours, tasks, launch = map(parsed, blocks("how-to/run-in-vs-code.md", "jsonc"))
    own = ours["tasks"][0]
    assert started(acme, "tokenward", "run", "--", own["command"], *own["args"]) == "npm start has it\n"
    task = tasks["tasks"][0]
    assert started(acme, task["command"], *task["args"]) == "npm start has it\n"
    debugged = launch["configurations"][0]
    program = debugged["program"].replace("${workspaceFolder}", str(acme.folder))
    shown = started(acme, debugged["runtimeExecutable"], *debugged["runtimeArgs"], program)
    assert shown == f"node {acme.folder}/app.js has it\n"
