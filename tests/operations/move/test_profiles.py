"""A variable that replaces an entry of a framework's file must not replace it in the file of another profile."""

from __future__ import annotations

import pytest

import tokens
from desk import Desk
from tokenward.errors import RewriteRefused

TOKEN = "kranich-" + "lagune-4821"
SPRING = "application.properties", "spring.mail.password=T0K\n"


@pytest.mark.parametrize(
    ("file", "text", "others", "name"),
    [
        (*SPRING, {}, "SPRING_MAIL_PASSWORD"),
        (*SPRING, {"application-dev.yml": "a: 1\n"}, "MAIL_PASSWORD"),
        (
            "application-dev.yml",
            "spring: {mail: {password: T0K}}\n",
            {"application.yml": ""},
            "MAIL_PASSWORD",
        ),
        ("application.yml", "spring:\n  mail:\n    password: T0K\n---\na: 1\n", {}, "MAIL_PASSWORD"),
        ("application.properties", "%dev.quarkus.mail.password=T0K\n", {}, "DEV_QUARKUS_MAIL_PASSWORD"),
    ],
)
def test_a_variable_for_one_profile_has_no_entrys_name(
    desk: Desk, file: str, text: str, others: dict[str, str], name: str
) -> None:
    for other, content in others.items():
        (desk.folder / other).write_text(content)
    moved = desk.move(desk.editor.open(desk.folder / file, text.replace("T0K", TOKEN)))
    assert moved.reference.name == name


DOTNET = '{"Mail": {"Password": "T0K"}}\n'


@pytest.mark.parametrize(
    ("file", "other", "other_text", "moves"),
    [
        ("appsettings.json", "appsettings.Development.json", DOTNET, False),
        ("appsettings.json", "appsettings.Development.json", '{"Password": "a"}', True),
        ("appsettings.json", "appsettings.Development.json", "{", True),
        ("appsettings.Development.json", "appsettings.Production.json", DOTNET, True),
        ("appsettings.Production.json", "appsettings.Development.json", DOTNET, False),
    ],
)
def test_an_entry_that_another_environment_sets_is_not_replaced(
    desk: Desk, file: str, other: str, other_text: str, moves: bool
) -> None:
    (desk.folder / other).write_text(other_text.replace("T0K", "another"))
    source = desk.editor.open(desk.folder / file, DOTNET.replace("T0K", TOKEN))
    if moves:
        assert desk.move(source).reference.name == "Mail__Password"
    else:
        with pytest.raises(RewriteRefused, match=other):
            desk.move(source)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (".env.production", "ANTHROPIC_API_KEY_PRODUCTION"),
        (".env.production.local", "ANTHROPIC_API_KEY_PRODUCTION"),
        (".env.local", "ANTHROPIC_API_KEY_LOCAL"),
    ],
)
def test_a_second_value_of_a_variable_is_named_after_its_mode(desk: Desk, file: str, name: str) -> None:
    desk.move(
        desk.editor.open(desk.folder / ".env.development", f"ANTHROPIC_API_KEY={tokens.anthropic(0)}\n")
    )
    moved = desk.move(desk.editor.open(desk.folder / file, f"ANTHROPIC_API_KEY={tokens.anthropic(1)}\n"))
    assert moved.reference.name == name
