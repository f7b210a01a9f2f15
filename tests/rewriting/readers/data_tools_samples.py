from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

_PLAY = "- name: Deploy\n  hosts: web\n  tasks:\n    - ansible.builtin.uri:\n"

SAMPLES = (
    Sample(
        "Airbyte's octavia",
        "source.yaml",
        "definition_type: source\na: T0K\n",
        "definition_type: source\na: ${API_KEY}\n",
    ),
    Sample(
        "Flyway's TOML",
        "flyway.toml",
        '[environments.a]\npassword = "T0K"\n',
        '[environments.a]\npassword = "${env.API_KEY}"\n',
    ),
    Sample("Mage", "io_config.yaml", "version: 1\na: T0K\n", "version: 1\na: \"{{ env_var('API_KEY') }}\"\n"),
    Sample(
        "SQLMesh", "config.yaml", "gateways:\n  a: 'T0K'\n", "gateways:\n  a: '{{ env_var(''API_KEY'') }}'\n"
    ),
    Sample(
        "Great Expectations", "gx/uncommitted/config_variables.yml", "a: b:T0K@c\n", "a: b:${API_KEY}@c\n"
    ),
    Sample(
        "Soda", "soda/configuration.yml", "data_source a:\n  b: T0K\n", "data_source a:\n  b: ${API_KEY}\n"
    ),
    Sample("Gatus", "gatus/config.yaml", 'endpoints: []\na: "b/T0K"\n', 'endpoints: []\na: "b/${API_KEY}"\n'),
    Sample("borgmatic", "borgmatic.d/a.yaml", 'a: "T0K"\n', 'a: "${API_KEY}"\n'),
    Sample(
        "sqlc",
        "sqlc.yaml",
        "sql:\n- database:\n    uri: a://b:T0K@c\n",
        "sql:\n- database:\n    uri: a://b:${API_KEY}@c\n",
    ),
    Sample("sql-migrate", "dbconfig.yml", "a:\n  datasource: b T0K\n", "a:\n  datasource: b ${API_KEY}\n"),
    Sample(
        "Alloy",
        "config.alloy",
        'a "b" {\n  password = "T0K"\n}\n',
        'a "b" {\n  password = sys.env("API_KEY")\n}\n',
    ),
    Sample(
        "Fluentd",
        "fluent.conf",
        '<match a>\n  password "b T0K"\n</match>\n',
        "<match a>\n  password \"b #{ENV['API_KEY']}\"\n</match>\n",
    ),
    *(
        Sample(reader, path, text, text.replace("T0K", "keyring://acme/API_KEY"))
        for reader, path, text in (
            ("Exporters of Prometheus", "blackbox.yml", "modules:\n  a: T0K\n"),
            ("Mosquitto", "mosquitto.conf", "remote_password T0K\n"),
            ("Redis", "redis.conf", "requirepass T0K\n"),
            ("Envoy", "envoy.yaml", "admin:\n  a: T0K\n"),
            ("KrakenD", "krakend.json", '{"a": "T0K"}\n'),
            ("Traefik", "traefik.yml", "entryPoints:\n  a: T0K\n"),
            ("cloudflared", ".cloudflared/config.yml", "token: T0K\n"),
            ("Matterbridge", "matterbridge.toml", '[slack]\nToken="T0K"\n'),
            ("Freqtrade", "user_data/config.json", '{"stake_currency": "a", "key": "T0K"}\n'),
            ("ddclient", "ddclient.conf", "password=T0K\n"),
            ("WireGuard", "mosquitto/wg0.conf", "[Interface]\nPrivateKey = T0K\n"),
            ("WireGuard", "wg0.conf", "[Interface]\nPrivateKey = T0K\n"),
            ("Synapse", "homeserver.yaml", "server_name: a\ndatabase: {args: {password: T0K}}\n"),
            ("Terraform's backends", "backend.hcl", 'secret_key = "T0K"\n'),
            ("Kong", "kong.yml", '_format_version: "3.0"\na: ["b:T0K"]\n'),
            ("Jekyll", "_config.yml", "a: T0K\n"),
            ("Erlang's configuration", "config/sys.config", '[{shop, [{token, "T0K"}]}].\n'),
            ("Cloud Foundry", "manifest.yml", "applications:\n- env: {A: T0K}\n"),
            ("Zappa", "zappa_settings.json", '{"a": "T0K"}\n'),
            ("Helmfile without templates", "helmfile.yaml", "releases:\n- a: T0K\n"),
            ("CloudFormation", "t.yaml", "AWSTemplateFormatVersion: 2010-09-09\nA: T0K\n"),
            ("SAM's settings", "samconfig.toml", 'parameter_overrides = "A=T0K B=c"\n'),
        )
    ),
    Sample(
        "Prometheus without other files",
        "prometheus.yml",
        "scrape_configs:\n  - basic_auth: {password: T0K}\n",
        "scrape_configs:\n  - basic_auth: {password: keyring://acme/API_KEY}\n",
    ),
    Sample(
        "dbt",
        "profiles.yml",
        "shop:\n  outputs:\n    dev:\n      password: T0K\n      token: 'T0K'\n      url: h/T0K/{{ target }}\n",
        "shop:\n  outputs:\n    dev:\n      password: \"{{ env_var('API_KEY') }}\"\n"
        "      token: '{{ env_var(''API_KEY'') }}'\n      url: h/{{ env_var('API_KEY') }}/{{ target }}\n",
    ),
    Sample(
        "dbt project",
        "packages.yml",
        'packages:\n  - git: "https://T0K@example.com/a.git"\n',
        "packages:\n  - git: \"https://{{ env_var('API_KEY') }}@example.com/a.git\"\n",
    ),
    Sample(
        "Airflow",
        "airflow.cfg",
        "[core]\nfernet_key = T0K\n[smtp]\na = b\n",
        "[core]\nfernet_key = set by AIRFLOW__CORE__FERNET_KEY\n[smtp]\na = b\n",
        "AIRFLOW__CORE__FERNET_KEY",
    ),
    Sample(
        "Airflow",
        "airflow/airflow.cfg",
        "[database]\nsql_alchemy_conn = postgres://u:T0K@example.com/db  \n",
        "[database]\nsql_alchemy_conn = set by AIRFLOW__DATABASE__SQL_ALCHEMY_CONN  \n",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    ),
    Sample(
        "Ansible Galaxy",
        "ansible.cfg",
        "[galaxy_server.hub]\nurl=https://example.com\ntoken=T0K\n",
        "[galaxy_server.hub]\nurl=https://example.com\ntoken=set by ANSIBLE_GALAXY_SERVER_HUB_TOKEN\n",
        "ANSIBLE_GALAXY_SERVER_HUB_TOKEN",
    ),
    Sample(
        "Ansible variables",
        "group_vars/all",
        'db_password: T0K\nurl: "postgres://{{ user }}:T0K@example.com"\n',
        "db_password: \"{{ lookup('env', 'API_KEY') }}\"\n"
        "url: \"postgres://{{ user }}:{{ lookup('env', 'API_KEY') }}@example.com\"\n",
    ),
    Sample(
        "Ansible",
        "site.yml",
        f"{_PLAY}        headers: {{A: T0K}}\n        url_password: 'T0K'\n",
        f"{_PLAY}        headers: {{A: \"{{{{ lookup('env', 'API_KEY') }}}}\"}}\n"
        "        url_password: '{{ lookup(''env'', ''API_KEY'') }}'\n",
    ),
    Sample(
        "Ansible roles",
        "roles/web/tasks/main.yml",
        "- uri:\n    url_password: T0K\n  name: Ask\n",
        "- uri:\n    url_password: \"{{ lookup('env', 'API_KEY') }}\"\n  name: Ask\n",
    ),
    Sample(
        "Ansible inventory YAML",
        "hosts.yml",
        "all:\n  hosts:\n    h1:\n      ansible_password: T0K\n",
        "all:\n  hosts:\n    h1:\n      ansible_password: \"{{ lookup('env', 'API_KEY') }}\"\n",
    ),
    Sample(
        "Ansible inventory",
        "inventory.ini",
        "[web]\nh1\n[web:vars]\nansible_password=T0K\n",
        "[web]\nh1\n[web:vars]\nansible_password={{ lookup('env', 'API_KEY') }}\n",
    ),
    Sample(
        "Ansible inventory",
        "hosts.ini",
        "[web]\nh1 a=1 ansible_password=T0K b='x y'\nh2 key=x-T0K\nh3 b='x y' c=\"p T0K\"\n",
        "[web]\nh1 a=1 ansible_password=\"{{ lookup('env', 'API_KEY') }}\" b='x y'\n"
        "h2 key=x-\"{{ lookup('env', 'API_KEY') }}\"\n"
        "h3 b='x y' c=\"p {{ lookup('env', 'API_KEY') }}\"\n",
    ),
    Sample(
        "Terraform's further files",
        "prod.tfvars",
        'region = "eu"\n  api_key  = "T0K" # key\nlist = ["a"]\n',
        'region = "eu"\n  # api_key  = "set by TF_VAR_api_key" # key\nlist = ["a"]\n',
        "TF_VAR_api_key",
    ),
    Sample(
        "Serverless Framework",
        "serverless.yml",
        "provider:\n  environment:\n    KEY: T0K\n    B: {c: T0K}\n",
        'provider:\n  environment:\n    KEY: ${env:API_KEY}\n    B: {c: "${env:API_KEY}"}\n',
    ),
    Sample(
        "Grafana",
        "grafana.ini",
        "[smtp]\npassword = T0K\n",
        "[smtp]\npassword = $__env{API_KEY}\n",
    ),
    Sample(
        "Grafana provisioning",
        "provisioning/datasources/a.yaml",
        "datasources:\n  - secureJsonData:\n      password: T0K\n",
        "datasources:\n  - secureJsonData:\n      password: ${API_KEY}\n",
    ),
    Sample(
        "Vector YAML",
        "vector.yaml",
        "sinks:\n  a:\n    auth: {token: 'T0K'}\n    key: T0K\n",
        "sinks:\n  a:\n    auth: {token: '${API_KEY}'}\n    key: ${API_KEY}\n",
    ),
    Sample("Vector", "vector.toml", '[sinks.a]\ntoken = "T0K"\n', '[sinks.a]\ntoken = "${API_KEY}"\n'),
    Sample(
        "Telegraf",
        "telegraf.conf",
        '[[outputs.influxdb_v2]]\n  token = "T0K"\n',
        '[[outputs.influxdb_v2]]\n  token = "${API_KEY}"\n',
    ),
    Sample(
        "Elastic",
        "filebeat.yml",
        "output.elasticsearch:\n  api_key: T0K\n",
        "output.elasticsearch:\n  api_key: ${API_KEY}\n",
    ),
    Sample(
        "Fluent Bit",
        "fluent-bit.yaml",
        "pipeline:\n  outputs:\n    - name: http\n      http_passwd: T0K\n",
        "pipeline:\n  outputs:\n    - name: http\n      http_passwd: ${API_KEY}\n",
    ),
    Sample(
        "Fluent Bit classic",
        "fluent-bit.conf",
        "# T0K\n[OUTPUT]\n    HTTP_Passwd T0K\n",
        "# keyring://acme/API_KEY\n[OUTPUT]\n    HTTP_Passwd ${API_KEY}\n",
    ),
    Sample(
        "OpenTelemetry Collector",
        "otel-collector-config.yaml",
        "exporters:\n  otlp:\n    headers: {api-key: T0K}\n",
        'exporters:\n  otlp:\n    headers: {api-key: "${env:API_KEY}"}\n',
    ),
    Sample(
        "Loki",
        "promtail-config.yaml",
        "clients:\n  - basic_auth:\n      password: T0K\n",
        "clients:\n  - basic_auth:\n      password: ${API_KEY}\n",
    ),
    Sample(
        "Alembic",
        "alembic.ini",
        "[alembic]\nsqlalchemy.url = postgres://u:T0K@example.com/a\n",
        "[alembic]\nsqlalchemy.url = postgres://u:keyring://acme/API_KEY@example.com/a\n",
    ),
)

