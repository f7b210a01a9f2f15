"""Makes docs/images/neovim.png: the screen of a real Neovim before and after the quick fix.

    python scripts/record_neovim.py

It needs nvim, tmux, gnome-keyring and Chromium. Two terminal screens are captured one after the other, with a
throw-away keyring and invented tokens, and placed one below the other.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import keyring_session
import neovim
import sample_workspace

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "neovim.png"
COLUMNS, LINES = 104, 20
PATIENCE = 90.0
PAGE = """<meta charset="utf-8"><style>
body {{ margin: 0; padding: 12px; background: #e8eaee; }}
pre {{ margin: 0 0 12px; padding: 10px 12px; background: #14161b; color: #e0e2ea; border-radius: 6px;
  font: 15px/19px "DejaVu Sans Mono", monospace; }}
</style>{screens}"""
# The terminal's palette; Neovim's own colours are spelled out.
THEME = TerminalTheme((0x14, 0x16, 0x1B), (0xE0, 0xE2, 0xEA), [(0, 0, 0)] * 8, [(255, 255, 255)] * 8)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tw-") as place, keyring_session.keyring_session() as session:
        folder = Path(place) / "report"
        sample_workspace.make(folder)
        screen = Screen(neovim.with_programs(session), folder, Path(place) / "tmux")
        try:
            before, after = capture(screen)
        finally:
            screen.close()
        render([before, after], Path(place))


def capture(screen: Screen) -> tuple[str, str]:
    """Capture the screen with the warning and the quick fixes, and the screen after the first of them."""
    screen.type('18Gzzf"l')
    screen.wait_for("GitHub token")
    screen.type("C-w", "d")
    screen.wait_for("works anywhere")
    screen.type("gra")
    screen.wait_for("Ignore this token")
    before = screen.show()
    screen.type("1", "Enter")
    screen.wait_for("Moved the GitHub token")
    screen.type("Enter")
    screen.type(":wall | belowright 5split .env | wincmd p | silent cd .", "Enter")
    screen.wait_for("keyring://report/GITHUB_TOKEN")
    return before, screen.show()


class Screen:
    """A tmux terminal that runs Neovim."""

    def __init__(self, environment: dict[str, str], folder: Path, socket: Path) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        self._environment = environment
        init = neovim.write_init(Path(environment["HOME"]))
        settings = "set termguicolors noswapfile number nowrap"
        editor = f"nvim -i NONE -u {init} --cmd '{settings}' app.py"
        size = ["-x", str(COLUMNS), "-y", str(LINES)]
        self._call("new-session", "-d", *size, "-c", str(folder), editor)

    def type(self, *keys: str) -> None:
        self._call("send-keys", *keys)

    def show(self) -> str:
        """Return the visible screen, with colours as escape sequences."""
        time.sleep(0.5)  # let the cursor settle
        return self._call("capture-pane", "-e", "-p")

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self._call("capture-pane", "-p"):
            if time.monotonic() > deadline:
                sys.exit(f"record: Neovim never showed {text!r}:\n{self._call('capture-pane', '-p')}")
            time.sleep(0.1)

    def close(self) -> None:
        self._call("kill-server")

    def _call(self, *arguments: str) -> str:
        command = [*self._tmux, *arguments]
        return subprocess.run(
            command, env=self._environment, capture_output=True, encoding="utf-8", check=True
        ).stdout


def render(screens: list[str], folder: Path) -> None:
    """Render several screens as one picture, with Chromium."""
    page = folder / "page.html"
    page.write_text(PAGE.format(screens="".join(map(html, screens))), "utf-8")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    width, height = COLUMNS * 9 + 66, len(screens) * (LINES * 19 + 32) + 12
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--window-size={width},{height}",
    ]
    subprocess.run(
        ["chromium", *options, f"--screenshot={PICTURE}", page.as_uri()], check=True, capture_output=True
    )


def html(screen: str) -> str:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(screen.rstrip("\n")), end="", no_wrap=True, crop=False)
    return console.export_html(theme=THEME, inline_styles=True, code_format="<pre>{code}</pre>")


if __name__ == "__main__":
    main()
