"""Readers of files whose entries a variable of the environment overrides, one row each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tokenward.rewriting.readers.reader import Keys, Place, Reader, filled, reader, set_by

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


def _row(
    name: str, language: str, files: str, keys: str, variable: str | Callable[[Keys], str], *,
    disabled: bool = False, content: str = "", special: str = "", refusal: str = "No variable can set this entry",
) -> Reader:  # fmt: skip
    """Return a row."""
    place = set_by(keys, variable, disabled=disabled)
    return reader(name, language, files, place, content=content, special=special, refusal=refusal)


def _shouted(keys: Keys) -> str:
    return "__".join(keys).upper()


# fmt: off
OVERRIDDEN = (
    # `%` is special in the file alone.
    _row(
        "Airflow", "ini", r"airflow\.cfg", rf"{_NAME}/{_NAME}", lambda keys: f"AIRFLOW__{_shouted(keys)}", special="%"
    ),
    _row(
        "Ansible Galaxy", "ini", r"ansible\.cfg", r"galaxy_server\.\w+/(?:token|password)",
        lambda keys: f"ANSIBLE_GALAXY_SERVER_{keys[0].partition('.')[2]}_{keys[1]}".upper(),
        refusal="ansible.cfg looks up no variables there; `ansible-config list` names the variable that wins over it.",
    ),
    # A file of values wins over the variables of Terraform and Packer.
    # A variable would replace a whole object; `tokenward run` fills its parts instead.
    *(
        reader(
            name, language, f"{files}{ending}", set_by(_NAME, lambda keys: f"TF_VAR_{keys[0]}", disabled=True), part
        )
        for name, files, part in (
            ("Terraform", "terraform", Place("REFERENCE")),
            ("Terraform's further files", "[^/]*", filled("terraform apply -var-file=FILE")),
        )
        for language, ending in (("tfvars", r"\.tfvars"), ("json", r"\.tfvars\.json"))
    ),
    _row(
        "Packer", "tfvars", r"[^/]*\.pkrvars\.hcl", _NAME, lambda keys: f"PKR_VAR_{keys[0]}", disabled=True,
        refusal="Only a whole string can come from a PKR_VAR_ variable; declare a variable for it.",
    ),
    # The scanner's file wins too.
    _row(
        "SonarScanner", "properties", r"sonar-project\.properties", "sonar/(?:token|login)", "SONAR_TOKEN",
        disabled=True,
    ),
    _row("Sentry", "properties", r"sentry\.properties", r"auth/token", "SENTRY_AUTH_TOKEN"),
    _row("Sentry's command", "ini", r"\.sentryclirc", r"auth/token", "SENTRY_AUTH_TOKEN"),
    # It reads a variable as TOML, and as plain text if it is not valid TOML.
    _row(
        "Rocket", "toml", r"Rocket\.toml", "[^/]+/[a-z][a-z0-9_]*", lambda keys: f"ROCKET_{keys[1]}".upper(),
        special=r"\A(?:[\d.+-]*|true|false)\Z|\A[\"'\[{\s]|\s\Z",
        refusal="A variable sets the whole entry of a profile; read this one with `std::env::var`",
    ),
    _row(
        "Cypress", "json", r"cypress\.env\.json", _NAME, lambda keys: f"CYPRESS_{keys[0]}",
        refusal="A variable can set a whole string at the top of this file",
    ),
    # Conda sets its variables when a shell activates the environment, so `tokenward run` wins.
    # The filled file is in another folder, where pip would not find the files that this one names.
    *(
        reader(
            name, "yaml", r"[^/]*environment[^/]*\.ya?ml|conda[^/]*\.ya?ml",
            set_by(rf"variables/{_NAME}", lambda keys: keys[1], disabled=True),
            *places, content="^dependencies:", unless=unless,
            refusal="conda looks up no variables there; name the channel in .condarc, where it reads ${NAME}.",
        )
        for name, places, unless in (
            # More of the URL follows the token.
            ("conda", (replace(filled("conda env create -f FILE"), whole=True),), ("- -r", "- -e", "file:")),
            ("conda with other files", (), ()),
        )
    ),
    _row("PHPUnit", "xml", r"phpunit[^/]*\.xml(?:\.dist)?", rf"phpunit/php/env/{_NAME}", lambda keys: keys[-1]),
    # Its variables are named by the path in capitals.
    _row(
        "Zigbee2MQTT", "yaml", r"zigbee2mqtt/(?:.+/)?configuration\.ya?ml", r"(?:[a-z_]+/)+[a-z_]+",
        lambda keys: f"ZIGBEE2MQTT_CONFIG_{'_'.join(keys)}".upper(),
    ),
    _row("nodemon", "json", r"nodemon\.json", rf"env/{_NAME}", lambda keys: keys[-1], disabled=True),
    _row(
        "PM2", "json", r"(?:[^/]*ecosystem[^/]*|pm2[^/]*|process(?:es)?)\.json", rf"(?:apps/)?env(?:_\w+)?/{_NAME}",
        lambda keys: keys[-1], disabled=True, content=r"\"(?:apps|script)\"\s*:",
    ),
    _row("Flyway", "properties", r"flyway[^/]*\.conf", "flyway/password", "FLYWAY_PASSWORD"),
    _row("Liquibase", "properties", r"liquibase[^/]*\.properties", "password", "LIQUIBASE_COMMAND_PASSWORD"),
    _row("dlt", "toml", r"\.dlt/(?:secrets|config)\.toml", rf"{_NAME}(?:/{_NAME})*", _shouted),
    _row(
        "MicroProfile", "properties", r"microprofile-config\.properties", r"[\w./-]+",
        lambda keys: re.sub(r"\W", "_", ".".join(keys)).upper(),
    ),
    *(
        _row(
            "Hugo", language, rf"(?:(?:hugo|config)|config/\w+/(?:hugo|config))\.{ending}", r"[A-Za-z]+(?:/[A-Za-z]+)*",
            lambda keys: f"HUGO_{'_'.join(keys)}".upper(), content=r"^(?i:baseURL|languageCode|theme)[ \t]*[=:]",
            refusal="A variable of Hugo cannot have a key with such characters",
        )
        for language, ending in (("toml", "toml"), ("yaml", "ya?ml"))
    ),
    _row(
        "Authelia", "yaml", r"authelia[^/]*/configuration\.ya?ml",
        r"(?:jwt_secret|(?:session|storage|notifier|authentication_backend|duo_api)(?:/[a-z_]+)+)",
        lambda keys: f"AUTHELIA_{'_'.join(keys)}".upper(),
    ),
    _row(
        "OAuth2 Proxy", "toml", r"oauth2[_-]proxy[^/]*\.(?:cfg|toml)", "[a-z_]+",
        lambda keys: f"OAUTH2_PROXY_{keys[0].upper()}",
    ),
    _row("New Relic", "yaml", r"newrelic\.ya?ml", "(?:.+/)?license_key", "NEW_RELIC_LICENSE_KEY"),
    # Python's agent takes the file first.
    _row(
        "New Relic for Python", "ini", r"newrelic\.ini", "newrelic[^/]*/license_key", "NEW_RELIC_LICENSE_KEY",
        disabled=True,
    ),
    _row(
        "Datadog", "yaml", r"datadog\.ya?ml", "api_key|app_key", lambda keys: f"DD_{keys[0].upper()}"),
    _row("Codecov", "yaml", r"\.?codecov\.ya?ml|(?:dev|\.github)/\.?codecov\.ya?ml", "codecov/token", "CODECOV_TOKEN"),
    # Its plugins read tokens only from variables.
    *(
        reader(
            "semantic-release", language, files,
            *(
                replace(
                    set_by("(?:.+/)?plugins/.+|(?:.+/)?(?:verifyConditions|prepare|publish|success|fail)/.+", name,
                           disabled=True),
                    token=re.compile(f"{token}|set by {name}"),
                )
                for token, name in (
                    ("gh[opsu]_.+|github_pat_.+", "GITHUB_TOKEN"), ("glpat-.+", "GITLAB_TOKEN"),
                    ("npm_.+", "NPM_TOKEN"),
                )
            ),
            refusal="semantic-release reads tokens only from variables; delete this one",
        )
        for language, files in (("json", r"\.releaserc(?:\.json)?"), ("yaml", r"\.releaserc\.ya?ml"))
    ),
    _row("lychee", "toml", r"\.?lychee\.toml", "github_token", "GITHUB_TOKEN"),
    _row("Weights & Biases", "ini", r"wandb/settings", "default/api_key", "WANDB_API_KEY"),
    _row(
        "Snowflake's connections", "toml", r"\.?snowflake/connections\.toml", r"\w+/password",
        lambda keys: f"SNOWFLAKE_CONNECTIONS_{keys[-2]}_PASSWORD".upper(),
    ),
)
# fmt: on
