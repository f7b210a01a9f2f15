"""Keys of cloud providers."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

import json
from collections.abc import Iterator

from corpora.draw import Draw
from corpora.kinds import BEARERS, Kind, prefixed, samples_of
from corpora.sample import Sample, labelled, mark

_SECRET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/+"
_PAIRS = (
    (".aws/credentials", "[default]\naws_access_key_id = {i}\naws_secret_access_key = {s}\n{t}"),
    (".env", "AWS_ACCESS_KEY_ID={i}\nAWS_SECRET_ACCESS_KEY={s}\nAWS_REGION=eu-central-1\n{t}"),
    ("upload.py", 's3 = boto3.client("s3", aws_access_key_id="{i}", aws_secret_access_key="{s}")\n{t}'),
    ("main.tf", 'provider "aws" {{\n  access_key = "{i}"\n  secret_key = "{s}"\n}}\n{t}'),
    ("config.json", '{{"accessKeyId": "{i}", "secretAccessKey": "{s}"}}\n{t}'),
    ("deploy.sh", 'export AWS_ACCESS_KEY_ID="{i}"\nexport AWS_SECRET_ACCESS_KEY="{s}"\n{t}'),
)
_SESSIONS = (
    (
        ".aws/credentials",
        "[dev]\naws_access_key_id = {i}\naws_secret_access_key = {s}\naws_session_token = {t}\n",
    ),
    (".env", "AWS_ACCESS_KEY_ID={i}\nAWS_SECRET_ACCESS_KEY={s}\nAWS_SESSION_TOKEN={t}\n"),
    (
        "env.sh",
        'export AWS_ACCESS_KEY_ID="{i}"\nexport AWS_SECRET_ACCESS_KEY="{s}"\nexport AWS_SESSION_TOKEN="{t}"\n',
    ),
    (
        "sts.json",
        '{{"Credentials": {{"AccessKeyId": "{i}", "SecretAccessKey": "{s}", "SessionToken": "{t}"}}}}\n',
    ),
)


def aws_id(draw: Draw, prefix: str = "AKIA") -> str:
    return prefix + draw.base32(16)


def aws_secret(draw: Draw) -> str:
    return draw.alphanumeric(1) + draw.of(_SECRET, 38) + draw.alphanumeric(1)


def aws_triple(corpus: str, draw: Draw, number: int) -> Sample:
    """Return a sample with a temporary key, its secret and its session token."""
    path, template = _SESSIONS[number % len(_SESSIONS)]
    session = "IQoJb3JpZ2luX2Vj" + draw.base64(draw.number(240, 500))
    text = template.format(i=mark(aws_id(draw, "ASIA")), s=mark(aws_secret(draw)), t=mark(session))
    return labelled(corpus, f"AWS temporary | {path}", path, text)


def _aws_pair(draw: Draw, number: int) -> Sample:
    path, template = _PAIRS[number % len(_PAIRS)]
    return labelled(
        "cloud", f"AWS | {path}", path, template.format(i=mark(aws_id(draw)), s=mark(aws_secret(draw)), t="")
    )


def _service_account(draw: Draw) -> Sample:
    lines = draw.pem("", 1218)
    account = {
        "type": "service_account",
        "project_id": f"acme-{draw.digits(6)}",
        "private_key_id": draw.hex(40),
        "private_key": "KEY",
        "client_email": f"deploy@acme-{draw.digits(6)}.iam.gserviceaccount.com",
        "client_id": draw.digits(21),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    key = "\\n".join(lines)
    text = json.dumps(account, indent=2).replace("KEY", mark(key) + "\\n")
    return labelled("cloud", "Google service account | json", "service-account.json", text)


def _refresh(draw: Draw) -> Sample:
    text = json.dumps({
        "client_id": f"{draw.digits(12)}-{draw.lower(32)}.apps.googleusercontent.com",
        "client_secret": mark("GOCSPX-" + draw.url_safe(28)),
        "refresh_token": mark("1//0" + draw.url_safe(90)),
        "type": "authorized_user",
    }, indent=2, ensure_ascii=False)  # fmt: skip
    return labelled("cloud", "Google refresh token | json", "application_default_credentials.json", text)


def _sas(draw: Draw) -> str:
    signature = draw.base64(32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return mark(signature)


def _storage(draw: Draw) -> str:
    key = mark(draw.base64(64))
    return f"DefaultEndpointsProtocol=https;AccountName={draw.word()}store;AccountKey={key};EndpointSuffix=core.windows.net"


def _bus(draw: Draw) -> str:
    start = draw.one(["Endpoint=sb://acme.servicebus.windows.net/", "HostName=acme.azure-devices.net"])
    return f"{start};SharedAccessKeyName=Root;SharedAccessKey={mark(draw.base64(32))}"


_STORAGE = (
    (".env", "AZURE_STORAGE_CONNECTION_STRING={v}\n"),
    ("local.settings.json", '{{"Values": {{"AzureWebJobsStorage": "{v}"}}}}\n'),
)
_BUS = (
    ("appsettings.json", '{{"Bus": "{v}"}}\n'),
    (".env", "BUS={v}\n"),
)
_SAS = (
    (
        "download.sh",
        "azcopy copy 'https://acmestore.blob.core.windows.net/data?sv=2024-11-04&ss=b&srt=co&sp=rl&se=2027-01-01T00:00:00Z&spr=https&sig={v}' .\n",
    ),
    (
        ".env",
        "BLOB_URL=https://acmestore.blob.core.windows.net/data?sp=r&st=2026-01-01T00:00:00Z&se=2027-01-01T00:00:00Z&sv=2024-11-04&sr=c&sig={v}\n",
    ),
)
_ENTRA = (
    (".env", "AZURE_TENANT_ID={uuid}\nAZURE_CLIENT_ID={uuid}\nAZURE_CLIENT_SECRET={v}\n"),
    (
        "main.tf",
        'provider "azurerm" {{\n  tenant_id = "{uuid}"\n  client_id = "{uuid}"\n  client_secret = "{v}"\n}}\n',
    ),
)


def cloud(seed: int) -> Iterator[Sample]:
    key = ("api", "key")
    kinds = (
        Kind("AWS id alone", aws_id, [("aws", "access", "key", "id"), ("access", "key")], times=2),
        Kind("AWS secret alone", aws_secret, [("aws", "secret", "access", "key"), ("aws", "secret", "key")]),
        Kind("AWS Bedrock key", lambda draw: "ABSK" + draw.base64(99), [("aws", "bearer", "token", "bedrock")]),
        Kind("Google API key", lambda draw: "AIza" + draw.url_safe(35), [("google", "api", "key"), ("maps", "key"), key],
             (("index.html", '<script src="https://maps.example.com/js?key={v}"></script>\n'),), times=2),
        Kind("Google OAuth client", prefixed("GOCSPX-", 28, "url_safe"), [("google", "client", "secret")], times=2),
        Kind("Azure storage", _storage, [], _STORAGE, (), times=2),
        Kind("Azure storage key", lambda draw: draw.base64(64), [("azure", "storage", "key"), ("storage", "account", "key")]),
        Kind("Azure shared access key", _bus, [], _BUS, ()),
        Kind("Azure SAS", _sas, [], _SAS, ()),
        Kind("Azure client secret", lambda draw: f"{draw.alphanumeric(3)}8Q~{draw.url_safe(34)}",
             [("azure", "client", "secret")], _ENTRA),
        Kind("DigitalOcean", lambda draw: f"{draw.one(['dop', 'doo'])}_v1_{draw.hex(64)}", [("digitalocean", "token")], BEARERS),
        Kind("Heroku", lambda draw: f"HRKU-AA{draw.url_safe(58)}", [("heroku", "api", "key")]),
        Kind("Heroku UUID", lambda draw: draw.uuid(), [("heroku", "api", "key")]),
        Kind("Cloudflare", lambda draw: draw.url_safe(40), [("cloudflare", "api", "token"), ("cf", "api", "token")]),
        Kind("Railway", lambda draw: draw.uuid(), [("railway", "token"), ("railway", "api", "token")]),
        Kind("Vercel", lambda draw: draw.alphanumeric(24), [("vercel", "token")]),
        Kind("Render", prefixed("rnd_", 28), [("render", "api", "key")], BEARERS),
        Kind("Databricks", prefixed("dapi", 32, "hex"), [("databricks", "token")], BEARERS),
        Kind("Vault", lambda draw: f"hvs.{draw.url_safe(95)}", [("vault", "token")]),
        Kind("Terraform Cloud", lambda draw: f"{draw.alphanumeric(14)}.atlasv1.{draw.url_safe(67)}", [("tfe", "token")], (
            (".terraformrc", 'credentials "app.terraform.io" {{\n  token = "{v}"\n}}\n'),)),
        Kind("Pulumi", prefixed("pul-", 40, "hex"), [("pulumi", "access", "token")]),
        Kind("Doppler", prefixed("dp.pt.", 43), [("doppler", "token")]),
        Kind("Tailscale", lambda draw: f"tskey-auth-{draw.alphanumeric(16)}CNTRL-{draw.alphanumeric(32)}", [("ts", "authkey")], (
            ("up.sh", "tailscale up --authkey={v} --ssh\n"),)),
        Kind("ngrok", lambda draw: f"2{draw.alphanumeric(26)}_{draw.alphanumeric(21)}", [("ngrok", "authtoken")], (
            ("ngrok.yml", 'version: "2"\nauthtoken: {v}\n'), ("up.sh", "ngrok config add-authtoken {v}\n"))),
        Kind("Supabase", prefixed("sb_secret_", 31, "url_safe"), [("supabase", "secret", "key")], times=2),
        Kind("Supabase access", prefixed("sbp_", 40, "hex"), [("supabase", "access", "token")]),
        Kind("PlanetScale", prefixed("pscale_tkn_", 43, "url_safe"), [("planetscale", "token")]),
        Kind("Neon", lambda draw: f"napi_{draw.lower(64)}", [("neon", "api", "key")]),
    )  # fmt: skip
    yield from samples_of("cloud", kinds, seed, 4)
    for number in range(12):
        yield _aws_pair(Draw("aws", seed, number), number)
    for number in range(6):
        yield aws_triple("cloud", Draw("aws session", seed, number), number)
        yield _service_account(Draw("service account", seed, number))
        yield _refresh(Draw("refresh", seed, number))
