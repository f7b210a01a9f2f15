"""Builds the extension with its server: a reproducible `.vsix` for each platform, all on one machine.

python scripts/build_vsix.py [--out DIST] [--interpreters PLACE] [--servers TARGET …] [TARGET …]

With an interpreter for a platform in PLACE (scripts/interpreters.py), its `.vsix` needs no Python, and there is a
program with the same files. It brings the rules compiled for this machine, and those in `build/rules/TARGET`. The
`universal` one has no server. Of the targets in `--servers`, only the server's files are written, to
`build/servers/TARGET.zip`, for tests: packaging takes longest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import c_library
import interpreters
from build_hook import VARIABLE
from bundle import PLATFORMS, ROOT, bundle, write_notices
from compile_rules import compile_rules
from standalone import standalone

CLIENT = ROOT / "client-vscode"
VSCE = CLIENT / "node_modules" / ".bin" / "vsce"
LARGEST = 60_000_000
UNIVERSAL = "universal"
SERVERS = ROOT / "build" / "servers"
RULES = ROOT / "build" / "rules"
"""Folders of rules compiled for the engine of each target, each by a machine of its kind."""


def main() -> None:
    options = parsed()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        common = Path(scratch)
        server = build_server(common / "wheel")
        extension = build_extension(common / "extension")
        rules = compiled_rules()
        with ThreadPoolExecutor(os.cpu_count()) as pool:

            def build(target: str) -> list[Path]:
                folder = shutil.copytree(extension, common / target)
                bundled = folder / "bundled"
                if target == UNIVERSAL:
                    shutil.rmtree(bundled)
                    return [package(folder, target, options.out)]
                bundle(PLATFORMS[target], server, bundled, rules.get(target))
                if target in options.servers:
                    write_notices(bundled)
                    store(bundled, SERVERS / f"{target}.zip")
                    return []
                if options.interpreters is None or not (options.interpreters / target).exists():
                    write_notices(bundled)
                    return [package(folder, target, options.out)]
                interpreters.install(options.interpreters / target, bundled)
                write_notices(bundled)
                interpreters.compile_modules(bundled, options.interpreters)
                vsix = package(folder, target, options.out)
                return [vsix, standalone(bundled, target, options.out, int(moment()))]

            for built in pool.map(build, [*options.targets, *options.servers]):
                for file in built:
                    report(file)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"any of {', '.join(PLATFORMS)}; by default, all of them"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the output folder")
    parser.add_argument(
        "--interpreters", type=Path, help="the folder with a folder for each target's interpreter"
    )
    parser.add_argument("--servers", nargs="*", default=[], metavar="TARGET", help="targets not to package")
    options = parser.parse_args()
    options.out = options.out.resolve()
    place = options.interpreters
    impossible = set() if place and (place / c_library.TARGET).exists() else {c_library.TARGET}
    if impossible & set(options.targets):
        parser.error(f"{c_library.TARGET} needs its interpreter: --interpreters")
    options.targets = options.targets or sorted({*PLATFORMS, UNIVERSAL} - impossible - {*options.servers})
    if unknown := {*options.targets, *options.servers} - {*PLATFORMS, UNIVERSAL}:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    return options


def build_server(folder: Path) -> Path:
    """Build the server's wheel and return its path."""
    # Not with uv, which would download a build backend of its own choice.
    build: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    run([*build, "--directory", folder], ROOT, **{VARIABLE: ""})
    return next(folder.glob("*.whl"))


def compiled_rules() -> dict[str, Path]:
    """Return the folders of compiled rules by target, after compiling those for this machine."""
    here = sys.platform, platform.machine()
    own = {
        name: compile_rules() for name, target in PLATFORMS.items() if (target.system, target.machine) == here
    }
    return {**own, **{folder.name: folder for folder in RULES.glob("*/")}}


def build_extension(folder: Path) -> Path:
    """Build the files to package, without the bundle and without development files; return their folder."""
    listed = run([VSCE, "ls", "--no-dependencies"], CLIENT).splitlines()
    for name in listed:
        if not name.startswith("out/"):
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CLIENT / name, copy)
    # Only these files are there, so vsce need not compare each of thousands with every pattern again.
    (folder / ".vscodeignore").write_text("!bundled/**\n", "utf-8")
    # In a folder of its own, so that a concurrent build of the client cannot interfere.
    run(["node", "esbuild.mjs", f"--out={folder / 'out'}"], CLIENT)
    manifest = json.loads((folder / "package.json").read_text("utf-8"))
    for field in ("scripts", "devDependencies", "private"):
        manifest.pop(field, None)
    (folder / "package.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return folder


def package(folder: Path, target: str, out: Path) -> Path:
    """Package the extension, reproducibly, and return the file."""
    for file in folder.rglob("*"):
        is_program = file.parent.name == "bin" or c_library.is_program(file)
        file.chmod(0o755 if file.is_dir() or is_program else 0o644)
    version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
    vsix = out / f"tokenward-{target}-{version}.vsix"
    command: list[str | Path] = [VSCE, "package", "--out", vsix, "--no-dependencies"]
    command += [] if target == UNIVERSAL else ["--target", target]
    command += [*addresses(os.environ), "--allow-missing-repository"]
    # Its own secret scan takes minutes for binaries; tests/test_vsix.py scans with our rules.
    command += ["--allow-package-all-secrets", "--allow-package-env-file"]
    # The marketplaces reject version suffixes; an odd minor version marks a pre-release.
    command += ["--pre-release"] if int(version.split(".")[1]) % 2 else []
    said = run(command, folder)
    if "WARNING" in said:
        sys.exit(f"make vsix: vsce has a warning for {target}:\n{said}")
    return vsix


def store(bundled: Path, archive: Path) -> None:
    """Write a bundle's files to an archive as they are, with the names that a package gives them."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", strict_timestamps=False) as made:
        for file in filter(Path.is_file, sorted(bundled.rglob("*"))):
            made.write(file, Path("extension", file.relative_to(bundled.parent)))


def addresses(environment: Mapping[str, str]) -> list[str]:
    """Return the base addresses of the README's images and links: in a release workflow, those of its tag.

    Any other build has none, so that it does not depend on where it is built.
    """
    repository, tag = environment.get("GITHUB_REPOSITORY"), environment.get("GITHUB_REF_NAME")
    if environment.get("GITHUB_REF_TYPE") != "tag" or not repository or not tag:
        return ["--no-rewrite-relative-links"]
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    place = f"{server}/{repository}/{{}}/{tag}/{CLIENT.name}"
    return ["--baseContentUrl", place.format("blob"), "--baseImagesUrl", place.format("raw")]


def run(command: list[str | Path], folder: Path, **variables: str) -> str:
    """Run a program with further variables and return its output; exit if it fails."""
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        # These keep the current time and this machine's sort order out of vsce's output.
        env={**os.environ, "SOURCE_DATE_EPOCH": moment(), "TZ": "UTC", "LC_ALL": "C", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"make vsix: {Path(command[0]).name} failed:\n{done.stdout}")
    return done.stdout


def moment() -> str:
    """Return the time stamp of all files, in seconds: the environment's, or that of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    log = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return subprocess.run(log, check=True, capture_output=True, text=True).stdout.strip()


def report(file: Path) -> None:
    size = file.stat().st_size
    print(f"{file.name}: {size / 1_000_000:.1f} MB", flush=True)
    if size > LARGEST:
        sys.exit(f"make vsix: {file.name} is larger than {LARGEST // 1_000_000} MB.")


if __name__ == "__main__":
    main()
