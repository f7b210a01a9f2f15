"""Readers of a program's own settings: libraries that let a variable replace an entry, one row each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from tokenward.rewriting.readers.reader import Keys, Place, Reader, outside, reader, set_by

_LANGUAGES = {"ini": "ini", "json": "json", "toml": "toml", "yaml": "yaml", "yml": "yaml"}
# Read as a number or another value of TOML, which a program may refuse.
_NO_TEXT = r"\A(?:[\d.+-]*|true|false)\Z|\A[\"'\[{\s]|\s\Z"


@dataclass(frozen=True, slots=True)
class Library:
    """A library that reads settings; its patterns match code that uses it, in linear time, as code may be hostile.

    Attributes:
        suffixes: of files of code.
        sign: how the program lets it read variables.
        prefix: the group is what variables begin with.
        joint: its last group is what follows that prefix; an underscore otherwise.
        separator: the group joins the keys; without one, a variable replaces only an entry at the top.
        names: its groups are the last key of an entry, and the variable that the code names for it.
        splits: the library finds the keys by that separator, so that no key may contain it.
        place: its lookup in the file; None if a variable replaces an entry.
        special: text that it reads differently in a variable.
    """

    name: str
    suffixes: tuple[str, ...]
    sign: str
    prefix: str = "(?!)"
    joint: str = "(?!)"
    separator: str = "(?!)"
    names: str = ""
    splits: bool = True
    place: Place | None = None
    special: str = ""


# fmt: off
LIBRARIES = (
    Library(
        "Viper", (".go",), r"\bAutomaticEnv\(\)", r"SetEnvPrefix\(\"(\w{1,60})\"\)",
        separator=r"strings\.NewReplacer\((?:[^()]*,)?\s*\"\.\",\s*\"(_+)\"", splits=False,
    ),
    Library(
        "koanf", (".go",), r"\benv\.Provider\(\s*\"\w*\",\s*\"\.\",\s*func[\s\S]{0,200}ToLower\(",
        r"\benv\.Provider\(\s*\"(\w{1,60})\"", r"\benv\.Provider\(()",
        r"\bReplace(?:All)?\([^\n]{0,100}\"(_+)\",\s*\"\.\"",
    ),
    Library(
        "cleanenv", (".go",), r"\A(?![\s\S]*env-prefix:)[\s\S]*?\bcleanenv\.ReadConfig\(",
        names=r"\b(?:json|toml|yaml):\"([\w-]+)[^\"`\n]{0,100}\"[^`\n]{0,100}\benv:\"(\w+)",
    ),
    Library("os.ExpandEnv", (".go",), r"\bos\.ExpandEnv\(string\(", place=Place("${NAME}"), special=r"\$"),
    Library(
        "config-rs", (".rs",), r"\bEnvironment::(?:with_prefix|default)\(", r"with_prefix\(\s*\"(\w{1,60})\"",
        # Without a separator of its own, the prefix has that of the keys.
        r"prefix_separator\(\s*\"(_+)\"|\A(?![\s\S]*prefix_separator\()[\s\S]*?\bseparator\(\s*\"(_+)\"",
        r"\bseparator\(\s*\"(_+)\"",
    ),
    Library(
        "Figment", (".rs",), r"\bEnv::(?:prefixed|raw)\(", r"\bEnv::prefixed\(\s*\"(\w{1,60})\"",
        r"\bEnv::prefixed\(()", r"\.split\(\s*\"(_+)\"", special=_NO_TEXT,
    ),
    Library("OmegaConf", (".py",), r"\bOmegaConf\.load\(", place=Place("${oc.env:NAME}"), special=r"\$\{|\\"),
    Library("Dynaconf", (".py",), r"\bDynaconf\(", place=Place("@format {env[NAME]}", whole=True), special=r"^@|[{}]"),
    Library("EnvYAML", (".py",), r"\bEnvYAML\(", place=Place("${NAME}"), special=r"\$"),
    Library(
        "os.path.expandvars", (".py",), r"\bexpandvars\([^\n]{0,100}\.read(?:_text)?\(", place=Place("${NAME}"),
        special=r"\$",
    ),
    Library(
        "python-decouple", (".py",), r"\bfrom decouple import\b",
        place=set_by(r"settings/[A-Za-z_]\w*", lambda keys: keys[-1]), special="%",
    ),
    # It reads the variables that one of its own files names.
    Library(
        "node-config", (".js", ".ts"), r"\brequire\([\"']config[\"']\)|\bfrom [\"']config[\"']",
        place=set_by(
            r"\w+(?:/\w+)*", lambda keys: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", "_".join(keys)).upper(),
            after='Write "NAME" into config/custom-environment-variables.json under the same keys.',
        ),
    ),
    Library(
        "convict", (".js", ".ts"), r"\.loadFile\(",
        names=r"\b(\w+)[\"']?\s*:\s*\{[^{}]*\benv\s*:\s*[\"'](\w+)[\"']",
    ),
    # It looks up variables between double quotes or none.
    Library(
        "parse_ini_file", (".php",), r"\bparse_ini_file\(", place=Place("${NAME}", before=re.compile("[^']*")),
        special=r"[\"$]",
    ),
    Library(
        "ERB", (".rb",), r"\bERB\.new\([^\n]{0,100}\bread\b",
        place=Place("<%= ENV.fetch('NAME') %>", before=outside("<%", "%>"), untouched=True),
    ),
    Library("Dropwizard", (".java",), r"\bEnvironmentVariableSubstitutor\(", place=Place("${NAME}"), special=r"\$"),
)
# fmt: on
_SUFFIXES = tuple(dict.fromkeys(suffix for library in LIBRARIES for suffix in library.suffixes))
_FOLDERS = "configs?|configuration|conf|settings|etc"
FILES = re.compile(
    rf"(?:.*/)?(?:(?:{_FOLDERS})/[^/]+"
    r"|\.?(?:app|application|base|config|default|dev|development|local|prod|production|secrets|settings|staging|test)"
    r"(?:[._-]\w+)?)\.(?:ini|json|toml|ya?ml)",
    re.IGNORECASE | re.DOTALL,
)
"""The files whose project's code is read."""


