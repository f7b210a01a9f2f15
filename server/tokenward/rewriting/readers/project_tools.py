"""Readers of the configuration of tools that run, test, build and deploy a project."""

from __future__ import annotations

import re

from tokenward.rewriting.readers.reader import Place, Reader, outside, reader, set_by

_TEMPLATE = outside("{{", "}}")
_IN_VALUES = Place("${NAME}", before=outside("${", "}"))
_SCRIPT = Place("${NAME}", is_script=True)


_SENTRY = set_by(r"auth\.token|auth/token", "SENTRY_AUTH_TOKEN")
_GIT = (
    "git reads this text as it is; delete the token from it, and for a URL, run `tokenward put NAME` and `tokenward "
    "credential add URL NAME`, and start git with `tokenward run -- git …`."
)


def _literally(name: str, language: str, files: str, instead: str, content: str = "") -> Reader:
    """Return the row of a file that is uploaded, or read without a look-up."""
    return reader(
        name, language, files, content=content, refusal=f"{name} reads this text as it is; {instead}"
    )


PROJECT_TOOLS = (
    # Flask reads it with python-dotenv, which looks up variables between any quotes.
    reader(
        "Flask", "dotenv", r"\.flaskenv", Place("${NAME}", is_expression=True, whole=True), special=r"\$"
    ),
    reader("Procfile", "lines", r"Procfile(?:\.\w+)?", _SCRIPT, special=r"\$"),
    reader(
        "tox",
        "ini",
        r"tox\.ini",
        Place("{env:NAME}", re.compile(r"testenv[^/]*(?:/.*)?"), before=outside("{e", "}")),
        refusal="tox looks up variables only in the sections of environments",
        special=r"[{}\\#]",
    ),
    reader(
        "Task",
        "yaml",
        r"Taskfile(?:\.dist)?\.ya?ml",
        Place("${NAME}", re.compile(r"(?:.*/)?(?:cmds?|sh|status|preconditions)"), is_script=True),
        Place("{{.NAME}}", re.compile(r"(?:.*/)?(?:env|vars)/[^/]+"), before=_TEMPLATE),
        refusal="Task looks up variables only in `env`, `vars` and commands",
        special=r"\{\{",
    ),
    reader(
        "just",
        "lines",
        r"\.?justfile|[^/]*\.just",
        Place("${NAME}", is_script=True, before=re.compile(r"[ \t]+[\s\S]*")),
        refusal='just looks up variables only in recipes; write `env("NAME")` instead of the string, and start it with '
        "`tokenward run`.",
        special=r"\$|\{\{",
    ),
    reader(
        "mise",
        "toml",
        r"\.?mise(?:\.[\w-]+)*\.toml|mise/config(?:\.[\w-]+)*\.toml",
        Place("{{ get_env(name='NAME', default='') }}", re.compile(r"env/[^/]+"), before=_TEMPLATE),
        Place("${NAME}", re.compile(r"tasks/[^/]+(?:/run)?"), is_script=True),
        refusal="mise looks up variables only in `env` and in tasks",
        special=r"\{[{%#]",
    ),
    reader(
        "GoReleaser",
        "yaml",
        r"\.?goreleaser\.ya?ml",
        Place("{{ .Env.NAME }}", re.compile(r"(?:.*/)?env"), before=_TEMPLATE),
        refusal="GoReleaser takes tokens from variables; delete this one, and set it in `env`",
        special=r"\{\{",
    ),
    reader(
        "Skaffold",
        "yaml",
        r"skaffold\.ya?ml",
        Place("{{.NAME}}", re.compile(r"(?:.*/)?(?:buildArgs|setValueTemplates)/.+"), before=_TEMPLATE),
        content=r"^apiVersion: skaffold/",
        refusal="Skaffold looks up variables only in `buildArgs` and `setValueTemplates`",
        special=r"\{\{",
    ),
    reader("Prefect", "yaml", r"prefect\.ya?ml", Place("{{ $NAME }}", before=_TEMPLATE)),
    reader("Logback", "xml", r"logback[^/]*\.xml", _IN_VALUES, content=r"<configuration\b", special=r"\$\{"),
    reader(
        "Log4j",
        "xml",
        r"log4j2[^/]*\.xml",
        Place("${env:NAME}", before=outside("${", "}")),
        content=r"<Configuration\b",
        special=r"\$",
    ),
    reader(
        "Caddy",
        "lines",
        r"[^/]*Caddyfile(?:\.[^/]*)?|[^/]*\.caddyfile",
        Place("{$NAME}", before=outside("{$", "}")),
        special=r"[\s\"'`{}#\\]",
    ),
    reader(
        "Logstash's pipelines",
        "lines",
        r"logstash[^/]*\.conf|pipelines?/[^/]+\.conf",
        _IN_VALUES,
        content=r"^\s*(?:input|filter|output)\s*\{",
        special=r"\$\{|[\"'\\]",
    ),
    reader(
        "Renovate",
        "json",
        r"renovate\.json|\.renovaterc\.json",
        Place(
            "{{ secrets.NAME }}",
            before=_TEMPLATE,
            in_environment=False,
            after="Add NAME to Renovate's secrets; `tokenward get NAME --clip` copies its value.",
        ),
    ),
    reader(
        "SonarScanner",
        "properties",
        r"sonar-project\.properties",
        # The file wins over the variable.
        set_by(r"sonar[./](?:token|login)", "SONAR_TOKEN", disabled=True),
        refusal="The scanner takes only its token from a variable",
    ),
    reader("Sentry", "properties", r"sentry\.properties", _SENTRY, refusal="Sentry takes only its token"),
    reader("Sentry's command", "ini", r"\.sentryclirc", _SENTRY, refusal="Sentry takes only its token"),
    reader(
        "Dynaconf",
        "toml",
        r"\.secrets\.toml|settings\.toml",
        Place("@format {env[NAME]}", whole=True),
        content=r"^\[(?:default|global|development|production|testing)\]|^dynaconf_merge\b",
        special=r"^@",
    ),
    reader(
        "Rocket",
        "toml",
        r"Rocket\.toml",
        set_by(r"[^/]+/secret_key", "ROCKET_SECRET_KEY"),
        refusal="A variable can set an entry of Rocket's own only; read this one with `std::env::var`",
    ),
    reader(
        "Cypress",
        "json",
        r"cypress\.env\.json",
        set_by(r"[A-Za-z_]\w*", lambda keys: f"CYPRESS_{keys[0]}"),
        refusal="A variable can set a whole string at the top of this file",
    ),
    reader(
        "LibreChat", "yaml", r"librechat\.ya?ml", _IN_VALUES, content=r"^(?:endpoints|mcpServers|version):"
    ),
    reader(
        "LiteLLM",
        "yaml",
        r"[^/]*litellm[^/]*\.ya?ml",
        Place("os.environ/NAME", whole=True),
        content=r"^model_list:",
    ),
    reader(
        "rclone",
        "ini",
        r"rclone\.conf",
        set_by(
            r"\w+/\w+",
            lambda keys: f"RCLONE_CONFIG_{keys[0]}_{keys[1]}".upper(),
            after="Run `tokenward run -- rclone …`.",
        ),
        refusal="No variable can set an entry of a remote with such a name",
    ),
    reader(
        "RubyGems",
        "yaml",
        r"\.gem/credentials|gem/credentials",
        set_by(r":rubygems_api_key", "GEM_HOST_API_KEY", after="Run `tokenward run -- gem push …`."),
        content=r"^:rubygems_api_key:",
        refusal="`gem` takes only the key of its own host from a variable",
    ),
    reader("git", "lines", r"\.gitconfig|\.gitmodules|\.git/config", refusal=_GIT),
    reader("pre-commit", "yaml", r"\.pre-commit-config\.ya?ml", refusal=_GIT),
    _literally(
        "node-config",
        "json",
        r"config/(?:default|development|production|staging|test|local[^/]*)\.json",
        "name the variable in config/custom-environment-variables.json, and delete the token here.",
    ),
    _literally(
        "Streamlit",
        "toml",
        r"\.streamlit/secrets\.toml",
        'read `os.environ["NAME"]` in the app, and start it with `tokenward run -- streamlit run …`.',
    ),
    _literally(
        "wrangler dev",
        "lines",
        r"\.dev\.vars(?:\.\w+)?",
        "call it .dev.vars.template, write references into it, and run `tokenward run --file "
        ".dev.vars.template=.dev.vars -- wrangler dev`.",
    ),
    _literally(
        "systemd",
        "lines",
        r"[^/]+\.service",
        "delete it, and let ExecStart of a user's service begin with `tokenward run --`.",
        r"^\[Service\]",
    ),
    *(
        _literally(name, language, files, f"delete it, and set it by {how}; `tokenward get NAME` prints its value.")
        for name, language, files, how in (
            ("Netlify", "toml", r"netlify\.toml", "`netlify env:set NAME`"),
            ("Vercel", "json", r"vercel\.json|now\.json", "`vercel env add NAME`"),
            ("Fly.io", "toml", r"fly(?:\.[\w-]+)?\.toml", "`fly secrets set`"),
            ("Render", "yaml", r"render\.ya?ml", "`sync: false` and the dashboard"),
            ("Wrangler", "toml", r"wrangler\.toml", "`wrangler secret put NAME`"),
            ("Expo", "json", r"eas\.json", "`eas env:create`"),
            ("AppVeyor", "yaml", r"\.?appveyor\.ya?ml", "a `secure:` value"),
            ("AWS CodeBuild", "yaml", r"buildspec[^/]*\.ya?ml", "`env/secrets-manager`"),
            ("Google Cloud Build", "yaml", r"cloudbuild[^/]*\.ya?ml", "`availableSecrets`"),
        )
    ),
)  # fmt: skip
