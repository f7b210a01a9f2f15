"""decide: the decision about one event of an agent, for every agent. It asks WorkspaceFacts for everything else.

Any question may raise; nothing is allowed then.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from tokenward.language import counted
from tokenward.operations.agents.dialects.dialect import Ability, can_replace, mapped, withheld
from tokenward.operations.agents.event import (
    ALLOW,
    TOOL_KINDS,
    AgentEvent,
    Decision,
    Deny,
    EventKind,
    Json,
    ReplaceOutput,
    RewriteInput,
    RewritePrompt,
    texts_in,
)
from tokenward.operations.agents.part_matches import WITHHELD
from tokenward.operations.agents.printing_commands import changing_parts, printing_command
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.agents.workspace_facts import SeenToken, WorkspaceFacts

_MENTION = re.compile(r"(?<![\w@])@(?:\"([^\"\n]+)\"|([\w./~+-]+))")
"""A file that an agent adds to a prompt, as most of them write it."""
_WHOLE_TEXTS = ("content", "contents", "file_text", "CodeContent", "text")
"""The arguments with which tools replace a whole file."""
_MOST_MENTIONS = 50
_FIXTURE = (
    "If it is the made-up one of a test, ask the person to write it and to run `tokenward ignore FILE:LINE --reason "
    "TEXT` in a terminal of theirs, after which you may read and write it."
)
_NOT_MASKED = Deny(
    "Its output would not be masked, because this session began without Tokenward's settings, or others replace them. "
    "Ask the person to run `tokenward agents protect` and to start you again.",
    "A command was stopped because its output would not have been masked; run `tokenward agents protect`, and start "
    "the agent again.",
    "not masked",
)
_LONGEST_SHOWN = 200


def decide(event: AgentEvent, abilities: Ability, facts: WorkspaceFacts) -> Decision:
    """Return what happens with an event."""
    if event.kind in TOOL_KINDS:
        return (
            _guard(event, facts)
            or _printing(event)
            or _exposed(event, abilities, facts)
            or _beside(event, facts)
            or _literal(event, abilities, facts)
            or _search(event, abilities)
            or _command(event, abilities, facts)
            or ALLOW
        )
    match event.kind:
        case EventKind.PROMPT:
            return _prompt(event, abilities, facts)
        case EventKind.RESULT | EventKind.FAILURE:
            return _result(event, abilities, facts)
        case EventKind.CONFIGURATION:
            return _configuration(event, facts)
        case _:
            return ALLOW


def _prompt(event: AgentEvent, abilities: Ability, facts: WorkspaceFacts) -> Decision:
    # First: agents keep a prompt that is stopped in the session's transcript, which the next one is not stopped for.
    begun = _session(event, facts)
    found = facts.tokens(event.prompt) or facts.divided(event.prompt)
    if found and Ability.REWRITE_PROMPT not in abilities:
        prompt = facts.referenced(event.prompt, by_name=True)
        found = facts.tokens(event.prompt) or found
        names = dict.fromkeys(one.name or "NAME" for one in found if not one.reference)
        store = (
            f"Store it with {' and '.join(f'`tokenward put {name}`' for name in names)}, and name"
            if names
            else "Name"
        )
        return Deny(
            "",
            f"The prompt contained {_several(found)} and was not sent. {store} it in the prompt instead"
            f"{_by_references(found)}.",
            "token in prompt",
            prompt,
        )
    stopped = _attached(event, facts) or begun
    return stopped or (RewritePrompt(facts.referenced(event.prompt)) if found else ALLOW)


def _attached(event: AgentEvent, facts: WorkspaceFacts) -> Decision | None:
    """Deny a prompt that sends a file with a token: one that it names, or one that the agent reads by itself."""
    named = dict.fromkeys((match[1] or match[2]).rstrip(".") for match in _MENTION.finditer(event.prompt))
    mentioned = [path for path in named if facts.is_there(path, event.folder)]
    if len(mentioned) > _MOST_MENTIONS:
        return _unsent(
            f"names more than {_MOST_MENTIONS} files with `@`", "Name fewer of them.", "many files"
        )
    exposed = [(path, one) for path in mentioned for one in facts.exposed(path, event.folder)]
    exposed = exposed or [*facts.loaded(event.folder, event.prompt)]
    if not exposed:
        return None
    path, seen = _short(exposed[0][0]), [one for _, one in exposed]
    what = f"would have sent {path}, which contains {_several(seen)}"
    return _unsent(what, f"Run `tokenward move {shlex.quote(path)}` first.", "token in attached file")


def _session(event: AgentEvent, facts: WorkspaceFacts) -> Decision | None:
    """Deny the first prompt of a session whose beginning holds a token: what was said before, or the repository's."""
    if facts.beginning.is_searched(event.session):
        return None
    if found := facts.said(event.transcript, event.prompt):
        return _unsent(
            f"would have sent again what was said in this session before, which contains {_several(found)}",
            "Leave the agent, run `tokenward agents transcripts --redact`, and resume the session.",
            "token in transcript",
        )
    if found := facts.in_repository(event.folder):
        return _unsent(
            f"would have sent a branch, a file's name or a commit's subject that contains {_several(found)}",
            "Rename it, or change the message with `git commit --amend` or `git rebase`, and revoke the token.",
            "token in repository",
        )
    facts.beginning.note_searched(event.session)
    return None


