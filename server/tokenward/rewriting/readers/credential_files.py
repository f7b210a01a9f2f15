"""Readers of the files in which tools keep their own credentials: none looks up a variable there.

Some ask a helper. Elsewhere, a reference stays where `tokenward run` gives the tool a filled file; that is never the
preferred fix, since the tool fails until it is started so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import HelperLogin, ParsedText, Replacement
from tokenward.rewriting.readers.helper_command import CommandPart, HelperCommand
from tokenward.rewriting.readers.reader import Place, filled, reader
from tokenward.rewriting.spelling import BASIC, BasicForm, PercentForm, Spelling
from tokenward.rewriting.structure import (
    AWS_ID,
    AWS_SECRET,
    DOCKER_AUTH,
    DOCKER_END,
    KUBE_CERTIFICATE,
    KUBE_ENTRY,
    KUBE_KEY,
)
from tokenward.text import line_span

_TOO = " for another program, or"
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
_EXEC = (
    'exec: {apiVersion: client.authentication.k8s.io/v1, command: tokenward, args: [credential, kubectl, "'
)
# `kubectl config use-context` and others write the whole file.
_EXEC_BLOCK = (
    r"exec:\s{1,40}apiVersion: client\.authentication\.k8s\.io/v1\s{1,40}args:"
    r"(?:\s{1,40}- credential)(?:\s{1,40}- kubectl)\s{1,40}- "
)
_EXEC_END = CommandPart(
    "[\"']?",
    '"], interactiveMode: IfAvailable}',
    '"',
    r"\s{1,40}command: tokenward(?:\s{1,40}env: null)?\s{1,40}interactiveMode: IfAvailable"
    r"(?:\s{1,40}provideClusterInfo: false)?",
)
# kubectl runs no plugin for a user that has a token or a key, and refuses one with a name and a password besides.
_KUBE_TOKEN = HelperCommand(
    before=(CommandPart(KUBE_ENTRY, _EXEC, 'token: "', _EXEC_BLOCK),),
    after=(_EXEC_END,),
    unless=frozenset({"exec", "auth-provider", "tokenFile", "username", "password"}),
)
# The certificate is public, and stays as an argument.
_KUBE_PAIR = HelperCommand(
    before=(
        CommandPart(KUBE_CERTIFICATE, _EXEC, "client-certificate-data: ", _EXEC_BLOCK),
        CommandPart(r"[A-Za-z0-9+/=]{100,20000}"),
        CommandPart(KUBE_KEY, '", "', '\n    client-key-data: "', r"\s{1,40}- "),
    ),
    after=(_EXEC_END,),
    unless=_KUBE_TOKEN.unless | {"token", "client-certificate", "client-key"},
    longest=25_000,
)
_KUBE_PLACES = tuple(
    Place("REFERENCE", re.compile(f"users/user/{key}"), whole=True, helper=helper)
    for key, helper in (("token", _KUBE_TOKEN), ("client-key-data", _KUBE_PAIR))
)
_KUBECONFIG = r"^kind:[ \t]*Config\b|^current-context:"
_NOTHING_ELSE = (
    "kubectl takes a token, or a key whose certificate is in client-certificate-data right above it, from a helper, in "
    "a user that has nothing else; give the user one of the two, or what the cluster's own login plugin sets up."
)
# The line becomes a comment to git, which keeps the lines that it cannot read.
_GIT = HelperCommand(
    before=(CommandPart("(?m:^)", "# "), CommandPart(r"https?://[^\s:@/]{1,200}:")),
    after=(CommandPart("(?=@)"),),
)
# git writes its own lines with %3a before a port, and %40 in a user's name.
_GIT_URL = re.compile(
    r"(https?://)((?:[^\s:@/%]|%[2-7][0-9a-fA-F])+):[^\s@/]+@([A-Za-z0-9.-]+)(?:(?::|%3[aA])([0-9]{1,5}))?(?:/[^\r\n]*)?"
)
_DOCKER = HelperCommand(
    before=(CommandPart(DOCKER_AUTH, "{", '{"auth": "'),),
    after=(CommandPart(DOCKER_END, "}", '"}'),),
    example='"credHelpers": {"HOST": "tokenward"}',
)
_REGISTRY = re.compile(r"(?:https?://)?([A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:/(?:v[12]/?)?)?")
_DOCKER_HUB = "https://index.docker.io/v1/"


def _git_login(parsed: ParsedText, span: Span) -> HelperLogin:
    line = line_span(parsed.text, span)
    match = _GIT_URL.fullmatch(parsed.text, line.start, line.end)
    if match is None:
        raise RewriteRefused("git reads no such line; store the token, and delete the line.")
    # Unless `credential.useHttpPath` is set, git asks for the host alone.
    port = f":{match[4]}" if match[4] else ""
    return HelperLogin(f"{match[1]}{match[3]}{port}", unquote(match[2]))


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
        raise RewriteRefused(
            "A helper is asked for a whole registry, and this login is for another place; log in to the registry, then "
            "move the token."
        )
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


def _docker_again(text: str, login: HelperLogin) -> list[Replacement]:
    """Return the changes in a file that docker has written, which sorts and indents its entries."""
    hub = _DOCKER_HUB.removesuffix("/")
    name = re.escape(_DOCKER_HUB if login.url == hub else login.url.removeprefix("https://"))
    entry = re.search(rf'"(?:https?://)?{name}(?:/v[12]/?)?"\s*:\s*(?=\{{\}})', text)
    named = rf'"{name}"\s*:\s*"tokenward"'
    helper = re.search(rf',\s*"credHelpers"\s*:\s*\{{\s*{named}\s*\}}|{named},\s*|,\s*{named}', text)
    if not (entry and helper):
        return []
    start, middle, end = (entry.end() + number for number in range(3))
    return [
        Replacement(Span(start, middle), "{", '{"auth": "'),
        Replacement(Span(middle, middle), "", spelling=Spelling(BASIC, user=login.user), carries_value=True),
        Replacement(Span(middle, end), "}", '"}'),
        Replacement(Span(*helper.span()), helper[0]),
    ]


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
            "REFERENCE", form=PercentForm(), login=_git_login, helper=_GIT,
            after=(
                "Start git with `tokenward run -- git …`, or have it ask Tokenward for LOGIN_URL by COMMANDS; it would "
                "not find the password otherwise, or write it here again."
            ),
            left="git",
        ),
        refusal=(
            "git takes only the password of a line with a user and a password from this file; write the token as the "
            "password behind a user and a colon, then move it."
        ),
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
            "REFERENCE", re.compile("(?i:[^/]+/aws_secret_access_key)"), whole=True,
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
            "", re.compile("(?i:[^/]+/aws_access_key_id)"), along=True,
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
        "docker", "json", r"\.docker/config\.json|containers/auth\.json",
        Place(
            "", re.compile(r"auths/.+/auth"), in_environment=False, whole=True, form=BasicForm(), login=_docker_login,
            helper=_DOCKER, further=_cred_helpers, again=_docker_again,
        ),
        refusal=(
            "docker asks a helper only in place of `auth`, where that is alone in its entry; set `credsStore` to a "
            "helper of your system's keyring, and log in again."
        ),
    ),
    reader("kubectl", "yaml", r"\.kube/config", *_KUBE_PLACES, content=_KUBECONFIG, refusal=_NOTHING_ELSE),
    reader(
        "kubectl with another file", "yaml", r"[^/]*kubeconfig[^/]*",
        *(
            replace(
                place,
                after="Name this file in KUBECONFIG, or start kubectl in this workspace; with `--kubeconfig`, it gets "
                "the token nowhere else.",
            )
            for place in _KUBE_PLACES
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
        "gh", "yaml", r"(?:gh|GitHub CLI)/hosts\.ya?ml",
        replace(filled("gh …", "."), keys=re.compile(r"github\.com/(?:users/[^/]+/)?oauth_token")),
        refusal=(
            "gh gets only the token of its own host by `tokenward run`; `gh auth login --hostname HOST` stores this "
            "one in your system's keyring."
        ),
    ),
    reader(
        "RubyGems", "yaml", r"\.?gem/credentials",
        replace(filled("gem push …", "."), keys=re.compile(":rubygems_api_key")), content="^:rubygems_api_key:",
        refusal="`gem` takes only the key of its own host from a variable",
    ),
    *(
        reader(name, language, files, replace(filled(f"{program} …", _ELSEWHERE.format(other)), named=named))
        for name, language, files, program, other, named in (
            ("glab", "yaml", r"glab-cli/config\.ya?ml", "glab", "its folder in GLAB_CONFIG_DIR", True),
            ("hub", "yaml", r"\.config/hub", "hub", "the variable HUB_CONFIG", True),
            ("rclone", "ini", r"\.?rclone\.conf", "rclone", "`--config`", True),
            ("doctl", "yaml", r"doctl/config\.ya?ml", "doctl", "`--config`", True),
            ("hcloud", "toml", r"hcloud/cli\.toml", "hcloud", "the variable HCLOUD_CONFIG", True),
            ("Stripe's command", "toml", r"stripe/config\.toml", "stripe", "`--config`", True),
            ("Databricks", "ini", r"\.databrickscfg", "databricks", f"the variable DATABRICKS_CONFIG_FILE{_TOO}", True),
            ("Kaggle", "json", r"kaggle\.json", "kaggle", f"its folder in KAGGLE_CONFIG_DIR{_TOO}", True),
            ("Snowflake", "toml", r"\.?snowflake/config\.toml", "snow", "`--config-file`", True),
            ("Oracle Cloud", "ini", r"\.oci/config", "oci", "`--config-file`", True),
            ("Boto", "ini", r"\.boto", "gsutil", f"the variable BOTO_CONFIG{_TOO}", True),
            ("Hugging Face", "key", r"\.?huggingface/token", "hf", f"the variable HF_TOKEN_PATH{_TOO}", False),
            (
                "Terraform CLI", "tfvars", r"\.terraformrc|terraform\.rc", "terraform",
                "the variable TF_CLI_CONFIG_FILE", True,
            ),
        )
    ),
    reader(
        "Terraform CLI with another file", "tfvars", r"[^/]*\.tfrc",
        refusal=(
            "Terraform reads this file as it is; "
            "remove the block and set TF_TOKEN_ and the host's name, with _ for each dot."
        ),
    ),
)
# fmt: on
