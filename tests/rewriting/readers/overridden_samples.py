from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

# What replaces the token is `set by` and the variable.
SAMPLES = (
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
            (
                "glab",
                ".config/glab-cli/config.yml",
                "hosts:\n    gitlab.com:\n        token: T0K\n",
                "GITLAB_TOKEN",
            ),
            (
                "doctl",
                ".config/doctl/config.yaml",
                "access-token: T0K\ncontext: a\n",
                "DIGITALOCEAN_ACCESS_TOKEN",
            ),
            (
                "hcloud",
                ".config/hcloud/cli.toml",
                "[[contexts]]\nname = 'a'\ntoken = 'T0K'\n",
                "HCLOUD_TOKEN",
            ),
            (
                "Stripe's command",
                ".config/stripe/config.toml",
                "[default]\ntest_mode_api_key = 'T0K'\n",
                "STRIPE_API_KEY",
            ),
            ("Databricks", ".databrickscfg", "[DEFAULT]\nhost = a\ntoken = T0K\n", "DATABRICKS_TOKEN"),
            ("Kaggle", ".kaggle/kaggle.json", '{"username": "a", "key": "T0K"}', "KAGGLE_KEY"),
            ("Weights & Biases", ".config/wandb/settings", "[default]\napi_key = T0K\n", "WANDB_API_KEY"),
            (
                "Snowflake",
                ".snowflake/connections.toml",
                "[prod]\npassword = 'T0K'\n",
                "SNOWFLAKE_CONNECTIONS_PROD_PASSWORD",
            ),
            (
                "Snowflake",
                "snowflake/config.toml",
                "[connections.a]\npassword = 'T0K'\n",
                "SNOWFLAKE_CONNECTIONS_A_PASSWORD",
            ),
        )
    ),
    Sample("Packer", "a.pkrvars.hcl", 'a = "T0K"\n', '# a = "set by PKR_VAR_a"\n', "PKR_VAR_a"),
)
REFUSED = (
    Refused(
        "PHPUnit", "phpunit.xml.dist", '<phpunit><a name="b" value="T0K"/></phpunit>\n', "No variable can"
    ),
    Refused("Databricks", ".databrickscfg", "[prod]\ntoken = T0K\n", "No variable can"),
    Refused("doctl", "doctl/config.yaml", "auth-contexts:\n  a: T0K\n", "No variable can"),
)
