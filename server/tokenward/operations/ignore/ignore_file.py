"""Changes a workspace's `.tokenwardignore`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreFile
from tokenward.errors import EditRefused, VaultTimeout
from tokenward.model import Span, Surface
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.scan.workspace_rules import LARGEST_CONFIGURATION
from tokenward.places import shown
from tokenward.rewriting.edits import Edit
from tokenward.sources.source import Origin, Source
from tokenward.vault.file_lock import hold_file_lock

ATTEMPTS = 5
LOCK_SECONDS = 60.0
"""Seconds that another process may take, which at worst hashes a few thousand tokens."""


@dataclass(frozen=True, slots=True)
class IgnoreFileWriter:
    """Writes the `.tokenwardignore` of a workspace.

    Attributes:
        home: the workspace's folder.
        lock: the file with which the processes of this user take turns.
    """

    home: Path
    lock: Path
    # A check for a link would not keep the write inside the workspace, because the file may become one afterwards.
    editor: Editor = field(default_factory=partial(DiskEditor, follows_links=False))

    @property
    def path(self) -> Path:
        """Return the path of the file."""
        return self.home / IGNORE_FILE

    def change(self, changed: Callable[[IgnoreFile], str]) -> None:
        """Replace the file's text with a function's result, completely or not at all, and keep others' changes.

        Raises:
            EditRefused: it cannot be read or written, or Tokenward would not read the result.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(hold_file_lock(self.lock, LOCK_SECONDS))
            except VaultTimeout:
                raise EditRefused(f"Another process is still changing an {IGNORE_FILE}; try again.") from None
            for _ in range(ATTEMPTS):
                before = self._read()
                file, _problems = IgnoreFile.parse(before.text if before else "")
                if self._write(before, changed(file)):
                    return
        raise EditRefused(f"{shown(self.path)} keeps changing; try again when nothing else writes to it.")

    def _read(self) -> Source | None:
        if self.path.is_symlink():
            raise EditRefused(f"{shown(self.path)} is a link, which has no effect; replace it with a file.")
        source = self.editor.read(self.path)
        if source is not None and "\0" in source.text:
            raise EditRefused(f"{shown(self.path)} is not UTF-8 text; save it as UTF-8.")
        return source

    def _write(self, before: Source | None, text: str) -> bool:
        """Write the file; return False if another process has written it since it was read."""
        if before is not None and before.text == text:
            return True
        if len(text.encode("utf-8", "surrogatepass")) > LARGEST_CONFIGURATION:
            raise EditRefused(
                f"{shown(self.path)} would be too large to read; shorten it with `tokenward ignore prune`."
            )
        source = before or Source("", Origin(self.path.absolute().as_uri(), Surface.FILE, self.path))
        edit = Edit(Span(0, len(source.text)), text)
        try:
            self.editor.apply((FileEdit(source, (edit,), creates=before is None),), "Ignore tokens")
        except EditRefused:
            if self._read() == before:
                raise
            return False
        return True
