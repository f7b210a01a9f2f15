"""The walk: every file in the workspace that is worth reading, each once, and nothing outside it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.places import shown
from tokenward.safe_files import reason_of
from tokenward.sources.candidate import Candidate, Identity, IgnoredPath, Trouble, is_link, status_of
from tokenward.sources.patterns.token_files import pruned_folders
from tokenward.sources.walk.selection import EntryVerdict, Selection, WalkChoice, WalkFolder

_WEIGHED = 8
"""Of so many files of a folder, the state of one is asked for even if it is not needed."""
_LONGEST = 246
"""Characters of a folder's path that Windows lists unless long paths are switched on."""


def walk(
    roots: Sequence[Path], choice: WalkChoice, is_cancelled: Callable[[], bool]
) -> Iterator[Candidate | Trouble | IgnoredPath]:
    """Yield every file to read, what could not be read, and what the workspace excludes."""
    tops = distinct_roots(roots)
    selection = Selection(choice, nested_roots(tops, choice), follows_links=choice.follow_symlinks)
    for top in tops:
        for listing in listings(top, selection, is_cancelled):
            yield from listing.left_out
            yield from listing.candidates


@dataclass(slots=True)
class Listing:
    """The entries of one folder.

    Attributes:
        device, weight: the file system and the size of the file that was weighed last.
        special: names in it that say something about the folder itself.
        is_pruned: its content shows that nothing in it was written in the workspace.
        unentered: files to scan, if they exist, in subfolders that are not entered.
    """

    folder: WalkFolder
    device: int = 0
    weight: int = 0
    special: set[str] = field(default_factory=set)
    is_pruned: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    folders: list[WalkFolder] = field(default_factory=list)
    left_out: list[Trouble | IgnoredPath] = field(default_factory=list)
    unentered: list[str] = field(default_factory=list)


def listings(top: str, selection: Selection, is_cancelled: Callable[[], bool]) -> Iterator[Listing]:
    """Yield the listings of a root's folders; a root may be a file."""
    try:
        status = os.stat(top)  # noqa: PTH116
    except (OSError, ValueError) as error:
        yield Listing(WalkFolder(top), left_out=[_unlistable(top, error)])
        return
    if not stat.S_ISDIR(status.st_mode):
        yield list_file(top, status)
        return
    waiting = [WalkFolder(top)]
    while waiting and not is_cancelled():
        listing = list_folder(waiting.pop(), selection)
        yield listing
        waiting.extend(listing.folders)


def list_folder(folder: WalkFolder, selection: Selection) -> Listing:
    """List a folder, and apply the ignore rules in it."""
    listing = Listing(folder)
    try:
        with _entries(folder) as entries:
            special = listing.special = selection.special_names(entry.name for entry in entries)
            listing.is_pruned = selection.is_environment(folder, special)
            if listing.is_pruned:
                if folder.git_index is None and not folder.ignored:
                    # Unless Git ignores the folder, somebody could have marked a folder of sources.
                    sentence = "is marked as containing installed packages and was not entered"
                    remedy = "scan it by itself if it contains sources"
                    why = f"{shown(folder.path)} {sentence}; {remedy}."
                    listing.left_out.append(Trouble(Path(folder.path), why))
                return listing
            listing.left_out.extend(selection.apply_rules(folder, special))
            for entry in entries:
                _add_entry(entry, listing, selection)
            listing.unentered = selection.unentered_files(folder, special)
            found = (unentered_file(folder, name) for name in listing.unentered)
            listing.candidates.extend(candidate for candidate in found if candidate is not None)
    except (FileNotFoundError, NotADirectoryError):
        if not folder.name:
            listing.left_out.append(_unlistable(folder.path, FileNotFoundError(2, os.strerror(2))))
        elif sys.platform == "win32" and len(folder.path) > _LONGEST:
            why = "its path is too long for this Windows"
            listing.left_out.append(_unlistable(folder.path, FileNotFoundError(2, why)))
    except OSError as error:
        listing.left_out.append(_unlistable(folder.path, error))
    return listing


def list_file(top: str, status: os.stat_result) -> Listing:
    """List a root that is a file, which is read whatever the settings say."""
    parent, name = os.path.split(os.path.realpath(top))
    listing = Listing(WalkFolder(parent))
    if stat.S_ISREG(status.st_mode):
        listing.candidates.append(Candidate.of(parent, status, name))
    else:
        listing.left_out.append(_irregular(top))
    return listing


def unentered_file(folder: WalkFolder, name: str) -> Candidate | None:
    """Return a file in a folder that is not entered, unless it is missing or reached through a link."""
    path = Path(folder.path, name)
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or path.parent.is_symlink():
        return None
    return Candidate.of(folder.root, status, folder.name + name)


def distinct_roots(roots: Sequence[Path]) -> list[str]:
    """Return the roots as absolute paths, each place once."""
    by_place: dict[str, str] = {}
    for root in roots:
        path = os.path.abspath(root)  # noqa: PTH100
        by_place.setdefault(os.path.realpath(path), path)
    return list(by_place.values())


