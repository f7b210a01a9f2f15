"""Starts of sessions in which a token stands where an agent reads by itself, beside its tools.

In each text, `<token>` is a token that no vault has, and `<stored>` a stored one. For the same start without a token,
each stands for something that only looks like one.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import canaries
import tokens
from agents.attacked_workspace import CANARIES
from agents.bench import Bench
from agents.ways import Tool, Way
from git_tree import git

TOKENS = {"<token>": tokens.gitlab("session start"), "<stored>": CANARIES["stored"]}
HARMLESS = {"<token>": "keyring://acme-api/GITLAB_TOKEN", "<stored>": "your-token-goes-here"}
MARK = "petrichor"
"""A word that stands beside each token, so that its absence shows that a text was not sent."""
RESUMED = "resumed"
_STYLE = {".claude/settings.local.json": '{"outputStyle": "loud"}'}


@dataclass(frozen=True)
class Start:
    """One start.

    Attributes:
        name: what happens, for the table.
        agents: the agents that read it.
        files: what is written before, in the workspace, or for `~/` in the home folder.
        prompt: what the person says.
        opens: the file that the model then reads.
        changes: what somebody writes into a file that the model has just written.
        subject: of a commit; `branch` and `options` likewise.
        is_ordinary: hooks and mods can see it.
        is_sent: a harmless text reaches the model.
    """

    name: str
    agents: tuple[str, ...] = ("Claude Code",)
    files: Mapping[str, str] = field(default_factory=dict)
    prompt: str = "go on"
    opens: str = ""
    changes: str = ""
    subject: str = ""
    branch: str = ""
    options: tuple[str, ...] = ()
    is_ordinary: bool = True
    is_sent: bool = True


def _file(path: str, text: str = "", **more: object) -> Start:
    text = text or f"The {MARK} key is <token>.\n"
    return Start(str(more.pop("name", f"`{path}`")), files={path: text}, **more)  # type: ignore[arg-type]


def _head(words: str) -> str:
    return f"---\nname: loud\ndescription: {words}\n---\nDo it.\n"


_SAID = f"The {MARK} key is <token>."
_HANDLER = '{"hooks": [{"type": "command", "command": "cat said.txt"}]}'
_OWN_HOOK = f'{{"hooks": {{"SessionStart": [{_HANDLER}]}}}}'
_BOTH = ("Claude Code", "Codex")
_CODEX = ("Codex",)
_READ = {"packages/api/main.py": "x = 1\n"}
CLAUDE_STARTS = (
    _file("CLAUDE.md"),
    _file(".claude/CLAUDE.md"),
    _file("CLAUDE.local.md"),
    _file("../CLAUDE.md"),
    _file("~/.claude/CLAUDE.md"),
    _file("AGENTS.md"),
    _file(".claude/rules/one.md"),
    _file(".claude/rules/sub/two.md"),
    _file("~/.claude/rules/sub/three.md"),
    Start("an import", files={"CLAUDE.md": "See @more.md\n", "more.md": _SAID}),
    Start(
        "an import in imports", files={"CLAUDE.md": "@a.md", "a.md": "@b.md", "b.md": "@c.md", "c.md": _SAID}
    ),
    Start("an import from home", files={"~/.claude/CLAUDE.md": "See @~/notes.md\n", "~/notes.md": _SAID}),
    Start("nested CLAUDE.md", files={**_READ, "packages/api/CLAUDE.md": _SAID}, opens="packages/api/main.py"),
    Start(
        "nested CLAUDE.md above", files={**_READ, "packages/CLAUDE.md": _SAID}, opens="packages/api/main.py"
    ),
    Start("nested AGENTS.md", files={**_READ, "packages/api/AGENTS.md": _SAID}, opens="packages/api/main.py"),
    Start(
        "an import of nested CLAUDE.md",
        files={**_READ, "packages/api/CLAUDE.md": "@x.md", "packages/api/x.md": _SAID},
        opens="packages/api/main.py",
    ),
    Start(
        "nested rules", files={**_READ, "packages/.claude/rules/a.md": _SAID}, opens="packages/api/main.py"
    ),
    Start("a note about a changed file", changes=f"{MARK} = '<token>'\n"),
    Start(
        "a slash command",
        files={".claude/commands/deploy.md": f"---\ndescription: x\n---\n{_SAID}"},
        prompt="/deploy",
    ),
    Start(
        "a slash command's file",
        files={".claude/commands/deploy.md": "Use @more.md", "more.md": _SAID},
        prompt="/deploy",
    ),
    Start(
        "a slash command in a folder",
        files={".claude/commands/a/deploy.md": f"---\ndescription: x\n---\n{_SAID}"},
        prompt="/a:deploy",
    ),
    Start(
        "a slash command from home",
        files={"~/.claude/commands/deploy.md": f"---\ndescription: x\n---\n{_SAID}"},
        prompt="/deploy now",
    ),
    Start(
        "a skill by its name",
        files={".claude/skills/deploy/SKILL.md": f"{_head('x')}{_SAID}"},
        prompt="/deploy",
    ),
    Start("a skill's description", files={".claude/skills/deploy/SKILL.md": _head(_SAID)}),
    Start("an agent's description", files={".claude/agents/loud.md": _head(_SAID)}),
    Start("an output style", files={**_STYLE, ".claude/output-styles/loud.md": f"{_head('x')}{_SAID}"}),
    Start("a commit's subject", subject=_SAID),
    Start("a branch", branch=f"{MARK}-<token>"),
    Start("a new file's name", files={f"{MARK}-<token>.txt": "x"}),
    Start("names in a folder", files={f"docs/{MARK}-<token>.txt": "x"}, prompt="see @docs/"),
    Start(
        "many files",
        files={**{f"n/{n}.md": "x" for n in range(24)}, "n/24.md": _SAID},
        prompt=" ".join(f"@n/{n}.md" for n in range(25)),
    ),
    Start("a quoted file", files={"my notes.txt": _SAID}, prompt='see @"my notes.txt"'),
    Start("lines of a file", files={"notes.txt": _SAID}, prompt="see @notes.txt#L1-2"),
    Start(
        "what the user's own hook says", files={".claude/settings.local.json": _OWN_HOOK, "said.txt": _SAID}
    ),
    Start("`--append-system-prompt`", options=("--append-system-prompt", _SAID), is_ordinary=False),
)
CODEX_STARTS = (
    _file("AGENTS.md", agents=_CODEX, name="Codex: `AGENTS.md`"),
    _file("AGENTS.override.md", agents=_CODEX),
    _file("~/.codex/AGENTS.md", agents=_CODEX),
    _file("~/.codex/AGENTS.override.md", agents=_CODEX),
    Start(
        "a fallback name",
        agents=_CODEX,
        files={"~/.codex/config.toml": '+project_doc_fallback_filenames = ["TEAM.md"]\n', "TEAM.md": _SAID},
    ),
    Start(
        "`developer_instructions`",
        agents=_CODEX,
        files={"~/.codex/config.toml": f"+developer_instructions = '{_SAID}'\n"},
    ),
    Start(
        "Codex: a skill's description", agents=_CODEX, files={".agents/skills/loud/SKILL.md": _head(_SAID)}
    ),
    Start("a home skill's description", agents=_CODEX, files={"~/.codex/skills/loud/SKILL.md": _head(_SAID)}),
    Start(
        "CLAUDE.md, which it does not read",
        agents=_CODEX,
        files={"CLAUDE.md": "See @more.md\n", "more.md": _SAID},
        is_sent=False,
    ),
    Start(
        "AGENTS.md that an override hides",
        agents=_CODEX,
        files={"AGENTS.override.md": "Be brief.", "AGENTS.md": _SAID},
        is_sent=False,
    ),
)
SHARED_STARTS = (
    Start(RESUMED, agents=_BOTH),
    Start("a new token in the prompt", agents=_BOTH, prompt=_SAID),
    Start("a stored token in the prompt", agents=_BOTH, prompt=f"the {MARK} key: <stored>"),
    Start("a stored token on two lines", agents=_BOTH, prompt=f"the {MARK} key: <stored 2>"),
    Start(
        "a file in the prompt", agents=("Claude Code",), files={"notes.txt": _SAID}, prompt="see @notes.txt"
    ),
    Start(
        "a skill's text, which is not read",
        agents=_BOTH,
        files={
            ".claude/skills/deploy/SKILL.md": f"{_head('x')}{_SAID}",
            ".agents/skills/deploy/SKILL.md": f"{_head('x')}{_SAID}",
        },
        is_sent=False,
    ),
    Start(
        "a file that is not read",
        agents=_BOTH,
        files={"tests/fixture.py": f"{MARK} = '<token>'\n"},
        is_sent=False,
    ),
)
STARTS = (*SHARED_STARTS, *CLAUDE_STARTS, *CODEX_STARTS)
QUICK = (
    "`.claude/rules/sub/two.md`",
    "nested CLAUDE.md",
    "a note about a changed file",
    "`AGENTS.override.md`",
)
"""The starts that `make test-real` tries; the first of all is one more."""


@dataclass(frozen=True)
class Started:
    """What came of a start: the token reached the model, the text beside it did, and the program's last words."""

    leaked: bool
    sent: bool
    said: str


