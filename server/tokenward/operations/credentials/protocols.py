"""The protocols in which tools ask for tokens, by tool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from tokenward.operations.credentials.desk import CredentialDesk, Reply
from tokenward.operations.credentials.git import git

CredentialProtocol = Callable[[CredentialDesk, Sequence[str], BinaryIO], Iterator[Reply]]
"""Takes the desk, the arguments and stdin; yields what to print, as a tool may wait for it before it asks more."""

PROTOCOLS: Mapping[str, CredentialProtocol] = {"git": git}
