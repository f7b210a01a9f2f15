"""Readers of shells' start files: a shell reads them before `tokenward run` sets variables."""

from __future__ import annotations

from tokenward.rewriting.readers.reader import reader, set_by

_FILES = r"(?:\.|dot_)(?:bash(?:rc|env|_profile|_login|_aliases)|z(?:sh(?:rc|env)|profile|login)|(?:m?k)?shrc|profile)"
# A lookup would be empty, since a shell reads the file before the variable is set; a command that reads the keyring
# would slow the start of each shell, and ask for a person's yes in those of an assistant.
_SET = set_by(
    r"[A-Za-z_]\w*",
    lambda keys: keys[-1],
    disabled=True,
    after="A new shell no longer has it.",
)
_REFUSAL = (
    "A shell reads this file before the variable is set, so it would be empty; store the token with `tokenward put "
    "NAME` in your home folder, delete the line, and start what needs it with `tokenward run --home`."
)

SHELLS = (
    reader("shells at their start", "shell", _FILES, _SET, refusal=_REFUSAL),
    reader("fish at its start", "fish", r"fish/(?:config|conf\.d/[^/]+)\.fish", _SET, refusal=_REFUSAL),
    reader("PowerShell at its start", "powershell", r"(?:Microsoft\.\w+_)?profile\.ps1", refusal=_REFUSAL),
)
