"""Files of the home folder in which programs keep tokens, one row each; `run` fills them in every folder.

A filled file binds a token to its host, as the original did; most variables for tokens would not, so that a cloned
repository's remote or settings could name another host.
"""

from __future__ import annotations

from tokenward.operations.run.command_reader import CommandReader


def _file(
    programs: str,
    *usual: str,
    option: str = "",
    spellings: tuple[str, ...] = (),
    variable: str = "",
    is_folder: bool = False,
    content: str = "",
) -> CommandReader:
    """Return the row of a file that programs get by an option, with its other spellings, or by a variable."""
    return CommandReader(
        frozenset(programs.split()),
        (option, *spellings) if option else (),
        variable=variable,
        content=content,
        inside=usual[0].rpartition("/")[2] if is_folder else "",
        is_folder=is_folder,
        usual=usual,
        given=(option, "FILE") if option else (),
    )


# The entry of gh's own host alone, and none of its users below it.
_GH = r"(?m)^github\.com:[ \t]*\r?\n(?=([ \t]+)\S)(?:[ \t].*\n)*?\1oauth_token:[ \t]*([^\s#]+)"

# fmt: off
HOME_FILES = (
    _file("wget", "~/.wgetrc", variable="WGETRC"),
    _file("s3cmd", "~/.s3cfg", option="-c", spellings=("--config",)),
    _file("msmtp msmtpq", "~/.msmtprc", "~/.config/msmtp/config", option="-C", spellings=("--file",)),
    _file(
        "gh", "~/.config/gh/hosts.yml", "$APPDATA/GitHub CLI/hosts.yml", variable="GH_TOKEN",
        content=_GH,
    ),
    _file(
        "glab", "~/.config/glab-cli/config.yml", "~/Library/Application Support/glab-cli/config.yml",
        variable="GLAB_CONFIG_DIR", is_folder=True,
    ),
    _file("hub", "~/.config/hub", variable="HUB_CONFIG"),
    _file(
        "rclone", "~/.config/rclone/rclone.conf", "~/.rclone.conf", "$APPDATA/rclone/rclone.conf", option="--config",
    ),
    _file(
        "doctl", "~/.config/doctl/config.yaml", "~/Library/Application Support/doctl/config.yaml",
        "$APPDATA/doctl/config.yaml", option="--config", spellings=("-c",),
    ),
    _file("hcloud", "~/.config/hcloud/cli.toml", "$APPDATA/hcloud/cli.toml", variable="HCLOUD_CONFIG"),
    _file("stripe", "~/.config/stripe/config.toml", option="--config"),
    _file("databricks", "~/.databrickscfg", variable="DATABRICKS_CONFIG_FILE"),
    _file(
        "kaggle", "~/.kaggle/kaggle.json", "~/.config/kaggle/kaggle.json", variable="KAGGLE_CONFIG_DIR",
        is_folder=True,
    ),
    _file("snow", "~/.snowflake/config.toml", "~/.config/snowflake/config.toml", option="--config-file"),
    _file("oci", "~/.oci/config", option="--config-file"),
    _file("gsutil", "~/.boto", variable="BOTO_CONFIG"),
    _file("hf huggingface-cli", "~/.cache/huggingface/token", "~/.huggingface/token", variable="HF_TOKEN_PATH"),
    _file(
        "gem", "~/.gem/credentials", "~/.local/share/gem/credentials", variable="GEM_HOST_API_KEY",
        content=r"(?m)^:rubygems_api_key:[ \t]*([^\s#]+)",
    ),
    _file("terraform tofu", "~/.terraformrc", "$APPDATA/terraform.rc", variable="TF_CLI_CONFIG_FILE"),
)
# fmt: on

LIBRARIES = (
    CommandReader(variable="KAGGLE_CONFIG_DIR", inside="kaggle.json", is_folder=True),
    CommandReader(variable="BOTO_CONFIG"),
    CommandReader(variable="DATABRICKS_CONFIG_FILE"),
    CommandReader(variable="HF_TOKEN_PATH"),
    CommandReader(variable="OCI_CONFIG_FILE"),
)
"""Files that libraries read in any program: only those that a variable names, because any repository's code may ask."""
