"""The walk: every file of the workspace that is worth reading, each once, nothing outside it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.places import shown
from tokenward.sources.candidate import Candidate, Identity, Silenced, Trouble, is_link, status_of
from tokenward.sources.walk.links import Links
from tokenward.sources.walk.selection import Folder, Selection, Verdict, WalkChoice


def walk(
    roots: Sequence[Path], choice: WalkChoice, is_cancelled: Callable[[], bool]
) -> Iterator[Candidate | Trouble | Silenced]:
    """Every file to read, and beside them what could not be seen and what the workspace keeps out."""
    tops = distinct_roots(roots)
    selection = Selection(choice, nested_roots(tops, choice))
    links = Links() if choice.follow_symlinks else None
    for top in tops:
        for listing in listings(top, selection, is_cancelled, links):
            yield from listing.left_out
            yield from listing.candidates


@dataclass(slots=True)
class Listing:
    """What one folder holds.

    Attributes:
        special: names in it that say something of the folder itself.
        is_pruned: what it holds says that nothing in it was written in the workspace.
        inside: files that are looked at in folders of it which are not entered, if they are there.
    """

    folder: Folder
    special: set[str] = field(default_factory=set)
    is_pruned: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    left_out: list[Trouble | Silenced] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)


def listings(
    top: str, selection: Selection, is_cancelled: Callable[[], bool], links: Links | None = None
) -> Iterator[Listing]:
    """The folders of a root, one after the other; a root may be a file."""
    try:
        status = os.stat(top)  # noqa: PTH116
    except (OSError, ValueError) as error:
        yield Listing(Folder(top), left_out=[_unlistable(top, error)])
        return
    if stat.S_ISDIR(status.st_mode):
        yield from listings_beneath(Folder(top), selection, is_cancelled, links)
    else:
        yield single(top, status)


def listings_beneath(
    folder: Folder, selection: Selection, is_cancelled: Callable[[], bool], links: Links | None = None
) -> Iterator[Listing]:
    """A folder and every folder in it that is to be entered."""
    waiting = [folder]
    while waiting and not is_cancelled():
        listing = listed(waiting.pop(), selection, links)
        yield listing
        waiting.extend(listing.folders)


def listed(folder: Folder, selection: Selection, links: Links | None = None) -> Listing:
    """List a folder, and let the ignore rules in it hold."""
    listing = Listing(folder)
    try:
        with _entries(folder) as entries:
            special = listing.special = selection.special(entry.name for entry in entries)
            listing.is_pruned = selection.is_environment(folder, special)
            if listing.is_pruned:
                if folder.repository is None and not folder.ignored:
                    listing.left_out.append(_environment(folder.path))
                return listing
            listing.left_out.extend(selection.take_up(folder, special))
            for entry in entries:
                _take(entry, listing, selection, links)
            listing.inside = selection.inside(folder, special)
            found = (inside(folder, name) for name in listing.inside)
            listing.candidates.extend(candidate for candidate in found if candidate is not None)
    except (FileNotFoundError, NotADirectoryError):
        if not folder.name:
            listing.left_out.append(_unlistable(folder.path, FileNotFoundError(2, os.strerror(2))))
    except OSError as error:
        listing.left_out.append(_unlistable(folder.path, error))
    return listing


def single(top: str, status: os.stat_result) -> Listing:
    """A root that is a file, which is read whatever the settings say."""
    parent, name = os.path.split(os.path.realpath(top))
    listing = Listing(Folder(parent))
    if stat.S_ISREG(status.st_mode):
        listing.candidates.append(Candidate(parent, Identity.of(status, name)))
    else:
        listing.left_out.append(_irregular(top))
    return listing


def inside(folder: Folder, name: str) -> Candidate | None:
    """A file that lies in a folder which is not entered, unless it is no file or reached through a link."""
    path = Path(folder.path, name)
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or path.parent.is_symlink():
        return None
    return Candidate(folder.root, Identity.of(status, folder.name + name))


def distinct_roots(roots: Sequence[Path]) -> list[str]:
    """The roots as absolute paths, each place once."""
    by_place: dict[str, str] = {}
    for root in roots:
        path = os.path.abspath(root)  # noqa: PTH100
        by_place.setdefault(os.path.realpath(path), path)
    return list(by_place.values())


def nested_roots(tops: Sequence[str], choice: WalkChoice) -> set[str]:
    """Where one root lies in another, as the walk of the outer one would come upon it."""
    inner = [os.path.realpath(path) for path in [*tops, *map(str, choice.apart)]]
    outer = [(top, os.path.realpath(top)) for top in tops]
    return {
        os.path.join(top, os.path.relpath(place, real))  # noqa: PTH118
        for top, real in outer
        for place in inner
        if place.startswith(real.rstrip(os.sep) + os.sep)
    }


@contextmanager
def _entries(folder: Folder) -> Iterator[list[os.DirEntry[str]]]:
    if sys.platform == "win32":
        with os.scandir(folder.path) as scan:
            yield list(scan)
        return
    # A link that was put in the folder's place since it was seen is not followed.
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (os.O_NOFOLLOW if folder.name else 0)
    descriptor = os.open(folder.path, flags)
    try:
        with os.scandir(descriptor) as scan:
            yield list(scan)
    finally:
        os.close(descriptor)


def _take(entry: os.DirEntry[str], listing: Listing, selection: Selection, links: Links | None) -> None:
    name = entry.name
    try:
        # Most entries are files; a link is never told to be one.
        if entry.is_file(follow_symlinks=False):
            _take_file(entry, listing, selection, links)
        elif is_link(entry):
            if links is not None:
                _take_link(name, listing, selection, links)
        elif entry.is_dir(follow_symlinks=False):
            _take_folder(name, listing, selection, links)
        else:
            _take_irregular(name, listing, selection)
    except FileNotFoundError:
        return
    except OSError as error:
        listing.left_out.append(_unlistable(os.path.join(listing.folder.path, name), error))  # noqa: PTH118


def _take_file(entry: os.DirEntry[str], listing: Listing, selection: Selection, links: Links | None) -> None:
    folder, inner = listing.folder, listing.folder.name + entry.name
    verdict = selection.file(folder, entry.name)
    if verdict is Verdict.SILENCED:
        listing.left_out.append(Silenced(folder.root, inner))
    elif verdict is Verdict.TAKEN and (links is None or links.is_new(folder.root, inner)):
        listing.candidates.append(Candidate(folder.root, Identity.of(status_of(entry), inner)))


def _take_irregular(name: str, listing: Listing, selection: Selection) -> None:
    folder = listing.folder
    verdict = selection.file(folder, name)
    if verdict is Verdict.SILENCED:
        listing.left_out.append(Silenced(folder.root, folder.name + name))
    elif verdict is Verdict.TAKEN:
        listing.left_out.append(_irregular(os.path.join(folder.path, name)))  # noqa: PTH118


def _take_folder(name: str, listing: Listing, selection: Selection, links: Links | None) -> None:
    folder = listing.folder
    found = selection.subfolder(folder, name)
    if isinstance(found, Folder):
        if links is None or links.is_new(folder.root, found.name):
            listing.folders.append(found)
    elif found is Verdict.SILENCED:
        listing.left_out.append(Silenced(folder.root, f"{folder.name}{name}/"))


def _take_link(name: str, listing: Listing, selection: Selection, links: Links) -> None:
    target = links.followed(listing.folder, name, selection)
    if isinstance(target, Folder):
        listing.folders.append(target)
    elif isinstance(target, Candidate):
        listing.candidates.append(target)
    elif isinstance(target, Trouble):
        listing.left_out.append(target)


def _unlistable(path: str, error: Exception) -> Trouble:
    why = getattr(error, "strerror", None) or type(error).__name__
    return Trouble(
        Path(path), f"{shown(path)} cannot be looked into ({why}); see that it is there and readable."
    )


def _environment(path: str) -> Trouble:
    """Where Git does not vouch for what was installed, a folder of sources could have been marked."""
    sentence = (
        "is marked as holding installed packages and was not entered; scan it by itself if it holds sources"
    )
    return Trouble(Path(path), f"{shown(path)} {sentence}.")


def _irregular(path: str) -> Trouble:
    return Trouble(
        Path(path), f"{shown(path)} is no regular file and was not read; move it out of the workspace."
    )
