"""The ways in which a Tree changes, with the weights in CHANGES."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress

from soak_tree import BRANCHES, ENDINGS, MOST_WITH_TOKEN, NAMES, RULES, WITH_TOKEN, Tree


def step(tree: Tree) -> None:
    """Make one random change."""
    change = tree.random.choices(list(CHANGES), weights=list(CHANGES.values()))[0]
    with suppress(OSError, subprocess.CalledProcessError, UnicodeError, IndexError, ValueError):
        change(tree)
        tree.done[change.__name__.strip("_").replace("_", " ")] += 1


def _edit(tree: Tree) -> None:
    tree.write(tree.a_file(), leaks=_may_leak(tree))


def _append(tree: Tree) -> None:
    path = tree.a_file()
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{tree.token_line()}\n" if _may_leak(tree) else "\n")
    tree.leaky.add(path)
    tree.trace(f"append {path!r}")


def _replace(tree: Tree) -> None:
    """Save a file as many editors do: write a new one and rename it."""
    path = tree.a_file()
    beside = path.with_name(f"{path.name}~")
    tree.write(beside, leaks=_may_leak(tree))
    beside.replace(path)
    tree.trace(f"replace {path!r}")


def _create(tree: Tree) -> None:
    if len(tree.files) > tree.wanted * 1.05:
        _delete(tree)
        return
    folder = tree.random.choice(tree.folders)
    path = folder / f"{tree.random.choice(NAMES)}{tree.random.randrange(10**6)}{tree.random.choice(ENDINGS)}"
    tree.write(path, leaks=_may_leak(tree))
    tree.files.append(path)


def _create_deep(tree: Tree) -> None:
    folder = tree.random.choice(tree.folders) / f"gen{tree.random.randrange(1000)}" / "x" / "y"
    if len(folder.relative_to(tree.folder).parts) > 12:
        return
    folder.mkdir(parents=True, exist_ok=True)
    tree.folders.append(folder)
    for number in range(tree.random.randint(1, 20)):
        tree.write(folder / f"f{number}{tree.random.choice(ENDINGS)}")


def _delete(tree: Tree) -> None:
    for _ in range(tree.random.randint(1, 5)):
        path = tree.a_file()
        tree.remove(path)
        tree.files.remove(path)


def _delete_folder(tree: Tree) -> None:
    if len(tree.files) > tree.wanted * 0.95:
        folder = tree.a_folder()
        tree.trace(f"rmtree {folder!r}")
        shutil.rmtree(folder)
        tree.look()


def _rename(tree: Tree) -> None:
    path, folder = tree.a_file(), tree.random.choice(tree.folders)
    target = (
        tree.a_file()
        if tree.random.random() < 0.3
        else folder / f"r{tree.random.randrange(10**6)}{path.suffix}"
    )
    path.rename(target)
    tree.files.append(target)
    tree.leaky.add(target) if path in tree.leaky else None
    tree.trace(f"rename {path!r} {target!r}")


def _rename_folder(tree: Tree) -> None:
    folder, parent = tree.a_folder(), tree.random.choice(tree.folders)
    target = parent / f"moved{tree.random.randrange(1000)}"
    if len(target.relative_to(tree.folder).parts) < 12:
        tree.trace(f"rename folder {folder!r} {target!r}")
        folder.rename(target)
        if tree.random.random() < 0.5:  # put something else in its place at once
            folder.mkdir()
            tree.write(folder / "again.env", leaks=_may_leak(tree))
        tree.look()


def _move_out_and_in(tree: Tree) -> None:
    there = tree.outside / "moved"
    if there.exists():
        there.rename(tree.random.choice(tree.folders) / f"back{tree.random.randrange(1000)}")
    else:
        tree.a_folder().rename(there)
    tree.trace("move out or in")
    tree.look()


def _swap_kind(tree: Tree) -> None:
    """Replace a file by a folder, a link or binary data, and a folder by a file."""
    path = tree.a_file()
    tree.remove(path)
    kind = tree.random.randrange(5)
    if kind == 0:
        path.mkdir()
        tree.write(path / "inner.env", leaks=_may_leak(tree))
    elif kind == 1:
        path.symlink_to(tree.random.choice((tree.a_file(), tree.a_folder(), tree.outside)))
    elif kind == 2:
        path.write_bytes(b"\0\1\2" * 100)
    elif kind == 3:
        os.mkfifo(path)
    else:
        folder = tree.a_folder()
        shutil.rmtree(folder)
        tree.write(folder, leaks=_may_leak(tree))
    tree.trace(f"swap {kind} {path!r}")
    tree.look()


def _blank(tree: Tree) -> None:
    """Replace a file's text by binary data, in the same file."""
    path = tree.a_file()
    path.write_bytes(b"\0\1\2" * 100)
    tree.trace(f"blank {path!r}")


def _link(tree: Tree) -> None:
    name = tree.random.choice(tree.folders) / f"link{tree.random.randrange(100)}"
    name.unlink(missing_ok=True)
    name.symlink_to(tree.random.choice((tree.a_file(), tree.a_folder(), tree.outside, tree.folder)))
    tree.trace(f"link {name!r}")


def _rules(tree: Tree) -> None:
    """Write or remove a rule file, mostly at the root, where it applies to everything."""
    name = tree.random.choice(list(RULES))
    nested = name == ".gitignore" and tree.random.random() < 0.5
    path = (tree.a_folder() if nested else tree.folder) / name
    if path.exists():
        tree.remove(path)
    else:
        path.write_text(tree.random.choice(RULES[name]))
        tree.trace(f"rules {path!r} {path.read_text()!r}")


def _switch(tree: Tree) -> None:
    """Check out the other branch; now and then commit before, or clean up after."""
    if tree.random.random() < 0.3:
        tree.commit()
    tree.git("checkout", "--quiet", "--force", BRANCHES[tree.random.randrange(2)])
    if tree.random.random() < 0.3:
        tree.git("clean", "-d", "--force", "--force", "--quiet")
    tree.look()


def _track(tree: Tree) -> None:
    """Make Git track a file that it may ignore, or stop tracking one."""
    name = str(tree.a_file().relative_to(tree.folder))
    if tree.random.random() < 0.5:
        tree.git("add", "--force", name)
    else:
        tree.git("rm", "--cached", "--quiet", name)


def _configure(tree: Tree) -> None:
    """Write a token into Git's own configuration, which is scanned although its folder is not entered."""
    token = tree.token_line().partition("'")[2].rstrip("'")
    tree.git("config", "remote.origin.url", f"https://user:{token}@localhost/acme.git")


def _may_leak(tree: Tree) -> bool:
    return tree.random.random() < 0.3 and len(tree.leaky) < min(MOST_WITH_TOKEN, tree.wanted / WITH_TOKEN * 2)


CHANGES: dict[Callable[[Tree], None], float] = {
    _edit: 30,
    _append: 10,
    _replace: 15,
    _create: 20,
    _create_deep: 3,
    _delete: 5,
    _delete_folder: 1,
    _rename: 12,
    _rename_folder: 2,
    _move_out_and_in: 1,
    _swap_kind: 1,
    _blank: 1,
    _link: 2,
    _rules: 0.6,
    _switch: 0.4,
    _track: 0.5,
    _configure: 0.2,
}
