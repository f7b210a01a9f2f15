"""The files with credentials that agents are denied, in the forms in which agents take them."""

from __future__ import annotations

from tokenward.rewriting.settings_files.setting_entry import SettingEntry

STORES = (
    *("~/.aws/credentials", "~/.aws/sso/cache/**", "~/.azure/**", "~/.config/gcloud/**", "~/.kube/config"),
    *("~/.config/gh/hosts.yml", "~/.config/glab-cli/config.yml", "~/.docker/config.json", "~/.vault-token"),
    *("~/.netrc", "~/.git-credentials", "~/.npmrc", "~/.pypirc", "~/.cargo/credentials.toml", "~/.pgpass"),
    *("~/.ssh/id_*", "~/.gnupg/**", "~/.bash_history", "~/.zsh_history", "~/.python_history"),
)
"""Where tools of the user keep what they log in with."""
OURS = (
    *("~/.local/share/tokenward/**", "~/.config/tokenward/**"),
    *("~/Library/Application Support/tokenward/**", "~/AppData/Local/tokenward/**"),
)
"""Where Tokenward keeps its records and settings."""
_KEYS = ("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "id_rsa", "id_ed25519", ".netrc", ".git-credentials")
_ENVIRONMENT = (".env", ".env.*", "!.env.example", "!.env.sample", "!.env.template")
_TITLE = "# Tokenward: files with credentials, which the assistant does not read"


def ignored(*, environment: bool) -> tuple[SettingEntry, ...]:
    """Return the block of an ignore file.

    Args:
        environment: also ignore environment files, for agents without hooks that could check what they hold.
    """
    lines = [_TITLE, *_KEYS, *(_ENVIRONMENT if environment else ())]
    return (SettingEntry((), "\n".join(lines)),)
