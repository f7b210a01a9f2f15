"""The bench: a real agent in a made-up home tries every way under a scripted model, which keeps what it would read."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import keyring_session
from agents.attacked_workspace import CANARIES, AttackedWorkspace, attacked_workspace, leaks
from agents.real_agents import RIPGREP, SERVER, RealAgent, Session
from agents.scripted_model import ScriptedModel, scripted_model
from agents.ways import Tool, Way
from cli_shell import Shell
from tokenward import thin_client
from tokenward.operations.agents.part_matches import WITHHELD

PATIENCE = 1800
_KEPT = ("HOME", "PATH", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "DBUS_SESSION_BUS_ADDRESS", "LANG", "EXPORTED")
_UNCHECKED = (
    "from tokenward.cli.verbs import agents as verbs; verbs._report = lambda *_: False; "
    "from tokenward.cli.main import main; main()"
)
_PROGRAM = Path(__file__).with_name("tokenward_with_time.py")


class Guard(StrEnum):
    """What stands between the agent and the tokens."""

    NOTHING = "nothing"
    """Neither hooks nor questions, as if the tokens were kept by a program that knows nothing of agents."""
    PROTECT = "protect"
    SANDBOX = "sandbox"
    """`agents protect`, and the agent's own sandbox."""


@dataclass(frozen=True)
class Tried:
    """What came of a way.

    Attributes:
        leaked: the canaries that reached the model; for the guard's files, that one was changed.
        read: what the model read.
    """

    leaked: tuple[str, ...]
    read: str = ""


