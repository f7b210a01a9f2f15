"""Instructions: what one agent reads into its model's context by itself, the `instructions` of `agents/NAME.toml`."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.catalog.rows import rows
from tokenward.fast_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Patterns of files below a folder.

    Attributes:
        place: `parents`, which are a session's folder and each above it; `nested`, each between a file that a tool
            opens and that folder; or one folder, `~/…`, or `{VARIABLE|~/…}` where a variable moves it.
        files: what is read as a whole; of a list of patterns, what the first with a file means. `$KEY` stands for the
            names under a key of the agent's settings.
        heads: of these, only what is between lines of `---`, or else the first line.
        commands: what is read for a prompt that begins with `/NAME`, which takes the place of `{name}`.
    """

    place: str
    files: Sequence[str | Sequence[str]] = ()
    heads: Sequence[str] = ()
    commands: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Instructions:
    """What one agent reads.

    Attributes:
        source: where this was read.
        root: `parents` end with the folder that holds it, and without one are the session's folder alone.
        imports: the files name others with `@`.
        git: it sends the branch, the names of changed files and the subjects of the last commits.
        settings: the places of its settings files.
        texts: the keys of settings that are instructions themselves.
    """

    source: str = ""
    root: str = ""
    imports: bool = False
    git: bool = False
    settings: Sequence[str] = ()
    texts: Sequence[str] = ()
    groups: Sequence[FileGroup] = ()


def instructions_of(agent: str) -> Instructions:
    """Return what an agent reads, by the name of its row; nothing for an unknown one."""
    table = rows("agents").get(agent, {}).get("instructions")
    if table is None:
        return Instructions()
    return Instructions(**{**table, "groups": [FileGroup(**one) for one in table["groups"]]})
