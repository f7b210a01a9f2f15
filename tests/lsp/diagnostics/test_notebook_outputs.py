from __future__ import annotations

import json
from typing import Any

import pytest

from tokenward.lsp.diagnostics.notebook_outputs import outputs_of

CELLS: dict[str, Any] = {
    "cells": [
        {"cell_type": "code", "source": ['outputs = "[{"'], "outputs": [{"text": ["one ]"]}]},
        {"cell_type": "markdown", "source": ['"outputs": [5]']},
        {"cell_type": "code", "source": [], "outputs": []},
        {"outputs": [{"data": {"cells": [{"outputs": ["deep"]}]}}], "cell_type": "code"},
    ],
    "metadata": {"outputs": ["none"]},
}


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_outputs_of_each_cell_are_found_and_nothing_else(indent: int | None) -> None:
    text = json.dumps(CELLS, indent=indent)
    found = [json.loads(text[span.start : span.end]) for span in outputs_of(text)]
    assert found == [cell["outputs"] for cell in CELLS["cells"] if "outputs" in cell]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "text",
            "[]",
            '{"cells": 5}',
            '{"cells": [{"outputs": 5}]}',
            '{"cells": [{"outputs": [',
            "]}]}",
        ),
        *('"' + '\\"' * 300_000, "[" * 300_000, '{"cells":[{"outputs":' * 50_000, '"\\'),
    ],
    ids=range(11),
)
def test_what_is_no_notebook_has_no_outputs(text: str) -> None:
    assert outputs_of(text) == []
