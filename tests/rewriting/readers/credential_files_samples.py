from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

_REFERENCE = "keyring://acme/API_KEY"
SAMPLES = tuple(
    Sample(reader, path, text, text.replace("T0K", _REFERENCE))
    for reader, path, text in (
        ("netrc", ".netrc", f"machine example.com login u {'password'} T0K\n"),
        ("netrc", "home/_netrc", f'machine example.com\r\n\tlogin u\r\n\t{"password"} "T0K"\r\n'),
        ("PostgreSQL", ".pgpass", "# shop\nh:5432:db:u:T0K\n"),
        ("PostgreSQL", "postgresql/pgpass.conf", "*:*:*:u:T0K"),
        ("MySQL", ".my.cnf", "[client]\nuser = u\npassword=T0K\n[mysqldump]\nquick\n"),
        ("MySQL", "my.ini", '[client]\r\npassword = "T0K"\r\n'),
        ("Google Cloud", "key.json", '{"type": "service_account", "private_key": "T0K\\n"}'),
        ("Google Cloud", "adc.json", '{"refresh_token": "T0K", "type": "authorized_user"}'),
        ("OpenSSH", ".ssh/id_ed25519", "T0K\n"),
        ("OpenSSH", "id_rsa_work", "T0K\r\n"),
    )
)
REFUSED = (
    Refused("git", ".git-credentials", "https://u:T0K@example.com/a\n", "credential helper"),
    Refused("AWS", ".aws/credentials", "[default]\naws_secret_access_key = T0K\n", "credential_process"),
    Refused("docker", ".docker/config.json", '{"auths": {"example.com": {"auth": "T0K"}}}', "credsStore"),
    Refused("gh", ".config/gh/hosts.yml", "example.com:\n  oauth_token: T0K\n", "gh auth login"),
    Refused("kubectl", ".kube/config", "kind: Config\nusers:\n- user: {token: T0K}\n", "exec"),
    Refused("Google Cloud", "key.json", '{"type": "service_account", "client_id": "T0K"}', "as it is"),
    Refused(
        "Terraform CLI", ".terraformrc", 'credentials "example.com" {\n  token = "T0K"\n}\n', "TF_TOKEN_"
    ),
)
