from __future__ import annotations

from rewriting.readers.samples import Sample

SAMPLES = (
    Sample(
        "GitHub Actions",
        ".github/workflows/release.yml",
        "jobs:\n  a:\n    env:\n      NPM_TOKEN: T0K\n    steps:\n      - run: |\n          curl -H 'X-Key: T0K' https://example.com\n",
        "jobs:\n  a:\n    env:\n      NPM_TOKEN: ${{ secrets.API_KEY }}\n    steps:\n"
        "      - run: |\n          curl -H 'X-Key: ${{ secrets.API_KEY }}' https://example.com\n",
    ),
    Sample(
        "GitHub Actions",
        ".github/workflows/flow.yaml",
        'on: {push: {}}\nenv: {A: T0K, B: "x T0K"}\n',
        'on: {push: {}}\nenv: {A: "${{ secrets.API_KEY }}", B: "x ${{ secrets.API_KEY }}"}\n',
    ),
    Sample(
        "GitLab CI",
        ".gitlab-ci.yml",
        'deploy:\n  variables:\n    TOKEN: "T0K"\n  script:\n    - deploy --token T0K\n',
        'deploy:\n  variables:\n    TOKEN: "${API_KEY}"\n  script:\n    - deploy --token ${API_KEY}\n',
    ),
)
