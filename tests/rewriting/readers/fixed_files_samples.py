from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample(
        "Jsonnet",
        "lib/main.libsonnet",
        "// T0K\nlocal k = 'T0K';\n{ a: [k, \"T0K\"] }\n",
        "// keyring://acme/API_KEY\nlocal k = std.extVar('API_KEY');\n{ a: [k, std.extVar('API_KEY')] }\n",
    ),
    Sample(
        "Elixir's build",
        "config/prod.exs",
        'import Config\nconfig :a, key: "b T0K"\n',
        'import Config\nconfig :a, key: "b #{System.fetch_env!("API_KEY")}"\n',
    ),
    Sample(
        "shells that source it",
        "etc/backup.conf",
        "# settings\nexport A=b\nAPI_KEY=T0K\n",
        '# settings\nexport A=b\nAPI_KEY="${API_KEY}"\n',
    ),
    Sample(
        "psql",
        "db/setup.sql",
        "-- it's T0K\r\nCREATE ROLE a LOGIN PASSWORD 'T0K'; /* ' */ SELECT 'x'\r\n",
        "\\getenv API_KEY API_KEY\r\n-- it's keyring://acme/API_KEY\r\n"
        "CREATE ROLE a LOGIN PASSWORD :'API_KEY'; /* ' */ SELECT 'x'\r\n",
    ),
    Sample(
        "psql",
        "seed.psql",
        "\\set ON_ERROR_STOP 1\n\\connect shop\nINSERT INTO a VALUES ('it''s', 'a T0K b');\n",
        "\\getenv API_KEY API_KEY\n\\set ON_ERROR_STOP 1\n\\connect shop\n"
        "INSERT INTO a VALUES ('it''s', :'API_KEY');\n",
    ),
    Sample(
        "Documentation",
        "docs/api.md",
        "Call `curl -H 'A: T0K'`:\n\n    export A=T0K\n\n# T0K\n",
        "Call `curl -H 'A: ${API_KEY}'`:\n\n    export A=${API_KEY}\n\n# ${API_KEY}\n",
    ),
    Sample(
        "nginx's templates",
        "nginx/api.conf.template",
        "location / {\n  proxy_set_header X-Key T0K;\n  # T0K\n}\n",
        "location / {\n  proxy_set_header X-Key ${API_KEY};\n  # keyring://acme/API_KEY\n}\n",
    ),
    Sample(
        "Apps in JavaScript",
        "app.json",
        '{"expo": {"plugins": [["@sentry/react-native/expo", {"authToken": "T0K"}]]}}\n',
        '{"expo": {"plugins": [["@sentry/react-native/expo", {"//authToken": "set by SENTRY_AUTH_TOKEN"}]]}}\n',
        "SENTRY_AUTH_TOKEN",
    ),
)
REFUSED = (
    Refused("Apps in JavaScript", "app.json", '{"expo": {"extra": {"a": "T0K"}}}', "on a server"),
    Refused("cron", "crontab", "API_KEY=T0K\n0 3 * * * backup\n", "tokenward run"),
    Refused("cron", "cron.d/backup", "0 3 * * * root backup --key T0K\n", "tokenward run"),
    Refused("WP-CLI", "wp-cli.yml", "config create:\n  dbpass: T0K\n", "pass it to the command"),
    Refused("setuptools", "setup.cfg", "[upload]\npassword = T0K\n", "as it is"),
    Refused("SQL", "db/setup.sql", "ALTER USER a PASSWORD 'T0K';\n", "getenv name"),
    Refused("SQL", "db/2024_role.sql", "CREATE ROLE a PASSWORD 'T0K';\n", "getenv name"),
    Refused("SQL", "my.sql", "CREATE ROLE `a` PASSWORD 'T0K';\n", "getenv name"),
    Refused("psql", "a.sql", "\\set a 'T0K'\n", "no string"),
    Refused("psql", "a.sql", "\\c a\nDO $x$ BEGIN f('T0K'); END $x$;\n", "no string"),
    Refused("psql", "a.sql", "\\c a\nSELECT E'T0K';\n", "no string"),
    Refused("psql", "a.sql", "\\c a\nSELECT T0K;\n", "no string"),
    Refused(
        "Apple's property lists",
        "ios/Info.plist",
        "<plist><dict><key>Key</key><string>T0K</string></dict></plist>\n",
        "keep the token on a server",
    ),
    Refused("Xcode", "ios/Config.xcconfig", "API_KEY = T0K\n", "as it is"),
    Refused(
        "Android's resources",
        "app/src/main/res/values/keys.xml",
        '<resources><string name="key">T0K</string></resources>\n',
        "keep the token on a server",
    ),
    Refused("nginx", "etc/nginx.conf", "http {\n  proxy_set_header X-Key T0K;\n}\n", "FILE.template"),
    Refused("nginx", "sites-available/api", "server {\n  set $key T0K;\n}\n", "FILE.template"),
    Refused(
        "Terraform's modules",
        "modules/db/main.tf",
        'provider "a" {\n  token = "T0K"\n}\n',
        "the one that calls it",
    ),
)
