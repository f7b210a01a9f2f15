"""Our own rules, for tokens that the engine's catalog lacks, in separate scanners.

A changed rule thus only recompiles these, and the catalog stays cached.
"""
# ruff: noqa: PLC0415 - the engine is imported when it is first needed, as in engine.py

from __future__ import annotations

import hashlib
import re
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kingfisher_sdk.scanner import Scanner

OURS = "tokenward."
"""The prefix of the ids of our rules."""
GENERIC = "tokenward.generic"
"""The rule for values that only their names suggest to be tokens; `generic.py` decides."""
BY_NAME = frozenset(
    f"{GENERIC}{form}"
    for form in (
        *("", "-passwords", "-languages", "-scripts", "-keys", "-letters"),
        *("-elsewhere", "-forms", "-structures", "-prose", "-insert", "-columns"),
    )
)
"""All rules whose matches `generic.py` decides; what it finds is reported as GENERIC."""
RULES = Path(__file__).parent
_NAMED_ENDS = r"""
    rc cfg .cnf .conf .ini .properties .toml .boto .xml .yaml .yml .tf .hcl .tfvars .nmconnection
    .txt .md .eml .csv .tsv .psv .env .env.local .env.prod .env.production .env.staging .env.dev
    .env.development _collection.json _environment.json _globals.json credentials secrets passwd.client
    pass passwd password passphrase pwd secret token key
    authinfo session fstab smbcred smbcreds .rsc .ldif .robot .resource .cbl .cob .cpy .jmx
    /id.json \id.json keypair.json -key.json wallet.json
    config/wireless config/network config/rpcd config/ddns
    config\wireless config\network config\rpcd config\ddns
"""
NAMED_ENDS = tuple(_NAMED_ENDS.split())
"""The endings of all files that such rules are for (a test ensures it), in lower case, to skip most others at once."""
_YAML = (".yaml", ".yml")
_NAMED_YAML = re.compile(r"(?:application|bootstrap|code-server[/\\]config|\.aider\.conf)[\w.-]*\.ya?ml\Z")
"""The few files of this common ending that such rules are for (a test ensures it)."""
_OWN_KEY = re.compile(r"^    (id|catalog|files): +(\S+)$", re.MULTILINE)


class RulePack:
    """Our rules, ready to scan.

    Attributes:
        named: the rules for files with certain names, by their file, as far as such a file was scanned.
    """

    def __init__(self, rules_cache: Path) -> None:
        """Load nothing yet."""
        self._rules_cache = rules_cache
        self.named: dict[Path, Scanner] = {}

    @cached_property
    def everywhere(self) -> Scanner:
        """The rules for all files, compiled, or loaded from a folder of compiled rules in 60 ms."""
        return scanner_of([path for path in rule_files() if path not in _keys().named], self._rules_cache)

    @property
    def all(self) -> tuple[Scanner, ...]:
        """Return all the scanners, each loaded, the one for all files first."""
        return self.everywhere, *self.load_named()

    def load_named(self) -> tuple[Scanner, ...]:
        """Return the scanners for files with certain names, each loaded."""
        return tuple(map(self._named, _keys().named))

    def scanners_for(self, path: str) -> tuple[Scanner, ...]:
        """Return the scanners whose rules may be for a file."""
        if not may_be_named(path):
            return (self.everywhere,)
        named = (rules for rules, files in _keys().named.items() if any(one.search(path) for one in files))
        return self.everywhere, *map(self._named, named)

    def _named(self, rules: Path) -> Scanner:
        """Return the rules of a file, loaded for the first file that one of them is for: 2 ms and 0.7 MB."""
        scanner = self.named.get(rules)
        if scanner is None:
            scanner = self.named[rules] = scanner_of([rules], self._rules_cache)
        return scanner


def may_be_named(path: str) -> bool:
    """Return whether a file's name may be one of those that have their own rules."""
    name = path.lower()
    return name.endswith(NAMED_ENDS) and (not name.endswith(_YAML) or _NAMED_YAML.search(name) is not None)


def rule_files() -> list[Path]:
    """Return the files of our rules."""
    return sorted(RULES.rglob("*.yml"))


@cache
def pack_identity() -> str:
    """Return an identity of the rules and tables."""
    digest = hashlib.sha256()
    files = (path for path in RULES.parent.rglob("*") if path.suffix in {".yml", ".toml", ".txt"})
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def catalog_rule(rule: str) -> str:
    """Return the id of the catalog's rule that one of ours improves on, or the id itself."""
    return _keys().catalog.get(rule, rule)


def holds_for(rule: str, path: str) -> bool:
    """Return whether a rule of ours is for a file; the engine would compile the regex again for each match."""
    files = _keys().files.get(rule)
    return files is None or files.search(path) is not None


def scanner_of(paths: list[Path], rules_cache: Path, *, decodes: bool = False) -> Scanner:
    """Return a scanner for files of rules; with `decodes`, it reads Base64."""
    from kingfisher_sdk.rules import Rules
    from kingfisher_sdk.scanner import DetectionPolicy, Scanner

    rules = Rules(paths, builtins=False, confidence="low", cache_dir=rules_cache)
    # Decoding Base64 takes four times as long as our rules, and the catalog has already done it.
    depth = 2 if decodes else 0
    # The engine then confirms a match of ours in 4 kB before its end, and not in 64.
    policy = DetectionPolicy(inline_ignores=False, cli_match_semantics=not decodes, base64_max_depth=depth)
    return Scanner(rules, base64=decodes, policy=policy)


class _Keys(NamedTuple):
    """The additional keys of our rules, by rule id.

    Attributes:
        catalog: the rule of the catalog that it improves on.
        files: the paths that it applies to.
        named: all of these, by the file with the rules.
    """

    catalog: dict[str, str]
    files: dict[str, re.Pattern[str]]
    named: dict[Path, list[re.Pattern[str]]]


@cache
def _keys() -> _Keys:
    keys, rule = _Keys({}, {}, {}), ""
    for path in rule_files():
        for key, value in _OWN_KEY.findall(path.read_text("utf-8")):
            if key == "id":
                rule = value
            elif key == "catalog":
                keys.catalog[rule] = value
            else:
                keys.files[rule] = re.compile(value.strip("'"))
                keys.named.setdefault(path, []).append(keys.files[rule])
    return keys
