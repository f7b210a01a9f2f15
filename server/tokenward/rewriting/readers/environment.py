"""Readers of environment files and of launch configurations: `tokenward run` and the extension resolve references."""

from __future__ import annotations

import re

from tokenward.rewriting.env_file import ENV_FILES
from tokenward.rewriting.readers.browser import BUNDLED, PUBLIC, SHIPPED
from tokenward.rewriting.readers.reader import Place, outside, reader

_LAUNCHED = re.compile(r"configurations(?:/[^/]+)?/(?:env/[^/]+|environment/value|args)")


ENV_FILE = reader(
    "tokenward run",
    "dotenv",
    ENV_FILES,
    # A build without `tokenward run`, such as that of CI, would publish the reference.
    Place("REFERENCE", re.compile(rf"(?!(?:{PUBLIC.pattern})\Z).*", re.DOTALL)),
    Place("", refusal=BUNDLED),
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
    reader("Flutter's assets", "dotenv", ENV_FILES, refusal=SHIPPED, bundled=True),
    PASSED_ON,
    ENV_FILE,
    reader(
        "R at its start", "dotenv", r"\.Renviron|Renviron\.site", Place("${NAME}", before=outside("${", "}"))
    ),
    reader(
        "VS Code's launch configurations",
        "jsonc",
        r"\.vscode/launch\.json",
        Place("REFERENCE", _LAUNCHED),
        Place("${env:NAME}", after="Start VS Code with `tokenward run --only NAME -- code .`."),
    ),
)
