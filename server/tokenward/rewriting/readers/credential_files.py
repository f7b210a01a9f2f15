"""Readers of the files in which tools keep their own credentials: none looks up a variable there.

Some ask a helper. Elsewhere, a reference stays where `tokenward run` gives the tool a filled file; that is never the
preferred fix, since the tool fails until it is started so.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import HelperLogin, ParsedText, Replacement
from tokenward.rewriting.readers.helper_command import CommandPart, HelperCommand
from tokenward.rewriting.readers.reader import Place, filled, reader
from tokenward.rewriting.spelling import BasicForm
from tokenward.rewriting.structure import AWS_ID, AWS_SECRET, DOCKER_AUTH, DOCKER_END, KUBE_ENTRY
from tokenward.text import line_span

_ELSEWHERE = ", with {} if it is not in your home folder."


# A profile with one of the two keys is an error, so the id becomes an argument. Every AWS SDK runs the command, and
# takes keys of the same profile first.
_AWS = HelperCommand(
    before=(
        CommandPart(AWS_ID, "credential_process = tokenward credential aws ", "aws_access_key_id = "),
        CommandPart(r"[A-Z0-9]{16,128}"),
        CommandPart(AWS_SECRET, " ", "\naws_secret_access_key = "),
    ),
    unless=frozenset({"aws_session_token", "credential_process"}),
)
# kubectl runs no plugin for a user that has a token, and refuses one with a name and a password besides.
_KUBECTL = HelperCommand(
    before=(
        CommandPart(
            KUBE_ENTRY,
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: tokenward, "
            'args: [credential, kubectl, "',
            'token: "',
        ),
    ),
    after=(CommandPart("[\"']?", '"], interactiveMode: IfAvailable}', '"'),),
    unless=frozenset({"exec", "auth-provider", "tokenFile", "username", "password"}),
)
_KUBE_USER = Place(
    "REFERENCE",
    re.compile("users/user/token"),
    in_environment=False,
    whole=True,
    helper=_KUBECTL,
)
_KUBECONFIG = r"^kind:[ \t]*Config\b|^current-context:"
_NOTHING_ELSE = (
    "kubectl takes only a token from a helper, in a user that has nothing else, so no password and no key; give the "
    "user a token, or what the cluster's own login plugin sets up."
)
# The line becomes a comment to git, which keeps the lines that it cannot read.
_GIT = HelperCommand(
    before=(CommandPart("(?m:^)", "# "), CommandPart(r"https?://[^\s:@/%]{1,200}:")),
    after=(CommandPart("(?=@)"),),
)
_GIT_URL = re.compile(r"(https?://)([^\s:@/%]+):[^\s@/]+@([A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:/[^\r\n]*)?")
_DOCKER = HelperCommand(
    before=(CommandPart(DOCKER_AUTH, "{", '{"auth": "'),),
    after=(CommandPart(DOCKER_END, "}", '"}'),),
    example='"credHelpers": {"HOST": "tokenward"}',
)
_REGISTRY = re.compile(r"(?:https?://)?([A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:/.*)?")
_DOCKER_HUB = "https://index.docker.io/v1/"


def _git_login(parsed: ParsedText, span: Span) -> HelperLogin:
    line = line_span(parsed.text, span)
    match = _GIT_URL.fullmatch(parsed.text, line.start, line.end)
    if match is None:
        raise RewriteRefused("git reads no such line; store the token, and delete the line.")
    # Unless `credential.useHttpPath` is set, git asks for the host alone.
    return HelperLogin(match[1] + match[3], match[2])


def _docker_login(parsed: ParsedText, span: Span) -> HelperLogin:
    value = parsed.whole_value(span)
    _, spelling = BasicForm().read(parsed.text[value.start : value.end])
    name = _registry(parsed, span)
    return HelperLogin(name if name == _DOCKER_HUB else f"https://{name}", spelling.user)


def _registry(parsed: ParsedText, span: Span) -> str:
    """Return the name under which docker asks the helper of a registry."""
    name = parsed.keys(span)[1]
    match = _REGISTRY.fullmatch(name)
    if match is None:
        raise RewriteRefused("docker knows no such registry; log in again, then move the token.")
    return name if name == _DOCKER_HUB else match[1]


def _cred_helpers(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:  # noqa: ARG001
    registry, top, text = _registry(parsed, span), parsed.beside(span, 3), parsed.text
    if "credHelpers" in top:
        helpers = top["credHelpers"]
        if f'"{registry}"' in text[helpers.start : helpers.end]:
            raise RewriteRefused("This registry has a helper in `credHelpers` already; log in again.")
        is_empty = re.match(r"\{\s*\}", text[helpers.start : helpers.end])
        place = helpers.start + 1
        return [Replacement(Span(place, place), f'"{registry}": "tokenward"{"" if is_empty else ", "}')]
    place = text.rindex('"auths"', 0, top["auths"].start)
    between = text[text.rindex("{" if text[:place].rstrip().endswith("{") else ",", 0, place) + 1 : place]
    return [Replacement(Span(place, place), f'"credHelpers": {{"{registry}": "tokenward"}},{between or " "}')]


# fmt: off
CREDENTIAL_FILES = (
    reader(
        "netrc", "lines", r"[._]netrc",
        filled(
            "curl --netrc …",
            ", with `--netrc-file` if it is not in your home folder. Some programs read the variable NETRC. For "
            "others, such as git, call this file .netrc.template, and run "
            "`tokenward run --file ~/.netrc.template=~/.netrc -- git pull`.",
        ),
    ),
    reader("curl", "lines", r"[._]curlrc", filled("curl -q -K FILE …")),
    reader("msmtp", "lines", r"\.?msmtprc|msmtp/config", filled("msmtp …", _ELSEWHERE.format("`-C`"))),
    reader("mbsync", "lines", r"\.?mbsyncrc", filled("mbsync -c FILE …")),
    reader("wget", "ini", r"\.wgetrc", filled("wget …", _ELSEWHERE.format("the variable WGETRC"))),
    reader("s3cmd", "ini", r"\.s3cfg", filled("s3cmd …", _ELSEWHERE.format("`-c`"))),
    reader(
        "git", "lines", r"\.git-credentials|git/credentials",
        Place(
            "REFERENCE", in_environment=False, login=_git_login, helper=_GIT,
            after=(
                "Start git with `tokenward run -- git …`, or have it ask Tokenward for LOGIN_URL by COMMANDS; it would "
                "not find the password otherwise, or write it here again."
            ),
            left="git",
        ),
        refusal=(
            "git takes only the password of a line with a user and a password from this file; store the token, and "
            "delete the line."
        ),
        special="%",
    ),
    reader(
        "PostgreSQL", "lines", r"\.pgpass|pgpass\.conf",
        filled("psql …", _ELSEWHERE.format("the variable PGPASSFILE")),
    ),
    reader(
        "MySQL", "ini", r"\.?my\.cnf|my\.ini", filled("mysql …", _ELSEWHERE.format("`--defaults-file`")),
    ),
    reader(
        "AWS", "ini", r"\.aws/(?:credentials|config)",
        Place(
            "REFERENCE", re.compile("(?i:[^/]+/aws_secret_access_key)"), in_environment=False, whole=True,
            helper=_AWS,
        ),
        Place(
            "", re.compile("(?i:[^/]+/aws_session_token)"),
            refusal=(
                "A session token is for a few hours, and no helper can renew it from here; let AWS tools fetch it "
                "themselves by `aws sso login` or a role, and delete the three lines."
            ),
        ),
        Place(
            "", re.compile("(?i:[^/]+/aws_access_key_id)"),
            refusal=(
                "The id of an access key is no secret; it becomes a part of `credential_process` once the secret below "
                "it is moved."
            ),
        ),
        refusal=(
            "AWS tools take both keys from `credential_process` or neither; write aws_secret_access_key right below "
            "aws_access_key_id, in a profile without aws_session_token and credential_process, then move it."
        ),
    ),
    reader(
        "docker", "json", r"\.docker/config\.json",
        Place(
            "", re.compile(r"auths/.+/auth"), in_environment=False, whole=True, form=BasicForm(), login=_docker_login,
            helper=_DOCKER, further=_cred_helpers,
        ),
        refusal=(
            "docker asks a helper only in place of `auth`, where that is alone in its entry; set `credsStore` to a "
            "helper of your system's keyring, and log in again."
        ),
    ),
    reader("kubectl", "yaml", r"\.kube/config", _KUBE_USER, content=_KUBECONFIG, refusal=_NOTHING_ELSE),
    reader(
        "kubectl with another file", "yaml", r"[^/]*kubeconfig[^/]*",
        replace(
            _KUBE_USER,
            after="Name this file in KUBECONFIG, or start kubectl in this workspace; with `--kubeconfig`, it gets the "
            "token nowhere else.",
        ),
        content=_KUBECONFIG, refusal=_NOTHING_ELSE,
    ),
    reader(
        "Google Cloud", "json", r"[^/]*\.json",
        replace(
            filled(
                "…",
                ", with the path of this file in the variable GOOGLE_APPLICATION_CREDENTIALS, which Google's and "
                "Firebase's libraries read. For code that opens the file itself, call it FILE.template, and run "
                "`tokenward run --file FILE.template=FILE -- …`.",
            ),
            keys=re.compile("private_key|refresh_token|client_secret"),
        ),
        content=r"\"type\"\s*:\s*\"(?:service_account|authorized_user)\"",
        refusal="Google's libraries need this entry as it is",
    ),
    reader(
        "OpenSSH", "key",
        r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:[_-][^/.]*)?"
        r"|\.ssh/(?!config|known_hosts|authorized_keys|environment|rc)[^/.]+(?:\.(?:pem|key))?",
        replace(
            filled("ssh-add FILE", ", with this file as FILE; ssh then has the key from the agent."), named=False,
        ),
    ),
    reader(
        "Terraform CLI", "tfvars", r"\.terraformrc|terraform\.rc|[^/]*\.tfrc",
        refusal=(
            "Terraform reads this file as it is; "
            "remove the block and set TF_TOKEN_ and the host's name, with _ for each dot."
        ),
    ),
)
# fmt: on
