"""What every verb needs: the user's places, the workspace, its settings and its Context."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.custody.bindings import Bindings
from tokenward.places import Places, shown
from tokenward.settings import Settings, load_settings

if TYPE_CHECKING:
    from tokenward.operations.context import Context


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a verb runs."""

    places: Places
    folder: Path
    settings: Settings

    @classmethod
    def here(cls, path: Path | None = None) -> Setting:
        """The workspace of a path, or of the current folder; problems of settings files go to stderr."""
        places = Places.of_user()
        folder = Bindings(places.custody).workspace_root(path or Path.cwd())
        settings, problems = load_settings(places, folder)
        for problem in problems:
            typer.echo(f"tokenward: {problem}", err=True)
        return cls(places, folder, settings)

    @contextmanager
    def context(self) -> Iterator[Context]:
        """What operations need; the vault's worker ends with it."""
        from tokenward.cli.passphrase import AskingVault
        from tokenward.custody.fingerprints import Fingerprinter, load_key
        from tokenward.detection.engine import Detector
        from tokenward.findings.scan import Scanner
        from tokenward.operations.opening import open_context, vault_config

        fingerprinter = Fingerprinter(load_key(self.places.fingerprint_key))
        scanner = Scanner(Detector(self.places.rules_cache), fingerprinter)
        vault = AskingVault(vault_config(self.places, self.settings))
        try:
            yield open_context(self.places, self.settings, scanner, vault)
        finally:
            vault.close()


def is_person() -> bool:
    """Whether somebody sits at a terminal that can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> None:
    """Ask on the terminal, and end the command unless the answer is yes."""
    typer.confirm(question, abort=True, err=True)


def say(text: str) -> None:
    """A line for people on stderr, so that stdout is for programs."""
    typer.echo(shown(text), err=True)
