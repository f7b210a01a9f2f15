"""How to look up a variable in each kind of file, for people who change it by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

_SUFFIXES = {
    "${NAME}": ".bash .sh .zsh",
    "%NAME%": ".bat .cmd",
    'getenv("NAME")': ".c .h",
    'std::getenv("NAME")': ".cc .cpp",
    "process.env.NAME": ".cjs .cts .js .jsx .mjs .mts .ts .tsx .coffee",
    '(System/getenv "NAME")': ".clj",
    'ENV["NAME"]': ".cr .jl",
    'Environment.GetEnvironmentVariable("NAME")': ".cs .vb",
    'environment["NAME"]': ".d",
    "Platform.environment['NAME']!": ".dart",
    'os:getenv("NAME")': ".erl",
    'System.fetch_env!("NAME")': ".ex .exs",
    "$NAME": ".fish",
    'System.Environment.GetEnvironmentVariable("NAME")': ".fs",
    'os.Getenv("NAME")': ".go",
    'System.getenv("NAME")': ".gradle .groovy .java .kt .kts",
    'getEnv "NAME"': ".hs",
    'os.getenv("NAME")': ".lua",
    'NSProcessInfo.processInfo.environment[@"NAME"]': ".m",
    "$(NAME)": ".mk",
    'Sys.getenv "NAME"': ".ml",
    'getEnv("NAME")': ".nim",
    'builtins.getEnv "NAME"': ".nix",
    "getenv('NAME')": ".php",
    "$ENV{NAME}": ".pl .pm",
    "$env:NAME": ".ps1 .psm1",
    'os.environ["NAME"]': ".py",
    'Sys.getenv("NAME")': ".r",
    'ENV.fetch("NAME")': ".rb",
    'std::env::var("NAME").unwrap()': ".rs",
    'sys.env("NAME")': ".scala",
    'ProcessInfo.processInfo.environment["NAME"]!': ".swift",
    'std.process.getEnvVarOwned(allocator, "NAME")': ".zig",
}
_HINTS = {suffix: look_up for look_up, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}


def look_up_hint(path: PurePath | None, name: str) -> str:
    """Return the lookup of a variable in a file's syntax; its bare name if none is known."""
    suffix = path.suffix.lower() if path else ""
    return _HINTS.get(suffix, "NAME").replace("NAME", name)


def look_up_hints(paths: Iterable[PurePath], name: str, most: int) -> list[tuple[str, list[str]]]:
    """Return the lookups of a variable in the most frequent kinds of files, each with their suffixes."""
    suffixes = Counter(suffix for path in paths if (suffix := path.suffix.lower()) in _HINTS)
    kinds: dict[str, list[str]] = {}
    for suffix, _ in suffixes.most_common():
        kinds.setdefault(_HINTS[suffix].replace("NAME", name), []).append(suffix)
    return list(kinds.items())[:most]
