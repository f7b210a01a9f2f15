"""Keys in the configuration of AI assistants, and keys of AI providers."""
# ruff: noqa: E501 - a sample reads best on one line

from __future__ import annotations

from collections.abc import Iterator

from corpora.draw import Draw
from corpora.kinds import BEARERS, Kind, Make, prefixed, samples_of
from corpora.sample import Sample, labelled, mark


def _openai(draw: Draw) -> str:
    middle = "T3Blbk" + "FJ"
    kind = draw.one(["proj", "svcacct", "admin"])
    return f"sk-{kind}-{draw.url_safe(74)}{middle}{draw.url_safe(74)}"


def _openai_old(draw: Draw) -> str:
    return f"sk-{draw.alphanumeric(20)}{'T3Blbk' + 'FJ'}{draw.alphanumeric(20)}"


PROVIDERS: tuple[Kind, ...] = (
    Kind("OpenAI", _openai, [("openai", "api", "key"), ("api", "key")], BEARERS, times=2),
    Kind("OpenAI old", _openai_old, [("openai", "api", "key")]),
    Kind("Anthropic", lambda draw: f"sk-ant-api03-{draw.url_safe(93)}AA", [("anthropic", "api", "key"), ("claude", "key")],
         (("run.sh", "curl https://api.anthropic.com/v1/messages -H 'x-api-key: {v}' -d @body.json\n"),), times=2),
    Kind("Gemini", lambda draw: "AIza" + "Sy" + draw.url_safe(33), [("gemini", "api", "key"), ("google", "api", "key")],
         (("run.sh", "curl 'https://generativelanguage.googleapis.com/v1beta/models?key={v}'\n"),)),
    Kind("OpenRouter", prefixed("sk-or-v1-", 64, "hex"), [("openrouter", "api", "key")], BEARERS),
    Kind("Groq", prefixed("gsk_", 52), [("groq", "api", "key")], BEARERS),
    Kind("xAI", prefixed("xai-", 80), [("xai", "api", "key")], BEARERS),
    Kind("Hugging Face", lambda draw: "hf_" + draw.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 34),
         [("hf", "token"), ("hugging", "face", "hub", "token")], BEARERS),
    Kind("Replicate", prefixed("r8_", 37), [("replicate", "api", "token")], BEARERS),
    Kind("Perplexity", prefixed("pplx-", 48), [("perplexity", "api", "key")], BEARERS),
    Kind("Cohere", lambda draw: draw.alphanumeric(40), [("cohere", "api", "key"), ("co", "api", "key")]),
    Kind("Mistral", lambda draw: draw.alphanumeric(32), [("mistral", "api", "key")]),
    Kind("DeepSeek", prefixed("sk-", 32, "hex"), [("deepseek", "api", "key")], BEARERS),
    Kind("Fireworks", prefixed("fw_", 24), [("fireworks", "api", "key")]),
    Kind("NVIDIA", prefixed("nvapi-", 64, "url_safe"), [("nvidia", "api", "key")], BEARERS),
    Kind("LangSmith", lambda draw: f"lsv2_{draw.one(['pt', 'sk'])}_{draw.hex(32)}_{draw.hex(10)}", [("langsmith", "api", "key")]),
    Kind("Pinecone", lambda draw: f"pcsk_{draw.alphanumeric(6)}_{draw.alphanumeric(63)}", [("pinecone", "api", "key")]),
    Kind("ElevenLabs", prefixed("sk_", 48, "hex"), [("elevenlabs", "api", "key")]),
    Kind("Azure OpenAI", lambda draw: draw.hex(32), [("azure", "openai", "api", "key"), ("azure", "openai", "key")]),
    Kind("Cursor", prefixed("key_", 64, "hex"), [("cursor", "api", "key")]),
)  # fmt: skip

