"""Credentials files of developers' tools, and commands, URLs, headers and logs with credentials in them."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from corpora.draw import SAFE_SYMBOLS, Draw
from corpora.kinds import Kind, Make, Special, samples_of
from corpora.sample import Sample, labelled, mark

_UNRESERVED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_~."


def _password(draw: Draw) -> str:
    return draw.password(draw.number(10, 20))


def _plain(draw: Draw) -> str:
    """Draw a password that needs no escape in a URL."""
    return draw.alphanumeric(1) + draw.of(_UNRESERVED, draw.number(9, 20)) + draw.alphanumeric(1)


def _basic(draw: Draw) -> str:
    return base64.b64encode(f"{draw.word()}:{draw.alphanumeric(draw.number(12, 24))}".encode()).decode()


def _key(draw: Draw) -> str:
    return draw.one([draw.hex(32), draw.alphanumeric(32), draw.url_safe(40), draw.hex(64)])


def _mixed(draw: Draw) -> str:
    """Draw a password for a quoted string in code."""
    return draw.alphanumeric(2) + draw.of(SAFE_SYMBOLS, 1) + draw.password(10)


def _user(draw: Draw) -> str:
    return f"ada:{mark(_plain(draw))}"


def _url(scheme: str, port: int, tail: str) -> Make:
    return lambda draw: f"{scheme}://{draw.word()}:{mark(_plain(draw))}@{draw.host()}:{port}/{tail}"


def _within(whole: str, password: Make = _plain) -> Make:
    """Return a maker of connection strings; reporting the whole string counts like reporting the password."""
    return lambda draw: whole.format(h=draw.host(), p=mark(password(draw)))


def _kind(label: str, make: Make, *specials: Special, times: int = 1) -> Kind:
    return Kind(label, make, [], specials, (), times)


def credentials(seed: int) -> Iterator[Sample]:
    """Yield some 250 samples."""
    yield from samples_of("credentials", (*_FILES, *_COMMANDS, *_HEADERS, *_CONNECTIONS), seed, 3)
    for number in range(18):
        yield _private_key(Draw("pem", seed, number), number)
    for number in range(4):
        yield _traceback(Draw("traceback", seed, number))
        yield _kubeconfig(Draw("kubeconfig", seed, number))


_FILES = (
    _kind("netrc", _password,
          (".netrc", "machine {host}\n  login ada\n  password {v}\n"), (".netrc", "machine {host} login ada password {v}\n"),
          ("_netrc", "default login ada password {v}\n")),
    _kind("git-credentials", _plain, (".git-credentials", "https://ada:{v}@{host}\n"),
          ("home/.git-credentials", "https://{host}\nhttps://oauth2:{v}@{host}\n")),
    _kind("Docker config", _basic,
          (".docker/config.json", '{{\n\t"auths": {{\n\t\t"https://{host}/v1/": {{\n\t\t\t"auth": "{v}"\n\t\t}}\n\t}}\n}}\n'),
          ("config.json", '{{"auths":{{"{host}":{{"auth":"{v}"}}}}}}'), (".dockercfg", '{{"{host}": {{"auth": "{v}", "email": "a@example.com"}}}}\n')),
    _kind("Docker identity", lambda draw: draw.url_safe(60), (".docker/config.json", '{{"auths": {{"{host}": {{"auth": "", "identitytoken": "{v}"}}}}}}\n')),
    _kind("kubeconfig token", lambda draw: draw.jwt(), (".kube/config", "users:\n- name: ada\n  user:\n    token: {v}\n")),
    _kind("kubeconfig password", _password, (".kube/config", "users:\n- name: ada\n  user:\n    username: ada\n    password: {v}\n")),
    _kind("gh hosts", lambda draw: draw.checked("gho_"), (".config/gh/hosts.yml", "github.com:\n    user: ada\n    oauth_token: {v}\n    git_protocol: https\n")),
    _kind("gh enterprise hosts", lambda draw: draw.hex(40), (".config/gh/hosts.yml", "{host}:\n    oauth_token: {v}\n    user: ada\n")),
    _kind("glab hosts", lambda draw: f"glpat-{draw.url_safe(20)}", (".config/glab-cli/config.yml", "hosts:\n    {host}:\n        token: {v}\n        api_protocol: https\n")),
    _kind("glab plain", lambda draw: draw.url_safe(20), (".config/glab-cli/config.yml", "hosts:\n    {host}:\n        token: {v}\n        git_protocol: ssh\n")),
    _kind("pgpass", _plain, (".pgpass", "{host}:5432:shop:ada:{v}\n"), (".pgpass", "# production\n*:*:*:postgres:{v}\n"),
          ("home/.pgpass", "{host}:5432:*:ada:{v}\n"), times=2),
    _kind("my.cnf", _password, (".my.cnf", "[client]\nuser = ada\npassword = {v}\n"), (".my.cnf", '[mysqldump]\nuser=ada\npassword="{v}"\n')),
    _kind("WireGuard", lambda draw: draw.base64(32),
          ("wg0.conf", "[Interface]\nPrivateKey = {v}\nAddress = 10.0.0.2/24\n"),
          ("etc/wireguard/wg0.conf", "[Interface]\nAddress = 10.0.0.2/24\nPrivateKey={v}\n\n[Peer]\nEndpoint = {host}:51820\n"),
          ("wg1.conf", "[Peer]\nPresharedKey = {v}\nAllowedIPs = 0.0.0.0/0\n"), times=2),
    _kind("rclone", lambda draw: draw.url_safe(43), ("rclone.conf", "[box]\ntype = sftp\nuser = ada\npass = {v}\n")),
    _kind("s3cfg", lambda draw: draw.alphanumeric(40), (".s3cfg", "[default]\naccess_key = acme\nsecret_key = {v}\n")),
    _kind("curlrc", _user, (".curlrc", 'user = "{v}"\n')),
    _kind("wgetrc", _plain, (".wgetrc", "user=ada\npassword={v}\n")),
    _kind("wp-config", lambda draw: draw.alphanumeric(2) + draw.of("ABCDEFGHJKabcdefghjk23456789!@#%^*()_-+=[]{}|;:,.?/", 60) + draw.alphanumeric(2),
          ("wp-config.php", "<?php\ndefine( 'AUTH_KEY',         '{v}' );\n"), ("wp-config.php", "<?php\ndefine('LOGGED_IN_SALT', '{v}');\n")),
    _kind("wp-config password", _mixed, ("wp-config.php", "<?php\ndefine( 'DB_USER', 'ada' );\ndefine( 'DB_PASSWORD', '{v}' );\n")),
    _kind("vault file", lambda draw: f"hvs.{draw.url_safe(24)}", (".vault-token", "{v}"), (".vault-token", "{v}\n")),
    _kind("terraform credentials", lambda draw: f"{draw.alphanumeric(14)}.atlasv1.{draw.url_safe(67)}",
          (".terraform.d/credentials.tfrc.json", '{{"credentials": {{"app.terraform.io": {{"token": "{v}"}}}}}}\n')),
    _kind("Wi-Fi", _mixed, ("wpa_supplicant.conf", 'network={{\n    ssid="office"\n    psk="{v}"\n}}\n')),
    _kind("Firebase CLI", lambda draw: f"1//0{draw.url_safe(90)}", ("configstore/tools.json", '{{"tokens": {{"refresh_token": "{v}"}}}}\n')),
)  # fmt: skip
_COMMANDS = (
    _kind("curl -u", _user, ("run.sh", "curl -u {v} https://{host}/api\n"), ("run.sh", "curl --user '{v}' -X POST https://{host}/api\n"),
          (".bash_history", "ls\ncurl -s -u '{v}' https://{host}/health\n"), ("README.md", "Try `curl -u {v} https://{host}/`.\n"), times=2),
    _kind("curl -H key", _key, ("run.sh", "curl -H 'X-API-Key: {v}' https://{host}/v1\n"), ("run.sh", 'curl --header "x-api-key: {v}" https://{host}/v1\n'),
          ("run.sh", 'curl -H "Authorization: Token {v}" https://{host}/v1\n'), ("run.sh", "curl -H 'X-Auth-Token: {v}' https://{host}/v1\n"), times=2),
    _kind("mysql -p", _plain, ("backup.sh", "mysqldump -u root -p{v} shop > shop.sql\n"), ("backup.sh", "mysql -h {host} -uada -p{v} -e 'select 1'\n"),
          ("backup.sh", "mysql --user=ada --password={v} shop\n"), ("backup.sh", "mysqladmin -u root -p'{v}' ping\n"), times=2),
    _kind("sshpass", _plain, ("deploy.sh", "sshpass -p {v} ssh ada@{host} uptime\n"), ("deploy.sh", "sshpass -p '{v}' scp app.tgz ada@{host}:/srv\n"),
          ("deploy.sh", 'sshpass -p"{v}" rsync -a dist/ ada@{host}:/srv\n')),
    _kind("PGPASSWORD", _plain, ("dump.sh", "PGPASSWORD={v} pg_dump -h {host} -U ada shop\n"), ("dump.sh", "PGPASSWORD='{v}' psql -U ada\n")),
    _kind("redis-cli -a", _plain, ("cache.sh", "redis-cli -h {host} -a {v} ping\n"), ("cache.sh", "redis-cli --pass {v} info\n")),
    _kind("docker login", _plain, ("login.sh", "docker login -u ada -p {v} {host}\n"), ("login.sh", "docker login --username ada --password {v} {host}\n")),
    _kind("openssl", _plain, ("seal.sh", "openssl enc -aes-256-cbc -pass pass:{v} -in a -out b\n")),
    _kind("az login", _plain, ("login.sh", "az login --service-principal -u acme -p {v} --tenant acme\n")),
    _kind("chpasswd", _user, ("setup.sh", "echo '{v}' | chpasswd\n")),
    _kind("net use", _plain, ("mount.bat", "net use Z: \\\\{host}\\share {v} /user:ada\n")),
    _kind("smbclient", _plain, ("mount.sh", "mount -t cifs //{host}/share /mnt -o username=ada,password={v}\n")),
    _kind("ldapsearch", _plain, ("find.sh", "ldapsearch -x -D cn=admin -w {v} -H ldaps://{host}\n")),
    _kind("SQL user", _mixed, ("init.sql", "CREATE USER ada WITH PASSWORD '{v}';\n"), ("init.sql", "ALTER USER 'ada'@'%' IDENTIFIED BY '{v}';\n"),
          ("init.sql", "CREATE LOGIN ada WITH PASSWORD = '{v}';\n"), ("init.sql", "ALTER ROLE ada PASSWORD '{v}';\n"),
          ("init.sql", "GRANT ALL ON shop.* TO 'ada'@'%' IDENTIFIED BY '{v}';\n"), times=2),
)  # fmt: skip
_HEADERS = (
    _kind("Basic", _basic, ("proxy.log", "> GET /v1 HTTP/1.1\n> Host: {host}\n> Authorization: Basic {v}\n"),
          ("app.log", '2026-03-01 DEBUG {{"headers":{{"Authorization":"Basic {v}"}}}}\n'), ("client.py", 'headers = {{"Authorization": "Basic {v}"}}\n'),
          ("api.http", "POST https://{host}/token\nAuthorization: Basic {v}\n"), ("src/a.ts", "fetch(url, {{ headers: {{ authorization: 'Basic {v}' }} }});\n"), times=2),
    _kind("Bearer opaque", _key, ("proxy.log", "> GET /v1 HTTP/1.1\n> authorization: Bearer {v}\n"),
          ("app.log", '2026-03-01 DEBUG req headers: [Authorization: "Bearer {v}"]\n'), ("a.http", "GET https://{host}/\nAuthorization: Bearer {v}\n"),
          ("run.sh", "http https://{host}/v1 'Authorization: Bearer {v}'\n"), times=2),
    _kind("Bearer JWT", lambda draw: draw.jwt(), ("proxy.log", "> authorization: Bearer {v}\n"), ("Main.java", 'request.header("Authorization", "Bearer {v}");\n')),
    _kind("x-api-key", _key, ("proxy.log", "> x-api-key: {v}\n"), ("client.js", "axios.get(url, {{ headers: {{ 'x-api-key': '{v}' }} }});\n"),
          ("nginx.conf", 'location / {{\n  proxy_set_header X-Api-Key "{v}";\n}}\n'), ("collection.json", '{{"header": [{{"key": "X-API-Key", "value": "{v}"}}]}}\n'), times=2),
    _kind("cookie", lambda draw: draw.one([draw.lower(32), draw.url_safe(43)]),
          ("proxy.log", "> Cookie: theme=dark; sessionid={v}; lang=en\n"), ("proxy.log", "< Set-Cookie: PHPSESSID={v}; path=/; HttpOnly\n"),
          ("app.log", "DEBUG Set-Cookie: JSESSIONID={v}; Secure\n"), ("run.sh", "curl -b 'session_token={v}' https://{host}/\n"),
          ("run.sh", "curl -H 'Cookie: connect.sid={v}' https://{host}/\n"), times=2),
    _kind("query", _key, ("access.log", '10.0.0.7 - - [01/Mar/2026:10:00:01 +0000] "GET /v1/items?api_key={v}&page=2 HTTP/1.1" 200 512\n'),
          ("client.py", 'url = "https://{host}/v1?access_token={v}"\n'), ("app.log", "GET https://{host}/cb?state=1&client_secret={v}\n")),
)  # fmt: skip
_CONNECTIONS = (
    *(
        _kind(f"{scheme} URL", _url(scheme, port, tail), (".env", "DATABASE_URL={v}\n"), ("settings.py", 'URL = "{v}"\n'),
              ("compose.yml", "services:\n  api:\n    environment:\n      - BACKEND={v}\n"), ("app.log", "INFO connecting to {v}\n"),
              ("config.json", '{{"url": "{v}"}}\n'))
        for scheme, port, tail in (("postgresql", 5432, "shop?sslmode=require"), ("mysql", 3306, "shop"), ("mongodb", 27017, "shop"),
                                   ("redis", 6379, "0"), ("amqp", 5672, "shop"), ("postgres+asyncpg", 5432, "shop"))
    ),
    _kind("mongodb+srv", lambda draw: f"mongodb+srv://ada:{mark(_plain(draw))}@{draw.host()}/shop", (".env", "MONGO_URI={v}\n"), ("db.js", "mongoose.connect('{v}');\n")),
    _kind("redis without user", lambda draw: f"redis://:{mark(_plain(draw))}@{draw.host()}:6379/0", (".env", "REDIS_URL={v}\n"), ("celery.py", "broker_url = '{v}'\n")),
    _kind("https URL", lambda draw: f"https://ada:{mark(_plain(draw))}@{draw.host()}/path", ("proxy.env", "HTTPS_PROXY={v}\n"), ("ci.yml", "script:\n  - wget {v}\n")),
    _kind("smtp URL", _url("smtp", 587, ""), (".env", "MAILER_DSN={v}\n")),
    _kind("ftp URL", _url("ftp", 21, "pub"), ("sync.sh", "lftp {v}\n")),
    *(
        _kind(f"JDBC {name}", _within(whole), ("db.properties", "url={v}\n"), ("Db.java", 'String url = "{v}";\n'),
              ("hibernate.properties", "jdbc.url={v}\n"))
        for name, whole in (("PostgreSQL", "jdbc:postgresql://{h}:5432/shop?user=ada&password={p}"),
                            ("MySQL", "jdbc:mysql://{h}:3306/shop?user=ada&password={p}&ssl=true"),
                            ("SQL Server", "jdbc:sqlserver://{h}:1433;databaseName=shop;user=ada;password={p};encrypt=true"),
                            ("Oracle", "jdbc:oracle:thin:ada/{p}@{h}:1521:shop"))
    ),
    _kind("Spring", _plain, ("application.properties", "spring.datasource.username=ada\nspring.datasource.password={v}\n"),
          ("application.yml", "spring:\n  datasource:\n    username: ada\n    password: {v}\n"),
          ("application-prod.yml", 'spring:\n  mail:\n    password: "{v}"\n'), ("bootstrap.properties", "spring.cloud.config.password={v}\n"), times=2),
    *(
        _kind(".NET", _within(whole, _mixed), ("appsettings.json", '{{"ConnectionStrings": {{"Default": "{v}"}}}}\n'),
              ("web.config", '<add name="db" connectionString="{v}" />\n'), ("Db.cs", 'var c = new SqlConnection("{v}");\n'))
        for whole in ("Server={h};Database=shop;User Id=ada;Password={p};TrustServerCertificate=true",
                      "Data Source={h};Initial Catalog=shop;User ID=ada;Password={p};", "Server={h};Uid=ada;Pwd={p};",
                      "Host={h};Username=ada;Password={p}")
    ),
    _kind("libpq words", _within("host={h} user=ada password={p} dbname=shop sslmode=disable"), ("db.go", 'dsn := "{v}"\n'),
          ("a.py", "conn = psycopg.connect('{v}')\n")),
    _kind("Go MySQL DSN", _within("ada:{p}@tcp({h}:3306)/shop"), ("db.go", 'db, err := sql.Open("mysql", "{v}")\n')),
    _kind("Sentry DSN old", lambda draw: draw.hex(32), ("a.py", 'init("https://{uuid}:{v}@{host}/42")\n')),
    _kind("ODBC file", _plain, ("odbc.ini", "[shop]\nDriver=PostgreSQL\nUID=ada\nPWD={v}\n")),
    _kind("ODBC", _within("DRIVER=x;SERVER={h};UID=ada;PWD={p}"), ("a.py", "pyodbc.connect('{v}')\n")),
)  # fmt: skip


def _private_key(draw: Draw, number: int) -> Sample:
    name, size = draw.one(
        [("RSA ", 1190), ("", 1218), ("EC ", 121), ("OPENSSH ", 400), ("DSA ", 420), ("ENCRYPTED ", 1298)]
    )
    lines = draw.pem(name, size)
    block, escaped = "\n".join(lines), "\\n".join(lines)
    indented = "\n".join(f"      {line}" for line in lines)
    path, text = (
        ("id_rsa", mark(block) + "\n"),
        ("certs/server.key", mark(block)),
        ("tls.pem", f"# production\n{mark(block)}\n"),
        ("config.json", f'{{"private_key": "{mark(escaped)}\\n", "id": 7}}\n'),
        (".env", f'PRIVATE_KEY="{mark(escaped)}"\n'),
        ("values.yaml", f"tls:\n  key: |\n      {mark(indented.strip())}\n  host: a\n"),
        ("keys.py", f'KEY = """{mark(block)}"""\n'),
        (".env", f'JWT_KEY="{mark(block)}"\nPORT=1\n'),
        ("keys.js", "const key = `" + mark(block) + "`;\n"),
    )[number % 9]
    return labelled("credentials", f"private key {name.strip() or 'PKCS#8'} | {path}", path, text)


def _traceback(draw: Draw) -> Sample:
    token = mark(draw.checked("ghp_"))
    url = f"https://ada:{token}@git.example.com/acme/api.git"
    cell = {
        "cell_type": "code", "execution_count": 3, "metadata": {}, "source": ["clone()\n"],
        "outputs": [{
            "output_type": "error", "ename": "CalledProcessError", "evalue": "Command failed",
            "traceback": ["\u001b[0;31m---\u001b[0m", f"\u001b[0;31mCalledProcessError\u001b[0m: Command 'git clone {url}' returned 128."],
        }],
    }  # fmt: skip
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    return labelled("credentials", "traceback | notebook", "clone.ipynb", text)


def _kubeconfig(draw: Draw) -> Sample:
    certificate = base64.b64encode(("-----BEGIN CERTIFICATE-----\n" + draw.base64(600)).encode()).decode()
    key = base64.b64encode("\n".join(draw.pem("RSA ", 1190)).encode()).decode()
    text = (
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n"
        f"    certificate-authority-data: {certificate}\n    server: https://{draw.host()}:6443\n  name: dev\n"
        f"users:\n- name: ada\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {mark(key)}\n"
    )
    return labelled("credentials", "kubeconfig client key", draw.one(["kubeconfig", ".kube/config"]), text)
