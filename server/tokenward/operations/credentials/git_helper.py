"""The helpers that the user's own configuration of git has for a URL."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tokenward.operations.programs import find_program

_OURS = ["", "tokenward"]
"""The helpers of a URL that Tokenward alone answers for."""


def helpers_of(key: str) -> list[str]:
    """Return the values of a key such as `credential.https://git.example.com.helper`."""
    found = _config("--get-all", key)
    return found.removesuffix("\n").split("\n") if found else []


def is_registered(url: str) -> bool:
    """Return whether git asks only Tokenward for an HTTP URL."""
    return url.startswith(("https://", "http://")) and helpers_of(_key(url)) == _OURS


def unregister(url: str) -> None:
    """Have git ask for a URL as it does for others, if it asks only Tokenward."""
    if is_registered(url):
        _config("--unset-all", _key(url))


def _key(url: str) -> str:
    return f"credential.{url}.helper"


def _config(*words: str) -> str:
    git = find_program("git")
    if git is None:
        return ""
    # Not in a folder that may be a stranger's repository.
    done = subprocess.run(
        [git, "config", "--global", *words], cwd=Path.home(), capture_output=True, text=True, check=False
    )
    return done.stdout
