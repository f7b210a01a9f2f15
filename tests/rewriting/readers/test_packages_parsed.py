"""Package managers get the value from the variable."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import TOKEN, spans_of
from rewriting.readers.reading import move_file, output
from tokenward.errors import RewriteRefused
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.rewrite import plan_rewrite

needs_npm = pytest.mark.skipif(not shutil.which("npm"), reason="needs npm")
needs_cargo = pytest.mark.skipif(not shutil.which("cargo"), reason="needs cargo")
needs_bundler = pytest.mark.skipif(not shutil.which("bundle"), reason="needs bundler")


class _Registry(ThreadingHTTPServer):
    """A registry that has nothing and remembers the credentials of requests."""

    seen: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Registry

    def do_GET(self) -> None:
        self.server.seen.append(self.headers.get("Authorization", ""))
        config = f'{{"dl": "http://{self.headers["Host"]}", "api": "http://{self.headers["Host"]}"}}'
        body = (config if self.path == "/config.json" else '{"users": []}').encode()
        self.send_response(404 if self.path.startswith("/sample") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[_Registry]:
    server = _Registry(("127.0.0.1", 0), _Handler)
    server.seen = []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@needs_npm
def test_npm_sends_the_value(tmp_path: Path, registry: _Registry) -> None:
    host = f"127.0.0.1:{registry.server_port}"
    variables = move_file(tmp_path, ".npmrc", f"registry=http://{host}/\n//{host}/:_authToken=T0K\n")
    (tmp_path / "package.json").write_text("{}")
    output(["npm", "view", "sample", "--fetch-retries=0"], tmp_path, variables)
    assert set(registry.seen) == {f"Bearer {TOKEN}"}


@needs_npm
def test_a_script_of_npm_gets_the_value(tmp_path: Path) -> None:
    text = '{"scripts": {"a": "true \\"it\'s\\" && MINE=T0K node -p process.env.MINE"}}'
    variables = move_file(tmp_path, "package.json", text)
    assert output(["npm", "run", "-s", "a"], tmp_path, variables) == f"{TOKEN}\n"


@needs_cargo
def test_cargo_sends_the_value(tmp_path: Path, registry: _Registry) -> None:
    index = f"sparse+http://127.0.0.1:{registry.server_port}/"
    text = '[registries.my-own]\ntoken = "T0K"\n'
    variables = move_file(tmp_path, ".cargo/config.toml", text)
    kept = {"CARGO_HOME": str(tmp_path / "home"), "CARGO_REGISTRIES_MY_OWN_INDEX": index}
    # The toolchain's own folders are found by these, not by HOME.
    kept |= {"RUSTUP_HOME": str(Path.home() / ".rustup")}
    output(["cargo", "owner", "--list", "sample", "--registry", "my-own"], tmp_path, variables | kept)
    assert TOKEN in registry.seen


@needs_bundler
def test_bundler_reads_the_variable_and_not_the_disabled_line(tmp_path: Path) -> None:
    text = '---\nBUNDLE_GEMS__EXAMPLE__COM: "u:T0K"\nBUNDLE_PATH: "vendor"\n'
    variables = move_file(tmp_path, ".bundle/config", text)
    (tmp_path / "Gemfile").write_text("")
    script = "puts Bundler.settings['gems.example.com'], Bundler.settings['path']"
    assert output(["ruby", "-rbundler", "-e", script], tmp_path, variables) == f"u:{TOKEN}\nvendor\n"


def test_pip_expands_the_variable_in_requirements(tmp_path: Path) -> None:
    pytest.importorskip("pip")
    variables = move_file(tmp_path, "requirements.txt", "--index-url https://u:T0K@example.com/simple\n")
    script = (
        "from pip._internal.req.req_file import preprocess\n"
        "print(list(preprocess(open('requirements.txt').read()))[0][1])"
    )
    printed = output([sys.executable, "-c", script], tmp_path, variables)
    assert printed == f"--index-url https://u:{TOKEN}@example.com/simple\n"


def test_pip_looks_up_names_in_capitals_only() -> None:
    text = f"--index-url https://u:{TOKEN}@example.com/simple\n"
    language = language_of("/w/requirements.txt", None, text)
    assert language is not None
    with pytest.raises(RewriteRefused, match="choose another name"):
        plan_rewrite(text, language, spans_of(text), Reference("acme", "api_key"))


def test_a_variable_wins_over_pip_conf(tmp_path: Path) -> None:
    pytest.importorskip("pip")
    variables = move_file(tmp_path, "pip.conf", "[global]\nindex-url = https://T0K@example.com/simple\n")
    script = (
        "from pip._internal.commands import create_command\n"
        "print(create_command('download').parser.parse_args(['x'])[0].index_url)"
    )
    variables |= {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    printed = output([sys.executable, "-c", script], tmp_path, variables)
    assert printed == f"https://{TOKEN}@example.com/simple\n"


_PIECES = (
    "a ",
    " ",
    "'",
    '"',
    "\\",
    "'x' ",
    '"y" ',
    "A=",
    "set A=",
    "make ",
    "cross-env ",
    "; ",
    "#",
    "$(b) ",
)


def _is_in_single_quotes_or_escaped(script: str) -> bool:
    """Return whether a shell would look up nothing at the end of a script."""
    quote, escaped = "", False
    for character in script:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == quote:
            quote = ""
        elif character in "'\"" and not quote:
            quote = character
    return quote == "'" or escaped


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_a_look_up_is_left_in_a_script_only_where_a_shell_would_look_it_up(before: str) -> None:
    text = json.dumps({"scripts": {"a": f"{before}{TOKEN} end"}})
    language = language_of("/w/package.json", None, text)
    assert language is not None
    try:
        rewrite = plan_rewrite(text, language, spans_of(text), Reference("acme", "API_KEY"))
    except RewriteRefused:
        return
    moved = json.loads(apply_edits(text, rewrite.edits))
    look_up = "'\"${API_KEY}\"'" if _is_in_single_quotes_or_escaped(before) else "${API_KEY}"
    assert moved["scripts"]["a"] == f"{before}{look_up} end"
    assert rewrite.after or re.search(r"(?:\A|[;&|]|cross-env) *(?:A=[^\s'\"\\;&|]* *)*A=\"?\Z", before)
