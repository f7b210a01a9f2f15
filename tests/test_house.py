"""The house rules that a machine can check, for every file that is tracked or about to be.

Forbidden texts are built from parts, so that this file follows the rules too.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from kingfisher_sdk.scanner import DetectionPolicy, Scanner

import tokens

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "server" / "tokenward"

REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "deb.debian" + ".org",
    "archive.ubuntu" + ".com",
]
PUT_OFF = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SOURCE = {".py", ".ts", ".mjs", ".js", ".sh", ".lua", ".toml", ".yml", ".yaml", ""}


def tracked_files() -> list[Path]:
    """Return every file that git tracks, or would track after `git add --all`."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = listing.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file() and not path.is_symlink()]


FILES = tracked_files()
NPM_LOCKS = [path for path in FILES if path.name == "package-lock.json"]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def lines_with(pattern: str | re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    """Return `file:line` of each match, without the matched text."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(text_of(path).split("\n"), 1)
        if re.search(pattern, line)
    ]


def machine_paths() -> Iterator[str]:
    """Yield the paths of this machine that no tracked file may hold."""
    # A path with one part, such as a container's `/src`, is likely to be meant in general.
    for path in (ROOT, Path(sys.prefix), Path.home()):
        if len(path.parts) > 2 or path.name == "root":
            yield str(path)


def token_lines(scanner: Scanner, content: bytes) -> list[int]:
    return [finding.location["line"] for finding in scanner.scan(content) if finding.visible]


def download_addresses(lock: Path) -> list[str]:
    """Return the entries of a lock file that name a download address."""
    if lock.name == "package-lock.json":
        packages = json.loads(text_of(lock))["packages"]
        return [name for name, package in packages.items() if "://" in package.get("resolved", "")]
    return lines_with(r"://|^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links)\b", [lock])


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(policy=DetectionPolicy(inline_ignores=False))


def test_the_rules_are_held_over_the_whole_checkout() -> None:
    assert {ROOT / "pyproject.toml", PACKAGE / "model.py", Path(__file__)} <= set(FILES)


def test_no_file_names_a_public_registry() -> None:
    assert lines_with("|".join(map(re.escape, REGISTRY_HOSTS)), FILES) == []


def test_no_lock_file_holds_a_download_address() -> None:
    locks = [*ROOT.glob("requirements/*.txt"), *NPM_LOCKS]
    assert {str(lock.relative_to(ROOT)): found for lock in locks if (found := download_addresses(lock))} == {}


def test_every_locked_npm_package_has_a_hash() -> None:
    assert len(NPM_LOCKS) == 4
    for lock in NPM_LOCKS:
        packages = json.loads(text_of(lock))["packages"]
        assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_every_install_from_npm_is_locked_and_runs_no_unasked_script() -> None:
    paths = [*ROOT.glob("scripts/*.sh"), *ROOT.glob(".github/workflows/*.yml"), ROOT / "Makefile"]
    assert lines_with(r"\bnpx\b|\bnpm\b.* (?:install|i|exec|add)\b|no-package-lock", paths) == []
    assert {(lock.parent / ".npmrc").read_text().count("ignore-scripts=true") for lock in NPM_LOCKS} == {1}


def test_every_locked_python_package_has_a_hash() -> None:
    for lock in ROOT.glob("requirements/*.txt"):
        packages = re.split(r"^(?=[\w-]+==)", text_of(lock), flags=re.MULTILINE)[1:]
        assert packages
        assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_no_file_holds_a_path_of_this_machine() -> None:
    places = "|".join(map(re.escape, machine_paths()))
    assert places
    assert lines_with(rf"(?<![\w./-])(?:{places})(?![\w-])", FILES) == []


@pytest.mark.parametrize("provider", tokens.ONE_LINE_MAKERS)
def test_the_scan_ignores_allow_comments(scanner: Scanner, provider: str) -> None:
    token = tokens.ONE_LINE_MAKERS[provider]("house")
    assert token_lines(scanner, f"\nkey = '{token}'  # kingfisher:ignore\n".encode()) == [2]


def test_no_file_holds_a_realistic_token(scanner: Scanner) -> None:
    found = {str(path.relative_to(ROOT)): token_lines(scanner, path.read_bytes()) for path in FILES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_source_puts_work_off() -> None:
    assert lines_with(PUT_OFF, (path for path in FILES if path.suffix in SOURCE)) == []


OWN_START = re.compile(r"start_new_session|preexec_fn=|openpty\(|TIOC(?:SC|NO)TTY|setsid -|\"setsid\"")
STARTS = {
    "starts.py": "the one place",
    "fork_server.py": "repeats for a fork what was asked of Popen",
    "test_fork_server.py": "compares both",
    "code_server.py": "ends the group of a real program",
    "vim.py": "shows a real program on a screen that it does not control",
    "test_detached.py": "is about programs that detach and open terminals, with each of them",
    "test_callers.py": "is about them too, below a terminal of its own",
    "test_trust.py": "has sessions that processes leave, and such as hold several",
    "test_editor_servers.py": "has a server above what it starts",
}
"""Files of tests that start a session or a terminal, or leave their starter, and why."""


def test_what_depends_on_attendance_is_started_in_one_place() -> None:
    files = [path for path in FILES if path.suffix == ".py" and ROOT / "tests" in path.parents]
    found = {path.name for path in files if OWN_START.search(text_of(path))} - {Path(__file__).name}
    assert found == {*STARTS}


ATTENDANCE = re.compile(
    r"detached process|nobody can be asked|is_unattended|person has to run it|\"daemon\"\]"
)
"""What shows that a test is about who asks, or whether somebody attends."""


def test_no_test_of_attendance_starts_a_command_as_it_was_started_itself() -> None:
    files = [path for path in ROOT.glob("tests/cli/**/test_*.py") if ATTENDANCE.search(text_of(path))]
    assert files
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"subprocess.run", "subprocess.Popen"}
    ]
    assert found == []


def test_imports_run_one_way() -> None:
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    outcome = subprocess.run(
        [sys.executable, "-c", command], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert outcome.returncode == 0, outcome.stdout


def test_a_package_holds_nothing_in_its_init() -> None:
    inits = [path for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    assert inits
    assert [str(path.relative_to(ROOT)) for path in inits if path.stat().st_size] == []


FOREIGN = {
    r"tell(?:s|ing)? of|told of": "report",
    r"ane" r"w": "again",
    r"hee" r"d(?:s|ed|ing)?": "respect",
    r"mend(?:s|ed|ing)?": "fix",
    r"whoeve" r"r": "the person or process that",
    r"but fo" r"r": "except",
    r"leaves? word": "record",
    r"looks? at|looked at|looking at": "scan, check or see",
    r"there (?:is|are|was|were) no" r"ne": "or None, if it is missing",
    r"come to nothing|comes to nothing": "have no effect",
}
"""What is grammatical and not English, and what to write."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in PACKAGE.rglob("*.py"):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(text_of(path))


def test_every_public_class_has_a_name_of_its_own() -> None:
    homes: dict[str, list[str]] = {}
    for path, tree in trees():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(path)
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_a_docstring_of_a_function_is_a_sentence() -> None:
    openings = re.compile(r"(?:What|Whether|That|Who|Which|Whose) ")
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and openings.match(ast.get_docstring(node) or "")
    ]
    assert found == []


