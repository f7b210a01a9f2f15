"""What must still work: ordinary calls of an agent's day, each with what is to be seen, or where the agent is to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import tokens
from agents.bench import Bench
from agents.real_agents import CLAUDE
from agents.ways import Tool, Way
from agents.wire_formats import ToolCall
from cli_shell import Shell
from git_tree import git

TEST_KEY = "_".join(("sk", "test", tokens.stripe("ordinary")[8:]))
FIXTURE = f"STRIPE_KEY = '{TEST_KEY}'\n"
LOCK = "".join(f"package-{n}==1.{n} --hash=sha256:{'0123456789abcdef' * 4}\n" for n in range(40))


@dataclass(frozen=True, eq=False)
class Call:
    """One call.

    Attributes:
        text: the command, path or, of another tool, nothing.
        sees: a pattern in what the model reads.
        tool: the tool; a name of Claude Code's own for what others lack.
        given: the rest of the tool's input.
    """

    text: str
    sees: str
    tool: Tool | str = Tool.SHELL
    given: dict[str, Any] = field(default_factory=dict)
    is_quick: bool = False


def quick(text: str, sees: str, tool: Tool | str = Tool.SHELL, **given: Any) -> Call:
    """Return a call that every run of the tests makes."""
    return Call(text, sees, tool, given, is_quick=True)


def edit(path: str, old: str, new: str, sees: str = "updated") -> Call:
    return Call(path, sees, "Edit", {"old_string": old, "new_string": new})


def write(path: str, content: str) -> Call:
    return Call(path, "created|updated|written|wrote", "Write", {"content": content})


CALLS = (
    # The folder: what a command leaves, the next begins in.
    quick("cd src && ls && cd .. && pwd", r"main\.py.*acme-api\b"),
    quick("mkdir -p new && cd new", ""),
    quick("pwd", "acme-api/new"),
    quick("cd ..; ls nowhere; false", "nowhere"),
    quick("pwd", "acme-api/new"),
    quick("cd .. && pwd", r"acme-api\W"),
    Call("pushd src > /dev/null", ""),
    Call("pwd", "acme-api/src"),
    Call("cd ../src && exit 3", "[Ee]xit code:? 3|code 3"),
    Call("pwd", "acme-api/src"),
    Call("cd .. && (cd src && ls)", r"main\.py"),
    Call("pwd", r"acme-api\W"),
    Call("git init -q sub && cd sub", ""),
    Call("git rev-parse --show-toplevel", "acme-api/sub"),
    Call("cd ..; rm -r sub; pwd", r"acme-api\W"),
    Call("mkdir 'a b' && cd 'a b'", ""),
    Call("pwd", "acme-api/a b"),
    Call('cd .. && rmdir "a b" && cd - > /dev/null; pwd', r"acme-api\W"),
    Call("f() { cd src; }; f", ""),
    Call("pwd", "acme-api/src"),
    Call("cd .. && ln -sfn src linked && cd linked && pwd -P", "acme-api/src"),
    Call("cd ..; pwd", r"acme-api\W"),
    Call("set -e; cd src; cd ..", ""),
    Call("trap 'echo bye' EXIT; cd src; cd ..", "bye"),
    # Exit codes and what failed commands print.
    quick("sh -c 'exit 7'", "[Ee]xit code:? 7|code 7"),
    quick("echo out; echo err >&2; exit 5", "out.*err"),
    Call("true", ""),
    Call("false || echo saved", "saved"),
    Call("grep nothing src/main.py", "no output|code:? 1"),
    Call("ls /nonexistent", "No such file"),
    Call("nosuchprogram", "not found"),
    Call("python3 -c 'raise SystemExit(4)'", "[Ee]xit code:? 4|code 4"),
    Call("python3 -c 'raise ValueError(\"it is so\")'", "ValueError: it is so"),
    Call("(exit 9); echo $?", "9"),
    Call("set -o pipefail; false | cat; echo $?", "1"),
    # The shell's own grammar.
    quick("echo \"it's\" 'a  b' $'t\\tab'", r"it's a  b"),
    Call("cat <<'E'\n}; echo it's $HOME\nE", r"echo it's \$HOME"),
    Call('x=(1 2 3); echo "${x[1]} ${#x[@]}"', "2 3"),
    Call("diff <(echo a) <(echo b); echo done", "done"),
    Call("for i in 1 2 3; do echo n$i; done | tail -n 1", "n3"),
    Call('while read -r l; do echo "<$l>"; done < src/main.py', "<print"),
    Call("[[ abc == a* ]] && echo yes", "yes"),
    Call("case x in x) echo matched;; esac", "matched"),
    Call('f() { echo "got $1 of $#"; }; f one two', "got one of 2"),
    Call('echo "$0 $#"', "0"),
    Call("echo a # }; echo b", "a"),
    Call("echo $((6 * 7)) {1..3}", "42 1 2 3"),
    Call("printf '%s\\n' 'ünïcode ✓ 日本'", "ünïcode ✓ 日本|u00fcn"),
    Call("export A=1; echo $A; env | grep -c '^A='", "1"),
    Call("echo -n; echo; echo ' spaced  '", "spaced"),
    Call("! false && echo negated", "negated"),
    Call("{ echo grouped; } 2>&1 | cat", "grouped"),
    Call("eval 'echo evaluated'", "evaluated"),
    Call("sleep 60 > /dev/null 2>&1 & echo begun", "begun"),
    Call("time true", "real"),
    Call("echo in | tr a-z A-Z", "IN"),
    Call("ls -la ~ | head -n 2", "total"),
    # Files and Git.
    quick("cat src/main.py", "print"),
    quick("git status --short && git log --oneline | head -n 3", "first"),
    Call("git log -1 --format=%H", "[0-9a-f]{40}"),
    Call("git diff HEAD --stat; echo done", "done"),
    Call("git config user.name a && git config user.email a@example.com", ""),
    Call("git add src && git commit -qm 'second' --allow-empty && git log -1 --format=%s", "second"),
    Call("git show --stat HEAD | head -n 3", "commit [0-9a-f]{40}"),
    Call("git branch work && git switch -q work && git branch --show-current", "work"),
    Call("git stash list; git tag v1; git describe --tags", "v1"),
    Call("git blame src/main.py", "print"),
    Call("cat requirements.lock | tail -n 2", "sha256:0123456789abcdef"),
    Call("sha256sum src/main.py", "[0-9a-f]{64}"),
    Call("head -c 20 /dev/urandom | sha1sum", "[0-9a-f]{40}"),
    Call("cat .env.example", "changeme"),
    Call("cat .env", "keyring://acme-api/STORED"),
    Call("cat package.json | python3 -m json.tool", '"name": "acme"|acme'),
    Call("find . -name '*.py' -not -path './.git/*'", r"\./src/main\.py"),
    Call("grep -rn print src", r"main\.py:1:print"),
    Call("wc -l requirements.lock", "40"),
    Call("sed -n 1,2p requirements.lock", "package-0"),
    Call("tar cf - src | tar tf -", r"src/main\.py"),
    Call("cp src/main.py src/copy.py && cmp src/main.py src/copy.py && rm src/copy.py && echo same", "same"),
    Call("mkdir -p out && echo x > out/f && cat out/f && rm -r out", "x"),
    Call("stat -c %s src/main.py", r"\d+"),
    Call("file requirements.lock || echo none", "text|none|not found"),
    Call("python3 src/main.py", "hello from main"),
    Call("python3 -m unittest -q test_main 2>&1", "OK"),
    Call("make -s hello", "made"),
    Call("make broken; echo after", "after"),
    Call("ls ~/.claude > /dev/null 2>&1; git log -1 --format=%s", "second|first"),
    quick("ls -d .claude 2> /dev/null; git status --short | head -n 1; echo done", "done"),
    Call("uuidgen || cat /proc/sys/kernel/random/uuid", "[0-9a-f]{8}-[0-9a-f]{4}"),
    Call("date +%Y", "20"),
    Call("python3 -c \"print('line\\n' * 50)\" | tail -n 3", "line"),
    Call("seq 1 20000 | tail -n 1", "20000"),
    # Tools for files.
    quick("src/main.py", "hello from main", Tool.READ),
    Call("requirements.lock", "package-39", Tool.READ),
    Call(".env", "keyring://acme-api/STORED", Tool.READ),
    Call(".env.example", "changeme", Tool.READ),
    Call("README.md", "Acme", Tool.READ),
    Call("Makefile", "made", Tool.READ),
    quick("fixture.py", "STRIPE_KEY", Tool.READ),
    quick("allowed.py", "NPM_TOKEN = ", Tool.READ),
    edit("src/main.py", "hello from main", "hello from edit"),
    Call("python3 src/main.py", "hello from edit"),
    edit("fixture.py", "STRIPE_KEY", "STRIPE_TEST_KEY"),
    Call("head -c 15 fixture.py", "STRIPE_TEST_KEY|STRIPE"),
    write("notes/new.md", "# Notes\n\nNothing to hide.\n"),
    Call("cat notes/new.md", "Nothing to hide"),
    write("tests_new.py", FIXTURE),
    Call("grep -c STRIPE tests_new.py", "1"),
    Call("x", "(?s).*", Tool.SERVER),
    # What Claude Code has of its own: long outputs, memory, skills, lists, a search, a command that runs on.
    Call(
        "python3 -c \"print('\\n'.join(f'row {n} ' + 'x' * 40 for n in range(1500)))\"",
        "row 0",
    ),
    quick("", "Launching skill", "Skill", skill="fine"),
    Call("", "STRIPE|src|main|", "Glob", {"pattern": "**/*.py"}),
    Call("", "main|", "Grep", {"pattern": "hello", "output_mode": "files_with_matches"}),
    Call("memory/MEMORY.md", "remember this", "Memory"),
    Call(
        "memory/new.md",
        "created|updated|written|wrote",
        "Remember",
        {"content": "- a new thing to remember\n"},
    ),
    Call("sleep 1; echo late", "running in background|background", Tool.BACKGROUND),
)

_FILES = {
    "src/main.py": "print('hello from main')\n",
    "test_main.py": "import unittest\n\n\nclass T(unittest.TestCase):\n    def test(self): pass\n",
    "Makefile": "hello:\n\t@echo made\nbroken:\n\t@exit 3\n",
    "requirements.lock": LOCK,
    ".env.example": "API_KEY=changeme\n",
    "package.json": '{"name": "acme", "version": "1.0.0"}\n',
    "README.md": "# Acme\n",
    "fixture.py": FIXTURE,
    "allowed.py": f"NPM_TOKEN = '{tokens.npm('allowed')}'\n",
    ".claude/commands/look.md": "---\nallowed-tools: Bash(cat:*)\n---\nLook: !`cat look.txt`\n",
    ".claude/skills/fine/SKILL.md": "---\nname: fine\ndescription: says\n---\nState: !`echo state-$(echo is)-fine`\n",
    "look.txt": "look-at-this\n",
}
_OWN_TOOLS = {"Memory": "Read", "Remember": "Write"}


def prepare(one: Bench) -> None:
    """Write the files of an ordinary repository, and have the person allow one fixture, if a guard is there."""
    folder = one.workspace.folder
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "src", "test_main.py", "Makefile", "requirements.lock", "README.md")
    git(folder, "commit", "-qm", "first")
    memory = _memory(one)
    memory.mkdir(parents=True, exist_ok=True)
    (memory / "MEMORY.md").write_text("- remember this\n")
    shell = Shell(
        dict(one.workspace.environment) | {"XDG_CACHE_HOME": one.variables["XDG_CACHE_HOME"]}, folder
    )
    with shell.terminal("ignore", "allowed.py:1", "--reason", "a made-up one") as terminal:
        assert terminal.end() == 0
        # Of a detached process, as one without a process above it seems to be, agents are allowed nothing.
        assert "AI agents may read" in terminal.shown, terminal.shown


def _memory(one: Bench) -> Any:
    name = re.sub(r"[^A-Za-z0-9]", "-", str(one.workspace.folder))
    return one.session.home / ".claude" / "projects" / name / "memory"


def calls_of(one: Bench, calls: Sequence[Call]) -> list[tuple[Call, ToolCall]]:
    """Return the calls that an agent has tools for."""
    found = []
    for call in calls:
        if isinstance(call.tool, Tool):
            path = str(one.workspace.folder / call.text) if call.tool is Tool.READ else call.text
            made = one.agent.call(Way(0, "", call.tool, path))
        elif one.agent is not CLAUDE:
            continue
        else:
            base = _memory(one).parent if call.tool in _OWN_TOOLS else one.workspace.folder
            place = {"file_path": str(base / call.text)} if call.text else {}
            made = ToolCall(_OWN_TOOLS.get(call.tool, call.tool), {**place, **call.given})
        found += [(call, made)] if made else []
    return found


def results(one: Bench, calls: Sequence[Call]) -> dict[Call, str]:
    """Return what a model reads of each call in one session, without the bench's own folder."""
    made = calls_of(one, calls)
    one.model.play(*(call for _, call in made))
    done = one.start("go on")
    # Copilot CLI reads by itself what a command printed that ran on.
    assert len(one.model.results) >= len(made), (
        one.model.results[-1:],
        done.stderr[-2000:],
        done.stdout[-1000:],
    )
    place = str(one.workspace.folder.parent)
    read = (result.replace(place, "").replace(place.replace("/", "-"), "") for result in one.model.results)
    return {call: result for (call, _), result in zip(made, read, strict=False)}


_VARYING = re.compile(
    r"[0-9a-f]{7,}(?:-[0-9a-f]+)*|\d+[.:]\d+(?:[.:]\d+)?|PGID: \d+|ID: \w+|/tmp/[\w/.-]+|\b\d{4,}\b"
)


def failures(found: dict[Call, str]) -> dict[Call, str]:
    """Return the calls of which the model did not read what it was to."""
    return {call: read for call, read in found.items() if not re.search(call.sees, read, re.DOTALL)}


def same(read: str) -> str:
    """Return what a model read without what differs from run to run."""
    return _VARYING.sub("N", read)
