"""Tokens of code hosts, of package registries, and of services."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

from collections.abc import Iterator

from corpora.draw import Draw
from corpora.kinds import BEARERS, Kind, Special, prefixed, samples_of
from corpora.sample import Sample, mark

REMOTES: tuple[Special, ...] = (
    (".gitmodules", '[submodule "lib"]\n\tpath = lib\n\turl = https://ada:{v}@{host}/acme/lib.git\n'),
    ("clone.sh", "git clone https://oauth2:{v}@{host}/acme/api.git\n"),
    ("Dockerfile", "FROM alpine\nRUN git clone https://x-access-token:{v}@{host}/acme/api.git\n"),
    ("requirements.txt", "flask==3.0\ngit+https://{v}@{host}/acme/lib.git@v2#egg=lib\n"),
    ("package.json", '{{"dependencies": {{"lib": "git+https://ada:{v}@{host}/acme/lib.git"}}}}\n'),
    (".gitconfig", '[url "https://ada:{v}@{host}/"]\n\tinsteadOf = https://{host}/\n'),
    (
        "build.log",
        "Cloning into 'api'...\nfatal: unable to access 'https://ada:{v}@{host}/acme/api.git/': timeout\n",
    ),
)


def vcs(seed: int) -> Iterator[Sample]:
    token = ("access", "token")
    kinds = (
        Kind("GitHub classic", lambda draw: draw.checked("ghp_"), [("github", "token"), token], (*BEARERS, *REMOTES), times=3),
        Kind("GitHub fine-grained", lambda draw: f"github_pat_{draw.alphanumeric(22)}_{draw.alphanumeric(59)}",
             [("github", "pat"), ("gh", "token")], (*BEARERS, *REMOTES), times=3),
        Kind("GitLab", prefixed("glpat-", 20, "url_safe"), [("gitlab", "token"), token],
             (*REMOTES, ("ci.sh", "curl --header 'PRIVATE-TOKEN: {v}' https://{host}/api/v4/projects\n")), times=3),
        Kind("GitLab deploy", prefixed("gldt-", 20, "url_safe"), [("deploy", "token")], REMOTES),
        Kind("GitLab trigger", prefixed("glptt-", 40, "hex"), [("trigger", "token")], (
            ("ci.sh", "curl -X POST -F token={v} -F ref=main https://{host}/api/v4/projects/7/trigger/pipeline\n"),)),
        Kind("Bitbucket app password", prefixed("ATBB", 32), [("bitbucket", "app", "password")], REMOTES),
        Kind("Atlassian API token", lambda draw: f"ATATT3xFfGF0{draw.url_safe(171)}={draw.hex(8).upper()}", [("atlassian", "api", "token")]),
        Kind("Gitea", lambda draw: draw.hex(40), [("gitea", "token"), ("forgejo", "token")], REMOTES, times=2),
        Kind("Sourcegraph", prefixed("sgp_", 40, "hex"), [("sourcegraph", "token")]),
        Kind("CircleCI", lambda draw: f"CCIPAT_{draw.alphanumeric(22)}_{draw.hex(40)}", [("circleci", "token")]),
        Kind("Buildkite", lambda draw: f"bkua_{draw.hex(40)}", [("buildkite", "token")]),
        Kind("GitHub OAuth secret", lambda draw: draw.hex(40), [("github", "client", "secret")]),
    )  # fmt: skip
    yield from samples_of("vcs", kinds, seed, 6)


NPMRC: tuple[Special, ...] = (
    (".npmrc", "registry=https://npm.example.com/\n//npm.example.com/:_authToken={v}\nalways-auth=true\n"),
    (".npmrc", '//npm.example.com/:_authToken="{v}"\n'),
    ("ci.sh", "npm config set //npm.example.com/:_authToken {v}\n"),
    (".yarnrc.yml", 'npmScopes:\n  acme:\n    npmAuthToken: "{v}"\n'),
    ("bunfig.toml", '[install.scopes]\nacme = {{ token = "{v}", url = "https://npm.example.com/" }}\n'),
)
PYPIRC: tuple[Special, ...] = (
    (
        ".pypirc",
        "[distutils]\nindex-servers = main\n\n[main]\nrepository = https://upload.example.com/\nusername = __token__\npassword = {v}\n",
    ),
    ("publish.sh", "twine upload -u __token__ -p {v} dist/*\n"),
    (".env", "TWINE_USERNAME=__token__\nTWINE_PASSWORD={v}\n"),
    ("pip.conf", "[global]\nindex-url = https://__token__:{v}@pypi.example.com/simple\n"),
)


def packages(seed: int) -> Iterator[Sample]:
    kinds = (
        Kind("npm", lambda draw: draw.checked("npm_"), [("npm", "token"), ("npm", "config", "auth", "token")], (*NPMRC, *BEARERS), times=3),
        Kind("npm legacy UUID", lambda draw: draw.uuid(), [], NPMRC, ()),
        Kind("registry token", lambda draw: draw.url_safe(40), [], NPMRC, ()),
        Kind("npm _auth", _basic, [], (
            (".npmrc", "_auth={v}\nemail=ada@example.com\n"),
            (".npmrc", "//npm.example.com/:_auth={v}\n"), (".npmrc", '//npm.example.com/:_auth="{v}"\nalways-auth=true\n')), ()),
        Kind("npm _password", lambda draw: draw.base64(18), [], (
            (".npmrc", "//npm.example.com/:username=ada\n//npm.example.com/:_password={v}\n"),), ()),
        Kind("PyPI", lambda draw: "pypi-AgEIcHlwaS5vcmc" + "CJ" + draw.url_safe(160), [("pypi", "token"), ("twine", "password")], PYPIRC, times=3),
        Kind("private index", lambda draw: draw.alphanumeric(24), [], PYPIRC, ()),
        Kind("crates", prefixed("cio", 32), [("cargo", "registry", "token")], (
            (".cargo/credentials.toml", '[registry]\ntoken = "{v}"\n'), ("publish.sh", "cargo publish --token {v}\n"),
            (".cargo/credentials", '[registries.acme]\ntoken = "{v}"\n')), times=2),
        Kind("RubyGems", prefixed("rubygems_", 48, "hex"), [("gem", "host", "api", "key")], (
            (".gem/credentials", "---\n:rubygems_api_key: {v}\n"),), times=2),
        Kind("NuGet", lambda draw: "oy2" + draw.lower(43), [("nuget", "api", "key")], (
            ("push.sh", "dotnet nuget push acme.nupkg --api-key {v} --source https://nuget.example.com\n"),
            ("NuGet.Config", '<packageSourceCredentials><acme><add key="Username" value="ada" /><add key="ClearTextPassword" value="{v}" /></acme></packageSourceCredentials>\n')), times=2),
        Kind("Docker Hub", lambda draw: f"dckr_pat_{draw.url_safe(27)}", [("docker", "token"), ("dockerhub", "password")], (
            ("login.sh", "docker login -u ada -p {v}\n"), ("login.sh", "echo {v} | docker login -u ada --password-stdin\n")), times=2),
        Kind("Artifactory", lambda draw: f"AKCp{draw.alphanumeric(69)}", [("artifactory", "api", "key")]),
        Kind("Packagist auth.json", lambda draw: draw.checked("ghp_"), [], (
            ("auth.json", '{{"github-oauth": {{"github.com": "{v}"}}}}\n'),), ()),
        Kind("Composer basic", lambda draw: draw.alphanumeric(20), [], (
            ("auth.json", '{{"http-basic": {{"repo.example.com": {{"username": "ada", "password": "{v}"}}}}}}\n'),), ()),
        Kind("Maven", lambda draw: draw.password(16), [], (
            (".m2/settings.xml", "<settings><servers><server><id>acme</id><username>ada</username><password>{v}</password></server></servers></settings>\n"),), ()),
        Kind("Gradle", lambda draw: draw.alphanumeric(20), [], (
            ("gradle.properties", "org.gradle.jvmargs=-Xmx2g\nnexusUsername=ada\nnexusPassword={v}\n"),), ()),
        Kind("Bundler", lambda draw: f"ada:{mark(draw.alphanumeric(20))}", [], (
            (".bundle/config", '---\nBUNDLE_GEMS__EXAMPLE__COM: "{v}"\n'),), ()),
        Kind("Poetry", lambda draw: draw.alphanumeric(20), [], (
            ("auth.toml", '[http-basic.acme]\nusername = "ada"\npassword = "{v}"\n'),
            ("ci.sh", "poetry config http-basic.acme ada {v}\n")), ()),
    )  # fmt: skip
    yield from samples_of("packages", kinds, seed, 4)


def _basic(draw: Draw) -> str:
    import base64  # noqa: PLC0415 - a name that would hide a method of Draw

    return base64.b64encode(f"{draw.word()}:{draw.alphanumeric(18)}".encode()).decode()


def _slack_hook(draw: Draw) -> str:
    return f"https://hooks.slack.com/services/{mark(f'T{draw.upper(10)}/B{draw.upper(10)}/{mark(draw.alphanumeric(24))}')}"


def _discord_hook(draw: Draw) -> str:
    return f"https://discord.com/api/webhooks/{mark(f'{draw.digits(19)}/{mark(draw.url_safe(68))}')}"


def _discord_bot(draw: Draw) -> str:
    return f"M{draw.alphanumeric(23)}.{draw.url_safe(6)}.{draw.url_safe(38)}"


def _teams_hook(draw: Draw) -> str:
    return (f"https://acme.webhook.office.com/webhookb2/{draw.uuid()}@{draw.uuid()}/IncomingWebhook/{mark(draw.hex(32))}/{draw.uuid()}")  # fmt: skip


def services(seed: int) -> Iterator[Sample]:
    key, secret = ("api", "key"), ("webhook", "secret")
    kinds = (
        Kind("Slack bot", lambda draw: f"xoxb-{draw.digits(12)}-{draw.digits(13)}-{draw.alphanumeric(24)}", [("slack", "bot", "token")], BEARERS, times=2),
        Kind("Slack user", lambda draw: f"xoxp-{draw.digits(12)}-{draw.digits(12)}-{draw.digits(13)}-{draw.hex(32)}", [("slack", "token")]),
        Kind("Slack app", lambda draw: f"xapp-1-A{draw.upper(10)}-{draw.digits(13)}-{draw.hex(64)}", [("slack", "app", "token")]),
        Kind("Slack signing secret", lambda draw: draw.hex(32), [("slack", "signing", "secret")]),
        Kind("Slack webhook", _slack_hook, [("slack", "webhook", "url"), ("webhook",)], times=2),
        Kind("Discord webhook", _discord_hook, [("discord", "webhook", "url"), ("hook", "url")]),
        Kind("Discord bot", _discord_bot, [("discord", "token"), ("bot", "token")], times=2),
        Kind("Teams webhook", _teams_hook, [("teams", "webhook")]),
        Kind("Telegram bot", lambda draw: f"{draw.digits(10)}:AA{draw.url_safe(33)}", [("telegram", "bot", "token")], (
            ("bot.sh", "curl https://api.telegram.org/bot{v}/getMe\n"),)),
        Kind("Stripe live", lambda draw: draw.one(["sk_live_" + draw.alphanumeric(24), "sk_live_51" + draw.alphanumeric(97)]), [("stripe", "secret", "key"), key], (
            ("pay.sh", "curl https://api.stripe.com/v1/charges -u {v}:\n"),), times=2),
        Kind("Stripe test", lambda draw: "sk_test_51" + draw.alphanumeric(97), [("stripe", "secret", "key")]),
        Kind("Stripe restricted", lambda draw: "rk_live_51" + draw.alphanumeric(97), [("stripe", "key")]),
        Kind("Stripe webhook", prefixed("whsec_", 32), [("stripe", "webhook", "secret"), secret], times=2),
        Kind("SendGrid", lambda draw: f"SG.{draw.url_safe(22)}.{draw.url_safe(43)}", [("sendgrid", "api", "key"), ("smtp", "password")], times=2),
        Kind("Twilio auth token", lambda draw: draw.hex(32), [("twilio", "auth", "token")]),
        Kind("Twilio key", lambda draw: f"SK{draw.hex(32)}", [("twilio", "api", "key")]),
        Kind("Mailgun", lambda draw: f"key-{draw.hex(32)}", [("mailgun", "api", "key")]),
        Kind("Mailgun command", lambda draw: f"api:{mark(f'key-{draw.hex(32)}')}", [], (
            ("mail.sh", "curl -s --user '{v}' https://api.mailgun.net/v3/acme/messages\n"),), ()),
        Kind("Mailchimp", lambda draw: f"{draw.hex(32)}-us{draw.number(1, 21)}", [("mailchimp", "api", "key")]),
        Kind("Postman", lambda draw: f"PMAK-{draw.hex(24)}-{draw.hex(34)}", [("postman", "api", "key")]),
        Kind("Datadog", lambda draw: draw.hex(32), [("dd", "api", "key"), ("datadog", "api", "key")]),
        Kind("New Relic", lambda draw: f"NRAK-{draw.upper(27)}", [("new", "relic", "api", "key")]),
        Kind("Sentry", lambda draw: f"sntryu_{draw.hex(64)}", [("sentry", "auth", "token")]),
        Kind("Grafana", lambda draw: f"glsa_{draw.alphanumeric(32)}_{draw.hex(8)}", [("grafana", "token")], BEARERS),
        Kind("Linear", prefixed("lin_api_", 40), [("linear", "api", "key")]),
        Kind("Notion", lambda draw: f"ntn_{draw.digits(11)}{draw.alphanumeric(35)}", [("notion", "token")]),
        Kind("Figma", lambda draw: f"figd_{draw.url_safe(40)}", [("figma", "token")]),
        Kind("Shopify", prefixed("shpat_", 32, "hex"), [("shopify", "access", "token")]),
        Kind("Square", lambda draw: f"EAAA{draw.url_safe(60)}", [("square", "access", "token")]),
        Kind("HubSpot", lambda draw: f"pat-na1-{draw.uuid()}", [("hubspot", "token")]),
        Kind("PagerDuty", lambda draw: f"u+{draw.url_safe(18)}", [("pagerduty", "api", "key")]),
        Kind("Okta", lambda draw: f"00{draw.url_safe(40)}", [("okta", "api", "token")]),
        Kind("Auth0 secret", lambda draw: draw.url_safe(64), [("auth0", "client", "secret")]),
        Kind("Algolia", lambda draw: draw.hex(32), [("algolia", "admin", "key"), ("algolia", "api", "key")]),
        Kind("Resend", lambda draw: f"re_{draw.alphanumeric(8)}_{draw.alphanumeric(24)}", [("resend", "api", "key")]),
        Kind("JWT", lambda draw: draw.jwt(), [("auth", "token"), ("jwt",), ("session",)], BEARERS, times=2),
        Kind("Age key", lambda draw: "AGE-SECRET-KEY-1" + draw.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58), [("age", "key")]),
    )  # fmt: skip
    yield from samples_of("services", kinds, seed, 4)
