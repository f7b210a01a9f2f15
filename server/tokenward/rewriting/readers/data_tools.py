"""Readers of the configuration of tools for data and operations."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.reader import Place, filled, outside, reader

_TEMPLATE = outside("{{", "}}")
# Replaced in the text, before it is parsed.
_IN_TEXT = Place("${NAME}", before=outside("${", "}"), untouched=True)
_IN_VALUES = Place("${NAME}")
_NO_TEMPLATE = "Ansible evaluates no ordinary template there; put the token into a variable first."
# Ansible evaluates these as expressions, or before variables are known.
_NOT_TEMPLATES = (
    r"(?!(?:.*/)?(?:hosts|name|when|failed_when|changed_when|until|that|var|register|vars_files)(?:/|\Z))"
)
# A line of hosts is split at blanks, as a shell does it; other lines are not.
_HOST = re.compile(r"(?:[^/:]*/)?[^/]*")
_BEFORE = r"(?:(?:[^\"']|\"[^\"]*\"|'[^']*')*[ \t]\w{1,100}=)?"
# Nothing that the splitting changes, or the lookup itself.
_PLAIN = re.compile(r"[^\\'\"#\s]+|\"?\{\{ lookup\('env', '\w+'\) \}\}\"?")
_ANSIBLE = Place(
    "{{ lookup('env', 'NAME') }}", re.compile(_NOT_TEMPLATES + ".*", re.DOTALL), before=_TEMPLATE
)


_PROMETHEUS_FILES = r"[^/]*(?:prometheus|alertmanager)[^/]*\.ya?ml"
_PROMETHEUS = r"^(?:scrape_configs|receivers|route|remote_write):"


# fmt: off
DATA_TOOLS = (
    *(
        reader(
            name, "yaml", files, Place("{{ env_var('NAME') }}", before=_TEMPLATE), content=content,
            refusal="The token is in a template; write `env_var('NAME')` there.",
        )
        for name, files, content in (
            ("dbt", r"profiles\.ya?ml", r"^[ \t]+outputs:"),
            ("dbt project", r"(?:dbt_project|packages)\.ya?ml", r"^(?:profile|model-paths|models|packages):"),
            ("Mage", r"io_config\.ya?ml", "^version:"),
            ("SQLMesh", r"config\.ya?ml", "^(?:gateways|model_defaults):"),
        )
    ),
    reader(
        "Alembic", "ini", r"alembic\.ini",
        Place("REFERENCE", after="Run `tokenward run -- alembic …`."), special="%",
    ),
    reader(
        "Python logging", "ini", r"logging\.(?:ini|cfg|conf)",
        refusal="A logging configuration looks up no variables; set the value in code.",
    ),
    reader(
        "Ansible variables", "yaml",
        r"(?:group_vars|host_vars)/[^/.]+(?:/[^/]+)?(?:\.ya?ml)?|roles/[^/]+/(?:vars|defaults)/[^/]+\.ya?ml",
        Place("{{ lookup('env', 'NAME') }}", before=_TEMPLATE),
        refusal="The token is in a template; write `lookup('env', 'NAME')` there.",
    ),
    reader(
        "Ansible roles", "yaml", r"roles/[^/]+/(?:tasks|handlers)/.+\.ya?ml", _ANSIBLE, refusal=_NO_TEMPLATE,
    ),
    reader(
        "Ansible", "yaml", r"[^/]+\.ya?ml", _ANSIBLE,
        content=(
            r"^- (?:hosts|import_playbook):|^- name:.*\n(?:[ \t].*\n)*?[ \t]+hosts:"
            r"|^[ \t]*(?:- )?(?:ansible\.builtin|community\.\w+)\.\w+:"
        ),
        refusal=_NO_TEMPLATE,
    ),
    reader(
        "Ansible inventory YAML", "yaml", r"[^/]*(?:inventory|hosts)[^/]*\.ya?ml|inventor(?:y|ies)/.+\.ya?ml",
        Place("{{ lookup('env', 'NAME') }}", before=_TEMPLATE),
        content=r"^(?:all|ungrouped|\w+):[ \t]*\r?\n[ \t]+(?:hosts|children|vars):",
        refusal="The token is in a template; write `lookup('env', 'NAME')` there.",
    ),
    reader(
        "Ansible inventory", "ini", r"(?:inventory|inventories)(?:/.+)?|hosts|[^/]*(?:inventory|hosts)\.ini",
        Place("{{ lookup('env', 'NAME') }}", re.compile(r"[^/]*:vars/[^/]*"), before=_TEMPLATE),
        Place("\"{{ lookup('env', 'NAME') }}\"", _HOST, before=re.compile(_BEFORE + r"[^\s\"'{}#]*"), token=_PLAIN),
        Place("{{ lookup('env', 'NAME') }}", _HOST, before=re.compile(_BEFORE + r"\"[^\"'{}]*"), token=_PLAIN),
        content=r"^\[[\w.-]+(?::(?:vars|children))?\]",
        refusal=(
            "A line of hosts cannot contain a lookup there; "
            "put the variable into a [GROUP:vars] section or host_vars first."
        ),
    ),
    *(
        # Paths in such a file may begin in the folder of the filled copy.
        reader(name, language, files, filled(command), content=content, unless=tuple(unless))
        for name, language, files, command, content, *unless in (
            (
                "Exporters of Prometheus", "yaml", r"(?:blackbox|snmp|[a-z]+_exporter)[^/]*\.ya?ml",
                "blackbox_exporter --config.file=FILE", "^(?:modules|auth_modules|auths):",
            ),
            ("WireGuard", "ini", r"[^/]{1,15}\.conf", "wg-quick up FILE", r"^\[Interface\][ \t]*$"),
            ("Mosquitto", "lines", r"mosquitto[^/]*\.conf|mosquitto/.+\.conf", "mosquitto -c FILE", ""),
            ("Redis", "lines", r"redis[^/]*\.conf", "redis-server FILE", ""),
            ("Envoy", "yaml", r"envoy[^/]*\.ya?ml", "envoy -c FILE", "^(?:static_resources|admin|layered_runtime):"),
            ("KrakenD", "json", r"krakend[^/]*\.json", "krakend run -c FILE", ""),
            ("Traefik", "yaml", r"traefik\.ya?ml", "traefik --configFile=FILE", "^(?:entryPoints|providers):"),
            ("cloudflared", "yaml", r"\.?cloudflared/config\.ya?ml", "cloudflared tunnel --config FILE run", ""),
            ("Matterbridge", "toml", r"matterbridge[^/]*\.toml", "matterbridge -conf FILE", ""),
            ("Freqtrade", "json", r"[^/]*config[^/]*\.json", "freqtrade trade -c FILE", r"\"stake_currency\""),
            ("ddclient", "lines", r"ddclient[^/]*\.conf", "ddclient -foreground -file FILE", ""),
            (
                "Synapse", "yaml", r"[^/]*homeserver[^/]*\.ya?ml|synapse/.+\.ya?ml",
                "python -m synapse.app.homeserver -c FILE", "^(?:server_name|database|macaroon_secret_key):",
            ),
            (
                "Terraform's backends", "tfvars", r"[^/]*backend[^/]*\.(?:hcl|conf)|[^/]*\.tfbackend",
                "terraform init -backend-config=FILE", "",
            ),
            ("Kong", "yaml", r"[^/]*kong[^/]*\.ya?ml", "deck gateway sync FILE", "^_format_version:"),
            ("Jekyll", "yaml", r"_config[^/]*\.ya?ml", "jekyll build --config FILE", ""),
            ("Erlang's configuration", "lines", r"(?:.*\.)?sys\.config", "erl -config FILE", r"^\["),
            (
                "Cloud Foundry", "yaml", r"manifest[^/]*\.ya?ml", "cf push -f FILE", "^applications:", "path:",
            ),
            ("Zappa", "json", r"zappa_settings\.json", "zappa deploy -s FILE", ""),
            (
                "Helmfile without templates", "yaml", r"helmfile[^/]*\.ya?ml", "helmfile -f FILE apply",
                "^(?:releases|repositories|helmfiles):", "./", ".yaml", ".yml", ".gotmpl",
            ),
            (
                "CloudFormation", "yaml", r"[^/]*\.(?:ya?ml|template)",
                "aws cloudformation deploy --template-file FILE",
                r"^AWSTemplateFormatVersion:", "AWS::Serverless", "Uri:",
                "TemplateURL:", "Location:",
            ),
            ("SAM's settings", "toml", r"samconfig\.toml", "sam deploy --config-file FILE", ""),
        )
    ),
    reader(
        "Prometheus without other files", "yaml", _PROMETHEUS_FILES,
        filled("prometheus --config.file=FILE", ", with this file as FILE; alertmanager is started so, too."),
        content=_PROMETHEUS,
        # Their paths begin in the folder of this file, and the filled one is in another.
        unless=("_file:", "_files:", "files:", "templates:"),
    ),
    reader(
        "Prometheus", "yaml", _PROMETHEUS_FILES, content=_PROMETHEUS,
        refusal=(
            "Prometheus and Alertmanager look up no variables; name a file with password_file, credentials_file, "
            "api_url_file or similar."
        ),
    ),
    reader("Serverless Framework", "yaml", r"serverless(?:[.-][^/]+)?\.ya?ml", Place("${env:NAME}")),
    reader(
        "Grafana", "ini", r"(?:grafana|custom|defaults)\.ini", Place("$__env{NAME}"),
        content=r"^\[(?:server|security|auth[\w.]*|database|smtp)\]",
    ),
    reader(
        "Grafana provisioning", "yaml",
        r"provisioning/(?:datasources|notifiers|plugins|alerting)/[^/]+\.ya?ml|[^/]*datasources?[^/]*\.ya?ml",
        _IN_VALUES, content=r"^apiVersion: 1\b|^(?:datasources|notifiers|apps|contactPoints):",
    ),
    *(
        reader(name, language, files, place, content=content)
        for name, language, files, place, content in (
            ("Vector YAML", "yaml", r"vector[^/]*\.ya?ml", _IN_TEXT, "^(?:sources|sinks|transforms):"),
            ("Vector", "toml", r"vector[^/]*\.toml", _IN_TEXT, r"^\[(?:sources|sinks|transforms)\."),
            ("Telegraf", "toml", r"telegraf[^/]*\.(?:conf|toml)", _IN_TEXT, ""),
            ("Airbyte's octavia", "yaml", r"[^/]+\.ya?ml", _IN_VALUES, "^definition_type: (?:source|destination)"),
            ("Flyway's TOML", "toml", r"flyway[^/]*\.toml", Place("${env.NAME}", re.compile("environments/.+")), ""),
            ("Elastic", "yaml", r"(?:logstash|elasticsearch|kibana|apm-server|[a-z]+beat)\.ya?ml", _IN_VALUES, ""),
            ("Fluent Bit", "yaml", r"fluent-?bit[^/]*\.ya?ml", _IN_VALUES, ""),
            ("Fluent Bit classic", "lines", r"fluent-?bit[^/]*\.conf", _IN_VALUES, ""),
            ("Great Expectations", "yaml", r"(?:great_expectations|config_variables)\.ya?ml", _IN_VALUES, ""),
            ("Soda", "yaml", r"[^/]+\.ya?ml", _IN_VALUES, r"^(?:data_source \w+|soda_cloud):"),
            ("Gatus", "yaml", r"[^/]*gatus[^/]*(?:/[^/]+)?\.ya?ml", _IN_TEXT, "^(?:endpoints|alerting):"),
            ("borgmatic", "yaml", r"borgmatic(?:\.d)?/[^/]+\.ya?ml", _IN_VALUES, ""),
            ("sqlc", "yaml", r"sqlc\.ya?ml", Place("${NAME}", re.compile("(?:.*/)?database/uri")), ""),
            ("sql-migrate", "yaml", r"dbconfig\.ya?ml", Place("${NAME}", re.compile("[^/]+/datasource")), ""),
        )
    ),
    reader("Alloy", "dotenv", r"[^/]*\.alloy", Place('sys.env("NAME")', is_expression=True, whole=True)),
    # Ruby evaluates a value between double quotes.
    reader(
        "Fluentd", "lines", r"(?:fluent|td-agent)[^/]*\.conf|fluentd?/.+\.conf",
        Place("#{ENV['NAME']}", before=re.compile(r"\s*@?\w+\s+\"(?:[^\"\\#]|#(?!\{))*")),
        content=r"^\s*<(?:source|match|filter|system|label)\b", special=r"[\"\\]",
        refusal="Fluentd looks up variables only in values between double quotes",
    ),
    reader(
        "OpenTelemetry Collector", "yaml", r"[^/]*(?:otel|collector)[^/]*\.ya?ml", Place("${env:NAME}"),
        content=r"^(?:receivers|exporters):",
    ),
    reader(
        "Loki", "yaml", r"[^/]*(?:loki|promtail|mimir|tempo)[^/]*\.ya?ml",
        Place("${NAME}", after="Start the program with -config.expand-env=true."),
        content=r"^(?:server|auth_enabled|clients|schema_config|distributor):",
    ),
)
# fmt: on
