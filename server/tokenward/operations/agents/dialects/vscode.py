"""The local agent of VS Code. Its hooks cannot replace a result, so commands run masked and searches are denied."""

from __future__ import annotations

from tokenward.operations.agents.dialects.dialect import Ability, Dialect, answering, specific
from tokenward.operations.agents.dialects.payload import PayloadGrammar, tools

GRAMMAR = PayloadGrammar(
    tools(
        shells="run_in_terminal runInTerminal send_to_terminal",
        reads="read_file",
        writes=(
            "create_file insert_edit_into_file replace_string_in_file multi_replace_string_in_file apply_patch "
            "edit_notebook_file"
        ),
        searches="grep_search semantic_search",
    ),
    notices="SessionStart PreCompact SubagentStart SubagentStop Stop",
    event=("hookEventName", "hook_event_name"),
    may_lack_result=True,
)

DIALECT = Dialect(
    "vscode",
    "VS Code",
    "1.109",
    "microsoft/vscode-docs docs/agents/reference/hooks-reference.md, November 2026",
    Ability.REWRITE_INPUT,
    (".github/hooks", ".copilot/hooks", ".vscode/settings.json", "User/settings.json"),
    GRAMMAR.parse,
    answering(
        deny={
            "PreToolUse": {
                **specific(permissionDecision="deny", permissionDecisionReason="<reason>"),
                "systemMessage": "<message>",
            }
        },
        # Without a decision: "allow" would skip the person's confirmation.
        rewrite={"": specific(updatedInput="<input>")},
    ),
)
