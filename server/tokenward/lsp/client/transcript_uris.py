"""The uris of the texts that tell what terminals printed, as we write them and as clients write them back."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from tokenward.names import TERMINAL_SCHEME

# A client that keeps uris in parts, as VS Code does, may leave out an empty authority.
_URI = re.compile(rf"{TERMINAL_SCHEME}:(?://)?/([0-9a-f]+-[0-9]+)/([^/?#]*)")
_UNNAMED = "terminal"


def transcript_uri(number: str, name: str) -> str:
    """The uri for one execution by its own id, and what its user calls the terminal."""
    # Clients that keep uris in parts make a separator of an encoded one.
    plain = name.replace("/", "_").replace("\\", "_")
    return f"{TERMINAL_SCHEME}:///{number}/{quote(plain if plain.strip('. ') else _UNNAMED, safe='')}"


def is_transcript(uri: str) -> bool:
    """Whether a uri is one of ours, whether or not there is anything under it."""
    return uri.startswith(f"{TERMINAL_SCHEME}:")


def canonical(uri: str) -> str:
    """A uri as we write it; one that is none of ours stays as it is."""
    match = _URI.fullmatch(uri)
    return transcript_uri(match[1], unquote(match[2])) if match else uri


def terminal_name(uri: str) -> str:
    """What is said of a transcript in a sentence."""
    match = _URI.fullmatch(uri)
    return f"the terminal {unquote(match[2])}" if match else uri
