"""Readers of the configuration of clouds, whose own store takes a token."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.model import Span
from tokenward.rewriting.env_file import ENV_FILES
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.readers.reader import Place, filled, literally, reader, set_by
from tokenward.text import line_span, newline_of


def _not_synchronised(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:  # noqa: ARG001
    """Return the line that says that the blueprint has no value."""
    line = line_span(parsed.text, span)
    indent = re.compile("[ \t]*").match(parsed.text, line.start)
    blanks = indent[0] if indent else ""
    return [Replacement(Span(line.end, line.end), f"{newline_of(parsed.text)}{blanks}sync: false")]


_WRANGLER = "tokenward get NAME | wrangler secret put NAME"
_WRANGLER_KEYS = r"(?:env/[^/]+/)?vars/\w+"
EXPO = (
    'eas env:create --name NAME --value "$(tokenward get NAME)" --visibility secret --environment production'
)

_CODE = (("javascript", r"\.[cm]?jsx?"), ("typescript", r"\.[cm]?ts"), ("tsx", r"\.tsx"), ("python", r"\.py"))

# fmt: off
# Their tools deploy these files as they are, and run them in containers of their own.
FUNCTIONS = tuple(
    reader(f"{name}'s {what}", language, folder + files, content=content, built=built, refusal=refusal)
    for name, folder, content, built, of_files, of_code in (
        (
            "Firebase", "functions/", r"[\"']firebase-functions\b|^(?:from|import) firebase_functions\b",
            lambda builds: "firebase.json" in builds,
            ("Firebase deploys this file as text; store the token with `tokenward put NAME`, set it with `tokenward "
            "get NAME | firebase functions:secrets:set NAME --data-file -`, and delete it here."),
            ("Firebase runs this code without your environment; store the token with `tokenward put NAME`, set it with "
            "`tokenward get NAME | firebase functions:secrets:set NAME --data-file -`, name it in the function's "
            "`secrets`, and read it there from the environment."),
        ),
        (
            "Supabase", "supabase/functions/", "", None,
            ("Supabase passes this file to its functions as text; keep it out of version control, and set the token of "
            'deployed functions with `supabase secrets set NAME="$(tokenward get NAME)"`, after `tokenward put NAME`.'),
            ("A Supabase function gets its project's secrets; write Deno.env.get('NAME') here, and set it with "
            '`supabase secrets set NAME="$(tokenward get NAME)"`, after `tokenward put NAME`.'),
        ),
    )
    for what, language, files, refusal in (
        ("variables", "dotenv", f"(?:{ENV_FILES})", of_files),
        *(("functions", language, rf"(?:.+/)?[^/]*{ending}", of_code) for language, ending in _CODE),
    )
)
CLOUDS = (
    # The file wins over the variables that the vendor stores.
    *(
        reader(
            name, language, files,
            replace(
                set_by(keys, lambda trail: trail[-1], disabled=True, after="Set the variable with COMMANDS."),
                start=start,
            ),
            refusal=f"{name} looks up no variables there",
        )
        for name, language, files, keys, start in (
            (
                "Netlify", "toml", r"netlify\.toml", r"(?:build|context/[^/]+)/environment/\w+",
                'netlify env:set NAME "$(tokenward get NAME)"',
            ),
            ("Wrangler", "toml", r"wrangler\.toml", _WRANGLER_KEYS, _WRANGLER),
            ("Wrangler's JSON", "jsonc", r"wrangler\.jsonc?", _WRANGLER_KEYS, _WRANGLER),
            ("Fly.io", "toml", r"fly(?:\.[\w-]+)?\.toml", r"env/\w+", 'fly secrets set NAME="$(tokenward get NAME)"'),
            ("Expo", "json", r"eas\.json", r"build/[^/]+/(?:(?:android|ios)/)?env/\w+", EXPO),
        )
    ),
    # A blueprint asks for the value of such an entry once.
    reader(
        "Render", "yaml", r"render\.ya?ml",
        Place(
            "set by NAME", re.compile("(?:.*/)?envVars/value"), whole=True, disabled=True, in_environment=False,
            further=_not_synchronised,
            after="Enter NAME when Render asks for it; `tokenward get NAME --clip` copies its value.",
        ),
        refusal="Render looks up no variables there",
    ),
    reader(
        "Azure's templates", "json", r"[^/]*parameters[^/]*\.json",
        filled("az deployment group create --parameters FILE"), content=r"deploymentParameters\.json",
    ),
    reader(
        "SAM's variables", "json", r"\.?(?:[\w-]+[._-])?(?:env|envs|environment)(?:[._-][\w-]+)*\.json",
        replace(filled("sam local start-api --env-vars FILE"), keys=re.compile(r"[A-Za-z0-9]+/[A-Za-z_]\w*")),
        # Its keys are the logical names of functions.
        content=r"\A\s*\{\s*\"[A-Z][A-Za-z0-9]*\"\s*:\s*\{\s*\"[A-Za-z_]\w*\"\s*:\s*[\"\d]",
        refusal="sam passes on only the entries of functions",
    ),
    literally(
        "Pulumi", "yaml", r"Pulumi\.[^/]+\.ya?ml",
        "enter it with `tokenward get NAME | pulumi config set --secret KEY`, which encrypts it here.",
    ),
    literally(
        "SAM", "yaml", r"[^/]*\.(?:ya?ml|template)",
        "declare a parameter with NoEcho, write !Ref PARAMETER here, and run `tokenward run -- sh -c 'sam deploy "
        '--parameter-overrides "PARAMETER=$NAME"\'`, or write {{resolve:secretsmanager:…}}.',
        r"\bAWS::Serverless\b",
    ),
    literally(
        "CloudFormation with other files", "yaml", r"[^/]*\.(?:ya?ml|template)",
        "write {{resolve:secretsmanager:…}}, or a parameter with NoEcho.",
        "^AWSTemplateFormatVersion:",
    ),
    *(
        literally(
            name, language, files, f"delete it, and set it by {how}; `tokenward get NAME` prints its value.", *content
        )
        for name, language, files, how, *content in (
            ("App Engine", "yaml", r"app[^/]*\.ya?ml", "Secret Manager", "^runtime:"),
            ("Cloud Foundry with other files", "yaml", r"manifest[^/]*\.ya?ml", "`cf set-env`", "^applications:"),
            ("Heroku", "json", r"app\.json", "`heroku config:set NAME=…`", r"\A(?![\s\S]*\"expo\")[\s\S]*\"env\"\s*:"),
            ("Chalice", "json", r"\.chalice/config\.json", "AWS Secrets Manager"),
            (
                "Cirrus CI", "yaml", r"\.cirrus\.ya?ml",
                "the encrypted text that the repository's settings at Cirrus CI make of it",
            ),
            ("Vercel", "json", r"vercel\.json|now\.json", "`vercel env add NAME`"),
            ("Railway", "toml", r"railway\.toml", "`railway variables --set NAME=…`"),
            ("Railway's JSON", "json", r"railway\.json", "`railway variables --set NAME=…`"),
            (
                "Google Cloud Build", "yaml", r"cloudbuild[^/]*\.ya?ml",
                "`availableSecrets`, after `tokenward get NAME | gcloud secrets create NAME --data-file=-`",
            ),
            (
                "Firebase", "json", r"\.runtimeconfig\.json",
                "`tokenward get NAME | firebase functions:secrets:set NAME --data-file -`, and read process.env.NAME",
            ),
        )
    ),
)
# fmt: on
