"""What started a process: an AI agent, by the `marks` of its row, or a service, a job, a hook or CI.

The system vouches for its own services and for jobs of its scheduler. The rest can be forged by any program with the
user's rights, and so only narrows a lease.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

from tokenward.catalog.rows import rows
from tokenward.custody.callers.processes import Process, control_group

# Here the value names the assistant.
_NAMING = ("AI_AGENT", "AGENT")
_INTERPRETER = re.compile(r"(?:node|nodejs|bun|deno|python[\d.]*|ruby[\d.]*)(?:\.exe)?", re.IGNORECASE)
_LONGEST_NAME = 40
PERSON, AGENT = "person", "agent"
"""The names of starters that are no service."""
CRON, HOOK, CI = "cron", "git-hook", "ci"
USERS = "user:"
"""The beginning of the name of a service that the user's own manager started."""
CI_VARIABLES: Mapping[str, str] = {
    "GITHUB_ACTIONS": "github-actions",
    "GITLAB_CI": "gitlab-ci",
    "JENKINS_URL": "jenkins",
    "BUILDKITE": "buildkite",
    "CIRCLECI": "circleci",
    "TF_BUILD": "azure-pipelines",
    "BITBUCKET_BUILD_NUMBER": "bitbucket-pipelines",
    "TEAMCITY_VERSION": "teamcity",
    "DRONE": "drone",
    "TRAVIS": "travis-ci",
    "CI": CI,
}
"""By the variables that each documents for its jobs; the last is set by nearly all."""
_SCHEDULERS = {"cron", "crond", "fcron", "anacron", "atd"}
_HOOK = re.compile(
    r"(?:.*/)?(?:pre-commit|pre-merge-commit|prepare-commit-msg|commit-msg|post-commit|pre-rebase|post-checkout"
    r"|post-merge|pre-push|post-rewrite|pre-receive|update|post-receive|post-update|applypatch-msg|pre-applypatch)"
)
_MANAGER = re.compile(r"user@\d+\.service")
_OF_DESKTOP = re.compile(r"(?:app|dbus)-.*|.*terminal.*")
"""Units in which desktops start the programs of a person."""


def agent_of(variables: Mapping[str, str], program: str, arguments: Iterable[str]) -> str:
    """Return the assistant that a process is or was started by; empty if none is known.

    Its arguments start with its own name.
    """
    names = [program, *islice(arguments, 2)]
    # The first argument is the program's own name; the next is a program's too, but only after an interpreter's.
    if not any(_INTERPRETER.fullmatch(_base(name)) for name in names[:2]):
        del names[2:]
    for name in names:
        if agent := _marks().programs.get(_base(name).casefold().removesuffix(".exe")):
            return agent
    for name, (agent, values) in _marks().variables.items():
        if (value := variables.get(name, "")) and re.fullmatch(values, value.casefold(), re.DOTALL):
            return agent
    named = next((variables[name] for name in _NAMING if variables.get(name)), "")
    return "".join(one if one.isprintable() else "?" for one in named[:_LONGEST_NAME])


class _Marks(NamedTuple):
    """Names of agents by the names of their programs, and by variables with a pattern of their values."""

    programs: Mapping[str, str]
    variables: Mapping[str, tuple[str, str]]


@cache
def _marks() -> _Marks:
    """Return the marks of all agents: `variables` with any value, `flags`, `values` with patterns in small letters.

    The `shared` ones come last: people's terminals have them too.
    """
    programs: dict[str, str] = {}
    variables: dict[str, tuple[str, str]] = {}
    shared: dict[str, tuple[str, str]] = {}
    for row in rows("agents").values():
        agent, marks = row.get("ledger_name", row.get("name", "")), row.get("marks", {})
        programs |= dict.fromkeys(marks.get("programs", ()), agent)
        values = dict.fromkeys(marks.get("variables", ()), ".*")
        values |= dict.fromkeys(marks.get("flags", ()), "1|true") | marks.get("values", {})
        variables |= {name: (agent, pattern) for name, pattern in values.items()}
        # Mistaking a person for an assistant costs less than the reverse.
        shared |= dict.fromkeys(marks.get("shared", ()), (agent, ".*"))
    return _Marks(programs, variables | shared)


def is_alone(variables: Mapping[str, str]) -> bool:
    """Return whether an assistant says that nobody attends its session."""
    return variables.get("CLAUDE_CODE_SESSION_ATTENDED") == "0"


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def spoken(starters: Iterable[str]) -> list[str]:
    """Return the names of starters for a sentence."""
    return [{PERSON: "a person", AGENT: "an AI agent"}.get(name, name) for name in starters]


STARTERS = (PERSON, AGENT, CRON, HOOK, *CI_VARIABLES.values())
"""The names that a lease can hold."""


def services_of(lineage: Sequence[Process], *, is_attended: bool) -> tuple[str, ...]:
    """Return the services, jobs, hooks and CI that started a process, the first of a lineage.

    If a terminal or an editor attends it, a desktop's service may be a person's program.
    """
    if not lineage:
        return ()
    unit = unit_in(control_group(lineage[0].pid))
    is_desktop = unit.startswith(USERS) and (is_attended or bool(_OF_DESKTOP.fullmatch(unit[len(USERS) :])))
    found = [] if is_desktop or not unit else [unit]
    return tuple(dict.fromkeys((*found, *_jobs(lineage))))


def unit_in(group: str) -> str:
    """Return the systemd service of a control group; empty for none.

    Below the user's own manager, the user can make a group of any name, even that of a system's service.
    """
    parts = group.split("/")
    manager = next((place for place, part in enumerate(parts) if _MANAGER.fullmatch(part)), None)
    of_user = parts[:2] == ["", "user.slice"]
    inner = parts[manager + 1 :] if manager is not None else parts
    unit = next((part for part in inner if part.endswith(".service")), "")
    return f"{USERS}{unit}" if unit and (of_user or manager is not None) else unit


def _jobs(lineage: Sequence[Process]) -> Iterator[str]:
    if any(one.name in _SCHEDULERS and _is_of_system(one.pid) for one in lineage):
        yield CRON
    if any(
        child.name != "git" and parent.name == "git" and any(map(_HOOK.fullmatch, child.arguments[:2]))
        for child, parent in pairwise(lineage)
    ):
        yield HOOK
    for variable, name in CI_VARIABLES.items():
        if any(one.variables.get(variable, "").casefold() not in ("", "0", "false") for one in lineage):
            yield name


def _is_of_system(pid: int) -> bool:
    """Return whether a process runs as root, by what it cannot change; True where no system tells."""
    if sys.platform != "linux":
        return True
    try:
        # Not the owner of its folder, which is root for a program that gets root's rights, under any name.
        status = Path("/proc", str(pid), "status").read_text("utf-8", "replace")
    except OSError:
        return False
    return any(line.split()[1:3] == ["0", "0"] for line in status.splitlines() if line.startswith("Uid:"))
