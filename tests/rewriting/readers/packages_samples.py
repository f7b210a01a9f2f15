from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample(
        "npm",
        ".npmrc",
        "//registry.example.com/:_authToken=T0K\n; T0K\n",
        "//registry.example.com/:_authToken=${API_KEY}\n; keyring://acme/API_KEY\n",
    ),
    Sample(
        "Yarn",
        ".yarnrc.yml",
        'npmAuthToken: T0K\nnpmScopes:\n  a:\n    npmAuthToken: "T0K"\n',
        'npmAuthToken: ${API_KEY-}\nnpmScopes:\n  a:\n    npmAuthToken: "${API_KEY-}"\n',
    ),
    Sample(
        "Bun",
        "bunfig.toml",
        '[install]\nregistry = { url = "https://example.com", token = "T0K" }\n',
        '[install]\nregistry = { url = "https://example.com", token = "$API_KEY" }\n',
    ),
    Sample(
        "npm scripts",
        "package.json",
        '{"scripts": {"deploy": "NPM_TOKEN=T0K npm publish", "a": "cross-env A=\\"T0K\\" x \'y\' && B=T0K z"}}',
        '{"scripts": {"deploy": "NPM_TOKEN=${API_KEY} npm publish", '
        '"a": "cross-env A=\\"${API_KEY}\\" x \'y\' && B=${API_KEY} z"}}',
    ),
    Sample(
        "npm scripts",
        "package.json",
        '{"scripts": {"deploy": "tool --header \\"it\'s T0K\\" --token T0K"}}',
        '{"scripts": {"deploy": "tool --header \\"it\'s ${API_KEY}\\" --token ${API_KEY}"}}',
    ),
    Sample(
        "npm scripts",
        "package.json",
        """{"scripts": {"a": "curl -H 'A: T0K'", "b": "\\"it's\\" 'T0K'"}}""",
        """{"scripts": {"a": "curl -H 'A: '\\"${API_KEY}\\"''", "b": "\\"it's\\" ''\\"${API_KEY}\\"''"}}""",
    ),
    Sample(
        "pip's requirements",
        "requirements-dev.txt",
        "--index-url https://u:T0K@example.com/simple\n# T0K\nflask==3.0 # T0K\n",
        "--index-url https://u:${API_KEY}@example.com/simple\n# keyring://acme/API_KEY\nflask==3.0 # ${API_KEY}\n",
    ),
    Sample(
        "pip",
        ".config/pip/pip.conf",
        "[global]\ntimeout = 5\nextra-index-url = https://T0K@example.com/simple\n",
        "[global]\ntimeout = 5\nextra-index-url = set by PIP_EXTRA_INDEX_URL\n",
        "PIP_EXTRA_INDEX_URL",
    ),
    Sample(
        "pip",
        ".config/pip/pip.conf",
        "[global]\nindex-url = https://T0K:x@example.com/simple\n",
        "[global]\nindex-url = set by PIP_INDEX_URL\n",
        "PIP_INDEX_URL",
    ),
    Sample(
        "twine",
        ".pypirc",
        "[pypi]\nusername = __token__\npassword = T0K\n",
        "[pypi]\nusername = __token__\npassword = set by TWINE_PASSWORD\n",
        "TWINE_PASSWORD",
    ),
    Sample(
        "twine",
        ".pypirc",
        "[acme]\r\nrepository = https://example.com/upload/\r\nusername: ada\r\nPassword:  T0K\r\n",
        "[acme]\r\nrepository = https://example.com/upload/\r\nusername: ada\r\n# Password:  keyring://acme/API_KEY\r\n",
    ),
    Sample(
        "twine with several repositories",
        ".pypirc",
        "[a]\npassword = x\n[b]\npassword = T0K\nusername = ada\nrepository = https://example.com/\n",
        "[a]\npassword = x\n[b]\n# password = keyring://acme/API_KEY\nusername = ada\nrepository = https://example.com/\n",
    ),
    Sample(
        "Python projects",
        "pyproject.toml",
        '[[tool.pdm.source]]\nname = "a"\nurl = "https://u:T0K@example.com/simple"\n',
        '[[tool.pdm.source]]\nname = "a"\nurl = "https://u:${API_KEY}@example.com/simple"\n',
    ),
    Sample(
        "Pipenv",
        "Pipfile",
        '[[source]]\nurl = "https://u:T0K@example.com/simple"\n',
        '[[source]]\nurl = "https://u:${API_KEY}@example.com/simple"\n',
    ),
    Sample(
        "Poetry",
        "pypoetry/auth.toml",
        '[http-basic.my-repo]\nusername = "u"\npassword = "T0K"\n',
        '[http-basic.my-repo]\nusername = "u"\n# password = "keyring://acme/API_KEY"\n',
    ),
    Sample(
        "Poetry",
        "pypoetry/auth.toml",
        '[http-basic]\nmy-repo = { username = "u", password = "T0K" }\n',
        '[http-basic]\nmy-repo = { username = "u", password = "set by POETRY_HTTP_BASIC_MY_REPO_PASSWORD" }\n',
        "POETRY_HTTP_BASIC_MY_REPO_PASSWORD",
    ),
    Sample(
        "Poetry in a project",
        "poetry.toml",
        '[http-basic.a]\nusername = "u"\npassword = "T0K"\n',
        '[http-basic.a]\nusername = "u"\npassword = "set by POETRY_HTTP_BASIC_A_PASSWORD"\n',
        "POETRY_HTTP_BASIC_A_PASSWORD",
    ),
    Sample(
        "Cargo",
        ".cargo/config.toml",
        "[registries.my-own]\ntoken = 'T0K'\n",
        "[registries.my-own]\ntoken = 'set by CARGO_REGISTRIES_MY_OWN_TOKEN'\n",
        "CARGO_REGISTRIES_MY_OWN_TOKEN",
    ),
    Sample(
        "Cargo",
        ".cargo/config.toml",
        '[registries.mine]\nindex = "sparse+https://example.com/index/"\ntoken = "T0K"\n',
        '[registries.mine]\nindex = "sparse+https://example.com/index/"\n'
        'credential-provider = ["cargo-credential-tokenward", "keyring://acme/API_KEY"]\n',
    ),
    Sample(
        "Cargo",
        ".cargo/config.toml",
        '[registry]\ntoken = "T0K"\n',
        '[registry]\ntoken = "set by CARGO_REGISTRY_TOKEN"\n',
        "CARGO_REGISTRY_TOKEN",
    ),
    Sample(
        "Cargo's credentials",
        ".cargo/credentials.toml",
        "[registries.other]\ntoken = 'a'\n[registry]\r\n token='T0K' # mine\r\n",
        "[registries.other]\ntoken = 'a'\n[registry]\r\n"
        'credential-provider = ["cargo-credential-tokenward", "keyring://acme/API_KEY"] # mine\r\n',
    ),
    Sample(
        "Cargo's credentials",
        ".cargo/credentials",
        '[registries.other]\ntoken = "T0K"\n',
        '[registries.other]\ncredential-provider = ["cargo-credential-tokenward", "keyring://acme/API_KEY"]\n',
    ),
    Sample(
        "Cargo's credentials",
        ".cargo/credentials.toml",
        '[registry]\ntoken = "T0K"\ncredential-provider = "cargo:libsecret"\n',
        '[registry]\ntoken = "set by CARGO_REGISTRY_TOKEN"\ncredential-provider = "cargo:libsecret"\n',
        "CARGO_REGISTRY_TOKEN",
    ),
    Sample(
        "Cargo",
        ".cargo/config",
        '[env]\nAPI_KEY = "T0K"\n',
        '[env]\nAPI_KEY = "set by API_KEY"\n',
    ),
    Sample(
        "Composer",
        "auth.json",
        '{"github-oauth": {"github.com": "T0K"}}',
        '{"github-oauth": {"github.com": "keyring://acme/API_KEY"}}',
    ),
    Sample(
        "Bundler",
        ".bundle/config",
        '---\nBUNDLE_GEMS__EXAMPLE__COM: "u:T0K"\nBUNDLE_PATH: "vendor"\n',
        '---\n# BUNDLE_GEMS__EXAMPLE__COM: "set by BUNDLE_GEMS__EXAMPLE__COM"\nBUNDLE_PATH: "vendor"\n',
        "BUNDLE_GEMS__EXAMPLE__COM",
    ),
    Sample(
        "Gradle",
        "gradle.properties",
        "org.gradle.daemon=true\napiKey=T0K\n",
        "org.gradle.daemon=true\napiKey=set by ORG_GRADLE_PROJECT_apiKey\n",
        "ORG_GRADLE_PROJECT_apiKey",
    ),
    Sample(
        "Maven settings",
        ".m2/settings.xml",
        "<settings>\n <!-- T0K -->\n"
        " <servers><server><id>a</id><password>T0K</password></server></servers>\n</settings>\n",
        "<settings>\n <!-- keyring://acme/API_KEY -->\n"
        " <servers><server><id>a</id><password>${env.API_KEY}</password></server></servers>\n</settings>\n",
    ),
    Sample(
        "Maven",
        "pom.xml",
        "<?xml version='1.0'?>\n<project><properties><k a='T0K'>x T0K &amp; y</k><c><![CDATA[T0K]]></c>"
        "</properties></project>\n",
        "<?xml version='1.0'?>\n<project><properties><k a='${env.API_KEY}'>x ${env.API_KEY} &amp; y</k>"
        "<c><![CDATA[${env.API_KEY}]]></c></properties></project>\n",
    ),
    Sample(
        "NuGet",
        "NuGet.Config",
        '<configuration>\n<packageSourceCredentials><a>\n<add key="ClearTextPassword" value="T0K" />\n'
        "</a></packageSourceCredentials>\n</configuration>\n",
        '<configuration>\n<packageSourceCredentials><a>\n<add key="ClearTextPassword" value="%API_KEY%" />\n'
        "</a></packageSourceCredentials>\n</configuration>\n",
    ),
)

