"""Whatever ignores a generic secret for other scanners also ignores a token found by its name."""

from __future__ import annotations

import random
import string

import pytest

from workspace_texts import Workspace

TEXT = f'api_key = "{"".join(random.Random(5).choices(string.ascii_letters + string.digits, k=32))}"'


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".gitleaks.toml", '[extend]\ndisabledRules = ["generic-api-key"]\n'),
        (".gitleaks.toml", '[extend]\ndisabledRules = ["tokenward.generic"]\n'),
        (".gitleaksignore", "src/app.py:generic-api-key:1\n"),
    ],
)
def test_a_file_of_gitleaks_silences_it_by_the_name_that_gitleaks_has(
    workspace: Workspace, file: str, content: str
) -> None:
    assert workspace.found(TEXT)
    workspace.files[file] = content
    assert workspace.silenced_by(TEXT)[0].startswith(file)


@pytest.mark.parametrize("comment", ["tokenward:ignore", "gitleaks:allow", "pragma: allowlist secret"])
def test_a_comment_silences_it(workspace: Workspace, comment: str) -> None:
    assert workspace.silenced_by(f"{TEXT}  # {comment}") == ["a comment"]
