from __future__ import annotations

import pytest

from tokenward.model import Kind, Profile, Surface
from tokenward.presentation.standards import standards, weakness


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("src/app.py", "CWE-798"),
        ("config/settings.yaml", "CWE-798"),
        ("catalog.py", "CWE-798"),
        ("", "CWE-798"),
        (".env", "CWE-312"),
        ("deploy/.env.production", "CWE-312"),
        ("deploy/prod.env", "CWE-312"),
        (".mcp.json", "CWE-312"),
        (".vscode/mcp.json", "CWE-312"),
        (".codex/config.toml", "CWE-312"),
        (".claude/projects/x/1.jsonl", "CWE-312"),
        (".qwen/settings.json", "CWE-312"),
        ("ada/.Windsurf/mcp.yaml.bak", "CWE-312"),
        (".config/app/settings.yaml", "CWE-798"),
        (".codex.py", "CWE-798"),
        (".netrc", "CWE-312"),
        ("home/.Netrc", "CWE-312"),
        ("ada/.aws/credentials", "CWE-312"),
        (".docker/config.json", "CWE-312"),
        ("docker/config.json", "CWE-798"),
        ("my.netrc", "CWE-798"),
        ("logs/run.txt", "CWE-532"),
        ("server.log", "CWE-532"),
        ("server.log.1", "CWE-532"),
    ],
)
def test_a_file_is_a_case_of_one_weakness(name: str, expected: str) -> None:
    assert weakness(name, Surface.FILE).name == expected


@pytest.mark.parametrize("surface", [Surface.TERMINAL, Surface.LOG])
def test_what_was_written_to_a_terminal_or_a_log_is_logged(surface: Surface) -> None:
    assert weakness("app.py", surface).name == "CWE-532"


@pytest.mark.parametrize(
    ("kind", "is_elsewhere", "expected"),
    [
        (Kind.LONG_LIVED, False, ["NHI2", "NHI7"]),
        (Kind.KEY_PAIR, True, ["NHI2", "NHI7", "NHI9"]),
        (Kind.SESSION, False, ["NHI2"]),
        (Kind.EXPIRING, True, ["NHI2", "NHI9"]),
    ],
)
def test_the_risks_are_those_of_the_profile(kind: Kind, is_elsewhere: bool, expected: list[str]) -> None:
    found = standards(Profile("Acme", kind), "app.py", Surface.FILE, is_elsewhere=is_elsewhere)
    assert [one.name.removeprefix("OWASP ").removesuffix(":2025") for one in found] == [
        *expected,
        "CWE-798",
        "NIST CSF 2.0 PR.AA-01",
    ]
    assert all(one.page.startswith("https://") for one in found)


@pytest.mark.parametrize(
    ("name", "surface", "is_agents"),
    [
        (".mcp.json", Surface.FILE, True),
        (".codex/config.toml", Surface.FILE, True),
        ("", Surface.PROMPT, True),
        (".claude/projects/x/1.jsonl", Surface.TRANSCRIPT, True),
        ("src/app.py", Surface.FILE, False),
        (".env", Surface.DOCUMENT, False),
        ("server.log", Surface.LOG, False),
    ],
)
def test_what_an_agent_holds_is_a_case_of_the_agentic_list_too(
    name: str, surface: Surface, is_agents: bool
) -> None:
    found = standards(Profile("Acme"), name, surface, is_elsewhere=False)
    assert ("OWASP ASI03:2026" in [one.name for one in found]) is is_agents
