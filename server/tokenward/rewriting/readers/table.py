"""reader_of: the table of readers of data files, one row each."""

from __future__ import annotations

from tokenward.rewriting.readers.ci import CI
from tokenward.rewriting.readers.credential_files import CREDENTIAL_FILES
from tokenward.rewriting.readers.data_tools import DATA_TOOLS
from tokenward.rewriting.readers.environment import ENVIRONMENT
from tokenward.rewriting.readers.frameworks import FRAMEWORKS
from tokenward.rewriting.readers.packages import PACKAGES
from tokenward.rewriting.readers.reader import Reader

READERS: tuple[Reader, ...] = (
    *ENVIRONMENT,
    *CI,
    *FRAMEWORKS,
    *PACKAGES,
    *CREDENTIAL_FILES,
    *DATA_TOOLS,
)


def reader_of(path: str, text: str) -> Reader | None:
    """Return the program that reads a data file; None if no row knows it. The path has `/` between its parts."""
    return next((reader for reader in READERS if reader.reads(path, text)), None)
