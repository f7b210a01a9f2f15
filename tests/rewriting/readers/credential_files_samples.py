from __future__ import annotations

from home_files import HOME_FILES
from rewriting.readers.samples import Refused, Sample

_ID = "AK" + "IA" + "Q" * 16
_KEYS = f"aws_access_key_id = {_ID}\naws_secret_access_key = T0K\n"
_PROCESS = f"credential_process = tokenward credential aws {_ID} keyring://acme/API_KEY\n"
_EXEC = (
    "exec: {apiVersion: client.authentication.k8s.io/v1, command: tokenward, "
    'args: [credential, kubectl, "keyring://acme/API_KEY"], interactiveMode: IfAvailable}'
)
_CERTIFICATE = "LS0t" * 40


def _user(of: str) -> str:
    return f"kind: Config\nusers:\n- name: me\n  user:\n    {of}\n    as: you\n"


def _docker(of: str, before: str = "") -> str:
    return f'{{{before}\n\t"auths": {{\n\t\t"a.example.com": {{}},\n\t\t{of}\n\t}}\n}}'


_HELPED = (
    Sample(
        "git",
        ".git-credentials",
        "https://you:x@example.com\r\nhttps://me:T0K@example.com:8443/a\r\n",
        "https://you:x@example.com\r\n# https://me:keyring://acme/API_KEY@example.com:8443/a\r\n",
    ),
    Sample(
        "git",
        ".git-credentials",
        f"https://me%40example.com:{'T0K'}@example.com%3a8443\n",
        "# https://me%40example.com:keyring://acme/API_KEY@example.com%3a8443\n",
    ),
    Sample(
        "AWS",
        ".aws/credentials",
        f"[other]\n{_KEYS.replace('T0K', 'x')}\n[default]\n{_KEYS}region = eu-west-1\n",
        f"[other]\n{_KEYS.replace('T0K', 'x')}\n[default]\n{_PROCESS}region = eu-west-1\n",
    ),
    Sample("AWS", ".aws/credentials", f"[a]\n{_KEYS}[b]\n{_KEYS}", f"[a]\n{_PROCESS}[b]\n{_PROCESS}"),
    Sample(
        "AWS",
        ".aws/config",
        f"[profile a]\r\nAWS_ACCESS_KEY_ID:{_ID}  \r\nAWS_SECRET_ACCESS_KEY =T0K",
        f"[profile a]\r\n{_PROCESS.rstrip()}",
    ),
    Sample("kubectl", ".kube/config", _user("token: T0K"), _user(_EXEC)),
    Sample(
        "kubectl with another file",
        "a.kubeconfig.yaml",
        _user("'token':  \"T0K\" # a"),
        _user(f"{_EXEC} # a"),
    ),
    Sample(
        "kubectl",
        ".kube/config",
        _user(f"client-certificate-data: {_CERTIFICATE}\n    client-key-data: T0K"),
        _user(_EXEC.replace('"keyring', f'"{_CERTIFICATE}", "keyring')),
    ),
    Sample(
        "kubectl",
        ".kube/config",
        "kind: Config\nusers: [{name: me, user: {client-certificate: a, token: 'T0K'}}]\n",
        f"kind: Config\nusers: [{{name: me, user: {{client-certificate: a, {_EXEC}}}}}]\n",
    ),
)

