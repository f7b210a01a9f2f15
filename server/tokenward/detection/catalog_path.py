"""What the engine's catalog is told that a file is called.

The catalog is silent for lock files, images, minified and vendored code and the like, because other rules than its own
see secrets in every hash there. Ours do not, and a token that was committed there is one all the same.
"""

from __future__ import annotations

import re

# Some rules hold only for files with such an end; all of them stand here, as a test makes sure.
_BOUND = re.compile(
    r"(?:\.git[/\\]config|(?:^|[/\\])\.git-credentials|_history"
    r"|\.php|\.(?:tf|hcl)|\.ya?ml|nuget\.config|bitwarden[ _-]*cli/+data\.json)\Z",
    re.IGNORECASE,
)
_ENDS = (
    *(".git/config", ".git\\config", ".git-credentials", "_history", ".php", ".tf", ".hcl", ".yml", ".yaml"),
    *("nuget.config", "data.json"),
)
_ANY = "text"


def catalog_path(path: str) -> str:
    """A path for which the same rules of the catalog hold, and nothing keeps them silent."""
    # Most names have no such end, which is told far quicker.
    bound = _BOUND.search(path) if path.lower().endswith(_ENDS) else None
    return f"{_ANY}/{bound[0]}" if bound else _ANY
