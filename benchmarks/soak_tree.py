"""A workspace that changes at random, as people, editors and Git would change it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import tokens

FILES_IN_A_FOLDER = 25
WITH_TOKEN = 50
"""One file in this many holds a token at first."""
MOST_WITH_TOKEN = 700
"""The most files that may hold a token: the server shows a thousand, and views must stay comparable."""
DIFFERING = 5
"""One file in this many differs between the branches."""
SEEDS = 2_000
BRANCHES = ("main", "other")
NAMES = ("app", "config", "settings", "readme", "deploy", "été 😀", "two\nlines", os.fsdecode(b"b\xff"))
ENDINGS = (".py", ".ts", ".md", ".json", ".yaml", ".env", ".log", ".txt")
WORDS = ("lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "größe", "naïve")
RULES: dict[str, tuple[str, ...]] = {
    ".gitignore": ("*.txt\n", "*.log\ngen*/\n", "*.md\n!readme*\n", "/d1*\n"),
    ".gitleaks.toml": (
        "[[allowlists]]\nregexes = ['^npm_']\n",
        "[[allowlists]]\npaths = ['''\\.md$''']\n",
        "nonsense [",
    ),
    ".gitleaksignore": ("# nothing\n", "no line of this kind\n", "d2/app1.env:github-pat:3\n"),
    ".tokenwardignore": ("**/*.ts * any - # nonsense\n", "# nothing\n"),
    "tokenward.toml": ('exclude = ["d3*"]\n', 'exclude = ["*.yaml"]\n'),
}


class Tree:
    """The workspace: its files, its folders and the files with tokens."""

    def __init__(self, folder: Path, files: int, seed: int) -> None:
        self.folder = folder
        self.outside = folder.parent / "outside"
        self.random = random.Random(seed)
        self.wanted = files
        self.files: list[Path] = []
        self.folders: list[Path] = [folder]
        self.leaky: set[Path] = set()
        self.done: Counter[str] = Counter()
        self.trace: Callable[[str], None] = lambda _: None

    def build(self) -> None:
        """Create the files, in two branches that differ."""
        self.outside.mkdir()
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", BRANCHES[0])
        for name, value in {"user.name": "soak", "user.email": "soak@localhost", "gc.auto": "0"}.items():
            self.git("config", name, value)
        for number in range(self.wanted):
            self._new_file(number)
        self.commit()
        self.git("checkout", "--quiet", "-b", BRANCHES[1])
        for path in self.random.sample(self.files, self.wanted // DIFFERING):
            self.write(path) if self.random.random() < 0.8 else self.remove(path)
        for number in range(self.wanted // DIFFERING // 5):
            self._new_file(self.wanted + number)
        self.commit()
        self.look()

    def look(self) -> None:
        """List the files and folders again, after large changes."""
        self.files, self.folders = [], []
        waiting = [self.folder]
        while waiting:
            self.folders.append(waiting.pop())
            with os.scandir(self.folders[-1]) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting += [Path(entry)] if entry.name != ".git" else []
                    # Opening a FIFO would block; a directory entry raises for a link through a file.
                    elif os.path.isfile(entry) and entry.name not in RULES:  # noqa: PTH113
                        self.files.append(Path(entry))
        self.leaky.intersection_update(self.files)

    def trim_leaky(self, holding: Iterable[Path], most: int = MOST_WITH_TOKEN) -> bool:
        """Delete some files if too many hold a token; return whether any was deleted."""
        self.leaky = set(holding)
        too_many = sorted(self.leaky)[most:]
        for path in too_many:
            with suppress(OSError):
                path.unlink()
        return bool(too_many)

    def text(self, *, leaks: bool | None = None) -> str:
        """Return a text, with or without a token as `leaks` says; by default, now and then with one."""
        some = self.random
        lines = [f"{some.choice(WORDS)}_{n} = '{some.choice(WORDS)}'" for n in range(some.randint(3, 40))]
        if leaks or (leaks is None and some.random() < 1 / WITH_TOKEN):
            for _ in range(some.choice((1, 1, 1, 2))):
                lines.insert(some.randrange(len(lines)), self.token_line())
        return some.choice(("\n", "\n", "\n", "\r\n")).join([*lines, ""])

    def token_line(self) -> str:
        maker = self.random.choice(list(tokens.ONE_LINE_MAKERS.values()))
        return f"{self.random.choice(('', '# 😀 '))}KEY = '{maker(self.random.randrange(SEEDS))}'"

    def burst(self) -> None:
        """Change every file until the event queue overflows, even if rules keep most files from being watched."""
        limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        for _ in range(4 * limit // len(self.files) + 2):
            for path in self.files:
                with suppress(OSError), path.open("a", encoding="utf-8") as file:
                    file.write("\n")
        for path in self.random.sample(self.files, min(len(self.files), 50)):
            with suppress(OSError):
                self.write(path)

    def _new_file(self, number: int) -> None:
        folders = max(1, self.wanted // FILES_IN_A_FOLDER)
        folder = self.folder / f"d{number % 40}" / f"e{number % folders}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.random.choice(NAMES)}{number}{self.random.choice(ENDINGS)}"
        self.write(path)
        self.files.append(path)

    def write(self, path: Path, *, leaks: bool | None = None) -> None:
        text = self.text(leaks=leaks)
        encoding = "utf-16" if self.random.random() < 0.02 else "utf-8"
        path.write_bytes(text.encode(encoding))
        self.leaky.add(path) if "KEY = " in text else self.leaky.discard(path)
        self.trace(f"write {path!r} leaks={'KEY = ' in text}")

    def remove(self, path: Path) -> None:
        path.unlink()
        self.trace(f"remove {path!r}")

    def a_file(self) -> Path:
        if self.leaky and self.random.random() < 0.3:
            return self.random.choice(sorted(self.leaky))
        return self.random.choice(self.files)

    def a_folder(self) -> Path:
        """Return a folder other than the root, preferably a deep one."""
        return max(self.random.choices(self.folders[1:], k=3), key=lambda path: len(path.parts))

    def git(self, *arguments: str) -> None:
        self.trace(f"git {arguments}")
        subprocess.run(["git", "-C", self.folder, *arguments], check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "soak")
