"""The code cells of a notebook's file are rewritten by the rules of their language; nothing else changes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting.rewrite import find_references

PYTHON = {"kernelspec": {"language": "python"}}
R = {"language_info": {"name": "R"}}
JULIA = {"language_info": {"name": "julia"}}
MOVED = [
    (PYTHON, ["import os\n", 'k = "T0K" # T0K\n'], ["import os\n", 'k = os.environ["API_KEY"] # R\n']),
    (PYTHON, ["k = 'é T0K'"], ["import os\nk = ('é ' + os.environ[\"API_KEY\"])"]),
    (
        PYTHON,
        ["%matplotlib inline\n", "f(\n", '  "T0K",\n', ")\n"],
        ["%matplotlib inline\n", "import os\n", "f(\n", '  os.environ["API_KEY"],\n', ")\n"],
    ),
    (PYTHON, ["%%time\n", 'f("T0K")\n'], ["%%time\n", "import os\n", 'f(os.environ["API_KEY"])\n']),
    (PYTHON, ['!curl -H "X: T0K" a\n', "1\n"], ['!curl -H "X: ${API_KEY}" a\n', "1\n"]),
    (PYTHON, "%%bash\ncurl -H 'X: T0K' a\n", "%%bash\ncurl -H 'X: '\"${API_KEY}\" a\n"),
    (
        PYTHON,
        'import os\nos.environ["API_KEY"] = "T0K"',
        'import os\nos.environ["API_KEY"] = os.environ["API_KEY"]',
    ),
    (
        PYTHON,
        ["%env API_KEY=T0K\n", "%set_env A=b:T0K"],
        [
            "%env API_KEY={__import__('os').environ['API_KEY']}\n",
            "%set_env A=b:{__import__('os').environ['API_KEY']}",
        ],
    ),
    (R, ["k <- 'T0K'\n", "k"], ['k <- Sys.getenv("API_KEY")\n', "k"]),
    (JULIA, ['k = "a T0K"'], ['k = "a $(ENV["API_KEY"])"']),
]
REFUSED = [
    (PYTHON, ["%env API_KEY T0K\n"], "magic command"),
    (PYTHON, ["%env API_KEY='T0K'\n"], "magic command"),
    (PYTHON, ["%env API_KEY={user}:T0K\n"], "magic command"),
    (PYTHON, ["%load T0K\n"], "magic command"),
    (PYTHON, ["!curl -H 'X: T0K' {url}\n"], "magic command"),
    (PYTHON, ["!!curl T0K\n"], "magic command"),
    (PYTHON, ["%%javascript\n", 'k = "T0K"'], "magic command"),
    ({"kernelspec": {"language": "forth"}}, ['k = "T0K"'], "magic command"),
    (PYTHON, ["'T0K'\n", "1\n"], "docstring"),
]


def notebook(metadata: object, *sources: object, **more: object) -> str:
    cells = [{"cell_type": "code", "outputs": [], "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, **more}, indent=1, ensure_ascii=False)


def sources(text: str) -> list[Any]:
    return [cell["source"] for cell in json.loads(text)["cells"]]


@pytest.mark.parametrize(("metadata", "before", "after"), MOVED)
def test_a_cell_gets_the_look_up_of_its_language_and_comes_back(
    metadata: object, before: str | list[str], after: str | list[str]
) -> None:
    text = filled(notebook(metadata, "1", before))
    moved, rewrite = move("notebook", text)
    expected = json.loads(json.dumps(after).replace("# R", f"# {REFERENCE}"))
    assert sources(moved) == ["1", expected]
    assert rewrite.value.reveal() == TOKEN
    assert rewrite.needs_environment
    assert len(find_references(moved, LANGUAGE["notebook"], ["API_KEY"])) >= text.count(TOKEN)
    restored = sources(restored_without_record("notebook", moved, rewrite))
    assert TOKEN in "".join(restored[1])


@pytest.mark.parametrize(("metadata", "source", "why"), REFUSED)
def test_what_no_cell_looks_up_stays(metadata: object, source: list[str], why: str) -> None:
    with pytest.raises(RewriteRefused, match=why):
        move("notebook", filled(notebook(metadata, source)))


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ({"cell_type": "code", "source": "1", "outputs": [{"text": ["T0K"]}]}, "clear the outputs"),
        ({"cell_type": "markdown", "source": ["T0K"]}, "not in its code"),
        ({"cell_type": "raw", "source": 'k = "T0K"'}, "not in its code"),
    ],
)
def test_only_code_is_rewritten(cell: object, why: str) -> None:
    with pytest.raises(RewriteRefused, match=why):
        move("notebook", filled(json.dumps({"cells": [cell]})))


def test_an_import_of_an_earlier_cell_is_enough() -> None:
    moved, _ = move("notebook", filled(notebook(PYTHON, ["import os\n"], ['k = "T0K"'])))
    assert sources(moved)[1] == ['k = os.environ["API_KEY"]']


def test_a_text_that_is_no_notebook_is_refused() -> None:
    for text in ("T0K", '{"cells": "T0K"}', '["T0K"]', '{"cells": [{"cell_type": "code", "source": ["T0K"'):
        with pytest.raises(RewriteRefused):
            move("notebook", filled(text))


@given(st.text(st.sampled_from("ab09-_\\\"'{}$!%#é\n "), max_size=12), st.sampled_from(MOVED))
def test_any_token_in_a_cell_comes_back_byte_for_byte(letters: str, row: tuple[object, Any, Any]) -> None:
    token = f"t0{letters}0t"
    written = json.dumps(token, ensure_ascii=False)[1:-1]
    text = notebook(row[0], row[1]).replace("T0K", written)
    try:
        moved, _ = move("notebook", text, written)
    except RewriteRefused:
        return
    json.loads(moved)


def test_moved_cells_compute_the_same(tmp_path: Path) -> None:
    """The code of a notebook's cells, run one after the other, prints the digest of the token after the move too."""
    program = [
        [
            "import hashlib\n",
            "show = lambda a: print(hashlib.sha256(a.encode()).hexdigest())\n",
            'show("T0K")',
        ],
        [
            'show(f"{1}T0K"[1:])\n',
            "import os\n",
            'os.environ["API_KEY"] = "T0K"\n',
            "show(os.environ['API_KEY'])",
        ],
    ]
    moved, _ = move("notebook", filled(notebook(PYTHON, *program)))
    (tmp_path / "a.py").write_text("\n".join("".join(source) for source in sources(moved)))
    done = subprocess.run(
        [sys.executable, "a.py"],
        cwd=tmp_path,
        env={**os.environ, "API_KEY": TOKEN},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [hashlib.sha256(TOKEN.encode()).hexdigest()] * 3


def test_a_span_of_a_cell_is_the_same_place_in_the_file() -> None:
    text = filled(notebook(PYTHON, ["# é\\u00e9\n", 'k = "T0K"\n']))
    parsed = LANGUAGE["notebook"].read(text)
    assert parsed.assigned(spans_of(text)[0]) == "k"
    assert not parsed.in_comment(spans_of(text)[0])
