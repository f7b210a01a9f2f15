from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample("Ktor", "application.yaml", 'ktor: {}\njwt:\n  a: "T0K"\n', 'ktor: {}\njwt:\n  a: "$API_KEY"\n'),
    Sample(
        "Symfony services",
        "app/config/parameters.yml",
        "parameters:\n  a: T0K\n",
        'parameters:\n  a: "%env(API_KEY)%"\n',
    ),
    Sample(
        "Test Kitchen", ".kitchen.yml", "driver:\n  a: T0K\n", "driver:\n  a: <%= ENV.fetch('API_KEY') %>\n"
    ),
    Sample(
        "Loco",
        "config/test.yaml",
        'a: T0K\n# {{ get_env(name="B") }}\n',
        'a: "{{ get_env(name=\'API_KEY\') }}"\n# {{ get_env(name="B") }}\n',
    ),
    Sample(
        "Figaro",
        "config/application.yml",
        "# keys\n\nSTRIPE_KEY: T0K\nOTHER: 'T0K'\n",
        "# keys\n\nSTRIPE_KEY: <%= ENV.fetch('API_KEY') %>\nOTHER: '<%= ENV.fetch(\"API_KEY\") %>'\n",
    ),
    Sample(
        "Figaro",
        "config/application.yml",
        "pusher_secret: T0K\nproduction:\n  pusher_secret: T0K\n",
        "pusher_secret: <%= ENV.fetch('API_KEY') %>\nproduction:\n  pusher_secret: <%= ENV.fetch('API_KEY') %>\n",
        builds={"Gemfile": 'source "https://example.com"\ngem "figaro"\n'},
    ),
    *(
        Sample(
            "Spring YAML",
            "config/application.yml",
            "app:\n  key: T0K\n",
            "app:\n  key: ${API_KEY}\n",
            builds={build: ""},
        )
        for build in ("pom.xml", "build.gradle", "build.gradle.kts")
    ),
    Sample(
        "Quarkus",
        "src/main/resources/application.properties",
        "quarkus.http.port=80\n%dev.quarkus.datasource.password=T0K\n",
        "quarkus.http.port=80\n%dev.quarkus.datasource.password=${API_KEY}\n",
    ),
    Sample(
        "Quarkus YAML",
        "src/main/resources/application.yaml",
        "quarkus:\n  datasource:\n    password: T0K\n",
        "quarkus:\n  datasource:\n    password: ${API_KEY}\n",
    ),
    Sample(
        "Micronaut",
        "src/main/resources/application.properties",
        "micronaut.application.name=demo\napi.key=T0K\n",
        "micronaut.application.name=demo\napi.key=${API_KEY}\n",
    ),
    Sample(
        "Micronaut YAML",
        "src/main/resources/application.yml",
        "micronaut:\n  application: {name: demo, key: T0K}\n",
        'micronaut:\n  application: {name: demo, key: "${API_KEY}"}\n',
    ),
    Sample(
        "Spring",
        "src/main/resources/application-dev.properties",
        "spring.mail.password=T0K\nspring.datasource.url = jdbc:postgresql://u:T0K@example.com/db\n! T0K\n",
        "spring.mail.password=${API_KEY}\nspring.datasource.url = jdbc:postgresql://u:${API_KEY}@example.com/db\n"
        "! keyring://acme/API_KEY\n",
    ),
    Sample(
        "Spring YAML",
        "src/main/resources/application.yml",
        "spring:\r\n  mail:\r\n    password: \"T0K\"\r\n  keys: ['T0K', T0K]\r\n  other: ${DB:T0K} # T0K\r\n",
        'spring:\r\n  mail:\r\n    password: "${API_KEY}"\r\n  keys: [\'${API_KEY}\', "${API_KEY}"]\r\n'
        "  other: ${DB:${API_KEY}} # keyring://acme/API_KEY\r\n",
    ),
    Sample(
        ".NET",
        "appsettings.Development.json",
        '{\n  // local\n  "ConnectionStrings": {\n    "Default": "Host=h;Password=T0K",\n  },\n}\n',
        '{\n  // local\n  "ConnectionStrings": {\n    "Default": "set by ConnectionStrings__Default",\n  },\n}\n',
        "ConnectionStrings__Default",
    ),
    Sample(
        ".NET",
        "api/appsettings.json",
        '{"Clients": [{"Key": "a"}, /* b */ {"Key": "T0K"}]}',
        '{"Clients": [{"Key": "a"}, /* b */ {"Key": "set by Clients__1__Key"}]}',
        "Clients__1__Key",
    ),
    Sample(
        ".NET",
        "appsettings.json",
        '{"Mail:Password": "T0K"}',
        '{"Mail:Password": "set by Mail__Password"}',
        "Mail__Password",
    ),
    Sample(
        "Azure Functions",
        "local.settings.json",
        '{"Values": {"SEND_GRID": "T0K"}}',
        '{"Values": {"SEND_GRID": "set by SEND_GRID"}}',
        "SEND_GRID",
    ),
    Sample(
        "dotnet run",
        "Properties/launchSettings.json",
        '{"profiles": {"http": {"environmentVariables": {"GITHUB_TOKEN": "T0K"}, "commandLineArgs": "-k T0K"}}}',
        '{"profiles": {"http": {"environmentVariables": {"GITHUB_TOKEN": "%API_KEY%"}, '
        '"commandLineArgs": "-k %API_KEY%"}}}',
    ),
    Sample(
        "Rails",
        "config/database.yml",
        "production:\n  password: T0K\n  url: \"postgres://u:T0K@example.com/<%= db %>\"\n  key: 'T0K'\n",
        "production:\n  password: <%= ENV.fetch('API_KEY') %>\n"
        "  url: \"postgres://u:<%= ENV.fetch('API_KEY') %>@example.com/<%= db %>\"\n"
        "  key: '<%= ENV.fetch(\"API_KEY\") %>'\n",
    ),
    Sample(
        "Rails",
        "config/cable.yml",
        "test:\n  a: <%= ENV['A'] || \"redis://u:T0K@example.com\" %>\n  b: '<%= f \"T0K\", %w[b] %>' # c\n",
        "test:\n  a: <%= ENV['A'] || \"redis://u:#{ENV.fetch('API_KEY')}@example.com\" %>\n"
        '  b: \'<%= f "#{ENV.fetch("API_KEY")}", %w[b] %>\' # c\n',
    ),
    Sample(
        "Kamal",
        "config/deploy.yml",
        "service: a\nimage: b\nenv:\n  clear: {KEY: T0K}\n",
        "service: a\nimage: b\nenv:\n  clear: {KEY: <%= ENV.fetch('API_KEY') %>}\n",
    ),
    Sample(
        "Rails config_for",
        "config/payment.yml",
        "default: &default\n  key: T0K\nproduction:\n  <<: *default\n",
        "default: &default\n  key: <%= ENV.fetch('API_KEY') %>\nproduction:\n  <<: *default\n",
    ),
    Sample(
        "Symfony",
        "config/packages/mailer.yaml",
        "framework:\n  mailer:\n    dsn: smtp://u:T0K@example.com/a\n    key: T0K\n    other: 'T0K'\n",
        'framework:\n  mailer:\n    dsn: smtp://u:%env(API_KEY)%@example.com/a\n    key: "%env(API_KEY)%"\n'
        "    other: '%env(API_KEY)%'\n",
    ),
    Sample(
        "Symfony services",
        "config/services.yaml",
        "parameters:\n  key: 'T0K'\n",
        "parameters:\n  key: '%env(API_KEY)%'\n",
    ),
)

REFUSED = (
    Refused("Rails", "config/secrets.yml", "test:\n  b: <%= ENV['B'] || 'T0K' %>\n", "ENV.fetch"),
    Refused(
        ".NET", "appsettings.json", '{"Logging": {"Microsoft.AspNetCore": "T0K"}}', "characters of this key"
    ),
    Refused("Azure Functions", "local.settings.json", '{"Host": {"CORS": "T0K"}}', "`Values`"),
    Refused(
        "dotnet run",
        "Properties/launchSettings.json",
        '{"iisSettings": {"a": "T0K"}}',
        "environmentVariables",
    ),
    Refused("Symfony", "config/packages/a.yaml", "a: 'T0K'\nb: '%%T0K%%'\nT0K: 1\n", "a key"),
)
