"""The helpers that the user's own configuration of git has for a URL."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tokenward.operations.programs import find_program

OURS = ["", "tokenward"]
"""The helpers of a URL that Tokenward alone answers for."""


def helpers_of(key: str) -> list[str]:
    """Return the values of a key such as `credential.https://git.example.com.helper`."""
    found = _config("--get-all", key)
    return found.removesuffix("\n").split("\n") if found else []


def unregister(url: str) -> None:
    """Have git ask for a URL as it does for others, if it asks only Tokenward."""
    key = f"credential.{url}.helper"
    if helpers_of(key) == OURS:
        _config("--unset-all", key)


def _config(*words: str) -> str:
    git = find_program("git")
    command = [git, "config", "--global", *words] if git else []
    # Not in a folder that may be a stranger's repository.
    done = (
        subprocess.run(command, cwd=Path.home(), capture_output=True, text=True, check=False)
        if command
        else None
    )
    return done.stdout if done else ""
