"""Makes docs/images/report.png, and pictures of the report in every layout, from made-up data.

    python scripts/report_screenshots.py [FOLDER]

It needs Chromium. FOLDER, if given, gets pictures in light and dark, of a wide and a narrow screen, of an empty report,
and of the printed page.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import sample_overview
from tokenward.presentation.report_page.page import render

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "report.png"
CHROMIUM = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a page, with its width and height."""

    name: str
    page: str
    width: int
    height: int
    options: tuple[str, ...] = ()


DARK = ("--blink-settings=preferredColorScheme=0",)
SHOTS = (
    Shot("light", "sample", 1160, 5200),
    Shot("dark", "sample", 1160, 5200, DARK),
    Shot("narrow", "sample", 360, 9000),
    Shot("narrow-dark", "sample", 320, 9600, DARK),
    Shot("empty", "empty", 1160, 2400),
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tw-") as place:
        folder = Path(place)
        for name, overview in (("sample", sample_overview.SAMPLE), ("empty", sample_overview.EMPTY)):
            (folder / f"{name}.html").write_text(render(overview), "utf-8")
        take(Shot("report", "sample", 1160, 1790), folder, PICTURE)
        if len(sys.argv) > 1:
            target = Path(sys.argv[1])
            target.mkdir(parents=True, exist_ok=True)
            for shot in SHOTS:
                take(shot, folder, target / f"{shot.name}.png")
            chromium(
                folder, f"--print-to-pdf={target / 'print.pdf'}", "--no-pdf-header-footer", page="sample"
            )


def take(shot: Shot, folder: Path, target: Path) -> None:
    size = f"--window-size={shot.width},{shot.height}"
    chromium(folder, size, f"--screenshot={target}", *shot.options, page=shot.page)


def chromium(folder: Path, *options: str, page: str) -> None:
    address = (folder / f"{page}.html").as_uri()
    profile = f"--user-data-dir={folder / 'profile'}"
    subprocess.run([*CHROMIUM, profile, *options, address], check=True, capture_output=True)


if __name__ == "__main__":
    main()