_SECRETS: tuple[tuple[str, str, Make], ...] = (
    ("GitHub", "GITHUB_PERSONAL_ACCESS_TOKEN", lambda draw: draw.checked("ghp_")),
    (
        "GitHub fine",
        "GITHUB_TOKEN",
        lambda draw: f"github_pat_{draw.alphanumeric(22)}_{draw.alphanumeric(59)}",
    ),
    ("OpenAI", "OPENAI_API_KEY", _openai),
    ("Anthropic", "ANTHROPIC_API_KEY", lambda draw: f"sk-ant-api03-{draw.url_safe(93)}AA"),
    (
        "Slack",
        "SLACK_BOT_TOKEN",
        lambda draw: f"xoxb-{draw.digits(12)}-{draw.digits(13)}-{draw.alphanumeric(24)}",
    ),
    ("Notion", "NOTION_TOKEN", lambda draw: f"ntn_{draw.digits(11)}{draw.alphanumeric(35)}"),
    ("Linear", "LINEAR_API_KEY", lambda draw: f"lin_api_{draw.alphanumeric(40)}"),
    ("GitLab", "GITLAB_PERSONAL_ACCESS_TOKEN", lambda draw: f"glpat-{draw.url_safe(20)}"),
    ("unknown hex", "ACME_API_KEY", lambda draw: draw.hex(40)),
    ("unknown", "WIDGETS_API_TOKEN", lambda draw: draw.alphanumeric(36)),
    ("Brave", "BRAVE_API_KEY", lambda draw: "BSA" + draw.url_safe(28)),
    ("Figma", "FIGMA_API_KEY", lambda draw: "figd_" + draw.url_safe(40)),
    ("Context7", "CONTEXT7_API_KEY", lambda draw: f"ctx7sk-{draw.uuid()}"),
    ("Airtable", "AIRTABLE_API_KEY", lambda draw: f"pat{draw.alphanumeric(14)}.{draw.hex(64)}"),
    ("Firecrawl", "FIRECRAWL_API_KEY", lambda draw: f"fc-{draw.hex(32)}"),
    ("Tavily", "TAVILY_API_KEY", lambda draw: f"tvly-dev-{draw.alphanumeric(32)}"),
)

_ENV = '{{\n  "{top}": {{\n    "tool": {{\n      "command": "npx",\n      "args": ["-y", "@acme/tool"],\n      "env": {{ "{n}": "{v}" }}\n    }}\n  }}\n}}\n'
_HEADERS = '{{\n  "{top}": {{\n    "tool": {{\n      "type": "http",\n      "url": "https://mcp.example.com/mcp",\n      "headers": {{\n        "Authorization": "Bearer {v}"\n      }}\n    }}\n  }}\n}}\n'
_KEY_HEADER = (
    '{{"{top}": {{"tool": {{"url": "https://mcp.example.com/sse", "headers": {{"X-API-Key": "{v}"}}}}}}}}\n'
)
_ARGS = '{{\n  "{top}": {{\n    "tool": {{ "command": "uvx", "args": ["acme-mcp", "--api-key", "{v}"] }}\n  }}\n}}\n'
_ARGS_JOINED = '{{"{top}": {{"tool": {{"command": "npx", "args": ["mcp-remote", "https://mcp.example.com", "--token={v}"]}}}}}}\n'
_URL = '{{"{top}": {{"tool": {{"url": "https://mcp.example.com/sse?api_key={v}"}}}}}}\n'
_HEADER_ARG = '{{"{top}": {{"tool": {{"command": "npx", "args": ["mcp-remote", "https://mcp.example.com/mcp", "--header", "Authorization: Bearer {v}"]}}}}}}\n'

