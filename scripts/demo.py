"""`make demo`: Tokenward on a sample workspace, with a throw-away keyring and none of your data.

    python scripts/demo.py [CACHE]

Everything shown really happens, in a temporary folder; the demo ends with an error if a step fails. A cache folder with
compiled rules saves their compilation.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import difflib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import keyring_session
import lsp_client
import sample_workspace
from lsp_client import Editor, editor
from tokenward.custody.callers.callers import caller

REFUSED = 125
"""The exit code of `tokenward run` when it does not start the command."""
PROGRAM = ["tokenward", "run", "--no-mask", "--", "python", "app.py"]
BUSY_SECONDS = 1800.0
"""The time that an answer may take on a busy machine, while each step shows that there is progress."""
FILES = {".env": "dotenv", "app.py": "python", "settings.json": "json"}
"""The files with tokens, and their language ids."""


def main() -> None:
    if os.name == "nt":
        sys.exit("demo: run it in WSL; on Windows itself it would use your own records.")
    if agent := caller(os.getpid()).agent:
        sys.exit(
            f"demo: it shows what a person does, and {agent} started it; run it in a terminal of your own."
        )
    lsp_client.PATIENCE = BUSY_SECONDS
    with (
        tempfile.TemporaryDirectory(prefix="tw-demo-") as place,
        throw_away_keyring() as (environment, keyring),
    ):
        if sys.argv[1:]:
            environment["XDG_CACHE_HOME"] = sys.argv[1]
        folder = Path(place).resolve() / "report"
        tokens = sample_workspace.make(folder, secrets.token_hex())
        demo = Demo(folder, environment, tokens)
        show(demo, keyring)
    demo.require(not folder.exists(), f"{folder} is still there")
    demo.step("Done. The folder and the keyring are gone")


def show(demo: Demo, keyring: str) -> None:
    """Show all steps, in the order in which a developer meets them."""
    demo.step("A workspace with three tokens in its files, and a program that needs them")
    before = demo.run("python", "app.py")
    demo.step("What an editor shows before you open a file")
    asyncio.run(demo.warnings())
    demo.step("The same without an editor")
    demo.run("tokenward", "scan", expected=1)
    demo.step(f"Move them into the keyring: {keyring}")
    originals = demo.texts()
    demo.run("tokenward", "move", *FILES, "--inject", "--yes")
    demo.step("What changed")
    demo.diff(originals)
    demo.require(demo.leaks() == [], "a file still holds a token")
    demo.step("The program still runs")
    demo.run("tokenward", "inject", "settings.json", "--output", "settings.local.json")
    demo.require(demo.run(*PROGRAM) == before, "the program did not print the same")
    (demo.folder / "settings.local.json").unlink()
    demo.step("Without Tokenward it finds no token")
    demo.run("python", "app.py", expected=1)
    demo.step("A clone in another folder gets none either")
    elsewhere = demo.clone()
    demo.require(elsewhere.run(*PROGRAM, expected=REFUSED) == "", "the clone's program was started")
    demo.step("One command undoes it")
    demo.run("tokenward", "restore", "app.py")
    demo.require(demo.texts()["app.py"] == originals["app.py"], "app.py is not what it was")


class Demo:
    """A workspace, and the commands shown in it; the output holds no token."""

    def __init__(self, folder: Path, environment: dict[str, str], tokens: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        self._tokens = tokens
        self._console = Console(highlight=False, soft_wrap=True)

    def step(self, title: str) -> None:
        self._print(f"\n{title}", "bold cyan")

    def run(self, *command: str, expected: int = 0) -> str:
        """Show a command and its output; return its stdout."""
        self._print(f"$ {' '.join(command)}", "bold")
        done = run(command, self.folder, self._environment)
        self._print((done.stdout + done.stderr).rstrip(), "" if done.returncode == 0 else "yellow")
        self.require(done.returncode == expected, f"it exited with {done.returncode}, not {expected}")
        return done.stdout

    async def warnings(self) -> None:
        """Open the folder in a language client, and show each file's diagnostics as an editor would."""
        async with editor(self._environment, self.folder, client="neovim-0.10") as client:
            for name in FILES:
                await self._warning(client, name)

    def diff(self, originals: dict[str, str]) -> None:
        for name, text in self.texts().items():
            before, after = originals[name].splitlines(), text.splitlines()
            for line in difflib.unified_diff(before, after, name, name, n=0, lineterm=""):
                style = {"-": "red", "+": "green"}.get(line[:1], "dim")
                self._print(line, style)

    def texts(self) -> dict[str, str]:
        return {name: (self.folder / name).read_text("utf-8") for name in FILES}

    def leaks(self) -> list[Path]:
        """Return the files of the workspace that hold a token."""
        contents = ((path, path.read_text("utf-8")) for path in sample_workspace.files(self.folder))
        return [path for path, text in contents if any(token in text for token in self._tokens.values())]

    def clone(self) -> Demo:
        """Return a copy of the workspace in another folder, as a colleague or a thief would have it."""
        folder = self.folder.with_name("clone")
        for path in sample_workspace.files(self.folder):
            copy = folder / path.relative_to(self.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
        return Demo(folder, self._environment, self._tokens)

    def require(self, holds: bool, otherwise: str) -> None:
        if not holds:
            sys.exit(f"demo: {otherwise}.")

    async def _warning(self, client: Editor, name: str) -> None:
        (warning,) = await client.shown(self.folder / name, 1)
        uri = (self.folder / name).as_uri()
        client.open(uri, self.texts()[name], FILES[name])
        self._print(f"{name}:{warning.range.start.line + 1}: {warning.message}", "yellow")
        under = client.slice(uri, warning.range)
        self.require(under in self._tokens.values(), "a warning does not underline its token")

    def _print(self, text: str, style: str) -> None:
        for token in self._tokens.values():
            text = text.replace(token, f"{token[:3]}{'•' * 9}")
        if text:
            self._console.print(Text(text, style))


@contextlib.contextmanager
def throw_away_keyring() -> Iterator[tuple[dict[str, str], str]]:
    """Yield the environment of a new user with a keyring, and a description of that keyring."""
    # For a process that nobody attends, tokens leave no keyring; the key of an encrypted file is enough.
    attended = not caller(os.getpid()).possible_agent
    if keyring_session.AVAILABLE and attended:
        with keyring_session.keyring_session() as environment:
            yield without_users_tokens(environment), "a gnome-keyring of the demo's own"
        return
    with keyring_session.keyring_session("absent") as environment:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        prepared = {**without_users_tokens(environment), "TOKENWARD_VAULT_KEY": key}
        made = run(("tokenward", "vault", "init", "--file"), Path(prepared["HOME"]), prepared)
        if made.returncode:
            sys.exit(f"demo: could not create an encrypted file. {made.stderr}")
        why = "there is no gnome-keyring here" if attended else "nobody attends this process"
        yield prepared, f"an encrypted file, since {why}"


def without_users_tokens(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment without the user's tokens and settings, and with this Python's programs first."""
    ours = ("TOKENWARD_", "GITHUB_TOKEN", "SLACK_")
    kept = {name: value for name, value in environment.items() if not name.startswith(ours)}
    return {**kept, "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])}


def run(
    command: tuple[str, ...], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / command[0]
    return subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


if __name__ == "__main__":
    main()
