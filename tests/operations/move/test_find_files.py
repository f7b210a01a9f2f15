"""The order in which the files of a workspace are moved."""

from __future__ import annotations

from pathlib import Path

from tokenward.operations.move.find_files import in_order


def test_a_file_whose_reader_knows_one_name_comes_before_those_whose_tokens_take_any() -> None:
    """Otherwise another token would take the name, and the one of the Dockerfile stay."""
    moved = "web/.env .zshrc Dockerfile airflow.cfg .circleci/config.yml a/app.py deploy.sh"
    paths = [*map(Path, moved.split())]
    assert in_order(sorted(paths, reverse=True)) == paths
