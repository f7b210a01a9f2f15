"""Carriers like those in carriers.py: programs in many languages that hold a named value."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

from corpora.carrying import Carrier, around, quote
from corpora.draw import Draw
from corpora.naming import CODE, Words, camel, dotted, kebab, pascal, snake, spelled, upper_snake

_PY = ["import os", "import sys", "", "def main() -> None:", "    print('ready')", "DEBUG = True", "GREETING = 'Grüße'", "TIMEOUT = 30",
       "from pathlib import Path", "BASE_DIR = Path(__file__).parent"]  # fmt: skip
_JS = ["import express from 'express';", "const port = 3000;", "", "app.listen(port);", "const retries = 3;",
       "export default app;", "const app = express();"]  # fmt: skip


def python(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    written = quote(draw, value)
    line = draw.one([
        f"{spelled(draw, name, (snake, upper_snake))} = {written}",
        f"{spelled(draw, name, (snake, upper_snake))}: str = {written}",
        f"client = Client(host='api.example.com', {snake(name)}={written})",
        f'os.environ["{upper_snake(name)}"] = {written}',
        f'{snake(name)} = os.getenv("{upper_snake(name)}", {written})',
        f'CONFIG = {{"{snake(name)}": {written}, "timeout": 30}}',
        f"    self.{snake(name)} = {written}  # noqa",
        f"    # {snake(name)} = {written}",
        f"if {snake(name)} == {written}:",
    ])  # fmt: skip
    return draw.one(["settings.py", "app/config.py", "src/client.py", "deploy.py"]), around(draw, line, _PY)


def notebook(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    code = draw.one([f"{snake(name)} = '{value}'", f"%env {upper_snake(name)}={value}",
                     f"os.environ['{upper_snake(name)}'] = '{value}'"])  # fmt: skip
    cell = f'"import os\\n",\n    "{code}\\n",\n    "print(1)"'
    text = f"""{{
 "cells": [
  {{
   "cell_type": "code",
   "execution_count": {draw.number(1, 40)},
   "id": "{draw.hex(8)}",
   "metadata": {{}},
   "outputs": [],
   "source": [
    {cell}
   ]
  }}
 ],
 "metadata": {{"kernelspec": {{"name": "python3", "display_name": "Python 3"}}}},
 "nbformat": 4,
 "nbformat_minor": 5
}}
"""
    return draw.one(["analysis.ipynb", "notebooks/explore.ipynb"]), text


def javascript(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    written = draw.one(['"{}"', "'{}'", "`{}`"]).format(value)
    line = draw.one([
        f"const {spelled(draw, name, CODE)} = {written};",
        f"let {camel(name)} = {written}",
        f"  {camel(name)}: {written},",
        f"  '{kebab(name)}': {written},",
        f"module.exports = {{ {camel(name)}: {written} }};",
        f"const {camel(name)} = process.env.{upper_snake(name)} || {written};",
        f"const {camel(name)} = process.env.{upper_snake(name)} ?? {written};",
        f"config.{camel(name)} = {written};",
        f"// {camel(name)} = {written}",
    ])  # fmt: skip
    return draw.one(["src/config.js", "server.mjs", "app/index.js", "lib/api.cjs"]), around(draw, line, _JS)


def typescript(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    line = draw.one([
        f'  private readonly {camel(name)}: string = "{value}";',
        f"export const {upper_snake(name)} = '{value}' as const;",
        f"export const environment = {{ production: true, {camel(name)}: '{value}' }};",
    ])  # fmt: skip
    return draw.one(["src/environment.ts", "src/app/client.tsx"]), around(draw, line, _JS)


_CODE_LINES: dict[str, tuple[str, ...]] = {
    "main.go": ('const {camel} = "{v}"', 'var {pascal} string = "{v}"', '\t{pascal}: "{v}",', "\t{camel} := `{v}`",
                'os.Setenv("{upper}", "{v}")'),
    "src/Config.java": ('  private static final String {upper} = "{v}";', '  String {camel} = "{v}";',
                        '  props.put("{dotted}", "{v}");', '  @Value("${{{dotted}:{v}}}")'),
    "src/Config.kt": ('const val {upper} = "{v}"', '    val {camel}: String = "{v}"'),
    "Config.cs": ('    private const string {pascal} = "{v}";', '    public string {pascal} {{ get; set; }} = "{v}";',
                  '    options.{pascal} = @"{v}";'),
    "config/initializers/app.rb": ("{upper} = '{v}'", "config.{snake} = '{v}'", "  {snake}: '{v}',",
                                   '  :{snake} => "{v}",', "ENV['{upper}'] ||= '{v}'"),
    "config.php": ("define('{upper}', '{v}');", "  '{snake}' => '{v}',", "${snake} = '{v}';", '$config["{snake}"] = "{v}";',
                   "'{snake}' => env('{upper}', '{v}'),"),
    "src/main.rs": ('const {upper}: &str = "{v}";', '    let {snake} = "{v}".to_string();', '    {snake}: "{v}".into(),'),
    "Sources/Config.swift": ('let {camel} = "{v}"', '    static let {camel}: String = "{v}"'),
    "lib/config.dart": ("const String {camel} = '{v}';", 'final {camel} = "{v}";'),
    "config/prod.exs": ('config :acme, {snake}: "{v}"', '  {snake}: "{v}",'),
    "init.lua": ('local {snake} = "{v}"', "  {snake} = '{v}',"),
    "src/Main.scala": ('  val {camel} = "{v}"', '  private val {pascal}: String = "{v}"'),
    "config.h": ('#define {upper} "{v}"', 'static const char *{snake} = "{v}";', 'const char {snake}[] = "{v}";'),
    "analysis.R": ('{snake} <- "{v}"', 'Sys.setenv({upper} = "{v}")'),
    "config.edn": (':{kebab} "{v}"', '{{:{kebab} "{v}"}}'),
    "flake.nix": ('  {camel} = "{v}";',),
    "deploy.pl": ("my ${snake} = '{v}';", '$ENV{{{upper}}} = "{v}";'),
    "Jenkinsfile": ("    environment {{ {upper} = '{v}' }}", "  def {camel} = '{v}'"),
    "build.gradle": ("    {camel} = '{v}'", 'ext.{camel} = "{v}"'),
}  # fmt: skip


def code(draw: Draw, name: Words, value: str) -> tuple[str, str]:
    return code_in(draw.one(sorted(_CODE_LINES)))(draw, name, value)


def code_in(path: str) -> Carrier:
    def carry(draw: Draw, name: Words, value: str) -> tuple[str, str]:
        line = draw.one(_CODE_LINES[path]).format(
            v=value,
            camel=camel(name),
            pascal=pascal(name),
            upper=upper_snake(name),
            snake=snake(name),
            kebab=kebab(name),
            dotted=dotted(name),
        )
        return path, around(draw, line, ["", "  ", "", ""], 3)

    return carry


CODE_CARRIERS: tuple[tuple[str, Carrier], ...] = tuple((path, code_in(path)) for path in _CODE_LINES)
