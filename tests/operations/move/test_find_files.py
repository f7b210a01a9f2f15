"""The order in which the files of a workspace are moved."""

from __future__ import annotations

from pathlib import Path

from tokenward.operations.move.find_files import in_order


def test_a_file_whose_reader_knows_one_name_comes_before_those_whose_tokens_take_any() -> None:
    """Otherwise another token would take the name, and the one of the shell's start file stay."""
    paths = [*map(Path, ("deploy.sh", "a/app.py", "home/.bashrc", "airflow.cfg", "web/.env"))]
    assert in_order(paths) == [
        *map(Path, ("web/.env", "airflow.cfg", "home/.bashrc", "a/app.py", "deploy.sh"))
    ]
