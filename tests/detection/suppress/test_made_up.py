"""What gives no access is no finding, at any place and in any form; what a person chose is only information."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import string
from collections.abc import Mapping

import pytest

import rule_samples
import tokens
from tokenward.detection.claims.claims import read_claims
from tokenward.detection.engine import Detector
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import profile_of, severity_of
from tokenward.detection.suppress.made_up import digest_of, is_published
from tokenward.model import Severity

SEEDS = range(4)
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----"
END = "-----END RSA " + "PRIVATE KEY-----"


def severities(detector: Detector, text: str, path: str) -> list[Severity]:
    found = detector.detect_all(text, path).found
    claims = [(one.rule, read_claims(one.rule, one.secret.reveal())) for one in found]
    return [severity_of(profile_of(rule, claim), now=2e9) for rule, claim in claims]


def part(content: Mapping[str, object]) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode())
    return encoded.decode().rstrip("=")


def signed(payload: Mapping[str, object], key: bytes = b"your-256-bit-secret") -> str:
    start = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(payload)}"
    signature = hmac.digest(key, start.encode(), "sha256")
    return f"{start}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def obfuscated(text: str) -> str:
    """Return a text as Jetty's utility obfuscates it."""
    sums = [
        256 * (127 + one + other) + 127 + one - other
        for one, other in zip(text.encode(), text.encode()[::-1], strict=True)
    ]
    digits = string.digits + string.ascii_lowercase
    return "OBF:" + "".join(
        digits[n // 46656] + digits[n // 1296 % 36] + digits[n // 36 % 36] + digits[n % 36] for n in sums
    )


def type_7(text: str) -> str:
    """Return a text as Cisco's devices show it."""
    key = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
    return "05" + "".join(f"{ord(one) ^ ord(key[5 + place]):02X}" for place, one in enumerate(text))


SAMPLE = signed({"sub": "1234567890", "name": "John Doe", "iat": 1516239022})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".npmrc", f"//npm.example.com/:_password={encoded('password1')}"),
        (".npmrc", "//npm.example.com/:_authToken=npm_test-token-1\n"),
        ("src/a.js", "headers = {'Authorization': 'Bearer test-api-key-123'}"),
        ("a.sh", "curl -H 'Authorization: Bearer deadbeef" + "deadbeef1' https://example.com"),
        ("a.sh", "curl -u DOMAIN_ADMIN_UNAME:" + "DOMAIN_ADMIN_PW https://example.com"),
        ("redis.conf", "requirepass replace-default-auth-2\n"),
        (".env", "DSN=lokalise://PROJECT_ID:API_KEY@default\n"),
        ("a.js", "parse('http://user:" + "%F0%9F%98%80%F0%9F%98%80@host/')"),
        ("a.js", "parse('mongodb://user:" + "&collection=abc@host/')"),
        (".docker/config.json", '{"auths": {"r.example.com": {"auth": "' + encoded("hello:world") + '"}}}'),
        (".docker/config.json", '{"auths": {"r.example.com": {"auth": "' + encoded("username:password") + '"}}}'),
        ("a.http", f"Authorization: Basic {encoded('foobar:foobar')}\n"),
        ("a.http", f"Authorization: Basic {encoded('Aladdin:open sesame')}\n"),
        ("secret.yaml", f"kind: Secret\ndata:\n  ca: {encoded('-----BEGIN CERTIFICATE-----' + 'M1' * 40)}\n"),
        ("secret.yaml", f"kind: Secret\ndata:\n  tls: {encoded('TESTROOTCAS0')}\n"),
        ("secret.yaml", f"kind: Secret\ndata:\n  tls: {encoded('not-secret')}\n"),
        ("a.sql.go", "db.Exec(`ALTER USER ` + user + ` PASSWORD '` + newpw + `'`)"),
        ("a.ts", "request.set('x-api-token', template.users.user1.token)"),
        ("a.md", "https://a.example.com/v0/b/x/o/y.png?alt=media&token=⟦uuid⟧"),
        ("a.md", f"eyJ, as in {SAMPLE}\n"),
        ("a.py", f"token = '{signed({'sub': '1234567890', 'name': 'Ada'}, b'another')}'"),
        ("a.py", f"token = '{part({'alg': 'none'})}.{part({'sub': 'ada', 'admin': True})}.'"),
        ("a.go", f"token := \"{signed({'foo': 'padded', 'nbf': 1444478400}, b'another')}\""),
        ("a.js", "await this.getCredentials('acmeOutlook" + "OAuth2Api');"),
        ("a.unlang", "PBKDF2-Password = HMACSHA2+256:AAAnEA:⟦[A-Za-z0-9]{22}⟧==:⟦[A-Za-z0-9]{43}⟧=\n"),
        ("a.c", f'.token = "{part({"typ": "JWT"})}.{part({})}.{part({})}";'),
        ("a.c", f'.token = "{part({"alg": "HS256", "typ": "JWT"})}.";'),
        ("a.c", f'.token = "{part({"alg": "HS256", "typ": "JWT"})}";'),
        ("a.c", '"pkcs11:token=A%20' + 'name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;"'),
        ("a.rst", "X-Subject-Token: ⟦[A-Za-z0-9]{24}⟧...\n"),
        ("a.py", "token = '" + encoded("AWS4-HMAC-SHA256\n20150824T112041Z\n20150824/us-east-1") + "'"),
        ("a.yml", "new_pass: newuser" + "pwd12\n"),
        (".htpasswd", "ada:⟦\\$⟧2y⟦\\$⟧10⟦\\$⟧⟦[A-Za-z0-9./]{53}⟧\n"),
        ("a.json", '{"timestamp": 1, "session_id": "⟦uuid⟧"}'),
        ("README.md", "![a](https://example.com/a.svg?style=flat&token=⟦[A-Za-z0-9]{43}⟧=)"),
        ("a.min.js", "throw new s.Eip1559Not" + "SupportedError;"),
        ("a.py", 'secret = "dpapi_machinekey:0x{0}\\ndpapi_userkey:0x{1}".format(a, b)'),
        ("a.py", "session['DecryptionKey'] = derive(key, b\"SMB2AESCCM\\x00\")"),
        ("a.md", "signingkey = D14A1F16\n"),
        ("a.js", "REFRESH_SECRET = 'r3fr35h" + "tok3n';"),
        ("a.php", "$secret = 'aes-256-cbc:0:⟦[A-Za-z0-9]{22}⟧==:⟦[A-Za-z0-9]{40}⟧';"),
        ("config.yml", "db_password: db-password-2024\n"),
        ("a.js", "const password = 'login-form-input-field';"),
        ("a.py", "return lip_buttons_" + "name_to_num[1]"),
        ("a.py", "def test_Latin1Producing" + "CustomBuildStep(self):"),
        ("a.rb", "set_token('glpat-" + "python-gitlab-token_')"),
        ("chart.yaml", "checksum/secret: ⟦[0-9a-f]{64}⟧"),
        ("a.json", '{"token": "0x⟦[0-9a-f]{40}⟧"}'),
        ("a.py", f"token = 'ey{'Q' * 5}abcdefGH1234567.eyabcdefghij1234567890KLM.abcdefghijkl1234567890'"),
        ("README.md", f"{PEM}\n⟦[A-Za-z0-9+/]{{64}}⟧\n...\n⟦[A-Za-z0-9+/]{{40}}⟧=\n{END}\n"),
        ("README.md", f"{PEM}\n<your key, in Base64, of 2048 bits or more, as ssh-keygen writes it>\n{END}\n"),
        ("a.php", f'return "{PEM}\\r\\n" . chunk_split(Base64::encode($key), 64) . "{END}";\n'),
        ("a.env", "KEY=sb_secret_" + "live_example_⟦[A-Za-z0-9]{14}⟧\n"),
        ("web.js", 'init({apiKey: "AIza⟦[A-Za-z0-9_-]{35}⟧", authDomain: "acme.firebaseapp.com"})'),
        ("web.js", 'algolia: {appId: "A1", apiKey: "⟦[a-f0-9]{32}⟧", indexName: "docs"}'),
        ("a.http", "GET https://example.com/\nX-Idempotency-Key: ⟦uuid⟧\n"),
        ("a.har", '{"name": "x-cache-key", "value": "⟦[a-f0-9]{39}[0-9]⟧"}'),
        ("a.rs", "let public_key = [⟦numbers:32⟧];"),
        ("tests/vectors.c", "const uint8_t aes_key[16] = {⟦numbers:16⟧};"),
        ("a.c", "const uint8_t aes_key[16] = {" + ", ".join(f"0x{one:02x}" for one in range(16)) + "};"),
        ("a.js", "network_key: [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13],"),
        ("a.py", "createUser('ada', 'ada.l⟦[0-9]{2}⟧@example.com')"),
        ("tests/a.py", "USERS = [('ada', 'walnut⟦[0-9]{2}⟧')]"),
        ("tests/a.py", "newuser('ada', '2wsx" + "CDE#')"),
        ("test/A.java", 'if ("walnut⟦[0-9]{2}⟧".equals(password)) {'),
        ("a.conf", '<oper hash="hmac-sha256"\n password="⟦[A-Za-z0-9]{8}⟧$⟦[A-Za-z0-9+/]{43}⟧">\n'),
        ("a.md", "po_token=web.gvs+" + 3 * "X" + ",web.player=" + 3 * "X" + "\n"),
        ("a.conf", '"refresh-token": "aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567890-FedC9"'),
        ("a.json", '{"password": "p@29' + 'w0rd"}'),
        ("a.php", "$database_password = 'something';"),
        ("a.sh", 'docker ps -a --no-trunc=true --format "{{.ID}}"\n'),
        ("a.js", '{"keys": {"auth": "⟦[A-Za-z0-9]{22}⟧", "p256dh": "BM9"}}'),
        ("a.js", "if (command.token == '**email**') send();"),
        ("a.js", "createUser('ada', '⟦uuid⟧')"),
        ("a.ts", 'export default { username: "Nome", password: "Código" }'),
        ("a.ini", '+Artifacts=(SandboxId="⟦[a-f0-9]{31}[0-9]⟧")'),
        ("google-services.json", '{"api_key": [{"current_key": "AIza⟦[A-Za-z0-9_-]{35}⟧"}]}'),
        ("a.php", "$rules = ['password' => 'required|string|min:8|confirmed'];"),
        (".env", "MIDTRANS_CLIENT_KEY=Mid-client-⟦[A-Za-z0-9]{15}[0-9]⟧\n"),
        (".env", f"ANON_KEY={signed({'iss': 'supabase', 'ref': 'acme', 'role': 'anon'}, b'another')}\n"),
        ("a.md", "key: `L⟦[A-HJ-NP-Za-km-z]{51}⟧`"),
        ("a.py", "otp_key = '" + b"12345678901234567890".hex() + "'"),
        ("a.py", "password = f'{0!s:0>3}{1!s:0>3}'"),
        ("web.js", 'posthog.init("phc_⟦[A-Za-z0-9]{43}⟧")'),
        ("web.js", 'mapbox.accessToken = "pk.' + 'eyJ⟦[A-Za-z0-9]{40}⟧.⟦[A-Za-z0-9_-]{22}⟧"'),
        ("pay.env", "PADDLE_CLIENT_TOKEN=live_⟦[a-f0-9]{27}⟧\n"),
        ("a.env", "URL=amqp://app-1:" + "app-1@example.com\n"),
        ("rum.js", 'init({clientToken: "pub⟦[a-f0-9]{32}⟧"})'),
        ("a.json", '{"x-amz-credential": "ASIA⟦[A-Z2-7]{16}⟧/20260102/eu-west-1/s3/aws4_request"}'),
        ("a.py", "headers = {'Authorization': 'Bearer xoxb-1234-1243'}"),
        ("a.sql", "⟦[A-Za-z0-9+/]{90}⟧/BSA⟦[A-Za-z0-9]{28}⟧+⟦[A-Za-z0-9+/]{90}⟧"),
        ("a.js", f"token = '{signed({'testData': 'emulated'}, b'another')}'"),
        ("a.yml", "token: otpauth://totp/a?secret=JBSWY3DP" + "EHPK3PXP"),
        ("a.sql", "CREATE USER 'cactiuser'@'localhost' IDENTIFIED BY 'cactiuser';"),
        ("a.sh", "aws x list --next-token ⟦[A-Za-z0-9+/]{60}[0-9]⟧=="),
        ("a.sh", "aws acm x --idempotency-token ⟦[a-z0-9]{9}[0-9]⟧"),
        ("a.sh", "aws ec2 x --client-token ⟦uuid⟧"),
        ("a.sh", "aws waf x --change-token ⟦uuid⟧ --lifecycle-action-token ⟦uuid⟧"),
        ("a.ipynb", "\"{'nextPageToken': '⟦[A-Za-z0-9+/]{40}⟧'}\\n\""),
        ("a.json", '{"LockToken": "⟦uuid⟧", "ClientRequestToken": "⟦[a-z0-9]{32}⟧"}'),
        ("a.json", '{"ExportToken": "export-token-⟦[a-z]{5}[0-9][a-z0-9]{10}⟧"}'),
        ("a.sh", "tool --copy-product-token copyproduct-⟦[a-z]{5}[0-9][a-z0-9]{6}⟧"),
        ("a.md", "https://calculator.example.com/calc5.html?key=cloudformation/⟦uuid⟧"),
        ("realm.properties", "ada: MD5:⟦[a-f0-9]{31}[0-9]⟧,user\n"),
        ("realm.properties", "ada: CRYPT:⟦[A-Za-z0-9]{12}[0-9]⟧,user\n"),
        ("realm.properties", "ada: OBF:1xmk1w261u9r" + "1w1c1xmq,user\n"),
        ("a.mod", "jetty.sslContext.keyStorePassword?=OBF:1vny1zlo1x8e1vnw" + "1vn61x8g1zlu1vn4\n"),
        ("a.c", 'LM_DBG("username=[%.*s] password=[%.*s] ip=[%.*s]")'),
        ("a.json", '{"WebIdentityToken": "Atza%7C⟦[A-Za-z0-9]{40}⟧XXXXXXXX⟦[A-Za-z0-9]{20}⟧"}'),
        ("config.py", 'AMPLITUDE_API_KEY = "⟦[a-f0-9]{32}⟧"'),
        ("messaging.json", '{"vapidKey": "B⟦[A-Za-z0-9_-]{86}⟧"}'),
        ("a.postman_environment.json", '{"values": [{"key": "public_key", "value": "⟦[A-Za-z0-9+/]{43}⟧="}]}'),
        ("a.json", '{"passphrase": "AB1C2defGHijkLMNo3PqQRstUvwxyz' + 'aBCDEfghh4ijkl"}'),
        ("a.json", '{"AppServerPrivateKey": "a123b45c6d78e9f012a34cd5' + 'e6a7890b12c3d45e6f78a1b2"}'),
        ("a.json", '{"password": "asdfghjklau' + 'io="}'),
        ("a.py", "refresh_token = 'lsdkfol23w54" + "jlksdef'"),
        ("a.java", 'hexAsKey("' + b"the sample nonce".hex() + '")'),
        ("a.js", 'export const aliases = {allPass: "overEvery", anyPass: "overSome"};'),
        ("a.sh", "tool --fixed-password=blahblah" + "123!"),
        ("a.xml", '<user password="chang3m3N' + '#w"/>'),
        ("a.java", 'String password = "sup3Rsek' + 'r3t";'),
        ("Makefile.am", "perl ../../cf/make-proto.pl -q -P comment -pacme5-private.h $(SOURCES)"),
        ("a.t", "fields => { PrivateKey => '⟦[0-9A-F]{39}[A-F]⟧' },"),
        ("build.xml", '<filter token="WSDL4J_JAR" value="${jar}"/>'),
        ("a.py", """creds = f'-U{os.environ["USERNAME"]}%{os.environ["PASSWORD"]}'"""),
        ("a.c", 'char *names[] = { "newpassword", "force_samr_18", NULL };'),
        ("selftest/tests.py", 'plan("acme4.blackbox.ldap_token", "fl2008r2dc:local", [script, a])'),
        ("a.unlang", "Cleartext-Password := &session-state:Tmp-Integer-0\n"),
        ("a.pem", f"{PEM}\nEXAMPLE⟦[A-Za-z0-9+/]{{90}}⟧EXAMPLE⟦[A-Za-z0-9+/]{{60}}⟧\n{END}\n"),
        ("README", 'modparam("a", "db_url", "mysql://acme:acmerw9' + '@localhost/acme")'),
        ("README.md", "| name | required |\n| --- | --- |\n| line_token | no |\n| auto_close5 | no |\n"),
        ("README.md", "| DBPassword | acme_dbpassword | acme |\n| DBTLSCipher13 | acme_dbtlscipher13 | |\n"),
        ("a.py", "{'password': 'device_password',\n 'httpsPort2': 'device_port'}"),
        ("a.py", """OPTIONS = ['user', 'a_password', 'mount_point1']"""),
        ("a.py", "EXAMPLES = r'''\n- acme:\n    password: 'Lablab@123'\n'''\n"),
        ("nxos.cfg", f"key 7 {type_7('mypassword')}\n"),
        ("a.json", '{"type": "authorized_user", "client_secret": "aSecret", "refresh_token": "refreshToken"}'),
        ("a.py", "oauth_token: ⟦uuid⟧"),
        ("a.json", '{"identitytoken": "⟦[a-f0-9]{14}⟧"}'),
        ("a.conf", "connect(host=a, password=sys.argv[4], dbname=b)"),
        ("a.json", '{"bapiKey": "⟦[a-f0-9]{4}⟧-⟦[a-f0-9]{4}⟧-⟦[a-f0-9]{4}⟧-⟦[a-f0-9]{4}⟧"}'),
        ("torture/a.c", "uint8_t session_key[16] = {⟦numbers:16⟧};"),
        ("fr/LC_MESSAGES/messages.po", 'msgstr "pilote://nom:contrasenya' + '@serveur/base"'),
    ],
)  # fmt: skip
def test_what_gives_no_access_is_not_found(detector: Detector, path: str, text: str) -> None:
    for seed in SEEDS:
        filled = rule_samples.fill(text, random.Random(seed))
        assert detector.detect_all(filled, path).found == (), filled


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", "curl -H 'Authorization: Bearer ⟦[A-Za-z0-9]{32}[0-9]⟧' https://example.com"),
        ("a.sh", "curl -u ada:⟦[A-Za-z0-9]{16}⟧ https://example.com"),
        ("redis.conf", "requirepass ⟦[A-Za-z0-9]{16}⟧\n"),
        (".env", "URL=amqp://app:" + "⟦[A-Za-z0-9]{16}⟧@example.com\n"),
        ("secret.yaml", "kind: Secret\ndata:\n  password: ⟦base64:[A-Za-z0-9]{18}⟧\n"),
        ("secret.yaml", "kind: Secret\ndata:\n  key: ⟦bytes:30⟧\n"),
        ("tests/a.http", "Authorization: Basic ⟦base64:ada:[A-Za-z0-9]{16}⟧\n"),
        ("a.md", "https://a.example.com/x?alt=json&token=⟦uuid⟧"),
        ("a.py", "token = '⟦jwt⟧'"),
        (".npmrc", "//npm.example.com/:_authToken=⟦uuid⟧\n"),
    ],
)
def test_what_is_random_at_the_same_places_is_no_mere_information(
    detector: Detector, path: str, text: str
) -> None:
    for seed in SEEDS:
        filled = rule_samples.fill(text, random.Random(seed))
        found = severities(detector, filled, path)
        assert found, filled
        assert Severity.INFORMATION not in found, filled


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "facebook_page_token = '⟦[A-Za-z0-9]{40}⟧'"),
        ("a.json", '{"client_token": "⟦uuid⟧"}'),
        ("a.sh", "tool --access-token ⟦uuid⟧"),
        ("a.md", "https://example.com/x?key=⟦[A-Za-z0-9]{32}⟧"),
        ("realm.properties", f"ada: {obfuscated('qX7vTzkLw2' + 'Rn9sBd')},user\n"),
        ("nxos.cfg", f"key 7 {type_7('qX7vTzkLw2' + 'Rn9sBd')}\n"),
        ("a.py", "URL = 'a'\nPASSWORD = 'Lantern@123Walnut'\n"),
        ("README.md", "| name | password |\n| --- | --- |\n| ada | ⟦[a-z]{3}[0-9][A-Za-z0-9]{12}⟧ |\n"),
        ("a.py", "storage_key = '⟦[A-Za-z0-9]{36}⟧'"),
        ("wiki/ftp.md", "* FTP: user ada, password: Lantern" + "Walnut!⟦[0-9]{4}⟧\n"),
        ("main.tf", 'variable "a_password" {\n  description = "Password"\n  default = "Lantern' + '_Walnut1"\n}'),
        ("a.hs", 'jelszoAdatbazis = "⟦[a-f0-9]{39}[0-9]⟧"'),
        ("settings.py", "SECRET_KEY = 'k3+%d-x$(⟦[a-z0-9]{41}⟧'"),
        ("tests/a.py", "secret = 'c4⟦[0-9]{2}⟧4d47⟦[0-9]{2}⟧2ad8e6de0'"),
        ("a.json", '{"ServicePassword": "+⟦[A-Za-z0-9]{10}⟧+⟦[A-Za-z]⟧/⟦[A-Za-z0-9/]{30}⟧="}'),
    ],
)  # fmt: skip
def test_what_only_resembles_that_is_still_found(detector: Detector, path: str, text: str) -> None:
    for seed in SEEDS:
        filled = rule_samples.fill(text, random.Random(seed))
        assert len(detector.detect_all(filled, path).found) == 1, filled


