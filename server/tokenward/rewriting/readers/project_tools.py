"""Readers of the configuration of tools that run, test, build and deploy a project."""

from __future__ import annotations

import re
from functools import partial

from tokenward.rewriting.readers.reader import (
    Place,
    declared,
    filled,
    literally,
    outside,
    reader,
    set_by,
)

_TEMPLATE = outside("{{", "}}")
_DOLLAR = outside("${", "}")
_IN_VALUES = Place("${NAME}", before=_DOLLAR)
_whole = partial(Place, is_expression=True, whole=True)
_SCRIPT = Place("${NAME}", is_script=True)
_ENV_VAR = _whole("!env_var NAME")
_QUOTED = r"(?:[^\"']|\"[^\"]*\"|'[^']*')*"


_GIT = (
    "git reads this text as it is; delete the token from it, and for a URL, run `tokenward put NAME` and `tokenward "
    "credential add URL NAME`, and start git with `tokenward run -- git …`."
)
_AS_CODE = "begin it with `module.exports =` and write process.env.NAME instead of the quoted token"
_EYAML = "write what `tokenward get NAME | eyaml encrypt --stdin -o string` prints instead of the token."


def _with_prefix(look_up: str, prefix: str) -> Place:
    """Return the place of a program that takes only variables whose names begin with its own."""
    return Place(look_up, variable=lambda keys: re.sub(r"\W", "_", "_".join((prefix, *keys))).upper())


