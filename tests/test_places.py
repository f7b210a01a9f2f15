from __future__ import annotations

import sys

import pytest
from platformdirs import PlatformDirs

from tokenward.errors import SettingsError
from tokenward.places import Places


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is the library that says where they are")
@pytest.mark.parametrize("home", ["{}", "{}/", "{}//a", "relative", ""])
@pytest.mark.parametrize("named", [None, "", "{}/x", "{}/x/", "relative", " "])
def test_the_folders_are_those_of_the_library(
    home: str, named: str | None, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home.format(tmp_path))
    for kind in ("CONFIG", "DATA", "CACHE"):
        if named is None:
            monkeypatch.delenv(f"XDG_{kind}_HOME", raising=False)
        else:
            monkeypatch.setenv(f"XDG_{kind}_HOME", named and named.format(f"{tmp_path}/{kind}"))
    # What the library says of a home that is none is the user's own, in which no test writes.
    if home in {"relative", ""} and named != "{}/x":
        return
    dirs = PlatformDirs("tokenward", appauthor=False)
    places = Places.of_user()
    assert (places.config_dir, places.data_dir, places.cache_dir) == (
        dirs.user_config_path,
        dirs.user_data_path,
        dirs.user_cache_path,
    )


def test_without_a_home_folder_there_are_no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(*_: object, **__: object) -> object:
        raise RuntimeError

    monkeypatch.setenv("HOME", "relative")
    monkeypatch.setattr("platformdirs.PlatformDirs", homeless)
    with pytest.raises(SettingsError, match="HOME"):
        Places.of_user()
