"""Events of an open folder: always its rules and the end of each scan, and nothing that is not true."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest

import git_tree
import tokens
from desk import Desk
from tokenward import fast_dataclasses
from tokenward.detection.custom.workspace import PLAIN
from tokenward.operations.open_folder.events import (
    FilesFound,
    FilesGone,
    FilesScanned,
    FolderEvent,
    RulesRead,
    ScanFinished,
    SettingsChanged,
    UserNotice,
)
from tokenward.operations.open_folder.folder_scan import FolderScan
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from unprivileged import bound_by_permissions, place_of_somebody

PATIENCE = 60.0
ALLOW = "[[allowlists]]\nregexes = ['^ghp_']\n"
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX links and permissions")
Kind = TypeVar("Kind")


class Listener:
    """Collects the events, and the number of tokens in each file according to them."""

    def __init__(self, on_news: Callable[[FolderEvent], None]) -> None:
        self.news: list[FolderEvent] = []
        self.files: dict[Path, int] = {}
        self.on_news = on_news
        self._changed = threading.Condition()

    def hear(self, news: FolderEvent) -> None:
        with self._changed:
            self.news.append(news)
            if isinstance(news, FilesGone):
                self.files = {path: count for path, count in self.files.items() if path not in news.paths}
            elif isinstance(news, FilesFound):
                found = (one for one in news.results if isinstance(one, ScannedFile))
                self.files |= {one.path: len(one.findings) for one in found}
                self.files = {path: count for path, count in self.files.items() if count}
            self._changed.notify_all()
        self.on_news(news)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self.news if isinstance(one, kind)]

    def wait(self, is_done: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_done, PATIENCE), self.news

    def wait_for(self, kind: type[Kind], count: int = 1) -> Kind:
        """Wait until there are this many events of a kind and return the latest."""
        self.wait(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[-1]


@dataclass
class Opened:
    """A folder that is scanned, and its listener."""

    scan: FolderScan
    listener: Listener


Opening = Callable[..., Opened]


@pytest.fixture
def opening(desk: Desk) -> Iterator[Opening]:
    scans: list[FolderScan] = []

    def opened(settings: Settings | None = None, **given: object) -> Opened:
        made = _opened(desk, settings or Settings(), **given)  # type: ignore[arg-type] # each is named at its call
        scans.append(made.scan)
        return made

    yield opened
    for scan in scans:
        scan.close()


def _opened(
    desk: Desk,
    settings: Settings,
    *,
    folder: Path | None = None,
    places: Places | None = None,
    files: Callable[[FileScanner], FileScanner] = lambda files: files,
    settings_files: tuple[Path, ...] = (),
    on_news: Callable[[FolderEvent], None] = lambda _: None,
) -> Opened:
    scanner, listener = desk.context.scanner, Listener(on_news)
    rules = RootRules(scanner, settings, places or desk.places)
    made = files(FileScanner(scanner, rules, settings.max_file_bytes))
    scan = FolderScan(folder or desk.folder, settings, made, listener.hear, settings_files=settings_files)
    return Opened(scan, listener)


def test_a_path_that_is_too_long_ends_no_look(desk: Desk, opening: Opening) -> None:
    """Earlier findings are withdrawn when they are gone."""
    (desk.folder / ".env").write_text(f"A={tokens.github()}\n")
    inner = os.open(desk.folder, os.O_RDONLY)
    for number in range(18):
        os.mkdir("d" * 250, dir_fd=inner)
        (outer, inner) = inner, os.open("d" * 250, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
        if number == 15:
            os.close(os.open("f" * 200, os.O_CREAT | os.O_WRONLY, dir_fd=inner))
    os.close(inner)
    listener = opening().listener
    looked = listener.wait_for(ScanFinished)
    assert not looked.was_cancelled
    assert any("too long" in sentence for sentence in looked.left_out)
    assert listener.files == {desk.folder / ".env": 1}
    (desk.folder / ".env").unlink()
    listener.wait(lambda: not listener.files)


@posix
def test_a_folder_that_may_not_be_entered_ends_no_look(desk: Desk) -> None:
    with place_of_somebody() as place:
        folder = place / "acme"
        (folder / "locked").mkdir(parents=True)
        (folder / "locked" / "a.txt").write_text("x")
        (folder / ".env").write_text(f"A={tokens.github()}\n")
        (folder / "locked").chmod(0o744)
        with bound_by_permissions():
            opened = _opened(replace(desk, folder=folder), Settings())
            with closing(opened.scan):
                looked = opened.listener.wait_for(ScanFinished)
        (folder / "locked").chmod(0o755)
    assert not looked.was_cancelled
    assert any("a.txt" in sentence for sentence in looked.left_out)
    assert opened.listener.files == {folder / ".env": 1}


class FullCache(ScanCache):
    """A cache that fails in an unforeseen way."""

    def save(self) -> None:
        raise LookupError(tokens.github())


def test_a_look_that_fails_is_over_all_the_same(desk: Desk, opening: Opening) -> None:
    """The failure is reported, and earlier findings are withdrawn when they are gone."""
    (desk.folder / ".env").write_text(f"A={tokens.github()}\n")
    cache = FullCache(desk.places.scan_cache)
    listener = opening(files=lambda files: replace(files, cache=cache)).listener
    looked = listener.wait_for(ScanFinished)
    assert looked.was_cancelled
    (sentence,) = looked.left_out
    assert "ended early because of an unexpected LookupError" in sentence
    (desk.folder / ".env").unlink()
    listener.wait(lambda: not listener.files)


@fast_dataclasses.dataclass(frozen=True, slots=True)
class Strange(Places):
    """No rules can be read until `fixed` is set."""

    fixed: threading.Event = field(default_factory=threading.Event)

    @property
    def rules_cache(self) -> Path:  # type: ignore[override]
        if not self.fixed.is_set():
            raise LookupError(tokens.github())
        return self.cache_dir / "rules"


@pytest.mark.parametrize("respects_ignores", [True, False])
def test_a_folder_whose_rules_cannot_be_read_is_scanned_without(
    desk: Desk, opening: Opening, respects_ignores: bool
) -> None:
    """The reason is reported, and the rules apply as soon as they can be read."""
    (desk.folder / ".env").write_text(f"A={tokens.github()}\n")
    (desk.folder / ".gitleaks.toml").write_text(ALLOW)
    places = Strange(desk.places.config_dir, desk.places.data_dir, desk.places.cache_dir)
    opened = opening(Settings(allow_repository_ignores=respects_ignores), places=places)
    listener = opened.listener
    listener.wait_for(ScanFinished)
    (local,) = (one.rules.local for one in listener.of(RulesRead))
    assert replace(local, ignore_file=PLAIN.ignore_file) == replace(PLAIN, comments=respects_ignores)
    (found_paths,) = listener.of(UserNotice)
    assert "have no effect because of an unexpected LookupError" in found_paths.sentence
    assert tokens.github() not in found_paths.sentence
    assert listener.files == {desk.folder / ".env": 1}
    places.fixed.set()
    opened.scan.rescan_all()
    assert listener.wait_for(RulesRead, 2).rules.fault is None
    listener.wait(lambda: bool(listener.files) is not respects_ignores)


def settle(folder: Path, listener: Listener) -> None:
    """Wait until all events are handled, by making a change that is reported after them."""
    listener.wait_for(SettingsChanged)
    count = len(listener.of(SettingsChanged))
    with (folder / "tokenward.toml").open("a") as file:
        file.write("#\n")
    listener.wait_for(SettingsChanged, count + 1)


def ignored_by_git(folder: Path) -> Settings:
    (git_tree.empty_repository(folder) / ".git" / "info").mkdir()
    (folder / ".git" / "info" / "exclude").write_text(".gitleaks.toml\n")
    return Settings()


def excluded(_: Path) -> Settings:
    return Settings(exclude=(".gitleaks.toml",))


def nothing_scanned(_: Path) -> Settings:
    return Settings(scan_workspace=False)


@pytest.mark.parametrize("choose", [ignored_by_git, excluded, nothing_scanned])
def test_a_rule_file_that_is_not_scanned_takes_hold_all_the_same(
    desk: Desk, opening: Opening, choose: Callable[[Path], Settings]
) -> None:
    """When it is added, changed in place or removed; its content is no finding."""
    settings = choose(desk.folder)
    (desk.folder / ".env").write_text(f"A={tokens.github()}\n")
    listener = opening(settings).listener
    settle(desk.folder, listener)
    before, path = dict(listener.files), desk.folder / ".gitleaks.toml"
    path.write_text(f"{ALLOW}# {tokens.npm()}\n")
    assert (
        listener.wait_for(RulesRead, 2).rules.local.identity != listener.of(RulesRead)[0].rules.local.identity
    )
    settle(desk.folder, listener)
    listener.wait(lambda: not listener.files)
    path.write_text("# nothing\n")
    listener.wait_for(RulesRead, 3)
    listener.wait(lambda: listener.files == before)
    path.unlink()
    listener.wait_for(RulesRead, 4)
    found_paths = {one.path for news in listener.of(FilesFound) for one in news.results}
    assert path not in found_paths


@pytest.mark.parametrize("scans", [True, False])
def test_a_settings_file_that_is_not_scanned_is_told(desk: Desk, opening: Opening, scans: bool) -> None:
    listener = opening(Settings(exclude=("*.toml",), scan_workspace=scans)).listener
    settle(desk.folder, listener)
    settle(desk.folder, listener)


@posix
@pytest.mark.parametrize("scans", [True, False])
def test_files_that_are_reached_through_links_are_followed(
    desk: Desk, opening: Opening, tmp_path: Path, scans: bool
) -> None:
    """Rules and settings that are links, and a folder opened through one."""
    kept = tmp_path / "dotfiles"
    kept.mkdir()
    for name in ("rules.toml", "config.toml"):
        (kept / name).write_text("")
        (tmp_path / name).symlink_to(kept / name)
    (tmp_path / "link").symlink_to(desk.folder)
    settings = Settings(rule_files=(tmp_path / "rules.toml",), scan_workspace=scans)
    opened = opening(settings, folder=tmp_path / "link", settings_files=(tmp_path / "config.toml",))
    listener = opened.listener
    settle(desk.folder, listener)
    count = len(listener.of(SettingsChanged))
    (kept / "config.toml").write_text("enabled = true\n")
    listener.wait_for(SettingsChanged, count + 1)
    (kept / "rules.toml").write_text(ALLOW)
    listener.wait_for(RulesRead, 2)
    (desk.folder / ".gitleaks.toml").write_text(ALLOW)
    listener.wait_for(RulesRead, 3)


@posix
@pytest.mark.parametrize("inner", ["", "packages/one"])
def test_a_folder_keeps_the_name_by_which_it_was_opened(
    desk: Desk, opening: Opening, tmp_path: Path, inner: str
) -> None:
    """So does the surrounding workspace whose rules apply."""
    git_tree.empty_repository(desk.folder)
    (desk.folder / inner).mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(desk.folder)
    rules = opening(folder=tmp_path / "link" / inner).listener.wait_for(RulesRead).rules
    assert rules.home == tmp_path / "link"
    assert rules.prefix == (f"{inner}/" if inner else "")
    assert all(path.is_relative_to(tmp_path / "link") for path in rules.files)


@posix
def test_a_link_to_a_folder_deep_in_a_workspace_has_its_rules(
    desk: Desk, opening: Opening, tmp_path: Path
) -> None:
    git_tree.empty_repository(desk.folder)
    (desk.folder / "packages" / "one").mkdir(parents=True)
    (tmp_path / "link").symlink_to(desk.folder / "packages" / "one")
    rules = opening(folder=tmp_path / "link").listener.wait_for(RulesRead).rules
    assert (rules.home, rules.prefix) == (desk.folder.resolve(), "packages/one/")


def test_many_wishes_that_wait_are_one_look(desk: Desk, opening: Opening) -> None:
    """It includes the changes made meanwhile."""
    held, reached = threading.Event(), threading.Event()

    def hold(news: FolderEvent) -> None:
        if isinstance(news, FilesScanned):
            reached.set()
            assert held.wait(PATIENCE)

    (desk.folder / "a.txt").write_text("")
    opened = opening(on_news=hold)
    assert reached.wait(PATIENCE)
    for _ in range(50):
        opened.scan.rescan_all()
    (desk.folder / ".env").write_text(f"A={tokens.github()}\n")
    held.set()
    opened.listener.wait(lambda: opened.listener.files == {desk.folder / ".env": 1})
    opened.listener.wait_for(ScanFinished, 2)
    (desk.folder / "last.env").write_text(f"A={tokens.npm()}\n")
    opened.listener.wait(lambda: len(opened.listener.files) == 2)
    assert len(opened.listener.of(ScanFinished)) == 2


def test_a_wish_during_a_look_that_nobody_asked_for_is_not_lost(desk: Desk, opening: Opening) -> None:
    (git_tree.empty_repository(desk.folder) / ".gitignore").write_text("notes.txt\n")
    (desk.folder / "notes.txt").write_text(tokens.github())
    opened = opening()
    listener = opened.listener
    listener.wait_for(ScanFinished)
    wishes: list[FolderEvent] = []

    def wish(news: FolderEvent) -> None:
        if isinstance(news, FilesFound) and not wishes:
            wishes.append(news)
            opened.scan.rescan_all()

    listener.on_news = wish
    (desk.folder / ".gitignore").unlink()
    listener.wait_for(ScanFinished, 2)
    assert listener.files == {desk.folder / "notes.txt": 1}
    assert len(listener.of(FilesScanned)) > 1
