"""Readers of containers' files: Compose and Docker read the environment of their own command."""

from __future__ import annotations

import re

from tokenward.model import Span
from tokenward.rewriting.docker_syntax import DockerSyntax
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.readers.reader import Keys, Place, reader

_START = "Start the container with `tokenward run -- docker run -e NAME IMAGE`."
_DOCKERFILE = r"(?:[^/]*[.-])?(?:dockerfile|containerfile)(?:[.-][^/]*)?"


def _mounted(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Mount a build secret in the step that reads it."""
    instruction = parsed.instruction(span) if isinstance(parsed, DockerSyntax) else None
    mount = f"--mount=type=secret,id={name},required=true,mode=0444 "
    if instruction is None or mount in parsed.text[instruction.whole.start : instruction.whole.end]:
        return []
    start = instruction.arguments.start
    return [Replacement(Span(start, start), mount)]


def _last(keys: Keys) -> str:
    return keys[-1]


CONTAINERS = (
    # Compose file reference, "Interpolation": in values, not in keys.
    reader(
        "Docker Compose",
        "yaml",
        r"(?:docker-|podman-)?compose(?:[.-][^/]*)?\.ya?ml",
        Place("${NAME}"),
        special=r"\$",
    ),
    reader(
        "Docker",
        "dockerfile",
        _DOCKERFILE,
        # Nothing sets the variable in a build, so it is empty in the image, and `-e` gives it its value.
        Place(
            "${NAME}",
            re.compile(r"ENV/[^/]+"),
            variable=_last,
            is_expression=True,
            whole=True,
            after=f"{_START} A RUN step that needs it can mount it as a build secret.",
        ),
        Place(
            "$(cat /run/secrets/NAME)",
            re.compile("RUN"),
            is_script=True,
            further=_mounted,
            after="Build with `tokenward run -- docker build .`, which adds `--secret id=NAME,env=NAME`.",
        ),
        Place("${NAME}", re.compile("CMD|ENTRYPOINT"), is_script=True, after=_START),
        refusal=(
            "Everything in a Dockerfile stays in the image. Read the token in a RUN step as a secret: "
            "`RUN --mount=type=secret,id=NAME,env=NAME …`, built with `tokenward run -- docker build --secret "
            "id=NAME,env=NAME .`; a container gets it with `tokenward run -- docker run -e NAME IMAGE`."
        ),
        special=r"[$\\]",
    ),
    # The reference of devcontainer.json, "Variables": `localEnv` works in any of its values.
    reader(
        "Dev Containers",
        "jsonc",
        r"\.devcontainer\.json|\.devcontainer/(?:[^/]+/)?devcontainer\.json",
        Place(
            "${localEnv:NAME}",
            re.compile(r"(?!customizations/).*"),
            after="Start the editor with `tokenward run -- code .` while it has no open window.",
        ),
        refusal="Dev Containers looks up no variable in an editor's settings",
        special=r"\$\{",
    ),
)
