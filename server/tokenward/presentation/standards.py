"""The weaknesses that a finding is a case of, from the lists that security teams use."""

from __future__ import annotations

import re
from functools import cache

from tokenward.catalog.home_files import home_files
from tokenward.catalog.rows import rows
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Kind, Profile, Surface

_NHI = "https://owasp.org/www-project-non-human-identities-top-10/2025"
_CWE = "https://cwe.mitre.org/data/definitions"


@dataclass(frozen=True, slots=True)
class Standard:
    """An item of a list: its short name, its topic, and the address of its explanation."""

    name: str
    title: str
    page: str


LEAKAGE = Standard("OWASP NHI2:2025", "Secret Leakage", f"{_NHI}/2-secret-leakage/")
LONG_LIVED = Standard("OWASP NHI7:2025", "Long-Lived Secrets", f"{_NHI}/7-long-lived-secrets/")
REUSE = Standard("OWASP NHI9:2025", "NHI Reuse", f"{_NHI}/9-nhi-reuse/")
HARD_CODED = Standard("CWE-798", "Use of Hard-coded Credentials", f"{_CWE}/798.html")
CLEAR_TEXT = Standard("CWE-312", "Cleartext Storage of Sensitive Information", f"{_CWE}/312.html")
LOGGED = Standard("CWE-532", "Insertion of Sensitive Information into Log File", f"{_CWE}/532.html")
AGENTIC = Standard(
    "OWASP ASI03:2026",
    "Identity and Privilege Abuse",
    "https://genai.owasp.org/resource/owasp-top-10-for-agentic-applications-for-2026/",
)
MANAGED = Standard(
    "NIST CSF 2.0 PR.AA-01",
    "Identities and credentials are managed by the organization",
    "https://doi.org/10.6028/NIST.CSWP.29",
)

_LASTING = (Kind.LONG_LIVED, Kind.KEY_PAIR)
_LOG = re.compile(r"(?:^|/)(?:logs?/.*|[^/]*\.log(?:\.\d+)?)$", re.IGNORECASE | re.DOTALL)
_STORE = re.compile(r"(?:^|/)(?:\.env[^/]*|[^/]*\.env|[^/]*\.jsonl)$", re.IGNORECASE | re.DOTALL)
_AGENTS_FILE = re.compile(
    r"(?:^|/)(?:[^/]*mcp[^/]*\.(?:json|toml|ya?ml)|claude_desktop_config\.json|opencode\.jsonc?)$",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_NAME = 4_096
_FOLDER_AT_HOME = re.compile(r"~(/\.[\w-]+)[/}]")
_SHARED = {"/.aws", "/.config", "/.local"}
"""Folders in which agents have folders of their own."""


def standards(profile: Profile, name: str, surface: Surface, *, is_elsewhere: bool) -> list[Standard]:
    """Return the items that a finding is a case of; `is_elsewhere` if its token is in other files too.

    The name of its file has `/` between folders, and is empty for none.
    """
    found = [LEAKAGE]
    if profile.kind in _LASTING:
        found.append(LONG_LIVED)
    if is_elsewhere:
        found.append(REUSE)
    if _is_agents(name, surface):
        found.append(AGENTIC)
    return [*found, weakness(name, surface), MANAGED]


def _is_agents(name: str, surface: Surface) -> bool:
    """Return whether an AI agent holds the token, or reads it as its own settings."""
    path = f"/{name.lower()}"
    is_in_folder = any(f"{folder}/" in path for folder in _agents_folders())
    is_agents = surface in (Surface.TRANSCRIPT, Surface.PROMPT) or is_in_folder
    return is_agents or bool(_AGENTS_FILE.search(name[-_LONGEST_NAME:]))


def weakness(name: str, surface: Surface) -> Standard:
    """Return the CWE for a token, depending on the kind of its file."""
    end = name[-_LONGEST_NAME:]
    if surface in (Surface.TERMINAL, Surface.LOG) or _LOG.search(end):
        return LOGGED
    path = f"/{name.lower()}"
    is_store = _STORE.search(end) or path.endswith(_home_files())
    return CLEAR_TEXT if is_store or _is_agents(name, surface) else HARD_CODED


@cache
def _home_files() -> tuple[str, ...]:
    return tuple(f"/{one.path.lower()}" for one in home_files() if one.path)


@cache
def _agents_folders() -> frozenset[str]:
    """Return the folders that agents have in a home folder, and usually in a project too, such as `/.cursor`."""
    return frozenset(_FOLDER_AT_HOME.findall(repr(rows("agents")))) - _SHARED
