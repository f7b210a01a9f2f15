"""Readers of application frameworks' configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tokenward.rewriting.readers.reader import Place, outside, reader, set_by

_OF_FIGARO = re.compile(r"^[ \t]*gem[ \t(]+[\"']figaro[\"']", re.MULTILINE)
_APPLICATION = r"(?:application|bootstrap)(?:-[^/]+)?\."
# Kubernetes has resources that are called Application; one of these is not in the first line.
_MANIFEST = ("\napiVersion:", "\nkind:")
# Ruby evaluates ERB before YAML is parsed; a token inside ERB is a part of Ruby code.
_OUTSIDE = outside("<%", "%>")
_ERB = (
    Place("<%= ENV.fetch('NAME') %>", before=_OUTSIDE, untouched=True),
    # In a string between double quotes; after a blank, YAML would take the number sign for that of a comment.
    Place(
        "#{ENV.fetch('NAME')}",
        before=re.compile(
            rf"{_OUTSIDE.pattern}<%(?:(?!%>)(?:[^\"'#\\]|\"(?:(?!%>)[^\"\\])*\"|'(?:(?!%>)[^'\\])*'))*"
            r"\"(?:(?!%>)[^\"\\])*(?<!\s)"
        ),
        untouched=True,
    ),
)
# In the file `%%` is one per cent sign; in a variable it is two.
_PER_CENT = "%"
_SYMFONY = Place("%env(NAME)%")
_RAILS_FILES = (
    r"config/(?:cable|cache|database|mongoid|queue|recurring|secrets|shards|sidekiq|storage)\.ya?ml"
)
_RAILS_SIGN = r"<%=|^(?:default|development|production|test|shared):|^[ \t]+(?:adapter|service):|^:\w+:"
_NOT_IN_CODE = (
    "The token is in Ruby code, and no part of a string in double quotes; read it there with `ENV.fetch`."
)


def _is_of_java(builds: Mapping[str, str]) -> bool:
    return any(name.startswith(("pom", "build")) for name in builds)


# fmt: off
FRAMEWORKS = (
    reader(
        "Figaro", "yaml", r"config/application\.yml", *_ERB,
        content=r"\A(?:[ \t]*(?:#.*)?\n|---.*\n)*[A-Z][A-Z0-9_]*:", refusal=_NOT_IN_CODE,
        built=lambda files: _OF_FIGARO.search(files.get("Gemfile", "")) is not None,
    ),
    # Ktor replaces whole values only, and takes braces from its third version on.
    reader(
        "Ktor", "yaml", r"application[^/]*\.ya?ml", Place("$NAME", whole=True), content=r"^ktor:", special=r"\A\$",
    ),
    *(
        reader(
            name, language, _APPLICATION + ending, Place("${NAME}"), content=content,
            profiles=rf"{_APPLICATION}(?:ya?ml|properties)", unless=_MANIFEST, built=built,
        )
        for name, language, ending, content, built in (
            ("Quarkus", "properties", "properties", r"^(?:%\w+\.)?quarkus\.", None),
            ("Quarkus YAML", "yaml", "ya?ml", r"^[ \t]*quarkus:", None),
            ("Micronaut", "properties", "properties", r"^micronaut\.", None),
            ("Micronaut YAML", "yaml", "ya?ml", r"^micronaut:", None),
            ("Spring", "properties", "properties", r"^spring\.", _is_of_java),
            ("Spring YAML", "yaml", "ya?ml", r"^spring:", _is_of_java),
        )
    ),
    reader(
        ".NET", "jsonc", r"appsettings(?:\.[^/]+)?\.json",
        # Environment variables come after the files in the default host builder, so they win.
        set_by(r"[A-Za-z_][A-Za-z0-9_:]*(?:/[A-Za-z0-9_:]+)*", lambda keys: "__".join(keys).replace(":", "__")),
        refusal="No environment variable can have a name with the characters of this key",
        profiles=r"appsettings\.[^/]+\.json",
    ),
    reader(
        "Azure Functions", "jsonc", r"local\.settings\.json",
        # The host skips values whose variables are set already.
        set_by(r"Values/[A-Za-z_][A-Za-z0-9_]*", lambda keys: keys[1]),
        refusal="The Functions host takes nothing but the entries of `Values` from the environment",
    ),
    reader(
        "dotnet run", "jsonc", r"Properties/launchSettings\.json",
        # The SDK expands %NAME% on every system.
        Place("%NAME%", re.compile(r"profiles/[^/]+/(?:environmentVariables/[^/]+|commandLineArgs|applicationUrl)")),
        refusal="`dotnet run` expands variables only in environmentVariables and commandLineArgs",
    ),
    reader("Rails", "yaml", _RAILS_FILES, *_ERB, content=_RAILS_SIGN, refusal=_NOT_IN_CODE),
    *(
        reader(name, "yaml", files, *_ERB, content=content, refusal=_NOT_IN_CODE)
        for name, files, content in (
            ("Kamal", r"config/deploy(?:\.\w+)?\.ya?ml", r"^(?:image|servers):"),
            (
                "Rails config_for", r"config/[^/]+\.ya?ml",
                r"<%=|^(?:development|production|test):[ \t]*\r?\n[ \t]+<<: \*",
            ),
            ("Test Kitchen", r"\.?kitchen(?:\.\w+)?\.ya?ml", "^(?:driver|provisioner|platforms|suites):"),
        )
    ),
    # Tera fills the template before the YAML is read.
    reader(
        "Loco", "yaml", r"config/[^/]+\.ya?ml",
        Place("{{ get_env(name='NAME') }}", before=outside("{{", "}}")), content=r"\{\{-? *get_env\(",
        special=r"[\"'\\]",
    ),
    reader(
        "Symfony", "yaml", r"config/packages/(?:[^/]+/)?[^/]+\.ya?ml", _SYMFONY, special=_PER_CENT,
    ),
    reader(
        "Symfony services", "yaml", r"config/(?:services|parameters)(?:_[^/]+)?\.ya?ml", _SYMFONY, special=_PER_CENT,
        content=r"^(?:services|parameters|imports):",
    ),
)
# fmt: on