_REFERENCE = "keyring://acme/API_KEY"
SAMPLES = _HELPED + tuple(
    Sample(reader, path, text, text.replace("T0K", _REFERENCE))
    for reader, path, text in (
        ("curl", ".curlrc", 'header = "A: T0K"\n'),
        ("wget", ".wgetrc", "user=a\npassword=T0K\n"),
        ("s3cmd", ".s3cfg", "[default]\nsecret_key = T0K\n"),
        ("netrc", ".netrc", f"machine example.com login u {'password'} T0K\n"),
        ("netrc", "home/_netrc", f'machine example.com\r\n\tlogin u\r\n\t{"password"} "T0K"\r\n'),
        ("PostgreSQL", ".pgpass", "# shop\nh:5432:db:u:T0K\n"),
        ("PostgreSQL", "postgresql/pgpass.conf", "*:*:*:u:T0K"),
        ("MySQL", ".my.cnf", "[client]\nuser = u\npassword=T0K\n[mysqldump]\nquick\n"),
        ("MySQL", "my.ini", '[client]\r\npassword = "T0K"\r\n'),
        ("Google Cloud", "key.json", '{"type": "service_account", "private_key": "T0K\\n"}'),
        ("Google Cloud", "adc.json", '{"refresh_token": "T0K", "type": "authorized_user"}'),
        ("msmtp", ".msmtprc", "password T0K\n"),
        ("mbsync", ".mbsyncrc", "Pass T0K\n"),
        ("OpenSSH", ".ssh/id_ed25519", "T0K\n"),
        ("OpenSSH", "id_rsa_work", "T0K\r\n"),
        ("OpenSSH", ".ssh/deploy.pem", "T0K\n"),
        ("OpenSSH", ".ssh/work", "T0K\n"),
        (
            "gh",
            ".config/gh/hosts.yml",
            "github.com:\n    users:\n        ada:\n            oauth_token: T0K\n    oauth_token: T0K\n",
        ),
        ("Databricks", ".databrickscfg", "[prod]\ntoken = T0K\n"),
        ("doctl", "doctl/config.yaml", "auth-contexts:\n  a: T0K\n"),
        *((one.reader, one.path, one.text) for one in HOME_FILES),
    )
)
REFUSED = (
    Refused("git", ".git-credentials", "https://T0K@example.com\n", "a user and a password"),
    Refused("git", ".git-credentials", f"https://me:{'T0K'}@exa mple.com\n", "no such line"),
    Refused("git", ".git-credentials", f"https://me:{'T0K'}x@example.com\n", "a user and a password"),
    Refused("AWS", ".aws/credentials", "[default]\naws_secret_access_key = T0K\n", "right below"),
    Refused("AWS", ".aws/credentials", f"[default]\n# {_KEYS}", "right below"),
    Refused("AWS", ".aws/credentials", f"[default]\n{_KEYS}aws_session_token = x\n", "right below"),
    Refused("AWS", ".aws/config", f"[default]\ncredential_process = x\n{_KEYS}", "right below"),
    Refused("AWS", ".aws/credentials", "[default]\naws_session_token = T0K\n", "aws sso login"),
    Refused("AWS", ".aws/credentials", "[default]\naws_access_key_id = T0K\n", "no secret"),
    Refused(
        "docker", ".docker/config.json", _docker('"example.com": {"identitytoken": "T0K"}'), "credsStore"
    ),
    Refused("docker", ".docker/config.json", _docker('"example.com": {"auth": "T0K"}'), "Base64"),
    Refused("gh", ".config/gh/hosts.yml", "github.com:\n  user: T0K\n", "its own host"),
    Refused("gh", "gh/hosts.yml", "git.example.com: {oauth_token: T0K}\n", "auth login --hostname"),
    Refused("kubectl", ".kube/config", _user("password: T0K"), "a token, or a key"),
    Refused("kubectl", ".kube/config", _user("token: T0K\n    username: me"), "nothing else"),
    Refused("kubectl", ".kube/config", _user("token: |\n      T0K"), "a token, or a key"),
    Refused("kubectl", ".kube/config", _user("client-key-data: T0K"), "right above it"),
    Refused("Google Cloud", "key.json", '{"type": "service_account", "client_id": "T0K"}', "as it is"),
    Refused("OpenSSH", ".ssh/notes", "my notes\nT0K\n", "more than a key"),
    Refused(
        "Terraform CLI with another file",
        "a.tfrc",
        'credentials "example.com" {\n  token = "T0K"\n}\n',
        "TF_TOKEN_",
    ),
)