def _unsent(what: str, instead: str, why: str) -> Deny:
    return Deny("", f"The prompt {what}, and was not sent. {instead}", why)


def _guard(event: AgentEvent, facts: WorkspaceFacts) -> Decision | None:
    """Deny changes to the files that keep this hook and its rules in place."""
    if event.kind is EventKind.SHELL:
        touched = facts.guard.named_in(changing_parts(event.command), event.folder)
    else:
        changes = event.kind in (EventKind.WRITE, EventKind.CALL)
        touched = changes and any(facts.guard.holds(path, event.folder) for path in event.paths)
    if not touched:
        return None
    return Deny(
        "This would change the files that protect the person's tokens. Only the person may change them; explain to "
        "them what you need.",
        f"{event.tool or event.name} was stopped because it would have changed the files that protect your tokens.",
        "guard",
    )


def _printing(event: AgentEvent) -> Decision | None:
    """Deny commands that are known to print a token."""
    known = printing_command(event.command) if event.kind is EventKind.SHELL else None
    if known is None:
        return None
    command, instead = known
    return Deny(
        f"`{shown(command)}` prints a token, which you must not see. Instead, {instead}.",
        f"`{shown(command)}` was stopped because it prints a token.",
        "prints a token",
    )


def _exposed(event: AgentEvent, abilities: Ability, facts: WorkspaceFacts) -> Decision | None:
    """Deny reading a file that contains tokens, and overwriting one, which could lose them."""
    overwrites = any(isinstance(event.arguments.get(name), str) for name in _WHOLE_TEXTS)
    if event.kind is EventKind.WRITE and not overwrites:
        return None
    if event.kind not in (EventKind.READ, EventKind.WRITE, EventKind.SEARCH, EventKind.CALL):
        return None
    if event.kind is EventKind.SEARCH and Ability.REPLACE_OUTPUT in abilities:
        return None
    given = event.arguments.get("content") if event.kind is EventKind.READ else None
    for path in event.paths:
        found = [*facts.exposed(path, event.folder)]
        if isinstance(given, str):
            found = found or [*facts.tokens(given, path)]
        if found:
            return _exposed_file(event, path, found)
    return None


def _exposed_file(event: AgentEvent, path: str, found: Sequence[SeenToken]) -> Deny:
    path, several = _short(path), _several(found)
    if event.kind is EventKind.WRITE:
        return Deny(
            f"{path} contains {several}, which this would overwrite. Run `tokenward move {path}` first, or edit single "
            "lines.",
            f"Overwriting {path} was stopped because it contains {several}.",
            "overwrites token",
        )
    return Deny(
        f"{path} contains {several}, so it cannot be read as it is. `tokenward redact {path}` prints it with them "
        f"masked; `tokenward move {path}` moves them into the keyring, after which it can be read. {_FIXTURE}",
        f"Reading {path} was stopped because it contains {several}. Run `tokenward move {path}`, or `tokenward ignore "
        f"{path}:LINE --reason TEXT` for the made-up one of a test.",
        "token in file",
    )


def _beside(event: AgentEvent, facts: WorkspaceFacts) -> Decision | None:
    """Deny a tool that has the agent send instructions with a token, which are beside the file or above it."""
    if event.kind not in (EventKind.READ, EventKind.WRITE, EventKind.SEARCH):
        return None
    for path in event.paths:
        if found := [*facts.beside(path, event.folder)]:
            place, several = _short(found[0][0]), _several([one for _, one in found])
            return Deny(
                f"With {_short(path)} goes {place}, which contains {several}. Ask the person to run `tokenward move "
                f"{shlex.quote(place)}`; then {_short(path)} can be used.",
                f"{shown(event.tool)} was stopped because {place} goes with {_short(path)} and contains {several}. Run "
                f"`tokenward move {shlex.quote(place)}`.",
                "token in instructions",
            )
    return None


def _literal(event: AgentEvent, abilities: Ability, facts: WorkspaceFacts) -> Decision | None:
    """Deny an input with a token in it; where a stored one is written and a reference works, write that."""
    path = next(iter(event.paths), "")
    name = path if event.kind is EventKind.WRITE else ""
    found = [one for text in texts_in(dict(event.arguments)) for one in facts.tokens(text, name)]
    if not found:
        return None
    if event.kind is EventKind.WRITE:
        can_rewrite = event.can_rewrite and Ability.REWRITE_INPUT in abilities
        if can_rewrite and facts.takes_reference(path) and all(one.reference for one in found):
            changed = mapped(dict(event.arguments), facts.referenced)
            if isinstance(changed, dict) and not any(facts.tokens(text, name) for text in texts_in(changed)):
                return RewriteInput(changed)
        return Deny(
            f"The text contains {_several(found)}. Never write a token into a file: write its reference"
            f"{_by_references(found)} into `.env` and have the code look up the variable; the person stores a new "
            f"token with `tokenward put NAME`. {_FIXTURE}",
            f"Writing {_several(found)} into {_short(path) or 'a file'} was stopped.",
            "token in file text",
        )
    return Deny(
        f"The input of {shown(event.tool or event.name)} contains {_several(found)}. Do not pass tokens to tools: "
        f"start the program that needs one with `tokenward run -- COMMAND`{_by_references(found)}.",
        f"{shown(event.tool or event.name)} was stopped because its input contained {_several(found)}.",
        "token in input",
    )


