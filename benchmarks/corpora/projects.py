"""Sample projects: templates whose placeholders are filled with tokens at run time.

A template holds the files of a project, each after a line `=== PATH | KIND`. A placeholder `«MAKER»` is a token;
`«MAKER>NAME»` one that the file's program must find in the variable NAME, since it looks up none in the file;
`«b64:MAKER»` a token in Base64. Spaces inside the marks keep scanners from reporting the placeholder.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpora.draw import Draw

TEMPLATES = Path(__file__).parent / "projects"
_HEADER = re.compile(r"^=== (\S+) \| (.+)\n", re.MULTILINE)
_PLACEHOLDER = re.compile(r"« ?(b64:)?(\w+)(?:>([\w.]+))? ?»")

MAKERS: dict[str, Callable[[Draw], str]] = {
    "anthropic": lambda draw: f"sk-ant-api03-{draw.url_safe(93)}AA",
    "aws": lambda draw: draw.alphanumeric(40),
    "awsid": lambda draw: "AKIA" + draw.base32(16),
    "dockerauth": lambda draw: f"ci:{draw.alphanumeric(24)}",
    "fernet": lambda draw: draw.base64(32).replace("+", "-").replace("/", "_"),
    "gcpkey": lambda draw: "AIza" + draw.alphanumeric(35),
    "github": lambda draw: draw.checked("ghp_"),
    "gitlab": lambda draw: "glpat-" + draw.url_safe(20),
    "hex": lambda draw: draw.hex(40),
    "jwt": lambda draw: draw.jwt(),
    "npm": lambda draw: draw.checked("npm_"),
    "nuget": lambda draw: "oy2b" + draw.lower(15) + "q" + draw.lower(11) + "ubc" + draw.lower(11) + "a",
    "oauth": lambda draw: draw.checked("gho_"),
    "openai": lambda draw: f"sk-proj-{draw.url_safe(74)}T3BlbkFJ{draw.url_safe(74)}",
    "password": lambda draw: draw.alphanumeric(20),
    "pem": lambda draw: "\n".join(draw.pem()),
    "pemline": lambda draw: json.dumps("\n".join(draw.pem("")))[1:-1],
    "sendgrid": lambda draw: f"SG.{draw.url_safe(22)}.{draw.url_safe(43)}",
    "sentry": lambda draw: "sntryu_" + draw.hex(64),
    "slack": lambda draw: f"xoxb-{draw.digits(12)}-{draw.digits(12)}-{draw.alphanumeric(24)}",
    "stripe": lambda draw: "sk_live_" + draw.alphanumeric(24),
    "vercel": lambda draw: draw.alphanumeric(24),
}

NEEDED: dict[str, Callable[[str], str]] = {
    "dockerauth": lambda text: text.partition(":")[2],
    "pemline": lambda text: json.loads(f'"{text}"'),
}
"""What programs need of texts that contain more than the token, or write it with escapes."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A token in a file.

    Attributes:
        start: its first character.
        text: its text in the file.
        value: what the program needs.
        variable: the variable in which the program must find it, if the file can look up none.
    """

    start: int
    text: str
    value: str
    variable: str


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file of a project, with its tokens."""

    path: str
    kind: str
    text: str
    tokens: tuple[Planted, ...]


def projects(seed: int) -> Iterator[tuple[str, list[ProjectFile]]]:
    """Yield the name and the files of each project."""
    for template in sorted(TEMPLATES.glob("*.txt")):
        _, *parts = _HEADER.split(template.read_text(encoding="utf-8"))
        files = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        yield template.stem, [_filled(seed, template.stem, *file) for file in files]


def _filled(seed: int, project: str, path: str, kind: str, template: str) -> ProjectFile:
    tokens: list[Planted] = []
    text, end = "", 0
    for match in _PLACEHOLDER.finditer(template):
        encoded, maker, variable = match.groups("")
        value = MAKERS[maker](Draw(seed, project, path, match.start()))
        shown = base64.b64encode(value.encode()).decode() if encoded else value
        text += template[end : match.start()]
        if maker != "awsid":  # half of a pair, and no secret
            needed = NEEDED.get(maker, str)(value)
            tokens.append(Planted(len(text), shown, needed, variable))
        text, end = text + shown, match.end()
    return ProjectFile(path, kind, text + template[end:], tuple(tokens))
