"""Finding a program by its name on Windows, and passing arguments to a batch file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.errors import TokenwardError
from tokenward.operations.programs import batch_command_line, windows_names, windows_start


@pytest.mark.parametrize(
    ("name", "pathext", "expected"),
    [
        ("npm", ".EXE;.CMD", ["npm.EXE", "npm.CMD", "npm"]),
        ("npm.cmd", ".EXE;.CMD", ["npm.cmd", "npm.cmd.EXE", "npm.cmd.CMD"]),
        ("node.EXE", ".exe", ["node.EXE", "node.EXE.exe"]),
        ("python3.11", ".EXE", ["python3.11.EXE", "python3.11"]),
        ("az", "", ["az.COM", "az.EXE", "az.BAT", "az.CMD", "az"]),
        ("az", ";;.EXE;", ["az.EXE", "az"]),
    ],
)
def test_a_name_without_an_ending_means_a_windows_program_before_a_shell_script(
    name: str, pathext: str, expected: list[str]
) -> None:
    assert windows_names(name, pathext) == expected


def test_a_program_gets_its_arguments_as_a_list() -> None:
    assert windows_start(r"C:\bin\node.exe", ["a&b"]) == (
        r"C:\bin\node.exe",
        [r"C:\bin\node.exe", "a&b"],
    )


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("plain", "plain"),
        ("C:\\a", "C:\\a"),
        ("", '""'),
        ("two words", '"two words"'),
        ("a&whoami", '"a&whoami"'),
        ('a"&whoami', '"a""&whoami"'),
        ('\\"', '"\\\\"""'),
        ("end\\", '"end\\\\"'),
        ("%PATH%", '"%%cd:~,%PATH%%cd:~,%"'),
        ("!x!", '"!x!"'),
        ("^", '"^"'),
    ],
)
def test_a_batch_file_gets_an_argument_in_quotes_that_the_command_processor_leaves_alone(
    argument: str, expected: str
) -> None:
    line = batch_command_line(r"C:\b c\x.cmd", [argument])
    assert line == f'cmd.exe /e:ON /v:OFF /d /c ""C:\\b c\\x.cmd" {expected}"'


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])))
def test_no_argument_of_a_batch_file_leaves_its_quotes(argument: str) -> None:
    line = batch_command_line("x.bat", [argument])
    rest = line.removeprefix('cmd.exe /e:ON /v:OFF /d /c ""x.bat" ').removesuffix('"')
    outside = re.sub(r'"(?:[^"]|"")*"', "", rest)
    assert re.fullmatch(r"[\w#$*+\-./:?@\\]*", outside, re.ASCII)
    # No two percent signs may enclose a name.
    assert "%" not in rest.replace("%%cd:~,%", "")


@pytest.mark.parametrize("argument", ["a\nwhoami", "a\r", "a\0b"])
def test_a_batch_file_gets_no_argument_that_ends_a_line(argument: str) -> None:
    with pytest.raises(TokenwardError, match="line break"):
        batch_command_line("x.bat", ["fine", argument])
