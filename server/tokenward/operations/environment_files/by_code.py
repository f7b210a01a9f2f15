"""The environment files that a project's own code names, where it uses no framework of the table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tokenward.operations.environment_files.frameworks import MODE, Framework
from tokenward.rewriting.env_file import has_variables
from tokenward.sources.project_code import project_code

_CODE = (
    ".cjs", ".go", ".js", ".mjs", ".php", ".py", ".rb", ".rs", ".sh", ".ts", "Makefile", "package.json",
)  # fmt: skip
# Its mode may follow from an expression.
_NAMED = re.compile(r"[\"'`/\s=]\.env\.(?:([A-Za-z][\w-]*)(\.local)?(?![\w.-])|(?=[#${]|[\"'`]\s*[+.]))")
_LOCAL = "local"
_USUAL = ("development", "dev")
_BY_MODE = Framework(
    "the project's code",
    (".env", ".env.MODE", ".env.local", ".env.MODE.local"),
    variables=("NODE_ENV", "APP_ENV", "ENVIRONMENT"),
)


def named_by_code(folder: Path, names: Iterable[str]) -> Framework | None:
    """Return how a project's code reads those of its files that it names; None if it names none of them."""
    there = {name.split(".")[2] for name in names if name.startswith(".env.") and has_variables(name)}
    # Below the home folder is everybody's code.
    if not there or folder.resolve() == Path.home().resolve():
        return None
    named: set[str] = set()
    for _, text in project_code(folder / ".env", _CODE):
        named |= {one[1] or MODE for one in _NAMED.finditer(text)}
    modes = there - {_LOCAL} if MODE in named else there & named - {_LOCAL}
    is_local = _LOCAL in there & named
    if not modes and not is_local:
        return None
    usual = next((mode for mode in _USUAL if mode in modes), "")
    # If the code names one file for developers, it reads that in every mode.
    fixed = usual if modes == {usual} and MODE not in named else MODE
    files = [name.replace(MODE, fixed) for name in _BY_MODE.files if is_local or name != ".env.local"]
    return replace(_BY_MODE, files=tuple(files), mode="" if fixed == usual else usual)
