"""After a move, code with a fallback runs under `tokenward run`, or without it if the variable is set."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

import tokens
from cli_shell import Shell

TOKEN = tokens.github("fallback")
PROGRAMS = [
    ("app.py", "python3", 'import os\nprint(os.getenv("GH_TOKEN", "T0K"))\n'),
    (
        "app.py",
        "python3",
        'import os\nos.environ.setdefault("GH_TOKEN", "T0K")\nprint(os.environ["GH_TOKEN"])\n',
    ),
    ("app.py", "python3", 'import os\nprint(os.environ.get("GH_TOKEN") or "T0K")\n'),
    ("app.js", "node", 'console.log(process.env.GH_TOKEN || "T0K")\n'),
    ("app.js", "node", 'process.env.GH_TOKEN ??= "T0K"\nconsole.log(process.env.GH_TOKEN)\n'),
    ("app.sh", "sh", 'set -u\necho "${GH_TOKEN:-T0K}"\n'),
    ("app.php", "php", '<?php\necho getenv("GH_TOKEN") ?: "T0K", "\\n";\n'),
    ("app.pl", "perl", 'print $ENV{GH_TOKEN} // "T0K", "\\n";\n'),
    ("app.exs", "elixir", 'IO.puts(System.get_env("GH_TOKEN") || "T0K")\n'),
    ("app.sh", "sh", ': "${GH_TOKEN:=T0K}"\necho "$GH_TOKEN"\n'),
]


@pytest.mark.parametrize(("name", "program", "code"), PROGRAMS)
def test_a_program_with_a_fallback_works_as_before(shell: Shell, name: str, program: str, code: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"this test needs {program}")
    file = shell.folder / name
    file.write_text(code.replace("T0K", TOKEN))
    done = shell("move", name)
    assert (done.code, TOKEN in file.read_text(), "GH_TOKEN" in (shell.folder / ".env").read_text()) == (
        0,
        False,
        True,
    )
    assert shell("run", "--no-mask", "--", program, name).text == f"{TOKEN}\n"
    elsewhere = {**shell.environment, "GH_TOKEN": "production"}
    run = subprocess.run([program, name], cwd=shell.folder, env=elsewhere, capture_output=True, check=True)
    assert run.stdout == b"production\n"
    assert shell("restore", name).code == 0
    assert file.read_text() == code.replace("T0K", TOKEN)


def test_a_fallback_whose_variable_has_another_value_is_refused_with_the_reason(shell: Shell) -> None:
    shell.write_env("GH_TOKEN=other")
    code = f'import os\nprint(os.getenv("GH_TOKEN", "{TOKEN}"))\n'
    (shell.folder / "app.py").write_text(code)
    done = shell("move", "app.py")
    assert (done.code, "fallback of GH_TOKEN" in done.err + done.text) == (2, True)
    assert (shell.folder / "app.py").read_text() == code


def test_a_notebooks_token_moves_out_of_its_code_and_comes_back(shell: Shell) -> None:
    cell = {"cell_type": "code", "source": [f'key = "{TOKEN}"'], "outputs": [], "metadata": {}}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    notebook = shell.folder / "study.ipynb"
    notebook.write_text(text)
    assert shell("move", "study.ipynb").code == 0
    source = "".join(json.loads(notebook.read_text())["cells"][0]["source"])
    assert (TOKEN in source, "os.environ" in source) == (False, True)
    assert shell("restore", "study.ipynb").code == 0
    assert notebook.read_text() == text
