"""The content of each `.vsix`, and nothing else in it.

`make test-real` packages one for each system; for the other processors it only puts the server's files together, which
is where they differ. `make release` packages all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from kingfisher_sdk.scanner import Scanner

import tokenward
from test_house import REGISTRY_HOSTS, machine_paths

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "client-vscode"
PACKAGED = ["linux-x64", "darwin-arm64", "win32-x64"]
TARGETS = [*PACKAGED, "linux-arm64", "darwin-x64", "win32-arm64"]
LARGEST = 60_000_000
# From the file headers, by system: the machine in ELF and PE, the processor in Mach-O.
MACHINES = {
    "linux-x64": ("ELF", 62),
    "linux-arm64": ("ELF", 183),
    "darwin-x64": ("Mach-O", 0x01000007),
    "darwin-arm64": ("Mach-O", 0x0100000C),
    "win32-x64": ("PE", 0x8664),
    "win32-arm64": ("PE", 0xAA64),
}
ALLOWED = re.compile(
    r"extension\.vsixmanifest|\[Content_Types\]\.xml"
    r"|extension/(?:package\.json|package\.nls(?:\.[\w-]+)?\.json|readme\.md|changelog\.md|LICENSE\.txt"
    r"|docs/[\w/-]+\.(?:md|svg)|images/icon\.png|images/[\w-]+\.svg|l10n/bundle\.l10n\.[\w-]+\.json"
    r"|out/(?:extension\.js|THIRD-PARTY-NOTICES\.txt)|bundled/(?:(?:launch|probe)\.py|THIRD-PARTY-NOTICES\.txt)"
    r"|bundled/(?:libs|python)/[^.].*)"
)
NEVER = re.compile(
    r"(?:^|/)(?:bin|tests?|__pycache__|node_modules|src|\.[^/]*)/|\.(?:pyc|pyi|map|ts|sh|exe|bat)$"
    r"|/(?:RECORD|direct_url\.json|\.[^/]*)$"
)
NATIVE = re.compile(r"\.(?:so|pyd|dylib|dll)$")
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]

pytestmark = pytest.mark.skipif(
    not (CLIENT / "node_modules").exists(), reason="the client is left out, as set-up has said"
)


def vsix(target: str) -> Path:
    path = ROOT / "dist" / f"tokenward-{target}-{tokenward.__version__}.vsix"
    assert path.exists(), "build it first: make vsix"
    return path


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def archive(target: str) -> Iterator[zipfile.ZipFile]:
    """The package of a target, or only its server's files."""
    server = ROOT / "build" / "servers" / f"{target}.zip"
    with zipfile.ZipFile(vsix(target) if target in PACKAGED or not server.exists() else server) as opened:
        yield opened


only_packages = pytest.mark.parametrize("target", PACKAGED, indirect=True)


