from __future__ import annotations

from rewriting.readers.samples import Refused

REFUSED = (
    Refused("netrc", ".netrc", f"machine example.com login u {'password'} T0K\n", "curl"),
    Refused("git", ".git-credentials", "https://u:T0K@example.com/a\n", "credential helper"),
    Refused("PostgreSQL", ".pgpass", "h:5432:db:u:T0K\n", "PGPASSWORD"),
    Refused("MySQL", ".my.cnf", "[client]\npassword=T0K\n", "mysql_config_editor"),
    Refused("AWS", ".aws/credentials", "[default]\naws_secret_access_key = T0K\n", "credential_process"),
    Refused("docker", ".docker/config.json", '{"auths": {"example.com": {"auth": "T0K"}}}', "credsStore"),
    Refused("gh", ".config/gh/hosts.yml", "example.com:\n  oauth_token: T0K\n", "gh auth login"),
    Refused("kubectl", ".kube/config", "kind: Config\nusers:\n- user: {token: T0K}\n", "exec"),
    Refused("Google Cloud", "key.json", '{"type": "service_account", "private_key": "T0K"}', "gcloud"),
    Refused(
        "Terraform CLI", ".terraformrc", 'credentials "example.com" {\n  token = "T0K"\n}\n', "TF_TOKEN_"
    ),
)
