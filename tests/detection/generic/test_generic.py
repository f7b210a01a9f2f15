"""Generic secrets are found by name in any format, exactly; look-alikes are not."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rule_samples
from examples import up_to
from rule_samples import Sample
from tokenward.detection.engine import Detector
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.rules.own_rules import BY_NAME, GENERIC
from tokenward.model import Span

NO_MATCH = [
    sample
    for rule in rule_samples.rules()
    if rule["id"] in BY_NAME
    for sample in rule_samples.samples_of(rule)
    if not sample.matches
]
NAMES = (
    *("secret_key", "jwt_secret", "db_password", "api_key", "access_token", "client_secret", "private_key"),
    *(
        "auth_token",
        "signing_key",
        "webhook_secret",
        "session_secret",
        "smtp_passwd",
        "encryption_key",
        "pwd",
    ),
    *("nextauth_secret", "passphrase", "aws_secret_access_key", "secret_key_base", "password", "token"),
    *("contraseña", "clave_secreta", "mot_de_passe", "passwort", "senha_banco", "hasło", "пароль", "密码"),
    *("パスワード", "비밀번호", "wachtwoord", "lösenord"),
)
FORMATS = (
    (".env", "{screaming}={value}\nOTHER=1\n"),
    (".env", "export {screaming}='{value}'\n"),
    ("run.sh", "{screaming}={value} ./run\n"),
    ("a.json", '{{"outer": {{"{camel}": "{value}"}}}}'),
    ("a.yml", "outer:\n  {snake}: {value}\n"),
    ("a.yml", "- {kebab}: '{value}'\n"),
    ("compose.yaml", "environment:\n  - {screaming}={value}\n"),
    ("pod.yaml", 'env:\n  - name: {screaming}\n    value: "{value}"\n'),
    ("a.toml", '{kebab} = "{value}"\n'),
    ("a.ini", "[outer]\n{snake} = {value}\n"),
    ("a.properties", "outer.{dotted}={value}\n"),
    ("a.xml", "<{camel}>{value}</{camel}>"),
    ("a.xml", '<add key="{pascal}" value="{value}"/>'),
    ("main.tf", '  {snake} = "{value}"\n'),
    ("Dockerfile", "ENV {screaming}={value}\n"),
    ("a.sql", "SET {snake} = '{value}';\n"),
    ("a.py", '{snake}: str = "{value}"\n'),
    ("a.py", "def connect({snake}='{value}'): ...\n"),
    ("a.py", 'settings["{kebab}"] = b"{value}"\n'),
    ("a.py", 'if {snake} == "{value}":\n'),
    ("a.js", 'const x = {{ {camel}: "{value}" }};'),
    ("a.ts", 'const {camel} = process.env.{screaming} ?? "{value}";'),
    ("a.go", '{camel} := "{value}"'),
    ("A.java", 'connection.set{pascal}("{value}");'),
    ("a.cs", 'public const string {pascal} = "{value}";'),
    ("a.rb", 'ENV.fetch("{screaming}", "{value}")'),
    ("a.php", "'{snake}' => '{value}',"),
    ("a.rs", 'const {screaming}: &str = "{value}";'),
    ("a.swift", 'let {camel}: String = "{value}"'),
    ("a.ps1", '${pascal} = "{value}"'),
    ("a.ipynb", '{{"source": ["{snake} = \\"{value}\\"\\n"]}}'),
    ("a.md", "Set `{screaming}={value}` first."),
    ("a.toml", '{snake} = """{value}"""\n'),
    ("a.py", "{snake} = '''{value}'''\n"),
    ("a.py", '{snake} = f"{value}"\n'),
    ("a.fish", "set -gx {screaming} {value}\n"),
    ("login.csh", "setenv {screaming} {value}\n"),
    ("a.r", '{snake} <- "{value}"\n'),
    ("a.vb", 'Dim {camel} As String = "{value}"\n'),
    ("a.plist", "<key>{camel}</key>\n  <string>{value}</string>\n"),
    ("a.rest", "{snake}={value}&user=me\n"),
    ("a.log", 'INFO {{"{snake}":"{value}"}}'),
    ("", '{snake} = "{value}"'),
)
ALPHABETS = (
    string.ascii_letters + string.digits,
    "0123456789abcdef",
    string.ascii_letters + string.digits + "+/",
)
REFERENCES = (
    *(
        "${{{name}}}",
        "${name}",
        "$({name})",
        "{{{{ {name} }}}}",
        "op://vault/{name}/key",
        "vault:secret/data/{name}",
    ),
    *("ref+vault://secret/{name}", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}", "%{name}%"),
    *("projects/1234/secrets/{name}/versions/2", "@Microsoft.KeyVault(SecretUri={name})", "env({name})"),
    *(
        "ENC[AES256_GCM,data:{name}]",
        "process.env.{name}",
        "os.environ['{name}']",
        "ENV['{name}']",
        "!Ref {name}",
    ),
    *(
        "keyring://acme/{name}",
        "secrets.{name}",
        "@env:{name}",
        "<{name}>",
        "#{{{name}}}",
        "/run/secrets/{name}",
    ),
)


def found(detector: Detector, text: str, path: str) -> dict[Span, str]:
    return {one.span: one.rule for one in detector.detect_all(text, path).found}


def written(template: str, name: str, value: str) -> tuple[str, Span]:
    """Return a filled-in format, and the value's span in it."""
    words = name.split("_")
    capitals = "".join(word.capitalize() for word in words)
    styles = {
        "snake": name,
        "screaming": name.upper(),
        "kebab": "-".join(words),
        "dotted": ".".join(words),
        "camel": words[0] + "".join(word.capitalize() for word in words[1:]),
        "pascal": capitals,
    }
    start = template.format(value="\0", **styles).index("\0")
    return template.format(value=value, **styles), Span(start, start + len(value))


