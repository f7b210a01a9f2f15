"""The claims in a token's value, read without verifying anything.

A value may come from a hostile repository, so a claim is never more than a date or a short plain text.
"""

from __future__ import annotations

from tokenward.model import NO_CLAIMS, Claims

MOST_CHARACTERS = 65_536


def read_claims(rule: str, value: str) -> Claims:
    """Return a value's claims about itself; none if it is longer than MOST_CHARACTERS."""
    if len(value) > MOST_CHARACTERS:
        return NO_CLAIMS
    # Loaded for the first token, because most texts have none.
    from tokenward.detection.claims import formats, keys  # noqa: PLC0415
    from tokenward.detection.generic.places import is_easy_to_guess  # noqa: PLC0415
    from tokenward.detection.rules.providers import EASY_TO_GUESS, provider_of  # noqa: PLC0415

    readers = (keys.key_claims, formats.jwt_claims, formats.url_claims, formats.macaroon_claims)
    found = [claims for reader in readers if (claims := reader(value)) != NO_CLAIMS]
    if provider_of(rule).place == "password" and is_easy_to_guess(value):
        found.insert(0, Claims(facts=(EASY_TO_GUESS,)))
    return Claims(
        issued=next((claims.issued for claims in found if claims.issued is not None), None),
        expires=next((claims.expires for claims in found if claims.expires is not None), None),
        facts=tuple(dict.fromkeys(fact for claims in found for fact in claims.facts)),
        checksum=next((claims.checksum for claims in found if claims.checksum is not None), None),
    )
