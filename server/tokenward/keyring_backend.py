"""A backend of `keyring` for the tools that look up an index's password there: pip, uv, twine and Poetry.

It runs in their processes, so it loads nothing: another process answers, and says on stderr why it refuses.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential
from keyring.errors import PasswordSetError

_HELPER = "from tokenward.cli.main import keyring_credential; keyring_credential()"
# Tools ask for an index's URL and for its host; other services are not worth a process.
_INDEX = re.compile(r"https?://[^\s/]\S*|[\w.:\[\]-]*[.:][\w.:\[\]-]*|localhost")


class CredentialKeyring(KeyringBackend):
    """Answers from the credential records of the current folder's workspace, and stores nothing."""

    priority = 1
    """Below the system's keyrings, so that they are asked first and store what is to be stored."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the recorded password of an index; None if it is missing or may not be given."""
        login = self.get_credential(service, username)
        return login.password if login else None

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        """Return the recorded login of an index; None if it is missing or may not be given."""
        if not _INDEX.fullmatch(service):
            return None
        request = json.dumps({"service": service, "username": username or ""})
        # Without `-P`, a module in the current folder could take the place of one of ours.
        command = [sys.executable, "-P", "-c", _HELPER]
        try:
            done = subprocess.run(command, input=request.encode(), stdout=subprocess.PIPE, check=True)
            login = json.loads(done.stdout)
            return SimpleCredential(login["username"], login["password"])
        except (OSError, ValueError, TypeError, KeyError, subprocess.CalledProcessError):
            return None

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
        """Refuse to store."""
        raise PasswordSetError(
            "Tokenward stores nothing here; run `tokenward put NAME` and `tokenward credential add URL NAME`."
        )
