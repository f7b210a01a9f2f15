"""Agents for the command line, except Claude Code and opencode."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.operations.agents_protection.credential_files import STORES, VARIABLES, ignore_file
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.protected_agent import (
    Aim,
    HookPoint,
    OnFailure,
    ProtectedAgent,
    SettingsTarget,
    Stage,
)
from tokenward.operations.agents_protection.rows.hook_files import SECONDS, constant, flat, grouped
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

_BROKERED = {
    "GITLAB_TOKEN": (r"glpat-[A-Za-z0-9_.-]{20,64}", ("bearer",), "PRIVATE-TOKEN"),
    "ANTHROPIC_API_KEY": (r"sk-ant-[A-Za-z0-9_-]{80,120}", ("bearer",), "x-api-key"),
    "HF_TOKEN": (r"hf_[A-Za-z0-9]{30,40}", ("bearer",), ""),
    "SLACK_BOT_TOKEN": (r"xoxb-[A-Za-z0-9-]{30,80}", ("bearer",), ""),
    "STRIPE_API_KEY": (r"[rs]k_(live|test)_[A-Za-z0-9]{20,120}", ("bearer", "basic"), ""),
    "SENDGRID_API_KEY": (r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", ("bearer",), ""),
    "CLOUDFLARE_API_TOKEN": (r"[A-Za-z0-9_-]{40}", ("bearer",), ""),
    "DIGITALOCEAN_ACCESS_TOKEN": (r"dop_v1_[a-f0-9]{64}", ("bearer",), ""),
}
"""The form of each variable's value, and how requests carry it: in these ways, and in a header of its own.

Codex itself knows those of GitHub and OpenAI.
"""


def _codex_placeholders() -> tuple[SettingEntry, ...]:
    """Return the variables for which commands have a placeholder, where the user has switched on Codex's proxy."""
    place = ("features", "network_proxy")
    entries = [SettingEntry((*place, "credential_broker"), True, in_list=False)]
    for name, (pattern, ways, header) in _BROKERED.items():
        urls = [f"https://{host}" for host in VARIABLES[name]]
        fields = {"env": [name], "patterns": [pattern], "url_prefixes": urls}
        fields["auth"] = [*ways, *(["header"] if header else [])]
        named = fields | ({"header": header} if header else {})
        entries += [
            SettingEntry((*place, "credentials", name.lower(), key), value, in_list=False)
            for key, value in named.items()
        ]
    return tuple(entries)


_CODEX = "{CODEX_HOME|~/.codex}"
CODEX = ProtectedAgent(
    name="Codex",
    dialect="codex",
    programs=("codex",),
    folders=(_CODEX, ".codex"),
    files=(
        SettingsTarget(f"{_CODEX}/hooks.json", "json", Aim.HOOKS, grouped(matcher=None)),
        SettingsTarget(
            f"{_CODEX}/config.toml",
            "toml",
            Aim.MASKING,
            # Variables that are called KEY, SECRET or TOKEN are kept from commands.
            constant(SettingEntry(("shell_environment_policy", "ignore_default_excludes"), False, False)),
        ),
        # An older Codex does not start with settings that it does not know.
        SettingsTarget(
            f"{_CODEX}/config.toml", "toml", Aim.MASKING, constant(*_codex_placeholders()), since="0.169.0"
        ),
    ),
    points=(
        HookPoint("SessionStart", Stage.START, can_stop=False),
        HookPoint("UserPromptSubmit", Stage.PROMPT),
        HookPoint("PreToolUse", Stage.BEFORE),
        HookPoint("PermissionRequest", Stage.BEFORE),
        HookPoint("PostToolUse", Stage.AFTER),
    ),
    only_masks=True,
    trusted_in=(f"{_CODEX}/config.toml", ("hooks", "state")),
    trust="Start codex and trust the hooks with `/hooks`; until then it skips them silently.",
    limits="A hook that crashes or takes too long lets the call through; what is typed into a running command "
    "passes no hook.",
    source="codex 0.169.0, embedded schemas; openai/codex codex-rs/hooks/src",
)


