from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample("Flask", ".flaskenv", "A=b\nKEY='T0K' # c\n", "A=b\nKEY=${API_KEY} # c\n"),
    Sample(
        "Procfile",
        "Procfile",
        "web: KEY=T0K gunicorn --key 'a T0K' app:app\n",
        "web: KEY=\"${API_KEY}\" gunicorn --key 'a '\"${API_KEY}\"'' app:app\n",
    ),
    Sample(
        "tox",
        "tox.ini",
        "[testenv]\nsetenv =\n    API_KEY = T0K\n    URL=https://example.com/T0K\n",
        "[testenv]\nsetenv =\n    API_KEY = {env:API_KEY}\n    URL=https://example.com/{env:API_KEY}\n",
    ),
    Sample(
        "Task",
        "Taskfile.yml",
        "version: '3'\nenv:\n  KEY: T0K\ntasks:\n  a:\n    vars: {B: 'T0K'}\n"
        "    cmds:\n      - 'curl -H \"A: T0K\" b'\n",
        "version: '3'\nenv:\n  KEY: \"{{.API_KEY}}\"\ntasks:\n  a:\n    vars: {B: '{{.API_KEY}}'}\n    cmds:\n"
        "      - 'curl -H \"A: ${API_KEY}\" b'\n",
    ),
    Sample("just", "justfile", "a:\n    curl -H 'A: T0K' b\n", "a:\n    curl -H 'A: '\"${API_KEY}\"'' b\n"),
    Sample(
        "mise",
        ".mise.toml",
        '[env]\nKEY = "T0K"\n[tasks.a]\nrun = \'curl -H "A: T0K" b\'\n',
        "[env]\nKEY = \"{{ get_env(name='API_KEY', default='') }}\"\n"
        "[tasks.a]\nrun = 'curl -H \"A: ${API_KEY}\" b'\n",
    ),
    Sample(
        "GoReleaser",
        ".goreleaser.yaml",
        "env:\n  - KEY=T0K\n",
        "env:\n  - KEY={{ .Env.API_KEY }}\n",
    ),
    Sample(
        "Skaffold",
        "skaffold.yaml",
        "apiVersion: skaffold/v4beta6\nbuild:\n  artifacts:\n    - docker:\n        buildArgs:\n          KEY: T0K\n",
        "apiVersion: skaffold/v4beta6\nbuild:\n  artifacts:\n    - docker:\n        buildArgs:\n"
        '          KEY: "{{.API_KEY}}"\n',
    ),
    Sample("Prefect", "prefect.yaml", "a:\n  KEY: T0K\n", 'a:\n  KEY: "{{ $API_KEY }}"\n'),
    Sample(
        "Logback",
        "src/main/resources/logback-spring.xml",
        "<configuration><token>T0K</token></configuration>\n",
        "<configuration><token>${API_KEY}</token></configuration>\n",
    ),
    Sample(
        "Log4j",
        "log4j2.xml",
        '<Configuration><Http url="https://example.com/T0K"/></Configuration>\n',
        '<Configuration><Http url="https://example.com/${env:API_KEY}"/></Configuration>\n',
    ),
    Sample(
        "Caddy",
        "Caddyfile",
        'a {\n  header_up Authorization "Bearer T0K"\n}\n',
        'a {\n  header_up Authorization "Bearer {$API_KEY}"\n}\n',
    ),
    Sample(
        "Logstash's pipelines",
        "pipeline/main.conf",
        'output {\n  http { password => "T0K" }\n}\n',
        'output {\n  http { password => "${API_KEY}" }\n}\n',
    ),
    Sample(
        "Renovate",
        "renovate.json",
        '{"hostRules": [{"token": "T0K"}]}\n',
        '{"hostRules": [{"token": "{{ secrets.API_KEY }}"}]}\n',
    ),
    Sample(
        "SonarScanner",
        "sonar-project.properties",
        "sonar.projectKey=a\nsonar.token=T0K\n",
        "sonar.projectKey=a\n# sonar.token=set by SONAR_TOKEN\n",
        "SONAR_TOKEN",
    ),
    Sample(
        "Sentry",
        "ios/sentry.properties",
        "auth.token=T0K\n",
        "auth.token=set by SENTRY_AUTH_TOKEN\n",
        "SENTRY_AUTH_TOKEN",
    ),
    Sample(
        "Sentry's command",
        ".sentryclirc",
        "[auth]\ntoken=T0K\n",
        "[auth]\ntoken=set by SENTRY_AUTH_TOKEN\n",
        "SENTRY_AUTH_TOKEN",
    ),
    Sample(
        "Dynaconf",
        ".secrets.toml",
        "dynaconf_merge = true\nkey = 'T0K'\n",
        "dynaconf_merge = true\nkey = '@format {env[API_KEY]}'\n",
    ),
    Sample(
        "Rocket",
        "Rocket.toml",
        '[release]\nsecret_key = "T0K"\n',
        '[release]\nsecret_key = "set by ROCKET_SECRET_KEY"\n',
        "ROCKET_SECRET_KEY",
    ),
    Sample(
        "Cypress",
        "cypress.env.json",
        '{"password": "T0K"}\n',
        '{"password": "set by CYPRESS_password"}\n',
        "CYPRESS_password",
    ),
    Sample(
        "LibreChat",
        "librechat.yaml",
        "version: 1.1.4\nendpoints:\n  custom:\n    - apiKey: 'T0K'\n",
        "version: 1.1.4\nendpoints:\n  custom:\n    - apiKey: '${API_KEY}'\n",
    ),
    Sample(
        "LiteLLM",
        "litellm_config.yaml",
        "model_list:\n  - litellm_params:\n      api_key: T0K\n",
        "model_list:\n  - litellm_params:\n      api_key: os.environ/API_KEY\n",
    ),
    Sample(
        "rclone",
        ".config/rclone/rclone.conf",
        "[s3]\nsecret_access_key = T0K\n",
        "[s3]\nsecret_access_key = set by RCLONE_CONFIG_S3_SECRET_ACCESS_KEY\n",
        "RCLONE_CONFIG_S3_SECRET_ACCESS_KEY",
    ),
    Sample(
        "RubyGems",
        ".gem/credentials",
        "---\n:rubygems_api_key: T0K\n",
        "---\n:rubygems_api_key: set by GEM_HOST_API_KEY\n",
        "GEM_HOST_API_KEY",
    ),
)
REFUSED = (
    Refused("just", "justfile", 'export KEY := "T0K"\n', 'env("NAME")'),
    Refused("tox", "tox.ini", "[flake8]\nkey = T0K\n", "sections of environments"),
    Refused("Task", "Taskfile.yml", "version: '3'\ntasks:\n  a: {desc: T0K}\n", "only in `env`"),
    Refused("Cypress", "cypress.env.json", '{"a": {"b": "T0K"}}\n', "at the top"),
    Refused(
        "SonarScanner", "sonar-project.properties", "sonar.host.url=https://T0K@example.com\n", "only its"
    ),
    Refused("git", ".gitconfig", '[url "https://a:T0K@example.com/"]\n', "tokenward credential add"),
    Refused(
        "pre-commit", ".pre-commit-config.yaml", "repos:\n- repo: https://T0K@example.com\n", "git reads"
    ),
    Refused("node-config", "config/default.json", '{"key": "T0K"}\n', "custom-environment-variables"),
    Refused("Streamlit", ".streamlit/secrets.toml", 'key = "T0K"\n', "streamlit run"),
    Refused("systemd", "app.service", "[Service]\nEnvironment=KEY=T0K\n", "ExecStart"),
    Refused("Netlify", "netlify.toml", '[build.environment]\nKEY = "T0K"\n', "netlify env:set"),
    Refused("Vercel", "vercel.json", '{"env": {"KEY": "T0K"}}\n', "vercel env add"),
    Refused("Fly.io", "fly.toml", '[env]\nKEY = "T0K"\n', "fly secrets set"),
    Refused("Render", "render.yaml", "services:\n- envVars:\n  - value: T0K\n", "dashboard"),
    Refused("Wrangler", "wrangler.toml", '[vars]\nKEY = "T0K"\n', "wrangler secret"),
    Refused("wrangler dev", ".dev.vars", "KEY=T0K\n", "tokenward run --file"),
    Refused("Expo", "eas.json", '{"build": {"env": {"KEY": "T0K"}}}\n', "eas env:create"),
    Refused("AppVeyor", "appveyor.yml", "environment:\n  KEY: T0K\n", "secure:"),
    Refused("AWS CodeBuild", "buildspec.yml", "env:\n  variables:\n    KEY: T0K\n", "secrets-manager"),
    Refused("Google Cloud Build", "cloudbuild.yaml", "steps:\n- env: ['KEY=T0K']\n", "availableSecrets"),
)
