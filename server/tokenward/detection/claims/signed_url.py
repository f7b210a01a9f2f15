"""The claims of a signed URL of Azure (a shared access signature), AWS or Google Cloud Storage."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from tokenward.detection.claims.keys import aws_account
from tokenward.detection.claims.values import date_of, date_of_text, text_of
from tokenward.model import NO_CLAIMS, Claims

_SERVICE_BUS = "SharedAccessSignature "
_NOT_IN_A_URL = re.compile(r"[\s\"'<>{}\\]")
_MOST_FIELDS = 50
_MOST_RIGHTS = 20
_LONGEST_LIFE = 10**9
_AZURE_DATES = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%fZ")
_STAMP = "%Y%m%dT%H%M%SZ"
_RIGHTS = {"r": "read", "a": "add", "c": "create", "w": "write", "d": "delete", "l": "list", "u": "update"}
_RESOURCES = {
    "b": "one blob",
    "bs": "one snapshot of a blob",
    "bv": "one version of a blob",
    "c": "a container",
    "d": "a directory",
    "f": "one file",
    "s": "a file share",
}


def url_claims(value: str) -> Claims:
    """Return the claims of a signed URL, or of its query; none for anything else."""
    fields = _fields(value)
    if "sig" in fields and "se" in fields:
        letters = dict.fromkeys(fields.get("sp", "")[:_MOST_RIGHTS])
        facts = {
            "rights": text_of([_RIGHTS.get(letter, letter) for letter in letters]),
            "opens": _RESOURCES.get(fields.get("sr", ""), ""),
        }
        known = tuple((name, text) for name, text in facts.items() if text)
        return Claims(_azure_date(fields.get("st", "")), _azure_date(fields["se"]), known)
    for vendor in ("X-Amz", "X-Goog"):
        if f"{vendor}-Signature" in fields:
            issued = date_of_text(fields.get(f"{vendor}-Date", ""), _STAMP)
            life = fields.get(f"{vendor}-Expires", "")
            expires = None
            if issued is not None and life.isascii() and life.isdigit():
                expires = date_of(issued + min(int(life[:12]), _LONGEST_LIFE))
            account = aws_account(fields.get(f"{vendor}-Credential", "").partition("/")[0])
            return Claims(issued, expires, (("AWS account", account),) if account else ())
    return NO_CLAIMS


def _fields(value: str) -> dict[str, str]:
    url = value.removeprefix(_SERVICE_BUS)
    if _NOT_IN_A_URL.search(url):
        # A text that contains more may last longer.
        return {}
    query = url.rpartition("?")[2]
    try:
        return dict(parse_qsl(query, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _azure_date(text: str) -> int | None:
    """Read a date in the format of Storage, or in seconds since 1970 as in Service Bus."""
    if text.isascii() and text.isdigit():
        return date_of(int(text[:12]))
    return date_of_text(text, *_AZURE_DATES)