def starts_of(one: Bench) -> list[Start]:
    """Return the starts of an agent."""
    return [start for start in STARTS if one.agent.name in start.agents]


def try_start(one: Bench, start: Start, words: Mapping[str, str], *, before: bool = True) -> Started:
    """Start the agent, whose earlier session held a token, if it is to be resumed `before`."""
    with _planted(one, start, words):
        options = tuple(_filled(word, words) for word in start.options)
        if start.name == RESUMED:
            if before:
                one.model.play()
                one.start(_filled(f"Remember: {_SAID}", words))
            options = ("--continue",) if one.agent.name == "Claude Code" else ("resume", "--last")
        file = one.workspace.folder / (start.opens or "written.json")
        ways = [
            Way(2, "", Tool.WRITE if start.changes else Tool.READ, str(file)),
            Way(2, "", Tool.SHELL, "true"),
        ]
        calls = [call for way in ways if (start.opens or start.changes) and (call := one.agent.call(way))]

        def change() -> object:
            if start.changes and one.model.results:
                file.write_text(_filled(start.changes, words))
            return None

        one.model.play(*calls, watch=change)
        done = one.start(_filled(start.prompt, words), *options)
    data = b"\n".join(one.model.requests)
    sent = MARK.encode() in data if start.is_sent else bool(one.model.requests)
    leaked = any(form in data for token in TOKENS.values() for form in canaries.forms(token))
    leaked |= TOKENS["<stored>"][-14:].encode() in data
    return Started(leaked, sent, (done.stderr + done.stdout)[-1500:])


