from __future__ import annotations

import pytest

from rewriting.moving import filled, move
from tokenward.errors import NameClash

SCRIPTS = {
    "batch": "set api_key=b\r\nset KEY=T0K\r\n",
    "fish": "set API_KEY a; set KEY T0K",
    "make": "API_KEY = b\nKEY = T0K\n",
    "shell": "API_KEY=b\nKEY=T0K\n",
}


@pytest.mark.parametrize(("language", "script"), SCRIPTS.items(), ids=SCRIPTS)
def test_a_script_that_sets_the_name_to_something_else_asks_for_another_name(
    language: str, script: str
) -> None:
    with pytest.raises(NameClash):
        move(language, filled(script))
