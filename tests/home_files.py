"""Files of the home folder from which `tokenward run` gives a program its token in every folder; T0K is the token."""

from __future__ import annotations

from typing import NamedTuple


class HomeFile(NamedTuple):
    """One file.

    Attributes:
        reader: the name of its row.
        path: from the home folder.
        text: before the move.
        command: a command that reads it.
        given: how the command gets it: an option, the name of a variable for its path or its folder, or the value.
    """

    reader: str
    path: str
    text: str
    command: str
    given: str

    @property
    def is_value(self) -> bool:
        """Return whether the command gets the value, rather than a file."""
        return self.given[0] not in "-$"


HOME_FILES = (
    HomeFile("wget", ".wgetrc", "user=a\npassword=T0K\n", "wget -q a", "$WGETRC"),
    HomeFile("s3cmd", ".s3cfg", "[default]\nsecret_key = T0K\n", "s3cmd ls", "-c"),
    HomeFile("msmtp", ".config/msmtp/config", "password T0K\n", "msmtp a@example.com", "-C"),
    HomeFile(
        "gh",
        ".config/gh/hosts.yml",
        "github.com:\n    user: a\n    oauth_token: T0K\n",
        "gh pr list",
        "GH_TOKEN",
    ),
    HomeFile(
        "glab",
        ".config/glab-cli/config.yml",
        "hosts:\n    gitlab.com:\n        token: T0K\n",
        "glab mr list",
        "$GLAB_CONFIG_DIR/config.yml",
    ),
    HomeFile(
        "hub", ".config/hub", "github.com:\n- user: a\n  oauth_token: T0K\n", "hub issue", "$HUB_CONFIG"
    ),
    HomeFile(
        "rclone",
        ".config/rclone/rclone.conf",
        "[a]\ntype = s3\nsecret_access_key = T0K\n",
        "rclone ls a:",
        "--config",
    ),
    HomeFile(
        "doctl",
        ".config/doctl/config.yaml",
        "access-token: T0K\ncontext: a\n",
        "doctl account get",
        "--config",
    ),
    HomeFile(
        "hcloud",
        ".config/hcloud/cli.toml",
        "[[contexts]]\nname = 'a'\ntoken = 'T0K'\n",
        "hcloud server list",
        "$HCLOUD_CONFIG",
    ),
    HomeFile(
        "Stripe's command",
        ".config/stripe/config.toml",
        "[default]\ntest_mode_api_key = 'T0K'\n",
        "stripe listen",
        "--config",
    ),
    HomeFile(
        "Databricks",
        ".databrickscfg",
        "[DEFAULT]\nhost = https://a.example.com\ntoken = T0K\n",
        "databricks fs ls",
        "$DATABRICKS_CONFIG_FILE",
    ),
    HomeFile(
        "Kaggle",
        ".kaggle/kaggle.json",
        '{"username": "a", "key": "T0K"}',
        "kaggle d list",
        "$KAGGLE_CONFIG_DIR/kaggle.json",
    ),
    HomeFile(
        "Snowflake",
        ".snowflake/config.toml",
        "[connections.a]\npassword = 'T0K'\n",
        "snow sql",
        "--config-file",
    ),
    HomeFile(
        "Oracle Cloud",
        ".oci/config",
        "[DEFAULT]\nuser=a\npass_phrase=T0K\n",
        "oci os ns get",
        "--config-file",
    ),
    HomeFile("Boto", ".boto", "[Credentials]\ngs_secret_access_key = T0K\n", "gsutil ls", "$BOTO_CONFIG"),
    HomeFile("Hugging Face", ".cache/huggingface/token", "T0K\n", "hf whoami", "$HF_TOKEN_PATH"),
    HomeFile(
        "RubyGems", ".gem/credentials", "---\n:rubygems_api_key: T0K\n", "gem push a.gem", "GEM_HOST_API_KEY"
    ),
    HomeFile(
        "Terraform CLI",
        ".terraformrc",
        'credentials "example.com" {\n  token = "T0K"\n}\n',
        "terraform login",
        "$TF_CLI_CONFIG_FILE",
    ),
)
