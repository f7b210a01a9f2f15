"""Readers of Cargo's configuration and of its credentials."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.model import Span
from tokenward.rewriting.literal import HelperLogin, ParsedText, UrlElsewhere
from tokenward.rewriting.readers.helper_command import CommandPart, HelperCommand
from tokenward.rewriting.readers.reader import Keys, Place, as_variable_name, reader, set_by
from tokenward.rewriting.structure import CARGO_ENTRY


def _cargo(keys: Keys) -> str:
    if keys[0] == "env":
        return keys[1]
    return "CARGO_" + "_".join(map(as_variable_name, keys))


# Variables win over files; an entry of [env] gives way to a variable that is set.
_CARGO_VARIABLE = set_by(r"registry/token|registries/[\w-]+/token|env/\w+", _cargo)
# Cargo asks for crates.io by its index in git, also where it reads another one.
_IN_GIT = "registry+"
_CRATES_IO = f"{_IN_GIT}https://github.com/rust-lang/crates.io-index"
# The helper goes by its record of crates.io's index, and not by the reference, which Cargo hands on.
_CARGO = HelperCommand(
    before=(CommandPart(CARGO_ENTRY, 'credential-provider = ["cargo-credential-tokenward", "', 'token = "'),),
    after=(CommandPart("[\"']", '"]', '"'),),
    unless=frozenset({"credential-provider"}),
)


def _registry_login(parsed: ParsedText, span: Span) -> HelperLogin:
    """Return the address of a registry's index, which is beside its token."""
    index = parsed.beside(span, 1)["index"]
    url = parsed.text[index.start : index.end].strip("\"'")
    return HelperLogin(url if url.startswith("sparse+") else f"{_IN_GIT}{url}", "")


def _named_registry(parsed: ParsedText, span: Span) -> HelperLogin:
    """Return the address of a registry's index, which is in Cargo's configuration beside the file with its token."""
    name = parsed.keys(span)[1]
    refusal = (
        f"Cargo's config.toml beside this file has no `index` for {name}, and its token is for that index alone; write "
        f"it there, below [registries.{name}], then move the token."
    )
    place = UrlElsewhere(("config", "config.toml"), ("registries", name, "index"), refusal, before=_IN_GIT)
    return HelperLogin("", "", place)


CARGO = (
    reader(
        "Cargo's credentials",
        "toml",
        r"\.cargo/credentials(?:\.toml)?",
        Place(
            "REFERENCE",
            re.compile("registry/token"),
            whole=True,
            login=lambda *_: HelperLogin(_CRATES_IO, ""),
            helper=_CARGO,
        ),
        Place(
            "REFERENCE",
            re.compile(r"registries/[\w-]+/token"),
            whole=True,
            login=_named_registry,
            helper=replace(_CARGO, unless=_CARGO.unless | {"index"}),
        ),
        _CARGO_VARIABLE,
        refusal="Cargo takes only a registry's token from variables",
    ),
    reader(
        "Cargo",
        "toml",
        r"\.cargo/config(?:\.toml)?",
        Place(
            "REFERENCE",
            re.compile(r"registries/[\w-]+/token"),
            whole=True,
            login=_registry_login,
            helper=replace(_CARGO, needs=frozenset({"index"})),
        ),
        _CARGO_VARIABLE,
        refusal="Cargo takes only a registry's token and the entries of [env] from variables",
    ),
)