PLACES: tuple[tuple[str, str], ...] = (
    *((path, text.replace("{top}", top)) for path, top, texts in (
        (".mcp.json", "mcpServers", (_ENV, _HEADERS, _ARGS, _URL, _KEY_HEADER)),
        (".claude.json", "mcpServers", (_ENV, _HEADERS, _HEADER_ARG)),
        ("claude_desktop_config.json", "mcpServers", (_ENV, _ARGS, _HEADER_ARG)),
        (".cursor/mcp.json", "mcpServers", (_ENV, _HEADERS, _KEY_HEADER)),
        (".vscode/mcp.json", "servers", (_ENV, _HEADERS, _ARGS_JOINED)),
        (".gemini/settings.json", "mcpServers", (_ENV, _URL)),
        ("mcp_config.json", "mcpServers", (_ENV, _ARGS)),
        ("cline_mcp_settings.json", "mcpServers", (_ENV, _HEADERS)),
        (".kiro/settings/mcp.json", "mcpServers", (_ENV,)),
        (".aws/amazonq/mcp.json", "mcpServers", (_ENV,)),
    ) for text in texts),
    (".claude/settings.json", '{{\n  "env": {{ "{n}": "{v}" }},\n  "model": "opus"\n}}\n'),
    (".claude/settings.local.json", '{{"permissions": {{"allow": ["Bash({n}={v} npm test:*)", "Bash(ls:*)"]}}}}\n'),
    (".claude/settings.local.json", '{{"permissions": {{"allow": ["Bash(curl -H \\"Authorization: Bearer {v}\\" https://api.example.com/v1)"]}}}}\n'),
    (".claude/settings.local.json", '{{\n  "permissions": {{\n    "allow": [\n      "Bash(export {n}=\\"{v}\\")"\n    ]\n  }}\n}}\n'),
    (".claude/projects/acme/s.jsonl", '{{"type":"user","message":{{"role":"user","content":"use {n}={v} please"}}}}\n'),
    (".claude/projects/acme/tool-results/a.txt", "$ env | sort\nHOME=/home/ada\n{n}={v}\nPATH=/usr/bin\n"),
    (".claude/.credentials.json", '{{"claudeAiOauth":{{"accessToken":"{v}","expiresAt":1790000000000}}}}\n'),
    (".codex/config.toml", '[mcp_servers.tool]\ncommand = "npx"\nargs = ["-y", "tool"]\n\n[mcp_servers.tool.env]\n{n} = "{v}"\n'),
    (".codex/config.toml", '[mcp_servers.tool]\nurl = "https://mcp.example.com/mcp"\nhttp_headers = {{ "Authorization" = "Bearer {v}" }}\n'),
    (".codex/config.toml", '[mcp_servers.tool]\ncommand = "npx"\nenv = {{ {n} = "{v}" }}\n'),
    (".codex/auth.json", '{{"{n}": "{v}", "last_refresh": "2026-01-01T00:00:00Z"}}\n'),
    (".codex/sessions/2026/rollout-2.jsonl", '{{"type":"message","content":[{{"type":"input_text","text":"export {n}={v}"}}]}}\n'),
    ("opencode.json", '{{"mcp": {{"tool": {{"type": "local", "command": ["npx", "tool"], "environment": {{"{n}": "{v}"}}}}}}}}\n'),
    ("opencode.jsonc", '{{\n  // team tools\n  "mcp": {{"tool": {{"type": "remote", "url": "https://mcp.example.com", "headers": {{"Authorization": "Bearer {v}"}}}}}}\n}}\n'),
    (".continue/config.yaml", "models:\n  - name: main\n    provider: openai\n    model: gpt-5\n    apiKey: {v}\n"),
    (".continue/config.json", '{{"models": [{{"title": "main", "provider": "openai", "apiKey": "{v}"}}]}}\n'),
    (".aider.conf.yml", "model: sonnet\nopenai-api-key: {v}\ndark-mode: true\n"),
    (".aider.conf.yml", "anthropic-api-key: {v}\n"),
    (".aider.conf.yml", "api-key:\n  - gemini={v}\n"),
    (".vibe/config.toml", '[[mcp_servers]]\nname = "tool"\ntransport = "http"\nheaders = {{ "Authorization" = "Bearer {v}" }}\n'),
    (".vscode/settings.json", '{{"mcp": {{"servers": {{"tool": {{"command": "npx", "env": {{"{n}": "{v}"}}}}}}}}}}\n'),
    (".vscode/tasks.json", '{{"tasks": [{{"label": "run", "type": "shell", "command": "npm start", "options": {{"env": {{"{n}": "{v}"}}}}}}]}}\n'),
    (".config/zed/settings.json", '{{"context_servers": {{"tool": {{"command": "npx", "args": [], "env": {{"{n}": "{v}"}}}}}}}}\n'),
    (".github/copilot/mcp.json", '{{"mcpServers": {{"tool": {{"command": "npx", "env": {{"{n}": "{v}"}}}}}}}}\n'),
)  # fmt: skip


def ai(seed: int) -> Iterator[Sample]:
    """Yield some 300 samples: half are configuration files, half are keys of AI providers anywhere."""
    for number in range(160):
        yield _configured(Draw("ai", seed, number), number)
    yield from samples_of("ai", PROVIDERS, seed, 6)


def _configured(draw: Draw, number: int) -> Sample:
    path, template = PLACES[number % len(PLACES)]
    label, name, make = draw.one(_SECRETS)
    text = template.format(n=name, v=mark(make(draw)))
    return labelled("ai", f"{label} | {path}", path, text)
