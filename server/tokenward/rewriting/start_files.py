"""require_no_start_file: a shell reads its start files before `tokenward run` sets variables."""

from __future__ import annotations

import re
from pathlib import PurePath

from tokenward.errors import RewriteRefused
from tokenward.places import shown

_START_FILE = re.compile(
    r"(?:\.|dot_)(?:bash(?:rc|env|_profile|_login|_aliases)|z(?:shrc|shenv|profile|login)|(?:mk)?shrc|kshrc|profile)"
    r"|config\.fish|(?:Microsoft\.\w+_)?profile\.ps1"
)
_DIRENV = ".envrc"


def require_no_start_file(path: PurePath | None) -> None:
    """Return only if a script is read after its variables are set.

    Raises:
        RewriteRefused: it is not, so the token would be empty in every new shell.
    """
    if path is not None and path.name == _DIRENV:
        raise RewriteRefused(
            f"direnv reads {_DIRENV} before the variable is set; write it into .env, move the token there, and have "
            f'{_DIRENV} say `eval "$(tokenward env)"`.'
        )
    if path is not None and _START_FILE.fullmatch(path.name):
        raise RewriteRefused(
            f"A shell reads {shown(path.name)} before the variable is set, so it would be empty; store the token by "
            "`tokenward put NAME`, delete the line, and start what needs it by `tokenward run`."
        )
