from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

# What replaces the token is `set by` and the variable.
SAMPLES = (
    Sample(
        "semantic-release",
        ".releaserc.json",
        '{"plugins": [["@semantic-release/github", {"token": "T0K"}]]}\n',
        '{"plugins": [["@semantic-release/github", {"//token": "set by GITHUB_TOKEN"}]]}\n',
        "GITHUB_TOKEN",
    ),
    Sample(
        "semantic-release",
        ".releaserc.yml",
        "plugins:\n  - - a\n    - assets: b\n      token: T0K\n",
        "plugins:\n  - - a\n    - assets: b\n      # token: set by GITHUB_TOKEN\n",
        "GITHUB_TOKEN",
    ),
    Sample(
        "Codecov",
        "codecov.yml",
        "codecov:\n  token: T0K\n",
        "codecov:\n  token: set by CODECOV_TOKEN\n",
        "CODECOV_TOKEN",
    ),
    Sample(
        "conda",
        "environment.yml",
        "name: ml\ndependencies: [python]\nvariables:\n  A: b\n  API_KEY: T0K\n",
        "name: ml\ndependencies: [python]\nvariables:\n  A: b\n  # API_KEY: set by API_KEY\n",
    ),
    Sample("MicroProfile", "microprofile-config.properties", "a.b-c=T0K\n", "a.b-c=set by A_B_C\n", "A_B_C"),
    Sample(
        "Zigbee2MQTT",
        "zigbee2mqtt/data/configuration.yaml",
        "mqtt:\n  password: T0K\n",
        "mqtt:\n  password: set by ZIGBEE2MQTT_CONFIG_MQTT_PASSWORD\n",
        "ZIGBEE2MQTT_CONFIG_MQTT_PASSWORD",
    ),
    Sample(
        "nodemon",
        "nodemon.json",
        '{"exec": "node a.js", "env": {"URL": "a://b:T0K@c"}}\n',
        '{"exec": "node a.js", "env": {"//URL": "set by URL"}}\n',
        "URL",
    ),
    Sample(
        "PM2",
        "ecosystem.json",
        '{"apps": [{"script": "a.js", "env_production": {"KEY": "T0K"}}]}\n',
        '{"apps": [{"script": "a.js", "env_production": {"//KEY": "set by KEY"}}]}\n',
        "KEY",
    ),
    Sample(
        "Terraform",
        "terraform.tfvars.json",
        '{\n  "region" : "a",\n  "db_key" : "T0K"\n}\n',
        '{\n  "region" : "a",\n  "//db_key" : "set by TF_VAR_db_key"\n}\n',
        "TF_VAR_db_key",
    ),
    Sample(
        "Terraform",
        "terraform.tfvars.json",
        '{"a": {"b": "T0K"}}\n',
        '{"a": {"b": "keyring://acme/API_KEY"}}\n',
    ),
    Sample(
        "Terraform's further files",
        "prod.tfvars",
        'a = {\n  b = "T0K"\n}\n',
        'a = {\n  b = "keyring://acme/API_KEY"\n}\n',
    ),
    Sample(
        "Hugo",
        "hugo.toml",
        'baseURL = "a"\n[params]\naToken = "T0K"\n',
        'baseURL = "a"\n[params]\naToken = "set by HUGO_PARAMS_ATOKEN"\n',
        "HUGO_PARAMS_ATOKEN",
    ),
    Sample(
        "Hugo",
        "config/_default/hugo.yaml",
        "baseURL: a\nparams:\n  b: T0K\n",
        "baseURL: a\nparams:\n  b: set by HUGO_PARAMS_B\n",
        "HUGO_PARAMS_B",
    ),
    Sample(
        "Authelia",
        "authelia/configuration.yml",
        "storage:\n  mysql:\n    password: T0K\n",
        "storage:\n  mysql:\n    password: set by AUTHELIA_STORAGE_MYSQL_PASSWORD\n",
        "AUTHELIA_STORAGE_MYSQL_PASSWORD",
    ),
    Sample(
        "OAuth2 Proxy",
        "oauth2-proxy.cfg",
        'cookie_secret = "T0K"\n',
        'cookie_secret = "set by OAUTH2_PROXY_COOKIE_SECRET"\n',
        "OAUTH2_PROXY_COOKIE_SECRET",
    ),
    Sample(
        "New Relic",
        "config/newrelic.yml",
        "common: &a\n  license_key: 'T0K'\n",
        "common: &a\n  license_key: 'set by NEW_RELIC_LICENSE_KEY'\n",
        "NEW_RELIC_LICENSE_KEY",
    ),
    Sample(
        "New Relic for Python",
        "newrelic.ini",
        "[newrelic]\nlicense_key = T0K\n",
        "[newrelic]\n# license_key = set by NEW_RELIC_LICENSE_KEY\n",
        "NEW_RELIC_LICENSE_KEY",
    ),
    Sample("Datadog", "datadog.yaml", "api_key: T0K\n", "api_key: set by DD_API_KEY\n", "DD_API_KEY"),
    Sample(
        "lychee",
        "lychee.toml",
        'github_token = "T0K"\n',
        'github_token = "set by GITHUB_TOKEN"\n',
        "GITHUB_TOKEN",
    ),
    *(
        Sample(reader, path, text, text.replace("T0K", f"set by {variable}"), variable)
        for reader, path, text, variable in (
            (
                "PHPUnit",
                "phpunit.xml",
                '<phpunit><php><env name="KEY" value="T0K"/></php></phpunit>\n',
                "KEY",
            ),
            ("Flyway", "conf/flyway.conf", "flyway.user=a\nflyway.password=T0K\n", "FLYWAY_PASSWORD"),
            ("Liquibase", "liquibase.properties", "url: a\npassword: T0K\n", "LIQUIBASE_COMMAND_PASSWORD"),
            (
                "dlt",
                ".dlt/secrets.toml",
                "[sources.github]\naccess_token = 'T0K'\n",
                "SOURCES__GITHUB__ACCESS_TOKEN",
            ),
            ("Weights & Biases", ".config/wandb/settings", "[default]\napi_key = T0K\n", "WANDB_API_KEY"),
            (
                "Snowflake's connections",
                ".snowflake/connections.toml",
                "[prod]\npassword = 'T0K'\n",
                "SNOWFLAKE_CONNECTIONS_PROD_PASSWORD",
            ),
        )
    ),
    Sample("Packer", "a.pkrvars.hcl", 'a = "T0K"\n', '# a = "set by PKR_VAR_a"\n', "PKR_VAR_a"),
)
REFUSED = (
    Refused(
        "conda with other files",
        "environment.yml",
        "channels:\n- https://conda.example.com/t/T0K/main\ndependencies:\n- pip: [a]\n- pip:\n  - -r a.txt\n",
        ".condarc",
    ),
    Refused("semantic-release", ".releaserc.yaml", "notes:\n  key: T0K\n", "only from variables"),
    Refused(
        "PHPUnit", "phpunit.xml.dist", '<phpunit><a name="b" value="T0K"/></phpunit>\n', "No variable can"
    ),
)
