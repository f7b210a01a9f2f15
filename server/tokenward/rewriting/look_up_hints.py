"""look_up_hint: how to look up a variable in a kind of file, for people who change it by hand."""

from __future__ import annotations

from pathlib import PurePath

_HINTS = {
    "": "NAME",
    ".asm": "getenv",
    ".bat": "%NAME%",
    ".clj": '(System/getenv "NAME")',
    ".cmd": "%NAME%",
    ".cr": 'ENV["NAME"]',
    ".d": 'environment["NAME"]',
    ".dart": "Platform.environment['NAME']!",
    ".erl": 'os:getenv("NAME")',
    ".ex": 'System.fetch_env!("NAME")',
    ".exs": 'System.fetch_env!("NAME")',
    ".f90": 'call get_environment_variable("NAME", value)',
    ".fish": "$NAME",
    ".fs": 'System.Environment.GetEnvironmentVariable("NAME")',
    ".gradle": 'System.getenv("NAME")',
    ".groovy": 'System.getenv("NAME")',
    ".hcl": "var.NAME",
    ".hs": 'getEnv "NAME"',
    ".jl": 'ENV["NAME"]',
    ".lua": 'os.getenv("NAME")',
    ".m": 'NSProcessInfo.processInfo.environment[@"NAME"]',
    ".ml": 'Sys.getenv "NAME"',
    ".nim": 'getEnv("NAME")',
    ".pl": "$ENV{NAME}",
    ".pm": "$ENV{NAME}",
    ".ps1": "$env:NAME",
    ".psm1": "$env:NAME",
    ".r": 'Sys.getenv("NAME")',
    ".sql": "a variable that the program sets from NAME",
    ".tf": "var.NAME",
    ".tfvars": "var.NAME",
    ".vb": 'Environment.GetEnvironmentVariable("NAME")',
    ".zig": 'std.process.getEnvVarOwned(allocator, "NAME")',
}


def look_up_hint(path: PurePath | None, name: str) -> str:
    """Return the look-up of a variable in a file's syntax; its bare name where none is known."""
    suffix = path.suffix.lower() if path else ""
    return _HINTS.get(suffix, "NAME").replace("NAME", name)
