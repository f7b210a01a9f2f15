"""Commands that print a token are recognised by name, however they are quoted."""

from __future__ import annotations

import re

import pytest

from tokenward.operations.agents.printing_commands import PRINTING_COMMANDS, printing_command

PRINTING = """
tokenward get NAME | tokenward env | tokenward restore .env | tokenward run --no-mask -- make
tokenward exec --no-mask env | tokenward put A --replace | tokenward agents undo
secret-tool lookup a b | keyring get a b | kwallet-query kdewallet | security find-generic-password -w -s x
cmdkey /list | pass show a/b | op read op://a | bw get item x | lpass show x
gh auth token | gh auth status --show-token | glab auth status -t | glab token create x
git credential fill | git credential-cache get | git-credential-libsecret get | docker-credential-pass get
aws configure export-credentials | aws --profile x configure get aws_secret_access_key
aws sts assume-role --role-arn x | aws iam create-access-key | aws ecr get-login-password
aws secretsmanager get-secret-value --secret-id x | aws ssm get-parameter --name x --with-decryption
gcloud auth print-access-token | gcloud auth application-default print-access-token
gcloud iam service-accounts keys create k.json | gcloud secrets versions access latest
az account get-access-token | az ad sp create-for-rbac | az keyvault secret show | azd auth token
kubectl create token x | kubectl -n a get secret x -o yaml | kubectl config view --raw | oc whoami -t
npm token create | yarn npm token create | npm config get //registry/:_authToken
vault token create | vault kv get secret/x | vault read secret/x
heroku auth:token | heroku config | doppler secrets | infisical secrets | fly auth token | fly tokens create
databricks auth token | databricks tokens create | doctl auth token | stripe config --list
hf auth token | snow connection generate-jwt | sops -d x | ansible-vault view x | gpg --export-secret-keys
python3 -c 'import keyring; print(1)' | python -c 'k.get_x(keyring . get_password)' | cat /proc/123/environ
busctl --user call org.freedesktop.secrets / | gdbus call -d org.kde.kwalletd5 | powershell CredReadW
"""
LINES = [line.strip() for text in PRINTING.strip().splitlines() for line in text.split(" | ")]
HARMLESS = """
make test; git status; git push; git log -p; gh pr list; gh auth status; kubectl get pods -o yaml; aws s3 ls
npm install; npm run token; npm config get prefix; tokenward run -- env; tokenward list; tokenward move .env
tokenward redact .env; tokenward scan; security; pass; keyring; echo get; vault status; az account show; heroku ps
gcloud auth list; docker compose config; cat /proc/cpuinfo; op --version; python -m pytest tests/keyring_session.py
"""


@pytest.mark.parametrize("line", LINES)
def test_a_command_that_prints_a_token_is_known(line: str) -> None:
    found = printing_command(line)
    assert found is not None
    assert found[1]


FORMS = ["cd x && {}", "sudo -E /usr/bin/{}", "X=$({})", 'bash -c "{}"', "true; {}\n", "( {} )", "`{}`"]


def test_it_is_known_anywhere_in_a_line() -> None:
    lines = [form.format(line) for line in LINES for form in FORMS]
    assert [line for line in lines if printing_command(line) is None] == []


def test_it_is_known_however_its_words_are_quoted() -> None:
    for line in (
        '"gh" auth token',
        "g'h' au\\th token",
        "gh \\\n auth \\\n token",
        "GH_HOST=x gh auth\ttoken",
    ):
        assert printing_command(line) is not None, line


@pytest.mark.parametrize(
    "line", [one.strip() for one in HARMLESS.replace("\n", ";").split(";") if one.strip()]
)
def test_other_commands_are_not(line: str) -> None:
    assert printing_command(line) is None


def test_every_row_has_a_sample() -> None:
    """Each row of the table is the reason why some sample is known."""
    from tokenward.operations.agents import printing_commands  # noqa: PLC0415

    unused = []
    for row in PRINTING_COMMANDS:
        hits = [
            line
            for line in LINES
            for place, word in enumerate(line.split())
            if re.fullmatch(row.program, printing_commands._base(word))
            and printing_commands._follow(row.words, line.split()[place + 1 :])
        ]
        if not hits:
            unused.append(row)
    assert unused == []