def _search(event: AgentEvent, abilities: Ability) -> Decision | None:
    """Deny a search whose result nobody could mask."""
    if event.kind is not EventKind.SEARCH or Ability.REPLACE_OUTPUT in abilities:
        return None
    return Deny(
        "The result of this tool cannot be masked. Search with `grep` or `rg` in the shell instead, whose output is.",
        f"{shown(event.tool)} was stopped because its result could not be masked.",
        "search",
    )


def _command(event: AgentEvent, abilities: Ability, facts: WorkspaceFacts) -> Decision | None:
    """Have a command run masked, unless everything that it prints can be masked afterwards."""
    replaces_all = Ability.REPLACE_OUTPUT in abilities and Ability.REPLACE_FAILURE in abilities
    if event.kind is not EventKind.SHELL or replaces_all:
        return None
    if Ability.COMPARE_WORDS in abilities and facts.is_ruled(event.command, event.folder):
        return None
    if Ability.NAMES_SHELL in abilities and (is_masked := facts.is_shell_masked()) is not None:
        return None if is_masked else _NOT_MASKED
    line = facts.masked_command(event.command)
    return None if line in (None, event.command) else _to_be_masked(event, abilities, line)


def _to_be_masked(event: AgentEvent, abilities: Ability, line: str) -> Decision | None:
    is_line = isinstance(event.arguments.get(event.command_key), str)
    if event.can_rewrite and Ability.REWRITE_INPUT in abilities and is_line:
        return RewriteInput({**event.arguments, event.command_key: line})
    if Ability.REPLACE_OUTPUT in abilities:
        return None
    return Deny(
        f"Run it so that tokens in its output are masked, exactly like this: {line}",
        "A command was stopped because its output would not have been masked.",
        "not masked",
    )


def _result(event: AgentEvent, abilities: Ability, facts: WorkspaceFacts) -> Decision:
    is_failure = event.kind is EventKind.FAILURE
    if Ability.STOP_RESULT in abilities and not is_failure:
        if masked_values(event.output, facts) == event.output and not facts.is_withheld:
            return ALLOW
        what = shown(event.tool or event.name)
        why = f"The result of {what} contains a token, so the model did not get it."
        why = WITHHELD if facts.is_withheld else why
        return Deny(f"{why} Do not ask for it again.", why, "token in result")
    was_read = is_failure and not can_replace(event, abilities)
    can_act = Ability.REPORT_FAILURE in abilities if was_read else can_replace(event, abilities)
    if not can_act:
        return ALLOW
    output = masked_values(event.output, facts, next(iter(event.paths), ""))
    if facts.is_withheld and not was_read:
        return withheld(event, WITHHELD)
    return ReplaceOutput(output, was_read) if output != event.output else ALLOW


def masked_values(value: Json, facts: WorkspaceFacts, name: str = "") -> Json:
    """Return a value of the same shape with the tokens in all its texts masked, names of fields too.

    A list of texts is masked as one text, because a private key has a line in each.
    """
    if isinstance(value, str):
        return facts.masked(value, name)
    if isinstance(value, list):
        lines = [one for one in value if isinstance(one, str)]
        if lines and len(lines) == len(value):
            masked = facts.masked("\n".join(lines), name).split("\n")
            sizes = [one.count("\n") + 1 for one in lines]
            starts = [sum(sizes[:place]) for place in range(len(sizes))]
            if len(masked) == sum(sizes):
                return ["\n".join(masked[at : at + size]) for at, size in zip(starts, sizes, strict=True)]
        return [masked_values(one, facts, name) for one in value]
    if isinstance(value, dict):
        return {facts.masked(key): masked_values(one, facts, name) for key, one in value.items()}
    return value


def _configuration(event: AgentEvent, facts: WorkspaceFacts) -> Decision:
    """Deny settings without our hook."""
    lost = [
        path
        for path in event.paths
        if facts.guard.holds(path, event.folder) and not facts.guard.is_installed(path)
    ]
    if not lost:
        return ALLOW
    return Deny(
        "The hook that protects the person's tokens was removed from the settings; put it back.",
        f"{_short(lost[0])} no longer has the hook that protects your tokens; `tokenward agents protect` puts it back.",
        "guard",
    )


def _several(found: Collection[SeenToken]) -> str:
    labels = {shown(one.label) for one in found}
    return next(iter(labels)) if len(labels) == 1 == len(found) else counted(len(found), "token")


def _by_references(found: Collection[SeenToken]) -> str:
    names = sorted({one.reference for one in found if one.reference})
    return f" ({', '.join(names)})" if names else ""


def _short(path: str) -> str:
    return shown(path[:_LONGEST_SHOWN])
