"""The order in which the files of a workspace are moved."""

from __future__ import annotations

from pathlib import Path

from tokenward.operations.move.find_files import in_order


def test_a_file_whose_reader_knows_one_name_comes_before_those_whose_tokens_take_any() -> None:
    """Otherwise another token would take the name, and the one of the Dockerfile stay."""
    paths = [
        *map(Path, (".circleci/config.yml", "deploy.sh", "a/app.py", "Dockerfile", "airflow.cfg", "web/.env"))
    ]
    assert in_order(paths) == [
        *map(Path, ("web/.env", "Dockerfile", "airflow.cfg", ".circleci/config.yml", "a/app.py", "deploy.sh"))
    ]
