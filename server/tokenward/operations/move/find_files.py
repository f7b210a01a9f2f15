"""Finds the files of a workspace whose tokens may be moved together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.scan.scan import scan_folders
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places, shown
from tokenward.rewriting.env_file import is_environment_file
from tokenward.rewriting.readers.table import CI_FILES, NAMING, SHELL_FILES
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Trouble
from tokenward.sources.is_text import ENDING as COMPRESSED
from tokenward.sources.source import Source


class WorkspaceFiles:
    """The files of one workspace, read with its rules and ignores."""

    def __init__(self, context: Context, places: Places, folder: Path) -> None:
        """Read the rules of the workspace."""
        self.folder = folder
        self._places = places
        self._scanner = context.scanner
        rules = RootRules(self._scanner, context.settings, places).of(str(folder))
        scanner = replace(self._scanner, local=rules.local, prefix=rules.prefix)
        self.context = context.scanning_with(scanner)

    def find(self, roots: Sequence[Path], root_of: Callable[[Path], Path | None]) -> Iterator[Path | Trouble]:
        """Scan folders and files; yield those with tokens, and what was left out.

        `root_of` returns the workspace of a folder.
        """
        cache = ScanCache(self._places.scan_cache)
        settings = self.context.settings
        seen: set[str] = set()
        elsewhere: dict[Path | None, list[Path]] = {}
        for result in scan_folders(self._scanner, roots, settings, self._places, cache=cache):
            if isinstance(result, Trouble):
                yield result
            elif result.findings and (real := os.path.realpath(result.path)) not in seen:
                seen.add(real)
                why = self._why_not(result.path, Path(real))
                root = None if why else root_of(result.path.parent)
                if why:
                    yield Trouble(result.path, f"{shown(result.path)} {why}")
                elif root and os.path.realpath(root) == os.path.realpath(self.folder):
                    yield result.path
                else:
                    elsewhere.setdefault(root, []).append(result.path)
        yield from (_of_another(root, paths) for root, paths in elsewhere.items())

    def read(self, path: Path, editor: Editor) -> Source | None:
        """Read a file under the name that the rules of its workspace see."""
        source = editor.read(path)
        if source is None:
            return None
        inner = os.path.relpath(os.path.realpath(path), os.path.realpath(self.folder))
        return replace(source, name=Path(inner).as_posix())

    def _why_not(self, path: Path, real: Path) -> str:
        folder = Path(os.path.realpath(self.folder))
        if not real.is_relative_to(folder):
            return "is not in the workspace, so its tokens stay."
        if path.is_symlink() or Path(os.path.realpath(path.parent)) / path.name != real:
            return "is a link, so its tokens stay; move those of its target."
        if path.name.lower().endswith(COMPRESSED):
            return "is compressed, so its tokens stay; delete it, and revoke the tokens if anybody else may have it."
        return ""


def _of_another(root: Path | None, paths: Sequence[Path]) -> Trouble:
    """Return one sentence on all files of another workspace."""
    if len(paths) == 1 or root is None:
        what = (
            f"{shown(paths[0])} belongs to another workspace, so its tokens stay; run `tokenward move` there."
        )
    else:
        count = f"{len(paths):,} files in {shown(root)} belong to another workspace"
        what = f"{count}, so their tokens stay; run `tokenward move --all` there."
    return Trouble(paths[0], what)


def in_order(paths: Sequence[Path]) -> list[Path]:
    """Return files in moving order: environment files, those whose readers know a value by one name, those of CI.

    A shell's start files are like environment files: each name in them is the user's own.
    """
    return sorted(
        paths,
        key=lambda path: (
            not is_environment_file(path.name),
            not SHELL_FILES.fullmatch(path.as_posix()),
            not NAMING.fullmatch(path.as_posix()),
            bool(CI_FILES.fullmatch(path.as_posix())),
            path,
        ),
    )
