"""Findings that a repository ignores are recorded, and ignoring can be forbidden."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pytest

import tokens
from tokenward.detection.custom.workspace import MOST_PROBLEMS, read_local
from tokenward.detection.suppress.allowlist import MOST_ALLOWLISTS, MOST_STOPWORDS
from tokenward.detection.suppress.ignore_file import IgnoreFile, NewIgnoreEntry
from tokenward.model import Secret
from workspace_texts import TODAY, Workspace

TOKEN = tokens.github()
LINE = f"token = '{TOKEN}'\n"
RULE = "betterleaks.github-pat"
SHA1 = hashlib.sha1(TOKEN.encode()).hexdigest()


def entry_text(until: date | None = None) -> str:
    """Return a `.tokenwardignore` that ignores the token."""
    addition = NewIgnoreEntry(Secret(TOKEN), RULE, "src/app.py", reason="a test", until=until)
    return IgnoreFile("", ()).with_entries([addition])[0]


SOURCES = {
    ".tokenwardignore": entry_text(),
    ".gitleaks.toml": "[allowlist]\nstopwords = ['ghp']\n",
    ".betterleaks.toml": "[extend]\ndisabledRules = ['github-pat']\n",
    ".gitleaksignore": "src/app.py:github-pat:1\n",
    ".betterleaksignore": "src/app.py:github-pat:1\n",
    ".secrets.baseline": json.dumps({"results": {"src/app.py": [{"hashed_secret": SHA1}]}}),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_a_file_silences_is_on_record(workspace: Workspace, name: str) -> None:
    workspace.files[name] = SOURCES[name]
    detected = workspace.scan(LINE)
    assert detected.found == ()
    (record,) = detected.ignored
    assert (record.path, record.line, record.rule) == ("src/app.py", 0, RULE)
    assert record.by.startswith(name)
    assert TOKEN not in repr(record)


@pytest.mark.parametrize("name", SOURCES)
def test_silencing_can_be_forbidden(workspace: Workspace, name: str) -> None:
    workspace.files[name] = SOURCES[name]
    workspace.allow_repository_ignores = False
    detected = workspace.scan(LINE)
    assert [d.secret.reveal() for d in detected.found] == [TOKEN]
    assert detected.ignored == ()


def test_what_a_comment_silences_is_on_record(workspace: Workspace) -> None:
    assert workspace.silenced_by(LINE.rstrip() + "  # tokenward:ignore\n") == ["a comment"]


def test_comments_can_be_forbidden(workspace: Workspace) -> None:
    workspace.allow_repository_ignores = False
    assert workspace.found(LINE.rstrip() + "  # tokenward:ignore\n") == [TOKEN]


def test_the_users_own_allowlists_hold_even_so(workspace: Workspace) -> None:
    workspace.allow_repository_ignores = False
    workspace.rule_files = {"mine.toml": "[allowlist]\nstopwords = ['ghp']\n"}
    assert workspace.silenced_by(LINE) == ["mine.toml:1"]


@pytest.mark.parametrize("text", [f"'{'gh' + 'p_' + 'x' * 36}'", "keyring://acme/GITHUB_TOKEN", "nothing"])
def test_what_is_no_token_is_not_counted_as_silenced(workspace: Workspace, text: str) -> None:
    workspace.files[".gitleaks.toml"] = "[allowlist]\npaths = ['''.''']\n"
    detected = workspace.scan(f"a = {text}  # tokenward:ignore\n")
    assert (detected.found, detected.ignored) == ((), ())


def test_an_entry_that_expires_while_the_server_runs_no_longer_silences(workspace: Workspace) -> None:
    workspace.files[".tokenwardignore"] = entry_text(until=TODAY)
    local, _ = workspace.local()
    assert workspace.detector.detect_all(LINE, "src/app.py", local=local).found == ()
    workspace.today = TODAY + timedelta(1)
    assert workspace.detector.detect_all(LINE, "src/app.py", local=local).found


def test_entries_that_have_expired_are_told_at_the_first_of_them(workspace: Workspace) -> None:
    entries = [
        NewIgnoreEntry(Secret(tokens.github(n)), RULE, "a.py", "a test", TODAY if n else None)
        for n in range(3)
    ]
    text, _ = IgnoreFile("", ()).with_entries(entries)
    workspace.files[".tokenwardignore"] = text
    assert workspace.local()[1] == ()
    workspace.today = TODAY + timedelta(1)
    (problem,) = workspace.local()[1]
    assert text.splitlines()[problem.line].partition(" until:")[1]
    assert problem.sentence.startswith("This entry and 1 more have expired")
    workspace.allow_repository_ignores = False
    assert workspace.local()[1] == ()


def test_the_identity_changes_with_all_that_changes_what_is_found(workspace: Workspace) -> None:
    identities = [workspace.local()[0].identity]
    for name, text in SOURCES.items():
        workspace.files[name] = text
        identities.append(workspace.local()[0].identity)
    workspace.is_trusted = True
    identities.append(workspace.local()[0].identity)
    workspace.rule_files = {"mine.yml": "rules:\n"}
    identities.append(workspace.local()[0].identity)
    assert len(set(identities)) == len(identities)
    assert workspace.local()[0].identity == identities[-1]


def test_the_identity_changes_with_the_day_when_an_entry_can_expire(workspace: Workspace) -> None:
    first = workspace.local()[0].identity
    workspace.today += timedelta(1)
    assert workspace.local()[0].identity == first
    workspace.files[".tokenwardignore"] = entry_text(until=TODAY)
    second = workspace.local()[0].identity
    workspace.today += timedelta(1)
    assert workspace.local()[0].identity != second


def test_every_file_that_was_asked_for_is_named(workspace: Workspace) -> None:
    workspace.files[".gitleaks.toml"] = "[extend]\npath = 'config/base.toml'\n"
    assert workspace.local()[0].read >= {*SOURCES, "config/base.toml"}


def test_a_file_that_breaks_its_reader_takes_only_itself_away(workspace: Workspace) -> None:
    workspace.files = {
        ".gitleaks.toml": "[extend]\npath = 'b.toml'\n",
        ".betterleaks.toml": SOURCES[".gitleaks.toml"],
    }

    def read(path: str) -> str | None:
        return str(list[str]()[0]) if path == "b.toml" else workspace.files.get(path)

    local, (problem,) = read_local(read, workspace.cache)
    assert (problem.path, problem.line) == (".gitleaks.toml", 0)
    assert "IndexError" in problem.sentence
    assert "range" not in problem.sentence
    (record,) = workspace.detector.detect_all(LINE, local=local).ignored
    assert record.by == ".betterleaks.toml:1"


def test_of_many_problems_of_a_file_the_first_are_told(workspace: Workspace) -> None:
    workspace.files[".gitleaks.toml"] = "[[rules]]\n" * (MOST_PROBLEMS + 5)
    workspace.files[".tokenwardignore"] = "nonsense\n"
    *told, last, other = workspace.local()[1]
    assert [problem.line for problem in told] == list(range(MOST_PROBLEMS))
    assert last.sentence.startswith("And 5 more;")
    assert other.path == ".tokenwardignore"


@pytest.mark.parametrize(
    "before",
    [
        "[[allowlists]]\npaths = ['x']\n" * MOST_ALLOWLISTS,
        f"[[allowlists]]\nstopwords = {['##'] * MOST_STOPWORDS}\n",
    ],
)
def test_allowlists_after_the_limit_allow_nothing_and_are_told(workspace: Workspace, before: str) -> None:
    after = "[[allowlists]]\nstopwords = ['ghp']\n"
    workspace.files[".gitleaks.toml"] = before + after
    assert workspace.found(LINE) == [TOKEN]
    (problem,) = workspace.local()[1]
    assert "allow nothing" in problem.sentence
    workspace.files[".gitleaks.toml"] = after
    assert workspace.found(LINE) == []
