"""Texts with which an editor asks before agents' settings are changed, and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.language import phrase, said
from tokenward.operations.agents_protection.plan import FilePlan
from tokenward.operations.agents_protection.protect import FileOutcome
from tokenward.phrases import counted, listed
from tokenward.places import by_home, shown
from tokenward.presentation.stored import CANNOT_ASK

PROTECT = phrase("Protect")
PROTECT_AGAIN = phrase("Protect again")
UNDO = phrase("Remove")
NOTHING_ADDED = phrase("Nothing was added to these settings.")
_MOST_FILES = 8
_FENCES = re.compile("`+")
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


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
