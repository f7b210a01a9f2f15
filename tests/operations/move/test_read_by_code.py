"""A token in a file that a project's own code reads stays, and the refusal names the line and what to write there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenward.operations.move.read_by_code import CodeLine, line_that_reads


@pytest.mark.parametrize(
    ("path", "code", "text", "line"),
    [
        (
            "config.json",
            "bot.py",
            'import json\nC = json.load(open("config.json"))\n',
            CodeLine("bot.py", 2, 'os.environ["NAME"]'),
        ),
        (
            "config.json",
            "index.js",
            "const { token } = require('./config.json');\n",
            CodeLine("index.js", 1, "process.env.NAME"),
        ),
        ("config.json", "a.mjs", "import c from './config'\n", CodeLine("a.mjs", 1, "process.env.NAME")),
        (
            "conf/app.yaml",
            "main.go",
            'import "x"\nos.ReadFile("conf/app.yaml")\n',
            CodeLine("main.go", 2, 'os.Getenv("NAME")'),
        ),
        ("config.json", "bot.py", '# reads "config.json"\n', None),
        ("config.json", "bot.py", 'open("myconfig.json")\nopen("config")\n', None),
        ("data.json", "bot.py", 'open("data.json")\n', None),
    ],
)
def test_the_line_that_reads_a_file_is_named(
    tmp_path: Path, path: str, code: str, text: str, line: CodeLine | None
) -> None:
    tmp_path.joinpath(".git").mkdir()
    tmp_path.joinpath(code).write_text(text)
    assert line_that_reads(tmp_path / path) == line


def test_the_nearest_code_is_named(tmp_path: Path) -> None:
    tmp_path.joinpath(".git").mkdir()
    for folder in ("a", "b", "c"):
        tmp_path.joinpath(folder).mkdir()
        tmp_path.joinpath(folder, f"{folder}.py").write_text('open("config.json")\n')
    assert line_that_reads(tmp_path / "b" / "config.json") == CodeLine("b.py", 1, 'os.environ["NAME"]')
