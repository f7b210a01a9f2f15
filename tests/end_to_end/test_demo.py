"""`make demo`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import keyring_session
import tokens

DEMO = Path(__file__).parent.parent.parent / "scripts" / "demo.py"


def demo(environment: dict[str, str], folder: Path, cache: Path) -> str:
    """Run the demo; only the long tests let it compile the rules itself."""
    is_long = settings.get_current_profile_name() == "long"
    done = subprocess.run(
        [sys.executable, DEMO, *([] if is_long else [cache])],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def check(shown: str) -> None:
    """Check that every step was shown, and no token."""
    assert "app.py:18: GitHub token in plain text: long-lived, works anywhere." in shown
    assert "3 tokens in 4 files" in shown
    assert '-GITHUB_TOKEN = "ghp•••••••••"\n+GITHUB_TOKEN = os.environ["GITHUB_TOKEN"]' in shown
    assert "+SLACK_BOT_TOKEN='keyring://report/SLACK_BOT_TOKEN'" in shown
    assert shown.count("GitHub    signed in, digest") == 2
    assert "GitHub    not signed in: keyring://report/GITHUB_TOKEN is no token" in shown
    assert "python was not started" in shown
    assert "Done" in shown
    for maker in tokens.ONE_LINE_MAKERS.values():
        assert not re.search(re.escape(maker(0)[:3]) + r"[\w.-]{20}", shown)


@pytest.mark.slow
def test_the_demo_shows_every_step_and_no_token(tmp_path: Path, rules_home: Path) -> None:
    """It needs no terminal, and uses its own gnome-keyring even if the user has the same variables."""
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    shown = demo(
        {**os.environ, "GITHUB_TOKEN": "the user's", "SLACK_BOT_TOKEN": "the user's"}, tmp_path, rules_home
    )
    check(shown)
    assert "gnome-keyring of the demo's own" in shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_makes_do_without_a_keyring(tmp_path: Path, rules_home: Path) -> None:
    """Where no gnome-keyring is installed, the encrypted file replaces it."""
    shown = demo({**os.environ, "PATH": str(Path(sys.executable).parent)}, tmp_path, rules_home)
    check(shown)
    assert "an encrypted file" in shown
