"""Selects the entries worth reading or entering, for the walk and the watcher."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown
from tokenward.sources.candidate import Trouble
from tokenward.sources.patterns.gitignore import Patterns, bytewise
from tokenward.sources.patterns.token_files import pruned_folders, token_kinds
from tokenward.sources.safe_read import read_small
from tokenward.sources.walk.git_index import LARGEST_IGNORE_FILE, GitIndex, index_around, index_at

IGNORE_FILE = ".gitignore"
GIT_EXCLUDES = os.path.join(".git", "info", "exclude")  # noqa: PTH118
MOST_RULES = 20_000
"""The most ignore patterns of a walk, with equal files counted once, so that a repository cannot make it slow."""
_FOLD = sys.platform in {"win32", "darwin"}


@dataclass(frozen=True, slots=True)
class WalkChoice:
    """The user's choice of what to walk; patterns are those of `.gitignore`.

    Attributes:
        include: files that are scanned although Git ignores them, in addition to those known to contain tokens.
        exclude: excluded by the user or the editor.
        workspace_exclude: excluded by the workspace's own settings, which is reported.
        follow_symlinks: links to places inside their own root are followed; others never are.
        respects_gitignore: leave out ignored files, except kinds that often contain tokens, and folders that are
        marked as containing installed packages.
        apart: folders that are walked separately, and so are left out if they are inside another.
        needs_state: ask for the state of each file, which takes longer.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    workspace_exclude: tuple[str, ...] = ()
    follow_symlinks: bool = False
    respects_gitignore: bool = True
    apart: tuple[Path, ...] = ()
    needs_state: bool = True


@dataclass(slots=True)
class WalkFolder:
    """A folder to enter, with the ignore rules that apply in it once they are known.

    Attributes:
        name: relative to the root, ending with `/`; empty for the root itself.
        rules: the innermost first, each with the length of the name that it is relative to.
        git_index: the index of the working tree around it; without one, Git ignores nothing.
        ignored: Git ignores the whole folder.
    """

    root: str
    name: str = ""
    rules: tuple[tuple[int, Patterns], ...] = ()
    git_index: GitIndex | None = None
    ignored: bool = False

    @property
    def path(self) -> str:
        """Return the path of the folder."""
        return os.path.join(self.root, self.name[:-1]) if self.name else self.root  # noqa: PTH118

    @property
    def own_name(self) -> str:
        """Return the folder's own name."""
        return self.name[:-1].rpartition("/")[2]


class EntryVerdict(Enum):
    """The decision about an entry."""

    INCLUDED = "taken"
    EXCLUDED = "left"
    IGNORED = "excluded by the workspace's own settings"


