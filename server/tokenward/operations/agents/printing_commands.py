"""Commands that print a stored token or make a new one, as data, and commands that are known to change nothing.

The table is a courtesy to the agent: it says what to do instead. A command that is missing here, or hidden in a script,
still has its output masked.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

_RUN = "start the program that needs the token with `tokenward run -- COMMAND`"
_ASK = "ask the person to run it in a terminal of theirs"
_HELPER = "let the tool authenticate by itself, or " + _RUN
_CREATE = "ask the person to create the token and store it with `tokenward put NAME`, then " + _RUN
_TEXTS = (
    (re.compile(r"keyring\s*\.\s*get_(?:password|credential)|import\s+keyring\b|keyring\.backends"), _RUN),
    (re.compile(r"org\.freedesktop\.[Ss]ecrets?|org\.kde\.(?:KWallet|kwalletd\d?)"), _RUN),
    (
        re.compile(r"SecItemCopyMatching|SecKeychainFind|\bCredReadW?\b|Get-StoredCredential|CredEnumerate"),
        _RUN,
    ),
    (re.compile(r"/proc/[^/\s'\"]+/(?:environ|mem)\b"), _RUN),
)
"""What programs in any language write when they ask a keyring, or another process, for its values."""
_BETWEEN = re.compile(r"[;|&\n(){}`]|\$\(")
_QUOTES = str.maketrans("", "", "'\"\\")
_LONGEST = 100_000
_SHOWN = 3
_READER = re.compile(
    r"(?:(?:/usr)?/bin/)?(?:cat|head|tail|less|more|[ef]?grep|rg|ls|stat|file|wc|jq|diff|test|\[|echo|true|cd|pwd|find|tree|sha256sum|md5sum"
    r"|cmp|sort|nl)"
)
_TO_NOWHERE = re.compile(r"(?:(?<=\s)[012])?>>?\s*/dev/null(?=[\s;|&]|\Z)|(?<=\s)[012]>&[12](?=[\s;|&]|\Z)")
"""Where output goes that changes no file."""
_GIT_READER = re.compile(r"git (?:log|status|diff|show)(?: (?!--(?:ou|ext|textc))[^\s;|&<>`$()]+)*")
_REDEFINES = re.compile(
    r"\(\s*\)|<<|(?<![\w-])\w+=|(?<![\w/.-])(?:alias|function|eval|source|hash|enable|trap|exec|builtin|command|\.)(?![\w/.-])"
)
"""Parts of a line after which a program's name may stand for another."""
_WRITES = re.compile(r"[>`]|\$\(|<\(|(?<!\S)-\w*[oOC]|(?<!\S)--(?:o|pre|comp)|-exec|-delete|-fprint|-fls")
"""Parts of a line that make some of these write a file or run a program; one more denial does little harm."""


class PrintingCommand(NamedTuple):
    """A command that prints a token.

    Attributes:
        program: a pattern for its file name.
        words: the words that follow in this order, each a pattern; others may come between them, but not before one
            with `^`.
        instead: what to do instead.
    """

    program: str
    words: tuple[str, ...]
    instead: str


