"""Patterns match the paths that Git says they match, and none is slow."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import git_tree
from examples import up_to
from tokenward.sources.patterns import gitignore
from tokenward.sources.patterns.gitignore import LONGEST_GLOB, MOST_PATTERNS, Patterns, bytewise

MATCHING = [
    ("*.log", "a/b.log", True),
    ("*.log\n!keep.log", "keep.log", False),
    ("!keep.log\n*.log", "keep.log", True),
    ("/top", "top", True),
    ("/top", "a/top", None),
    ("a/b", "a/b", True),
    ("a/b", "x/a/b", None),
    ("**/b", "a/c/b", True),
    ("a/**/b", "a/b", True),
    ("a/**/b", "a/x/y/b", True),
    ("a/**", "a", None),
    ("a/**", "a/x/y", True),
    ("a*/b", "ax/b", True),
    ("a*/b", "a/x/b", None),
    ("f?o", "foo", True),
    ("f?o", "f/o", None),
    ("[!a]b", "cb", True),
    ("[]-]x", "-x", True),
    ("[[:digit:]]x", "7x", True),
    ("[a-", "a", None),
    ("\\#a", "#a", True),
    ("\\!a", "!a", True),
    ("#a", "#a", None),
    ("a ", "a", True),
    ("a\\ ", "a ", True),
    ("a\r", "a", True),
    ("a\\", "a\\", None),
    ("folder/", "folder", None),
    ("foo**/bar", "foox/y/bar", True),
    ("??", "é", True),
    ("é", "é", True),
    ("*", "line\nbreak", True),
]


@pytest.mark.parametrize(("lines", "path", "verdict"), MATCHING)
def test_a_pattern_says_what_git_says(lines: str, path: str, verdict: bool | None) -> None:
    patterns = Patterns.of_file(lines.encode())
    assert patterns.verdict(path, path.rpartition("/")[2], is_folder=False) is verdict


def test_a_folder_pattern_is_for_folders() -> None:
    patterns = Patterns.of_file(b"\xef\xbb\xbffolder/\n")
    assert patterns.verdict("a/folder", "folder", is_folder=True) is True
    assert patterns.verdict("a/folder", "folder", is_folder=False) is None


def test_case_counts_unless_it_is_told_not_to() -> None:
    assert Patterns(["*.LOG"]).verdict("a.log", "a.log", is_folder=False) is None
    folded = Patterns(bytewise(["*.LOG", "É/[A]x"]), fold=True)
    assert folded.verdict("a.Log", "a.Log", is_folder=False) is True
    assert folded.verdict("É/aX", "aX", is_folder=False) is True


def test_too_many_patterns_are_refused() -> None:
    assert Patterns(["a"] * MOST_PATTERNS)
    with pytest.raises(ValueError, match="too many"):
        Patterns(["a"] * (MOST_PATTERNS + 1))
    with pytest.raises(ValueError, match="too many"):
        Patterns(["a", "b"], most=1)


def test_a_pattern_with_wildcards_that_is_too_long_is_refused() -> None:
    name = "a" * (LONGEST_GLOB + 1)
    assert Patterns([name]).verdict(name, name, is_folder=False) is True
    assert Patterns(["*" + "a" * (LONGEST_GLOB - 1)])
    with pytest.raises(ValueError, match="too long"):
        Patterns(["*" + name])


HOSTILE = [
    "*a" * 60 + "b",
    "**/a*" * 40 + "b",
    "/".join(["**", "*a*"] * 20) + "/b",
    "[ab]*" * 60 + "c",
    "?*" * 60 + "c",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_pattern_takes_exponential_time(pattern: str) -> None:
    # In a process of its own, because a matcher that hangs cannot be stopped from within.
    code = (
        "import sys; from tokenward.sources.patterns.gitignore import Patterns; p = Patterns([sys.argv[1]])\n"
        "for path in ('a' * 255, 'ab' * 120, '/'.join(['aa'] * 80)):\n"
        "    p.verdict(path, path.rpartition('/')[2], is_folder=False)"
    )
    subprocess.run([sys.executable, "-c", code, pattern], check=True, timeout=60)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return git_tree.repository(tmp_path_factory.mktemp("tree"))


GLOBS = ["a", "b", "*", "**", "?", "[ab]", "[!a]", "\\a", "\\*", " ", "\\ ", "é", "[a-", "]", "[]a]", "\\"]
parts = st.lists(
    st.sampled_from([*GLOBS, "[[:alpha:]]", "[b-a]", "[\\]]", "-", "^", "[^[:digit:]a-]", "[[:no:]]"]),
    max_size=4,
).map("".join)
patterns = st.builds(
    lambda before, slash, middle, after: before + slash + "/".join(middle) + after,
    st.sampled_from(["", "", "!", "\\!", "#", " "]),
    st.sampled_from(["", "/"]),
    st.lists(parts, min_size=1, max_size=4),
    st.sampled_from(["", "/", " ", "\\ ", "\r"]),
)
names = st.text(st.sampled_from("ab-é *]"), min_size=1, max_size=3)
paths = st.lists(st.lists(names, min_size=1, max_size=4), min_size=1, max_size=6)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names that only differ in ways it ignores")
@settings(max_examples=up_to(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(patterns, min_size=1, max_size=4), paths=paths, is_folder=st.booleans())
def test_what_is_ignored_is_what_git_ignores(
    tree: Path, lines: list[str], paths: list[list[str]], is_folder: bool
) -> None:
    content = "\n".join(lines).encode()
    for path in tree.iterdir():
        if path.name not in {".git", ".gitignore"}:
            shutil.rmtree(path)
    (tree / ".gitignore").write_bytes(content)
    for parts in paths:
        (tree.joinpath(*parts) if is_folder else tree.joinpath(*parts).parent).mkdir(
            parents=True, exist_ok=True
        )
    stdin = "\0".join("/".join(parts) for parts in paths).encode()
    # Git exits with 1 when it ignores no path.
    answer = git_tree.git(
        tree, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin", given=stdin, ends_with=(0, 1)
    ).split(b"\0")
    by_git = [
        bool(source) and not pattern.startswith(b"!")
        for source, pattern in zip(answer[::4], answer[2::4], strict=False)
    ]
    assert [_is_ignored(Patterns.of_file(content), tree, parts) for parts in paths] == by_git[: len(paths)]


def _is_ignored(patterns: Patterns, tree: Path, parts: list[str]) -> bool:
    """Return whether a path or any folder above it is ignored."""
    steps = range(1, len(parts) + 1)
    return any(
        patterns.verdict(
            "/".join(parts[:end]), parts[end - 1], is_folder=tree.joinpath(*parts[:end]).is_dir()
        )
        for end in steps
    )


def test_an_expression_is_compiled_for_the_first_path_that_may_match_and_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[str] = []
    translated = gitignore.translated
    monkeypatch.setattr(gitignore, "translated", lambda glob: compiled.append(glob) or translated(glob))
    patterns = Patterns(["secret?.txt", "other?.txt"])
    assert patterns.verdict("a/app.py", "app.py", is_folder=False) is None
    assert compiled == []
    for _ in range(2):
        assert patterns.verdict("a/secret1.txt", "secret1.txt", is_folder=False) is True
    assert compiled == ["secret?.txt"]
