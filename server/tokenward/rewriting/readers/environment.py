"""Readers of environment files and of launch configurations: `tokenward run` and the extension resolve references."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.browser import BUNDLED, PUBLIC
from tokenward.rewriting.readers.reader import Place, outside, reader

ENV_FILES = r"(?!.*\.(?:json|ya?ml|toml|py|[cm]?[jt]s)\Z)\.env(?:\.[^/]*)?|[^/]*\.env"
"""Matches the name of an environment file, also of a template for one."""
_TEMPLATE = re.compile(r".*\.(?:example|sample|template|dist)(?:\.[^/]*)?", re.IGNORECASE)
_LAUNCHED = re.compile(r"configurations(?:/[^/]+)?/(?:env/[^/]+|environment/value|args)")


def is_environment_file(name: str) -> bool:
    """Return whether a file's name is one of the `.env` family."""
    return re.fullmatch(ENV_FILES, name, re.IGNORECASE) is not None


def has_variables(name: str) -> bool:
    """Return whether a file's name is one of the `.env` family, and not of a template that people copy."""
    return is_environment_file(name) and _TEMPLATE.fullmatch(name) is None


ENV_FILE = reader(
    "tokenward run",
    "dotenv",
    ENV_FILES,
    Place("REFERENCE", PUBLIC, in_environment=False, after=BUNDLED),
    Place("REFERENCE", in_environment=False),
)

PASSED_ON = reader(
    "Docker Compose's env_file",
    "dotenv",
    r"[^/.][^/]*\.env",
    # Compose looks up variables in these files, but not between single quotes.
    Place("${NAME}", is_expression=True, whole=True),
    content=r"^\w+=\$\{\w+\}[ \t]*\r?$",
    special=r"\$",
)

ENVIRONMENT = (
    PASSED_ON,
    ENV_FILE,
    reader(
        "R at its start", "dotenv", r"\.Renviron|Renviron\.site", Place("${NAME}", before=outside("${", "}"))
    ),
    reader(
        "VS Code's launch configurations",
        "jsonc",
        r"\.vscode/launch\.json",
        Place("REFERENCE", _LAUNCHED, in_environment=False),
        Place("${env:NAME}", after="Start VS Code with `tokenward run --only NAME -- code .`."),
    ),
)