@pytest.mark.parametrize("sample", NO_MATCH, ids=str)
def test_what_the_rule_s_samples_say_is_left_alone(detector: Detector, sample: Sample) -> None:
    for seed in range(4):
        text, _ = sample.filled(seed)
        assert not found(detector, text, sample.path), text


@settings(max_examples=up_to(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(FORMATS),
    st.sampled_from(NAMES),
    st.sampled_from(ALPHABETS),
    st.integers(20, 64),
    st.integers(0, 2**32),
)
def test_a_random_value_is_found_exactly_in_any_format_under_any_name(
    detector: Detector, where: tuple[str, str], name: str, alphabet: str, length: int, seed: int
) -> None:
    path, template = where
    value = "".join(random.Random(seed).choices(alphabet, k=length))
    text, span = written(template, name, value)
    assert span in found(detector, text, path), (path, text)


@settings(max_examples=up_to(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FORMATS), st.sampled_from(NAMES), st.sampled_from(REFERENCES), st.integers(0, 2**32))
def test_a_reference_is_never_found(
    detector: Detector, where: tuple[str, str], name: str, reference: str, seed: int
) -> None:
    path, template = where
    random_name = "".join(random.Random(seed).choices(string.ascii_letters, k=6)) + "_KEY_1"
    text, _ = written(template, name, reference.format(name=random_name))
    assert GENERIC not in found(detector, text, path).values(), (path, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        ("encrypted:{}", "{{cipher}}{}", "vault:v1:{}", "U2FsdGVkX1{}", "AgB{}", "ENC({})", "ENC[{}]")
    ),
    st.binary(min_size=60, max_size=120),
)
def test_what_only_another_key_makes_a_secret_of_is_left_alone(
    detector: Detector, form: str, data: bytes
) -> None:
    value = form.format(base64.b64encode(data).decode())
    for path, text in ((".env", f'DB_PASSWORD="{value}"\n'), ("a.yml", f"password: '{value}'\n")):
        assert GENERIC not in found(detector, text, path).values(), text


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("a.yml", "password: Spr1ng{}&Garden\n", "Spr1ng{}&Garden"),
        (".env", "DB_PASS=Winter{}!\n", "Winter{}!"),
        ("a.json", '{{"password": "Orange_{}!"}}', "Orange_{}!"),
        ("a.xml", "<password>Silver{}$x</password>", "Silver{}$x"),
        ("a.py", 'connect(password="Harbor{}%91")', "Harbor{}%91"),
        ("redis.conf", "requirepass Lantern{}$garn\n", "Lantern{}$garn"),
        ("a.cs", '"Server=db;Uid=app;Pwd=Lantern{}$garn;"', "Lantern{}$garn"),
    ],
)
def test_a_password_as_people_make_them_is_found_in_a_configuration(
    detector: Detector, path: str, text: str, value: str
) -> None:
    filled, secret = text.format(1987), value.format(1987)
    start = filled.index(secret)
    assert Span(start, start + len(secret)) in found(detector, filled, path)


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("compose.yaml", "environment:\n  MYSQL_PASSWORD: walnut\n", "walnut"),
        ("a.py", "connect(user='ada', password='Blumenkohl')", "Blumenkohl"),
        ("a.json", '{"username": "ada", "password": "The old lantern 7"}', "The old lantern 7"),
        ("app.service", "[Service]\nEnvironment=FTP_PASSWORD=482917\n", "482917"),
        ("a.toml", 'smtp_password = "LanternWalnut"\n', "LanternWalnut"),
        ("a.go", 'bindPw := "12Blumenkohl"', "12Blumenkohl"),
        ("a.yml", "mail:\n  lozinka: Vpn-Walnut8\n", "Vpn-Walnut8"),
        (".env", "ΚΩΔΙΚΌΣ=x\nGESLO=Walnut-88\n", "Walnut-88"),
        ("a.xml", "<apiSleutel>hK7vQz2mXwB4nR8tYc3L</apiSleutel>", "hK7vQz2mXwB4nR8tYc3L"),
    ],
)
def test_any_word_is_a_password_where_nothing_else_can_be(
    detector: Detector, path: str, text: str, value: str
) -> None:
    start = text.index(value)
    assert Span(start, start + len(value)) in found(detector, text, path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yaml", "environment:\n  AUTH_PASSWORD: plaintext\n"),
        ("a.py", "fields(user='string', password='PasswordField')"),
        ("a.py", "connect(user='saltdev', password='saltdev')"),
        ("a.json", '{"username": "Benutzername", "password": "Kennwort vergessen"}'),
        ("README", "- If WPA-PSK: the program uses it as the master key of the network\n"),
        ("sudoers", "ada ALL = (root) NOPASSWD: SMARTCTL\n"),
        ("a.c", 'x ? "INNER_CA_PASSWORD" : "CA_CERT_PASSWORD"'),
        ("a.yml", "auth: postgres://ada:kubernetes@db.example.com/x\n"),
    ],
)
def test_a_word_of_programs_is_no_password_even_there(detector: Detector, path: str, text: str) -> None:
    assert not found(detector, text, path)