REFUSED = (
    Refused("Maven", "pom.xml", '<project xmlns:a="T0K">a</project>', "a namespace"),
    Refused("npm", ".npmrc", "a=${B-T0K}\n", "npm looks up no variable"),
    Refused("Bun", "bunfig.toml", '[install]\nregistry = "https://u:T0K@example.com"\n', "$NAME"),
    Refused("npm scripts", "package.json", '{"scripts": {"a": "x \\\\T0K"}}', "nothing is escaped"),
    Refused("npm scripts", "package.json", '{"a": "T0K"}', "scripts only"),
    Refused(
        "pip",
        "pip.conf",
        "[global]\nextra-index-url =\n  https://u:T0K%20@example.com/a\n",
        "can set this entry",
    ),
    Refused(
        "pip",
        "pip.conf",
        "[global]\nindex-url = https://example.com\nfind-links =\n  https://u:T0K@example.com/a\n",
        "no password there",
    ),
    Refused("pip", "pip.conf", "[global]\nproxy = http://u:T0K@example.com/a\n", "can set this entry"),
    Refused("twine", ".pypirc", "[pypi]\nusername = T0K\n", "TWINE_PASSWORD"),
    Refused(
        "twine with several repositories",
        ".pypirc",
        "[pypi]\npassword = T0K\n[testpypi]\npassword: x\n",
        "all the repositories",
    ),
    Refused(
        "Python projects",
        "pyproject.toml",
        '[[tool.uv.index]]\nname = "a"\nurl = "https://T0K@example.com"\n',
        "UV_INDEX_NAME_PASSWORD",
    ),
    Refused(
        "Python projects",
        "pyproject.toml",
        '[[tool.poetry.source]]\nname = "a"\nurl = "https://u:T0K@example.com"\n',
        "POETRY_HTTP_BASIC_NAME_PASSWORD",
    ),
    Refused("Python projects", "pyproject.toml", '[tool.etl]\napi_key = "T0K"\n', "delete the entry"),
    Refused(
        "uv",
        "uv.toml",
        '[[index]]\nname = "a"\nurl = "https://T0K@example.com"\n',
        "UV_INDEX_NAME_PASSWORD",
    ),
    Refused("Poetry", "pypoetry/auth.toml", '[certificates.a]\ncert = "T0K"\n', "passwords and tokens"),
    Refused(
        "Cargo", ".cargo/config.toml", '[env]\nA = { value = "T0K", force = true }\n', "entries of [env]"
    ),
    Refused("Bundler", ".bundle/config", "a: T0K\n", "can set this entry"),
    Refused("Gradle", "gradle.properties", "signing.password=T0K\n", "has a dot"),
    Refused("Gradle", "gradle.properties", "a=T0K\\\n  b\n", "several lines"),
    Refused("Android builds", "local.properties", "key=T0K\n", "providers.environmentVariable"),
    Refused(
        "NuGet",
        "nuget.config",
        '<configuration><apikeys><add key="a" value="T0K"/></apikeys></configuration>',
        "API",
    ),
    Refused(
        ".NET Framework", "Web.config", '<configuration><add key="a" value="T0K"/></configuration>', "builder"
    ),
)
