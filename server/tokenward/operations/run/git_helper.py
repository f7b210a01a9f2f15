"""git_options: what has git ask Tokenward for the passwords of a workspace, for one command."""

from __future__ import annotations

from pathlib import Path

from tokenward.operations.context import Context


def git_options(context: Context, folder: Path) -> list[str]:
    """Return git's options that register Tokenward's helper for each address of the workspace, in place of others.

    git's own configuration stays, so that it finds no password without `tokenward run` unless a person registered it.
    """
    name = context.bindings.name_of(folder)
    addresses = [one.address for one in context.credentials.in_workspace(name)] if name else []
    urls = dict.fromkeys(f"credential.{one}.helper=" for one in addresses if one.scheme in {"http", "https"})
    return [word for url in urls for word in ("-c", url, "-c", f"{url}tokenward")]
