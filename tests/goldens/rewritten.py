"""Recordings of what a move leaves in each sample of rewriting, and of its way back."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from goldens.golden import Golden, Place
from goldens.normal import Normaliser, section
from rewriting import test_data, test_fallbacks
from rewriting.code import test_batch, test_fish, test_javascript, test_python, test_shell
from rewriting.code.samples import SAMPLES
from rewriting.moving import LANGUAGE, TOKEN, filled, spans_of
from rewriting.readers import test_helper_command, test_own_settings, test_package_indexes, test_readers
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.readers.project import Project
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite


class Sample(NamedTuple):
    """A text with `T0K` for the token, in a language or at a path."""

    title: str
    text: str
    language: str = ""
    path: str = ""
    project: Project | None = None
    variable: str = "API_KEY"


def moved_and_back(sample: Sample) -> Iterator[str]:
    """Yield the lines that a move changes, what it says is left to do, and whether its ways back lead to the same."""
    text = filled(sample.text)
    project = (sample.project,) if sample.project else ()
    language = LANGUAGE.get(sample.language) or language_of(f"/w/{sample.path}", None, text, *project)
    if language is None:
        yield "no language"
        return
    try:
        name = language.read(text).variable(spans_of(text)[0]) or sample.variable
        reference = Reference("acme", name)
        rewrite = plan_rewrite(text, language, spans_of(text), reference)
    except RewriteRefused as refusal:
        yield f"refused: {refusal}"
        return
    moved = apply_edits(text, rewrite.edits)
    yield from changes(text, moved)
    if rewrite.value.reveal() != TOKEN:
        yield f"value: {rewrite.value.reveal()}"
    for what, found in (("after", rewrite.after), ("left", rewrite.left), ("logins", rewrite.logins)):
        if found:
            yield f"{what}: {found}"
    yield f"look-up: {rewrite.look_up or 'none'}; .env: {'needed' if rewrite.needs_environment else 'not needed'}"
    for way, undo in (("undo", rewrite.undo), ("without record", ())):
        try:
            back = apply_edits(moved, plan_restore(moved, language, undo, reference, rewrite.value))
        except RewriteRefused as refusal:
            yield f"{way}: refused: {refusal}"
            continue
        if back == text:
            yield f"{way}: byte for byte"
        else:
            yield f"{way}: differs"
            yield from changes(text, back)


def changes(before: str, after: str) -> Iterator[str]:
    """Yield the lines of a difference."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    yield from (line for line in list(lines)[2:] if not line.startswith("@@"))


def code() -> Iterator[Sample]:
    """Yield the samples of every language of code."""
    for one in SAMPLES:
        sources = [row[0] for row in (*one.moved, *one.refused)] + [*one.named, one.program]
        for number, text in enumerate(sources, 1):
            yield Sample(f"{one.language} {number}", text, one.language)
    for language, rows in (
        ("python", [row[1] for row in test_python.MOVED]),
        ("python", test_python.REFUSED.values()),
        ("shell", [row[0] for row in test_shell.MOVED]),
        ("shell", test_shell.REFUSED),
        ("fish", [row[0] for row in test_fish.MOVED]),
        ("batch", test_batch.MOVED),
    ):
        for text in rows:
            yield Sample(language, text, language)
    for table in (
        test_javascript.MOVED,
        test_javascript.REFUSED,
        test_fallbacks.DROPPED,
        test_fallbacks.LAZY,
        test_fallbacks.EAGER,
        test_fallbacks.SET,
        test_fallbacks.COMPARED,
    ):
        for language, text, *_ in table:
            yield Sample(language, text, language)


def readers() -> Iterator[Sample]:
    """Yield the samples of every reader."""
    for one in test_readers.SAMPLES:
        yield Sample(f"{one.reader}: {one.path}", one.text, path=one.path, variable=one.variable)
    for refused in test_readers.REFUSED:
        project = Project(partial(bool, refused.bundled), lambda _: ())
        yield Sample(f"{refused.reader}: {refused.path}", refused.text, path=refused.path, project=project)
    for files in (test_helper_command.FILES.items(), test_package_indexes.FILES):
        for path, text in files:
            yield Sample(path, text, path=path)


def data() -> Iterator[Sample]:
    """Yield the samples of data, and of settings that a program's own library reads."""
    for language, text in (*test_data.KEPT_AROUND, *test_data.REFUSED):
        yield Sample(language, text, language)
    for case in test_own_settings.CASES:
        suffix = test_own_settings.SUFFIX[case.library.partition(" with ")[0]]
        yield Sample(
            f"{case.library}: {case.path}", case.text, path=case.path, project=_with_code(suffix, case.code)
        )


def _with_code(suffix: str, code: str) -> Project:
    return Project(lambda: False, lambda _: iter([(f"/w/main{suffix}", code)]))


def _recorded(samples: Iterable[Sample]) -> str:
    normal = Normaliser()
    normal.learn("TOKEN", TOKEN)
    return "".join(normal(section(sample.title, moved_and_back(sample))) for sample in samples)


def _golden(name: str, samples: Iterable[Sample]) -> Golden:
    def make(_: Place) -> str:
        return _recorded(samples)

    return Golden(f"edits-{name}", make)


GOLDENS = (_golden("code", code()), _golden("readers", readers()), _golden("data", data()))