def own_settings(path: str, code: Callable[[tuple[str, ...]], Iterable[tuple[str, str]]]) -> Reader | None:
    """Return the library that reads a program's own settings from a file, by the program's code.

    `code` returns the names and texts of the project's files with one of some suffixes.
    """
    if not FILES.fullmatch(path):
        return None
    *_, folder, name = f"/{path}".split("/")
    stem, _, ending = name.rpartition(".")
    words = [re.escape(stem), *re.findall(rf"(?i)\A(?:{_FOLDERS})\Z", folder)]
    named = re.compile(rf"[\"'`/](?:{'|'.join(words)})(?:\.\w+)?[\"'`/]")
    for file, text in code(_SUFFIXES):
        for library in LIBRARIES:
            # python-decouple looks for its file without its name.
            is_named = named.search(text) or (name == "settings.ini" and ".py" in library.suffixes)
            if file.endswith(library.suffixes) and is_named and re.search(library.sign, text):
                names = frozenset(re.findall(library.names, text)) if library.names else frozenset()
                parts = [re.search(one, text) for one in (library.prefix, library.joint, library.separator)]
                groups = tuple(one and one[one.lastindex or 0] for one in parts)
                return _reader(library, _LANGUAGES[ending.lower()], names, groups)
    return None


@lru_cache(maxsize=64)
def _reader(
    library: Library,
    language: str,
    names: frozenset[tuple[str, str]],
    parts: tuple[str | None, ...],
) -> Reader:
    prefix, joint, separator = parts
    start = f"{prefix.upper()}{'_' if joint is None else joint}" if prefix else ""

    def variable(keys: Keys) -> str:
        if library.names:
            named = {name for key, name in names if key == keys[-1]}
            return named.pop() if len(named) == 1 else ""
        return start + (separator or "").join(keys).upper()

    key = "[A-Za-z][A-Za-z0-9]*" if separator == "_" and library.splits else "[A-Za-z](?:_?[A-Za-z0-9])*"
    place = library.place or set_by(rf"{key}(?:/{key})*" if separator or library.names else key, variable)
    name = f"{library.name} with {start}" if start else library.name
    return reader(
        name, language, ".*", place, special=library.special,
        refusal=f"{name} lets no variable replace this entry; read it in code",
    )  # fmt: skip
