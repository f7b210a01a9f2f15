"""Readers of CI configuration: a runner looks up a secret of its own, which a person has to set there."""

from __future__ import annotations

from tokenward.rewriting.readers.reader import Place, reader

CI = (
    reader(
        "GitHub Actions",
        "yaml",
        r"\.github/(?:workflows/[^/]+|actions/.+/action)\.ya?ml",
        Place(
            "${{ secrets.NAME }}",
            in_environment=False,
            after="Set the secret by `tokenward get NAME | gh secret set NAME`.",
            left="set the secret in GitHub",
        ),
    ),
    reader(
        "GitLab CI",
        "yaml",
        r"\.gitlab-ci\.ya?ml|\.gitlab/ci/[^/]+\.ya?ml",
        Place(
            "${NAME}",
            in_environment=False,
            after="Add the variable NAME in the project's CI/CD settings; `tokenward get NAME` prints its value.",
            left="add the variable in GitLab",
        ),
    ),
)