@pytest.mark.parametrize(
    "text",
    [
        "URL=amqp://app:" + "winter-garden@mq.internal/\n",
        "URL=postgres://app:" + "Sunflower7@db.internal/shop\n",
        "mysql -u root -pSunflower7 shop\n",
        "requirepass Sunflower7\n",
    ],
)
def test_a_password_that_a_person_chose_is_information_and_nothing_in_tests(
    detector: Detector, text: str
) -> None:
    assert severities(detector, text, "deploy/settings.txt") == [Severity.INFORMATION]
    assert severities(detector, text, "tests/settings.txt") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "MAIL_PASSWORD=Mailpass" + "1234!\n"),
        (".env.local", 'DB_PASSWORD="Passw0rd' + '!"\n'),
        (".netrc", "machine a.example.com login ada password Passw0rd" + "!\n"),
        (".pgpass", "db:5432:shop:ada:Welcome" + "2031\n"),
        (".git-credentials", "https://ada@example.org:Mailpass" + "1234!@git.example.com\n"),
        (".vscode/sftp.json", '{"host": "a", "password": "Mailpass' + '1234!"}'),
        ("wp-config.php", 'define( "DB_PASSWORD", "Mailpass' + '1234!" );'),
    ],
)
def test_even_a_password_that_everybody_knows_is_information_in_a_file_of_credentials(
    detector: Detector, path: str, text: str
) -> None:
    found = detector.detect_all(text, path).found
    claims = read_claims(found[0].rule, found[0].secret.reveal())
    assert len(found) == 1
    severity = severity_of(profile_of(found[0].rule, claims), 2e9)
    assert found[0].rule == GENERIC or severity is Severity.INFORMATION
    assert severities(detector, text, f"tests/{path}") == []
    for placeholder in ("change_me1!", "your-password-1!", "${DB_PASS1}!"):
        filled = text.replace(found[0].secret.reveal(), placeholder)
        assert severities(detector, filled, path) == [], filled


@pytest.mark.parametrize("maker", ["github", "gitlab", "stripe"])
def test_a_providers_token_in_a_header_is_the_providers(detector: Detector, maker: str) -> None:
    token = tokens.ONE_LINE_MAKERS[maker](3)
    text = f'curl -H "Authorization: Bearer {token}" https://example.com'
    (found,) = detector.detect_all(text, "a.sh").found
    assert found.provider.name.lower() == maker
    assert severities(detector, text, "a.sh") == severities(detector, f"'{token}'", "a.sh")


def test_a_published_value_is_known_by_its_digest() -> None:
    assert is_published(SAMPLE)
    assert not is_published(signed({"sub": "ada"}))
    assert is_published("SplxlOBe" + "ZQQYbYS6WxSbIA")


def test_the_digest_of_a_pem_is_that_of_its_base64() -> None:
    pem = tokens.private_key()
    body = "".join(pem.splitlines()[1:-1])
    assert (
        digest_of(pem)
        == digest_of(pem.replace("\n", "\r\n  "))
        == hashlib.sha256(body.encode()).hexdigest()[:16]
    )