def _copilot(command: HookCommand, points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
    handler = {
        "type": "command",
        "bash": command.line,
        "powershell": command.powershell,
        "timeoutSec": SECONDS,
    }
    version = SettingEntry(("version",), 1, in_list=False)
    return (version, *(SettingEntry(("hooks", point.event), handler) for point in points))


_COPILOT_HOSTS = [(name, host) for name, hosts in VARIABLES.items() for host in hosts]
_COPILOT_PATHS = ("sandbox", "userPolicy", "filesystem", "deniedPaths")
_COPILOT_MASKING = constant(
    *(
        SettingEntry(("sandbox", "credentials", "envVars", name, "injectHosts"), host)
        for name, host in _COPILOT_HOSTS
    ),
    *(SettingEntry(_COPILOT_PATHS, file) for file in STORES if "*" not in file),
)
"""What Copilot's sandbox keeps from commands: files, and values, which it sends to their hosts alone."""
_COPILOT = "{COPILOT_HOME|~/.copilot}"
COPILOT_CLI = ProtectedAgent(
    name="Copilot CLI",
    dialect="copilot-cli",
    programs=("copilot",),
    folders=(_COPILOT,),
    files=(
        SettingsTarget(f"{_COPILOT}/hooks/tokenward.json", "json", Aim.HOOKS, _copilot),
        SettingsTarget(f"{_COPILOT}/settings.json", "json", Aim.MASKING, _COPILOT_MASKING),
    ),
    points=(
        HookPoint("sessionStart", Stage.START, can_stop=False),
        HookPoint("userPromptSubmitted", Stage.PROMPT),
        HookPoint("userPromptTransformed", Stage.PROMPT),
        HookPoint("preToolUse", Stage.BEFORE, OnFailure.BLOCKS_CRASHES),
        HookPoint("postToolUse", Stage.AFTER),
    ),
    limits="A hook that takes too long always lets the call through.",
    source="copilot 1.0.102, run; changelog.json and schemas; github/docs hooks-reference.md",
)

_GEMINI = "~/.gemini/settings.json"
GEMINI_CLI = ProtectedAgent(
    name="Gemini CLI",
    dialect="gemini-cli",
    programs=("gemini",),
    folders=(_GEMINI, ".gemini"),
    files=(
        SettingsTarget(
            _GEMINI, "json", Aim.HOOKS, grouped(matcher=".*", seconds=SECONDS * 1000, name="tokenward")
        ),
        SettingsTarget(
            _GEMINI,
            "json",
            Aim.MASKING,
            constant(SettingEntry(("security", "environmentVariableRedaction", "enabled"), True, False)),
        ),
        ignore_file(".geminiignore"),
    ),
    points=(
        HookPoint("SessionStart", Stage.START, can_stop=False),
        HookPoint("BeforeAgent", Stage.PROMPT),
        HookPoint("BeforeTool", Stage.BEFORE, OnFailure.BLOCKS_CRASHES),
        HookPoint("AfterTool", Stage.AFTER),
        HookPoint("BeforeModel", Stage.PROMPT),
    ),
    limits="A hook that crashes silently or takes too long lets the call through.",
    source="gemini-cli-core 0.61.0 dist/src/hooks",
)

ANTIGRAVITY = ProtectedAgent(
    name="Antigravity",
    dialect="antigravity",
    programs=("agy", "antigravity"),
    folders=("~/.gemini/config", "~/.gemini/antigravity"),
    files=(SettingsTarget("~/.gemini/config/hooks.json", "json", Aim.HOOKS, grouped(above=("tokenward",))),),
    points=(HookPoint("PreToolUse", Stage.BEFORE),),
    limits="It has no hook for prompts and lets none change an output; how it treats a failing hook is not documented.",
    source="maskflow-agent 0.2.3 adapters/antigravity.py; not in the vendor's documentation",
)


def _vibe(command: HookCommand, points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
    hooks = [
        {"name": f"tokenward-{point.event}", "type": point.event, "match": "*", "strict": True}
        | {"timeout": float(SECONDS), "command": command.line}
        for point in points
    ]
    return tuple(SettingEntry(("hooks",), hook) for hook in hooks)


VIBE = ProtectedAgent(
    name="Mistral Vibe",
    dialect="vibe",
    programs=("vibe",),
    folders=("{VIBE_HOME|~/.vibe}", ".vibe"),
    files=(SettingsTarget("{VIBE_HOME|~/.vibe}/hooks.toml", "toml", Aim.HOOKS, _vibe),),
    points=(
        HookPoint("pre_tool", Stage.BEFORE, OnFailure.BLOCKS),
        HookPoint("post_tool", Stage.AFTER, OnFailure.BLOCKS),
    ),
    flag=("strict", True),
    limits="It has no hook for prompts.",
    source="mistral-vibe 3.0.3 vibe/core/hooks/models.py",
)


_GOOSE_PLUGIN = {"name": "tokenward", "version": "1.0.0", "description": "Keeps tokens from goose"}
_GOOSE_FIELDS = constant(*(SettingEntry((key,), value, False) for key, value in _GOOSE_PLUGIN.items()))
_GOOSE = "~/.agents/plugins/tokenward"
GOOSE = ProtectedAgent(
    name="Goose",
    dialect="goose",
    programs=("goose",),
    folders=("{XDG_CONFIG_HOME|~/.config}/goose",),
    files=(
        SettingsTarget(f"{_GOOSE}/plugin.json", "json", Aim.HOOKS, _GOOSE_FIELDS),
        SettingsTarget(
            f"{_GOOSE}/hooks/hooks.json",
            "json",
            Aim.HOOKS,
            grouped(matcher=None, flag=("on_failure", "block")),
        ),
    ),
    points=(HookPoint("PreToolUse", Stage.BEFORE, OnFailure.BLOCKS),),
    flag=("on_failure", "block"),
    limits="Its hooks cannot stop a prompt or change an output.",
    source="block/goose documentation/docs/guides/context-engineering/hooks.md",
)

JUNIE = ProtectedAgent(
    name="Junie",
    dialect="junie",
    programs=("junie",),
    folders=("~/.junie", ".junie"),
    files=(
        SettingsTarget("~/.junie/config.json", "json", Aim.HOOKS, grouped(matcher="*", seconds=None)),
        ignore_file(".aiignore"),
    ),
    points=(HookPoint("UserPromptSubmit", Stage.PROMPT), HookPoint("PreToolUse", Stage.BEFORE)),
    limits="Hooks are for early access, and the plugin for JetBrains editors runs none.",
    source="agentseam 0.3.5 data/vendors/junie.json; not verified with the program",
)


def _kiro(command: HookCommand, points: Sequence[HookPoint]) -> tuple[SettingEntry, ...]:
    hooks = [
        {"name": f"tokenward-{point.event}", "trigger": point.event}
        | ({} if point.stage is Stage.PROMPT else {"matcher": ".*"})
        | {"action": {"type": "command", "command": command.line}, "timeout": SECONDS, "enabled": True}
        for point in points
    ]
    version = SettingEntry(("version",), "v1", in_list=False)
    return (version, *(SettingEntry(("hooks",), hook) for hook in hooks))


KIRO = ProtectedAgent(
    name="Kiro",
    dialect="kiro",
    programs=("kiro-cli", "kiro"),
    folders=("~/.kiro", ".kiro"),
    files=(
        SettingsTarget("~/.kiro/hooks/tokenward.json", "json", Aim.HOOKS, _kiro),
        ignore_file(".kiroignore"),
    ),
    points=(
        HookPoint("UserPromptSubmit", Stage.PROMPT, can_stop=False),
        HookPoint("PreToolUse", Stage.BEFORE),
        HookPoint("PostToolUse", Stage.AFTER, can_stop=False),
    ),
    limits="Only a tool can be stopped, no prompt, and no output is changed; a failing hook lets the call through.",
    source="kiro.dev/docs/cli/v3/hooks",
)

AMAZON_Q = ProtectedAgent(
    name="Amazon Q",
    dialect="kiro",
    programs=("q",),
    folders=("~/.aws/amazonq",),
    files=(
        SettingsTarget(
            "~/.aws/amazonq/cli-agents/*.json",
            "json",
            Aim.HOOKS,
            flat(matcher="*", timeout_ms=SECONDS * 1000),
        ),
    ),
    points=(HookPoint("preToolUse", Stage.BEFORE),),
    trust="The built-in agent takes no hooks; start q with one of your own agents (`q chat --agent NAME`).",
    limits="Only a tool can be stopped, and no output is changed; a failing hook lets the call through.",
    source="aws/amazon-q-developer-cli docs/hooks.md",
)
