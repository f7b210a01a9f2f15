"""The files of tools in the home folder: a helper resolves what they name wherever the tool is started.

A tool reads these files in every folder, so a token that was moved out of one must answer in every folder, too;
but only that tool gets it, and no project whose file names the same token.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenward.model import Reference, references_in

_FILES: Mapping[str, tuple[str, ...]] = {
    "git": (".git-credentials", ".config/git/credentials"),
    "docker": (".docker/config.json",),
    "aws": (".aws/credentials", ".aws/config"),
    "kubectl": (".kube/config",),
    "cargo": (".cargo/credentials.toml", ".cargo/credentials"),
    "headers": (".claude.json",),
}
_LARGEST = 50_000_000
# Docker's file has no place for a reference; its record has the registry instead.
_DOCKER_SIGN = '"tokenward"'


def folders_of_own_files(tool: str, reference: Reference) -> Iterator[Path]:
    """Yield the folders whose workspace may own a reference that one of the tool's own files names."""
    home = Path.home().resolve()
    for path in (home / name for name in _FILES.get(tool, ())):
        if _names(path, tool, reference):
            yield from (folder for folder in path.resolve().parents if folder.is_relative_to(home))


def _names(path: Path, tool: str, reference: Reference) -> bool:
    text = ""
    with contextlib.suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(_LARGEST)
    if tool == "docker":
        return _DOCKER_SIGN in text
    return any(found == reference for _, found in references_in(text))
