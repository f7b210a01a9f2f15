"""The output of `env` assigns exactly the values, and no name or value in it has another meaning."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tokenward.errors import SettingsError
from tokenward.operations.run.environment import read_env_file
from tokenward.presentation.assignments import AssignmentFormat, assignments

VALUES = st.text(
    st.one_of(st.sampled_from("'\"\\$`!\n\r {}#;&|%\u2018\u2019\u201a\u201b"), st.characters(codec="utf-8")),
    max_size=30,
).map(lambda value: value.replace("\0", ""))
VARIABLES = st.dictionaries(st.from_regex(r"\A[A-Z_][A-Z0-9_]{0,8}\Z").map("V_{}".format), VALUES, max_size=4)
FISH = re.compile(r"set -gx (\w+) '((?:[^'\\]|\\.)*)'", re.DOTALL)
QUOTE = "['\u2018\u2019\u201a\u201b]"
POWERSHELL = re.compile(rf"\$env:(\w+) = ((?:'(?:[^'\u2018-\u201b]|{QUOTE}{{2}})*'|\+|\[char\]1[03])+)")


def by_fish(text: str) -> dict[str, str]:
    """In single quotes fish knows two escapes."""
    assert FISH.sub("", text).strip("\n") == ""
    return {name: re.sub(r"\\([\\'])", r"\1", value) for name, value in FISH.findall(text)}


def by_powershell(text: str) -> dict[str, str]:
    """In single quotes PowerShell knows one escape, a doubled quote of any of its kinds."""
    found = {}
    for line in filter(None, text.split("\n")):
        match = POWERSHELL.fullmatch(line)
        assert match is not None, line
        parts = re.findall(rf"'((?:[^'\u2018-\u201b]|{QUOTE}{{2}})*)'|\[char\](\d+)", match[2])
        pieces = [
            chr(int(code)) if code else re.sub(rf"({QUOTE}){QUOTE}", r"\1", quoted) for quoted, code in parts
        ]
        found[match[1]] = "".join(pieces)
    return found


@example({"V_A": "'; touch ran; '", "V_B": "$(touch ran)`touch ran`\n\\"})
@settings(max_examples=40)
@given(VARIABLES)
def test_a_shell_gets_the_very_values(variables: dict[str, str]) -> None:
    script = (
        assignments(variables, AssignmentFormat.SHELL)
        + "\n"
        + "".join(f'printf "%s\\0" "${name}"\n' for name in variables)
    )
    for shell in ("sh", "bash"):
        done = subprocess.run(
            [shell], input=script.encode(), capture_output=True, check=True, env={"LC_ALL": "C"}
        )
        assert done.stdout == b"".join(f"{value}\0".encode() for value in variables.values())


@given(VARIABLES)
def test_fish_and_powershell_get_the_very_values(variables: dict[str, str]) -> None:
    assert by_fish(assignments(variables, AssignmentFormat.FISH)) == variables
    assert by_powershell(assignments(variables, AssignmentFormat.POWERSHELL)) == variables


@given(VARIABLES)
def test_json_holds_everything(variables: dict[str, str]) -> None:
    assert json.loads(assignments(variables, AssignmentFormat.JSON)) == variables


@given(VARIABLES)
def test_a_dotenv_file_holds_the_very_values_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "assigned.env"
    try:
        path.write_bytes(assignments(variables, AssignmentFormat.DOTENV).encode())
    except SettingsError:
        assert any("${" in value or "\r" in value for value in variables.values())
        return
    assert read_env_file(path, {}) == variables


def by_docker(text: str) -> dict[str, str]:
    lines = [line.removesuffix("\r").lstrip() for line in text.split("\n")]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@given(VARIABLES)
def test_docker_gets_the_very_values_or_is_refused(variables: dict[str, str]) -> None:
    try:
        text = assignments(variables, AssignmentFormat.DOCKER)
    except SettingsError:
        assert any({"\n", "\r"} & set(value) for value in variables.values())
        return
    assert by_docker(text) == variables


@pytest.mark.parametrize("value", ["a\nb", "a\r", "x" * 65_000, "\udcff"])
def test_what_docker_cannot_hold_is_refused_by_its_name(value: str) -> None:
    with pytest.raises(SettingsError, match=r"The value of KEY .* docker run -e KEY"):
        assignments({"KEY": value}, AssignmentFormat.DOCKER)


@pytest.mark.parametrize("form", [form for form in AssignmentFormat if form is not AssignmentFormat.JSON])
@pytest.mark.parametrize("name", ["A;touch ran", "A B", "a.b", "1A", "$(id)", "A\n", "é", "-x"])
def test_a_name_that_is_none_is_refused(form: AssignmentFormat, name: str) -> None:
    with pytest.raises(SettingsError, match="is not a valid variable name in a shell"):
        assignments({name: "1"}, form)


def test_every_format_has_its_lines() -> None:
    assert {form: assignments({"A": "b"}, form) for form in AssignmentFormat} == {
        AssignmentFormat.SHELL: "export A='b'",
        AssignmentFormat.FISH: "set -gx A 'b'",
        AssignmentFormat.POWERSHELL: "$env:A = 'b'",
        AssignmentFormat.DOTENV: "A='b'",
        AssignmentFormat.JSON: '{\n  "A": "b"\n}',
        AssignmentFormat.DOCKER: "A=b",
    }
