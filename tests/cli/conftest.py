from __future__ import annotations

import os
from pathlib import Path

import pytest

import cli_shell
from cli_shell import SetUp, Shell


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests start a real keyring or a terminal, which this file can do on POSIX only."""
    if os.name == "nt":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="needs a pseudo-terminal or gnome-keyring"))


@pytest.fixture
def shell(unlocked: dict[str, str], folder: Path) -> Shell:
    """A shell in a workspace named acme-api, with an unlocked gnome-keyring."""
    return Shell(unlocked, folder)


@pytest.fixture
def bare_shell(absent: dict[str, str], folder: Path) -> Shell:
    """A shell in a workspace, without any keyring."""
    return Shell(absent, folder)


@pytest.fixture
def fake_shell(bare_shell: Shell, tmp_path: Path) -> Shell:
    """A shell whose keyring is the fake that keeps a file and hangs while `hang` is in its folder."""
    fake = tmp_path / "fake"
    fake.mkdir()
    config = Path(bare_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('allowed-backends = ["fake_backends"]\n')
    return bare_shell.having(
        PYTHON_KEYRING_BACKEND="fake_backends.Filed",
        FAKE_KEYRING=str(fake),
        PYTHONPATH=str(Path(cli_shell.__file__).parent),
    )


@pytest.fixture
def stored(shell: Shell, set_up: SetUp) -> Shell:
    """A workspace with one token and its reference in `.env`."""
    with set_up():
        shell.put("TOKEN", "the value")
    shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    return shell
