"""The programs that a repository may have put where they are, and the start of others without its code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenward.custody.bindings.bindings import marks_repository

_MOST_LINKS = 40
"""The most links that a system follows."""
_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")
"""What marks the folder above the programs of an environment, into which a repository's requirements are installed."""
_TOOLS = ("/opt/homebrew",)
"""Working copies of programs that install others for the user; so are hidden ones in the home folder, such as pyenv."""
_LOADS_CODE = re.compile(
    r"LD_.*|DYLD_.*|GCONV_PATH|OPENSSL_.*|PYTHON.*|PERL5.*|RUBY(OPT|LIB)|NODE_(OPTIONS|PATH)|(BASH_)?ENV|SHELL|COMSPEC"
    r"|PATHEXT|.*PAGER|.*EDITOR|VISUAL|.*_ASKPASS|BROWSER|LESS(OPEN|CLOSE)|PSQLRC|PG(SERVICEFILE|SYSCONFDIR)"
    r"|(LIB)?MYSQL_.*|CURL_HOME|HOME|XDG_.*|APPDATA|USERPROFILE",
    re.IGNORECASE,
)
"""Variables that name code to load, programs to start, or files that do."""


def is_repositorys(program: str, root: Path) -> bool:
    """Return whether a repository may have put a program, or a link on the way to it, where it is."""
    folder = os.path.dirname(program)  # noqa: PTH120 - links stay
    if not os.path.isabs(folder) or any(map(_is_environments, (folder, os.path.realpath(folder)))):  # noqa: PTH117
        return True
    places = [*_ways(program)]
    return len(places) > _MOST_LINKS or any(
        _is_own(above, root) for place in places for above in Path(place).parents
    )


def own_variables(variables: Mapping[str, str], inherited: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return variables with which a program starts no code of a repository: neither by PATH nor as its `.env` says."""
    kept = {
        name: value
        for name, value in variables.items()
        if not _LOADS_CODE.fullmatch(name) or inherited.get(name) == value
    }
    kept |= {name: value for name, value in inherited.items() if name in variables and name not in kept}
    folders = inherited.get("PATH", os.defpath).split(os.pathsep)
    own = [one for one in folders if not is_repositorys(os.path.join(one, "program"), root)]  # noqa: PTH118
    return kept | {"PATH": os.pathsep.join(own)}


def _is_environments(folder: str) -> bool:
    if folder.replace("\\", "/").casefold().endswith("/node_modules/.bin"):
        return True
    above = os.path.dirname(folder)  # noqa: PTH120
    return any(os.path.lexists(os.path.join(above, mark)) for mark in _ENVIRONMENTS)  # noqa: PTH118


def _ways(path: str) -> Iterator[str]:
    """Yield a path, those to which the links in it lead, and its real one."""
    yield os.path.realpath(path)
    way = os.path.normpath(path)
    for _ in range(_MOST_LINKS + 1):
        yield way
        link = next((str(one) for one in (*reversed(Path(way).parents), Path(way)) if one.is_symlink()), "")
        if not link:
            return
        # The first link comes first, so that `..` behind it means what it means to the system.
        target = os.path.join(os.path.dirname(link), os.readlink(link))  # noqa: PTH115, PTH118, PTH120
        way = os.path.normpath(target + way[len(link) :])


def _is_own(folder: Path, root: Path) -> bool:
    """Return whether a folder is the workspace or a working copy, unless it is around the home folder."""
    homes = (Path.home(), Path.home().resolve())
    if any(home.is_relative_to(folder) for home in homes):
        return False
    is_tool = str(folder) in _TOOLS or (folder.parent in homes and folder.name.startswith("."))
    return _is_same(folder, root) or (marks_repository(folder) and not is_tool)


def _is_same(one: Path, other: Path) -> bool:
    # A system without case has many names for a folder.
    try:
        return one.samefile(other)
    except OSError:
        return one == other
