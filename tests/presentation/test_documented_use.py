"""The configuration that docs/how-to/ci.md and the pre-commit hook give to other repositories."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

import tokenward
from presentation.test_reports import FORMATS

ROOT = Path(__file__).parents[2]
CI = (ROOT / "docs" / "how-to" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^(?:    .*\n|\n(?=    ))+", CI, re.MULTILINE)
CONFIGURATIONS = [block for block in BLOCKS if re.match(r"\s+(?:- )?\w+:", block)]


def strings(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [
            text for item in (value.values() if isinstance(value, dict) else value) for text in strings(item)
        ]
    return [str(value)]


@pytest.mark.parametrize("block", CONFIGURATIONS)
def test_a_documented_configuration_is_yaml_that_runs_tokenward(block: str) -> None:
    assert [text for text in strings(yaml.safe_load(textwrap.dedent(block))) if "tokenward" in text]


def test_every_ci_system_is_documented() -> None:
    assert len(CONFIGURATIONS) == 5


def test_every_documented_format_exists() -> None:
    named = re.findall(r"--format (\w+)", CI)
    assert named
    assert set(named) <= FORMATS.keys()


def test_no_documented_command_takes_a_name_that_a_stranger_chose_for_shell_code() -> None:
    commands = [line for block in CONFIGURATIONS for line in block.splitlines() if "run:" in line]
    assert commands
    assert [line for line in commands if "${{" in line] == []


def test_every_action_is_pinned_by_commit_and_to_one_version_everywhere() -> None:
    texts = [CI, *(path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").iterdir())]
    used = {
        use
        for text in texts
        for use in re.findall(r"uses: (\S+)@(\S+)(?: # (v[\d.]+))?$", text, re.MULTILINE)
    }
    assert len(used) == len({action for action, *_ in used}) > 1
    assert [use for use in used if not (re.fullmatch("[0-9a-f]{40}", use[1]) and use[2])] == []


def test_every_documented_install_names_the_version_of_the_package() -> None:
    installs = re.findall(r"pip install (?!\./)(\S+?)[`\n]", CI) + re.findall(r"rev: v(\S+)", CI)
    assert {install.removeprefix("tokenward==") for install in installs} == {tokenward.__version__}


def test_the_hook_takes_no_file_name_for_an_option() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    entries = {hook["id"]: (hook["entry"], hook.get("pass_filenames", True)) for hook in hooks}
    assert entries == {
        "tokenward": ("tokenward scan --staged", False),
        "tokenward-files": ("tokenward scan --", True),
    }
    assert {hook["language"] for hook in hooks} == {"python"}
