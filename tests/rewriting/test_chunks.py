"""The chunks of Quarto and R Markdown are rewritten by the rules of their language; nothing else changes."""

from __future__ import annotations

import pytest

from rewriting.moving import LANGUAGE, REFERENCE, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting.rewrite import plan_rewrite

HEAD = "---\ntitle: A\n---\n"
MOVED = [
    (
        f"{HEAD}```{{python}}\n#| echo: false\nimport requests\nf(headers={{'X': 'T0K'}})\n```\n\nEnd\n",
        (
            f"{HEAD}```{{python}}\n#| echo: false\nimport os\nimport requests\n"
            "f(headers={'X': os.environ[\"API_KEY\"]})\n```\n\nEnd\n"
        ),
    ),
    (
        "```{python}\nimport os\n```\nThen\n```{python eval=FALSE}\nk = 'T0K'\n```\n",
        '```{python}\nimport os\n```\nThen\n```{python eval=FALSE}\nk = os.environ["API_KEY"]\n```\n',
    ),
    (
        "```{r setup, include=FALSE}\r\nk <- 'T0K'\r\n```\r\n",
        '```{r setup, include=FALSE}\r\nk <- Sys.getenv("API_KEY")\r\n```\r\n',
    ),
    (
        '````{julia}\nk = "T0K"\n````\n',
        '````{julia}\nk = ENV["API_KEY"]\n````\n',
    ),
    (
        "It's text\n```{bash}\ncurl -H 'X: T0K' a\n```\n",
        "It's text\n```{bash}\ncurl -H 'X: '\"${API_KEY}\" a\n```\n",
    ),
    (
        "```{r}\na <- 'T0K'\n```\n```{python}\nb = 'T0K'\n```\n",
        '```{r}\na <- Sys.getenv("API_KEY")\n```\n```{python}\nimport os\nb = os.environ["API_KEY"]\n```\n',
    ),
]
REFUSED = [
    (f"{HEAD}The key is T0K.\n```{{python}}\n1\n```\n", "not in its code"),
    ("---\nkey: T0K\n---\n", "not in its code"),
    ("```python\nk = 'T0K'\n```\n", "not in its code"),
    ("```{{python}}\nk = 'T0K'\n```\n", "not in its code"),
    ("```{python}\nk = 'T0K'\n", "not in its code"),
    ("```{ojs}\nk = 'T0K'\n```\n", "the cell's language"),
]


@pytest.mark.parametrize(("text", "expected"), MOVED)
def test_a_token_in_a_chunk_is_looked_up_in_its_language(text: str, expected: str) -> None:
    moved, rewrite = move("chunks", filled(text))
    assert moved == expected
    assert "T0K" not in restored_without_record("chunks", moved, rewrite)


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_a_token_elsewhere_stays(text: str, why: str) -> None:
    full = filled(text)
    with pytest.raises(RewriteRefused, match=why):
        plan_rewrite(full, LANGUAGE["chunks"], spans_of(full), REFERENCE)
