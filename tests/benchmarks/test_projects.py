"""The sample projects by which the fix is judged hold the tokens that they say."""

from __future__ import annotations

from corpora.projects import projects


def test_every_placeholder_is_a_token_at_its_place() -> None:
    for name, files in projects(1):
        for file in files:
            assert not {"«", "»"} & set(file.text), (name, file.path)
            for token in file.tokens:
                assert file.text.startswith(token.text, token.start)
                assert file.text.count(token.text) == 1


def test_the_projects_hold_as_many_tokens_as_users_tried() -> None:
    files = [file for _, files in projects(1) for file in files]
    assert len(files) >= 117
    assert sum(len(file.tokens) for file in files) >= 263


def test_the_seed_decides_the_tokens() -> None:
    assert list(projects(1)) == list(projects(1))
    assert list(projects(1)) != list(projects(2))
