"""The effect of settings, policies and trusted folders on a scan, which never omits anything silently."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import Shell, paths, scanned
from unprivileged import NOBODY

ACME = "x = 'acme_q7Zt2mXw9LbC'\n"
YAML_RULE = "  - name: Acme\n    id: custom.acme\n    pattern: 'acme_([a-zA-Z0-9]{12})'\n"
YAML_BAD = "  - name: Bad\n    id: custom.bad\n    pattern: '(?=acme)x'\n"
TOML_RULE = "[[rules]]\nid = 'acme'\nregex = 'acme_([a-zA-Z0-9]{12})'\n"
IS_ROOT = os.name != "nt" and os.geteuid() == 0
as_root = pytest.mark.skipif(
    not IS_ROOT, reason="only the superuser can write a file that is the superuser's"
)


def rules(report: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in report["findings"]]


def left_out(report: dict[str, Any]) -> list[str]:
    sentences: list[str] = report["summary"]["left_out"]
    return sentences


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def choose(shell: Shell, text: str) -> None:
    write(Path(shell.environment["HOME"], ".config", "tokenward", "config.toml"), text)


def plant(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        write(folder / name, f'x = "{tokens.github(number)}"\n')


def test_a_file_over_the_limit_is_named_with_the_setting_that_raises_it(bare_shell: Shell) -> None:
    plant(bare_shell.folder, "a.py")
    choose(bare_shell, "max-file-bytes = 20\nmax-document-bytes = 1\n")
    (sentence,) = left_out(scanned(bare_shell, code=0))
    assert sentence.endswith(
        "a.py is larger than 20 bytes and was not scanned; raise `max-file-bytes` in your settings."
    )
    choose(bare_shell, "max-file-bytes = 1000\nmax-document-bytes = 1\n")
    assert paths(scanned(bare_shell, code=1)) == ["a.py"]


def test_what_the_workspace_excludes_is_left_out_and_named(bare_shell: Shell) -> None:
    plant(bare_shell.folder, "a.py", "data/b.py", "data/c.py", "d.txt")
    write(bare_shell.folder / "tokenward.toml", 'exclude = ["data/", "*.txt"]\n')
    report = scanned(bare_shell, code=1)
    assert paths(report) == ["a.py"]
    (sentence,) = left_out(report)
    assert sentence.endswith("`exclude` in tokenward.toml excludes 1 file and 1 folder: d.txt, data/.")


def test_however_much_a_workspace_excludes_is_told_in_one_sentence(bare_shell: Shell) -> None:
    for number in range(1_200):
        write(bare_shell.folder / f"{number % 40}" / f"{number:04}.txt", "x")
    write(bare_shell.folder / "tokenward.toml", 'exclude = ["*.txt"]\n')
    (sentence,) = left_out(scanned(bare_shell, code=0))
    assert "excludes 1,200 files: 0/0000.txt, " in sentence
    assert sentence.endswith(" and 1,195 more.")
    assert len(sentence) < 300


def test_what_the_user_excludes_is_no_news(bare_shell: Shell) -> None:
    plant(bare_shell.folder, "a.py", "data/b.py")
    choose(bare_shell, 'exclude = ["data/"]\n')
    report = scanned(bare_shell, code=1)
    assert paths(report) == ["a.py"]
    assert left_out(report) == []


def test_a_workspace_excludes_nothing_where_repositories_may_not_silence(bare_shell: Shell) -> None:
    plant(bare_shell.folder, "data/b.py")
    write(bare_shell.folder / "tokenward.toml", 'exclude = ["data/"]\n')
    choose(bare_shell, "allow-repository-ignores = false\n")
    report = scanned(bare_shell, code=1)
    assert paths(report) == ["data/b.py"]
    assert left_out(report) == []


def test_an_excluded_name_cannot_break_the_line(bare_shell: Shell) -> None:
    plant(bare_shell.folder, "a\nb\x1b[2J.txt")
    write(bare_shell.folder / "tokenward.toml", 'exclude = ["*.txt"]\n')
    (sentence,) = left_out(scanned(bare_shell, code=0))
    assert sentence.isprintable()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".gitleaks.toml", TOML_RULE),
        (".betterleaks.toml", TOML_RULE),
        (".tokenward/rules/acme.yml", f"rules:\n{YAML_RULE}"),
    ],
)
def test_a_workspaces_rules_count_once_it_is_trusted(bare_shell: Shell, file: str, text: str) -> None:
    folder = bare_shell.folder
    write(folder / "a.py", ACME)
    write(folder / file, text)
    report = scanned(bare_shell, code=0)
    assert rules(report) == []
    (sentence,) = left_out(report)
    assert sentence.startswith(f"{folder}: {file}:1: The workspace's own rules do not count")
    link = folder.parent / "link"
    link.symlink_to(folder)
    circle = folder.parent / "circle"
    circle.symlink_to(circle)
    choose(bare_shell, f"trusted-folders = ['{circle}', '{link}']\n")
    report = scanned(bare_shell, code=1)
    assert (rules(report), left_out(report)) == (["custom.acme"], [])


def test_neither_a_folder_round_a_workspace_nor_one_beside_it_makes_it_trusted(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    write(folder / "a.py", ACME)
    write(folder / ".gitleaks.toml", TOML_RULE)
    write(folder / "tokenward.toml", "")
    beside = folder.with_name(folder.name + "-2")
    beside.mkdir()
    choose(bare_shell, f"trusted-folders = ['{folder.parent}', '{beside}', '{folder / 'gone'}']\n")
    assert rules(scanned(bare_shell, code=0)) == []


def test_a_repository_in_a_trusted_folder_is_not_trusted(bare_shell: Shell) -> None:
    choose(bare_shell, f"trusted-folders = ['{bare_shell.folder}']\n")
    clone = bare_shell.folder / "vendored"
    write(clone / ".git" / "HEAD", "ref: refs/heads/main\n")
    write(clone / "a.py", ACME)
    write(clone / ".gitleaks.toml", TOML_RULE)
    assert rules(scanned(bare_shell, "vendored", code=0)) == []


def test_a_trusted_workspace_silences_no_more_than_another(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    plant(folder, "a.py")
    write(folder / ".gitleaks.toml", "[[allowlists]]\npaths = ['a.py']\n")
    choose(bare_shell, f"trusted-folders = ['{folder}']\nallow-repository-ignores = false\n")
    assert paths(scanned(bare_shell, code=1)) == ["a.py"]


def test_a_bad_rule_of_a_trusted_workspace_is_named_at_its_line_and_disables_only_itself(
    bare_shell: Shell,
) -> None:
    folder = bare_shell.folder
    write(folder / "a.py", ACME)
    write(folder / ".tokenward" / "rules" / "acme.yml", f"rules:\n{YAML_BAD}{YAML_RULE}")
    choose(bare_shell, f"trusted-folders = ['{folder}']\n")
    report = scanned(bare_shell, code=1)
    assert rules(report) == ["custom.acme"]
    (sentence,) = left_out(report)
    assert f"{folder}: .tokenward/rules/acme.yml:2: " in sentence


def test_rules_that_a_link_leads_to_are_not_a_trusted_workspaces(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    write(folder / "a.py", ACME)
    outside = write(folder.parent / "outside" / "acme.yml", f"rules:\n{YAML_RULE}").parent
    (folder / ".tokenward").mkdir()
    (folder / ".tokenward" / "rules").symlink_to(outside)
    choose(bare_shell, f"trusted-folders = ['{folder}']\n")
    assert rules(scanned(bare_shell, code=0)) == []
    (folder / ".tokenward" / "rules").unlink()
    (folder / ".tokenward" / "rules").mkdir()
    (folder / ".tokenward" / "rules" / "acme.yml").symlink_to(outside / "acme.yml")
    assert rules(scanned(bare_shell, code=0)) == []


def test_only_so_many_rule_files_of_a_workspace_are_read_and_that_is_told(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    for number in range(101):
        write(folder / ".tokenward" / "rules" / f"{number:03}.yml", "rules: []\n")
    choose(bare_shell, f"trusted-folders = ['{folder}']\n")
    assert any(
        "Only the first 100 files of rules are read" in s for s in left_out(scanned(bare_shell, code=0))
    )


def test_a_rule_file_that_cannot_be_read_is_named_once_and_the_scan_goes_on(bare_shell: Shell) -> None:
    folder = bare_shell.folder
    plant(folder, "one/a.py", "two/b.py")
    write(folder / "one" / "a.txt", ACME)
    for name in ("one", "two"):
        (folder / name / ".git").mkdir()
    good = write(folder.parent / "good.yml", f"rules:\n{YAML_RULE}")
    gone = folder.parent / "gone.yml"
    fifo = folder.parent / "fifo.yml"
    os.mkfifo(fifo)
    choose(bare_shell, f"rule-files = ['{gone}', '{fifo}', '{good}']\n")
    report = scanned(bare_shell, "one", "two", code=1)
    assert paths(report) == ["one/a.py", "one/a.txt", "two/b.py"]
    about_gone, about_fifo = left_out(report)
    assert about_gone.startswith(f"{gone}:1: The file cannot be read (No such file or directory)")
    assert about_fifo.startswith(f"{fifo}:1: The file is not a regular file")


@as_root
def test_a_policy_forbids_what_the_user_allows_and_its_rules_count(bare_shell: Shell, tmp_path: Path) -> None:
    folder = bare_shell.folder
    write(folder / "a.py", f"{ACME}y = '{tokens.npm()}'  # tokenward:ignore\n")
    rule_file = write(tmp_path / "etc" / "acme.yml", f"rules:\n{YAML_RULE}")
    policy = write(
        tmp_path / "etc" / "tokenward" / "policy.toml",
        f"allow-repository-ignores = false\nrule-files = ['{rule_file}']\n",
    )
    choose(bare_shell, "allow-repository-ignores = true\nrule-files = []\n")
    bound = bare_shell.having(XDG_CONFIG_DIRS=str(tmp_path / "etc"))
    assert len(scanned(bare_shell, code=0)["findings"]) == 0
    assert len(scanned(bound, code=1)["findings"]) == 2
    assert f"because {policy} sets it" in bound("scan").err
    os.chown(policy, NOBODY, NOBODY)
    assert "others than the administrator could have written it" in bound("scan").err
    assert len(scanned(bound, code=0)["findings"]) == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_offsets_are_those_of_the_file_on_the_disk(bare_shell: Shell, encoding: str) -> None:
    token = tokens.github()
    content = f'# é\r\n😀 = "{token}"\r\n'.encode(encoding)
    bare_shell.folder.joinpath("app.py").write_bytes(content)
    (found,) = scanned(bare_shell, code=1)["findings"]
    wide = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    assert content[found["start_offset"] : found["end_offset"]] == token.encode(wide)
    assert found["start"] == {"line": 1, "character": 6}
