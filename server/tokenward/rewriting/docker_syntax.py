"""A Dockerfile: the values of `ENV` and `ARG`, and the scripts of `RUN`, `CMD` and `ENTRYPOINT`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tokenward.model import Reference, Span
from tokenward.rewriting.line_syntax import LineSyntax
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form

_SKIPPED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?(?:\n|\Z))")
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_CONTINUED = re.compile(r"\\[ \t\r]*\n\Z")
_HEREDOC = re.compile(r"<<-?[ \t]*([\"']?)([A-Za-z0-9_.]+)\1")
_INSTRUCTION = re.compile(
    r"[ \t]*(?:ONBUILD[ \t]+|HEALTHCHECK[ \t]+(?:--\S+[ \t]+)*)?([A-Za-z]+)[ \t]+", re.IGNORECASE
)
_FLAGS = re.compile(r"(?:--\S+(?:[ \t]+|[ \t]*\\[ \t\r]*\n[ \t]*))*")
_ESCAPE_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*escape[ \t]*=", re.IGNORECASE)
_SHELL = re.compile(r"^[ \t]*SHELL\b", re.IGNORECASE | re.MULTILINE)

_GAP = re.compile(r"(?:(?<=\n)[ \t]*#[^\n]*|\s|\\[ \t\r]*\n)*")
_PAIR = re.compile(
    r"([^\s=\\\"'#]+)=(?:\"((?:\\.|[^\"\\\n])*)\"|'([^'\n]*)'|((?:\\[^\s]|[^\s\"'\\])*))(?=\s|\\[ \t\r]*\n|\Z)"
)
_OLD_PAIR = re.compile(r"([^\s=\\\"'#]+)[ \t]+([^\r\n\\\"']*[^\s\\\"'])\s*\Z")
_FORMS = (
    Form(re.compile(r"\\[\\\"$`]"), "shell"),
    Form(),
    Form(re.compile(r"\\."), plain=re.compile(r"[^\\$]*")),
)
_ALONE = re.compile(r"[ \t]*ENV[ \t]+\w+=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"']*)\s*")
_PAIRED = {"ENV", "ARG", "LABEL"}
_SCRIPTS = {"RUN", "CMD", "ENTRYPOINT"}
_PACKAGES = "bun|npm|npx|pnpm|turbo|yarn"
# Variables, and the commands of a build that read them.
_READ_BY = tuple(
    (re.compile(names), re.compile(rf"(?<![\w.-])(?:{commands})(?![\w.-])"))
    for names, commands in (
        (
            r"\w*NPM_\w+|(?:BUN|FONTAWESOME|NODE_AUTH|SENTRY|TURBO|YARN)_\w+",
            f"{_PACKAGES}|next|sentry-cli|vite",
        ),
        (r"(?:CI_JOB|GH|GITHUB|GITLAB)_\w+", f"{_PACKAGES}|bundle|composer|gh|glab"),
        (r"(?:PDM|PIP|PIPENV|POETRY|PYPI|UV)_\w+", r"pdm|pip[\d.]*|pipenv|poetry|uv"),
        (r"BUNDLE_\w+|GEM_\w+", "bundle|gem"),
        (r"CARGO_\w+", "cargo"),
        (r"COMPOSER_\w+", "composer"),
        (r"(?:GOPROXY|GOAUTH|GO_\w+)", "go"),
        (r"(?:GRADLE|MAVEN|ORG_GRADLE|MVN)_\w+", "gradlew?|mvnw?"),
        (r"(?:HEX|MIX)_\w+", "mix"),
        (r"(?:HF|HUGGING\w*)_\w+", "hf|huggingface-cli|python[\\d.]*"),
        (r"(?:NUGET|VSS_NUGET)_\w+", "dotnet|nuget"),
        (r"AWS_\w+", "aws"),
    )
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction: its name, and the places of its arguments without flags and of its here-documents."""

    keyword: str
    whole: Span
    arguments: Span
    documents: Span


