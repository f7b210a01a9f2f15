"""What the package.json of a project says of its code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rewriting.moving import filled, spans_of
from tokenward.model import Reference
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.readers.project import Project
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.sources.project import dependencies, is_bundled


def package(folder: Path, *needed: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"dependencies": dict.fromkeys(needed, "1")}))


@pytest.mark.parametrize(
    "client", ["@angular/core", "expo", "react-native", "react-scripts", "svelte", "vite"]
)
@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("src/api.ts", True),
        ("src/api/client.ts", True),
        ("App.tsx", True),
        ("src/server/index.ts", False),
        ("src/api.test.ts", False),
        ("app/hello+api.ts", False),
        ("vite.config.ts", False),
        ("scripts/upload.mjs", False),
        ("api/hello.ts", False),
    ],
)
def test_code_of_a_client_is_bundled_unless_it_is_a_servers(
    tmp_path: Path, client: str, file: str, *, expected: bool
) -> None:
    package(tmp_path, "axios", client)
    (tmp_path / "index.html").touch()
    assert is_bundled(tmp_path / file) is expected


def test_a_server_in_the_package_or_vite_without_a_page_decides_for_no_bundle(tmp_path: Path) -> None:
    package(tmp_path, "react-scripts", "express")
    assert not is_bundled(tmp_path / "src" / "api.ts")
    package(tmp_path, "vite")
    assert not is_bundled(tmp_path / "src" / "api.ts")


@pytest.mark.parametrize(
    ("scripts", "config", "expected"),
    [
        ({"dev": "vite"}, "vite.config.ts", True),
        ({"start": "vite --host --port=80", "build": "vite build"}, "vite.config.mjs", True),
        ({"build": "vite build"}, "vite.config.ts", False),
        ({"dev": "vite-node src/main.ts"}, "vite.config.ts", False),
        ({"dev": "vite"}, "rollup.config.ts", False),
        ({"dev": "node server.js"}, "vite.config.ts", False),
        (["vite"], "vite.config.ts", False),
    ],
)
def test_vite_that_serves_what_its_configuration_says_is_a_bundler(
    tmp_path: Path, scripts: object, config: str, *, expected: bool
) -> None:
    text = json.dumps({"scripts": scripts, "devDependencies": {"vite": "6"}})
    (tmp_path / "package.json").write_text(text)
    (tmp_path / config).touch()
    assert is_bundled(tmp_path / "src" / "map.ts") is expected
    assert not is_bundled(tmp_path / "scripts" / "upload.ts")


def test_the_nearest_package_with_dependencies_decides_up_to_the_repository(tmp_path: Path) -> None:
    package(tmp_path, "expo")
    package(tmp_path / "packages" / "api", "express")
    package(tmp_path / "src" / "legacy")
    assert is_bundled(tmp_path / "src" / "legacy" / "a.js")
    assert not is_bundled(tmp_path / "packages" / "api" / "src" / "a.js")
    (tmp_path / "src" / ".git").mkdir()
    assert not is_bundled(tmp_path / "src" / "a.js")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b"[" * 200_000, b'{"dependencies": ["expo"]}', b" " * 2_000_000]
)
def test_a_hostile_package_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "package.json").write_bytes(content)
    assert not is_bundled(tmp_path / "src" / "a.js")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX has named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "package.json")
    assert dependencies(tmp_path) == frozenset()


def test_code_that_was_moved_before_its_package_was_a_client_is_restored() -> None:
    text, reference = filled("create('T0K')\n"), Reference("acme", "API_KEY")
    bundling = Project(lambda: True, lambda _: ())
    before, after = (
        language_of("/w/src/a.js", None),
        language_of("/w/src/a.js", None, "", bundling),
    )
    assert before is not None
    assert after is not None
    rewrite = plan_rewrite(text, before, spans_of(text), reference)
    moved = apply_edits(text, rewrite.edits)
    back = plan_restore(moved, after, rewrite.undo, reference, rewrite.value)
    assert apply_edits(moved, back) == text