def head(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(4096)


def machines(data: bytes) -> set[tuple[str, int]]:
    """Return the machines that a native library is for; a Mach-O file may be for several."""
    if data.startswith(b"\x7fELF"):
        return {("ELF", struct.unpack_from("<H", data, 18)[0])}
    if data.startswith(b"MZ"):
        [header] = struct.unpack_from("<I", data, 60)
        return {("PE", struct.unpack_from("<H", data, header + 4)[0])}
    if data.startswith(b"\xcf\xfa\xed\xfe"):
        return {("Mach-O", struct.unpack_from("<I", data, 4)[0])}
    assert data.startswith(b"\xca\xfe\xba\xbe"), data[:4]
    [count] = struct.unpack_from(">I", data, 4)
    return {("Mach-O", struct.unpack_from(">I", data, 8 + 20 * number)[0]) for number in range(count)}


def locked(target: str, version: str) -> dict[str, str]:
    """Return the releases that the lock file names for a platform and a Python."""
    sys.path.insert(0, str(ROOT / "scripts"))
    from bundle import PLATFORMS, pins  # noqa: PLC0415 - a script, which no package holds

    entries = pins(PLATFORMS[target], version)
    return {name: entry.split("==")[1].split()[0] for name, entry in entries.items()}


def bundled(archive: zipfile.ZipFile, folder: str) -> dict[str, str]:
    """Return the releases in the bundle, by their METADATA."""
    named = re.compile(rf"extension/bundled/{re.escape(folder)}/(.+)-([^-/]+)\.dist-info/METADATA")
    found = filter(None, map(named.fullmatch, archive.namelist()))
    return {re.sub(r"[-_.]+", "-", match[1]).lower(): match[2] for match in found}


def test_nothing_is_inside_but_what_should_be(archive: zipfile.ZipFile, target: str) -> None:
    names = archive.namelist()
    assert [name for name in names if not ALLOWED.fullmatch(name)] == []
    # A self-contained build has an interpreter, whose modules and those for it are compiled.
    inside = [name for name in names if not re.search(r"bundled/python/|/__pycache__/[^/]+-313\.pyc$", name)]
    assert [name for name in (inside if len(inside) < len(names) else names) if NEVER.search(name)] == []
    assert len(set(names)) == len(names)
    own = {Path(name).name for name in names if name.startswith("extension/bundled/libs/tokenward/")}
    assert {"main.py", "py.typed"} & own == {"main.py"}


@only_packages
def test_every_image_and_translation_is_inside(archive: zipfile.ZipFile, target: str) -> None:
    names = archive.namelist()
    images = [image for image in (CLIENT / "images").iterdir() if not image.name.startswith("screenshot-")]
    for source in [*images, *(CLIENT / "l10n").glob("*.json")]:
        assert f"extension/{source.parent.name}/{source.name}" in names
    size = vsix(target).stat().st_size
    assert size < LARGEST, f"{size:,}"


def test_the_extension_for_all_platforms_has_no_server() -> None:
    with zipfile.ZipFile(vsix("universal")) as archive:
        names = archive.namelist()
        assert [name for name in names if not ALLOWED.fullmatch(name) or "bundled" in name] == []
        assert "TargetPlatform" not in archive.read("extension.vsixmanifest").decode("utf-8")


@only_packages
def test_the_manifest_names_the_platform_and_the_version_of_the_server(
    archive: zipfile.ZipFile, target: str
) -> None:
    manifest = json.loads(archive.read("extension/package.json"))
    assert manifest["version"] == tokenward.__version__
    assert not {"scripts", "devDependencies", "private"} & set(manifest)
    declared = archive.read("extension.vsixmanifest").decode("utf-8")
    assert f'TargetPlatform="{target}"' in declared
    odd = int(tokenward.__version__.split(".")[1]) % 2 == 1
    assert ("Microsoft.VisualStudio.Code.PreRelease" in declared) is odd
    assert bundled(archive, "libs")["tokenward"] == tokenward.__version__


def test_every_requirement_is_inside_in_its_locked_release(archive: zipfile.ZipFile, target: str) -> None:
    base = bundled(archive, "libs")
    assert base.pop("tokenward")
    for version in PYTHONS:
        wanted = locked(target, version)
        assert wanted.items() <= base.items()
    assert base == locked(target, "3.11")


def test_every_native_library_is_for_the_platform(archive: zipfile.ZipFile, target: str) -> None:
    native = [name for name in archive.namelist() if NATIVE.search(name)]
    assert len(native) > 15
    for name in native:
        assert MACHINES[target] in machines(head(archive, name)), name


def test_every_python_has_its_native_modules(archive: zipfile.ZipFile, target: str) -> None:
    names = " ".join(name for name in archive.namelist() if NATIVE.search(name))
    modules = ["_cffi_backend", "_binding", *(["_watchdog_fsevents"] if target.startswith("darwin") else [])]
    for version in PYTHONS:
        tag = version.replace(".", "")
        missing = [module for module in modules if not re.search(rf"{module}\.(?:cpython-|cp){tag}-", names)]
        assert missing == [], version


def test_no_text_inside_holds_a_token_a_registry_or_a_path_of_this_machine(archive: zipfile.ZipFile) -> None:
    hosts = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)))
    places = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, machine_paths()))})(?![\w-])")
    scanner = Scanner()
    for name in archive.namelist():
        if re.search("/bundled/(?:libs|python)/", name) and not re.search(r"/tokenward/|/METADATA$", name):
            continue
        if name.endswith(".png"):
            continue
        data = archive.read(name)
        text = data.decode("latin-1" if name.endswith((".pyc", ".vscdb")) else "utf-8")
        assert not places.search(text), name
        # The patterns of rules look like tokens to a rule, here and in the engine itself.
        if "/tokenward/compiled/" not in name:
            assert not [finding for finding in scanner.scan(data) if finding.visible], name
        if name.endswith("/METADATA"):
            assert not hosts.search(text), name


