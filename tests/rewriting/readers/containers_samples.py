from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample(
        "Docker",
        "Dockerfile",
        'FROM a\nARG API_KEY=T0K\nRUN b "${API_KEY}"\n',
        "FROM a\n# ARG API_KEY=set by API_KEY\n"
        'RUN --mount=type=secret,id=API_KEY,env=API_KEY,required=true b "${API_KEY}"\n',
    ),
    Sample(
        "Docker Compose",
        "docker-compose.yml",
        "services:\n  a:\n    image: a\n    environment:\n      TOKEN: T0K\n      URL: u:T0K@db/x\n"
        "    command: [serve, --token, 'T0K']\n",
        "services:\n  a:\n    image: a\n    environment:\n      TOKEN: ${API_KEY}\n"
        "      URL: u:${API_KEY}@db/x\n"
        "    command: [serve, --token, '${API_KEY}']\n",
    ),
    Sample(
        "Docker Compose",
        "deploy/compose.override.yaml",
        "services:\r\n  a:\r\n    image: a\r\n    environment:\r\n      - TOKEN=T0K\r\n"
        '      - "B=T0K"\r\n    labels: {c: T0K}\r\n'
        "    build:\r\n      context: .\r\n      args:\r\n        D: T0K # T0K\r\n",
        "services:\r\n  a:\r\n    image: a\r\n    environment:\r\n      - TOKEN=${API_KEY}\r\n"
        '      - "B=${API_KEY}"\r\n'
        '    labels: {c: "${API_KEY}"}\r\n'
        "    build:\r\n      context: .\r\n      args:\r\n        D: ${API_KEY} # keyring://acme/API_KEY\r\n",
    ),
    Sample(
        "Docker Compose",
        "compose.yml",
        "services:\n  a:\n    image: a\n    entrypoint: |\n      sh -c 'echo \"T0K\" $$HOME'\n"
        '    environment:\n      A: "x T0K $$"\n',
        "services:\n  a:\n    image: a\n    entrypoint: |\n      sh -c 'echo \"${API_KEY}\" $$HOME'\n"
        '    environment:\n      A: "x ${API_KEY} $$"\n',
    ),
    Sample(
        "Docker",
        "Dockerfile",
        'FROM alpine\nENV A=1 \\\n    # why\n    API_KEY="T0K" B=2\nRUN echo $B\n',
        "FROM alpine\nENV A=1 \\\n    # why\n    API_KEY=${API_KEY} B=2\nRUN echo $B\n",
    ),
    Sample(
        "Docker",
        "build/api.Dockerfile",
        "FROM alpine\r\nENV API_KEY T0K\r\nENV API_KEY='T0K'\r\n",
        "FROM alpine\r\nENV API_KEY ${API_KEY}\r\nENV API_KEY=${API_KEY}\r\n",
    ),
    Sample(
        "Docker",
        "Containerfile.prod",
        "FROM alpine\n# T0K\n"
        "RUN --network=host apk add curl \\\n  && curl -H 'X: T0K' -d \"T0K\" -u T0K https://example.com\n",
        "FROM alpine\n# keyring://acme/API_KEY\n"
        "RUN --network=host --mount=type=secret,id=API_KEY,required=true,mode=0444 apk add curl \\\n"
        "  && curl -H 'X: '\"$(cat /run/secrets/API_KEY)\"'' -d \"$(cat /run/secrets/API_KEY)\" "
        '-u "$(cat /run/secrets/API_KEY)" https://example.com\n',
    ),
    Sample(
        "Docker",
        "Dockerfile",
        "FROM alpine\nCMD serve --token T0K\n",
        'FROM alpine\nCMD serve --token "${API_KEY}"\n',
    ),
    Sample(
        "Docker",
        "Dockerfile",
        "FROM alpine\n"
        'RUN --mount=type=secret,id=API_KEY,required=true,mode=0444 curl -u T0K -d "$(cat /run/secrets/API_KEY)"\n',
        "FROM alpine\n"
        'RUN --mount=type=secret,id=API_KEY,required=true,mode=0444 curl -u "$(cat /run/secrets/API_KEY)"'
        ' -d "$(cat /run/secrets/API_KEY)"\n',
    ),
    Sample(
        "Docker",
        "Dockerfile",
        "FROM a AS b\n  ARG API_KEY='T0K'\nRUN echo $OTHER_API_KEY\nRUN --network=host curl -u $API_KEY \\\n"
        "  a.example.com\nFROM c\nRUN echo $API_KEY\n",
        "FROM a AS b\n  # ARG API_KEY='set by API_KEY'\n"
        "RUN --mount=type=secret,id=API_KEY,env=API_KEY,required=true echo $OTHER_API_KEY\n"
        "RUN --network=host --mount=type=secret,id=API_KEY,env=API_KEY,required=true curl -u $API_KEY \\\n"
        "  a.example.com\nFROM c\nRUN echo $API_KEY\n",
    ),
    Sample(
        "Docker",
        "Dockerfile",
        'FROM node\nENV NPM_TOKEN=T0K\nCOPY . .\nRUN npm ci && npm run build\nCMD ["node", "main.js"]\n',
        "FROM node\n# ENV NPM_TOKEN=set by NPM_TOKEN\nCOPY . .\n"
        "RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN,required=true npm ci && npm run build\n"
        'CMD ["node", "main.js"]\n',
        variable="NPM_TOKEN",
    ),
    Sample(
        "Docker",
        "Dockerfile",
        "FROM node AS a\nENV A=1 NPM_TOKEN=T0K\nRUN apk add curl\nRUN yarn\nFROM a\nRUN npm ci\n",
        "FROM node AS a\nENV A=1 NPM_TOKEN=${NPM_TOKEN}\nRUN apk add curl\n"
        "RUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN,required=true yarn\nFROM a\nRUN npm ci\n",
        variable="NPM_TOKEN",
    ),
    Sample(
        "Docker",
        "Dockerfile",
        "FROM a\nENV API_KEY=T0K\nRUN ./build $API_KEY\nCMD serve $API_KEY\n",
        "FROM a\nENV API_KEY=${API_KEY}\n"
        "RUN --mount=type=secret,id=API_KEY,env=API_KEY,required=true ./build $API_KEY\nCMD serve $API_KEY\n",
    ),
    Sample(
        "Docker",
        "Dockerfile",
        "FROM a\nENV NPM_TOKEN=T0K\nRUN pip install npmlib\n",
        "FROM a\nENV NPM_TOKEN=${NPM_TOKEN}\nRUN pip install npmlib\n",
        variable="NPM_TOKEN",
    ),
    Sample(
        "Dev Containers",
        ".devcontainer/devcontainer.json",
        '{\n  // T0K\n  "containerEnv": {"A": "T0K"},\n  "runArgs": ["-e", "B=T0K"],\n}\n',
        '{\n  // keyring://acme/API_KEY\n  "containerEnv": {"A": "${localEnv:API_KEY}"},\n'
        '  "runArgs": ["-e", "B=${localEnv:API_KEY}"],\n}\n',
    ),
)
REFUSED = (
    Refused("Docker Compose", "compose.yaml", "services:\n  T0K:\n    image: a\n", "a key"),
    Refused("Docker", "Dockerfile", "FROM alpine\nARG API_KEY=T0K\n", "docker build --secret"),
    Refused("Docker", "Dockerfile", "ARG API_KEY=T0K\nFROM a\nRUN echo $API_KEY\n", "docker build --secret"),
    Refused(
        "Docker",
        "Dockerfile",
        "FROM a\nARG API_KEY=T0K\nENV B=$API_KEY\nRUN c $API_KEY\n",
        "docker build --secret",
    ),
    Refused("Docker", "Dockerfile", 'FROM alpine\nRUN ["curl", "-u", "T0K"]\n', "docker build --secret"),
    Refused("Docker", "Dockerfile", "FROM alpine\nRUN <<EOF\ncurl -u T0K\nEOF\n", "docker build --secret"),
    Refused("Docker", "Dockerfile", "FROM alpine\nLABEL a=T0K\n", "docker build --secret"),
    Refused("Docker", "Dockerfile", "# escape=`\nFROM alpine\nENV API_KEY=T0K\n", "escape character"),
    Refused("Docker", "Dockerfile", 'FROM alpine\nSHELL ["pwsh"]\nRUN curl T0K\n', "docker build --secret"),
    Refused("Docker", "Dockerfile", "FROM alpine\nENV API_KEY=T0K$X\n", "literally"),
    Refused(
        "Dev Containers",
        ".devcontainer.json",
        '{"customizations": {"vscode": {"settings": {"a": "T0K"}}}}\n',
        "an editor's settings",
    ),
)
