"""Readers of containers' files: Compose and Docker read the environment of their own command."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.docker_syntax import DockerSyntax, Instruction
from tokenward.rewriting.literal import Replacement
from tokenward.rewriting.readers.reader import Keys, Place, reader, set_by

_START = "Start the container with `tokenward run -- docker run -e NAME IMAGE`."
_BUILD = "Build with `tokenward run -- docker build .`, which adds `--secret id=NAME,env=NAME`."
_IF_CONTAINER = "A container that needs it gets it with `tokenward run -- docker run -e NAME IMAGE`."
_IN_IMAGE = (
    "Everything in a Dockerfile stays in the image. Read the token in a RUN step as a secret: "
    "`RUN --mount=type=secret,id=NAME,env=NAME …`, built with `tokenward run -- docker build --secret "
    "id=NAME,env=NAME .`; a container gets it with `tokenward run -- docker run -e NAME IMAGE`."
)
_DOCKERFILE = r"(?:[^/]*[.-])?(?:dockerfile|containerfile)(?:[.-][^/]*)?"


def _mounted(parsed: DockerSyntax, span: Span, name: str) -> list[Replacement]:
    """Mount a build secret in the step that reads it."""
    instruction = parsed.instruction(span)
    mount = f"--mount=type=secret,id={name},required=true,mode=0444 "
    if instruction is None or mount in parsed.text[instruction.whole.start : instruction.whole.end]:
        return []
    start = instruction.arguments.start
    return [Replacement(Span(start, start), mount)]


def _mounted_below(parsed: DockerSyntax, span: Span, name: str) -> list[Replacement]:
    """Mount a build secret in each step of the stage that could read the variable of a build argument.

    Raises:
        RewriteRefused: another instruction reads it too, or no step could.
    """
    below = parsed.below(span)
    steps = [one for one in below if one.keyword == "RUN"]
    if not steps or any(parsed.mentions(one, name) for one in below if one.keyword != "RUN"):
        raise RewriteRefused(_IN_IMAGE)
    return _mounted_in(parsed, steps, name)


def _mounted_for_readers(parsed: DockerSyntax, span: Span, name: str) -> list[Replacement]:
    """Mount a build secret in the steps of the stage that read the variable, which also stays for the container."""
    return _mounted_in(parsed, parsed.steps_reading(span, name), name)


def _mounted_in(parsed: DockerSyntax, steps: list[Instruction], name: str) -> list[Replacement]:
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
        # What a step alone needs is no variable of the image, which would stay in it.
        replace(
            set_by("ENV/RUN/[A-Za-z_][A-Za-z0-9_]*", _last, disabled=True, after=f"{_BUILD} {_IF_CONTAINER}"),
            further=_mounted_below,
        ),
        # Nothing sets the variable in a build, so it is empty in the image, and `-e` gives it its value.
        Place(
            "${NAME}", re.compile(r"ENV/[^/]+"), variable=_last, is_expression=True, whole=True,
            further=_mounted_for_readers,
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
