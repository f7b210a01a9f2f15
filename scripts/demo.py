"""`make demo`: Tokenward at work on a sample workspace, with a throw-away keyring and nothing of yours.

Everything that it shows really happens, in a temporary folder: it ends with an error when any of it does not.
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
import sample_workspace
from lsp_client import Editor, editor

REFUSED = 125
"""What `tokenward run` exits with when it does not start the command."""
PROGRAM = ["tokenward", "run", "--no-mask", "--", "python", "app.py"]
FILES = {".env": "dotenv", "app.py": "python", "settings.json": "json"}
"""The files with tokens, and what an editor calls their languages."""


def main() -> None:
    if os.name == "nt":
        sys.exit("demo: run it in WSL; on Windows itself it could not keep away from your own records.")
    with (
        tempfile.TemporaryDirectory(prefix="tw-demo-") as place,
        throw_away_keyring() as (environment, keyring),
    ):
        folder = Path(place).resolve() / "report"
        tokens = sample_workspace.make(folder, secrets.token_hex())
        demo = Demo(folder, environment, tokens)
        show(demo, keyring)
    demo.require(not folder.exists(), f"{folder} is still there")
    demo.step("Done, and nothing of it is left: the folder and the keyring are gone")


def show(demo: Demo, keyring: str) -> None:
    """All steps, in the order in which a developer would meet them."""
    demo.step("A workspace with three tokens in its files, and a program that needs them")
    before = demo.run("python", "app.py")
    demo.step("What an editor shows, before any file was opened")
    asyncio.run(demo.warnings())
    demo.step("The same without an editor")
    demo.run("tokenward", "scan", expected=1)
    demo.step(f"Move them into the keyring: {keyring}")
    originals = demo.texts()
    for name in FILES:
        demo.run("tokenward", "move", name)
    demo.step("What changed")
    demo.diff(originals)
    demo.require(demo.leaks() == [], "a token still stands in a file")
    demo.step("The program runs as before")
    demo.run("tokenward", "inject", "settings.json", "--output", "settings.local.json")
    demo.require(demo.run(*PROGRAM) == before, "the program did not print the same")
    (demo.folder / "settings.local.json").unlink()
    demo.step("Without Tokenward it finds no token")
    demo.run("python", "app.py", expected=1)
    demo.step("A clone somewhere else gets none either")
    elsewhere = demo.clone()
    demo.require(elsewhere.run(*PROGRAM, expected=REFUSED) == "", "the clone's program was started")
    demo.step("Going back is one command")
    demo.run("tokenward", "restore", "app.py")
    demo.require(demo.texts()["app.py"] == originals["app.py"], "app.py is not what it was")


class Demo:
    """A workspace, and a person who shows it; what is printed holds no token."""

    def __init__(self, folder: Path, environment: dict[str, str], tokens: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        self._tokens = tokens
        self._console = Console(highlight=False, soft_wrap=True)

    def step(self, title: str) -> None:
        self._print(f"\n{title}", "bold cyan")

    def run(self, *command: str, expected: int = 0) -> str:
        """Show a command and what it prints; its stdout."""
        self._print(f"$ {' '.join(command)}", "bold")
        done = run(command, self.folder, self._environment)
        self._print((done.stdout + done.stderr).rstrip(), "" if done.returncode == 0 else "yellow")
        self.require(done.returncode == expected, f"it exited with {done.returncode}, not {expected}")
        return done.stdout

    async def warnings(self) -> None:
        """Open the folder in a language client, and show what it gets of each file, as an editor would."""
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
        """The files of the workspace that hold a token."""
        contents = ((path, path.read_text("utf-8")) for path in sample_workspace.files(self.folder))
        return [path for path, text in contents if any(token in text for token in self._tokens.values())]

    def clone(self) -> Demo:
        """The same files in another folder, as a colleague or a thief would have them."""
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
        self.require(under in self._tokens.values(), "a warning stands elsewhere than under its token")

    def _print(self, text: str, style: str) -> None:
        for token in self._tokens.values():
            text = text.replace(token, f"{token[:3]}{'•' * 9}")
        if text:
            self._console.print(Text(text, style))


@contextlib.contextmanager
def throw_away_keyring() -> Iterator[tuple[dict[str, str], str]]:
    """The environment of a user who has nothing yet but a keyring, and what that keyring is."""
    if keyring_session.AVAILABLE:
        with keyring_session.keyring_session() as environment:
            yield without_users_tokens(environment), "a gnome-keyring of the demo's own"
        return
    with keyring_session.keyring_session("absent") as environment:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        prepared = {**without_users_tokens(environment), "TOKENWARD_VAULT_KEY": key}
        made = run(("tokenward", "vault", "init", "--file"), Path(prepared["HOME"]), prepared)
        if made.returncode:
            sys.exit(f"demo: no encrypted file could be made. {made.stderr}")
        yield prepared, "an encrypted file, since there is no gnome-keyring here"


def without_users_tokens(environment: dict[str, str]) -> dict[str, str]:
    """What the demo reads from the environment must be its own; programs come from beside this Python."""
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
