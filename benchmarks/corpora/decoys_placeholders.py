"""Decoys in place of a token: placeholders, test fakes, and references to where the token is stored."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

import base64
import json

from corpora.carriers import CARRIERS
from corpora.draw import Draw

_NAMES = ["api key", "secret key", "access token", "db password", "password", "client secret", "jwt secret", "auth token", "github token", "openai api key", "stripe secret key", "slack bot token", "npm token", "aws secret access key", "session secret", "private token"]  # fmt: skip


def _carried(draw: Draw, value: str) -> tuple[str, str]:
    return draw.one(CARRIERS)(draw, draw.one(_NAMES).split(), value)


def _references() -> tuple[str, ...]:
    return (
        "op://Private/api/credential", "op://vault-7/database/password", "vault:secret/data/acme#password", "vault:kv/prod#token",
        "ref+vault://secret/acme#/password", "ref+awssecrets://prod/db/password", "ref+gcpsecrets://acme/db-password",
        "keyring://acme-api/GITHUB_TOKEN", "keyring://shop/DB_PASSWORD", "sm://acme/db-password", "secretmanager://projects/acme/secrets/db",
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf", "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db",
        "{{resolve:secretsmanager:prod/db:SecretString:password}}", "{{ vault_db_password }}", "{{ .Values.auth.password }}", "{{ secrets.db }}",
        "${DB_PASSWORD}", "${env:API_KEY}", "${secrets.API_KEY}", "${{ secrets.NPM_TOKEN }}", "${API_TOKEN:-}", "${file(secrets.yml):password}",
        "${var.db_password}", "${data.vault_generic_secret.db.data_password}", "${input:api-key}", "{env:GITHUB_TOKEN}", "$API_TOKEN", "%API_TOKEN%",
        "$(cat /run/secrets/token)", "$(pass show acme/token)", "$(op read op://dev/api/key)", "$(vault kv get -field=password secret/db)",
        "@Microsoft.KeyVault(SecretUri=https://acme.vault.azure.net/secrets/db/)", "@Microsoft.KeyVault(VaultName=acme;SecretName=db-password)",
        "@@DB_PASSWORD@@", "__API_TOKEN__", "#{DbPassword}#", "<%= ENV.fetch(db_password) %>", "doppler://acme/prod/API_KEY", "bws://db-password",
        "file:///run/secrets/db_password", "/run/secrets/db_password", "infisical://prod/db/password", "akeyless:/prod/db/password",
        "azurekeyvault://acme/db-password", "gcp:secretmanager:projects/acme/secrets/db-password/versions/latest", "aws-ssm:///prod/db/password",
        "chamber://prod/db_password", "passwordstore:acme/db", "lookup:hashi_vault:secret/db", "env:DB_PASSWORD", "env://DB_PASSWORD",
    )  # fmt: skip


def references(draw: Draw) -> tuple[str, str]:
    return _carried(draw, draw.one(_references()))


def encrypted_references(draw: Draw) -> tuple[str, str]:
    sealed = "AgB" + draw.base64(200)
    return draw.one([
        ("secrets.enc.yaml", f"db_password: ENC[AES256_GCM,data:{draw.base64(24)},iv:{draw.base64(32)},tag:{draw.base64(16)},type:str]\n"),
        ("secrets.enc.json", json.dumps({"api_key": f"ENC[AES256_GCM,data:{draw.base64(16)},iv:{draw.base64(32)},tag:{draw.base64(16)},type:str]"})),
        ("hiera.yaml", f"password: ENC[PKCS7,{draw.base64(190)}]\n"),
        ("vars.yml", "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n" + "".join(f"  {draw.hex(80)}\n" for _ in range(4))),
        ("sealed.yaml", f"kind: SealedSecret\nspec:\n  encryptedData:\n    password: {sealed}\n"),
        (".env", f'DB_PASSWORD="encrypted:{draw.base64(90)}"\nDOTENV_PUBLIC_KEY="03{draw.hex(64)}"\n'),
        (".travis.yml", f'env:\n  global:\n    secure: "{draw.base64(256)}"\n'),
        ("age.txt", "-----BEGIN AGE ENCRYPTED FILE-----\n" + draw.base64(240) + "\n-----END AGE ENCRYPTED FILE-----\n"),
    ])  # fmt: skip


def code_references(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("a.py", 'API_KEY = os.environ["API_KEY"]\nsecret_key = os.getenv("SECRET_KEY", "")\npassword = config("DB_PASSWORD")\n'),
        ("a.ts", "const apiKey = process.env.API_KEY!;\nconst secret = import.meta.env.VITE_AUTH_SECRET;\nconst token = Deno.env.get('TOKEN');\n"),
        ("a.yml", "MasterUserPassword: !Sub '{{resolve:secretsmanager:${DbSecret}:SecretString:password}}'\nToken: !Ref ApiTokenParameter\nKey: !GetAtt Secret.Arn\nP: !ImportValue SharedDbPassword\n"),
        ("ci.yml", "env:\n  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n  GITHUB_TOKEN: ${{ github.token }}\n  DB_PASSWORD: $(DbPassword)\n"),
        ("main.tf", "password = var.database_password\nsecret_key = data.aws_secretsmanager_secret_version.db.secret_string\ntoken = sensitive(local.api_token)\n"),
        ("a.go", 'token := os.Getenv("API_TOKEN")\nsecret := viper.GetString("auth.jwt_secret")\n'),
        ("A.java", '@Value("${spring.datasource.password}")\nprivate String password;\nString key = System.getenv("SECRET_KEY");\n'),
        ("a.rb", "secret_key = ENV.fetch('SECRET_KEY_BASE')\npassword: <%= ENV['DATABASE_PASSWORD'] %>\n"),
        ("a.php", "'password' => env('DB_PASSWORD'),\n'key' => getenv('APP_KEY'),\n"),
        ("A.cs", 'var secret = Environment.GetEnvironmentVariable("CLIENT_SECRET");\nvar key = builder.Configuration["Jwt:SigningKey"];\n'),
        ("a.rs", 'let token = std::env::var("API_TOKEN").expect("API_TOKEN");\nlet key = env!("SECRET_KEY");\n'),
        ("docker-compose.yml", "environment:\n  POSTGRES_PASSWORD_FILE: /run/secrets/db_password\n  API_KEY: ${API_KEY:?set it in .env}\n"),
        ("run.sh", 'export TOKEN="$(gcloud auth print-access-token)"\ncurl -H "Authorization: Bearer $TOKEN" -u "ada:$PASSWORD" https://api.example.com\nmysql -u root -p"$MYSQL_PASSWORD"\n'),
        (".mcp.json", '{"mcpServers": {"tool": {"command": "tokenward", "env": {"API_KEY": "${API_KEY}"}, "headers": {"Authorization": "Bearer ${TOKEN}"}}}}\n'),
        (".npmrc", "//npm.example.com/:_authToken=${NPM_TOKEN}\n"),
        ("url.py", 'DSN = f"postgresql://{user}:{password}@{host}:5432/{name}"\nREMOTE = "https://${USER}:${TOKEN}@git.example.com/acme.git"\n'),
        (".vscode/mcp.json", '{"inputs": [{"type": "promptString", "id": "api-key", "password": true}], "servers": {"a": {"env": {"API_KEY": "${input:api-key}"}}}}\n'),
        (".codex/config.toml", '[mcp_servers.a]\nbearer_token_env_var = "ACME_MCP_TOKEN"\n'),
        ("values.nix", "age.secrets.token.file = ../secrets/token.age;\npasswordFile = config.sops.secrets.password.path;\n"),
    ])  # fmt: skip


_PLACEHOLDERS = (
    "<your-token>", "<YOUR_API_KEY>", "your-api-key-here", "YOUR_SECRET_KEY", "your_password", "changeme", "change-me", "CHANGE_ME_IN_PRODUCTION",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "ghp_...", "sk-...", "sk-proj-...", "sk-xxxxxxxxxxxxxxxxxxxxxxxx", "xoxb-your-bot-token",
    "glpat-xxxxxxxxxxxxxxxxxxxx", "npm_xxxxxxxx", "********", "••••••••", "...", "replace_me", "REPLACE_WITH_YOUR_TOKEN", "insert-token-here", "put-your-key-here",
    "example-api-key", "my-secret-token", "placeholder", "todo-set-password", "None", "null", "undefined", "[REDACTED]", "<redacted>", "redacted",
    "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "0000000000000000000000000000000000000000", "00000000-0000-0000-0000-000000000000",
    "1234567890abcdef1234567890abcdef", "abcdefghijklmnopqrstuvwxyz", "not-a-real-token", "dummy", "ENTER_YOUR_PASSWORD", "s3cr3t-goes-here",
    "super-secret-key-change-in-production", "your-256-bit-secret", "generate-me-with-openssl-rand", "sk-your-key", "sk_test_xxxxxxxxxxxxxxxxxxxxxxxx",
    "github_pat_XXXXXXXXXXXXXXXXXXXXXX", "eyJhbGciOi...", "hf_your_token_here", "<GITHUB_TOKEN>", "[your token]", "{your-token}", "{{TOKEN}}", "%s",
)  # fmt: skip


def placeholders(draw: Draw) -> tuple[str, str]:
    return _carried(draw, draw.one(_PLACEHOLDERS))


def documented_examples(draw: Draw) -> tuple[str, str]:
    example = "EXAMPLE"
    key_id = "AKIA" + "IOSFODNN7" + example
    secret = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCY" + example + "KEY"
    return draw.one([
        ("README.md", f"```ini\n[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n```\n"),
        ("docs/setup.md", "```sh\nexport GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nexport OPENAI_API_KEY=sk-...\n```\n"),
        ("docs/auth.md", "curl -H 'Authorization: Bearer <token>' https://api.example.com\ncurl -u " + "username:password https://api.example.com\n"),
        ("docs/db.md", "postgresql:/" + "/user:password@localhost:5432/mydb\nmongodb://<username>:<password>@cluster.example.com/\nmysql:" + "//root:root@127.0.0.1/test\n"),
        (".env.example", "API_KEY=\nSECRET_KEY=your-secret-key\nDATABASE_URL=postgres:" + "//user:pass@localhost/db\nJWT_SECRET=change-this-to-a-long-random-string\n"),
        (".env.sample", "STRIPE_SECRET_KEY=sk_test_...\nSMTP_PASSWORD=\"\"\nAUTH_TOKEN=''\nADMIN_PASSWORD=admin\n"),
        ("docs/api.md", "Authorization: Basic <base64 of user:password>\nX-API-Key: YOUR_API_KEY\nCookie: session=<session id>\n"),
        ("docs/git.md", "git clone https://<token>@git.example.com/acme/api.git\ngit remote set-url origin https://USERNAME:TOKEN@git.example.com/acme/api.git\n"),
        ("config.sample.yml", "password: your_password_here\ntoken: 'paste your token here'\nsecret: \"<secret>\"\n"),
        ("docs/key.md", "-----BEGIN PRIVATE " + "KEY-----\n...\n-----END PRIVATE " + "KEY-----\n"),
    ])  # fmt: skip


def test_fixtures(draw: Draw) -> tuple[str, str]:
    word = draw.word()
    return draw.one([
        ("tests/test_auth.py", f"def test_login(client):\n    client.login(username='ada', password='secret')\n    token = 'fake-token'\n    api_key = 'test-{word}-key'\n"),
        ("tests/auth.test.ts", "const token = 'test-token';\nconst password = 'password123';\nexpect(login('ada', 'wrong-password')).rejects.toThrow();\n"),
        ("spec/user_spec.rb", "let(:password) { 'correct horse battery staple' }\nlet(:token) { 'invalid_token' }\n"),
        ("src/test/java/AuthTest.java", 'String password = "password";\nString token = "mock-access-token";\nwhen(api.key()).thenReturn("dummy-api-key");\n'),
        ("tests/conftest.py", f"API_TOKEN = 'fake_{word}_token'\nSECRET_KEY = 'not-a-secret'\nos.environ['DB_PASSWORD'] = 'test'\n"),
        ("auth_test.go", 'token := "some-token"\npassword := "hunter2"\nsecret := []byte("my-test-secret")\n'),
        ("fixtures/users.json", json.dumps({"username": "ada", "password": "foobar", "token": "abc123", "secret": "shhh"})),
        ("docker-compose.test.yml", "environment:\n  POSTGRES_PASSWORD: postgres\n  MYSQL_ROOT_PASSWORD: root\n  MINIO_ROOT_PASSWORD: minioadmin\n"),
        ("cypress.env.json", json.dumps({"password": "test1234", "token": "test-token-for-cypress"})),
        ("tests/headers.py", "headers = {'Authorization': 'Bearer test-token', 'X-API-Key': 'test-api-key'}\nbasic = ('user', 'pass')\n"),
    ])  # fmt: skip


def patterns(draw: Draw) -> tuple[str, str]:
    """Return values that somebody typed, and passwords that anybody can read."""
    word = draw.word()
    return draw.one([
        ("docs/a.json", json.dumps({"passphrase": "AB1C2defGHijkLMNo3PqQRstUvwxyzaBCDEfghh4ijklMN5opq", "token": "a1b2c3d4567890ab"})),
        ("etc/realm.properties", f"ada: MD5:{draw.hex(32)},user\nbob: CRYPT:{draw.alphanumeric(13)},user\neve: OBF:1xmk1w261u9r1w1c1xmq,user\n"),
        ("log.c", 'LM_DBG("username=[%.*s] password=[%.*s] ip=[%.*s]", u, p, i);\n'),
        ("id.json", json.dumps({"WebIdentityToken": f"Atza%7C{draw.alphanumeric(40)}XXXXXXXX{draw.alphanumeric(20)}"})),
        ("README.md", f"| setting | variable |\n| --- | --- |\n| DBPassword | {word}_dbpassword |\n| DBTLSCipher13 | {word}_dbtlscipher13 |\n"),
        ("map.py", f"FIELDS = {{'password': 'device_password',\n          '{word}Port2': 'device_port'}}\nOPTIONS = ['user', 'password', '{word}_point1']\n"),
        ("module.py", f"EXAMPLES = r'''\n- {word}:\n    password: '{word.capitalize()}@123'\n'''\n"),
        ("users.xml", '<user name="ada" password="chang3m3N#w"/>\n<user name="bob" password="sup3Rsekr3t"/>\n'),
        ("aliases.js", 'export default { allPass: "overEvery", anyPass: "overSome" };\n'),
        ("Makefile.am", f"perl ../../cf/make-proto.pl -q -P comment -p{word}5-private.h $(SOURCES)\n"),
    ])  # fmt: skip


def shortened(draw: Draw) -> tuple[str, str]:
    """Return a masked token."""
    return draw.one([
        ("app.log", f"using token ghp_{draw.alphanumeric(4)}****************************{draw.alphanumeric(4)}\n"),
        ("app.log", f"api_key=sk-…{draw.alphanumeric(4)} loaded from keyring\n"),
        ("ui.json", json.dumps({"apiKey": f"sk-...{draw.alphanumeric(4)}", "last4": draw.digits(4)})),
        ("report.md", f"| token | `ghp_…` 40 characters, fingerprint {draw.hex(32)} |\n"),
        ("out.txt", f"Token: gho_{'*' * 36}\nToken scopes: 'gist', 'read:org', 'repo'\n"),
        ("test.log", "Authorization: Bearer [MASKED]\npassword=[FILTERED] secret=****\n"),
    ])  # fmt: skip


def public_base64(draw: Draw) -> tuple[str, str]:
    words = " ".join(
        draw.some(["the", "password", "is", "not", "stored", "in", "this", "file", "but", "elsewhere"], 8)
    )
    encoded = base64.b64encode(words.encode()).decode()
    return draw.one([
        ("page.json", json.dumps({"nextPageToken": encoded, "cursor": base64.b64encode(b'{"id":4711,"dir":"next"}').decode()})),
        ("config.yaml", f"description_b64: {encoded}\n"),
        ("cloud-init.yaml", f"write_files:\n- encoding: b64\n  content: {encoded}\n  path: /etc/motd\n"),
        ("schema.go", f'var descriptor = "{base64.b64encode(draw.raw(300)).decode()}"\n'),
        ("mail.eml", f"Content-Transfer-Encoding: base64\nMessage-ID: <{draw.alphanumeric(20)}@example.com>\n\n{base64.b64encode(draw.raw(200)).decode()}\n"),
    ])  # fmt: skip


DECOYS = (
    references, references, references, encrypted_references, code_references, code_references, placeholders, placeholders, placeholders,
    documented_examples, test_fixtures, shortened, public_base64, patterns, patterns,
)  # fmt: skip
