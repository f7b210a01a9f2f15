"""The identifiers of tokens in access logs, which contain these instead of values.

GitHub's audit log has the SHA-256 of the token in Base64 as `hashed_token` ("Identifying audit log events performed
by an access token", docs.github.com); your own logs can contain the same. AWS CloudTrail has the id of
the access key as `userIdentity.accessKeyId` ("CloudTrail record contents", docs.aws.amazon.com). GitLab's audit events
name no token, only their author, by `author_id` ("Audit event schema", docs.gitlab.com), as a routable token does too
(`Authn::TokenField::Generator::RoutableToken` in GitLab's source).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from hashlib import sha256

from tokenward.detection.claims.values import bytes_of
from tokenward.detection.detection import Detection

_AWS_ID = re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}")
_AWS_SECRET_RULE = "aws-secret-access-key"  # noqa: S105 - the end of rules' ids
_ROUTABLE = re.compile(r"(?:[a-z0-9-]{1,32}-)?gl[a-z]{1,8}-([A-Za-z0-9_-]{27,300})\.[a-z0-9]{2}\.[a-z0-9]{9}")
_RANDOM_BYTES = 16
_USER = re.compile(rb"u:([0-9a-z]{1,12})")


def identifiers_of(detections: Sequence[Detection]) -> list[tuple[str, ...]]:
    """Return the identifiers of each token in a text; that of an AWS secret key is the key id beside it."""
    values = [detection.secret.reveal() for detection in detections]
    names = [identifiers(value) for value in values]
    ids = [value for value in values if _AWS_ID.fullmatch(value)]
    secrets = [place for place, one in enumerate(detections) if one.rule.endswith(_AWS_SECRET_RULE)]
    # If their numbers differ, pairing them would be a guess.
    if len(ids) == len(secrets):
        for place, key_id in zip(secrets, ids, strict=True):
            names[place] = (*names[place], key_id)
    return names


def identifiers(value: str) -> tuple[str, ...]:
    """Return the identifiers of a token in logs, from its value alone."""
    names = [hash_identifier(sha256(value.encode("utf-8", "surrogatepass")).digest())]
    if _AWS_ID.fullmatch(value):
        names.append(value)
    if user := _gitlab_user(value):
        names.append(gitlab_user(user))
    return tuple(names)


def hash_identifier(digest: bytes) -> str:
    """Return the identifier of a token by its SHA-256, in whatever form a log has it."""
    return base64.b64encode(digest).decode()


def gitlab_user(number: int) -> str:
    """Return the identifier of a GitLab token's owner, which all of the owner's tokens share."""
    return f"gitlab-user:{number}"


def _gitlab_user(value: str) -> int:
    """Return the id of the user in a routable GitLab token, or 0."""
    routable = _ROUTABLE.fullmatch(value)
    content = bytes_of(routable[1]) if routable else b""
    if len(content) <= _RANDOM_BYTES:
        return 0
    routing = content[_RANDOM_BYTES:-1]
    if len(routing) != content[-1]:
        return 0
    users = filter(None, map(_USER.fullmatch, routing.split(b"\n")))
    return next((int(user[1], 36) for user in users), 0)
