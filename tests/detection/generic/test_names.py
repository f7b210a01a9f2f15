"""A name in any style shows whether its value is a secret; most names that merely sound so do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.detection.generic.names import NameClaim, claim_of

PASSWORDS = """
    password PASSWORD dbPassword DB_PASS smtp-passwd spring.datasource.password MyPwd mysql_root_password passphrase
    PASSWORD_PROD password1 dbpassword userpass contraseña CONTRASEÑA mdp mot_de_passe clave_secreta senha_banco
    Passwort kennwort hasło пароль ПАРОЛЬ 数据库密码 パスワード 비밀번호 wachtwoord lösenord şifre mima miyao kouling
    API_SCHLUESSEL gizli_anahtar jeton_acces cleApi
"""
SECRETS = """
    SECRET_KEY secretKey jwt.secret NEXTAUTH_SECRET client-secret ClientSecret api_key apiKey APIKEY x-api-key
    aws_secret_access_key SigningKey encryptionKey webhook_secret session_secret SECRET_KEY_BASE auth_token
    accessToken TOKEN_GITHUB github_token token GITHUB_PAT storageAccountKey privateKey api_token_value credential
    hash_salt APP_KEYS
"""
PERHAPS = "OPENAI_KEY stripe_key auth AUTH_SALT"
NOTHING = """
    token_type token_count max_tokens tokenizer password_field passwordLabel secret_name key_id api_key_header key
    csrf_token XSRF-TOKEN author keyboard monkey primary_key foreign_key sort_key cache_key public_key tokenUrl
    auth_endpoint password_hash hashedPassword Key object_key publishable_key nextPageToken compass bypass keyframes
    secretArn existingSecret device_token hostKey pass_count longopt_pat stripe_publishable_key cancellationToken
    hash_salted keys
"""


@pytest.mark.parametrize(
    ("names", "claim"),
    [
        (PASSWORDS, NameClaim.PASSWORD),
        (SECRETS, NameClaim.SECRET),
        (PERHAPS, NameClaim.MAYBE),
        (NOTHING, NameClaim.NOTHING),
    ],
    ids=lambda value: value.name if isinstance(value, NameClaim) else "names",
)
def test_what_a_name_claims(names: str, claim: NameClaim) -> None:
    assert {name: claim_of(name) for name in names.split()} == dict.fromkeys(names.split(), claim)


@given(st.text(max_size=80))
def test_any_text_is_a_name(name: str) -> None:
    assert claim_of(name) is claim_of(name)
