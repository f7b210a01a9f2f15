"""Decoys written by people: names like those of tokens, with values that are none."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

import json

from corpora.draw import Draw


def translations(draw: Draw) -> tuple[str, str]:
    english = {
        "password": "Password",
        "forgotPassword": "Forgot your password?",
        "token_expired": "Your token has expired",
        "secret": "Secret",
        "apiKey": "API key",
    }
    german = {
        "password": "Passwort",
        "passwordRepeat": "Passwort wiederholen",
        "token": "Zugriffstoken",
        "api_key": "API-Schlüssel",
        "secret_question": "Geheimfrage",
    }
    spanish = {
        "password": "Contraseña",
        "new_password": "Nueva contraseña",
        "token_invalid": "El token no es válido",
        "secret_key": "Clave secreta",
    }
    japanese = {
        "password": "パスワード",
        "confirmPassword": "パスワードを確認",
        "access_token": "アクセストークン",
        "secret": "シークレット",
    }
    chosen, code = draw.one([(english, "en"), (german, "de"), (spanish, "es"), (japanese, "ja")])
    key, text = draw.one(sorted(chosen.items()))
    return draw.one([
        (f"locales/{code}.json", json.dumps(chosen, ensure_ascii=False, indent=2)),
        (f"i18n/{code}.yml", f'{code}:\n  auth:\n    {key}: {text}\n    password_hint: "{text}"\n'),
        (f"messages_{code}.properties", f"login.{key}={text}\nlogin.password.label={text}\n"),
        (f"locale/{code}/messages.po", f'msgid "{key}"\nmsgstr "{text}"\n\nmsgid "password"\nmsgstr "{text}"\n'),
        (f"values-{code}/strings.xml", f'<resources>\n  <string name="password">{text}</string>\n  <string name="{key}">{text}</string>\n</resources>\n'),
        (f"{code}.ts", f"export default {{ password: '{text}', {key}: '{text}', resetPasswordTitle: '{text}' }};\n"),
    ])  # fmt: skip


def code_values(draw: Draw) -> tuple[str, str]:
    word = draw.word()
    return draw.one([
        ("auth.py", f"password = get_password({word})\ntoken = self.fetch_token(scope='read')\nsecret = secrets.token_urlsafe(32)\n"),
        ("auth.py", f"token: str | None = None\npassword: Optional[SecretStr] = Field(default=None)\napi_key = settings.{word}.api_key\n"),
        ("auth.py", "def set_password(self, password: str, token: bytes = b'') -> None:\n    self.password_hash = hash_password(password)\n"),
        ("auth.js", f"const token = await getToken({word});\nlet password = form.password.value;\nconst apiKey = config.get('api.key');\n"),
        ("auth.ts", "interface Login { username: string; password: string; accessToken?: string; clientSecret: SecretString }\n"),
        ("auth.go", f'token := r.Header.Get("Authorization")\npassword, err := readPassword("{word}")\nsecret := cfg.Secret.String()\n'),
        ("Auth.java", "private String password;\nString token = tokenProvider.createToken(authentication);\nthis.secretKey = Keys.hmacShaKeyFor(bytes);\n"),
        ("auth.rs", 'let token = Token::new(claims)?;\nlet password: SecretString = prompt_password("Password: ")?;\n'),
        ("auth.rb", "password = params[:password]\ntoken = SecureRandom.hex(32)\nsecret = Rails.application.credentials.secret_key_base\n"),
        ("auth.php", "$password = $_POST['password'];\n$token = bin2hex(random_bytes(32));\n$apiKey = $this->config->getApiKey();\n"),
        ("Auth.cs", 'var password = Configuration["Db:Password"];\nstring token = await GenerateTokenAsync(user);\nvar secret = options.Value.ClientSecret;\n'),
        ("lexer.py", f"token = Token(type=TokenType.IDENTIFIER, value='{word}')\nif token == 'function_definition':\n    token = 'closing_parenthesis'\n"),
        ("lexer.c", 'const char *token = strtok(line, " ");\nenum { TOKEN_EOF = 0, TOKEN_PASSWORD_FIELD = 17 };\n#define TOKEN_MAX_LENGTH 256\n'),
        ("auth.kt", "val password = binding.passwordInput.text.toString()\nval apiKey = BuildConfig.MAPS_API_KEY\n"),
        ("auth.swift", 'let password = passwordField.text ?? ""\nlet token = try await keychain.token(for: account)\n'),
        ("run.sh", "password=$(cat /run/secrets/db_password)\nread -s -p 'Password: ' password\nTOKEN=`gh auth token`\n"),
    ])  # fmt: skip


def names_of_things(draw: Draw) -> tuple[str, str]:
    word = draw.word()
    return draw.one([
        ("constants.py", f'PASSWORD_FIELD = "user_password_{word}"\nTOKEN_HEADER = "X-Acme-Access-Token"\nSECRET_NAME = "projects/acme/secrets/db-password"\n'),
        ("constants.ts", "export const ACCESS_TOKEN_KEY = 'accessTokenStorageKey';\nexport const PASSWORD_RESET_ROUTE = '/account/reset-password/confirm';\n"),
        ("enums.py", 'class GrantType(Enum):\n    PASSWORD = "password"\n    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"\n    CLIENT_SECRET = "client_secret_basic"\n'),
        ("Errors.java", 'static final String INVALID_TOKEN = "error.authentication.invalid_token";\nstatic final String PASSWORD = "validation.password.too_short";\n'),
        ("csrf.py", 'CSRF_COOKIE_NAME = "csrftoken"\nCSRF_HEADER_NAME = "HTTP_X_CSRFTOKEN"\nCSRF_TOKEN_FIELD = "csrfmiddlewaretoken"\n'),
        ("secret.yaml", "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: database-credentials\n      key: postgres-password\n"),
        ("deployment.yaml", f"volumes:\n- name: token\n  secret:\n    secretName: {word}-service-account-token\n    items:\n    - key: tls.key\n      path: private/tls.key\n"),
        ("tokens.yaml", f"kind: OAuthAccessToken\nmetadata:\n  name: sha256~{draw.url_safe(43)}\n  creationTimestamp: '2026-03-01T10:00:01Z'\nuserName: ada\n"),
        ("routes.rb", "get '/password/edit', to: 'passwords#edit', as: :edit_user_password\npost '/oauth/token', to: 'tokens#create'\n"),
        ("routes.js", "router.post('/api/v1/auth/refresh-token', refreshToken);\nconst tokenUrl = 'https://auth.example.com/oauth2/v2.0/token';\n"),
        ("config.yaml", "token_url: https://auth.example.com/oauth/token\npassword_policy: strong-alphanumeric-12\nsecret_store: kubernetes-external-secrets\nkey_file: /etc/ssl/private/server.key\n"),
        ("app.ini", "password_file = /run/secrets/postgres-password\ntoken_path = /var/run/secrets/kubernetes.io/serviceaccount/token\nssl_key = ./certs/server-key.pem\n"),
        ("ci.yml", "inputs:\n  token:\n    description: The personal access token that is used to fetch the repository\n    required: true\n"),
        ("schema.graphql", "type Mutation { resetPassword(token: String!, newPassword: String!): AuthPayload! }\nscalar AccessToken\n"),
        ("i18n.ts", "t('auth.password.placeholder'); t('settings.apiKeys.createdSuccessfully'); const token = t('token.label');\n"),
    ])  # fmt: skip


def settings_of_tokens(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("model.json", json.dumps({"max_tokens": 4096, "maxTokens": 8192, "token_limit": 128000, "tokens_per_minute": 90000, "stop_token": "<|im_end|>"})),
        ("config.yaml", "max_tokens: 32768\nmax_completion_tokens: 200000\ntoken_ttl: 3600s\npassword_min_length: 12\nsecret_rotation_days: 90\n"),
        ("usage.json", json.dumps({"usage": {"prompt_tokens": 81731, "completion_tokens": 20481, "total_tokens": 102212, "cache_creation_input_tokens": 190213}})),
        ("settings.py", 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]\nACCESS_TOKEN_LIFETIME = timedelta(minutes=15)\nSECRET_KEY_FALLBACKS = []\n'),
        (".env", "TOKEN_EXPIRY=86400\nPASSWORD_LOGIN_ENABLED=false\nJWT_ALGORITHM=RS256\nSECRET_BACKEND=vault\nAPI_KEY_HEADER=X-API-Key\nTOKEN_ISSUER=https://auth.example.com/\n"),
        ("application.properties", "security.jwt.token.expire-length=3600000\nspring.security.oauth2.client.registration.acme.scope=openid,profile\npassword.encoder=bcrypt\n"),
        ("terraform.tf", 'resource "random_password" "db" {\n  length           = 24\n  override_special = "!#%*()-_=+[]{}<>:?"\n}\n'),
        ("versions.toml", 'jsonwebtoken = "9.0.2"\nsecrecy = { version = "0.8.0-beta.3" }\nkeytar = "7.9.0"\ntoken-version = "2026.3.1-rc.2+build.4711"\n'),
        ("package.json", json.dumps({"dependencies": {"js-tokens": "^9.0.1", "password-hash": "~1.2.2", "secrets-manager": "npm:@acme/secrets-manager@3.14.2", "next-auth": "5.0.0-beta.25"}}, indent=2)),
    ])  # fmt: skip


def pages(draw: Draw) -> tuple[str, str]:
    word = draw.word()
    return draw.one([
        ("login.html", f'<input type="password" name="password" id="{word}-password" placeholder="Enter your password" autocomplete="current-password">\n<input type="hidden" name="csrf_token" value="{{{{ csrf_token }}}}">\n'),
        ("Login.tsx", '<Input type="password" label="Password" value={password} onChange={setPassword} helperText="At least 12 characters" />\n'),
        ("login.vue", '<template><input v-model="password" type="password" :placeholder="$t(\'password\')" data-testid="login-password-input"></template>\n'),
        ("style.scss", "$token-color: #0f62fe;\n.password-input--with-icon { padding: 0.5rem; }\n--token-border-radius: 12px;\n"),
        ("tokens.css", ":root {\n  --token-spacing-large: 24px;\n  --secret-panel-color: rgba(15, 98, 254, 0.4);\n  --key-color-primary: #a1b2c3;\n}\n"),
        ("tokens.json", json.dumps({"token": {"color": {"primary": {"value": "#0f62fe", "type": "color"}}, "font": {"value": "IBM Plex Sans, sans-serif"}}})),
        ("openapi.yaml", "components:\n  schemas:\n    Login:\n      properties:\n        password:\n          type: string\n          format: password\n          minLength: 8\n        token:\n          type: string\n          description: the access token, as returned by login\n"),
        ("openapi.json", json.dumps({"securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}, "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}})),
        ("schema.json", json.dumps({"properties": {"password": {"type": "string", "pattern": "^[A-Za-z0-9!@#$%^&*]{12,64}$"}, "api_key": {"$ref": "#/definitions/apiKeyReference"}}})),
        ("schema.sql", "CREATE TABLE users (id bigint, password varchar(255) NOT NULL, api_token char(64) DEFAULT NULL, secret_key bytea);\nCREATE INDEX ix_tokens_token ON tokens (token);\n"),
        ("schema.prisma", 'model Account {\n  refresh_token String? @db.Text\n  access_token  String? @db.Text\n  password      String  @default("")\n}\n'),
        ("messages.proto", "message LoginRequest {\n  string username = 1;\n  string password = 2;\n  bytes session_token = 3;\n}\n"),
        (
            "migration.py",
            "op.add_column('users', sa.Column('password_hash', sa.String(length=128)))\nrevision = '"
            + draw.hex(12)
            + "'\ndown_revision = '"
            + draw.hex(12)
            + "'\n",
        ),
    ])  # fmt: skip


def prose(draw: Draw) -> tuple[str, str]:
    return draw.one([
        ("README.md", "The password is stored in the keyring. Pass the token with `--token`, or set `API_TOKEN`.\n\nSecret: nobody reads documentation.\n"),
        ("README.md", "## Password: how it is hashed\n\nWe use argon2id; the token is a random 256-bit number. Basic authentication is not supported.\n"),
        ("SECURITY.md", "Do not commit secrets. API key: rotate it every ninety days. Bearer authentication is required for internal endpoints.\n"),
        ("notes.txt", "password: ask the administrator\ntoken: see the vault, entry deployment-pipeline\nWLAN-Passwort: steht am Kühlschrank\n"),
        ("guide.rst", ":password: The password, which may be omitted.\n:token: An access token created in account settings.\n\n.. envvar:: SECRET_KEY\n"),
        ("main.py", '"""Log in.\n\nArgs:\n    password: the password of the user, never logged.\n    token: authentication-token-or-none for anonymous access.\n"""\n'),
        (
            "chat.jsonl",
            json.dumps(
                {
                    "role": "user",
                    "content": "Why does my password field lose focus when the token is refreshed?",
                }
            )
            + "\n",
        ),
        ("errors.go", 'var ErrToken = errors.New("token is malformed: token contains an invalid number of segments")\nconst passwordHelp = "password must contain uppercase, lowercase and digits"\n'),
        ("cli.py", 'parser.add_argument("--password", help="the-password-for-the-database", default=None)\nprint("password: " + mask(password))\n'),
    ])  # fmt: skip


DECOYS = (
    translations,
    translations,
    code_values,
    code_values,
    names_of_things,
    names_of_things,
    settings_of_tokens,
    pages,
    pages,
    prose,
)
