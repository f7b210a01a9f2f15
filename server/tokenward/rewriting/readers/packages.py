"""Readers of the configuration of package managers and build tools."""

from __future__ import annotations

import re

from tokenward.model import Span
from tokenward.rewriting.literal import HelperLogin, ParsedText, UrlElsewhere
from tokenward.rewriting.readers.helper_command import CommandPart, HelperCommand
from tokenward.rewriting.readers.package_indexes import PIP_INDEX, PYPROJECT_INDEX, TWINE_REPOSITORY, UV_INDEX
from tokenward.rewriting.readers.reader import Place, as_variable_name, outside, reader, set_by

_BRACED = Place("${NAME}", before=outside("${", "}"))
_NO_SECOND_ENTRY = r"\A(?!(?:[\s\S]*?^[ \t]*password[ \t]*[=:]){2})"
# What may come before a lookup in a script: no single quote that is open, and no backslash other than those of double
# quotes, the last of which may be open.
_SCRIPT = r"(?:[^'\\]|'[^']*'|\\\"[^\\]*(?:\\\"|\Z))*"
_ON_WINDOWS = "Write %NAME% in the script on Windows."
# An assignment before a command needs another shell than that of Windows, or cross-env; each looks up `${NAME}`.
_ASSIGNMENT = re.compile(
    rf"(?:{_SCRIPT}(?:[;&|]|(?<![^\s;&|])(?:cross-)?env)[ ]+)?(?:\w+=[^\s'\"\\;&|]*[ ]+)*\w+=(?:\\\")?"
)
_IN_URL = Place("${NAME}", re.compile(r"(?:tool/pdm/)?source/url"), before=outside("${", "}"))
# The tools encode the variable for the URL, in which the token may be encoded already.
_ENCODED = "%"
_POETRY = set_by(
    r"pypi-token/[^/]+|http-basic/[^/]+/password",
    lambda keys: f"POETRY_{'_'.join(map(as_variable_name, keys))}".replace(".", "_"),
)
_POETRY_REFUSAL = "Poetry takes passwords and tokens of repositories from variables, and nothing else"
_MAVEN = Place("${env.NAME}", before=outside("${", "}"))


def _named_repository(parsed: ParsedText, span: Span) -> HelperLogin:
    """Return the login of a repository, whose URL is in Poetry's configuration beside the file with its password."""
    name, user = parsed.keys(span)[1], parsed.beside(span, 1)["username"]
    refusal = (
        f"Poetry's config.toml beside this file has no URL for {name}, and a project's own file may name any; run "
        f"`poetry config repositories.{name} URL`, then move the password."
    )
    place = UrlElsewhere(("config.toml",), ("repositories", name, "url"), refusal)
    return HelperLogin("", parsed.text[user.start : user.end].strip("\"'"), place)


