"""Frameworks' own parsers get the value from the variable."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rewriting.moving import TOKEN
from rewriting.readers.reading import move_file, output

_RUBY = (
    "puts YAML.load(ERB.new(File.read('config/database.yml')).result, aliases: true)['test'].values.join('|')"
)


@pytest.mark.skipif(not shutil.which("ruby"), reason="needs ruby")
def test_rails_gets_the_value_whatever_quotes_are_around_it(tmp_path: Path) -> None:
    text = "test:\n  a: T0K\n  b: \"u:T0K@<%= 'h' %>\"\n  c: 'T0K'\n"
    text += "  d: <%= ENV['A'] || \"T0K@h\" %>\n  e: '<%= \"T0K\" %>'\n"
    variables = move_file(tmp_path, "config/database.yml", text)
    printed = output(["ruby", "-ryaml", "-rerb", "-e", _RUBY], tmp_path, variables)
    assert printed == f"{TOKEN}|u:{TOKEN}@h|{TOKEN}|{TOKEN}@h|{TOKEN}\n"
