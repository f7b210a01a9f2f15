"""Readers of containers' files: Compose and Docker read the environment of their own command."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.docker_syntax import DockerSyntax
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.readers.reader import Keys, Place, reader, set_by

_START = "Start the container with `tokenward run -- docker run -e NAME IMAGE`."
_BUILD = "Build with `tokenward run -- docker build .`, which adds `--secret id=NAME,env=NAME`."
_IN_IMAGE = (
    "Everything in a Dockerfile stays in the image. Read the token in a RUN step as a secret: "
    "`RUN --mount=type=secret,id=NAME,env=NAME …`, built with `tokenward run -- docker build --secret "
    "id=NAME,env=NAME .`; a container gets it with `tokenward run -- docker run -e NAME IMAGE`."
)
_DOCKERFILE = r"(?:[^/]*[.-])?(?:dockerfile|containerfile)(?:[.-][^/]*)?"


def _mounted(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Mount a build secret in the step that reads it."""
    instruction = parsed.instruction(span) if isinstance(parsed, DockerSyntax) else None
    mount = f"--mount=type=secret,id={name},required=true,mode=0444 "
    if instruction is None or mount in parsed.text[instruction.whole.start : instruction.whole.end]:
        return []
    start = instruction.arguments.start
    return [Replacement(Span(start, start), mount)]


def _mounted_below(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Mount a build secret in each step of the stage that could read the variable of a build argument.

    Raises:
        RewriteRefused: another instruction reads it too, or no step could.
    """
    below = parsed.below(span) if isinstance(parsed, DockerSyntax) else []
    steps = [one for one in below if one.keyword == "RUN"]
    others = (parsed.text[one.whole.start : one.whole.end] for one in below if one.keyword != "RUN")
    if not steps or any(re.search(rf"(?<!\w){name}(?!\w)", text) for text in others):
        raise RewriteRefused(_IN_IMAGE)
    return [
        Replacement(
            Span(one.arguments.start, one.arguments.start),
            f"--mount=type=secret,id={name},env={name},required=true ",
        )
        for one in steps
        if f",env={name}," not in parsed.text[one.whole.start : one.whole.end]
    ]


def _last(keys: Keys) -> str:
    return keys[-1]


# fmt: off
CONTAINERS = (
    # Compose file reference, "Interpolation": in values, not in keys.
    reader(
        "Docker Compose", "yaml", r"(?:docker-|podman-)?compose(?:[.-][^/]*)?\.ya?ml", Place("${NAME}"),
        special=r"\$",
    ),
    reader(
        "Docker", "dockerfile", _DOCKERFILE,
        # Nothing sets the variable in a build, so it is empty in the image, and `-e` gives it its value.
        Place(
            "${NAME}", re.compile(r"ENV/[^/]+"), variable=_last, is_expression=True, whole=True,
            after=f"{_START} A RUN step that needs it can mount it as a build secret.",
        ),
        # A build argument with a value would be in the image's history.
        replace(set_by("ARG/[A-Za-z_][A-Za-z0-9_]*", _last, disabled=True, after=_BUILD), further=_mounted_below),
        Place("$(cat /run/secrets/NAME)", re.compile("RUN"), is_script=True, further=_mounted, after=_BUILD),
        Place("${NAME}", re.compile("CMD|ENTRYPOINT"), is_script=True, after=_START), refusal=_IN_IMAGE,
        special=r"[$\\]",
    ),
    # The reference of devcontainer.json, "Variables": `localEnv` works in any of its values.
    reader(
        "Dev Containers", "jsonc", r"\.devcontainer\.json|\.devcontainer/(?:[^/]+/)?devcontainer\.json",
        Place(
            "${localEnv:NAME}", re.compile(r"(?!customizations/).*"),
            after="Start the editor with `tokenward run -- code .` while it has no open window.",
        ),
        refusal="Dev Containers looks up no variable in an editor's settings", special=r"\$\{",
    ),
)
# fmt: on
