"""The target of `inject`: a file with values, which only its owner can read and Git would not commit."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from tokenward.errors import GitFailed, TokenwardError
from tokenward.operations.files.workplace import PRIVATE, sync_folder, workplace
from tokenward.places import shown
from tokenward.safe_files import CREATE_FLAGS, write_all
from tokenward.sources.git.repository import open_repository
from tokenward.vault.private_file import require_own_folder

_GIT_FOLDER = ".git"


def require_fit(target: Path, source: Path) -> None:
    """Raise unless a file may be written to this path.

    Raises:
        TokenwardError: the path names something other than a regular file, or the template.
    """
    try:
        status = target.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise TokenwardError(
            f"{shown(target)} cannot be reached ({error.strerror}); name another file."
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise TokenwardError(f"{shown(target)} is a link, a folder or a device; name a file.")
    if target.samefile(source):
        raise TokenwardError(f"{shown(target)} is the template itself; name another file.")


def require_uncommitted(target: Path, git: str | None, environment: Mapping[str, str]) -> None:
    """Raise if Git would commit the file: it is in a repository, and tracked or not ignored.

    Raises:
        TokenwardError: Git would commit it, or cannot be asked.
    """
    require_outside_git(target)
    folder = target.parent.resolve()
    if not any(os.path.lexists(around / _GIT_FOLDER) for around in (folder, *folder.parents)):
        return
    if git is None:
        raise TokenwardError(
            f"{shown(target)} is in a repository, and Git is not installed to tell whether it would commit it; "
            "name a file outside."
        )
    if _would_commit(folder / target.name, git, environment):
        raise TokenwardError(
            f"Git would commit {shown(target)}; have Git ignore it first, or name another file."
        )


def require_outside_git(target: Path) -> None:
    """Refuse a file in Git's own folder, which git may run.

    Raises:
        TokenwardError: it is in there.
    """
    if _GIT_FOLDER in map(str.casefold, (*target.parent.resolve().parts, target.name)):
        raise TokenwardError(f"{shown(target)} is in Git's own folder; name another file.")


def _would_commit(target: Path, git: str, environment: Mapping[str, str]) -> bool:
    # A hook's variables are about another repository; the user's configuration counts.
    own = {
        name: value
        for name, value in environment.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    start = next(folder for folder in target.parents if folder.is_dir())
    try:
        repository = open_repository(git, start, own)
    except GitFailed as failure:
        raise TokenwardError(
            f"Git cannot tell whether it would commit {shown(target)}, so name a file elsewhere: {failure}"
        ) from None
    inner = repository.relative_path(target)
    if inner is None:
        return False
    is_tracked = repository.run("ls-files", "--error-unmatch", "--", inner, may_fail=True) is not None
    return is_tracked or not repository.ignores(inner)


def write_private(target: Path, content: bytes) -> None:
    """Write or replace a file so that a crash leaves the old or the new content, and nothing that Git sees.

    Raises:
        TokenwardError: it cannot be written.
    """
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own_folder(target.parent)
        with workplace(target.parent, mode=PRIVATE) as place:
            write_all(os.open(place.content, CREATE_FLAGS, 0o600), content)
            sync_folder(place.folder)
            place.content.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise TokenwardError(
            f"{shown(target)} cannot be written ({error.strerror}); check its folder."
        ) from None
