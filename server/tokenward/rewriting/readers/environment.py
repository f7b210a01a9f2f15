"""Readers of environment files and of launch configurations: `tokenward run` and the extension resolve references."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.reader import Place, reader

_ENV_FILES = r"(?!.*\.(?:json|ya?ml|toml|py|[cm]?[jt]s)\Z)\.env(?:\.[^/]*)?|[^/]*\.env"
_IN_ENV = re.compile(r"configurations(?:/[^/]+)?/env/[^/]+")


def is_environment_file(name: str) -> bool:
    """Return whether a file's name is one of the `.env` family."""
    return re.fullmatch(_ENV_FILES, name, re.IGNORECASE) is not None


ENV_FILE = reader("tokenward run", "dotenv", _ENV_FILES, Place("REFERENCE", in_environment=False))

ENVIRONMENT = (
    ENV_FILE,
    reader(
        "VS Code's launch configurations",
        "jsonc",
        r"\.vscode/launch\.json",
        Place("REFERENCE", _IN_ENV, in_environment=False),
        Place("${env:NAME}"),
    ),
)
