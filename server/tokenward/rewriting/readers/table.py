"""The table of readers, one row each."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.agents import AGENTS
from tokenward.rewriting.readers.browser import BROWSER
from tokenward.rewriting.readers.cargo import CARGO
from tokenward.rewriting.readers.ci import CI
from tokenward.rewriting.readers.clouds import CLOUDS, FUNCTIONS
from tokenward.rewriting.readers.containers import CONTAINERS
from tokenward.rewriting.readers.credential_files import CREDENTIAL_FILES
from tokenward.rewriting.readers.data_tools import DATA_TOOLS
from tokenward.rewriting.readers.editors import EDITORS
from tokenward.rewriting.readers.environment import ENVIRONMENT
from tokenward.rewriting.readers.fixed_files import FIXED_FILES
from tokenward.rewriting.readers.frameworks import FRAMEWORKS
from tokenward.rewriting.readers.java import JAVA
from tokenward.rewriting.readers.kubernetes import KUBERNETES
from tokenward.rewriting.readers.overridden import OVERRIDDEN
from tokenward.rewriting.readers.own_settings import FILES, own_settings
from tokenward.rewriting.readers.packages import PACKAGES
from tokenward.rewriting.readers.project import NO_PROJECT, Project
from tokenward.rewriting.readers.project_tools import PROJECT_TOOLS
from tokenward.rewriting.readers.reader import Reader
from tokenward.rewriting.readers.shells import SHELLS

# The first row that reads a file counts; any YAML file may be Kubernetes' own, so it is last.
READERS: tuple[Reader, ...] = (
    *FUNCTIONS,
    *ENVIRONMENT,
    *CI,
    *CONTAINERS,
    *SHELLS,
    *EDITORS,
    *AGENTS,
    *BROWSER,
    *FRAMEWORKS,
    *CARGO,
    *PACKAGES,
    *CREDENTIAL_FILES,
    *OVERRIDDEN,
    *DATA_TOOLS,
    *CLOUDS,
    *JAVA,
    *PROJECT_TOOLS,
    *FIXED_FILES,
    *KUBERNETES,
)
NAMING = re.compile(
    "|".join(
        [
            FILES.pattern,
            *(f"(?:{one.files.pattern})" for one in READERS if any(place.variable for place in one.places)),
        ]
    ),
    re.IGNORECASE | re.DOTALL,
)
"""The paths of files in whose place a reader may look up a value by one name only."""

SHELL_FILES, CI_FILES = (
    re.compile("|".join(one.files.pattern for one in rows), re.IGNORECASE | re.DOTALL)
    for rows in (SHELLS, CI)
)
"""The paths of start files of shells, and of files of CI, most of whose scripts look up a value by any name."""


def reader_of(path: str, text: str, project: Project = NO_PROJECT) -> Reader | None:
    """Return the program that reads a file; None if no row knows it. The path has `/` between its parts.

    The project is asked only about code, environment files, and files of settings.
    """
    known = (reader for reader in READERS if reader.reads(path, text, project))
    return next(known, None) or own_settings(path, project.code)
