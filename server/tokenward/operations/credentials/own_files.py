"""The files that a tool reads wherever it is started, such as those in the home folder.

A token that was moved out of one must answer in every folder, too; but only that tool gets it, and no project whose
file names the same token.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenward.custody.credentials.address import Address
from tokenward.model import Reference, references_in

_HOME_FILES: Mapping[str, tuple[str, ...]] = {
    "git": (".git-credentials", ".config/git/credentials"),
    "docker": (".docker/config.json",),
    "aws": (".aws/credentials", ".aws/config"),
    "kubectl": (".kube/config",),
    "cargo": (".cargo/credentials.toml", ".cargo/credentials", ".cargo/config.toml", ".cargo/config"),
    "headers": (".claude.json",),
    "keyring": (
        ".pypirc",
        ".config/pypoetry/config.toml",
        "Library/Application Support/pypoetry/config.toml",
        "AppData/Roaming/pypoetry/config.toml",
        ".config/pip/pip.conf",
        ".pip/pip.conf",
        "Library/Application Support/pip/pip.conf",
        "pip/pip.ini",
        "AppData/Roaming/pip/pip.ini",
        ".config/uv/uv.toml",
        "AppData/Roaming/uv/uv.toml",
    ),
}
_VARIABLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "docker": (("DOCKER_CONFIG", "config.json"),),
    "aws": (("AWS_SHARED_CREDENTIALS_FILE", ""), ("AWS_CONFIG_FILE", "")),
    "kubectl": (("KUBECONFIG", ""),),
    "cargo": (("CARGO_HOME", "credentials.toml"), ("CARGO_HOME", "config.toml")),
    "keyring": (("PIP_CONFIG_FILE", ""), ("UV_CONFIG_FILE", "")),
}
"""The variables that name other files, or the folder of a file."""
_LARGEST = 50_000_000
# Docker's file has no place for a reference; its record has the registry instead.
_DOCKER_SIGN = '"tokenward"'


def own_files_with(tool: str, reference: Reference, address: Address | None = None) -> Iterator[Path]:
    """Yield the tool's own files that name a reference, or the address of its record."""
    home = [Path.home() / name for name in _HOME_FILES.get(tool, ())]
    named = [
        Path(word, name)
        for variable, name in _VARIABLES.get(tool, ())
        for word in os.environ.get(variable, "").split(os.pathsep)
        if Path(word).is_absolute()
    ]
    return (path for path in (*home, *named) if _names(path, tool, reference, address))


def _names(path: Path, tool: str, reference: Reference, address: Address | None) -> bool:
    text = ""
    with contextlib.suppress(OSError, ValueError), path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(_LARGEST)
    if tool == "docker":
        return _DOCKER_SIGN in text
    if tool == "keyring":
        # The URL of an index has no place for a reference either.
        return address is not None and address.host in text.lower()
    return any(found == reference for _, found in references_in(text))
