"""Readers of the files in which tools keep their own credentials: none looks up a variable there.

A reference stays where `tokenward run --file` gives the tool a filled file. None is the preferred fix, since the tool
fails until it is started so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.rewriting.readers.reader import Place, reader


def _filled(command: str, otherwise: str = "") -> Place:
    """Return the place of a token in a file that a command fills; FILE in the command is the file."""
    after = f"Run `{command}`, with this file as FILE. {otherwise}".rstrip()
    return Place("REFERENCE", in_environment=False, after=after)


CREDENTIAL_FILES = (
    reader(
        "netrc",
        "lines",
        r"[._]netrc",
        _filled(
            "tokenward run --file FILE={NETRC} -- curl --netrc-file {NETRC} …",
            "Some programs read the variable NETRC. For others, such as git, call this file .netrc.template, and run "
            "`tokenward run --file ~/.netrc.template=~/.netrc -- git pull`.",
        ),
    ),
    reader(
        "git",
        "lines",
        r"\.git-credentials|git/credentials",
        refusal=(
            "git reads this file as it is; "
            "choose a credential helper of your system's keyring, such as libsecret."
        ),
    ),
    reader(
        "PostgreSQL",
        "lines",
        r"\.pgpass|pgpass\.conf",
        _filled("tokenward run --file FILE={PGPASSFILE} -- psql …"),
    ),
    reader(
        "MySQL",
        "ini",
        r"\.?my\.cnf|my\.ini",
        # With `--defaults-extra-file`, the user's own file would be read later, and its reference taken as it is.
        _filled("tokenward run --file FILE={CNF} -- mysql --defaults-file={CNF} …"),
    ),
    reader(
        "AWS",
        "ini",
        r"\.aws/(?:credentials|config)",
        refusal=(
            "AWS tools read this file as it is; use `credential_process`, or remove the profile's keys and set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ),
    ),
    reader(
        "docker",
        "json",
        r"\.docker/config\.json",
        refusal=(
            "docker reads this file as it is; "
            "set `credsStore` to a helper of your system's keyring, and log in again."
        ),
    ),
    reader(
        "gh",
        "yaml",
        r"gh/hosts\.ya?ml",
        refusal=(
            "gh reads this file as it is; "
            "`gh auth login` keeps the token in the keyring, and GH_TOKEN wins over it."
        ),
    ),
    reader(
        "kubectl",
        "yaml",
        r"\.kube/config|[^/]*kubeconfig[^/]*",
        content=r"^kind:[ \t]*Config\b|^current-context:",
        refusal=(
            "kubectl reads this file as it is; give the user an `exec` credential plugin instead of a token."
        ),
    ),
    reader(
        "Google Cloud",
        "json",
        r"[^/]*\.json",
        replace(
            _filled(
                "tokenward run --file FILE={GOOGLE_APPLICATION_CREDENTIALS} -- …",
                "Google's and Firebase's libraries read that variable.",
            ),
            keys=re.compile("private_key|refresh_token|client_secret"),
        ),
        content=r"\"type\"\s*:\s*\"(?:service_account|authorized_user)\"",
        refusal="Google's libraries need this entry as it is",
    ),
    reader(
        "OpenSSH",
        "key",
        r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:[_-][^/.]*)?",
        replace(
            _filled("tokenward inject FILE -o - | ssh-add -", "ssh then has the key from the agent."),
            named=False,
        ),
    ),
    reader(
        "Terraform CLI",
        "tfvars",
        r"\.terraformrc|terraform\.rc|[^/]*\.tfrc",
        refusal=(
            "Terraform reads this file as it is; "
            "remove the block and set TF_TOKEN_ and the host's name, with _ for each dot."
        ),
    ),
)