def _filled(text: str, words: Mapping[str, str]) -> str:
    half = len(words["<stored>"]) // 2
    two = f"{words['<stored>'][:half]}\n{words['<stored>'][half:]}"
    for name, word in {**words, "<stored 2>": two}.items():
        text = text.replace(name, word)
    return text


@contextmanager
def _planted(one: Bench, start: Start, words: Mapping[str, str]) -> Iterator[None]:
    """Write the files of a start; everything is as before at the end."""
    folder, home = one.workspace.folder, one.session.home
    kept: dict[Path, str | None] = {}
    made: list[Path] = []
    # A reference is no file's or branch's name.
    plain = {name: word.replace("://", "-").replace("/", "-") for name, word in words.items()}
    for name, text in start.files.items():
        path = (home / name[2:] if name.startswith("~/") else folder / _filled(name, plain)).resolve()
        kept[path] = path.read_text() if path.exists() else None
        made += [one for one in path.parents if not one.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        # Settings stand before the first table.
        before = kept[path] if text.startswith("+") else ""
        path.write_text(_filled(text.removeprefix("+"), words) + (before or ""))
    main = subprocess.check_output(["git", "branch", "--show-current"], cwd=folder, text=True).strip()
    if start.branch:
        git(folder, "checkout", "-qB", _filled(start.branch, plain))
    if start.subject:
        git(folder, "commit", "-q", "--allow-empty", "-m", _filled(start.subject, words))
    try:
        yield
    finally:
        git(folder, "checkout", "-q", main)
        (folder / "written.json").unlink(missing_ok=True)
        if start.subject:
            git(folder, "reset", "-q", "--soft", "HEAD~1")
        for path, text in kept.items():
            path.unlink(missing_ok=True) if text is None else path.write_text(text)
        for path in sorted(made, reverse=True):
            shutil.rmtree(path, ignore_errors=True)