@pytest.mark.parametrize(
    "text",
    [
        "password: correct-horse-battery",
        'password = "Password123!"',
        'password = "changeme123"',
        'token = "AuthTokenProvider2"',
        'api_key = "0123456789abcdef0123456789abcdef"',
        'api_key = "A1B2C3D4E5F6G7H8"',
        'secret = "xxxxxxxxxxxxxxxx1"',
        'secret = "/etc/ssl/private/server1.key"',
        'token = "https://auth.example.com/oauth2/token"',
        'token = "2024-01-31T12:00:00Z"',
        'token = "#ff00aa11"',
        'token_pattern = r"[A-Za-z0-9_]{20,40}"',
        'secret = "someone1@example.com"',
        'password = "errors.password.tooShort8"',
        "token = base64.b64encode(value1)",
        "secret = Secret1Factory.create()",
        "tokens.set('AuthToken2', 'HTTPHandler2')",
        'names = ["token", "NINearbyObject2", "key"]',
        'password = "3da541559918a808c2402bba5012f6c60b27661c"  # sha1',
        '{"email": "a@example.com", "password": "5f4dcc3b5aa765d61d8327deb882cf99ab12ef34cd56ab78aa11bb22cc33dd44"}',
        "sambaNTPassword: 38F3951141D0F71A039CFA9D1EC06378",
        "/etc/passwd: 429b225650b912a2ee067b0a4cf1e949",
        "Sec-WebSocket-Key: QXOLi5VALRuAe4v98TZr+g==",
        "PUSHER_APP_KEY=94d1a55e28505cbb17b1",
        'PASS: "@@mysql_pass1@@"',
        'secret = "gcp:secretmanager:projects/x1/secrets/y"',
        'private_key = "MIID/zCCAuegAwIBAg...VGgdy+xoA=="',
        'password: "cGFzc3dvcmQK"',
        '#define CIPHER_PSK "kPSK+AES128"',
    ],
)
def test_what_is_no_secret_is_left_alone_under_the_name_of_one(detector: Detector, text: str) -> None:
    for path in ("a.py", "a.yml", ""):
        assert not found(detector, text, path)


@pytest.mark.parametrize("path", ["tests/a.yml", "docs/a.yml", "a.example.yml"])
@pytest.mark.parametrize(
    ("value", "is_found"),
    [("hK7vQz2mXw", True), ("a91fe03cb7d24e", True), ("hK7vQz2m", False), ("Sunflower12!", False)],
)
def test_only_what_is_random_counts_in_a_test(
    detector: Detector, path: str, value: str, *, is_found: bool
) -> None:
    assert bool(found(detector, f"password: {value}\n", path)) is is_found
    assert found(detector, f"password: {value}\n", "deploy/a.yml")


