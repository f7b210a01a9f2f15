"""The environment files that each framework reads, and their order; one row each.

Where the orders come from:

- Laravel: https://laravel.com/docs/configuration, "Environment File Selection"
- Symfony: https://symfony.com/doc/current/configuration.html, "Configuring Environment Variables in .env Files"
- dotenv for Rails: https://github.com/bkeepers/dotenv, "Customizing Rails"
- Next.js: https://nextjs.org/docs/pages/guides/environment-variables, "Environment Variable Load Order"
- Create React App: https://create-react-app.dev/docs/adding-custom-environment-variables
- dotenv-flow: https://github.com/kerimdzhanov/dotenv-flow, "Files under version control"
- Vite: https://vite.dev/guide/env-and-mode, "Env Loading Priorities"

In all of them, a variable that is already set wins over the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tokenward.fast_dataclasses import dataclass

MODE = "MODE"
_ANY_MODE = r"[^./]+"
_MODE_FIRST = (".env", ".env.MODE", ".env.local", ".env.MODE.local")
_LOCAL_FIRST = (".env", ".env.local", ".env.MODE", ".env.MODE.local")


@dataclass(frozen=True, slots=True)
class Framework:
    """One row.

    Attributes:
        name: for people.
        files: its environment files, with MODE for the mode; the last wins.
        signs: patterns of paths in a project's folder; one is enough.
        packages: one of these in `package.json` is a sign too.
        mention: a file, and a pattern that must be in it, because a sign alone is not enough; None if it is.
        variables: the first that is set names the mode.
        commands: patterns of command lines, each with its mode; without one, group 1 is the mode.
        mode: the default mode; empty for none.
        shared: the mode in which `.env.local` is not read, so that everybody's tests give the same results.
        replaces: only the last existing file is read.
        names_mode: the files themselves may set the variable that names the mode.
        reads_files: the framework itself reads them, and keeps a variable that is already set.
    """

    name: str
    files: tuple[str, ...]
    signs: tuple[str, ...] = ()
    packages: frozenset[str] = frozenset()
    mention: tuple[str, str] | None = None
    variables: tuple[str, ...] = ("NODE_ENV",)
    commands: tuple[tuple[str, str], ...] = ()
    mode: str = "development"
    shared: str = "test"
    replaces: bool = False
    names_mode: bool = False
    reads_files: bool = True

    def file_names(self, mode: str) -> tuple[str, ...]:
        """Return the names of the files that are read in a mode, the weakest first."""
        names = (name for name in self.files if mode or MODE not in name)
        return tuple(
            name.replace(MODE, mode) for name in names if not (name == ".env.local" and mode == self.shared)
        )

    def mode_of(self, command: str, environment: Mapping[str, str]) -> str | None:
        """Return the mode named by a command line or a variable, or None."""
        for pattern, mode in self.commands:
            if found := re.search(pattern, command):
                return mode or found[1]
        for variable in self.variables:
            given = re.search(rf"(?<!\w){variable}=[\"']?(\w+)", command)
            if value := given[1] if given else environment.get(variable):
                return value if re.fullmatch(_ANY_MODE, value) else None
        return None

    def mode_of_file(self, name: str) -> str | None:
        """Return the mode in which a file of this name is read; None if that is every mode, or none."""
        patterns = (re.escape(one).replace(MODE, f"({_ANY_MODE})") for one in self.files if MODE in one)
        found = next(filter(None, (re.fullmatch(pattern, name) for pattern in patterns)), None)
        return found[1] if found else None

    def may_read(self, name: str) -> bool:
        """Return whether it reads a file of this name in some mode."""
        return any(re.fullmatch(re.escape(pattern).replace(MODE, _ANY_MODE), name) for pattern in self.files)


_WORD = r"(?:^|[\s/\"'&;|(])"
FRAMEWORKS: tuple[Framework, ...] = (
    Framework(
        "Laravel",
        (".env", ".env.MODE"),
        ("artisan",),
        variables=("APP_ENV",),
        commands=((r"\s--env[= ](\w+)", ""), (rf"{_WORD}(?:artisan test|phpunit|pest)(?!\w)", "testing")),
        mode="",
        replaces=True,
    ),
    Framework(
        "Symfony",
        _LOCAL_FIRST,
        ("composer.json",),
        mention=("composer.json", r"\"symfony/(?:dotenv|framework-bundle|runtime)\""),
        variables=("APP_ENV",),
        commands=((rf"{_WORD}(?:phpunit|simple-phpunit)(?!\w)", "test"), (r"console\s.*--env[= ](\w+)", "")),
        mode="dev",
        names_mode=True,
    ),
    Framework(
        "Rails with dotenv",
        _MODE_FIRST,
        ("config/application.rb",),
        mention=("Gemfile", "dotenv"),
        variables=("RAILS_ENV", "RACK_ENV"),
        commands=(
            (rf"{_WORD}(?:rspec|(?:rails|rake) test)(?!\w)", "test"),
            (r"rails\s.*(?:-e|--environment)[= ]?(\w+)", ""),
        ),
    ),
    Framework(
        "Next.js",
        _MODE_FIRST,
        ("next.config.*",),
        frozenset({"next"}),
        commands=(
            (r"(?<!\w)NODE_ENV=(test)(?!\w)", ""),
            (rf"{_WORD}next dev(?!\w)", "development"),
            (rf"{_WORD}next (?:build|start)(?!\w)", "production"),
        ),
    ),
    Framework(
        "Create React App",
        _MODE_FIRST,
        packages=frozenset({"react-scripts"}),
        commands=(
            (rf"{_WORD}react-scripts start(?!\w)", "development"),
            (rf"{_WORD}react-scripts build(?!\w)", "production"),
            (rf"{_WORD}react-scripts test(?!\w)", "test"),
        ),
    ),
    Framework("dotenv-flow", _LOCAL_FIRST, packages=frozenset({"dotenv-flow"}), mode=""),
    Framework(
        "Vite",
        _LOCAL_FIRST,
        ("vite.config.*", "astro.config.*"),
        frozenset({"vite"}),
        commands=(
            (r"(?:vite|vitest|astro)\s.*--mode[= ](\w+)", ""),
            (rf"{_WORD}vitest(?!\w)", "test"),
            (rf"{_WORD}(?:vite|astro) (?:build|preview)(?!\w)", "production"),
            (rf"{_WORD}(?:vite|astro)(?: (?:dev|serve))?(?:\s+-|\s*$|\s*[&;|])", "development"),
        ),
        shared="",
    ),
)
PLAIN = Framework("other programs, such as docker compose", (".env",), mode="", reads_files=False)