# fmt: off
PROJECT_TOOLS = (
    # Flask reads it with python-dotenv, which looks up variables between any quotes.
    reader("Flask", "dotenv", r"\.flaskenv", _whole("${NAME}"), special=r"\$"),
    reader("Procfile", "lines", r"Procfile(?:\.\w+)?", _SCRIPT, special=r"\$"),
    reader(
        "tox", "ini", r"tox\.ini",
        Place("{env:NAME}", re.compile(r"testenv[^/]*(?:/.*)?"), before=outside("{e", "}")),
        refusal="tox looks up variables only in the sections of environments", special=r"[{}\\#]",
    ),
    # pytest-env fills in values by `str.format`.
    reader(
        "pytest-env", "ini", r"pytest\.ini|tox\.ini|setup\.cfg",
        Place("{NAME}", re.compile(r"(?:tool:)?pytest/(?:D:)?[A-Z_][A-Z0-9_]*")),
        content=r"^\[(?:tool:)?pytest\](?:\n(?!\[).*)*\nenv[ \t]*=", unless=("R:",),
        refusal="pytest-env looks up variables only in `env`", special=r"[{}]",
    ),
    reader(
        "Supervisor", "ini", r"[^/]*\.(?:conf|ini)",
        Place("%(ENV_NAME)s", before=outside("%(", ")")),
        content=r"^\[(?:program:|supervisor|unix_http_server|inet_http_server|fcgi-program:)", special=r"[%\"'\\,;]",
    ),
    *(
        # OmegaConf looks up variables in any string.
        reader(name, "yaml", files, Place("${oc.env:NAME}"), content=content, special=r"\$\{|\\")
        for name, files, content in (
            ("Kedro", r"conf/[^/]+/credentials[^/]*\.ya?ml", ""),
            (
                "Hydra", r"[^/]+\.ya?ml",
                r"^defaults:[ \t]*(?:\[_self_|\n(?:[ \t]*#.*\n)*[ \t]*- )|^[ \t]*_target_:[ \t]*[\w.]+",
            ),
        )
    ),
    # Go fills the template before the YAML is read.
    reader(
        "Traefik's dynamic configuration", "yaml", r"traefik/(?:.+/)?[^/]+\.ya?ml|dynamic[^/]*\.ya?ml",
        Place("{{ env `NAME` }}", before=_TEMPLATE, untouched=True), content=r"^(?:http|tcp|udp|tls):[ \t]*$",
        unless=("entryPoints:", "providers:"), special=r"[\"'\\{}#&*!|>%@`\s]",
    ),
    reader(
        "Lefthook", "yaml", r"\.?lefthook(?:-local)?\.ya?ml",
        Place("${NAME}", re.compile(r"(?:.*/)?run"), is_script=True),
    ),
    reader(
        "Task", "yaml", r"Taskfile(?:\.dist)?\.ya?ml",
        Place("${NAME}", re.compile(r"(?:.*/)?(?:cmds?|sh|status|preconditions)"), is_script=True),
        Place("{{.NAME}}", re.compile(r"(?:.*/)?(?:env|vars)/[^/]+"), before=_TEMPLATE),
        refusal="Task looks up variables only in `env`, `vars` and commands", special=r"\{\{",
    ),
    reader(
        "just", "lines", r"\.?justfile|[^/]*\.just",
        Place("${NAME}", is_script=True, before=re.compile(r"[ \t]+[\s\S]*")),
        Place("\" + env('NAME') + \"", before=re.compile(r'(?:export\s+)?[\w-]+\s*:=\s*"[^"\\]*')),
        Place("' + env('NAME') + '", before=re.compile(r"(?:export\s+)?[\w-]+\s*:=\s*'[^']*")),
        refusal="just looks up variables only in recipes and strings", special=r"\$|\{\{|[\"'\\]",
    ),
    reader(
        "mise", "toml", r"\.?mise(?:\.[\w-]+)*\.toml|mise/config(?:\.[\w-]+)*\.toml",
        Place("{{ get_env(name='NAME', default='') }}", re.compile(r"env/[^/]+"), before=_TEMPLATE),
        Place("${NAME}", re.compile(r"tasks/[^/]+(?:/run)?"), is_script=True),
        refusal="mise looks up variables only in `env` and in tasks", special=r"\{[{%#]",
    ),
    reader(
        "GoReleaser", "yaml", r"\.?goreleaser\.ya?ml",
        Place("{{ .Env.NAME }}", re.compile(r"(?:.*/)?env"), before=_TEMPLATE),
        refusal="GoReleaser takes tokens from variables; delete this one, and set it in `env`", special=r"\{\{",
    ),
    reader(
        "Skaffold", "yaml", r"skaffold\.ya?ml",
        Place("{{.NAME}}", re.compile(r"(?:.*/)?(?:buildArgs|setValueTemplates)/.+"), before=_TEMPLATE),
        content=r"^apiVersion: skaffold/",
        refusal="Skaffold looks up variables only in `buildArgs` and `setValueTemplates`", special=r"\{\{",
    ),
    *(
        reader(name, language, files, place, content=content, special=special)
        for name, language, files, place, content, special in (
            (
                "php.ini", "ini", r"php[^/]*\.ini|\.user\.ini", Place("${NAME}", before=re.compile("[^']*")), "",
                r"[\"'$]",
            ),
            ("Meltano", "yaml", r"meltano\.ya?ml", _IN_VALUES, "^(?:plugins|version|environments):", ""),
            ("LibreChat", "yaml", r"librechat\.ya?ml", _IN_VALUES, "^(?:endpoints|mcpServers|version):", ""),
            ("Okteto", "yaml", r"okteto(?:\.[\w-]+)?\.ya?ml", _IN_VALUES, "", r"\$"),
            ("Brownie", "yaml", r"brownie-config\.ya?ml", _IN_VALUES, "", r"\$"),
            ("NLog", "xml", r"nlog[^/]*\.config", Place("${environment:NAME}", before=_DOLLAR), r"<nlog\b", r"\$"),
            # A placeholder is the whole of a value.
            (
                "LoopBack", "json", r"(?:[^/]*/)?datasources(?:\.\w+)?\.json", Place("${NAME}", whole=True),
                r"\"connector\"\s*:", r"\$",
            ),
            (
                "conda's settings", "yaml", r"\.?condarc|\.condarc\.ya?ml",
                Place("${NAME}", re.compile(r"(?:default_)?channels|channel_alias|(?:custom_\w+|proxy_servers)/.+")),
                "", r"\$",
            ),
            ("electron-builder", "yaml", r"electron-builder[^/]*\.ya?ml", Place("${env.NAME}"), "", r"\$\{"),
            ("Garden", "yaml", r"(?:[^/]*\.)?garden\.ya?ml", Place("${local.env.NAME}"), "", r"\$\{"),
            (
                "Foundry", "toml", r"foundry\.toml",
                Place("${NAME}", re.compile("(?:rpc_endpoints|etherscan)/.*")), "", "",
            ),
            ("Supabase", "toml", r"supabase/config\.toml", Place("env(NAME)", whole=True), "", ""),
            ("APISIX", "yaml", r"apisix/(?:conf/)?config\.ya?ml", Place("${{NAME}}"), "", r"\$\{\{"),
            ("Prefect", "yaml", r"prefect\.ya?ml", Place("{{ $NAME }}", before=_TEMPLATE), "", ""),
            (
                "promptfoo", "yaml", r"promptfooconfig[^/]*\.ya?ml",
                Place("{{ env.NAME }}", before=_TEMPLATE), "", r"\{[{%#]",
            ),
            ("frp", "toml", r"frp[cs][^/]*\.toml", Place("{{ .Envs.NAME }}", before=_TEMPLATE), "", r"[\"'\\{]"),
            (
                "Helmfile", "yaml", r"helmfile[^/]*\.ya?ml(?:\.gotmpl)?",
                Place("{{ requiredEnv `NAME` }}", before=_TEMPLATE), r"\{\{", r"[\"'\\{]",
            ),
            ("Codeception", "yaml", r"codeception\.ya?ml", Place("%NAME%"), r"^params:(?:.*\n)?.*\benv\b", "%"),
            ("LiteLLM", "yaml", r"[^/]*litellm[^/]*\.ya?ml", Place("os.environ/NAME", whole=True), "^model_list:", ""),
            ("MkDocs", "yaml", r"mkdocs[^/]*\.ya?ml", _whole("!ENV NAME"), "^site_name:", ""),
            ("Dagster", "yaml", r"dagster\.ya?ml", _whole("{env: NAME}"), "", ""),
            ("Home Assistant", "yaml", r"(?:home-?assistant|hass)[^/]*/(?:.+/)?[^/]+\.ya?ml", _ENV_VAR, "", ""),
            (
                "Home Assistant", "yaml", r"configuration\.ya?ml", _ENV_VAR,
                "^(?:default_config|automation|recorder|logger):", "",
            ),
            ("ESPHome", "yaml", r"[^/]+\.ya?ml", _ENV_VAR, "^esphome:", ""),
            # Both read it with the lookups of their other files.
            (
                "Home Assistant's secrets", "yaml", r"secrets\.ya?ml", _ENV_VAR,
                r"^(?:mqtt|wifi|ota|api|ap|home|telegram|fallback)_\w+[ \t]*:[ \t]*\S", "",
            ),
            # Python's `str.format` fills the command.
            (
                "MLflow", "yaml", r"MLproject",
                Place("${{NAME}}", re.compile("entry_points/.+/command"), is_script=True), "", r"[${}]",
            ),
            (
                "Salt", "yaml", r"[^/]*\.sls", Place("{{ salt['environ.get']('NAME') }}", before=_TEMPLATE), "",
                r"[\"'\\{]",
            ),
            (
                "Nomad", "tfvars", r"[^/]*\.(?:nomad|nomad\.hcl)",
                _whole(
                    "var.NAME", variable=lambda keys: f"NOMAD_VAR_{keys[-1]}",
                    own_name=lambda name: name.removeprefix("NOMAD_VAR_"), further=declared('variable "NAME" {}'),
                ),
                "", r"[$%]\{",
            ),
            ("Prisma", "dotenv", r"[^/]*\.prisma", _whole('env("NAME")'), "", ""),
            (
                "Play, Akka and Ktor", "dotenv", r"(?:application|reference)[^/]*\.conf", _whole("${NAME}"), "",
                r"[${}\[\],\"\\+]",
            ),
            ("Atlas", "tfvars", r"atlas\.hcl", _whole('getenv("NAME")'), "", r"\$\{"),
            ("Terragrunt", "tfvars", r"terragrunt\.hcl", _whole('get_env("NAME")'), "", r"\$\{"),
            ("Tilt", "python", r"[^/]*Tiltfile[^/]*", _whole('os.environ["NAME"]'), "", ""),
            (
                "Docker Bake", "tfvars", r"docker-bake[^/]*\.hcl",
                _whole('"${NAME}"', further=declared('variable "NAME" {}')), "", r"[$%]\{",
            ),
            (
                "Packer's templates", "tfvars", r"[^/]*\.pkr\.hcl",
                _whole("var.NAME", further=declared('variable "NAME" { default = env("NAME") }')), "", r"[$%]\{",
            ),
            # The names of variables begin with the program's own.
            (
                "Frigate", "yaml", r"frigate[^/]*(?:/(?:config/)?config)?\.ya?ml", _with_prefix("{NAME}", "FRIGATE"),
                "^(?:mqtt|cameras):", r"[{}]",
            ),
            (
                "Homepage", "yaml", r"homepage/(?:config/)?(?:services|widgets|settings|bookmarks)\.ya?ml",
                _with_prefix("{{NAME}}", "HOMEPAGE_VAR"), "", r"[\"'\\{]",
            ),
            ("Phinx", "yaml", r"phinx\.ya?ml", _with_prefix("%%NAME%%", "PHINX"), "", "%"),
            (
                "Apache", "lines",
                r"(?:httpd|apache2?)[^/]*(?:/.+)?\.conf|[^/]*vhosts?[^/]*\.conf|sites-(?:available|enabled)/[^/]+|\.htaccess",
                _IN_VALUES,
                r"^\s*(?:<(?:VirtualHost|Directory|Location|IfModule|Proxy)|SetEnv|(?:Request)?Header)\b",
                r"[\s\"'\\<>$]",
            ),
        )
    ),
    reader(
        "HAProxy", "lines", r"haproxy[^/]*\.cfg|haproxy/.+\.cfg",
        # It looks up variables between double quotes only.
        Place("${NAME}", before=re.compile(rf'{_QUOTED}"[^"]*')), Place('"${NAME}"', before=re.compile(_QUOTED)),
        special=r"[\s\"'\\$#]", refusal="HAProxy looks up no variables between single quotes",
    ),
    reader(
        "DevSpace", "yaml", r"devspace\.ya?ml", Place("${NAME}", re.compile("(?!vars/).*"), before=_DOLLAR),
        # It takes a variable that the file does not declare from the environment.
        set_by(r"vars/\w+", lambda keys: keys[-1], disabled=True),
        refusal="DevSpace reads a variable from the environment if it has `source: env` there; write that, and start "
        "DevSpace with `tokenward run`.", special=r"\$",
    ),
    reader(
        "Dex", "yaml", r"(?:[^/]*dex[^/]*|dex/.+)\.ya?ml",
        Place("${NAME}", re.compile("(?:connectors|storage)/config/.+")), filled("dex serve FILE"),
        content="^(?:staticClients|connectors):", special=r"[$\"\\]",
    ),
    reader(
        "air", "toml", r"\.air\.toml",
        Place("${NAME}", re.compile("build/(?:full_bin|cmd|pre_cmd|post_cmd)"), is_script=True),
        refusal="air looks up variables in its commands alone",
    ),
    reader(
        "Caddy", "lines", r"[^/]*Caddyfile(?:\.[^/]*)?|[^/]*\.caddyfile", Place("{$NAME}", before=outside("{$", "}")),
        special=r"[\s\"'`{}#\\]",
    ),
    reader(
        "Logstash's pipelines", "lines", r"logstash[^/]*\.conf|pipelines?/[^/]+\.conf", _IN_VALUES,
        content=r"^\s*(?:input|filter|output)\s*\{", special=r"\$\{|[\"'\\]",
    ),
    reader(
        "Renovate", "json", r"renovate\.json|\.renovaterc\.json",
        Place(
            "{{ secrets.NAME }}", before=_TEMPLATE, in_environment=False,
            after="Add NAME to Renovate's secrets; `tokenward get NAME --clip` copies its value.",
        ),
    ),
    reader(
        "Dynaconf", "toml", r"\.secrets\.toml|settings\.toml", Place("@format {env[NAME]}", whole=True),
        content=r"^\[(?:default|global|development|production|testing)\]|^dynaconf_merge\b", special=r"^@",
    ),
    reader("git", "lines", r"\.gitconfig|\.gitmodules|\.git/config", refusal=_GIT),
    reader("pre-commit", "yaml", r"\.pre-commit-config\.ya?ml", refusal=_GIT),
    reader(
        "Streamlit", "toml", r"\.streamlit/secrets\.toml", filled("streamlit run …", ", from Streamlit 1.37 on."),
    ),
    reader("Shuttle", "toml", r"(?-i:Secrets(?:\.\w+)?\.toml)", filled("shuttle run --secrets FILE")),
    reader(
        "wrangler dev", "dotenv", r"\.dev\.vars(?:\.\w+)?",
        filled("wrangler dev", "; with npx, add `--env-file` and this file."),
    ),
    literally(
        "systemd", "lines", r"[^/]+\.service",
        "delete it, and let ExecStart of a user's service begin with `tokenward run --`. A service of the system has "
        "no keyring; give it a file of root's by `LoadCredential=`, or by `EnvironmentFile=` if it reads a variable.",
        r"^\[Service\]",
    ),
    literally(
        "cron", "lines", r"(?:[^/]*[._-])?crontab(?:\.txt)?|[^/]*\.cron|cron\.d/[^/]+",
        "delete it, and let the command be `cd FOLDER && tokenward run -- …`.",
    ),
    literally(
        "Earthly", "lines", "Earthfile",
        "write `RUN --secret NAME …` with ${NAME} there, and run `tokenward run -- earthly --secret NAME …`.",
    ),
    literally(
        "Helmfile with other files", "yaml", r"helmfile[^/]*\.ya?ml",
        "name it helmfile.yaml.gotmpl, and write {{ requiredEnv `NAME` }}.", "^(?:releases|repositories|helmfiles):",
    ),
    *(
        literally(name, language, files, how, content)
        for name, language, files, how, content in (
            (
                "Sequelize", "json", r"config/config\.json",
                f"rename it to config.js, {_AS_CODE}, and name config.js in models/index.js and .sequelizerc.",
                r"\"dialect\"\s*:",
            ),
            ("TypeORM", "json", r"ormconfig\.json", f"rename it to ormconfig.js, and {_AS_CODE}.", ""),
            (
                "Puppet's Hiera", "yaml", r"(?:hiera)?data/(?:.+/)?[^/]+\.e?ya?ml", _EYAML,
                r"^[\"']?\w+::[\w:]+[\"']?:",
            ),
            (
                "Puppet", "lines", r"[^/]*\.pp",
                f"let `lookup('KEY')` read it from Hiera, and there {_EYAML}", r"^\s*(?:class|node|define|include)\b",
            ),
        )
    ),
    literally("Yarn 1", "lines", r"\.yarnrc", "write it into .npmrc, where Yarn looks up ${NAME}."),
    *(
        literally(
            name, "json", files, f"enter it in {name}'s vault, and delete it here."
        )
        for name, files in (
            ("Postman", r"[^/]*\.postman_(?:collection|environment)\.json"),
            ("Insomnia", r"\.?insomnia[^/]*\.json"),
        )
    ),

)  # fmt: skip
