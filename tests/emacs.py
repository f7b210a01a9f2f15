"""A real Emacs without a terminal, set up by the blocks that users copy from docs/start/editors/emacs.md."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neovim import with_programs

PACKAGES = Path("/usr/share/emacs/site-lisp/elpa")
AVAILABLE = bool([*PACKAGES.glob("lsp-mode-*")])
WHY_NOT = "needs Emacs with lsp-mode from Debian"
PAGE = Path(__file__).parent.parent / "docs" / "start" / "editors" / "emacs.md"


def evaluate(script: str, folder: Path, environment: Mapping[str, str]) -> Any:
    """Run a script in a folder, and return the value that it prints as JSON."""
    file = Path(environment["HOME"]) / "script.el"
    file.write_text("(package-initialize)\n" + script, "utf-8")
    done = subprocess.run(
        ["emacs", "--batch", "-l", "package", "-l", str(file)],
        cwd=folder,
        env=with_programs(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def block(number: int) -> str:
    """Return a block of the page: 0 is about lsp-mode, 1 about Eglot."""
    blocks = re.findall(r"^```elisp\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return str(blocks[number])
