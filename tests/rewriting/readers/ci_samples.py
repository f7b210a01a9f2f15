from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample(
        "Concourse", "ci/pipeline.yml", "jobs:\n- plan:\n  - a: T0K\n", "jobs:\n- plan:\n  - a: ((API_KEY))\n"
    ),
    Sample(
        "Kestra",
        "flow.yml",
        "tasks:\n- type: io.kestra.a\n  b: 'Bearer T0K'\n",
        "tasks:\n- type: io.kestra.a\n  b: 'Bearer {{ secret(''API_KEY'') }}'\n",
    ),
    Sample(
        "GitHub Actions",
        ".github/workflows/release.yml",
        "jobs:\n  a:\n    env:\n      NPM_TOKEN: T0K\n    steps:\n      - run: |\n"
        "          curl -H 'X-Key: T0K' https://example.com\n",
        "jobs:\n  a:\n    env:\n      NPM_TOKEN: ${{ secrets.API_KEY }}\n    steps:\n"
        "      - run: |\n          curl -H 'X-Key: ${{ secrets.API_KEY }}' https://example.com\n",
    ),
    Sample(
        "GitHub Actions",
        ".github/workflows/flow.yaml",
        'on: {push: {}}\nenv: {A: T0K, B: "x T0K"}\n',
        'on: {push: {}}\nenv: {A: "${{ secrets.API_KEY }}", B: "x ${{ secrets.API_KEY }}"}\n',
    ),
    Sample(
        "GitHub Actions",
        ".github/workflows/services.yml",
        "jobs:\r\n  a:\r\n    container: {image: a, credentials: {password: T0K}}\r\n    services:\r\n"
        "      db:\r\n        env:\r\n"
        "          P: 'T0K'\r\n    steps:\r\n      - uses: a/b@v1\r\n        with:\r\n"
        "          token: T0K # T0K\r\n",
        "jobs:\r\n  a:\r\n"
        '    container: {image: a, credentials: {password: "${{ secrets.GH_TOKEN }}"}}\r\n    services:\r\n'
        "      db:\r\n        env:\r\n          P: '${{ secrets.GH_TOKEN }}'\r\n    steps:\r\n"
        "      - uses: a/b@v1\r\n"
        "        with:\r\n          token: ${{ secrets.GH_TOKEN }} # keyring://acme/GITHUB_TOKEN\r\n",
        "GITHUB_TOKEN",
    ),
    Sample(
        "GitHub Actions, in a workflow that others call",
        ".github/workflows/reused.yml",
        "on:\n  workflow_call:\njobs:\n  a:\n    env: {A: T0K}\n",
        'on:\n  workflow_call:\njobs:\n  a:\n    env: {A: "${{ secrets.API_KEY }}"}\n',
    ),
    Sample(
        "GitLab CI",
        ".gitlab-ci.yml",
        'deploy:\n  variables:\n    TOKEN: "T0K"\n    A: {value: T0K}\n  script:\n    - deploy --token T0K\n',
        'deploy:\n  variables:\n    TOKEN: "${API_KEY}"\n    A: {value: "${API_KEY}"}\n  script:\n'
        '    - deploy --token "${API_KEY}"\n',
    ),
    Sample(
        "GitLab CI",
        "ci/build.gitlab-ci.yml",
        "a:\n  before_script:\n    - |\n      cat <<EOF > c\n        key=T0K\n      EOF\n"
        "      curl -H 'X: T0K' -H \"Y: T0K\" u:T0K@example.com\n"
        "  script:\n    - 'curl -H ''X: T0K'''\n    - \"curl -H \\\"X: T0K\\\"\"\n    - export A=T0K # T0K\n",
        "a:\n  before_script:\n    - |\n      cat <<EOF > c\n        key=${API_KEY}\n      EOF\n"
        '      curl -H \'X: \'"${API_KEY}"\'\' -H "Y: ${API_KEY}" u:"${API_KEY}"@example.com\n'
        "  script:\n    - 'curl -H ''X: ''\"${API_KEY}\"'''''\n    - \"curl -H \\\"X: ${API_KEY}\\\"\"\n"
        '    - export A="${API_KEY}" # keyring://acme/API_KEY\n',
    ),
    Sample(
        "GitLab CI",
        ".gitlab-ci.yml",
        ".login: &login\n  - deploy T0K\na:\n  script:\n    - *login\n"
        "    - curl https://example.com -H \"X: T0K\"\n    - curl -H 'X: a T0K' -v\n",
        '.login: &login\n  - deploy "${API_KEY}"\na:\n  script:\n    - *login\n'
        "    - curl https://example.com -H \"X: ${API_KEY}\"\n    - curl -H 'X: a '\"${API_KEY}\"'' -v\n",
    ),
    Sample(
        "Bitbucket Pipelines",
        "bitbucket-pipelines.yml",
        'pipelines:\n  default:\n  - step:\n      script:\n      - curl -H "X: T0K" example.com\n',
        'pipelines:\n  default:\n  - step:\n      script:\n      - curl -H "X: ${API_KEY}" example.com\n',
    ),
    Sample(
        "Travis CI",
        ".travis.yml",
        'script:\n- curl -H "X: T0K" example.com\n',
        'script:\n- curl -H "X: ${API_KEY}" example.com\n',
    ),
    Sample(
        "CircleCI",
        ".circleci/config.yml",
        "references:\n  a: &a\n    run: deploy T0K\n",
        'references:\n  a: &a\n    run: deploy "${API_KEY}"\n',
    ),
    Sample(
        "CircleCI",
        ".circleci/config.yml",
        "jobs:\n  a:\n    docker:\n      - image: a\n        auth: {username: u, password: T0K}\n"
        "    steps:\n      - run: deploy T0K\n"
        "      - when:\n          steps:\n            - run:\n                command: |\n"
        "                  deploy 'T0K'\n",
        "jobs:\n  a:\n    docker:\n      - image: a\n        auth: {username: u, password: $API_KEY}\n    steps:\n"
        '      - run: deploy "${API_KEY}"\n'
        "      - when:\n          steps:\n            - run:\n                command: |\n"
        "                  deploy ''\"${API_KEY}\"''\n",
    ),
    Sample(
        "CircleCI",
        ".circleci/config.yml",
        "jobs:\r\n  a:\r\n    steps:\r\n      - run: |-\r\n          deploy \\\r\n"
        "            'T0K' T0K\r\n\r\n          deploy T0K\r\n",
        "jobs:\r\n  a:\r\n    steps:\r\n      - run: |-\r\n          deploy \\\r\n            ''\"${API_KEY}\"'' "
        '"${API_KEY}"\r\n\r\n          deploy "${API_KEY}"\r\n',
    ),
    Sample(
        "CircleCI",
        ".circleci/config.yml",
        "jobs:\n  a:\n    environment:\n      A: b\n      API_KEY: T0K\n    steps: []\n",
        "jobs:\n  a:\n    environment:\n      A: b\n      # API_KEY: set by API_KEY\n    steps: []\n",
    ),
    Sample(
        "CircleCI",
        ".circleci/config.yml",
        "jobs:\n  a:\n    environment:\n      API_KEY: 'T0K'\n    steps: []\n",
        "jobs:\n  a:\n    # environment:\n      # API_KEY: 'set by API_KEY'\n    steps: []\n",
    ),
    Sample(
        "Azure Pipelines",
        "azure-pipelines.yml",
        "variables:\n  API_KEY: T0K\nsteps:\n- script: curl -H 'X:T0K'\n  env:\n    A: 'T0K'\n"
        "- task: a@1\n  inputs: {p: T0K}\n",
        "variables:\n  API_KEY: $(API_KEY_VALUE)\nsteps:\n- script: curl -H 'X:$(API_KEY)'\n  env:\n"
        "    A: '$(API_KEY)'\n"
        "- task: a@1\n  inputs: {p: $(API_KEY)}\n",
    ),
    Sample(
        "Azure Pipelines",
        ".azure-pipelines/release.yml",
        "stages:\n- stage: a\n  jobs:\n  - deployment: b\n    variables:\n    - name: c\n"
        "      value: T0K\n    strategy:\n      runOnce:\n"
        "        deploy:\n          steps:\n          - bash: T0K\n",
        "stages:\n- stage: a\n  jobs:\n  - deployment: b\n    variables:\n    - name: c\n"
        "      value: $(MY_SECRET_VALUE)\n"
        "    strategy:\n      runOnce:\n        deploy:\n          steps:\n          - bash: $(MY_SECRET)\n",
        "SECRET",
    ),
    Sample(
        "Bitbucket Pipelines",
        "bitbucket-pipelines.yml",
        "pipelines:\n  default:\n    - step:\n        image: {name: a, password: 'T0K'}\n"
        "        script:\n          - deploy --token=T0K\n"
        "          - pipe: a/b:1\n            variables:\n              KEY: T0K\n",
        "pipelines:\n  default:\n    - step:\n        image: {name: a, password: '$API_KEY'}\n        script:\n"
        '          - deploy --token="${API_KEY}"\n'
        "          - pipe: a/b:1\n            variables:\n              KEY: ${API_KEY}\n",
    ),
    Sample(
        "Travis CI",
        ".travis.yml",
        "env:\n  global:\n    - A=T0K\n",
        'env:\n  global:\n    - A="${API_KEY}"\n',
    ),
    Sample(
        "AWS Amplify",
        "amplify.yml",
        "frontend:\n  phases:\n    build:\n      commands:\n        - export A=T0K\n",
        'frontend:\n  phases:\n    build:\n      commands:\n        - export A="${API_KEY}"\n',
    ),
    Sample(
        "Codemagic",
        "codemagic.yaml",
        "workflows:\n  a:\n    environment:\n      vars:\n        B: c\n        API_KEY: T0K\n",
        "workflows:\n  a:\n    environment:\n      vars:\n        B: c\n        # API_KEY: set by API_KEY\n",
    ),
    Sample(
        "Codemagic",
        "codemagic.yaml",
        "workflows:\n  a:\n    scripts:\n      - script: |\n          deploy T0K\n",
        'workflows:\n  a:\n    scripts:\n      - script: |\n          deploy "${API_KEY}"\n',
    ),
    Sample(
        "Travis CI",
        ".travis.yml",
        "deploy:\n  provider: npm\n  api_key: T0K\n",
        "deploy:\n  provider: npm\n  api_key: $API_KEY\n",
    ),
    Sample("AppVeyor", "appveyor.yml", "deploy:\n- api_key: T0K\n", "deploy:\n- api_key: $(API_KEY)\n"),
    Sample(
        "Bitrise",
        "bitrise.yml",
        "workflows:\n  a:\n    envs:\n    - KEY: T0K\n    steps:\n    - script@1:\n        inputs:\n"
        "        - content: |\n            curl -H 'a: T0K' https://example.com\n",
        "workflows:\n  a:\n    envs:\n    - KEY: ${API_KEY}\n    steps:\n    - script@1:\n        inputs:\n"
        "        - content: |\n            curl -H 'a: '\"${API_KEY}\"'' https://example.com\n",
    ),
    Sample(
        "Semaphore",
        ".semaphore/semaphore.yml",
        "blocks:\n- task:\n    jobs:\n    - commands:\n      - deploy T0K\n",
        'blocks:\n- task:\n    jobs:\n    - commands:\n      - deploy "${API_KEY}"\n',
    ),
    Sample(
        "AWS CodeBuild",
        "buildspec.yml",
        "env:\n  variables:\n    A: b\n    KEY: T0K\n",
        "env:\n  variables:\n    A: b\n    # KEY: set by KEY\n",
        "KEY",
    ),
    Sample(
        "Buildkite",
        ".buildkite/pipeline.yml",
        "steps:\n- command: deploy --key=T0K\n",
        'steps:\n- command: deploy --key="$(buildkite-agent secret get API_KEY)"\n',
    ),
    Sample(
        "Buildkite",
        ".buildkite/pipeline.yml",
        "env:\n  KEY: T0K\nsteps: []\n",
        "# env:\n  # KEY: set by KEY\nsteps: []\n",
        "KEY",
    ),
    Sample(
        "AppVeyor",
        "appveyor.yml",
        "environment:\n  API_KEY: T0K\nbuild: off\n",
        "# environment:\n  # API_KEY: set by API_KEY\nbuild: off\n",
    ),
    Sample(
        "Codefresh",
        "codefresh.yml",
        "steps:\n  a:\n    environment:\n      - B=T0K\n",
        "steps:\n  a:\n    environment:\n      - B=${{API_KEY}}\n",
    ),
    Sample(
        "Travis CI",
        ".travis.yml",
        "script:\n  - deploy T0K\nafter_success: deploy 'T0K'\n",
        "script:\n  - deploy \"${API_KEY}\"\nafter_success: deploy ''\"${API_KEY}\"''\n",
    ),
    *(
        Sample(
            name,
            path,
            "steps:\n  - name: a\n    environment:\n      TOKEN: 'T0K'\n    settings: {key: T0K}\n",
            "steps:\n  - name: a\n    environment:\n      TOKEN: {from_secret: API_KEY}\n"
            "    settings: {key: {from_secret: API_KEY}}\n",
        )
        for name, path in (("Drone", ".drone.yml"), ("Woodpecker", ".woodpecker/build.yaml"))
    ),
    Sample(
        "Jenkins",
        "Jenkinsfile",
        "pipeline {\n  environment {\n    // T0K\n    TOKEN = 'T0K'\n    A = \"T0K\"\n  }\n}\n",
        "pipeline {\n  environment {\n    // keyring://acme/API_KEY\n    TOKEN = credentials('API_KEY')\n"
        "    A = credentials('API_KEY')\n  }\n}\n",
    ),
    Sample(
        "Jenkins",
        "Jenkinsfile",
        "pipeline {\n  agent any\n  stages { stage('a') { steps {\n    sh 'curl -H \"X: T0K\" T0K' // {\n"
        "    sh \"curl -u 'a:T0K' ${env.A}\"\n"
        "    sh(returnStdout: true, script: '''\n      curl -H \\'X: T0K\\'\n    ''')"
        "\n  } } }\n}\n",
        "pipeline {\n  environment {\n    API_KEY = credentials('API_KEY')\n  }\n  agent any\n"
        "  stages { stage('a') { steps {\n"
        '    sh \'curl -H "X: ${API_KEY}" "${API_KEY}"\' // {\n'
        "    sh \"curl -u 'a:'\\\"\\${API_KEY}\\\"'' ${env.A}\"\n"
        "    sh(returnStdout: true, script: '''\n      curl -H \\'X: \\'\"${API_KEY}\"\\'\\'\n    ''')"
        "\n  } } }\n}\n",
    ),
    Sample(
        "Jenkins",
        "ci/deploy.jenkinsfile",
        "pipeline {\r\n\tenvironment {\r\n\t\tA = 'b'\r\n\t}\r\n\tstages { stage('a') {\r\n"
        "\t\tenvironment { C = 'd' }\r\n\t\tsteps { sh \"deploy T0K\" }\r\n\t} }\r\n}\r\n",
        "pipeline {\r\n\tenvironment {\r\n\t\tAPI_KEY = credentials('API_KEY')\r\n\t\tA = 'b'\r\n\t}\r\n"
        "\tstages { stage('a') {\r\n\t\tenvironment { C = 'd' }\r\n"
        '\t\tsteps { sh "deploy \\"\\${API_KEY}\\"" }\r\n\t} }\r\n}\r\n',
    ),
)
REFUSED = (
    Refused(
        "GitHub Actions", ".github/workflows/a.yml", "jobs:\n  a:\n    if: x == 'T0K'\n", "only in `env`"
    ),
    Refused(
        "GitHub Actions", ".github/workflows/a.yml", "jobs:\n  a:\n    with: {a: T0K}\n", "only in `env`"
    ),
    Refused(
        "GitHub's composite actions",
        "action.yml",
        "runs:\n  using: composite\n  steps:\n    - run: deploy T0K\n",
        "declare an input",
    ),
    Refused("GitLab CI", ".gitlab-ci.yml", "a:\n  stage: T0K\n", "looks up no variable"),
    *(
        Refused(reader, path, f'{start}: curl -H "X: T0K" example.com\n', "line 2 for the end of a key")
        for reader, path, start in (
            ("GitHub Actions", ".github/workflows/a.yml", "jobs:\n  run"),
            ("GitLab CI", ".gitlab-ci.yml", "a:\n  script"),
            ("CircleCI", ".circleci/config.yml", "steps:\n- run"),
            ("Azure Pipelines", "azure-pipelines.yml", "steps:\n- script"),
        )
    ),
    Refused(
        "GitLab CI",
        ".gitlab-ci.yml",
        "a:\n  script: |\n    cat <<'EOF'\n    T0K\n    EOF\n",
        "quoted delimiter",
    ),
    Refused("CircleCI", ".circleci/config.yml", "jobs:\n  a:\n    environment: {A: T0K}\n", "only entry"),
    Refused(
        "CircleCI",
        ".circleci/config.yml",
        "jobs:\n  a:\n    environment: {A: T0K, B: c}\n",
        "cannot be made a comment",
    ),
    Refused(
        "CircleCI", ".circleci/config.yml", "jobs:\n  a:\n    working_directory: T0K\n", "delete the line"
    ),
    Refused(
        "Jenkins", "Jenkinsfile", "pipeline { stages { sh 'deploy ' + 'T0K' } }\n", "credentials('NAME')"
    ),
    Refused(
        "Jenkins",
        "Jenkinsfile",
        "pipeline {\n  environment {\n    API_KEY = 'a'\n  }\n  steps { sh 'deploy T0K' }\n}\n",
        "something else",
    ),
    Refused("Azure Pipelines", "azure-pipelines.yml", "parameters:\n- default: T0K\n", "only in `variables`"),
    Refused("Travis CI", ".travis.yml", "notifications:\n  slack: a:T0K\n", "travis encrypt"),
    Refused("Semaphore", ".semaphore/semaphore.yml", "env_vars:\n- value: T0K\n", "sem create secret"),
    Refused("AWS CodeBuild", "buildspec.yml", "env:\n  shell: T0K\n", "aws ssm put-parameter"),
    Refused(
        "Codemagic", "codemagic.yaml", "workflows:\n  a: {environment: {vars: {B: T0K}}}\n", "only entry"
    ),
    Refused("Drone", ".drone.yml", "steps:\n  - commands: [deploy T0K]\n", "from_secret"),
    Refused("Buildkite", ".buildkite/pipeline.yml", "steps:\n- label: T0K\n", "`command` and `secrets`"),
    Refused("Jenkins", "Jenkinsfile", "node { sh 'deploy T0K' }\n", "credentials('NAME')"),
)
