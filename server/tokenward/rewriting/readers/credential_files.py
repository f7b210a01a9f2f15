"""Readers of the files in which tools keep their own credentials: none looks up a variable there."""

from __future__ import annotations

from tokenward.rewriting.readers.reader import reader

CREDENTIAL_FILES = (
    reader(
        "netrc",
        "lines",
        r"[._]netrc",
        refusal=(
            "Programs read .netrc as it is; "
            "give the password to the one program that needs it, such as curl by `-u`."
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
        refusal=(
            "PostgreSQL's clients read this file as it is; "
            "they take PGPASSWORD instead, for whatever server they connect to."
        ),
    ),
    reader(
        "MySQL",
        "ini",
        r"\.?my\.cnf|my\.ini",
        refusal=(
            "MySQL's clients read this file as it is; "
            "keep the password by `mysql_config_editor set --login-path`."
        ),
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
        content=r"\"type\"\s*:\s*\"(?:service_account|authorized_user)\"",
        refusal=(
            "Google's libraries read a key file as it is; use `gcloud auth application-default login` or workload "
            "identity, and revoke the key."
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
