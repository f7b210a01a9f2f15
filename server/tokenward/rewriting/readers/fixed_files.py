"""Readers of files that look up no variables when the program runs, and what works instead."""

from __future__ import annotations

from dataclasses import replace

from tokenward.rewriting.readers.browser import SHIPPED
from tokenward.rewriting.readers.clouds import EXPO
from tokenward.rewriting.readers.reader import Place, declared, reader, set_by

# fmt: off
FIXED_FILES = (
    # Migrations, whose names begin with a number, are read by other programs.
    reader(
        "psql", "psql", r"(?![vu]?[0-9])[^/]*\.(?:sql|psql)",
        Place(
            ":'NAME'", is_expression=True, whole=True, further=declared("\\getenv NAME NAME"),
            after="Run `tokenward run -- psql -f FILE`, from psql 14 on; other programs do not read this.",
        ),
        content=(
            r"^\\(?:c|connect|set|i|ir|echo|if|getenv|gexec|copy)\b|\b(?i:(?:create|alter)[ ]+role|create[ ]+extension"
            r"|login[ ]+password|with[ ]+(?:encrypted[ ]+)?password|create[ ]+user[ ]+mapping)\b"
        ),
        unless=("`", "DELIMITER", "IDENTIFIED BY", "identified by"),
    ),
    reader(
        "SQL", "lines", r"[^/]*\.(?:sql|psql|ddl|dml)",
        refusal=(
            "SQL looks up no variables; in psql, write `\\getenv name NAME` above and :'name' instead of the quoted "
            "token, and start it with `tokenward run`."
        ),
    ),
    reader(
        "Documentation", "markup", r"[^/]*\.(?:md|markdown|rst|adoc|asciidoc)", Place("${NAME}")
    ),
    reader("Apple's property lists", "xml", r"[^/]*\.(?:plist|entitlements)", refusal=SHIPPED),
    reader(
        "Apps in JavaScript", "json", r"(?:app|capacitor\.config)\.json",
        *(
            replace(
                set_by(keys, name, disabled=True, after="For builds at Expo, set the variable with COMMANDS."),
                start=EXPO,
            )
            for keys, name in (
                (r"(?:expo/)?(?:plugins|hooks/postPublish/config)/authToken", "SENTRY_AUTH_TOKEN"),
                (r"(?:expo/)?plugins/RNMapboxMapsDownloadToken", "RNMAPBOX_MAPS_DOWNLOAD_TOKEN"),
            )
        ),
        content=r"\"(?:expo|appId)\"\s*:", refusal=SHIPPED,
    ),
    reader("Xcode", "lines", r"[^/]*\.xcconfig", refusal=f"Xcode reads this file as it is. {SHIPPED}"),
    reader(
        "Android's resources", "xml", r"res/values[^/]*/[^/]*\.xml|AndroidManifest\.xml", refusal=SHIPPED
    ),
    reader(
        "nginx's templates", "lines", r"[^/]*\.conf\.(?:template|tmpl)|nginx/.+\.template",
        Place(
            "${NAME}",
            after="Give the container the variable NAME, such as by `environment: [NAME]` in its compose file.",
        ),
        special=r"[\"'\\;${}\s]",
    ),
    reader(
        "nginx", "lines", r"nginx[^/]*\.conf|(?:[^/]*nginx[^/]*|sites-available|sites-enabled|conf\.d)/(?:.+/)?[^/]+",
        content=r"^\s*(?:server|http|location|upstream|map|proxy_\w+)\s",
        refusal=(
            "nginx looks up no variables; name the file FILE.template and write ${NAME}, which nginx's container image "
            "fills in, or fill it in with `tokenward inject`."
        ),
    ),
    reader(
        "Terraform's modules", "terraform", r"modules/.+\.tf",
        refusal=(
            "A module gets its variables only from the one that calls it; declare a variable, replace the token with "
            "var.NAME, and pass it in each `module` block."
        ),
    ),
    reader(
        "WP-CLI", "yaml", r"wp-cli(?:\.local)?\.ya?ml",
        refusal=(
            "WP-CLI reads this text as it is; delete the entry, and pass it to the command, such as by "
            '`--dbpass="$NAME"` in a script that `tokenward run` starts.'
        ),
    ),
    reader(
        "setuptools", "ini", r"setup\.cfg",
        refusal="Tools read setup.cfg as it is; delete the entry, and set the tool's variable or option instead.",
    ),
    # Scripts source such settings.
    reader(
        "shells that source it", "shell", r"[^/]*\.(?:conf|cfg)", Place(""),
        content=r"^[ \t]*export[ \t]+[A-Za-z_]\w*=", unless=("\n[",),
    ),
    reader(
        "Elixir's build", "elixir_script",
        # Mix reads the files for development and tests each time it starts.
        r"config/(?!(?:runtime|releases|dev|test)\.exs)[^/]+\.exs",
        Place("", after="Run COMMANDS; a release holds the value, as before.", start="tokenward run -- mix …"),
        content=r"^\s*(?:import Config|use Mix\.Config)\b",
    ),
    reader(
        "Jsonnet", "jsonnet", r"[^/]*\.(?:jsonnet|libsonnet)",
        Place("", after="Run COMMANDS.", start="tokenward run -- jsonnet -V NAME FILE"),
    ),
)
# fmt: on
