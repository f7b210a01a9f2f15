"""A variable that a move sets changes no value that another file reads from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.errors import RewriteRefused

TOKEN, OTHER = tokens.anthropic("one"), tokens.anthropic("other")
CODE = 'ANTHROPIC_API_KEY = "T0K"\n'
OWN, QUALIFIED = "ANTHROPIC_API_KEY", "BOT_ANTHROPIC_API_KEY"
# A file, its text, and whether a variable would change a value in it.
FILES: list[tuple[str, str, bool]] = [
    ("compose.yaml", "services: {a: {environment: {K: '${ANTHROPIC_API_KEY:-OTHER}'}}}\n", True),
    ("run.sh", 'curl -u "${ANTHROPIC_API_KEY-OTHER}" https://example.com\n', True),
    ("application.yml", "key: ${ANTHROPIC_API_KEY:OTHER}\n", True),
    ("web.py", 'import os\nk = os.environ.get("ANTHROPIC_API_KEY", "OTHER")\n', True),
    ("web.py", 'K = "OTHER"\nk = os.getenv("ANTHROPIC_API_KEY", K)\n', True),
    ("web.py", "k = os.environ.get('ANTHROPIC_API_KEY') or 'OTHER'\n", True),
    ("web.py", "os.environ.setdefault('ANTHROPIC_API_KEY', 'OTHER')\n", True),
    ("web.py", 'k = config("ANTHROPIC_API_KEY", cast=str, default="OTHER")\n', True),
    ("web.py", 'class A(BaseSettings):\n    anthropic_api_key: SecretStr = SecretStr("OTHER")\n', True),
    ("a.ipynb", r'{"source": ["k = os.environ.get(\"ANTHROPIC_API_KEY\", \"OTHER\")"]}', True),
    ("src/deep/main.ts", "const k = process.env.ANTHROPIC_API_KEY ?? 'OTHER';\n", True),
    ("main.js", 'const k = process.env["ANTHROPIC_API_KEY"] || "OTHER";\n', True),
    ("config/a.php", "<?php return ['k' => env('ANTHROPIC_API_KEY', 'OTHER')];\n", True),
    ("a.php", "<?php $k = $_ENV['ANTHROPIC_API_KEY'] ?? 'OTHER';\n", True),
    ("a.rb", 'k = ENV.fetch("ANTHROPIC_API_KEY", "OTHER")\n', True),
    ("a.rb", 'k = ENV["ANTHROPIC_API_KEY"] || "OTHER"\n', True),
    ("a.go", 'var k = getEnv("ANTHROPIC_API_KEY", "OTHER")\n', True),
    ("a.rs", 'let k = env::var("ANTHROPIC_API_KEY").unwrap_or_else(|_| "OTHER".into());\n', True),
    ("A.java", 'String k = System.getenv().getOrDefault("ANTHROPIC_API_KEY", "OTHER");\n', True),
    ("A.kt", 'val k = System.getenv("ANTHROPIC_API_KEY") ?: "OTHER"\n', True),
    ("A.cs", 'var k = Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY") ?? "OTHER";\n', True),
    (
        "compose.yaml",
        "services: {a: {environment: {K: '${ANTHROPIC_API_KEY}', L: '${ANTHROPIC_API_KEY:-}'}}}\n",
        False,
    ),
    ("compose.yaml", "services: {a: {environment: {K: '${ANTHROPIC_API_KEY:-${OTHER_KEY}}'}}}\n", True),
    ("main.js", "const k = process.env.ANTHROPIC_API_KEY || process.env.MAIN_KEY;\n", True),
    ("compose.yaml", "services: {a: {environment: {K: '${ANTHROPIC_API_KEY:?missing}'}}}\n", False),
    ("compose.yaml", "services: {a: {environment: {ANTHROPIC_API_KEY: OTHER}}}\n", False),
    (".env.example", "ANTHROPIC_API_KEY=OTHER\n", False),
    ("web.py", 'k = os.environ["ANTHROPIC_API_KEY"]\n', False),
    ("web.py", 'k = os.environ.get("ANTHROPIC_API_KEY", "")\n', False),
    ("web.py", 'k = os.environ.get("ANTHROPIC_API_KEY", None)\n', False),
    ("web.py", 'k = os.environ.get("ANTHROPIC_API_KEY", "T0K")\n', False),
    ("web.py", 'k = config("ANTHROPIC_API_KEY", cast=str)\n', False),
    ("main.js", 'const k = process.env.ANTHROPIC_API_KEY || fail("OTHER");\n', False),
    ("node_modules/a/main.js", 'const k = process.env.ANTHROPIC_API_KEY || "OTHER";\n', False),
]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("T0K", TOKEN).replace("OTHER", OTHER))


@pytest.mark.parametrize(("file", "text", "changes"), FILES)
def test_a_name_changes_no_other_value(desk: Desk, file: str, text: str, *, changes: bool) -> None:
    write(desk.folder / file, text)
    moved = desk.move(desk.editor.open(desk.folder / "bot.py", CODE.replace("T0K", TOKEN)))
    assert moved.reference.name == (QUALIFIED if changes else OWN)


def test_a_variable_that_the_environment_file_sets_already_changes_nothing(desk: Desk) -> None:
    write(desk.folder / "main.js", 'const k = process.env.ANTHROPIC_API_KEY || "OTHER";\n')
    desk.editor.open(desk.folder / ".env", f"ANTHROPIC_API_KEY={TOKEN}\n")
    moved = desk.move(desk.editor.open(desk.folder / "bot.py", CODE.replace("T0K", TOKEN)))
    assert moved.reference.name == OWN


@pytest.mark.parametrize(("other", "moves"), [("dev", True), ("OTHER", False)])
def test_a_fallback_moves_under_its_own_name_unless_another_file_falls_back_to_another_token(
    desk: Desk, other: str, *, moves: bool
) -> None:
    write(desk.folder / "main.js", f'const k = process.env.ANTHROPIC_API_KEY || "{other}";\n')
    text = f'import os\nk = os.environ.get("ANTHROPIC_API_KEY", "{TOKEN}")\n'
    source = desk.editor.open(desk.folder / "bot.py", text)
    if moves:
        assert desk.move(source).reference.name == OWN
    else:
        with pytest.raises(RewriteRefused, match="another file"):
            desk.move(source)
