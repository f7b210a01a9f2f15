"""What a runner gets from a moved file is what it got before, once its secret is set."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import TOKEN, filled, spans_of
from rewriting.readers.ci_samples import SAMPLES
from rewriting.readers.samples import Sample
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.rewrite import plan_rewrite

IN_YAML = [
    sample for sample in SAMPLES if sample.path.endswith(("yml", "yaml")) and "set by" not in sample.moved
]
REMOVED = [sample for sample in SAMPLES if "set by" in sample.moved]
FILLED_IN_BY_RUNNER = re.compile(
    r"\$\{\{ secrets\.\w+ \}\}|\$\{\{\w+\}\}|\$\(\w+\)|\$\{?\w+\}?|\(\(\w+\)\)|\{\{ secret\('\w+'\) \}\}"
)
"""Texts that a runner itself replaces, before any shell."""
PRELUDE = (
    "deploy() { printf '<%s>' deploy \"$@\"; }; curl() { printf '<%s>' curl \"$@\"; }\n"
    'buildkite-agent() { printf %s "${!3}"; }\n'
)

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def leaves(before: object, after: object) -> Iterator[tuple[str, object]]:
    """Yield each value of a document with what is in its place in another one of the same shape."""
    if isinstance(before, dict) and isinstance(after, dict):
        assert before.keys() == after.keys()
        if len(before) == 1 and " " in (start := next(iter(before))):
            # Only a line of its own below `|` would make it a command, as the move says.
            yield f"{start}: {before[start]}", f"{start}: {after[start]}"
            return
        for key, value in before.items():
            yield from leaves(value, after[key])
    elif isinstance(before, list) and isinstance(after, list):
        assert len(before) == len(after)
        for first, second in zip(before, after, strict=True):
            yield from leaves(first, second)
    else:
        yield str(before), after


def shown(script: str, **variables: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["bash", "-c", f"{PRELUDE}{script}\nprintf '<%s>' \"$A$B\"\ncat c 2>/dev/null || true"],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stdout


@needs_bash
@pytest.mark.parametrize("sample", IN_YAML, ids=lambda sample: f"{sample.reader}: {sample.path}")
def test_the_runner_gets_the_token_in_each_place(sample: Sample) -> None:
    values = list(leaves(yaml.safe_load(filled(sample.text)), yaml.safe_load(sample.moved)))
    assert any(TOKEN in before for before, _ in values)
    for before, after in values:
        if isinstance(after, dict):
            assert (after, before) == ({"from_secret": sample.variable}, TOKEN)
        elif FILLED_IN_BY_RUNNER.sub(TOKEN, str(after)) != before:
            text = str(after)
            assert shown(text, **{sample.variable: TOKEN}) == shown(before)
            assert TOKEN in shown(before)


def moved_script(script: str, token: str) -> str:
    """Return a script after a move out of a GitLab job."""
    text = yaml.safe_dump({"job": {"script": [script.replace("T0K", token)]}}, width=1000)
    language = language_of("/w/.gitlab-ci.yml", None, text)
    assert language is not None
    rewrite = plan_rewrite(text, language, spans_of(text, token), Reference("acme", "API_KEY"))
    return str(yaml.safe_load(apply_edits(text, rewrite.edits))["job"]["script"][0])


WORD = st.text(st.sampled_from("ab-:/= #"), max_size=4)
PIECES = st.sampled_from(
    [
        "T0K",
        '"x T0K y"',
        "'T0K z'",
        "a'T0K'b",
        '"$HOME"T0K',
        "\\'T0K",
        "'it'\\''s T0K'",
        '"\\"T0K\\""',
        "$(echo T0K)",
    ]
)


@needs_bash
@given(st.lists(st.tuples(PIECES, WORD), min_size=1, max_size=4), st.sampled_from([" ", "\n", " \\\n  "]))
def test_quotes_around_a_token_decide_how_a_script_reads_it(
    pieces: list[tuple[str, str]], joint: str
) -> None:
    script = "deploy " + joint.join(piece + word.replace("#", "").strip() for piece, word in pieces)
    try:
        moved = moved_script(script, TOKEN)
    except RewriteRefused:
        return
    assert TOKEN not in moved
    before = script.replace("T0K", TOKEN)
    assert shown(moved, API_KEY=TOKEN, HOME="/h h") == shown(before, HOME="/h h")


def test_most_scripts_are_understood() -> None:
    for script in (
        "deploy T0K",
        "deploy 'x: T0K'",
        'deploy "T0K"',
        "deploy a\ndeploy 'T0K'\n",
        "A=T0K deploy",
    ):
        assert "API_KEY" in moved_script(script, TOKEN)


@pytest.mark.parametrize("sample", REMOVED, ids=lambda sample: f"{sample.reader}: {sample.path}")
def test_only_the_entry_that_a_setting_replaces_is_gone(sample: Sample) -> None:
    assert yaml.safe_load(sample.moved) == without(yaml.safe_load(sample.text), sample.variable)


def without(mapping: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a mapping without the entries of a name, and without mappings that had nothing else."""
    kept = {
        key: without(value, name) if isinstance(value, dict) else value
        for key, value in mapping.items()
        if key != name
    }
    return {key: value for key, value in kept.items() if value != {}}


_JENKINS = """
any = null
env = [A: 'b']
def pipeline(Closure body) { body() }
def agent(name) {}
def environment(Closure body) { body.delegate = [:]; body.resolveStrategy = Closure.DELEGATE_FIRST; body() }
def stages(Closure body) { body() }
def stage(name, Closure body) { body() }
def steps(Closure body) { body() }
def credentials(name) { println 'credential ' + name; name }
def sh(Map step) { sh(step.script) }
def sh(step) { println 'step ' + step.toString().bytes.encodeBase64() }
"""


def steps_of(folder: Path, text: str) -> tuple[list[str], list[str]]:
    """Return the credentials that a pipeline reads, and the scripts of its steps."""
    (folder / "a.groovy").write_text(_JENKINS + text)
    done = subprocess.run(["groovy", "a.groovy"], cwd=folder, capture_output=True, text=True, check=True)
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    scripts = [base64.b64decode(word).decode() for kind, word in lines if kind == "step"]
    return [word for kind, word in lines if kind == "credential"], scripts


@needs_bash
@pytest.mark.skipif(shutil.which("groovy") is None, reason="groovy is not installed")
def test_the_steps_of_a_pipeline_run_as_before(tmp_path: Path) -> None:
    samples = [sample for sample in SAMPLES if sample.reader == "Jenkins" and "sh" in sample.text]
    for sample in samples:
        _, before = steps_of(tmp_path, filled(sample.text))
        credentials, after = steps_of(tmp_path, sample.moved)
        assert credentials == ["API_KEY"]
        assert [shown(one, API_KEY=TOKEN) for one in after] == [shown(one) for one in before]
        assert any(TOKEN in shown(one) for one in before)
