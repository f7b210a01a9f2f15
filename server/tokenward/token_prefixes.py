"""Names of tokens and workspaces: which are valid, which are free, and which look like a token's value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from tokenward.model import TOKEN_NAME, WORKSPACE_NAME

# Token prefixes that are valid in names; loading the rules for this would take too long.
_PREFIXES = r"""
    gh[oprsu]_|github_pat_|npm_|dckr_[op]at_|rubygems_|packagist_[a-z]+_|sk-[a-z0-9-]+-|whsec_|bkua_
    |gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|soat|ffct|wt)-|xox[a-z]-(?:[0-9]+-)*|(?:[rs]k|pk)_(?:live|test)_
    |g?sk_|pcsk_[A-Za-z0-9]+_|re_(?:[A-Za-z0-9]{6,}_)?|shp[a-z]{2}_|AIza|AIK_SECRET_|eyJ|CCIPAT_|ATBB|AKCp
    |sq[apu]_|do[opr]_v1_|nf[bcopu]_|vcp_|rnd_|cf[a-z]{2}_|napi_|pscale_[a-z]+_(?:[A-Za-z0-9]+_)?
    |mdb_sa_sk_|sbp_|sb_secret_|sntry[su]_|gl(?:c|sa)_|ph[cx]_|ntn_|figd_|pnu_|ddp_|sgp_|gitpod_pat_|csb_v1_
    |dtn_|crsr_|e2b_|jina_|bb_live_|wandb_v1_|ramp_sec_|hf_|r8_|tgp_v1_|fw_|lsv2_(?:pt|sk)_|lin_(?:api|oauth)_
"""
# The rest is not a word, which would be in one case.
_LIKE_TOKEN = re.compile(
    rf"(?:{_PREFIXES})(?![a-z]{{16}}|[A-Z]{{16}})[A-Za-z0-9]{{16}} | (?:A[KS]IA|LTAI)[A-Za-z0-9]{{16}}",
    re.VERBOSE,
)
_LONG_RUN = re.compile(r"[A-Za-z0-9]{24,}")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_MOST_CHANGES = 4
"""The most changes between letters and digits in a long word that a person chose."""


def looks_like_token(name: str) -> bool:
    """Return whether a name seems to be a token's value, because names are recorded and shown."""
    runs = map(_LETTER_BESIDE_DIGIT.findall, _LONG_RUN.findall(name))
    return bool(_LIKE_TOKEN.match(name)) or any(len(changes) > _MOST_CHANGES for changes in runs)


def is_token_name(text: str) -> bool:
    """Return whether a text is valid as the name of a new token."""
    return bool(TOKEN_NAME.fullmatch(text)) and not looks_like_token(text)


def is_workspace_name(text: str) -> bool:
    """Return whether a text is valid as the name of a new workspace; a folder may be named after a hash."""
    return bool(WORKSPACE_NAME.fullmatch(text)) and not _LIKE_TOKEN.match(text)


def numbered(name: str, separator: str, longest: int) -> Iterator[str]:
    """Yield a name, then the name followed by 2, 3 and so on, each cut to a length."""
    yield name[:longest]
    for number in count(2):
        suffix = f"{separator}{number}"
        yield name[: longest - len(suffix)] + suffix