REFUSED = (
    Refused("Fluentd", "fluent.conf", "<match a>\n  password T0K\n</match>\n", "between double quotes"),
    Refused("Fluentd", "fluent.conf", "<match a>\n  a \"#{b('T0K')}\"\n</match>\n", "between double quotes"),
    Refused("dbt", "profiles.yml", "a:\n  outputs:\n    b: \"{{ 'T0K' }}\"\n", "env_var"),
    Refused("Airflow", "airflow.cfg", "[core]\na = x%%T0K\n", "literally"),
    Refused("Airflow", "airflow.cfg", "[core]\na = x\n  T0K\n", "can set this entry"),
    Refused("Airflow", "airflow.cfg", "[core]\na = T0K\n  x\n", "several lines"),
    Refused("Airflow", "airflow.cfg", "[a b]\nc = T0K\n", "can set this entry"),
    Refused("Python logging", "logging.ini", "[a]\nargs = ('T0K',)\n", "in code"),
    Refused("Ansible Galaxy", "ansible.cfg", "[defaults]\na = T0K\n", "ansible-config list"),
    Refused("Ansible variables", "host_vars/a.yml", "a: \"{{ 'T0K' }}\"\n", "in a template"),
    Refused(
        "Ansible", "site.yml", f"{_PLAY}        a: b\n      when: key == 'T0K'\n", "into a variable first"
    ),
    Refused("Ansible inventory", "hosts", "[web]\nh1 ansible_password='T0K'\n", "host_vars"),
    Refused("Ansible inventory", "hosts", "[web]\nh1 ansible_password={{ 'T0K' }}\n", "host_vars"),
    Refused(
        "Prometheus",
        "prometheus.yml",
        "scrape_configs:\n  - basic_auth: {password: T0K}\n    file_sd_configs: [{files: [a.json]}]\n",
        "credentials_file",
    ),
    Refused("Terraform's further files", "a.tfvars", 'a = "T0K" /* b\n*/\n', "cannot be made a comment"),
)