@dataclass(frozen=True)
class Bench:
    """One agent, installed for one user."""

    agent: RealAgent
    workspace: AttackedWorkspace
    model: ScriptedModel
    variables: Mapping[str, str]
    session: Session
    program: Path
    unguarded: Path

    def guarded(self, guard: Guard) -> Bench:
        """Return the same agent, started with a guard from now on, without the long check at its end."""
        if guard is Guard.NOTHING:
            return self
        if guard is Guard.SANDBOX:
            return self.sandboxed().guarded(Guard.PROTECT)
        _write_setting(self.session.home, "")
        done = subprocess.run(
            [
                *[sys.executable, "-c", _UNCHECKED],
                "agents",
                "protect",
                "--yes",
            ],
            cwd=self.workspace.folder,
            env=dict(self.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        # An agent whose user has to trust the hooks fails the check.
        assert done.returncode in (0, 1), done.stderr
        return self

    def sandboxed(self) -> Bench:
        """Return the same agent, in its own sandbox from now on."""
        session = replace(self.session, is_sandboxed=True)
        return replace(self, session=session, variables={**self.variables, **self.agent.configure(session)})

    def start(self, prompt: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the agent to the end of the model's script, with further words before the prompt."""
        path = self.agent.path
        assert path is not None
        before = ["node"] if path.suffix == ".js" else []
        return subprocess.run(
            [*before, str(path), *_with(self.agent.command(self.session, prompt), prompt, options)],
            cwd=self.workspace.folder,
            env=dict(self.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def try_ways(self, ways: Sequence[Way]) -> dict[Way, Tried]:
        """Return what came of each way that the agent has a tool for: tools in one session, prompts in one each.

        A prompt that goes on without its token begins the session of the tools.
        """
        calls = {way: call for way in ways if (call := self.agent.call(self._placed(way)))}
        found: dict[Way, Tried] = {}
        plain = [way for way in ways if way.tool is Tool.PROMPT and "<" in way.text and self.agent.goes_on]
        while left := [way for way in calls if way not in found]:
            opens = plain and not found
            self.model.play(*(calls[way] for way in left), watch=self._guard_files)
            done = self.start(_filled(plain[0].text) if opens else "go on")
            if self.agent.ends_when_denied and len(self.model.results) < len(left):
                self.model.results.append("")
                self.model.watched[len(self.model.results)] = self._guard_files()
            else:
                said = self.model.results[-1:], done.stderr[-3000:], done.stdout[-1000:]
                assert len(self.model.results) == len(left), said
            read = zip(left, range(len(self.model.results)), strict=False)
            found |= {way: self._tried(way, number) for way, number in read}
            # Then the ways that follow would prove nothing.
            assert not any(WITHHELD in one.read for one in found.values())
            opening = b"".join(self.model.requests[: self.model.opening])
            found |= {way: Tried(tuple(leaks(opening))) for way in plain[:1] if opens}
        prompts = [way for way in ways if way.tool is Tool.PROMPT and way not in found]
        return found | {way: self._prompted(way) for way in prompts}

    def _tried(self, way: Way, number: int) -> Tried:
        read = self.model.results[number]
        leaked = leaks(read.encode()) or leaks(way.decode(read).encode())
        if way.kind == 27 and self.model.watched[number] != self.model.watched[number + 1]:
            leaked = ["the guard"]
        if way.kind == 29 and (self.workspace.folder / "denied.txt").exists():
            leaked = ["the command ran"]
        if way.kind == 15:
            leaked += leaks("".join(self.model.visited).encode())
        return Tried(tuple(leaked), read)

    def _prompted(self, way: Way) -> Tried:
        instructions = self.workspace.folder / self.agent.instructions
        token = f"the key is {CANARIES['logged']}\n"
        instructions.with_name("more.md").write_text(token)
        if "import" in way.text:
            instructions.write_text("Follow @./more.md\n")
        elif "instructions" in way.text:
            instructions.write_text(token)
        self.model.play()
        done = self.start(_filled(way.text))
        instructions.unlink(missing_ok=True)
        return Tried(tuple(leaks(b"".join(self.model.requests))), done.stderr)

    def _placed(self, way: Way) -> Way:
        settings = self.session.home / self.agent.settings
        words = {"<settings>": str(settings), "<folder>": str(settings.parent), "<file>": settings.name}
        folder = settings.parent.name
        words |= {"<around>": str(settings.parent.parent), "<pattern>": f"{folder[:2]}*{folder[-1]}"}
        words |= {"<tokenward>": str(self.program), "<unguarded>": str(self.unguarded)}
        words["<keyring>"] = str(Path(sys.executable).with_name("keyring"))
        text = way.text
        for word, meant in words.items():
            text = text.replace(word, meant)
        if way.tool in (Tool.READ, Tool.WRITE):
            text = str(self.workspace.folder / text.replace("~", str(self.session.home)))
        return replace(way, text=text)

    def _guard_files(self) -> tuple[bytes, ...]:
        places = (self.session.home / self.agent.settings, self.workspace.folder / "tokenward.toml")
        return tuple(place.read_bytes() if place.exists() else b"" for place in (*places, self.program))


def _filled(prompt: str) -> str:
    for name, value in CANARIES.items():
        prompt = prompt.replace(f"<{name}>", value)
    return prompt


def _with(command: list[str], prompt: str, options: Sequence[str]) -> list[str]:
    at = command.index(prompt)
    # Claude Code takes the prompt for the value of `-p`.
    at -= at > 0 and command[at - 1] == "-p"
    return [*command[:at], *options, *command[at:]]


@contextlib.contextmanager
def bench(agent: RealAgent, place: Path, rules_home: Path, *, has_terminal: bool = True) -> Iterator[Bench]:
    """Yield an agent in a home of its own with a keyring, below a folder, guarded by nothing."""
    folder, apart = place / "acme-api", place / "apart"
    for one in (folder, apart, place / "bin", place / "tmp"):
        one.mkdir()
    with keyring_session.keyring_session() as environment, scripted_model() as model:
        shell = Shell({**environment, "XDG_CACHE_HOME": str(rules_home)}, folder)
        workspace = attacked_workspace(shell, apart)
        session = Session(
            Path(environment["HOME"]), folder, model.address, [*SERVER, str(workspace.server_file)]
        )
        variables = {name: workspace.environment[name] for name in _KEPT if name in workspace.environment}
        variables |= {"SHELL": "/bin/bash", "BENCH_PYTHON": sys.executable, "BENCH_SINK": model.address}
        variables["PATH"] = f"{_programs(agent, place / 'bin')}:{variables['PATH']}"
        # Not below pytest's folder: a socket's path has at most 107 characters.
        variables |= {"TMUX_TMPDIR": str(session.home.parent), "TMPDIR": str(place / "tmp")}
        _write_setting(session.home, 'agents = "allow"\n')
        program = place / "bin" / "tokenward"
        terminal = _terminal(workspace, variables, program) if has_terminal else contextlib.nullcontext()
        with _daemon(variables), terminal:
            variables |= agent.configure(session)
            settings, unguarded = session.home / agent.settings, apart / "unguarded"
            unguarded.write_text(settings.read_text() if settings.exists() else "{}")
            yield Bench(agent, workspace, model, variables, session, program, unguarded)


def _programs(agent: RealAgent, folder: Path) -> Path:
    """Put `tokenward` and the agent into a folder, as on a user's PATH."""
    program = folder / "tokenward"
    program.write_text(f"#!{sys.executable}\n{_PROGRAM.read_text()}")
    shell = folder / "tokenward-agent-shell"
    shell.write_text(
        program.read_text().replace("main()", "agent_shell()").replace("import main", "import agent_shell")
    )
    for one in (program, shell):
        one.chmod(0o755)
    assert agent.path is not None
    name = {"Claude Code": "claude", "Gemini CLI": "gemini", "Copilot CLI": "copilot"}.get(
        agent.name, agent.name.casefold()
    )
    if agent.path.suffix == ".js":
        (folder / name).write_text(f'#!/bin/sh\nexec node {agent.path} "$@"\n')
        (folder / name).chmod(0o755)
    else:
        (folder / name).symlink_to(agent.path)
    # opencode would download it.
    (folder / "rg").symlink_to(RIPGREP)
    return folder


def _write_setting(home: Path, text: str) -> None:
    settings = home / ".config" / "tokenward" / "config.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(text)


@contextlib.contextmanager
def _daemon(variables: Mapping[str, str]) -> Iterator[None]:
    """Run the daemon for hooks, as the first hook would."""
    with subprocess.Popen([sys.executable, *thin_client.HOOKS_DAEMON], env=dict(variables)) as daemon:
        while not [*Path(variables["XDG_RUNTIME_DIR"]).glob("tokenward/*.sock")]:
            assert daemon.poll() is None
            time.sleep(0.05)
        try:
            yield
        finally:
            daemon.kill()


@contextlib.contextmanager
def _terminal(workspace: AttackedWorkspace, variables: Mapping[str, str], program: Path) -> Iterator[None]:
    """Run a terminal of the person's, which has printed a log, and one with a program that got the tokens."""

    def tmux(*words: str) -> str:
        command = ["tmux", "-f", "/dev/null", *words]
        done = subprocess.run(
            command, cwd=workspace.folder, env=dict(variables), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    tmux("new-session", "-d", "-x", "200", "-s", "person", "cat build.log; exec cat")
    ready = workspace.server_file.with_name("ready")
    # Without a client, its windows do not count as a person's.
    looking = ["script", "-qec", "stty rows 24 cols 200; tmux -f /dev/null attach -t person", "/dev/null"]
    seen = {**variables, "TERM": "xterm"}
    client = subprocess.Popen(
        looking, cwd=workspace.folder, env=seen, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    while not tmux("list-clients"):
        assert client.poll() is None
        time.sleep(0.05)
    runs = f"{program} run --mask -- sh -c 'touch {ready}; exec sleep 98765'"
    # If it ends, the window is to show why.
    stays = ("set-option", "-w", "-t", "person:run", "remain-on-exit", "on")
    tmux("new-window", "-d", "-n", "run", runs, ";", *stays)
    tmux("new-window", "-d", "-n", "shell", "exec bash")
    try:
        while "login" not in tmux("capture-pane", "-p", "-t", "person") or not ready.exists():
            ended = tmux("display", "-p", "-t", "person:run", "#{pane_dead}").strip() == "1"
            assert not ended, " ".join(tmux("capture-pane", "-p", "-t", "person:run").split())
            time.sleep(0.05)
        yield
    finally:
        tmux("kill-server")
        client.communicate()


def outcomes(tried: Mapping[Way, Tried]) -> dict[str, str]:
    """Return whether each way leaked, by its name in the table."""
    return {way.title: "leaks" if one.leaked else "kept" for way, one in tried.items() if not way.is_harmless}
