"""FollowUp: commands of a program that are left after a move, and that Tokenward can start."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from tokenward.model import TOKEN_NAME, Reference


@dataclass(frozen=True, slots=True)
class FollowUpCommands:
    """The commands of a program, with NAME, OWN and LOGIN_URL for what a move fills in.

    Attributes:
        lines: in order; the last gets the value.
        variable: by which it gets it; empty for its standard input, None if it gets none.
        repository: its last words, which like {repository}, {vcs}, {org} and {project} depend on the repository.
    """

    lines: tuple[str, ...]
    variable: str | None = ""
    repository: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return how a person types them, with VCS, ORG and PROJECT for what depends on the repository."""
        given = {None: "", "": "tokenward get NAME | "}.get(
            self.variable, f"{self.variable}=$(tokenward get NAME) "
        )
        return given + re.sub(r"\{(\w+)\}", lambda word: word[1].upper(), " && ".join(self.lines))


FOLLOW_UPS = {
    "gh": FollowUpCommands(("gh secret set OWN",), repository=("--repo", "{url}")),
    "glab": FollowUpCommands(("glab variable set NAME --masked --raw",), repository=("--repo", "{url}")),
    "circleci": FollowUpCommands(("circleci project secret create {vcs} {org} {project} NAME",)),
    "az": FollowUpCommands(
        ("az pipelines variable create --name OWN --secret true --pipeline-name {project}",),
        "AZURE_DEVOPS_EXT_PIPELINE_VAR_OWN",
    ),
    "drone": FollowUpCommands(("drone secret add --name NAME --data @/dev/stdin {repository}",)),
    "woodpecker-cli": FollowUpCommands(
        ("woodpecker-cli repo secret add --name NAME --value @/dev/stdin {repository}",)
    ),
    "git": FollowUpCommands(
        (
            'git config --global credential.LOGIN_URL.helper ""',
            "git config --global --add credential.LOGIN_URL.helper tokenward",
        ),
        None,
    ),
}
"""The commands by their program."""
_URL = re.compile(r"https?://[\w.:/\[\]-]+|")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a move fills into one of the FOLLOW_UPS, by its program; an invalid step raises ValueError.

    Attributes:
        program: empty if a person must do the step.
        reference: of the value.
        own: the reader's name for the value.
        url: where the value is for; empty if no text names it.
    """

    program: str
    reference: Reference
    own: str
    url: str = ""

    def __post_init__(self) -> None:
        is_known = not self.program or self.program in FOLLOW_UPS
        if not (is_known and TOKEN_NAME.fullmatch(self.own) and _URL.fullmatch(self.url)):
            raise ValueError("not a step")

    def filled(self, text: str) -> str:
        """Return a text of the row, or of its reader, with the names and the URL."""
        words = {"NAME": self.reference.name, "OWN": self.own, "LOGIN_URL": self.url}
        return re.sub("|".join(words), lambda word: words[word[0]], text)

    def words(self) -> list[list[str]]:
        """Return the words of each command; those that depend on the repository are still to be filled in."""
        # A line is split before it is filled, so that no name adds a word.
        row = FOLLOW_UPS[self.program]
        return [[*map(self.filled, shlex.split(line)), *row.repository] for line in row.lines]
