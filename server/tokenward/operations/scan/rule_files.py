"""The texts of custom rules: files that a user or the administrator names, and those of a trusted workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tokenward.detection.custom.workspace import UNTRUSTED
from tokenward.errors import SettingsError
from tokenward.problem import Problem
from tokenward.setting_files import read_own_file
from tokenward.sources.safe_read import read_small

LARGEST_CONFIGURATION = 1_000_000
"""The most bytes of a file that is read."""
TRUSTED_RULES = ".tokenward/rules"
"""The folder in a trusted workspace for its own rules, in files named `*.yml` or `*.yaml`."""
MOST_TRUSTED_FILES = 100

_MOST_ENTRIES = 10_000


class RuleFiles(NamedTuple):
    """The contents of some rule files.

    Attributes:
        texts: the texts, by the name of the file in a Problem.
        problems: the reasons why files were not read.
    """

    texts: Mapping[str, str]
    problems: tuple[Problem, ...]


def read_rule_files(paths: Iterable[Path]) -> RuleFiles:
    """Read the files that the settings name; one that cannot be read is a Problem, and the others count."""
    return _read({str(path): path for path in paths}, read_own_file)


def read_trusted_rules(home: Path) -> RuleFiles:
    """Read the rule files of a workspace, which must be trusted."""
    names = _yaml_names(home)
    read = names[:MOST_TRUSTED_FILES]
    found = _read({f"{TRUSTED_RULES}/{name}": home / TRUSTED_RULES / name for name in read}, read_small)
    if read == names:
        return found
    sentence = f"Only the first {MOST_TRUSTED_FILES} files of rules are read; merge some of them."
    return found._replace(problems=(*found.problems, Problem(TRUSTED_RULES, 0, sentence)))


def uncounted_rules(home: Path) -> RuleFiles:
    """Return a note that the rule files of an untrusted workspace do not count."""
    notes = [Problem(f"{TRUSTED_RULES}/{name}", 0, UNTRUSTED, is_note=True) for name in _yaml_names(home)[:1]]
    return RuleFiles({}, tuple(notes))


def is_trusted(home: Path, folders: Sequence[Path]) -> bool:
    """Return whether a workspace is one of the folders, with all links followed; a subfolder of one is not."""
    real = home.resolve()
    return any(_leads_to(folder, real) for folder in folders)


def _leads_to(folder: Path, real: Path) -> bool:
    try:
        found = folder.resolve()
        # A file system may ignore case. Some network drives cannot distinguish folders, so the names must match too.
        is_spelled_alike = str(found).casefold() == str(real).casefold()
        return found == real or (is_spelled_alike and found.samefile(real))
    except (OSError, RuntimeError):
        return False


def _read(files: Mapping[str, Path], read: Callable[[Path, int], bytes | None]) -> RuleFiles:
    texts, problems = {}, []
    for name, path in files.items():
        try:
            content = read(path, LARGEST_CONFIGURATION)
        except SettingsError as error:
            problems.append(Problem(name, 0, f"The file {error}."))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            sentence = f"The file cannot be read ({why}), so its rules find nothing; make it readable."
            problems.append(Problem(name, 0, sentence))
        else:
            if content is not None:
                texts[name] = content.decode("utf-8-sig", "replace")
    return RuleFiles(texts, tuple(problems))


def _yaml_names(home: Path) -> list[str]:
    folder = home / TRUSTED_RULES
    # A link in the repository must not lead to another folder, which nobody has trusted.
    if folder.is_symlink() or folder.parent.is_symlink():
        return []
    try:
        names = [path.name for path in islice(folder.iterdir(), _MOST_ENTRIES)]
    except OSError:
        return []
    return sorted(name for name in names if name.endswith((".yml", ".yaml")))
