"""Tokenward's files and folders on a user's machine."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.fast_dataclasses import dataclass


class _Inside:
    """The path of a file or folder in one of the folders of Places."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._name = name

    def __get__(self, places: Places, _: type[Places]) -> Path:
        folder: Path = getattr(places, self._folder)
        return folder / self._name


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that the OS gives a program for its user, and Tokenward's files in them.

    Attributes:
        policy_file: the settings with which the administrator restricts the machine's users.
    """

    config_dir: Path
    data_dir: Path
    cache_dir: Path
    policy_file: Path | None = None

    @classmethod
    def of_user(cls) -> Places:
        """Return the user's places, and create the folders for data and cache, closed to others.

        Raises:
            SettingsError: the user's home folder is unknown.
        """
        try:
            places = cls(*_folders(), _policy_file())
        except RuntimeError:
            raise _homeless() from None
        # A relative one would be in whichever repository is the current folder.
        if not all(path.is_absolute() for path in (places.config_dir, places.data_dir, places.cache_dir)):
            raise _homeless()
        # Most commands need neither folder; one that does reports the failure when it writes there.
        for folder in (places.data_dir, places.cache_dir):
            with contextlib.suppress(OSError):
                make_private_folder(folder)
        return places

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """Return the folders that only Tokenward writes, in which rules and records look like tokens."""
        return self.data_dir, self.cache_dir

    settings_file = _Inside("config_dir", "config.toml")
    """The user's own settings file."""
    custody = _Inside("data_dir", "custody.db")
    """The database of bindings, entries and leases."""
    sessions = _Inside("data_dir", "sessions.alive")
    """The presence file of sessions."""
    ledger = _Inside("data_dir", "ledger.db")
    """The database of the ledger."""
    fingerprint_key = _Inside("data_dir", "fingerprint.key")
    vault_file = _Inside("data_dir", "vault.tokenward")
    """The encrypted file, unless a setting names another."""
    editor_vault = _Inside("data_dir", "vault.editor")
    """An empty file; it exists if the user chose their editor as the vault."""
    writes = _Inside("data_dir", "writes")
    """The folder of notes about unfinished writes of files with values."""
    files = _Inside("data_dir", "files")
    """The folder of files for commands that run, where the system has none that ends with the session."""
    vault_lock = _Inside("data_dir", "vault.lock")
    moves_lock = _Inside("data_dir", "moves.lock")
    ignores_lock = _Inside("data_dir", "ignores.lock")
    allowed = _Inside("data_dir", "allowed-for-agents.txt")
    agents = _Inside("data_dir", "agents.json")
    """The record of what was added to the files of AI agents."""
    agents_lock = _Inside("data_dir", "agents.lock")
    withheld = _Inside("data_dir", "outputs-withheld")
    """It exists while outputs are withheld from an AI agent, and counts only while the ledger cannot be read."""
    scan_cache = _Inside("cache_dir", "scans.db")
    agent_sessions = _Inside("cache_dir", "agent-sessions")

    @property
    def rules_cache(self) -> Path:
        """The folder of compiled rules, in the cache, or in a temporary folder where others could change that.

        The engine loads no rules that others could change, and would compile them at each start.
        """
        if not _others_may_change(self.cache_dir):
            return self.cache_dir / "rules"
        temporary = Path(f"/var/tmp/tokenward-{os.geteuid()}")  # noqa: S108 - of this user alone, as is ensured
        with contextlib.suppress(OSError):
            temporary.mkdir(mode=0o700, exist_ok=True)
            if temporary.lstat().st_uid == os.geteuid() and not _others_may_change(temporary):
                return temporary
        return self.cache_dir / "rules"


def _others_may_change(folder: Path) -> bool:
    """Return whether anyone but the user and root may replace what is in a folder, or a folder around it."""
    if sys.platform == "win32":
        return False
    with contextlib.suppress(OSError):
        for one in (folder.lstat(), *(parent.stat() for parent in folder.parents)):
            is_shared = one.st_mode & 0o022 and not one.st_mode & stat.S_ISVTX
            if is_shared or one.st_uid not in (0, os.geteuid()) or stat.S_ISLNK(one.st_mode):
                return True
    return False


def _folders() -> tuple[Path, Path, Path]:
    """Return the folders for the configuration, data and cache."""
    home = os.environ.get("HOME", "")
    # The usual case of the library, which takes 6 ms to load.
    if sys.platform == "linux" and home.startswith("/") and "ANDROID_DATA" not in os.environ:
        named = (os.environ.get(f"XDG_{kind}_HOME", "") for kind in ("CONFIG", "DATA", "CACHE"))
        usual = (f"{home}/{folder}" for folder in (".config", ".local/share", ".cache"))
        places = zip(named, usual, strict=True)
        config, data, cache = (
            Path(one if one.startswith("/") else other, "tokenward") for one, other in places
        )
        return config, data, cache
    from platformdirs import PlatformDirs  # noqa: PLC0415 - see above

    dirs = PlatformDirs("tokenward", appauthor=False)
    return dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path


def _policy_file() -> Path:
    """Return the first policy file that exists; a variable may add folders, but never hide the system's own."""
    named = [] if sys.platform == "win32" else os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)
    folders = [_policy_folder(), *(Path(name, "tokenward") for name in named if Path(name).is_absolute())]
    files = [folder / "policy.toml" for folder in folders]
    return next((file for file in files if os.path.lexists(file)), files[0])


def _policy_folder() -> Path:
    if sys.platform == "win32":
        from platformdirs.windows import get_win_folder_via_ctypes  # noqa: PLC0415 - of Windows alone

        # The system's own answer: `PlatformDirs` lets a variable of the user's name another folder.
        return Path(get_win_folder_via_ctypes("CSIDL_COMMON_APPDATA"), "tokenward")
    if sys.platform == "darwin":
        return Path("/Library/Application Support/tokenward")
    return Path("/etc/xdg/tokenward")


def _homeless() -> SettingsError:
    return SettingsError("Your home folder is not known; set HOME to its absolute path.")


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its user may enter, or close an existing one to others."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "nt" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def canonical(path: str) -> str:
    """Return the canonical spelling of a path, with links, dots and case resolved.

    Any other text, such as a URI, is returned unchanged.
    """
    if not Path(path).is_absolute():
        return path
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError):
        return path
    if sys.platform == "darwin":
        return _in_true_case(real)
    drive, rest = os.path.splitdrive(real)
    return drive.upper() + rest


def _in_true_case(path: str) -> str:
    """Return a path in the file system's spelling, as far as it exists."""
    if sys.platform != "darwin":
        return path
    import fcntl  # noqa: PLC0415 - Windows has none

    try:
        place = os.open(path, os.O_EVTONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        folder, name = os.path.split(path)
        return os.path.join(_in_true_case(folder), name) if name else path  # noqa: PTH118 - a text, as it came
    try:
        return os.fsdecode(fcntl.fcntl(place, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    except OSError:
        return path
    finally:
        os.close(place)


def by_home(path: Path) -> str:
    """Return a path with `~` for the home folder."""
    home = Path.home()
    return (
        f"~/{path.relative_to(home).as_posix()}" if path != home and path.is_relative_to(home) else str(path)
    )


def shown(text: object) -> str:
    """Return a path or name for a message; a hostile one cannot move the cursor, break the line or fail to print."""
    return "".join(character if character.isprintable() else "?" for character in str(text))
