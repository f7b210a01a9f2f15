"""Generates docs/rules/, a page per provider, from the rules and providers.toml; set-up and builds call it."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from tokenward.detection.engine import Detector
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import profile_of, provider_of
from tokenward.detection.rules.token_hosts import ANY, hosts_in
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.model import Kind, Profile
from tokenward.names import IGNORE_COMMENT, IGNORE_NEXT_LINE_COMMENT
from tokenward.presentation.markup import code, escaped, link
from tokenward.presentation.profile_words import (
    INDEX,
    UNKNOWN_END,
    UNKNOWN_SCOPE,
    file_name,
    persistence,
    reach,
)
from tokenward.presentation.standards import (
    AGENTIC,
    CLEAR_TEXT,
    HARD_CODED,
    LEAKAGE,
    LOGGED,
    LONG_LIVED,
    MANAGED,
    REUSE,
    Standard,
)

FOLDER = ROOT / "docs" / "rules"
_MADE = "<!-- `scripts/rule_pages.py` writes this page from the rules. -->"
_OPENING = re.compile(r"^(?:Detected|Identified|Discovered|Found|Uncovered) an? (?:possible |potential )?")
_LASTING = (Kind.LONG_LIVED, Kind.KEY_PAIR)
_GENERIC = "The setting `generic-tokens` makes these findings warnings, or turns them off."
_IGNORING = f"""\
## If it is not a token

- In one place: add the comment `{IGNORE_COMMENT}` to its line, or `{IGNORE_NEXT_LINE_COMMENT}` to the line before it.
  In an editor, the quick fix **Ignore this token** does that.
- In the whole workspace: use the quick fix **Ignore this token in the whole workspace**, or
  `tokenward ignore FILE:LINE --reason "..."`. Both add an entry to `.tokenwardignore`.
- A whole rule: add its id to `disabledRules` in the `[extend]` table of the workspace's `.gitleaks.toml`.
"""


def rule_pages(rules: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pages, and one that lists them, by file name.

    Args:
        rules: the full id and the description of each rule.
    """
    by_file: dict[str, dict[str, str]] = defaultdict(dict)
    for rule, about in sorted(rules):
        by_file[file_name(provider_of(rule).name)][rule] = about
    pages = {name: _page(found) for name, found in sorted(by_file.items())}
    return {**pages, INDEX: _index(by_file)}


def _page(rules: Mapping[str, str]) -> str:
    groups: dict[tuple[str, Profile], list[str]] = defaultdict(list)
    for rule in rules:
        groups[provider_of(rule).token, profile_of(rule)].append(rule)
    lasting = any(profile.kind in _LASTING for _, profile in groups)
    sections = [_section(token, profile, rules, of) for (token, profile), of in groups.items()]
    title = f"# {escaped(provider_of(next(iter(rules))).name)}\n"
    off = [f"{_GENERIC}\n"] if GENERIC in rules else []
    return "\n".join([title, f"{_MADE}\n", *sections, *off, _standards(lasting), _IGNORING])


def _section(token: str, profile: Profile, rules: Mapping[str, str], of: Iterable[str]) -> str:
    of = [*of]
    facts = [*_facts(profile), *_hosts(of[0])]
    return "\n".join([f"## {escaped(token)}\n", *facts, "", "Found by:\n", *_rules(rules, of), ""])


def _facts(profile: Profile) -> Iterator[str]:
    yield f"- **Authority**: {escaped(profile.scope or UNKNOWN_SCOPE)}"
    yield f"- **Lifetime**: {escaped(persistence(profile))}"
    yield f"- **A copy**: {escaped(reach(profile))}"
    if profile.harmless:
        yield "- **On its own**: gives no access"
    page = f" {link(profile.page.removeprefix('https://'), profile.page)}" if profile.page else ""
    yield f"- **How to revoke it**: {escaped(profile.ends or UNKNOWN_END)}{page}"


def _hosts(rule: str) -> Iterator[str]:
    """Yield where a rule's tokens may go, and how requests carry them there."""
    provider = provider_of(rule)
    if provider.hostless:
        yield f"- **Goes to**: no known host: {escaped(provider.hostless)}"
    hosts = hosts_in(provider)
    if hosts:
        yield "- **Goes to**:"
    for host in hosts:
        place = "a server of your own" if host.name == ANY else code(f"{host.name}{host.path}")
        yield f"    - {place} ({escaped(', '.join(host.ways))})"


def _rules(rules: Mapping[str, str], of: Iterable[str]) -> Iterator[str]:
    by_name: dict[str, list[str]] = defaultdict(list)
    for rule in of:
        # The catalog's descriptions begin with "Detected a possible" and end with the risk.
        by_name[short_rule(rule)].append(_OPENING.sub("", rules[rule].partition(", ")[0].rstrip(".")))
    for name, about in sorted(by_name.items()):
        yield f"- {code(name)}: {escaped('; '.join(dict.fromkeys(about)))}"


def _standards(lasting: bool) -> str:
    return "\n".join(
        [
            "## Standards\n",
            f"- {_standard(LEAKAGE)}",
            *([f"- {_standard(LONG_LIVED)}"] if lasting else []),
            f"- {_standard(REUSE)}, if it is in several files",
            f"- {_standard(HARD_CODED)}, in code and configuration",
            f"- {_standard(CLEAR_TEXT)}, in environment files, credentials files and the files of AI assistants",
            f"- {_standard(AGENTIC)}, in the files, prompts and transcripts of AI agents",
            f"- {_standard(LOGGED)}, in logs and terminals",
            f"- {_standard(MANAGED)}\n",
        ]
    )


def _standard(standard: Standard) -> str:
    return f"{link(standard.name, standard.page)} {escaped(standard.title)}"


def _index(by_file: Mapping[str, Mapping[str, str]]) -> str:
    names = {file: provider_of(next(iter(rules))).name for file, rules in by_file.items()}
    lines = [
        f"- {link(name, file)}: {', '.join(map(code, sorted(set(map(short_rule, by_file[file])))))}"
        for file, name in sorted(names.items(), key=lambda item: item[1].casefold())
    ]
    return "\n".join(["# What Tokenward finds\n", f"{_MADE}\n", *lines, ""])


def write_rule_pages() -> Path:
    """Bring the pages of the checkout up to date, and return their folder."""
    with tempfile.TemporaryDirectory() as cache:
        scanners = Detector(Path(cache)).load().all
        rules = chain.from_iterable(scanner.rules.metadata() for scanner in scanners)
        pages = rule_pages((rule["id"], rule["name"]) for rule in rules)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        # A test that builds a package must not disturb others, which read them.
        if not (FOLDER / name).is_file() or (FOLDER / name).read_bytes() != text.encode():
            (FOLDER / name).write_text(text, "utf-8", newline="\n")
    return FOLDER


if __name__ == "__main__":
    write_rule_pages()
