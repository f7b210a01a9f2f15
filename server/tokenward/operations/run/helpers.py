"""What has git, uv and pip ask Tokenward for the passwords of a workspace, for one command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tokenward.operations.context import Context

INDEX_TOOLS = frozenset({"pip", "pip3", "uv", "uvx"})
_PROVIDERS = {"PIP_KEYRING_PROVIDER": "subprocess", "UV_KEYRING_PROVIDER": "subprocess"}


def git_options(context: Context, folder: Path) -> list[str]:
    """Return git's options that register Tokenward's helper for each address of the workspace, in place of others.

    git's own configuration stays, so that it finds no password without `tokenward run` unless a person registered it.
    """
    urls = dict.fromkeys(f"credential.{one}.helper=" for one in _addresses(context, folder))
    return [word for url in urls for word in ("-c", url, "-c", f"{url}tokenward")]


def index_variables(context: Context, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which uv and pip ask the `keyring` beside Tokenward, unless PATH has another."""
    if not _addresses(context, folder):
        return {}
    import shutil  # noqa: PLC0415 - it loads compression, for which most commands would wait

    path = given.get("PATH", os.defpath)
    if shutil.which("keyring", path=path) is None:
        path = f"{path}{os.pathsep}{Path(sys.executable).parent}"
    return {name: given.get(name, value) for name, value in _PROVIDERS.items()} | {"PATH": path}


def _addresses(context: Context, folder: Path) -> list[str]:
    name = context.bindings.name_of(folder)
    addresses = [one.address for one in context.credentials.in_workspace(name)] if name else []
    return [str(one) for one in addresses if one.scheme in {"http", "https"}]
