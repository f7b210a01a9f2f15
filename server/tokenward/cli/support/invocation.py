"""What every verb needs: the user's places, the workspace, its settings and its Context."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.cli.support.terminal import say, sentence
from tokenward.custody.bindings.bindings import Bindings, workspace_root
from tokenward.errors import CustodyError, StateDamaged
from tokenward.model import TOKEN_NAME, Reference, references_in
from tokenward.operations.token_names import NAME_IS_VALUE, NO_NAME
from tokenward.ownership import is_strangers
from tokenward.places import Places, shown
from tokenward.problem import Problem
from tokenward.settings import WORKSPACE_FILE, Settings, load_settings
from tokenward.token_prefixes import is_token_name, is_workspace_name

if TYPE_CHECKING:
    from tokenward.findings.scan import Scanner
    from tokenward.operations.context import Context
    from tokenward.operations.editor_vault.client import EditorVaultClient
    from tokenward.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a verb runs."""

    places: Places
    folder: Path
    settings: Settings
    problems: Sequence[Problem]

    @classmethod
    def here(cls, path: Path = Path()) -> Setting:
        """The workspace of a path, or of the current folder; problems of settings files are said.

        Raises:
            CustodyError: the path cannot be reached, or the records not be read.
        """
        places = Places.of_user()
        setting = cls._of(places, Bindings(places.custody).workspace_root(absolute(path)), absolute(path))
        for problem in setting.problems:
            say(f"tokenward: {sentence(problem.sentence)}")
        return setting

    @classmethod
    def to_examine(cls) -> Setting:
        """That of the current folder as far as it can be told, also when the records are damaged; says nothing."""
        places = Places.of_user()
        try:
            folder = Bindings(places.custody).workspace_root(absolute(Path()))
        except StateDamaged:
            folder = workspace_root(absolute(Path()))
        return cls._of(places, folder, absolute(Path()))

    @classmethod
    def _of(cls, places: Places, folder: Path, start: Path) -> Setting:
        file = folder / WORKSPACE_FILE
        is_above = Path(os.path.realpath(start)) != folder
        if is_above and os.path.lexists(file) and is_strangers(file, start):
            settings, problems = load_settings(places, None)
            why = f"{shown(file)} lies above the folder, belongs to another user, and was not read; remove it"
            return cls(places, folder, settings, (*problems, Problem(shown(file), 0, why)))
        settings, problems = load_settings(places, folder)
        return cls(places, folder, settings, problems)

    @contextmanager
    def context(self, *, begin: bool = False) -> Iterator[Context]:
        """What operations need; the vault's worker ends with it, and starts at once if it should `begin`."""
        from tokenward.operations.opening import vault_config

        config = vault_config(self.places, self.settings)
        if config.kind == "editor":
            kept = self.kept_by_editor()
            yield replace(self._context(kept), value_source=kept)
            return
        from tokenward.cli.support.passphrase import AskingVault

        vault = AskingVault(config)
        try:
            if begin:
                vault.begin()
            yield self._context(vault)
        finally:
            vault.close()

    def kept_by_editor(self) -> EditorVaultClient:
        """The vault of a user whose tokens their editor keeps."""
        from tokenward.custody.sockets.registry import folder_in
        from tokenward.operations.editor_vault.client import EditorVaultClient

        return EditorVaultClient(folder_in(self.places.data_dir), self.folder, _tell)

    def _context(self, vault: Vault) -> Context:
        from tokenward.cli.support.ask_person import NearestPerson
        from tokenward.operations.opening import open_context

        context = open_context(self.places, self.settings, cache(self._scanner), vault)
        return replace(context, approver=NearestPerson(self.places), warn=_tell)

    def _scanner(self) -> Scanner:
        from tokenward.custody.store.fingerprints import Fingerprinter, load_key
        from tokenward.detection.engine import Detector
        from tokenward.findings.scan import Scanner

        return Scanner(
            Detector(self.places.rules_cache), Fingerprinter(load_key(self.places.fingerprint_key))
        )

    def reference(self, name: str) -> Reference:
        """The reference that a name means in this workspace; a whole reference means itself.

        Raises:
            CustodyError: it can be neither, or the workspace has no name yet.
        """
        whole = [reference for span, reference in references_in(name) if len(span) == len(name)]
        reference = whole[0] if whole else self._named(name)
        if not (is_token_name(reference.name) and is_workspace_name(reference.workspace)):
            from tokenward.custody.bindings.entries import Entries
            from tokenward.operations.token_names import require_known

            require_known(Entries(self.places.custody), [reference])
        return reference

    def _named(self, name: str) -> Reference:
        if not TOKEN_NAME.fullmatch(name):
            raise CustodyError(NO_NAME)
        workspace = Bindings(self.places.custody).name_of(self.folder)
        if workspace is None:
            require_name(name)
            raise CustodyError(
                f"{shown(self.folder)} has no stored tokens yet; store one by `tokenward put {name}`."
            )
        return Reference(workspace, name)


def require_name(name: str) -> None:
    """Return only if a new token can have the name, as far as that is told without the rules.

    Raises:
        CustodyError: it cannot.
    """
    if not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    if not is_token_name(name):
        raise CustodyError(NAME_IS_VALUE)


def absolute(path: Path) -> Path:
    """A path that no longer depends on the current folder.

    Raises:
        CustodyError: the current folder was deleted.
    """
    try:
        return path.absolute()
    except OSError:
        raise CustodyError("The current folder is gone; change into one that is there.") from None


def _tell(text: str) -> None:
    say(f"tokenward: {sentence(text)}")