PRINTING_COMMANDS = (
    PrintingCommand("tokenward", ("^get",), _RUN),
    PrintingCommand("tokenward", ("^(?:env|restore|leave|shell)",), _ASK),
    PrintingCommand("tokenward", ("^(?:run|exec)", "--no-mask"), "omit `--no-mask`"),
    PrintingCommand("tokenward", ("^put", "--replace"), _ASK),
    PrintingCommand("tokenward", ("^agents", "undo|protect"), _ASK),
    PrintingCommand("secret-tool", ("lookup|search",), _RUN),
    PrintingCommand("keyring", ("get",), _RUN),
    PrintingCommand("kwallet-query|kwalletcli", (), _RUN),
    PrintingCommand("security", ("find-(?:generic|internet)-password|dump-keychain|export",), _RUN),
    PrintingCommand("cmdkey|vaultcmd", (), _RUN),
    PrintingCommand("pass|gopass", ("^(?:show|otp)",), _RUN),
    PrintingCommand("op", ("^(?:read|inject|item|document)",), _RUN),
    PrintingCommand("bw|rbw", ("get|list|export",), _RUN),
    PrintingCommand("lpass", ("show|export",), _RUN),
    PrintingCommand("gh", ("auth", "token"), _HELPER),
    PrintingCommand("gh", ("auth", "status", "--show-token|-t"), "omit the option that shows the token"),
    PrintingCommand("glab", ("auth", "status", "--show-token|-t"), "omit the option that shows the token"),
    PrintingCommand("glab", ("token", "create|rotate"), _CREATE),
    PrintingCommand("git", ("credential(?:-[a-z]+)?", "fill|get"), _HELPER),
    PrintingCommand("git-credential-[a-z]+", ("get",), _HELPER),
    PrintingCommand("docker-credential-[a-z]+", ("get",), _HELPER),
    PrintingCommand("aws", ("configure", "export-credentials"), _HELPER),
    PrintingCommand("aws", ("configure", "get", ".*(?:secret|token).*"), _HELPER),
    PrintingCommand("aws", ("sts", "assume-role.*|get-session-token|get-federation-token"), _HELPER),
    PrintingCommand("aws", ("iam", "create-access-key"), _CREATE),
    PrintingCommand(
        "aws", ("ecr|ecr-public|codeartifact", "get-(?:login-password|authorization-token)"), _HELPER
    ),
    PrintingCommand("aws", ("secretsmanager", "get-secret-value|batch-get-secret-value"), _HELPER),
    PrintingCommand("aws", ("ssm", "get-parameters?.*", "--with-decryption"), _HELPER),
    PrintingCommand("gcloud", ("auth", "print-(?:access|identity)-token"), _HELPER),
    PrintingCommand("gcloud", ("auth", "application-default", "print-access-token"), _HELPER),
    PrintingCommand("gcloud", ("iam", "service-accounts", "keys", "create"), _CREATE),
    PrintingCommand("gcloud", ("secrets", "versions", "access"), _HELPER),
    PrintingCommand("az", ("account", "get-access-token"), _HELPER),
    PrintingCommand("az", ("ad", "sp", "create-for-rbac|credential"), _CREATE),
    PrintingCommand("az", ("keyvault", "secret", "show|download"), _HELPER),
    PrintingCommand("azd", ("auth", "token"), _HELPER),
    PrintingCommand("kubectl|oc", ("create", "token"), _CREATE),
    PrintingCommand("kubectl|oc", ("get", "secrets?(?:/.*)?", "-o.*|--output.*|--template.*"), _HELPER),
    PrintingCommand("kubectl|oc", ("config", "view", "--raw"), "omit `--raw`"),
    PrintingCommand("oc", ("whoami", "-t|--show-token"), "omit the option that shows the token"),
    PrintingCommand("npm|pnpm", ("token", "create"), _CREATE),
    PrintingCommand("yarn", ("npm", "token", "create"), _CREATE),
    PrintingCommand("npm|pnpm|yarn", ("config", "get", ".*(?:_auth|token|password).*"), _HELPER),
    PrintingCommand("vault|bao", ("token", "create"), _CREATE),
    PrintingCommand("vault|bao", ("kv", "get"), _RUN),
    PrintingCommand("vault|bao", ("read|print|unwrap", ".*"), _RUN),
    PrintingCommand("heroku", ("auth:token|authorizations:create",), _CREATE),
    PrintingCommand("heroku", ("config(?::get)?",), _HELPER),
    PrintingCommand("doppler", ("^secrets",), _RUN),
    PrintingCommand("infisical", ("^(?:secrets|export)",), _RUN),
    PrintingCommand("fly|flyctl", ("auth", "token"), _CREATE),
    PrintingCommand("fly|flyctl", ("tokens", "create"), _CREATE),
    PrintingCommand("databricks", ("auth", "token"), _HELPER),
    PrintingCommand("databricks", ("tokens", "create"), _CREATE),
    PrintingCommand("doctl", ("auth", "token"), _HELPER),
    PrintingCommand("stripe", ("config", "--list"), _ASK),
    PrintingCommand("huggingface-cli|hf", ("auth", "token"), _HELPER),
    PrintingCommand("snow|snowsql", ("connection", "generate-jwt"), _CREATE),
    PrintingCommand("sops", ("-d|--decrypt|decrypt",), _RUN),
    PrintingCommand("ansible-vault", ("view|decrypt",), _RUN),
    PrintingCommand("gpg|gpg2", ("--export-secret-keys.*",), _ASK),
)


def printing_command(line: str) -> tuple[str, str] | None:
    """Return a command in a line that prints a token, and what to do instead; None if none is known there."""
    line = line[:_LONGEST]
    for pattern, instead in _TEXTS:
        if found := pattern.search(line):
            return " ".join(found[0].split()), instead
    for part in _BETWEEN.split(line.replace("\\\n", "").translate(_QUOTES)):
        words = part.split()
        for place, word in enumerate(words):
            if known := _known(_base(word), words[place + 1 :]):
                return known
    return None


def _known(program: str, words: list[str]) -> tuple[str, str] | None:
    for row in _BY_LETTER.get(program[:1], ()):
        if re.fullmatch(row.program, program) and _follow(row.words, words):
            return " ".join([program, *words[:_SHOWN]]) if row.words else program, row.instead
    return None


def _follow(wanted: tuple[str, ...], words: list[str]) -> bool:
    """Return whether words match patterns in this order, with any others between them."""
    left = iter(words)
    for pattern in wanted:
        most = 1 if pattern.startswith("^") else None
        if not any(re.fullmatch(pattern, word) for word in islice(left, most)):
            return False
    return True


def _base(word: str) -> str:
    return word.rpartition("/")[2].removesuffix(".exe").lstrip("$")


def _letters(pattern: str) -> set[str]:
    return {way[:1] for way in pattern.split("|")}


_BY_LETTER = {
    letter: [row for row in PRINTING_COMMANDS if letter in _letters(row.program)]
    for letter in {letter for row in PRINTING_COMMANDS for letter in _letters(row.program)}
}


def changing_parts(line: str) -> str:
    """Return a line without the commands that are known to change nothing, unless it says that a word means another."""
    line = _TO_NOWHERE.sub(" ", line)
    parts = re.split(r";|&&|\|\||&|\n", line)
    is_plain = not any(part.count(quote) % 2 for part in parts for quote in "\"'`") and not _REDEFINES.search(
        line
    )
    kept = [part for part in (parts if is_plain else [line]) if not only_reads(part)]
    moves = [part for part in parts if is_plain and part.split()[:1] in (["cd"], ["pushd"])]
    return "; ".join([*moves, *kept]) if kept else ""


def only_reads(line: str) -> bool:
    """Return whether every command of a line is known to change nothing."""
    if _GIT_READER.fullmatch(line.strip()):
        return True
    if _WRITES.search(line):
        return False
    parts = [part.split() for part in re.split(r"[;|&\n]+", line)]
    return all(_READER.fullmatch(words[0]) for words in parts if words)