# fmt: off
PACKAGES = (
    reader("npm", "ini", r"\.npmrc", _BRACED),
    # Without a fallback, Yarn fails in every command for which the variable is not set.
    reader("Yarn", "yaml", r"\.yarnrc\.yml", Place("${NAME-}", before=outside("${", "}"))),
    reader(
        "Bun", "toml", r"\.?bunfig\.toml",
        Place("$NAME", re.compile(r"install/(?:.*/)?(?:token|password)"), whole=True),
        refusal="Bun looks up variables as `$NAME`",
    ),
    reader(
        "npm scripts", "json", r"package\.json", Place("${NAME}", re.compile(r"scripts/[^/]+"), before=_ASSIGNMENT),
        Place("${NAME}", re.compile(r"scripts/[^/]+"), before=re.compile(_SCRIPT), after=_ON_WINDOWS),
        Place(
            "'\"${NAME}\"'", re.compile(r"scripts/[^/]+"), before=re.compile(rf"{_SCRIPT}'[^'\\]*"),
            after=_ON_WINDOWS,
        ),
        refusal="npm looks up variables in scripts only, where nothing is escaped",
    ),
    reader(
        "pip's requirements", "lines",
        r"requirements[^/]*\.(?:txt|in)|requirements/[^/]+\.(?:txt|in)|constraints[^/]*\.txt",
        Place("${NAME}", before=outside("${", "}"), names=re.compile("[A-Z0-9_]+")),
    ),
    reader(
        "pip", "ini", r"\.?pip/pip\.conf|pip\.(?:conf|ini)", PIP_INDEX,
        set_by(
            r"(?:global|install|download|wheel)/(?:extra-)?index-url",
            lambda keys: f"PIP_{as_variable_name(keys[1])}",
        ),
        refusal="No variable can set this entry",
    ),
    reader(
        "twine", "ini", r"\.pypirc", TWINE_REPOSITORY, set_by(r"[^/]+/password", "TWINE_PASSWORD"),
        content=_NO_SECOND_ENTRY, refusal="twine takes only the password from a variable, TWINE_PASSWORD",
    ),
    reader(
        "twine with several repositories", "ini", r"\.pypirc", TWINE_REPOSITORY,
        refusal=(
            "twine would send one TWINE_PASSWORD to all the repositories of this file; write `repository` and "
            "`username` into the section of this one, so that twine can ask Tokenward."
        ),
    ),
    reader(
        "Python projects", "toml", r"pyproject\.toml", _IN_URL, PYPROJECT_INDEX,
        Place(
            "", re.compile(r"tool/(?:poetry|uv)/.*"),
            refusal=(
                "The tools that read this entry look up no variables; from the URL of an index, remove the password, "
                "and set UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD for uv, POETRY_HTTP_BASIC_NAME_USERNAME and "
                "POETRY_HTTP_BASIC_NAME_PASSWORD for Poetry."
            ),
        ),
        refusal=(
            "pyproject.toml looks up no variables; delete the entry, and let the program that reads it take the value "
            "from the environment."
        ),
        special=_ENCODED,
    ),
    reader(
        "uv", "toml", r"uv\.toml", UV_INDEX,
        refusal=(
            "uv asks for a password only if the index's url has a user and no password; remove it, and set "
            "UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD."
        ),
    ),
    reader("Pipenv", "toml", r"Pipfile", _IN_URL, special=_ENCODED),
    reader(
        "Poetry", "toml", r"pypoetry/auth\.toml",
        Place(
            "REFERENCE", re.compile(r"http-basic/[^/]+/password"), whole=True,
            login=_named_repository,
            # The line becomes a comment, so that Poetry asks Python's keyring for the URL.
            helper=HelperCommand(
                before=(CommandPart("(?m:^)", "# "), CommandPart(r"password[ \t]{0,200}=[ \t]{0,200}[\"']")),
                after=(CommandPart(r"[\"'][ \t]{0,200}(?=[\r\n]|\Z)"),), needs=frozenset({"username"}),
                example='# password = "REFERENCE"',
            ),
            after="Have Tokenward answer Python's keyring in Poetry by `pipx inject poetry tokenward`.",
        ),
        _POETRY, refusal=_POETRY_REFUSAL,
    ),
    reader("Poetry in a project", "toml", r"poetry\.toml", _POETRY, refusal=_POETRY_REFUSAL),
    reader(
        "Composer", "json", r"auth\.json",
        # Composer merges the variable over the file.
        Place("REFERENCE", after="Run `tokenward run -- composer …` in the folder of this file."),
        content=r"\"(?:http-basic|github-oauth|gitlab-token|gitlab-oauth|bitbucket-oauth|bearer)\"",
    ),
    reader(
        "Bundler", "yaml", r"\.bundle/config",
        # A project's file wins over variables.
        set_by(r"BUNDLE_[A-Z0-9_]+", lambda keys: keys[0], disabled=True), refusal="No variable can set this entry",
    ),
    reader(
        "Gradle", "properties", r"gradle\.properties",
        # A variable wins over the file, but a variable's name cannot contain a dot.
        set_by(r"[A-Za-z_]\w*", lambda keys: f"ORG_GRADLE_PROJECT_{keys[0]}"),
        refusal="No variable can set a property whose name has a dot",
    ),
    reader(
        "Android builds", "properties", r"(?:local|key|keystore|signing)\.properties",
        refusal=(
            "The build script itself reads this file; read the value with "
            '`providers.environmentVariable("NAME").get()` there.'
        ),
    ),
    reader(
        "Maven settings", "xml", r"[^/]*settings[^/]*\.xml", _MAVEN, content=r"<settings\b",
    ),
    reader("Maven", "xml", r"pom\.xml|[^/]+\.pom", _MAVEN, content=r"<project\b"),
    reader(
        "NuGet", "xml", r"nuget(?:\.[^/]+)?\.config",
        Place(
            "%NAME%",
            re.compile(r"configuration/(?:packageSourceCredentials/[^/]+/add|packageSources/add|config/add)/[^/]+"),
        ),
        refusal="NuGet expands variables in sources, credentials and settings only; API keys are encrypted",
    ),
    reader(
        ".NET Framework", "xml", r"(?:web|app)(?:\.[^/]+)?\.config",
        refusal="The .NET Framework looks up no variables there without a configuration builder",
    ),
)
# fmt: on
