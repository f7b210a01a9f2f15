"""Print the tokens in an encrypted file of Tokenward, without Tokenward: `python open_encrypted_file.py FILE`.

It needs the packages cryptography and argon2-cffi. docs/reference/encrypted-file.md describes the format.
"""

import base64
import getpass
import hashlib
import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MAGIC = b"tokenward vault 1\n"


def derive_key(recipe: dict[str, Any]) -> bytes:
    if recipe["kdf"] == "none":
        return base64.b64decode(os.environ.get("TOKENWARD_VAULT_KEY") or getpass.getpass("Key: "))
    typed = os.environ.get("TOKENWARD_VAULT_PASSPHRASE") or getpass.getpass("Passphrase: ")
    passphrase = unicodedata.normalize("NFC", typed).encode("utf-8", "surrogateescape")
    costs = recipe["time"], recipe["memory"], recipe["lanes"]
    return hash_secret_raw(passphrase, base64.b64decode(recipe["salt"]), *costs, 32, Type.ID)


def read_tokens(content: bytes) -> Any:
    content, checksum = content[:-32], content[-32:]
    if not content.startswith(MAGIC) or hashlib.sha256(content).digest() != checksum:
        sys.exit("This is not an encrypted file of Tokenward, or it was changed or cut short.")
    recipe_end = content.index(b"\n", len(MAGIC)) + 1
    head_end = recipe_end + 12 + 16
    recipe, check, head = content[:recipe_end], content[recipe_end:head_end], content[:head_end]
    cipher = ChaCha20Poly1305(derive_key(json.loads(recipe[len(MAGIC) :])))
    cipher.decrypt(check[:12], check[12:], recipe)  # raises InvalidTag for a wrong passphrase or key
    nonce, sealed = content[head_end : head_end + 12], content[head_end + 12 :]
    return json.loads(cipher.decrypt(nonce, sealed, head))


if __name__ == "__main__":
    print(json.dumps(read_tokens(Path(sys.argv[1]).read_bytes()), indent=2))
