"""Readers of CI configuration: a runner looks up its own secret, which a person has to set there."""

from __future__ import annotations

import re
from dataclasses import replace

from tokenward.errors import RewriteRefused
from tokenward.language import phrase
from tokenward.model import Span
from tokenward.rewriting.jenkins_syntax import SCRIPT, with_credential
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.readers.reader import Place, outside, reader, set_by
from tokenward.rewriting.structure import ENVIRONMENT_KEY

_CALLED = r"\A(?:.*\n)*?[ \t]*[\"']?workflow_call\b"
# Workflow syntax, "Context availability": where `secrets` may be read.
_GITHUB_PLACES = re.compile(
    r"env/[^/]+|jobs/[^/]+/(?:env/[^/]+|secrets/[^/]+|container/(?:env|credentials)/[^/]+"
    r"|services/[^/]+/(?:env|credentials)/[^/]+|steps/(?:name|run|(?:env|with)/[^/]+))"
)
_RESERVED_BY_AZURE = re.compile(
    r"(?:ENDPOINT|INPUT|SECRET|PATH|SECUREFILE|AGENT|BUILD|SYSTEM)_?", re.IGNORECASE
)

# A command up to a character within its double quotes.
_OPENED = r"[^'\"]*\"[^'\"]*(?:\"[^'\"]*\"[^'\"]*)*"
_OTHER_QUOTES = str.maketrans("'\"", "\"'")
_SPLIT = "Also write the command on a line of its own below `- |`, because YAML takes its `: ` for the end of a key."
_COPY = "`tokenward get NAME --clip` copies its value."


def _on_github(name: str) -> str:
    """Return a name that GitHub allows: it keeps those that begin with GITHUB for itself."""
    return f"GH{name.removeprefix('GITHUB')}" if name.startswith("GITHUB") else name


def _on_azure(name: str) -> str:
    """Return a name that Azure allows: it keeps some beginnings for itself."""
    return f"MY_{name}" if _RESERVED_BY_AZURE.match(name) else name


def _github(after: str) -> Place:
    return Place(
        "${{ secrets.NAME }}",
        _GITHUB_PLACES,
        own_name=_on_github,
        in_environment=False,
        after=after,
        left="gh",
    )


def _by_shell(keys: str, after: str, left: str = "") -> Place:
    return Place("${NAME}", re.compile(keys), is_script=True, in_environment=False, after=after, left=left)


def _by_line(keys: str, after: str, left: str = "") -> tuple[Place, ...]:
    """Return the places of a list of scripts, and of a command in it that YAML takes for a key and its value."""
    split = f"{after} {_SPLIT}"
    return (
        _by_shell(rf"(?:.*/)?(?:{keys})", after, left),
        _by_runner("${NAME}", rf"(?:.*/)?(?:{keys})/{_OPENED}", split, left),
        replace(
            _by_runner(
                "'\"${NAME}\"'", rf"(?:.*/)?(?:{keys})/{_OPENED.translate(_OTHER_QUOTES)}", split, left
            ),
            before=re.compile(r"\w.*"),
        ),
    )


def _by_runner(look_up: str, keys: str, after: str, left: str = "", *, whole: bool = False) -> Place:
    return Place(look_up, re.compile(keys), in_environment=False, whole=whole, after=after, left=left)


def _set_elsewhere(keys: str, after: str) -> Place:
    """Return the places whose lines become comments, because the runner has a variable of that name."""
    return replace(
        set_by(keys, lambda trail: trail[-1], after=after, disabled=True),
        in_environment=False,
        further=_without_mapping,
    )


