"""Readers of the files in which tools keep their own credentials: none looks up a variable there, some ask a helper."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.helper_command import HelperCommand, Part
from tokenward.rewriting.readers.reader import Place, reader
from tokenward.rewriting.structure import AWS_ID, AWS_SECRET, KUBE_ENTRY

# A profile with one of the two keys is an error, so the id becomes an argument. Every AWS SDK runs the command, and
# takes keys of the same profile first.
_AWS = HelperCommand(
    before=(
        Part(AWS_ID, "credential_process = tokenward credential aws ", "aws_access_key_id = "),
        Part(r"[A-Z0-9]{16,128}"),
        Part(AWS_SECRET, " ", "\naws_secret_access_key = "),
    ),
    unless=frozenset({"aws_session_token", "credential_process"}),
)
# kubectl runs no plugin for a user that has a token, and refuses one with a name and a password besides.
_KUBECTL = HelperCommand(
    before=(
        Part(
            KUBE_ENTRY,
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: tokenward, "
            'args: [credential, kubectl, "',
            'token: "',
        ),
    ),
    after=(Part("[\"']?", '"], interactiveMode: IfAvailable}', '"'),),
    unless=frozenset({"exec", "auth-provider", "tokenFile", "username", "password"}),
)

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
        Place(
            "REFERENCE",
            re.compile("(?i:[^/]+/aws_secret_access_key)"),
            in_environment=False,
            whole=True,
            helper=_AWS,
        ),
        Place(
            "",
            re.compile("(?i:[^/]+/aws_session_token)"),
            refusal=(
                "A session token is for a few hours, and no helper can renew it from here; let AWS tools fetch it "
                "themselves by `aws sso login` or a role, and delete the three lines."
            ),
        ),
        Place(
            "",
            re.compile("(?i:[^/]+/aws_access_key_id)"),
            refusal=(
                "The id of an access key is no secret; move the secret below it, and the id becomes a part of "
                "`credential_process`."
            ),
        ),
        refusal=(
            "AWS tools take both keys from `credential_process` or neither; write aws_secret_access_key right below "
            "aws_access_key_id, in a profile without aws_session_token and credential_process, then move it."
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
        Place(
            "REFERENCE",
            re.compile("users/user/token"),
            in_environment=False,
            whole=True,
            helper=_KUBECTL,
        ),
        content=r"^kind:[ \t]*Config\b|^current-context:",
        refusal=(
            "kubectl takes only a token from a helper, in a user that has nothing else, so no password and no key; "
            "give the user a token, or what the cluster's own login plugin sets up."
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