Described = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, Described]]:
    """Yield the public functions and classes of a module and the classes' public members, each with its owner."""
    for node in body:
        if isinstance(node, Described) and not node.name.startswith("_"):
            yield owner, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, node.name)
        elif isinstance(node, ast.If):
            yield from public([*node.body, *node.orelse], owner)


def signature(node: Described) -> tuple[str, ...]:
    """Return the names of a function and its parameters, by which it is known as another's override."""
    if isinstance(node, ast.ClassDef):
        return ("class", node.name)
    parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return (node.name, *(one.arg for one in parameters if one.arg != "self"))


def attributes(owner: Described) -> Iterator[tuple[str, ...]]:
    """Yield the signatures of properties that may stand for the attributes of a class with a docstring."""
    for node in owner.body if ast.get_docstring(owner) else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield from ((node.target.id,), (node.target.id, node.target.id))


def test_every_public_function_method_and_class_has_a_docstring() -> None:
    """A method needs none if a class describes one of the same name and parameters, such as a protocol."""
    found = [(path, owner, node) for path, tree in trees() for owner, node in public(tree.body)]
    told = {signature(node) for _, owner, node in found if owner and ast.get_docstring(node)}
    told |= {one for _, _, node in found if isinstance(node, ast.ClassDef) for one in attributes(node)}
    assert len(found) > len(told) > 0
    missing = [one for one in found if not ast.get_docstring(one[2])]
    assert [
        f"{path}:{node.lineno}" for path, owner, node in missing if not (owner and signature(node) in told)
    ] == []


def test_no_text_uses_a_word_that_readers_stumble_over() -> None:
    written = [path for path in FILES if path.suffix in {".py", ".md", ".ts"} and path != Path(__file__)]
    # A key of the JSON output keeps its name.
    assert lines_with(rf"(?i)(?<!\")\b(?:{'|'.join(FOREIGN)})\b", written) == []
