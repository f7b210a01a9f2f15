"""What a name says about its value: a password, another secret, perhaps a secret, or none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path


class NameClaim(Enum):
    """What a name says about its value."""

    NOTHING = 0
    MAYBE = 1
    SECRET = 2
    PASSWORD = 3


_PARTING = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|[^\w]+|_")
_PASSWORD_AT_END = re.compile(
    r"(?:passw(?:or[dt]|d)|passphrase|wachtwoord|kennwort"
    r"|(?:db|user|my|sql|root|admin|smtp|mail|ftp|ssh|redis|app|remote|local|proxy|login|http|ldap|vpn|wifi|bind)pass)\Z"
)
_SECRET_AT_END = re.compile(
    r"(?:api|access|secret|private|auth|app|client|master|signing|encryption|account)key\Z"
    r"|(?:client|app|api|shared|my|web|consumer|jwt|hook)secret\Z|(?:api|access|auth|bot|refresh|id|user|my)token\Z"
)
_OF_OTHER_LANGUAGES = re.compile(
    r"парол|секрет|токен|密[码碼钥鑰]|口令|令牌|パスワード|シークレット|トークン|秘密鍵|비밀번호|비밀키|암호|토큰"
    r"|κωδικ[όο]ς|סיסמה|รหัสผ่าน|पासवर्ड|كلمة_(?:المرور|السر)|رمز_عبور|mật_khẩu"
    r"|contrase[ñn]a|senha|wachtwoord|l[öo]senord|mot_?de_?passe|kennwort|passwort|has[łl]o|heslo_|[şs]ifresi|parola_chiave|kata_?laluan"
    r"|(?:clave|chave|llave|chiave|klucz|cheie|kunci|kh[oó]a|κλειδί|(?<![a-z])cl[eé]f?)_?(?:api|secr|segr|priv|pryw|acc?es)"
    r"|(?<![a-z])api_?(?:sleutel|kl[ií][cč]|avain|kulcs|anahtar\u0131?|anahtari|kunci|chiave|clave|chave|cheie)(?![a-z])"
    r"|(?:zaporka|parol[ae]|adgangskode|passord|parool)"
    r"_(?:bdd?|db|baz[ae]|app|admin|root|smtp|mail|wifi)"
    r"|anahtar_?api|ключ_?(?:api|апи|доступ|шифр)|clave_(?:bd|db|base|smtp|correo|admin|root|wifi|usuario|acceso|maestra)"
    r"|(?<![a-z])(?:mima|miyao|kouling|lingpai)(?![a-z])"
    r"|(?:api|geheim(?:e[rs]?)?|gizli|app|zugangs|zugriffs)_?(?:schl(?:ü|ue)ssel|anahtar|sleutel)|jeton_?(?:acc[eè]s|api|secr)"
    r"|tajn[aey]_?(?:klucz|has[łl]o)|tajn[yý]_?kl[ií][cč]|titkos_?kulcs|(?:cheie|kunci)_?(?:api|secr|rahasia)"
    r"|(?:hemlig|hemmelig|api)_?(?:nyckel|n(?:ø|oe?)kkel|n(?:ø|oe?)gle)|salainen_?avain|kata_?sandi|(?<![a-z])(?:[şs]ifre|jelsz[oó]|heslo|has[łl]o|geslo|lozinka|salasana)_|m[aậ]t_?kh[aẩ]u|kh[oó]a_?b[ií]_?m[aậ]t"
)
"""Words that come first in their languages, or are not separated from others."""
_PUBLIC = re.compile(
    r"(?:.*_)?(?:pusher_(?:app_)?key|web_?socket_key|(?:algolia|docsearch|typesense)_(?:\w+_)?search_(?:only_)?(?:api_)?key|docsearch_api_key"
    r"|samba_(?:lm|nt)_password|(?:gpg|pgp)_(?:signing_)?key|facebook_client_token)"
)
"""Names of keys that are in the code of web pages, and of hashes."""
_OF_SETTINGS = frozenset(["settings", "setting", "options", "config", "configuration"])
_WHOLE = re.compile(r"(?:.*_)?(?:hash_salt|app_keys|(?:recovery|backup)_codes?)")
"""Names of frameworks whose words alone would say something else."""


@lru_cache(maxsize=1_000)
def claim_of(name: str) -> NameClaim:
    """Return what a name, in any style, says about its value; the last part of `a.b.c` counts most."""
    words = [word.lower() for word in _PARTING.split(name) if word]
    known = _words()
    if _WHOLE.fullmatch("_".join(words)):
        return NameClaim.SECRET
    if known["never"].intersection(words) or _PUBLIC.fullmatch("_".join(words)):
        return NameClaim.NOTHING
    if _OF_OTHER_LANGUAGES.search("_".join(words)) or _OF_OTHER_LANGUAGES.search(name.lower()):
        return NameClaim.PASSWORD
    while len(words) > 1 and (words[-1] in known["neutral"] or words[-1].isdigit()):
        words.pop()
    if len(words) > 1 and words[-1] in known["providers"]:
        return _claim_of_last(words) if words[-1] in known["secrets"] else _claim_of_last(words[:-1])
    return _claim_of_last(words)


def _claim_of_last(words: Sequence[str]) -> NameClaim:
    """Return what the last word says, unless those before it contradict it."""
    if not words:
        return NameClaim.NOTHING
    *before, last = words
    known = _words()
    if last in {"key", "keys", "ключ"}:
        return _claim_of_key(before)
    is_parted = before[-1:] == ["pass"] and last in {"phrase", "word", "code", "wort"}
    if is_parted or last in known["passwords"] or _PASSWORD_AT_END.search(last):
        is_run = last == "pass" and known["not_of_passes"].intersection(before)
        return NameClaim.NOTHING if is_run else NameClaim.PASSWORD
    if last in known["secrets"] or _SECRET_AT_END.search(last):
        is_other = "token" in last and (known["never_tokens"].intersection(before) or _makes_handles(before))
        return NameClaim.NOTHING if is_other else NameClaim.SECRET
    if last == "pat":
        return NameClaim.SECRET if known["pat_issuers"].intersection(before) else NameClaim.NOTHING
    return NameClaim.MAYBE if last in known["perhaps"] else NameClaim.NOTHING


def _claim_of_key(before: Sequence[str]) -> NameClaim:
    known = _words()
    if not before or (known["never_keys"].intersection(before) and not known["keys"].intersection(before)):
        return NameClaim.NOTHING
    if before[-1] in known["keys"]:
        return NameClaim.SECRET
    return NameClaim.NOTHING if known["not_of_keys"].intersection(before) else NameClaim.MAYBE


def names_a_handle(name: str) -> bool:
    """Return whether a name says that its value is a token for a page, a request or a version."""
    *before, last = [word.lower() for word in _PARTING.split(name) if word] or [""]
    return last in {"token", "tokens"} and _makes_handles(before)


def _makes_handles(before: Sequence[str]) -> bool:
    """Return whether words say that the token after them is a handle; a page token of Facebook is a secret."""
    if before[-1:] == ["page"]:
        return not _words()["providers"].intersection(before)
    return before[-2:] == ["client", "request"] or bool(_words()["handles"].intersection(before[-1:]))


def claim_of_key_in(parent: str) -> NameClaim:
    """Return what the name of an object, section or file says about a mere `key` in it."""
    words = [word.lower() for word in _PARTING.split(parent) if word]
    while len(words) > 1 and words[-1] in _OF_SETTINGS:
        words.pop()
    return NameClaim.MAYBE if words and words[-1] in _words()["parents"] else NameClaim.NOTHING


def words_of_names() -> frozenset[str]:
    """Return all the words that the detector searches names for."""
    return frozenset().union(*_words().values())


@cache
def words_of_programs() -> frozenset[str]:
    """Return the words that names in programs are made of, and passphrases are not."""
    return words_of_names() - _words()["perhaps"] - _words()["of_sentences"]


@cache
def words_of_sentences() -> frozenset[str]:
    """Return the words that sentences and labels of programs have, and passphrases do not."""
    return words_of_programs() | _words()["of_sentences"]


@cache
def _words() -> dict[str, frozenset[str]]:
    table = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {kind: frozenset(words) for kind, words in table.items()}
