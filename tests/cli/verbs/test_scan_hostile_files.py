"""Files in a workspace are untrusted: none can hide a token, stop a scan, or inject text into a report."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import Shell, paths
from unprivileged import NOBODY

LINE = f'x = "{tokens.github()}"\n'
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX links, pipes and owners")
as_root = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only the superuser can give a file to somebody else"
)


def scanned(shell: Shell, *arguments: str, stdin: bytes = b"") -> dict[str, Any]:
    done = shell("scan", "--format", "json", *arguments, stdin=stdin)
    assert done.code in {0, 1}, done.err
    report: dict[str, Any] = json.loads(done.text)
    return report


def write(shell: Shell, name: str, content: str | bytes) -> Path:
    path = shell.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


HIDDEN = {
    "a.js": b"// \0\n" + LINE.encode(),
    "run": b"#!/bin/sh\n# \0\n" + LINE.encode(),
    ".env": b"\xff\xfe\n" + LINE.encode() + b"#\0",
    "odd.txt": b"\xff\xfe" + LINE.encode("utf-16-le") + b"x",
    "half.txt": b"\xff\xfe" + LINE.encode("utf-16-le") + b"\x00\xd8x\0",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_no_byte_hides_a_token_of_a_text(bare_shell: Shell, name: str) -> None:
    path = write(bare_shell, name, HIDDEN[name])
    (found,) = scanned(bare_shell)["findings"]
    token = path.read_bytes()[found["start_offset"] : found["end_offset"]]
    assert token.replace(b"\0", b"") == tokens.github().encode()


def _large(path: Path) -> None:
    path.write_text("#" * 1_000_001)


def _link(path: Path) -> None:
    path.parent.with_name("elsewhere").write_text("")
    path.symlink_to(path.parent.with_name("elsewhere"))


@posix
@pytest.mark.parametrize("spoil", [_large, _link, os.mkfifo, Path.mkdir])
@pytest.mark.parametrize("name", [".tokenwardignore", ".gitleaks.toml", ".secrets.baseline"])
def test_a_configuration_file_that_is_not_read_is_told(
    bare_shell: Shell, spoil: Callable[[Path], None], name: str
) -> None:
    write(bare_shell, "a.py", LINE)
    spoil(bare_shell.folder / name)
    report = scanned(bare_shell)
    assert paths(report) == ["a.py"]
    sentences = [sentence for sentence in report["summary"]["left_out"] if f"{name}:1: The file " in sentence]
    assert len(sentences) == 1
    assert "has no effect" in sentences[0]


@posix
def test_a_configuration_extends_none_that_a_link_leads_to(bare_shell: Shell) -> None:
    write(bare_shell, "a.py", LINE)
    outside = bare_shell.folder.with_name("outside")
    outside.mkdir()
    (outside / "b.toml").write_text("[extend]\ndisabledRules = ['github-pat']\n")
    (bare_shell.folder / "inner").symlink_to(outside)
    write(bare_shell, ".gitleaks.toml", "[extend]\npath = 'inner/b.toml'\n")
    report = scanned(bare_shell)
    assert paths(report) == ["a.py"]
    assert any("inner/b.toml:1: The file is a link" in one for one in report["summary"]["left_out"])


@as_root
@pytest.mark.parametrize(("owner", "found"), [(NOBODY, ["a.py"]), (0, [])])
def test_what_another_user_puts_above_a_folder_silences_nothing_in_it(
    bare_shell: Shell, owner: int, found: list[str]
) -> None:
    write(bare_shell, "inner/a.py", LINE)
    (bare_shell.folder / ".git").mkdir()
    os.chown(write(bare_shell, ".gitleaks.toml", "[extend]\ndisabledRules = ['github-pat']\n"), owner, owner)
    report = scanned(bare_shell.at(bare_shell.folder / "inner"))
    assert paths(report) == found
    assert [one["source"] for one in report["summary"]["silenced"]] == ([] if found else [".gitleaks.toml"])
    assert any("another user" in one for one in report["summary"]["left_out"]) is bool(found)


@as_root
def test_the_settings_that_another_user_puts_above_a_folder_are_not_read(bare_shell: Shell) -> None:
    write(bare_shell, "inner/a.py", LINE)
    os.chown(write(bare_shell, "tokenward.toml", "exclude = ['*']\n"), NOBODY, NOBODY)
    done = bare_shell.at(bare_shell.folder / "inner")("scan")
    assert done.code == 1
    assert "belongs to another user" in done.err


def test_what_a_workspace_excludes_keeps_out_nothing_elsewhere(bare_shell: Shell) -> None:
    write(bare_shell, "tokenward.toml", "exclude = ['*']\n")
    elsewhere = bare_shell.folder.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "a.py").write_text(LINE)
    assert len(scanned(bare_shell, str(elsewhere))["findings"]) == 1
    assert scanned(bare_shell)["findings"] == []


@pytest.mark.parametrize("exclude", ["[" + "'b'," * 1_001 + "]", f"['*{'a' * 400}']"])
def test_an_exclude_that_would_make_a_scan_crawl_has_no_effect(bare_shell: Shell, exclude: str) -> None:
    write(bare_shell, "a.py", LINE)
    write(bare_shell, "tokenward.toml", f"exclude = {exclude}\n")
    done = bare_shell("scan")
    assert done.code == 1
    assert "`exclude` has no effect" in done.err


def test_what_a_user_forbids_is_forbidden_on_stdin_too(bare_shell: Shell) -> None:
    commented = LINE.replace("\n", " # tokenward:ignore\n").encode()
    assert scanned(bare_shell, "--stdin", stdin=commented)["findings"] == []
    config = Path(bare_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text("allow-repository-ignores = false\n")
    assert paths(scanned(bare_shell, "--stdin", stdin=commented)) == ["stdin"]


@pytest.mark.parametrize("format_", ["human", "csv", "junit", "github", "json"])
def test_a_report_is_printed_whatever_the_terminal_can_show(bare_shell: Shell, format_: str) -> None:
    write(bare_shell, "日本.py", LINE)
    done = bare_shell("scan", "--format", format_, PYTHONIOENCODING="ascii")
    assert done.code == 1
    assert not done.err or done.err.startswith("Next: ")


@posix
def test_what_is_said_on_stderr_holds_no_command_of_a_ci_system(bare_shell: Shell) -> None:
    write(bare_shell, "##vso[task.x]a/::error::b.py", LINE)
    done = bare_shell("ignore", "--all", "--yes", "--reason", "a test")
    assert done.code == 0
    assert "vso[task.x]" in done.err
    assert "##vso[" not in done.err
    assert not any(line.startswith("::") for line in done.err.splitlines())
