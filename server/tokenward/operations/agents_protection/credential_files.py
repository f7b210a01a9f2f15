"""The files with credentials that agents are denied, in the forms in which agents take them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tokenward.catalog.home_files import files_of, home_files
from tokenward.catalog.rows import rows

OURS = (
    *("~/.local/share/tokenward/**", "~/.config/tokenward/**"),
    *("~/Library/Application Support/tokenward/**", "~/AppData/Local/tokenward/**"),
)
"""Where Tokenward keeps its records and settings."""
VARIABLES = {
    **dict.fromkeys(("GITHUB_TOKEN", "GH_TOKEN"), ("api.github.com", "github.com")),
    "GITLAB_TOKEN": ("gitlab.com",),
    "OPENAI_API_KEY": ("api.openai.com",),
    "ANTHROPIC_API_KEY": ("api.anthropic.com",),
    "HF_TOKEN": ("huggingface.co",),
    "SLACK_BOT_TOKEN": ("slack.com",),
    "STRIPE_API_KEY": ("api.stripe.com",),
    "SENDGRID_API_KEY": ("api.sendgrid.com",),
    "CLOUDFLARE_API_TOKEN": ("api.cloudflare.com",),
    "DIGITALOCEAN_ACCESS_TOKEN": ("api.digitalocean.com",),
}
"""Variables that the tools of providers read, and the hosts to which their values belong."""
_TITLE = "# Tokenward: files with credentials, which the assistant does not read"
_KEY_FILES = (
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "id_rsa",
    "id_ed25519",
    ".netrc",
    ".git-credentials",
)
_ENVIRONMENT = (".env", ".env.*", "!.env.example", "!.env.sample", "!.env.template")
KEYS = "\n".join((_TITLE, *_KEY_FILES))
"""The lines of an ignore file that denies keys."""
IGNORED = "\n".join((KEYS, *_ENVIRONMENT))
"""Those of one that denies environment files too, to agents without hooks that could check them."""


@cache
def stores() -> Sequence[str]:
    """Return where tools of the user keep what they log in with, and what was typed into them."""
    transcripts = [row["transcripts"]["places"] for row in rows("tools").values() if "transcripts" in row]
    typed = [place for places in transcripts for place, _, origin in places if origin == "PASTED"]
    files = [*home_files(), *files_of({"places": typed})]
    return [f"~/{one.path}" for one in files if one.denied and one.path]