class Selection:
    """The selection of a walk or a watcher, ready to use."""

    def __init__(self, choice: WalkChoice, apart: Iterable[str] = (), *, follows_links: bool = False) -> None:
        self.follows_links = follows_links
        self._visited: set[tuple[str, str]] = set()
        self._apart = frozenset(apart)
        # Windows gives not even the number of a file without it.
        self.needs_state = choice.needs_state or sys.platform == "win32"
        self._heeds_git = choice.respects_gitignore
        self._include = Patterns(bytewise(choice.include), fold=_FOLD)
        self._exclude = Patterns(bytewise(choice.exclude), fold=_FOLD)
        self._workspace_exclude = Patterns(bytewise(choice.workspace_exclude), fold=_FOLD)
        self._excludes = bool(self._exclude or self._workspace_exclude)
        self._kinds = token_kinds()
        self._pruned = pruned_folders()
        self._heads = {path: path.partition("/")[0] for path in self._pruned.inside}
        self._special = self._pruned.markers | {IGNORE_FILE, ".git", *self._heads.values()}
        self._parsed: dict[bytes, Patterns] = {}
        self._rules_left = MOST_RULES

    def is_new(self, root: str, name: str) -> bool:
        """Return whether a walk that follows links visits a place for the first time."""
        if (root, name) in self._visited:
            return False
        self._visited.add((root, name))
        return True

    def file_verdict(self, folder: WalkFolder, name: str) -> EntryVerdict:
        """Return whether a file in a folder is worth reading."""
        if self._apart and os.path.join(folder.path, name) in self._apart:  # noqa: PTH118
            return EntryVerdict.EXCLUDED
        if self._excludes:
            excluded = self._excluded(folder.name + name, name, is_folder=False)
            if excluded is not EntryVerdict.INCLUDED:
                return excluded
        if not folder.ignored and not folder.rules:
            return EntryVerdict.INCLUDED
        path = folder.name + name
        is_ignored = folder.ignored or _is_ignored(folder, path, name, is_folder=False)
        if is_ignored and not self._is_included_anyway(folder, path, name):
            return EntryVerdict.EXCLUDED
        return EntryVerdict.INCLUDED

    def subfolder(self, folder: WalkFolder, name: str) -> WalkFolder | EntryVerdict:
        """Return the folder to enter, or why it is not entered."""
        path = folder.name + name
        if self._pruned.contains(name, folder.own_name):
            return EntryVerdict.EXCLUDED
        if self._apart and os.path.join(folder.path, name) in self._apart:  # noqa: PTH118
            return EntryVerdict.EXCLUDED
        excluded = self._excluded(path, name, is_folder=True)
        if excluded is not EntryVerdict.INCLUDED:
            return excluded
        if not folder.ignored and not _is_ignored(folder, path, name, is_folder=True):
            return WalkFolder(folder.root, f"{path}/", folder.rules, folder.git_index)
        repository = folder.git_index if _tracks_beneath(folder, f"{path}/") else None
        if repository is None and name in self._pruned.ignored:
            return EntryVerdict.EXCLUDED
        return WalkFolder(folder.root, f"{path}/", folder.rules, repository, ignored=True)

    def is_ignored(self, folder: WalkFolder, path: str, name: str) -> bool:
        """Return whether Git would ignore a file of a folder if it were untracked; `path` is relative to the root."""
        return folder.ignored or _is_ignored(folder, path, name, is_folder=False)

    def special_names(self, names: Iterable[str]) -> set[str]:
        """Return the names in a folder that say something about the folder itself."""
        return {name for name in names if name in self._special}

    def is_environment(self, folder: WalkFolder, special: set[str]) -> bool:
        """Return whether a folder contains installed packages, so that it is skipped after it was listed."""
        # A repository could put the marker into its own sources.
        is_marked = self._heeds_git and folder.name and not self._pruned.markers.isdisjoint(special)
        return bool(is_marked) and not _tracks_beneath(folder, folder.name)

    def unentered_files(self, folder: WalkFolder, special: set[str]) -> list[str]:
        """Return files worth reading in folders that are never entered, as names relative to the folder."""
        found = [path for path, head in self._heads.items() if head in special]
        return [path for path in found if self.is_open(folder.name + path, is_folder=False)]

    def is_open(self, path: str, *, is_folder: bool) -> bool:
        """Return whether neither a path nor any folder above it is excluded."""
        parts = path.split("/")
        last = len(parts) - 1
        return all(
            self._excluded("/".join(parts[: end + 1]), part, is_folder=is_folder or end < last)
            is EntryVerdict.INCLUDED
            for end, part in enumerate(parts)
        )

    def apply_rules(self, folder: WalkFolder, special: set[str]) -> list[Trouble]:
        """Apply a folder's own ignore rules to it, and report those that cannot be read."""
        troubles: list[Trouble] = []
        if folder.ignored or not self._heeds_git:
            return troubles
        if ".git" in special:
            folder.rules, folder.git_index = (), index_at(Path(folder.path), len(folder.name))
            self._add_rules(folder, GIT_EXCLUDES, troubles)
        elif not folder.name:
            folder.git_index = index_around(Path(folder.root))
        if IGNORE_FILE in special:
            self._add_rules(folder, IGNORE_FILE, troubles)
        return troubles

    def _excluded(self, path: str, name: str, *, is_folder: bool) -> EntryVerdict:
        if self._exclude and self._exclude.verdict(path, name, is_folder=is_folder):
            return EntryVerdict.EXCLUDED
        if self._workspace_exclude and self._workspace_exclude.verdict(path, name, is_folder=is_folder):
            return EntryVerdict.IGNORED
        return EntryVerdict.INCLUDED

    def _is_included_anyway(self, folder: WalkFolder, path: str, name: str) -> bool:
        return (
            self._kinds.verdict(path, name, is_folder=False) is True
            or self._include.verdict(path, name, is_folder=False) is True
            or (folder.git_index is not None and folder.git_index.tracks(path))
        )

    def _add_rules(self, folder: WalkFolder, file: str, troubles: list[Trouble]) -> None:
        path = Path(folder.path, file)
        if folder.git_index is None:
            # Without a repository, as in an unpacked archive, every file is one that Git would have kept.
            return
        try:
            # A link could lead out of the workspace; Git does not follow one here either.
            content = None if path.parent.is_symlink() else read_small(path, LARGEST_IGNORE_FILE)
            patterns = self._patterns(content) if content else None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            sentence = f"{shown(path)} cannot be used ({why}); what it ignores is scanned until you fix it."
            troubles.append(Trouble(path, sentence))
            return
        if patterns:
            folder.rules = ((len(folder.name), patterns), *folder.rules)

    def _patterns(self, content: bytes) -> Patterns:
        known = self._parsed.get(content)
        if known is None:
            known = self._parsed[content] = Patterns.of_file(content, fold=_FOLD, most=self._rules_left)
            self._rules_left -= len(known)
        return known


def _is_ignored(folder: WalkFolder, path: str, name: str, *, is_folder: bool) -> bool:
    for length, patterns in folder.rules:
        verdict = patterns.verdict(path[length:], name, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _tracks_beneath(folder: WalkFolder, name: str) -> bool:
    return folder.git_index is not None and folder.git_index.tracks_beneath(name)
