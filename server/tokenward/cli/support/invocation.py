"""One run of a verb: the user's places, the workspace, its settings and its Context."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.cli.support.terminal import note
from tokenward.custody.bindings.bindings import Bindings, workspace_root
from tokenward.errors import CustodyError, StateDamaged
from tokenward.fast_dataclasses import dataclass
from tokenward.model import TOKEN_NAME, Problem, Reference, reference_of
from tokenward.ownership import is_strangers
from tokenward.places import Places, shown
from tokenward.settings import WORKSPACE_FILE, Settings, load_settings
from tokenward.token_prefixes import is_token_name, is_workspace_name

if TYPE_CHECKING:
    from tokenward.detection.engine import Detector
    from tokenward.findings.scan import Scanner
    from tokenward.operations.context import Context
    from tokenward.operations.editor_vault.client import EditorVaultClient
    from tokenward.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Invocation:
    """The place in which a verb runs."""

    places: Places
    folder: Path
    settings: Settings
    problems: Sequence[Problem]

    @classmethod
    def here(cls, path: Path = Path()) -> Invocation:
        """Return the workspace of a path, by default of the current folder; print problems of settings files.

        Without a mark of a project's top, this is the current folder if the path is in it.

        Raises:
            CustodyError: the path cannot be reached, or the records cannot be read.
        """
        places = Places.of_user()
        root = Bindings(places.custody).root_for(absolute(path), absolute(Path()))
        invocation = cls._of(places, root, absolute(path))
        for problem in invocation.problems:
            note(str(problem.sentence))
        return invocation

    @classmethod
    def despite_damage(cls) -> Invocation:
        """Return the workspace of the current folder even if the records are damaged; print nothing."""
        places = Places.of_user()
        try:
            folder = Bindings(places.custody).workspace_root(absolute(Path()))
        except StateDamaged:
            folder = workspace_root(absolute(Path()))
        return cls._of(places, folder, absolute(Path()))

    @classmethod
    def _of(cls, places: Places, folder: Path, start: Path) -> Invocation:
        file = folder / WORKSPACE_FILE
        is_above = Path(os.path.realpath(start)) != folder
        if is_above and os.path.lexists(file) and is_strangers(file, start):
            settings, problems = load_settings(places, None)
            why = f"{shown(file)} is in a parent folder, belongs to another user, and was not read; remove it"
            return cls(places, folder, settings, (*problems, Problem(shown(file), 0, why)))
        settings, problems = load_settings(places, folder)
        return cls(places, folder, settings, problems)

    @contextmanager
    def context(self, *, begin: bool = False) -> Iterator[Context]:
        """Give the Context and stop its vault's worker afterwards; `begin` starts the worker at once."""
        from tokenward.operations.vault_choice import vault_config

        config = vault_config(self.places, self.settings)
        if config.kind == "editor":
            from tokenward.custody.callers.asker import require_own_command

            # The editor would take the daemon for the asker.
            require_own_command()
            client = self.editor_vault_client()
            yield replace(self._context(client), value_source=client)
            return
        from tokenward.cli.support.passphrase import PromptingVault

        vault = PromptingVault(config)
        try:
            if begin:
                vault.begin()
            yield self._context(vault)
        finally:
            vault.close()

    def editor_vault_client(self) -> EditorVaultClient:
        """Return the vault of a user whose editor keeps the tokens."""
        from tokenward.custody.sockets.registry import folder_in
        from tokenward.operations.editor_vault.client import EditorVaultClient

        return EditorVaultClient(folder_in(self.places.data_dir), self.folder, note)

    def _context(self, vault: Vault) -> Context:
        from tokenward.cli.support.ask_person import InteractiveApprover
        from tokenward.operations.context import open_context

        context = open_context(self.places, self.settings, cache(self.scanner), vault)
        return replace(context, approver=InteractiveApprover(self.places), warn=note)

    def scanner(
        self, detector: Detector | None = None, *, announce: Callable[[], None] | None = None
    ) -> Scanner:
        """Return a scanner without the rules of a workspace.

        Args:
            detector: one that is loaded, if any.
            announce: is called before the rules are compiled.

        Raises:
            StateDamaged: there is no usable key for fingerprints.
        """
        from tokenward.custody.store.fingerprints import Fingerprinter, load_key
        from tokenward.detection.engine import Detector
        from tokenward.findings.scan import Scanner

        fingerprinter = Fingerprinter(load_key(self.places.fingerprint_key))
        return Scanner(detector or Detector(self.places.rules_cache, announce), fingerprinter)

    def reference(self, name: str) -> Reference:
        """Return the reference for a name in this workspace; a whole reference is returned as it is.

        Raises:
            CustodyError: the text is neither, or the workspace has no name yet.
        """
        reference = reference_of(name) or self._reference_here(name)
        if not (is_token_name(reference.name) and is_workspace_name(reference.workspace)):
            from tokenward.custody.bindings.entries import Entries
            from tokenward.operations.token_names import require_known

            require_known(Entries(self.places.custody), [reference])
        return reference

    def _reference_here(self, name: str) -> Reference:
        if not TOKEN_NAME.fullmatch(name):
            require_name(name)
        workspace = Bindings(self.places.custody).name_of(self.folder)
        if workspace is None:
            require_name(name)
            raise CustodyError(
                f"{shown(self.folder)} has no stored tokens yet; store one with `tokenward put {name}`."
            )
        return Reference(workspace, name)


def require_name(name: str) -> None:
    """Refuse a name that a new token cannot have, as far as can be checked without the rules.

    Raises:
        CustodyError: it cannot have it.
    """
    from tokenward.operations.token_names import NAME_IS_VALUE, NO_NAME

    if not TOKEN_NAME.fullmatch(name):
        raise CustodyError(NO_NAME)
    if not is_token_name(name):
        raise CustodyError(NAME_IS_VALUE)


def absolute(path: Path) -> Path:
    """Return a path that does not depend on the current folder.

    Raises:
        CustodyError: the current folder was deleted.
    """
    try:
        return path.absolute()
    except OSError:
        raise CustodyError("The current folder no longer exists; change to another folder.") from None


def short(path: Path) -> Path:
    """Return a path as a user in this folder writes it."""
    here = absolute(Path())
    return path.relative_to(here) if path.is_relative_to(here) else path
