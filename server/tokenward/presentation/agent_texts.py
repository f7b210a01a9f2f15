"""Texts about agents: questions before their settings are changed, their status, and the results of checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenward.errors import StateDamaged
from tokenward.language import counted, listed, phrase, said
from tokenward.operations.agents.part_matches import withheld_agents
from tokenward.operations.agents_protection.plan import FilePlan
from tokenward.operations.agents_protection.protect import FileOutcome
from tokenward.operations.agents_protection.record import ChangedGuard
from tokenward.operations.agents_protection.survey import AgentStatus, SurfaceStatus
from tokenward.places import Places, by_home, shown
from tokenward.presentation.stored import CANNOT_ASK
from tokenward.rewriting.settings_files.setting_entry import Insertion

PROTECT = phrase("Protect")
PROTECT_AGAIN = phrase("Protect again")
UNDO = phrase("Remove")
NOTHING_ADDED = phrase("Nothing was added to these settings.")
_MOST_FILES = 8
_FENCES = re.compile("`+")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")
_FOREIGN = "…"
_COMMA = re.compile(r"[\s,]*")


def protect_question(plans: Sequence[FilePlan]) -> str:
    """Return the question before settings are changed; `tokenward agents protect --dry-run` shows each line."""
    names = dict.fromkeys(name for plan in plans for name in plan.names)
    return said(
        "Change {count} of {agents}, so that tokens are kept from the models? These get hooks and "
        "denied files, and keep all else: {files}.",
        count=counted(len(plans), "file"),
        agents=listed([*names]),
        files=_files(plan.path for plan in plans),
    )


def undo_question(paths: Sequence[Path]) -> str:
    """Return the question before our entries are removed."""
    return said(
        "Take Tokenward out of {files}? AI agents that read them are no longer kept from tokens.",
        files=_files(paths),
    )


def cannot_ask(command: str) -> str:
    """Return that the client cannot ask before a command does something."""
    return said(CANNOT_ASK, command=f"agents {command}")


def refusals(plans: Iterable[FilePlan]) -> list[str]:
    """Return why files or settings stay as they are."""
    return [
        f"{shown(by_home(plan.path))}: {why}"
        for plan in plans
        for why in (plan.refusal, *plan.problems)
        if why
    ]


def left(outcomes: Iterable[FileOutcome]) -> list[str]:
    """Return why our entries were not removed from some files."""
    return [f"{shown(by_home(one.path))}: {one.reason}" for one in outcomes if one.reason]


def checked(names: Sequence[str], failed: Sequence[str]) -> str:
    """Return the result of a check in a sentence."""
    if not names:
        return said("No AI agent was found here.")
    if failed:
        text = phrase(
            "A made-up token passed {agents}, or a hook is missing; `tokenward agents check` shows which."
        )
        return said(text, agents=listed([*failed]))
    return said("No made-up token passed the hooks of {agents}.", agents=listed([*names]))


def guard_changed(sentences: Sequence[str]) -> str:
    """Return the warning that somebody changed what keeps agents from tokens."""
    return " ".join([said("What keeps AI agents from your tokens was changed."), *map(shown, sentences)])


def _files(paths: Iterable[Path]) -> str:
    return listed([shown(by_home(path)) for path in paths], _MOST_FILES)


@dataclass(frozen=True, slots=True)
class Copied:
    """A part of a document, without tokens.

    Attributes:
        first: the line of the document with which the part begins, from 1.
        language: the client's name of its language.
    """

    name: str
    first: int
    language: str
    text: str


def block(copied: Copied) -> str:
    """Return a part in Markdown, with the file's name and the number of its first line."""
    text = copied.text if copied.text.endswith("\n") else f"{copied.text}\n"
    longest = max(map(len, _FENCES.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = copied.language if _LANGUAGE.fullmatch(copied.language) else ""
    name = shown(copied.name).replace("`", "?")
    return f"`{name}`, from line {copied.first}:\n\n{fence}{language}\n{text}{fence}\n"


def lines_of(status: AgentStatus) -> Iterator[str]:
    """Yield the lines about one agent."""
    agent, version = status.found.agent, status.found.version
    yield f"{agent.name}{f' {version}' if version else ''}"
    for one in status.surfaces:
        why = f" ({one.why})" if one.why else ""
        gone = f"; without the program: {one.gone}" if one.gone else ""
        yield f"  {one.surface}: {one.level}{why}{gone}"
    if not status.found.knows_flag and status.hooks:
        yield f"  Failures of hooks block from version {agent.blocks_since} on; update {agent.name}."
    changed = map(changed_words, status.changed)
    trust = "" if status.is_trusted else agent.trust
    for sentence in filter(None, (*changed, *status.problems, trust, agent.limits)):
        yield f"  {sentence}"


def data_of(status: AgentStatus, *, seen: Mapping[str, int]) -> Mapping[str, Any]:
    """Return the same as JSON data, with how many tokens each agent has seen by its name."""
    agent = status.found.agent
    return {
        "agent": agent.name,
        "dialect": agent.dialect or None,
        "version": status.found.version or None,
        "standing": status.standing,
        "reach": status.reach,
        "seen": seen.get(agent.name),
        "changed": [*map(changed_words, status.changed)],
        "failuresBlockSince": agent.blocks_since or None,
        "isTooOld": not status.found.knows_flag,
        "surfaces": [*map(_data_of, status.surfaces)],
        "problems": list(status.problems),
        "trust": None if status.is_trusted else agent.trust,
        "limits": agent.limits or None,
        "source": agent.source,
        "date": agent.date,
    }


def changed_words(guard: ChangedGuard) -> str:
    """Return how somebody changed a file, and what to do."""
    name = by_home(guard.path)
    if guard.lost:
        return said(
            "{file} lacks {lost} of the {settings} that guard your tokens; protect it again.",
            file=name,
            lost=guard.lost,
            settings=counted(guard.added, "setting"),
        )
    return said("`{switch}` in {file} switches all hooks off; remove it.", switch=guard.switch, file=name)


def withheld_words(places: Places) -> Sequence[str]:
    """Return which agents get no outputs and what to do, or why the ledger does not say it."""
    try:
        names = withheld_agents(places)
    except StateDamaged as error:
        return [str(error)]
    words = said(
        "Outputs are withheld from {agents}, because they showed parts of a stored token again and again; "
        "`tokenward agents lift` ends that.",
        agents=listed([*names]),
    )
    return [words] if names else []


def _data_of(one: SurfaceStatus) -> Mapping[str, Any]:
    fields = {"surface": one.surface, "level": one.level, "why": one.why or None}
    return fields if one.failed is None else {**fields, "withoutProgram": one.gone, "failed": one.failed}


def diff_of(plan: FilePlan) -> str:
    """Return the change as a unified diff without context; in a line of the user's, only the added part is shown."""
    name = by_home(plan.path)
    lines = [f"--- {'/dev/null' if plan.before is None else name}", f"+++ {name}"]
    for step in plan.replaced:
        lines += [f"-{line}" for edit in step.edits for line in edit.text.splitlines() if line.strip(" ,")]
    for start, added in _hunks(plan.after, plan.added):
        lines.append(f"@@ +{start},{len(added)} @@")
        lines += [f"+{line}" for line in added]
    return "\n".join(lines)


def _hunks(after: str, steps: Sequence[Insertion]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold something of ours, in groups, each with the number of its first line from 1."""
    group: list[str] = []
    first = place = 0
    # A 1 for each character that was inserted.
    ours = bytearray(len(after) - sum(len(edit.text) for step in steps for edit in step.edits))
    for step in steps:
        for edit in reversed(step.edits):
            ours[edit.span.start : edit.span.start] = b"\1" * len(edit.text)
    for number, line in enumerate(after.splitlines(keepends=True), 1):
        shown = _shown(line, ours[place : place + len(line)])
        place += len(line)
        if shown is None:
            if group:
                yield first, group
            group = []
            continue
        first = first if group else number
        group.append(shown)
    if group:
        yield first, group


def _shown(line: str, ours: bytearray) -> str | None:
    """Return a line with the text of others left out; None for one that has nothing of ours but a comma."""
    added = "".join(character for character, flag in zip(line, ours, strict=True) if flag)
    if _COMMA.fullmatch(added):
        return None
    marked = "".join(
        character if flag or character.isspace() else "\0" for character, flag in zip(line, ours, strict=True)
    )
    return re.sub(r"\0(?:\s*\0)*", _FOREIGN, marked).rstrip()
