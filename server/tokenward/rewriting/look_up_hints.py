"""How to look up a variable in each kind of file, for people who change it by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

_HINTS = {
    ".bash": "${NAME}",
    ".bat": "%NAME%",
    ".c": 'getenv("NAME")',
    ".cc": 'std::getenv("NAME")',
    ".cjs": "process.env.NAME",
    ".clj": '(System/getenv "NAME")',
    ".cmd": "%NAME%",
    ".cpp": 'std::getenv("NAME")',
    ".cr": 'ENV["NAME"]',
    ".cs": 'Environment.GetEnvironmentVariable("NAME")',
    ".cts": "process.env.NAME",
    ".d": 'environment["NAME"]',
    ".dart": "Platform.environment['NAME']!",
    ".erl": 'os:getenv("NAME")',
    ".ex": 'System.fetch_env!("NAME")',
    ".exs": 'System.fetch_env!("NAME")',
    ".fish": "$NAME",
    ".fs": 'System.Environment.GetEnvironmentVariable("NAME")',
    ".go": 'os.Getenv("NAME")',
    ".gradle": 'System.getenv("NAME")',
    ".groovy": 'System.getenv("NAME")',
    ".h": 'getenv("NAME")',
    ".hs": 'getEnv "NAME"',
    ".java": 'System.getenv("NAME")',
    ".jl": 'ENV["NAME"]',
    ".js": "process.env.NAME",
    ".jsx": "process.env.NAME",
    ".kt": 'System.getenv("NAME")',
    ".kts": 'System.getenv("NAME")',
    ".lua": 'os.getenv("NAME")',
    ".m": 'NSProcessInfo.processInfo.environment[@"NAME"]',
    ".mjs": "process.env.NAME",
    ".mk": "$(NAME)",
    ".ml": 'Sys.getenv "NAME"',
    ".mts": "process.env.NAME",
    ".nim": 'getEnv("NAME")',
    ".php": "getenv('NAME')",
    ".pl": "$ENV{NAME}",
    ".pm": "$ENV{NAME}",
    ".ps1": "$env:NAME",
    ".psm1": "$env:NAME",
    ".py": 'os.environ["NAME"]',
    ".r": 'Sys.getenv("NAME")',
    ".rb": 'ENV.fetch("NAME")',
    ".rs": 'std::env::var("NAME").unwrap()',
    ".scala": 'sys.env("NAME")',
    ".sh": "${NAME}",
    ".swift": 'ProcessInfo.processInfo.environment["NAME"]!',
    ".ts": "process.env.NAME",
    ".tsx": "process.env.NAME",
    ".vb": 'Environment.GetEnvironmentVariable("NAME")',
    ".zig": 'std.process.getEnvVarOwned(allocator, "NAME")',
    ".zsh": "${NAME}",
}


def look_up_hint(path: PurePath | None, name: str) -> str:
    """Return the look-up of a variable in a file's syntax; its bare name if none is known."""
    suffix = path.suffix.lower() if path else ""
    return _HINTS.get(suffix, "NAME").replace("NAME", name)


def look_up_hints(paths: Iterable[PurePath], name: str, most: int) -> list[tuple[str, list[str]]]:
    """Return the look-ups of a variable in the most frequent kinds of files, each with their suffixes."""
    suffixes = Counter(suffix for path in paths if (suffix := path.suffix.lower()) in _HINTS)
    kinds: dict[str, list[str]] = {}
    for suffix, _ in suffixes.most_common():
        kinds.setdefault(_HINTS[suffix].replace("NAME", name), []).append(suffix)
    return list(kinds.items())[:most]
