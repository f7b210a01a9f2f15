"""A finding has the name before its token, as people know it, unless that could be a token."""

from __future__ import annotations

import pytest

import tokens
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner

TOKEN, OTHER = tokens.github("named"), tokens.github("other")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f'GITHUB_TOKEN = "{TOKEN}"', "GITHUB_TOKEN"),
        (f"export A={TOKEN}", "A"),
        (f'{{"apiKey": "{TOKEN}"}}', "apiKey"),
        (f"os.environ['GH'] = '{TOKEN}'", "GH"),
        (f"spring.mail.password: {TOKEN}", "password"),
        (f"client-secret: {TOKEN}", "client-secret"),
        (f'const token: string = "{TOKEN}"', "token"),
        (f"secret := `{TOKEN}`", "secret"),
        (f'curl -H "Authorization: Bearer {TOKEN}"', "Authorization"),
        (f"A={OTHER}\nB={TOKEN}", "B"),
        (f"https://user:{TOKEN}@example.com", ""),
        (f"f('{TOKEN}')", ""),
        (f"A =\n{TOKEN}", ""),
        (f"{TOKEN}", ""),
        (f"{OTHER}: {TOKEN}", ""),
        (f"{OTHER.replace('_', '-')}: {TOKEN}", ""),
        (f"my_{TOKEN[:12]}: {TOKEN}", ""),
        (f"{'A' * 61}={TOKEN}", ""),
    ],
)
def test_the_name_of_a_token_is_read_from_the_text_before_it(
    detector: Detector, text: str, name: str
) -> None:
    found = Scanner(detector, Fingerprinter(b"k" * 32)).scan_text(text, "a.txt")
    assert found[-1].name == name


def test_each_of_many_tokens_has_its_own_name(detector: Detector) -> None:
    lines = [f"N{number}={tokens.github(number)}" for number in range(400)]
    found = Scanner(detector, Fingerprinter(b"k" * 32)).scan_text("\n".join(lines), "a.txt")
    assert [one.name for one in found] == [f"N{number}" for number in range(400)]