class DockerSyntax(LineSyntax):
    """A file that Docker, Podman or BuildKit builds an image from."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._instructions = list(_instructions(text))

    def literal_in(self, line: Span, span: Span, reference: Reference) -> Literal:  # noqa: ARG002
        if _ESCAPE_DIRECTIVE.match(self.text):
            raise refuse("a Dockerfile with another escape character")
        instruction = self.instruction(span)
        if instruction is None:
            raise refuse("no instruction")
        if instruction.keyword in _PAIRED:
            for _, value, quote, form in self._pairs(instruction):
                if value.contains(span):
                    whole = Span(value.start - quote, value.end + quote)
                    return Literal(whole, whole, value, form, str(reference))
            raise refuse("a value that Docker assembles")
        arguments = instruction.arguments
        if instruction.keyword in _SCRIPTS and arguments.contains(span):
            return Literal(arguments, arguments, arguments, Form(), str(reference))
        raise refuse("a place that is neither a script nor a value")

    def assigned(self, span: Span) -> str | None:
        keys = self.keys(span)
        return keys[-1] if len(keys) > 1 else None

    def keys(self, span: Span) -> tuple[str, ...]:
        """Return the instruction and the variable; a script that no shell reads has its form after the instruction.

        Between an `ENV` and its only variable is `RUN` if the build alone seems to need it.
        """
        instruction = self.instruction(span)
        if instruction is None:
            return ()
        if instruction.keyword in _PAIRED:
            names = [name for name, value, *_ in self._pairs(instruction) if value.contains(span)]
            whole = instruction.whole
            is_alone = names and _ALONE.fullmatch(self.text, whole.start, whole.end)
            between = ["RUN"] if is_alone and self.is_for_build(span, names[0]) else []
            return (instruction.keyword, *between, *names)
        if instruction.keyword not in _SCRIPTS:
            return (instruction.keyword,)
        is_list = self.text.startswith("[", instruction.arguments.start)
        other_shell = _SHELL.search(self.text, 0, instruction.whole.start) is not None
        has_document = len(instruction.documents) > 0
        return (instruction.keyword, *(["other"] if is_list or other_shell or has_document else []))

    def instruction(self, span: Span) -> Instruction | None:
        """Return the instruction around a span."""
        return next((one for one in self._instructions if one.whole.contains(span)), None)

    def below(self, span: Span) -> list[Instruction]:
        """Return the instructions of a stage below a span in it; none before the first stage."""
        stages = [one.whole.start for one in self._instructions if one.keyword == "FROM"]
        if not stages or stages[0] > span.start:
            return []
        end = next((start for start in stages if start > span.start), len(self.text))
        return [one for one in self._instructions if span.end < one.whole.start < end]

    def steps_reading(self, span: Span, name: str) -> list[Instruction]:
        """Return the steps of a stage below a span that seem to read a variable."""
        # A mounted secret has the variable's name too.
        commands = [re.compile(rf"\$\{{?{re.escape(name)}(?!\w)")]
        commands += [pattern for names, pattern in _READ_BY if names.fullmatch(name)]
        return [
            one
            for one in self.below(span)
            if one.keyword == "RUN"
            and any(pattern.search(self.text, one.arguments.start, one.whole.end) for pattern in commands)
        ]

    def is_for_build(self, span: Span, name: str) -> bool:
        """Return whether a step of the stage below a span reads a variable, and no other instruction does."""
        others = (one for one in self.below(span) if one.keyword != "RUN")
        return bool(self.steps_reading(span, name)) and not any(self.mentions(one, name) for one in others)

    def mentions(self, instruction: Instruction, name: str) -> bool:
        """Return whether an instruction has the name of a variable."""
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        return pattern.search(self.text, instruction.whole.start, instruction.whole.end) is not None

    def _pairs(self, instruction: Instruction) -> Iterator[tuple[str, Span, int, Form]]:
        """Yield each variable of an instruction, its value, the width of the quotes around that, and its form."""
        start, end = instruction.arguments.start, instruction.arguments.end
        old = _OLD_PAIR.match(self.text, start, end)
        if old and instruction.keyword == "ENV":
            yield old[1], Span(*old.span(2)), 0, _FORMS[2]
            return
        while pair := _PAIR.match(self.text, _after(_GAP, self.text, start, end), end):
            group = next(number for number in (2, 3, 4) if pair[number] is not None)
            yield pair[1], Span(*pair.span(group)), int(group < 4), _FORMS[group - 2]
            start = pair.end()


def _instructions(text: str) -> Iterator[Instruction]:
    position = 0
    while position < len(text):
        skipped = _SKIPPED.match(text, position)
        if skipped and skipped.end() > position:
            position = skipped.end()
            continue
        start, end = position, _end_of_lines(text, position)
        position = _end_of_documents(text, start, end)
        head = _INSTRUCTION.match(text, start, end)
        if head:
            arguments = Span(_after(_FLAGS, text, head.end(), end), end)
            yield Instruction(head[1].upper(), Span(start, position), arguments, Span(end, position))


def _end_of_lines(text: str, start: int) -> int:
    """Return the end of a line with its continuations; comments and empty lines do not end it."""
    position = _after(_LINE, text, start, len(text))
    continued = _CONTINUED.search(text, start, position)
    while continued and position < len(text):
        line, position = position, _after(_LINE, text, position, len(text))
        if not _SKIPPED.fullmatch(text, line, position):
            continued = _CONTINUED.search(text, line, position)
    return position


def _end_of_documents(text: str, start: int, end: int) -> int:
    position = end
    for document in _HEREDOC.finditer(text, start, end):
        while position < len(text):
            line, position = position, _after(_LINE, text, position, len(text))
            if text[line:position].strip("\t\r\n") == document[2]:
                break
    return position


def _after(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    match = pattern.match(text, start, end)
    return match.end() if match else start
