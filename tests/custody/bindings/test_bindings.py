"""A workspace name belongs to one folder, and no other folder gets it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.bindings.bindings import Bindings, slug, workspace_root
from tokenward.custody.bindings.entries import Entries
from tokenward.errors import CustodyError, StateDamaged, WorkspaceElsewhere, WorkspaceUnbound
from tokenward.model import WORKSPACE_NAME, Fingerprint, Reference

posix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
REFERENCE = Reference("acme", "GITHUB_TOKEN")


@pytest.fixture
def bindings(tmp_path: Path) -> Bindings:
    return Bindings(tmp_path / "data" / "custody.db")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "acme")


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_a_folder_keeps_the_name_that_it_claimed(bindings: Bindings, folder: Path) -> None:
    assert bindings.claim(folder, "acme") == "acme"
    assert bindings.claim(folder, "other") == "acme"
    assert bindings.name_of(folder) == "acme"
    assert bindings.folder_of("acme") == folder.resolve()


def test_a_name_that_another_folder_has_is_numbered(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    names = [bindings.claim(f, "acme") for f in (folder, make(tmp_path / "b"), make(tmp_path / "c"))]
    assert names == ["acme", "acme-2", "acme-3"]


def test_a_long_name_is_cut_to_be_numbered(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    assert bindings.claim(folder, "a" * 64) == "a" * 64
    assert bindings.claim(make(tmp_path / "b"), "a" * 64) == "a" * 62 + "-2"


def test_a_name_whose_binding_was_lost_is_not_given_to_a_stranger(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    bindings.claim(folder, "acme")
    Entries(tmp_path / "data" / "custody.db").add(REFERENCE, Fingerprint("0" * 32), "GitHub")
    bindings.unbind("acme")
    assert bindings.claim(make(tmp_path / "stranger"), "acme") == "acme-2"
    with pytest.raises(WorkspaceUnbound):
        bindings.check(REFERENCE, tmp_path / "stranger")


def test_a_name_that_is_none_is_made_one(bindings: Bindings, folder: Path) -> None:
    assert bindings.claim(folder, "My Prøject!") == "my-pr-ject"


def test_a_folder_that_is_gone_claims_nothing(bindings: Bindings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for missing in (tmp_path / "gone", tmp_path / "file"):
        with pytest.raises(CustodyError, match="is not an accessible folder"):
            bindings.claim(missing, "acme")
    assert bindings.all() == ()


def test_a_person_can_move_a_name_to_another_folder(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    bindings.claim(folder, "acme")
    moved = make(tmp_path / "moved")
    bindings.claim(moved, "acme")
    bindings.bind("acme", moved)
    bindings.check(REFERENCE, moved)
    with pytest.raises(WorkspaceElsewhere):
        bindings.check(REFERENCE, folder)


def test_a_folder_with_two_names_may_use_both_and_is_called_by_the_last(
    bindings: Bindings, folder: Path
) -> None:
    bindings.claim(folder, "first")
    bindings.bind("acme", folder)
    bindings.check(Reference("first", "X"), folder)
    bindings.check(REFERENCE, folder)
    assert bindings.name_of(folder) == "acme"
    assert bindings.claim(folder, "first") == "acme"


def test_what_is_no_name_is_not_bound(bindings: Bindings, folder: Path) -> None:
    with pytest.raises(CustodyError, match="choose one like acme-api"):
        bindings.bind("Acme API", folder)
    assert bindings.all() == ()


def test_a_name_can_be_taken_back(bindings: Bindings, folder: Path) -> None:
    bindings.claim(folder, "acme")
    assert bindings.unbind("acme")
    assert not bindings.unbind("acme")
    assert bindings.name_of(folder) is None


def test_all_bindings_are_listed_the_latest_first(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    bindings.claim(folder, "acme")
    bindings.claim(make(tmp_path / "b"), "beta")
    assert [(b.name, b.folder.name) for b in bindings.all()] == [("beta", "b"), ("acme", "acme")]


def test_only_the_bound_folder_passes_the_check(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceUnbound, match="run `tokenward bind acme` there"):
        bindings.check(REFERENCE, folder)
    bindings.claim(folder, "acme")
    bindings.check(REFERENCE, folder)
    for other in (make(tmp_path / "other" / "acme"), make(folder / "inner"), tmp_path):
        with pytest.raises(WorkspaceElsewhere, match="run `tokenward bind acme` there"):
            bindings.check(REFERENCE, other)


def test_a_hostile_folder_name_cannot_break_the_sentence(bindings: Bindings, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceUnbound) as caught:
        bindings.check(REFERENCE, tmp_path / "a\n\x1b[2Jb")
    assert str(caught.value).isprintable()


@posix
def test_a_link_to_the_folder_is_the_folder(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    bindings.claim(tmp_path / "link", "acme")
    bindings.check(REFERENCE, folder)
    assert bindings.name_of(tmp_path / "link") == "acme"


@posix
def test_a_link_that_is_turned_to_another_folder_gets_nothing(
    bindings: Bindings, folder: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    bindings.claim(link, "acme")
    link.unlink()
    link.symlink_to(make(tmp_path / "hostile"))
    with pytest.raises(WorkspaceElsewhere):
        bindings.check(REFERENCE, link)
    assert bindings.enclosing(link / ".env") is None


@posix
def test_the_folder_replaced_by_a_link_gets_nothing(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    bindings.claim(folder, "acme")
    folder.rmdir()
    folder.symlink_to(make(tmp_path / "hostile"))
    with pytest.raises(WorkspaceElsewhere):
        bindings.check(REFERENCE, folder)


def test_case_matters_where_the_file_system_says_so(bindings: Bindings, tmp_path: Path) -> None:
    bindings.claim(make(tmp_path / "Acme"), "acme")
    other = tmp_path / "aCME"
    if other.exists():
        assert bindings.name_of(other) == "acme"
    else:
        assert bindings.name_of(make(other)) is None


@posix
def test_a_folders_name_need_not_be_text(bindings: Bindings, tmp_path: Path) -> None:
    try:
        odd = make(Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff")))
    except OSError:
        pytest.skip("this file system takes only text for names")
    assert bindings.claim(odd, odd.name) == "a"
    assert bindings.folder_of("a") == odd.resolve()


def test_the_nearest_bound_folder_counts(bindings: Bindings, folder: Path) -> None:
    inner = make(folder / "packages" / "inner")
    assert bindings.enclosing(folder) is None
    bindings.claim(folder, "acme")
    assert [bindings.enclosing(p).name for p in (folder, inner, inner / "not-there" / ".env")] == ["acme"] * 3  # type: ignore[union-attr]
    bindings.claim(inner, "inner")
    assert [bindings.enclosing(p).name for p in (folder, inner, inner / ".env")] == ["acme", "inner", "inner"]  # type: ignore[union-attr]


@pytest.mark.parametrize("mark", [".git", ".hg", ".jj", ".svn"])
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_clone_inside_a_bound_folder_gets_nothing(
    bindings: Bindings, folder: Path, mark: str, kind: str
) -> None:
    bindings.claim(folder, "acme")
    clone = make(folder / "vendor" / "clone")
    deep = make(clone / "src")
    assert bindings.enclosing(deep)
    if kind == "folder":
        make(clone / mark)
    else:
        (clone / mark).touch()
    assert [bindings.enclosing(path) for path in (clone, deep, deep / ".env")] == [None] * 3
    assert bindings.enclosing(folder / "vendor")


@pytest.mark.parametrize(
    ("path", "is_homes"),
    [
        (".", True),
        (".gradle", True),
        (".config/gh", True),
        (".config/Code/User/globalStorage", True),
        ("Library/Application Support/Claude", True),
        ("AppData/Roaming/npm", True),
        ("Downloads", False),
        ("Downloads/unpacked/.config", False),
        (".cache/unpacked", False),
        (".Trash/unpacked", False),
        (".cargo/registry/src", False),
        ("AppData/Local/Temp", False),
    ],
)
def test_a_home_folder_gives_its_tokens_to_settings_alone(
    monkeypatch: pytest.MonkeyPatch, bindings: Bindings, tmp_path: Path, path: str, is_homes: bool
) -> None:
    home = make(tmp_path / "home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    folder = home / path
    folder.mkdir(parents=True, exist_ok=True)
    expected = home.resolve() if is_homes else folder.resolve()
    assert bindings.root_for(folder, folder) == expected
    bindings.claim(home, "home")
    assert bindings.root_for(folder, folder) == bindings.workspace_root(folder) == expected
    assert bindings.root_within(folder, home) == expected
    assert (bindings.enclosing(folder) is not None) is is_homes


def test_a_clone_that_is_itself_bound_has_its_own_name(bindings: Bindings, folder: Path) -> None:
    clone = make(folder / "clone")
    make(clone / ".git")
    make(folder / ".git")
    bindings.claim(folder, "acme")
    bindings.claim(clone, "clone")
    assert bindings.enclosing(clone / "x").name == "clone"  # type: ignore[union-attr]
    assert bindings.enclosing(folder / "x").name == "acme"  # type: ignore[union-attr]


@posix
def test_a_link_out_of_a_bound_folder_leads_out(bindings: Bindings, folder: Path, tmp_path: Path) -> None:
    bindings.claim(folder, "acme")
    (folder / "link").symlink_to(make(tmp_path / "outside"))
    assert bindings.enclosing(folder / "link" / ".env") is None


@posix
def test_a_path_in_a_circle_is_reported_or_leads_nowhere(bindings: Bindings, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    try:
        assert bindings.enclosing(tmp_path / "loop") is None
    except CustodyError as error:
        assert "cannot be reached" in str(error)  # noqa: PT017


def test_the_root_of_a_path_is_bound_or_marked_or_its_own_folder(bindings: Bindings, tmp_path: Path) -> None:
    deep = make(tmp_path / "a" / "b" / "c")
    (deep / "app.py").touch()
    assert workspace_root(deep / "app.py") == deep.resolve()
    assert workspace_root(deep) == deep.resolve()
    (tmp_path / "a" / "b" / "tokenward.toml").touch()
    assert (
        bindings.workspace_root(deep / "app.py") == workspace_root(deep / "app.py") == deep.parent.resolve()
    )
    bindings.claim(tmp_path / "a", "a")
    assert bindings.workspace_root(deep / "app.py") == (tmp_path / "a").resolve()
    make(deep / ".git")
    assert bindings.workspace_root(deep / "app.py") == deep.resolve()


@given(text=st.text())
def test_any_folder_name_gives_a_workspace_name(text: str) -> None:
    assert WORKSPACE_NAME.fullmatch(slug(text))


@given(name=st.from_regex(WORKSPACE_NAME, fullmatch=True))
def test_a_workspace_name_loses_at_most_marks_at_its_end(name: str) -> None:
    assert slug(name) == name.rstrip("._-")


@pytest.mark.parametrize(
    ("folder_name", "name"),
    {
        "acme-api": "acme-api",
        "My Project (2)": "my-project-2",
        "Straße Ärger": "strasse-arger",
        "": "workspace",
        "プロジェクト": "workspace",
        "...": "workspace",
        ".config": "config",
        "a" * 100: "a" * 64,
        "a\x00b\n\x1b": "a-b",
        "\ud800": "workspace",
    }.items(),
)
def test_slugs_are_what_a_person_expects(folder_name: str, name: str) -> None:
    assert slug(folder_name) == name


CLAIM = """
from tokenward.custody.bindings.bindings import Bindings
bindings = Bindings(folder / "custody.db")
mine = folder / sys.argv[2]
mine.mkdir()
shared = folder / "shared"
shared.mkdir(exist_ok=True)
print("ready", flush=True)
sys.stdin.readline()
print(bindings.claim(mine, "acme"), bindings.claim(shared, "shared"))
"""


def test_processes_that_race_for_a_name_get_different_ones(
    tmp_path: Path, race: Callable[..., list[str]]
) -> None:
    outputs = [output.split() for output in race(6, CLAIM, tmp_path)]
    assert sorted(mine for mine, _ in outputs) == ["acme", *(f"acme-{n}" for n in range(2, 7))]
    assert {shared for _, shared in outputs} == {"shared"}


@posix
def test_a_read_only_home_is_reported(read_only_home: Path) -> None:
    with pytest.raises(StateDamaged):
        Bindings(read_only_home / "custody.db").claim(read_only_home, "acme")


def test_a_damaged_record_is_reported(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "custody.db").write_bytes(os.urandom(5_000))
    with pytest.raises(StateDamaged):
        Bindings(tmp_path / "custody.db").name_of(folder)
