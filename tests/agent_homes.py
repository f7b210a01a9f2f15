"""Homes of users with AI agents, whose settings hold entries of others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tokenward.operations.agents_protection.plan import FilePlan, FoundAgent, plan_protection
from tokenward.operations.agents_protection.protect import FileOutcome, protect, take_back
from tokenward.operations.agents_protection.protected_agent import ProtectedAgent
from tokenward.operations.agents_protection.record import ProtectionRecord
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.places import Places

NEWEST = "999.0"
FOREIGN = {
    "json": (
        '{\n  // of the user\n  "theme": "dark",\n  "hooks": {},\n  "permissions": {"deny": ["Read(mine)"]}, // why\n'
        '  "env": {"MY_KEY": "a value of the user"},\n}\n'
    ),
    "toml": '# of the user\ntheme = "dark"\n\n[env]\nMY_KEY = "a value of the user"\n',
    "lines": "# of the user\n!.env\nbuild/\n",
}
"""By format; a script is wholly one party's."""


@dataclass(frozen=True)
class AgentHome:
    """A home folder with a project in it, and an agent's settings files."""

    roots: SearchRoots
    places: Places
    program: str = "/opt/tokenward/bin/tokenward"

    @classmethod
    def at(cls, folder: Path) -> AgentHome:
        home = folder / "home"
        project = home / "project"
        project.mkdir(parents=True)
        data = home / "data"
        data.mkdir()
        return cls(SearchRoots(home, project, {}), Places(home / "config", data, home / "cache"))

    def files_of(self, agent: ProtectedAgent) -> dict[Path, str]:
        """Return the paths of an agent's settings files with their formats."""
        found = {}
        for target in agent.files:
            path = self.roots.path(target.place)
            assert path is not None
            found[path.with_name(path.name.replace("*", "mine"))] = target.format
        return found

    def plant(self, agent: ProtectedAgent) -> dict[Path, bytes]:
        """Write settings of others into each file that can hold some; return the contents."""
        for path, name in self.files_of(agent).items():
            if name in FOREIGN:
                path.parent.mkdir(parents=True, exist_ok=True)
                # Kiro has a list of hooks where the others have a mapping.
                text = FOREIGN[name].replace("{},", "[],") if agent.name == "Kiro" else FOREIGN[name]
                path.write_bytes(text.encode())
        return self.contents(agent)

    def contents(self, agent: ProtectedAgent) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.files_of(agent) if path.exists()}

    def plans(self, *found: FoundAgent) -> list[FilePlan]:
        return [*plan_protection(self.roots, found, self.program, self.record())]

    def protect(self, *found: FoundAgent) -> list[FilePlan]:
        record, plans = self.record(), self.plans(*found)
        for plan in plans:
            protect(plan, record, self.editor())
        return plans

    def undo(self) -> list[FileOutcome]:
        return [*take_back(self.record(), self.editor())]

    def record(self) -> ProtectionRecord:
        return ProtectionRecord.read(self.places)

    def editor(self) -> DiskEditor:
        return DiskEditor(follows_links=False, notes=self.places.writes)

    def everything(self) -> list[Path]:
        """Return every path in the home folder, except our own records."""
        return sorted(
            path for path in self.roots.home.rglob("*") if not path.is_relative_to(self.places.data_dir)
        )


def newest(agent: ProtectedAgent) -> FoundAgent:
    return FoundAgent(agent, NEWEST)
