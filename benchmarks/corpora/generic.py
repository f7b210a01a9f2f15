"""Values that no provider's rule knows, recognisable by their names: many formats, spellings and human languages."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from corpora import carriers
from corpora.carriers_code import CODE_CARRIERS, code
from corpora.carrying import Carrier
from corpora.draw import Draw
from corpora.kinds import WINDOWS_SHARE
from corpora.naming import Words
from corpora.sample import Sample, labelled, mark, with_windows_lines

FORMATS: tuple[tuple[str, Carrier], ...] = (
    *((carrier.__name__, carrier) for carrier in carriers.CARRIERS if carrier is not code),
    *CODE_CARRIERS,
)
_KEYS = (
    "secret_key", "jwt_secret", "nextauth_secret", "session_secret", "api_key", "api_token", "access_token",
    "client_secret", "auth_token", "encryption_key", "signing_key", "webhook_secret", "cookie_secret",
    "private_token", "app_secret", "refresh_token", "hmac_secret", "auth_secret", "better_auth_secret",
    "internal_api_key", "service_token", "bearer_token", "secret_key_base", "app_key", "consumer_secret",
    "api_secret", "jwt_signing_key", "license_secret", "account_key", "deploy_token", "payload_secret",
    "django_secret_key", "storage_key", "master_key", "bot_token", "csrf_secret", "oauth_client_secret",
    "vendor_api_key", "access_key", "shared_secret", "secret", "token", "apikey",
)  # fmt: skip
_PASSWORDS = (
    "password", "db_password", "database_password", "passwd", "pwd", "passphrase", "smtp_password",
    "redis_password", "admin_password", "db_pass", "root_password", "postgres_password", "mysql_root_password",
    "keystore_password", "user_password", "ftp_pass", "ldap_bind_password", "email_host_password",
    "mqtt_password", "proxy_password", "wifi_password", "default_password", "keycloak_admin_password", "pass",
)  # fmt: skip
_FOREIGN = (
    "passwort", "kennwort", "datenbank_passwort", "geheimnis", "contraseña", "contrasena", "clave_secreta",
    "clave_api", "mot_de_passe", "motdepasse", "mdp_base", "jeton_acces", "senha", "senha_banco",
    "chave_secreta", "chave_api", "segredo", "parola_chiave", "wachtwoord", "hasło", "haslo", "heslo",
    "lösenord", "losenord", "salasana", "şifre", "sifre", "пароль", "секрет", "密码", "密碼", "パスワード", "비밀번호",
    "adgangskode", "passord", "jelszo", "parola",
)  # fmt: skip
_SCOPES = ("", "", "", "acme", "prod", "payment", "my", "backup", "legacy", "billing")


def generic(seed: int) -> Iterator[Sample]:
    """Yield some 350 samples."""
    for number in range(8 * len(FORMATS)):
        draw = Draw("generic", seed, number)
        label, carrier = FORMATS[number % len(FORMATS)]
        kind, name, value = _assignment(draw)
        path, text = carrier(draw, name, mark(value))
        if draw.chance(WINDOWS_SHARE):
            text = with_windows_lines(text)
        yield labelled("generic", f"{kind} | {label}", path, text)


def _assignment(draw: Draw) -> tuple[str, Words, str]:
    chance = draw.number(1, 100)
    if chance <= 50:
        return "key", _scoped(draw, draw.one(_KEYS)), draw.one(_KEY_VALUES)(draw)
    if chance <= 85:
        return "password", _scoped(draw, draw.one(_PASSWORDS)), draw.one(_PASSWORD_VALUES)(draw)
    return "foreign", draw.one(_FOREIGN).split("_"), draw.one(_PASSWORD_VALUES)(draw)


def _scoped(draw: Draw, name: str) -> Words:
    return [word for word in (draw.one(_SCOPES), *name.split("_")) if word]


def _human(draw: Draw) -> str:
    """Draw a password as people make them: words, a year, a sign."""
    word = draw.word().capitalize()
    return draw.one([
        f"{word}{draw.one('!#-_')}{draw.number(1000, 9999)}{draw.word()[:3].upper()}",
        f"{word}{draw.number(10, 99)}{draw.one('!@#*')}{draw.word().capitalize()}",
        word.replace("a", "4").replace("e", "3").replace("o", "0") + f"{draw.one('!*#')}{draw.number(100, 999)}x{draw.alphanumeric(2)}",
    ])  # fmt: skip


_KEY_VALUES: Sequence[Callable[[Draw], str]] = (
    lambda draw: draw.hex(32),
    lambda draw: draw.hex(64),
    lambda draw: draw.alphanumeric(draw.number(20, 64)),
    lambda draw: draw.lower(draw.number(24, 40)),
    lambda draw: draw.base64(draw.one([24, 32, 48])),
    lambda draw: draw.url_safe(draw.number(22, 60)),
    lambda draw: f"{draw.word()}_{draw.one(['live', 'sec', 'prod'])}_{draw.alphanumeric(28)}",
    lambda draw: f"{draw.alphanumeric(12)}.{draw.alphanumeric(24)}",
    lambda draw: draw.alphanumeric(1) + draw.of("abcdefghijklmnopqrstuvwxyz0123456789!@#%^*(-_=+)", 48) + "a",
)
_PASSWORD_VALUES: Sequence[Callable[[Draw], str]] = (
    lambda draw: draw.password(draw.number(12, 20)),
    lambda draw: draw.alphanumeric(draw.number(10, 24)),
    lambda draw: draw.alphanumeric(draw.number(10, 16)),
    lambda draw: draw.lower(16),
    _human,
    lambda draw: draw.hex(24),
)
