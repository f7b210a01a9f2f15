"""Shared by the tests that let a reader read a moved file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rewriting.moving import filled, spans_of
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.rewrite import plan_rewrite


def move_file(folder: Path, path: str, text: str) -> dict[str, str]:
    """Write a file without its token, T0K, and return the variable that a program needs now."""
    text = filled(text)
    language = language_of(f"/w/{path}", None, text)
    assert language is not None
    name = language.read(text).variable(spans_of(text)[0]) or "API_KEY"
    rewrite = plan_rewrite(text, language, spans_of(text), Reference("acme", name))
    assert rewrite.needs_environment
    assert not rewrite.after
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(apply_edits(text, rewrite.edits))
    return {name: rewrite.value.reveal()}


def output(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> str:
    """Return what a program prints that is started in a folder with some more variables."""
    environment = {**os.environ, "HOME": str(folder), **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    return done.stdout + done.stderr
