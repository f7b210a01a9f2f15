"""LeftStep: commands of a program that are left after a move, and that Tokenward can start."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from tokenward.model import TOKEN_NAME, Reference


@dataclass(frozen=True, slots=True)
class LeftCommands:
    """The commands of a program, with NAME, OWN and LOGIN_URL for what a move fills in.

    Attributes:
        lines: in order; the last gets the value, if `takes_value`.
        takes_value: the value goes to its standard input, or to `variable`.
        variable: the variable that it reads instead.
        of_repository: more words, in which the repository's `{url}` is filled in, as in the last line `{project}`,
            `{org}` and `{vcs}`, which is CircleCI's word for the host.
    """

    lines: tuple[str, ...]
    takes_value: bool = True
    variable: str = ""
    of_repository: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return how a person types them."""
        line = " && ".join(self.lines)
        if not self.takes_value:
            return line
        return (
            f"{self.variable}=$(tokenward get NAME) {line}"
            if self.variable
            else f"tokenward get NAME | {line}"
        )


LEFT_COMMANDS = {
    "gh": LeftCommands(("gh secret set OWN",), of_repository=("--repo", "{url}")),
    "glab": LeftCommands(("glab variable set NAME --masked --raw",), of_repository=("--repo", "{url}")),
    "circleci": LeftCommands(("circleci project secret create {vcs} {org} {project} NAME",)),
    "az": LeftCommands(
        ("az pipelines variable create --name OWN --secret true --pipeline-name {project}",),
        variable="AZURE_DEVOPS_EXT_PIPELINE_VAR_OWN",
    ),
    "git": LeftCommands(
        (
            'git config --global credential.LOGIN_URL.helper ""',
            "git config --global --add credential.LOGIN_URL.helper tokenward",
        ),
        takes_value=False,
    ),
}
"""The commands by their program."""
_URL = re.compile(r"https?://[\w.:\[\]-]+|")


@dataclass(frozen=True, slots=True)
class LeftStep:
    """What a move fills into one of the LEFT_COMMANDS; an invalid one raises ValueError.

    Attributes:
        program: its key.
        reference: of the value.
        own: the reader's name for the value.
        url: where the value is for; empty if the commands name none.
    """

    program: str
    reference: Reference
    own: str
    url: str = ""

    def __post_init__(self) -> None:
        is_valid = (
            self.program in LEFT_COMMANDS and TOKEN_NAME.fullmatch(self.own) and _URL.fullmatch(self.url)
        )
        if not is_valid:
            raise ValueError("not a step")

    @property
    def commands(self) -> LeftCommands:
        """Return its row."""
        return LEFT_COMMANDS[self.program]

    def filled(self, text: str) -> str:
        """Return a text of the row, or of its reader, with the names and the URL."""
        return filled_in(text, {"NAME": self.reference.name, "OWN": self.own, "LOGIN_URL": self.url})

    def words(self) -> tuple[tuple[str, ...], ...]:
        """Return the words of each command; the repository's are still to be filled in."""
        # A line is split before it is filled, so that no name adds a word.
        lines = [tuple(map(self.filled, shlex.split(line))) for line in self.commands.lines]
        return (*lines[:-1], (*lines[-1], *self.commands.of_repository))


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """Return a text with other words in place of some."""
    return re.sub("|".join(words), lambda word: words[word[0]], text)