def _without_mapping(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Return the change that makes the key of a mapping a comment if its only entry becomes one."""
    beside = parsed.beside(span, 1)
    if len(beside) > 1:
        return []
    above = re.search(
        rf"[ \t]*({ENVIRONMENT_KEY})[ \t]*\r?\n[ \t]*\Z",
        parsed.text[: parsed.text.rfind(name, 0, span.start)],
    )
    if above is None:
        raise RewriteRefused(_LONE)
    return [Replacement(Span(*above.span(1)), f"# {above[1]}", before=above[1])]


def _in_settings(system: str) -> str:
    return f"Add NAME as a secret variable in the project's settings at {system}; {_COPY}"


_SET_ON_GITHUB = "Set the secret in GitHub with COMMANDS"
_SET_ON_GITLAB = "Set the variable with COMMANDS."
_SET_ON_AZURE = "Add OWN as a secret variable of the pipeline, such as by COMMANDS."
_IN_BITBUCKET, _IN_APPVEYOR = map(_in_settings, ("Bitbucket", "AppVeyor"))
_IN_TRAVIS = 'Set the variable with `travis env set NAME "$(tokenward get NAME)" --private`.'
_IN_BITRISE = f"Add NAME to the Secrets of the project at Bitrise; {_COPY}"
_IN_BUILDKITE = f"Add NAME to the cluster's secrets at Buildkite; {_COPY}"
_IN_SEMAPHORE = (
    'Create the secret with `sem create secret NAME -e NAME="$(tokenward get NAME)"`, and add `name: NAME` to the '
    "task's `secrets`."
)
_IN_CODEBUILD = (
    "Store it with `tokenward get NAME | aws ssm put-parameter --type SecureString --name NAME --value "
    "file:///dev/stdin`, and add `NAME: NAME` to `env/parameter-store`."
)
_IN_CODEMAGIC = f"Add NAME to a group of variables in Codemagic, and name the group in `environment`; {_COPY}"
_IN_CIRCLECI = "Set the variable with COMMANDS, or add it in the project's settings at CircleCI."

_CIRCLECI_REFUSAL = phrase(
    "CircleCI looks up variables only in the commands of steps and in `auth`; add the variable in the project's "
    "settings, where every step gets it, and delete the line."
)
_LONE = phrase(
    "The variable is the only entry of its mapping; add it in the project's settings, and delete the mapping."
)
_IN_JENKINS = (
    "Add a credential of the kind “Secret text” with the ID NAME in Jenkins; `tokenward get NAME --clip` copies its "
    "value."
)
_GITHUB_FILES = r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml"
_GITHUB_REFUSAL = (
    "GitHub Actions reads secrets only in `env`, `with`, `run`, `name` of steps, `secrets` and `credentials`"
)
_AZURE_STEPS = r"(?:.*/)?steps/(?:.+/)?(?:script|bash|pwsh|powershell|displayName|(?:env|inputs)/.+)"

# fmt: off
CI = (
    reader(
        "GitHub Actions, in a workflow that others call", "yaml", _GITHUB_FILES,
        _github(f"{_SET_ON_GITHUB}, and let each workflow that calls this one say `secrets: inherit`."),
        content=_CALLED, refusal=_GITHUB_REFUSAL, special=r"\$\{\{",
    ),
    reader(
        "GitHub Actions", "yaml", _GITHUB_FILES, _github(f"{_SET_ON_GITHUB}."), refusal=_GITHUB_REFUSAL,
        special=r"\$\{\{",
    ),
    reader(
        "GitHub's composite actions", "yaml", r"action\.ya?ml", content=r"^runs:",
        refusal=(
            "An action cannot read secrets; declare an input for the token, write `${{ inputs.NAME }}` here, and let "
            "the workflow pass `${{ secrets.NAME }}` in `with`."
        ),
    ),
    reader(
        "GitLab CI", "yaml", r"\.gitlab-ci\.yml|(?:[^/]*\.)?gitlab-ci(?:[.-][^/]*)?\.ya?ml|\.gitlab/ci/.+\.ya?ml",
        # Hidden keys hold lists for scripts.
        *_by_line(
            r"before_script|script|after_script|pre_get_sources_script|(?<![^/])\.[^/]+", _SET_ON_GITLAB, "glab"
        ),
        # Where variables can be used: the runner expands these, and lets a project's variable win over the file's.
        _by_runner(
            "${NAME}",
            r"(?:.*/)?(?:variables/[^/]+(?:/value)?|image(?:/name)?|services(?:/(?:name|alias))?|environment(?:/(?:name|url))?)",
            _SET_ON_GITLAB, "glab",
        ),
        special=r"\$",
    ),
    reader(
        "CircleCI", "yaml", r"\.circleci/.+\.ya?ml",
        _by_shell(r"(?:.*/)?run(?:/command)?", _IN_CIRCLECI, "circleci"),
        _by_runner("$NAME", r"(?:.*/)?docker/(?:auth|aws_auth)/[^/]+", _IN_CIRCLECI, "circleci", whole=True),
        replace(_set_elsewhere(r"(?:.*/)?environment/[^/]+", _IN_CIRCLECI), left="circleci"),
        refusal=_CIRCLECI_REFUSAL, special=r"\$|<<",
    ),
    reader(
        "Azure Pipelines", "yaml",
        r"(?:[^/]*[-.])?azure-pipelines?[^/]*\.ya?ml|\.(?:azure-?pipelines|azuredevops|pipelines)/.+\.ya?ml",
        # A variable of the file hides the pipeline's variable of the same name.
        Place(
            "$(NAME)", re.compile(r"(?:.*/)?variables/[^/]+"), own_name=lambda name: _on_azure(f"{name}_VALUE"),
            in_environment=False, after=_SET_ON_AZURE, left="az",
        ),
        Place(
            "$(NAME)", re.compile(_AZURE_STEPS), own_name=_on_azure, in_environment=False, after=_SET_ON_AZURE,
            left="az",
        ),
        refusal="Azure Pipelines looks up secret variables only in `variables` and in steps", special=r"\$[({[]",
    ),
    reader(
        "Bitbucket Pipelines", "yaml", r"bitbucket-pipelines\.ya?ml",
        *_by_line(r"script|after-script", _IN_BITBUCKET),
        _by_runner("${NAME}", r"(?:.*/)?(?:script|after-script)/variables/[^/]+", _IN_BITBUCKET),
        _by_runner(
            "$NAME",
            r"(?:.*/)?(?:services/[^/]+/(?:variables|environment)/[^/]+|image/(?:username|password|aws/[^/]+))",
            _IN_BITBUCKET, whole=True,
        ),
        special=r"\$",
    ),
    reader(
        "Travis CI", "yaml", r"\.travis\.ya?ml",
        *_by_line(r"(?:before_|after_)?(?:script|install|deploy|success|failure)", _IN_TRAVIS),
        # A variable of the settings is set before those of the file, which a shell sets.
        _by_shell(r"env(?:/(?:global|jobs|matrix))?", _IN_TRAVIS),
        _by_runner("$NAME", r"(?:.*/)?deploy/[^/]+", _IN_TRAVIS, whole=True),
        refusal=(
            "Travis CI looks up no variables there; put what `tokenward get NAME | travis encrypt` prints under "
            "`secure:` instead."
        ),
        special=r"\$",
    ),
    *(
        reader(
            name, "yaml", files, *places, special=r"\$",
            refusal=(
                f"{name} looks up no variables there; delete the token, and let a script read $NAME. {places[0].after}"
            ),
        )
        for name, files, *places in (
            (
                "AWS Amplify", r"amplify\.ya?ml",
                _by_shell(r"(?:.*/)?commands", "Add NAME to the app's environment variables in Amplify; " + _COPY),
            ),
            (
                "Codemagic", r"codemagic\.ya?ml",
                _by_shell(r"(?:.*/)?scripts(?:/script)?", _IN_CODEMAGIC),
                _set_elsewhere(r"(?:.*/)?environment/vars/[^/]+", _IN_CODEMAGIC),
            ),
            (
                "AppVeyor", r"\.?appveyor\.ya?ml", _set_elsewhere(r"(?:.*/)?environment/[^/]+", _IN_APPVEYOR),
                _by_runner("$(NAME)", r"(?:.*/)?(?:deploy|nuget|notifications)/.+", _IN_APPVEYOR),
            ),
            # The program expands variables in the inputs of steps; a script's own text is left to its shell.
            (
                "Bitrise", r"bitrise\.ya?ml", _by_shell(r"(?:.*/)?script[^/]*/inputs/content", _IN_BITRISE),
                _by_runner("${NAME}", r"(?:.*/)?(?:envs|inputs)/[^/]+", _IN_BITRISE),
            ),
            ("Semaphore", r"\.semaphore/[^/]+\.ya?ml", _by_shell(r"(?:.*/)?commands", _IN_SEMAPHORE)),
            (
                "AWS CodeBuild", r"buildspec[^/]*\.ya?ml", _by_shell(r"(?:.*/)?(?:commands|finally)", _IN_CODEBUILD),
                _set_elsewhere(r"env/variables/[^/]+", _IN_CODEBUILD),
            ),
            (
                "Codefresh", r"codefresh\.ya?ml",
                _by_runner(
                    "${{NAME}}", "steps/.+", f"Add NAME to the pipeline's variables in Codefresh, encrypted; {_COPY}"
                ),
            ),
        )
    ),
    *(
        reader(
            name,
            "yaml",
            files,
            Place(
                "{from_secret: NAME}",
                re.compile(r"(?:.*/)?(?:environment|settings)/[^/]+"),
                is_expression=True,
                in_environment=False,
                whole=True,
                after="Set the secret with COMMANDS.",
                left=program,
            ),
            refusal=(
                f"{name} reads secrets only in `environment` and `settings`; add `NAME: {{from_secret: NAME}}` there "
                "and let the command read `$NAME`."
            ),
            special=r"\$",
        )
        for name, files, program in (
            ("Drone", r"\.drone\.ya?ml", "drone"),
            ("Woodpecker", r"\.woodpecker(?:/.+)?\.ya?ml", "woodpecker-cli"),
        )
    ),
    reader(
        "Concourse", "yaml", r"(?:[^/]*pipeline[^/]*|concourse/.+|ci/.+)\.ya?ml",
        Place("((NAME))", in_environment=False, after=f"Add NAME to Concourse's credential manager; {_COPY}"),
        content=r"^resources:[ \t]*\r?\n[ \t]*- [\s\S]*^jobs:|^jobs:[ \t]*\r?\n[\s\S]*^[ \t-]*plan:", special=r"\(\(",
    ),
    reader(
        "Kestra", "yaml", r"[^/]+\.ya?ml",
        Place(
            "{{ secret('NAME') }}", before=outside("{{", "}}"), in_environment=False,
            after=f"Add NAME to the secrets of the namespace in Kestra; {_COPY}",
        ),
        content=r"^[ \t-]*type: io\.kestra\.", special=r"\{[{%#]",
    ),
    reader(
        # It would write the value of a variable into the uploaded pipeline, but starts no command there.
        "Buildkite", "yaml", r"\.?buildkite/[^/]*\.ya?ml",
        replace(
            _by_shell(r"(?:.*/)?(?:commands?|steps/script)", _IN_BUILDKITE),
            look_up="$(buildkite-agent secret get NAME)",
        ),
        _set_elsewhere(r"(?:.*/)?env/[^/]+", f"{_IN_BUILDKITE[:-1]}, and name it in `secrets` of the step."),
        refusal="Buildkite reads secrets only in `command` and `secrets`", special=r"\$",
    ),
    reader(
        "Jenkins", "jenkins", r"jenkinsfile(?:\.[^/]*)?|[^/]*\.jenkinsfile",
        Place(
            "credentials('NAME')", re.compile(r"environment/[^/]+"), is_expression=True, in_environment=False,
            whole=True, after=_IN_JENKINS,
        ),
        Place(
            "${NAME}", re.compile(SCRIPT), is_script=True, in_environment=False, further=with_credential,
            after=_IN_JENKINS,
        ),
        refusal=(
            "Jenkins reads credentials only in `environment`; add `NAME = credentials('NAME')` there and let the step "
            "read $NAME in single quotes."
        ),
        special=r"[$\\]",
    ),
)
# fmt: on
