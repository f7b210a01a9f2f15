"""`tokenward scan`: what it finds, which omissions it reports, and the cost of a second scan."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

import tokens
from cli_shell import TOKENWARD, Shell, paths, scanned
from detection.claim_values import jwt
from git_tree import git
from tokenward.sources.safe_read import SETTLED_NS


def plant(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'x = "{tokens.github(number)}"\n')


def test_files_that_git_ignores_are_scanned_where_they_hold_tokens(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    plant(
        folder,
        "app.py",
        ".env",
        "debug.log",
        "other.txt",
        "node_modules/x.js",
        ".git/hooks/x",
        ".cursor/mcp.json",
    )
    folder.joinpath(".gitignore").write_text(".env\n*.log\nother.txt\nnode_modules/\n.cursor/\n")
    assert paths(scanned(bare_shell, code=1)) == [".cursor/mcp.json", ".env", "app.py", "debug.log"]


@pytest.mark.slow
def test_the_first_scan_says_that_it_compiles_the_rules(bare_shell: Shell, cold_home: dict[str, str]) -> None:
    shell = bare_shell.having(**cold_home)
    shell.folder.joinpath("a.py").write_text("t = 1\n")
    assert shell("scan").err == "tokenward: Compiling the rules, once; this takes a few seconds.\n"
    assert shell("scan", "--no-cache").err == ""


def test_places_are_bytes_and_utf_16_columns(bare_shell: Shell) -> None:
    token = tokens.github()
    content = f'# é\r\n😀 = "{token}"'.encode()
    bare_shell.folder.joinpath("app.py").write_bytes(content)
    (found,) = scanned(bare_shell, code=1)["findings"]
    assert content[found["start_offset"] : found["end_offset"]] == token.encode()
    assert found["start"] == {"line": 1, "character": 6}
    assert found["end"] == {"line": 1, "character": 46}


def test_nothing_found_is_exit_code_0_and_nothing_there_is_2(bare_shell: Shell) -> None:
    assert scanned(bare_shell, code=0)["findings"] == []
    done = bare_shell("scan", "absent")
    assert (done.code, done.out) == (2, b"")
    assert "absent does not exist" in done.err


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(bare_shell: Shell) -> None:
    """The first file is made unreadable, so that only the cache can know it."""
    folder = bare_shell.folder
    plant(folder, "old.py", "new.py")
    for name in ("old.py", "new.py"):
        os.utime(folder / name, (1_000_000_000, 1_000_000_000))
    first = scanned(bare_shell, code=1)
    folder.joinpath("new.py").write_text("x = 1\n")
    second = scanned(bare_shell, code=1)
    assert paths(second) == ["old.py"]
    assert second["findings"][0] == next(f for f in first["findings"] if f["path"] == "old.py")
    assert second["findings"] == scanned(bare_shell, "--no-cache", code=1)["findings"]


def test_stdin_is_scanned(bare_shell: Shell) -> None:
    done = bare_shell("scan", "--stdin", stdin=f"a {tokens.npm()}\n".encode())
    assert done.code == 1
    assert "stdin:1:3: warning: npm token" in done.text
    assert tokens.npm() not in done.text


def test_what_a_repository_silences_is_counted(bare_shell: Shell) -> None:
    bare_shell.folder.joinpath("a.py").write_text(f'x = "{tokens.github()}"  # gitleaks:allow\n')
    report = scanned(bare_shell, code=0)
    assert report["summary"]["silenced"] == [{"source": "a comment", "count": 1}]


@pytest.mark.parametrize("format_", ["human", "json", "sarif", "gitlab", "junit", "csv", "github"])
def test_no_format_holds_a_value(bare_shell: Shell, format_: str) -> None:
    plant(bare_shell.folder, "a.py")
    done = bare_shell("scan", "--format", format_)
    assert done.code == 1
    assert tokens.github(0) not in done.text
    assert "github-pat" in done.text


def test_a_fifo_and_an_unreadable_name_stop_nothing(bare_shell: Shell) -> None:
    os.mkfifo(bare_shell.folder / "pipe.log")
    plant(bare_shell.folder, "a.py", "new\nline.py")
    report = scanned(bare_shell, code=1)
    assert paths(report) == ["a.py", "new\nline.py"]
    assert any("pipe.log" in sentence for sentence in report["summary"]["left_out"])


@pytest.mark.skipif(os.name == "nt", reason="no FIFOs")
def test_what_was_named_and_cannot_be_scanned_is_a_failure(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    os.mkfifo(folder / "pipe.log")
    folder.joinpath("large.txt").write_text("x" * 10_000_001)
    folder.joinpath("a.txt").write_text("x")
    for name in ("pipe.log", "large.txt"):
        done = bare_shell("scan", name, "a.txt")
        assert (done.code, name in done.text) == (2, True)
    assert bare_shell("scan").code == 0
    plant(folder, "a.py")
    assert bare_shell("scan", "pipe.log", "a.py").code == 1


NOT_LOOKED_AT: dict[str, tuple[bytes, str]] = {
    "a.bin": (bytes(1000), "is not text and was not scanned"),
    "a.zip": (b"PK\3\4" + bytes(1000), "is an archive and was not looked into"),
    "a.tar.gz": (gzip.compress(bytes(257) + b"ustar" + bytes(1000)), "is an archive and was not looked into"),
    "bad.log.gz": (b"\x1f\x8b\x08" + bytes(1000), "is an archive and was not looked into"),
    "a.rtf": ("t = 1\n".encode("utf-16-le"), "is in UTF-16 without a byte order mark"),
    "a.txt": (b"a" * 10_000_001, "is larger than 10,000,000 bytes"),
    "bomb.log.gz": (gzip.compress(bytes(10) + b"a" * 10_000_001), "unpacks to more than 10,000,000 bytes"),
}


@pytest.mark.parametrize("way", ["named", "found", "found again", "staged", "since", "committed"])
def test_every_report_says_what_was_not_looked_at(bare_shell: Shell, way: str) -> None:
    folder = bare_shell.folder
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    for name, (content, _) in NOT_LOOKED_AT.items():
        folder.joinpath(name).write_bytes(content)
        os.utime(folder / name, (1, 1))
    git(folder, "add", ".")
    if way == "committed":
        git(folder, "commit", "-q", "-m", "y")
    words = {"named": list(NOT_LOOKED_AT), "staged": ["--staged"], "since": ["--diff", "HEAD"]}
    words |= {"found": [], "found again": [], "committed": ["--history"]}
    if way == "found again":
        time.sleep(SETTLED_NS / 1e9)
        bare_shell("scan")
    said = json.loads(bare_shell("scan", "--format", "json", *words[way]).text)["summary"]["left_out"]
    for name, (_, why) in NOT_LOOKED_AT.items():
        expected = "limit" if way in ("staged", "committed") and "10,000,000" in why else why.split()[-1]
        assert any(name in one and expected in one for one in said), (name, said)


def test_a_compressed_log_is_read_and_its_tokens_stay_when_all_are_moved(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    token, path = tokens.github("gz"), folder / "app.log.1.gz"
    parts = [f"line {number}\n{token if number else ''}\n".encode() for number in range(2)]
    path.write_bytes(b"".join(map(gzip.compress, parts)))
    before = path.read_bytes()
    (found,) = scanned(bare_shell, code=1)["findings"]
    whole = b"".join(parts)
    assert found["start"] == {"line": 3, "character": 0}
    assert whole[found["start_offset"] : found["end_offset"]] == token.encode()
    done = bare_shell("move", "--all", "--yes")
    assert "app.log.1.gz is compressed, so its tokens stay" in done.text + done.err
    assert path.read_bytes() == before


def test_findings_come_in_the_order_of_their_paths(bare_shell: Shell) -> None:
    names = ["c.py", "a.py", "b/a.py", "b.py", ".env"]
    plant(bare_shell.folder, *names)
    found = [finding["path"] for finding in scanned(bare_shell, code=1)["findings"]]
    assert found == [".env", "a.py", "b.py", "b/a.py", "c.py"]


def test_what_is_wrong_in_a_configuration_is_no_failure_to_scan_it(bare_shell: Shell) -> None:
    bare_shell.folder.joinpath(".gitleaks.toml").write_text("[allowlist\n")
    done = bare_shell("scan", ".gitleaks.toml")
    assert (done.code, "not valid TOML" in done.text) == (0, True)


def test_watching_says_once_what_is_silenced(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    folder.joinpath("tokenward.toml").write_text('exclude = ["hidden"]\n')
    plant(folder, "hidden/a.py")
    with subprocess.Popen(
        [TOKENWARD, "scan", "--watch"], stdout=subprocess.PIPE, env=dict(bare_shell.environment), cwd=folder
    ) as process:
        assert process.stdout is not None
        assert b"`exclude` in tokenward.toml excludes 1 folder: hidden/" in process.stdout.readline()
        folder.joinpath("new.py").write_text(f'y = "{tokens.npm()}"\n')
        assert b"new.py:1:6: warning: npm token" in process.stdout.readline()
        process.kill()


def test_watching_tells_of_a_token_when_it_appears_and_only_once(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    plant(folder, "there.py")
    with subprocess.Popen(
        [TOKENWARD, "scan", "--watch"], stdout=subprocess.PIPE, env=dict(bare_shell.environment), cwd=folder
    ) as process:
        assert process.stdout is not None
        assert b"there.py:1:6: error: GitHub token" in process.stdout.readline()
        folder.joinpath("new.py").write_text(f'y = "{tokens.npm()}"\n')
        assert b"new.py:1:6: warning: npm token" in process.stdout.readline()
        folder.joinpath("new.py").write_text(f'yy = "{tokens.npm()}"\n')
        assert b"new.py:1:7: warning: npm token" in process.stdout.readline()
        process.kill()


def test_a_finding_says_how_much_it_matters_and_how_long_it_lives(bare_shell: Shell) -> None:
    past, future = jwt({"exp": 1_600_000_000}), jwt({"exp": 250_000_000_000, "iss": "acme"})
    bare_shell.folder.joinpath("app.py").write_text(
        f'a = "{tokens.github()}"\nb = "{tokens.npm()}"\nc = "{past}"\nd = "{future}"\n'
    )
    for _ in ("read", "kept"):
        findings = scanned(bare_shell, code=1)["findings"]
        known = [(one["severity"], one["kind"], one["expires"]) for one in findings]
        assert known == [
            ("error", "long-lived", None),
            ("warning", "expiring", None),
            ("information", "expiring", "2020-09-13T12:26:40Z"),
            ("warning", "expiring", "9892-03-08T12:26:40Z"),
        ]
        assert [one["checksum"] for one in findings] == [True, True, None, None]
        assert findings[3]["claims"] == {"issuer": "acme"}