@pytest.mark.parametrize(
    "text",
    [
        'SECRET_KEY = "v(rzwsus5vzyf2u5*gpp79jh*2hmmmhwpx47sv4ya4m869gtm#"',
        "JETON_API=bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS",
        "ZUGANGSSCHLUESSEL=bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS",
        "TAJNY_KLUCZ=bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS",
        'Error: 401 invalid api key provided: "bqpoN2ZlMW68eT9TwnhbxLHG54DDAFySc4mu5Huy"',
        "DB_PASSWORD=3da541559918a808c2402bba5012f6c60b27661c",
        'ENV["API_KEY"] ||= "bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS"',
        "The value of `ACME_TOKEN` is `bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS`.",
        '{"ParameterKey":"AppSecret","ParameterValue":"bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS"}',
        "shop.api.key=5b1f6ad2-3c4e-4f60-9a7b-8c9d0e1f2a3b",
        'JIRA_PAT="bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS"',
        "シークレットキー: bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS",
    ],
)
def test_a_secret_is_found_by_a_name_or_a_form_that_is_rare(detector: Detector, text: str) -> None:
    assert found(detector, text, "settings.txt")


def test_a_directive_of_a_configuration_has_a_value_to_the_end_of_its_line(detector: Detector) -> None:
    value = "bqpoN2ZlMW68eT9TwnhbxLHG54DDAFyS"
    assert found(detector, f"secret_key_base {value}\n", "app.conf")
    assert not found(detector, f"# the secret {value} is old\nthe secret {value} is old\n", "app.conf")


def test_a_value_that_is_cut_off_or_goes_on_is_not_taken_in_part(detector: Detector) -> None:
    value = "".join(random.Random(1).choices(ALPHABETS[0], k=24))
    for text in (f'token = "{value}', f"token={value}(1)", f'token = "{value} {value}"'):
        assert not found(detector, text, "a.py"), text


@pytest.mark.parametrize("size", [20_000, 40_000])
def test_texts_that_are_made_to_be_slow_are_judged_one_window_at_a_time(
    detector: Detector, size: int
) -> None:
    for text in (
        'token"' + " " * size + "value=a1bcdefg",
        'token="A12345' + '\\"' * size,
        "a." * size + 'token="' + "A1" * size + '"',
        'password = "A1!' + "a1" * size + '"',
    ):
        assert not [rule for rule in found(detector, text, "a.py").values() if rule == GENERIC]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yml", "password: '«{}''s»'\n"),
        ("a.sql", "SET api_key = '«{}''s»';\n"),
        ("A.cs", 'var password = @"«{}""s»";\n'),
        ("a.sh", 'PASSWORD="«{}""s»"\n'),
        ("a.py", '"""Say password="«{}»""""\n'),
    ],
)
def test_a_doubled_quote_is_part_of_a_value(detector: Detector, path: str, text: str) -> None:
    filled = text.format("".join(random.Random(2).choices(ALPHABETS[0], k=24)))
    start, end = filled.index("«"), filled.index("»") - 1
    assert found(detector, filled.replace("«", "").replace("»", ""), path) == {Span(start, end): GENERIC}


@pytest.mark.parametrize(
    ("path", "behind", "whole"),
    [
        ("a.yml", " another word", False),
        ("a.ini", " another word", False),
        (".env", " another word", False),
        ("a.yml", "  # a comment", True),
        ("a.ini", " ; a comment", True),
        ("a.conf", " // a comment", True),
        (".env", " ", True),
        ("a.sh", " ./run", True),
        ("Dockerfile", " OTHER=1", True),
    ],
)
def test_a_value_that_further_words_may_belong_to_is_not_surely_whole(
    detector: Detector, path: str, behind: str, *, whole: bool
) -> None:
    value = "".join(random.Random(3).choices(ALPHABETS[0], k=24))
    separator = ": " if path == "a.yml" else "="
    (one,) = detector.detect_all(f"DB_PASSWORD{separator}{value}{behind}\n", path).found
    assert (one.secret.reveal(), one.whole) == (value, whole)


def test_a_scan_that_is_cancelled_ends_while_its_matches_are_judged(detector: Detector) -> None:
    text = "token=a1b2c3 " * 10
    matches = detector.matches(text.encode(), "a.env")
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(RuntimeError):
        detector.detect_all(text, "a.env", matches=matches, cancellation=cancellation)