def nested_roots(tops: Sequence[str], choice: WalkChoice) -> set[str]:
    """Return where one root lies in another, as the walk of the outer one would reach it."""
    inner = [os.path.realpath(path) for path in [*tops, *map(str, choice.apart)]]
    outer = [(top, os.path.realpath(top)) for top in tops]
    return {
        os.path.join(top, os.path.relpath(place, real))  # noqa: PTH118
        for top, real in outer
        for place in inner
        if place.startswith(real.rstrip(os.sep) + os.sep)
    }


@contextmanager
def _entries(folder: WalkFolder) -> Iterator[list[os.DirEntry[str]]]:
    if sys.platform == "win32":
        with os.scandir(folder.path) as scan:
            yield list(scan)
        return
    # A link that has replaced the folder since it was listed is not followed.
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (os.O_NOFOLLOW if folder.name else 0)
    descriptor = os.open(folder.path, flags)
    try:
        with os.scandir(descriptor) as scan:
            yield list(scan)
    finally:
        os.close(descriptor)


def _add_entry(entry: os.DirEntry[str], listing: Listing, selection: Selection) -> None:
    name = entry.name
    try:
        # Most entries are files; a link is never reported as one.
        if entry.is_file(follow_symlinks=False):
            _add_file(entry, listing, selection)
        elif is_link(entry):
            if selection.follows_links:
                _add_link(name, listing, selection)
        elif entry.is_dir(follow_symlinks=False):
            _add_folder(name, listing, selection)
        else:
            _add_file(entry, listing, selection, is_regular=False)
    except FileNotFoundError:
        return
    except OSError as error:
        listing.left_out.append(_unlistable(os.path.join(listing.folder.path, name), error))  # noqa: PTH118


def _add_file(
    entry: os.DirEntry[str], listing: Listing, selection: Selection, *, is_regular: bool = True
) -> None:
    folder = listing.folder
    inner = folder.name + entry.name
    verdict = selection.file_verdict(folder, entry.name)
    if verdict is not EntryVerdict.INCLUDED:
        if verdict is EntryVerdict.IGNORED:
            listing.left_out.append(IgnoredPath(folder.root, inner))
    elif not is_regular:
        listing.left_out.append(_irregular(os.path.join(folder.path, entry.name)))  # noqa: PTH118
    elif not selection.follows_links or selection.is_new(folder.root, inner):
        # A file's weight is the same with and without its state, so that the chunks are, too.
        is_weighed = len(listing.candidates) % _WEIGHED == 0
        if is_weighed or selection.needs_state:
            status = status_of(entry)
            identity = Identity.of(status, inner)
            if is_weighed:
                listing.device, listing.weight = status.st_dev, status.st_size
        else:
            identity = tuple.__new__(Identity, (listing.device, entry.inode(), 0, 0, 0, inner))
        listing.candidates.append(tuple.__new__(Candidate, (folder.root, identity, listing.weight)))


def _add_folder(name: str, listing: Listing, selection: Selection) -> None:
    folder = listing.folder
    found = selection.subfolder(folder, name)
    if isinstance(found, WalkFolder):
        if not selection.follows_links or selection.is_new(folder.root, found.name):
            listing.folders.append(found)
    elif found is EntryVerdict.IGNORED:
        listing.left_out.append(IgnoredPath(folder.root, f"{folder.name}{name}/"))


def _add_link(name: str, listing: Listing, selection: Selection) -> None:
    """Add the target of a link, for users who enable it: never out of its root, and each place once."""
    folder = listing.folder
    link = os.path.join(folder.path, name)  # noqa: PTH118
    root, place = os.path.realpath(folder.root), os.path.realpath(link)
    if not place.startswith(root.rstrip(os.sep) + os.sep):
        if place != root:
            why = f"{shown(link)} leads out of the workspace and was not followed; open its target too."
            listing.left_out.append(Trouble(Path(link), why))
        return
    target = os.path.relpath(place, root).replace(os.sep, "/")
    try:
        status = os.lstat(place)
    except OSError:
        return
    is_folder = stat.S_ISDIR(status.st_mode)
    is_pruned = any(part in pruned_folders().always for part in target.split("/"))
    if is_pruned or not selection.is_open(target, is_folder=is_folder):
        return
    if is_folder and selection.is_new(folder.root, f"{target}/"):
        listing.folders.append(WalkFolder(folder.root, f"{target}/"))
    elif stat.S_ISREG(status.st_mode) and selection.is_new(folder.root, target):
        listing.candidates.append(Candidate.of(folder.root, status, target))


def _unlistable(path: str, error: Exception) -> Trouble:
    sentence = f"{shown(path)} cannot be listed ({reason_of(error)}); check that it exists and is readable."
    return Trouble(Path(path), sentence)


def _irregular(path: str) -> Trouble:
    return Trouble(
        Path(path), f"{shown(path)} is not a regular file and was not read; move it out of the workspace."
    )
