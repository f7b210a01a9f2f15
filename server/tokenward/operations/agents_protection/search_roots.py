"""Finds the files and programs of agents, and refuses files that are not the user's to change."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tokenward.errors import RewriteRefused
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent, SettingsTarget
from tokenward.operations.programs import find_program
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE

_PROJECT_MARKS = (".git", ".hg", WORKSPACE_FILE)
_VARIABLE = re.compile(r"\{(\w+)\|([^}]*)\}")
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_SECONDS = 20
_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class SearchRoots:
    """Where agents are looked for.

    Attributes:
        workspace: the folder whose ignore files count; None to leave it alone.
        variables: the environment.
    """

    home: Path
    workspace: Path | None
    variables: Mapping[str, str]

    @classmethod
    def around(cls, folder: Path) -> SearchRoots:
        """Return this user's home folder, and a folder if it is a project."""
        home = Path.home()
        is_project = folder != home and any(os.path.lexists(folder / mark) for mark in _PROJECT_MARKS)
        return cls(home, folder if is_project else None, os.environ)

    def path(self, place: str) -> Path | None:
        """Return the path of a place; None for one in a workspace outside any."""
        text = _VARIABLE.sub(lambda found: self._folder(found[1], found[2]), place)
        if text.startswith("~"):
            return self.home / text[2:]
        if place.startswith("{"):
            return Path(text)
        return self.workspace / text if self.workspace is not None else None

    def paths(self, target: SettingsTarget) -> Iterator[Path]:
        """Yield the files of a target; a place with a `*` has those that exist."""
        path = self.path(target.place)
        if path is None:
            return
        if "*" in path.name:
            try:
                yield from sorted(path.parent.glob(path.name))[:_MOST_FILES]
            except OSError:
                return
        else:
            yield path

    def real(self, path: Path, *, is_users: bool) -> Path:
        """Return the file that a path leads to, to be changed in place of a link.

        Raises:
            RewriteRefused: it is outside the home folder, or outside the workspace.
        """
        root = self.home if is_users or self.workspace is None else self.workspace
        try:
            real, inside = path.resolve(), root.resolve()
        except (OSError, RuntimeError):
            raise RewriteRefused("It is a link that leads nowhere; replace it with a file.") from None
        if not real.is_relative_to(inside):
            raise RewriteRefused(
                "It is at {real}, outside {inside}, and was not changed; move it there.",
                real=shown(real),
                inside=shown(inside),
            )
        return real

    def uses(self, agent: ProtectedAgent) -> bool:
        """Return whether an agent is in use: its program is on PATH, or a folder of its exists."""
        if any(find_program(name) for name in agent.programs):
            return True
        paths = (self.path(place) for place in agent.folders)
        return any(path is not None and os.path.lexists(path) for path in paths)

    def _folder(self, variable: str, otherwise: str) -> str:
        if variable == "USER_SETTINGS":
            return str(self._user_settings())
        named = self.variables.get(variable, "")
        # A relative one would be in whichever folder the agent is started in.
        return named if os.path.isabs(named) else otherwise  # noqa: PTH117 - a text

    def _user_settings(self) -> Path:
        if sys.platform == "darwin":
            return self.home / "Library" / "Application Support"
        if sys.platform == "win32":
            return Path(self.variables.get("APPDATA") or self.home / "AppData" / "Roaming")
        named = self.variables.get("XDG_CONFIG_HOME", "")
        return Path(named) if os.path.isabs(named) else self.home / ".config"  # noqa: PTH117 - a text


def version_of(agent: ProtectedAgent, folder: Path) -> str:
    """Return the version that an agent's program prints; empty if none is installed, or none is printed in time."""
    program = next(filter(None, map(find_program, agent.programs)), None)
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "--version"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    found = _VERSION.search(done.stdout.decode(errors="replace"))
    return found[0] if found and done.returncode == 0 else ""


def is_older(version: str, than: str) -> bool:
    """Return whether a version comes before another; an empty one is unknown and counts as older."""
    if not than:
        return False
    return not version or _numbers(version) < _numbers(than)


def _numbers(version: str) -> list[int]:
    return [int(part[:9]) for part in version.split(".")]
