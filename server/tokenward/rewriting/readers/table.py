"""reader_of: the table of readers, one row each."""

from __future__ import annotations

from tokenward.rewriting.readers.agents import AGENTS
from tokenward.rewriting.readers.browser import BROWSER
from tokenward.rewriting.readers.ci import CI
from tokenward.rewriting.readers.containers import CONTAINERS
from tokenward.rewriting.readers.editors import EDITORS
from tokenward.rewriting.readers.environment import ENVIRONMENT
from tokenward.rewriting.readers.kubernetes import KUBERNETES
from tokenward.rewriting.readers.reader import Reader
from tokenward.rewriting.readers.shells import SHELLS

# Kubernetes is last, because any file may be its own.
READERS: tuple[Reader, ...] = (
    *ENVIRONMENT,
    *CI,
    *CONTAINERS,
    *SHELLS,
    *EDITORS,
    *AGENTS,
    *BROWSER,
    *KUBERNETES,
)


def reader_of(path: str, text: str) -> Reader | None:
    """Return the program that reads a file; None if no row knows it. The path has `/` between its parts."""
    return next((reader for reader in READERS if reader.reads(path, text)), None)