@only_packages
def test_all_times_and_permissions_are_the_same(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    assert len({entry.date_time for entry in entries}) == 1
    for entry in entries:
        # The second is vsce's for the files that it generates.
        usual = {0o100755} if "/python/bin/" in entry.filename else {0o100644, 0o100664}
        assert entry.external_attr >> 16 in usual, entry.filename
    names = [entry.filename for entry in entries if "/bundled/" in entry.filename]
    assert len(names) > 1000


def test_only_a_release_says_where_a_gallery_finds_its_pictures() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    from build_vsix import addresses  # noqa: PLC0415 - a script, which no package holds

    release = {"GITHUB_REPOSITORY": "acme/ward", "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1.2.0"}
    content, images = addresses(release)[1::2]
    assert content == "https://github.com/acme/ward/blob/v1.2.0/client-vscode"
    assert images == "https://github.com/acme/ward/raw/v1.2.0/client-vscode"
    for other in ({}, {**release, "GITHUB_REF_TYPE": "branch"}, {**release, "GITHUB_REPOSITORY": ""}):
        assert addresses(other) == ["--no-rewrite-relative-links"]


def test_a_second_build_has_the_same_bytes(tmp_path: Path) -> None:
    target = "darwin-arm64"
    moment = zipfile.ZipFile(vsix(target)).infolist()[0].date_time
    command = [sys.executable, str(ROOT / "scripts" / "build_vsix.py"), "--out", str(tmp_path), target]
    subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    )
    [again] = tmp_path.iterdir()
    if zipfile.ZipFile(again).infolist()[0].date_time != moment:
        pytest.fail("there is a commit since; make vsix")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(vsix(target).read_bytes()).digest()


def pythons() -> list[str]:
    """Return a Python of each version on this machine, from where the extension would find it."""
    folders = [*os.get_exec_path(), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]
    path = os.pathsep.join(folder for folder in folders if "shims" not in folder)
    found = [shutil.which(f"python{version}", path=path) for version in PYTHONS]
    return [python for python in found if python] or [sys.executable]


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="it is of another platform"
)
def test_the_server_starts_from_the_bundle_and_nothing_of_the_workspace_is_imported() -> None:
    script = ROOT / "scripts" / "try_vsix.py"
    command: list[str | Path] = [sys.executable, script, ROOT / "dist", "linux-x64", *pythons()]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"tokenward {tokenward.__version__} under Python") == len(pythons())


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_a_workflow_asks_for_little_and_makes_what_there_is_to_make(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"], name
        rights = job["permissions"]
        # A job that may sign or publish installs nothing to sign, and checks out no code to build.
        if {"id-token": "write", "contents": "write"}.items() & rights.items():
            assert not any(
                "checkout" in step.get("uses", "") or "make" in step.get("run", "") for step in job["steps"]
            )
        for step in job["steps"]:
            uses, run = step.get("uses", ""), step.get("run", "")
            assert re.fullmatch(r"(?:[\w-]+/[\w./-]+@[0-9a-f]{40})?", uses), uses
            assert set(re.findall(r"\bmake ([a-z-]+)", run)) <= set(made), run
            assert set(re.findall(r"\bscripts/\w+\.py", run)) <= {
                f"scripts/{script.name}" for script in (ROOT / "scripts").glob("*.py")
            }
            # Text from others (a branch name, a title) must not become part of a command.
            assert "${{" not in re.sub(r"\$\{\{ matrix\.\w+ \}\}", "", run), run
