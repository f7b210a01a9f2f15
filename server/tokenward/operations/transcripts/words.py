"""The words by which the records of agents say who wrote a text, in which tool's name, and when, as data."""

from __future__ import annotations

from collections.abc import Mapping

from tokenward.operations.transcripts.rows import Arrival

ROLES = ("role", "type", "kind", "author", "sender", "say", "source")
"""The keys whose words decide about an object."""

BY_WORD: Mapping[str, Arrival] = {
    word: arrival
    for arrival, words in (
        (
            Arrival.PASTED,
            "user human user.message user_message user_feedback user_input prompt task user_explicit",
        ),
        (
            Arrival.REPEATED,
            """assistant model gemini ai assistant.message agent_message agent_reasoning reasoning
            thinking tool_use tool_call toolcall toolrequest function_call custom_tool_call
            local_shell_call tool.execution_start""",
        ),
        (
            Arrival.PRINTED,
            """tool tool_result tool_response toolresponse function_call_output command_output
            custom_tool_call_output local_shell_call_output tool.execution_complete function
            exec_command_end exec_command_output_delta mcp_tool_call_end toolinvocationserialized""",
        ),
    )
    for word in words.split()
}
"""By a word of an object, without regard to case."""

BY_NUMBER: Mapping[int, Arrival] = {1: Arrival.PASTED, 2: Arrival.REPEATED}
"""By the `type` of an object with a `bubbleId`: Cursor's."""

BY_KEY: Mapping[str, Arrival] = {
    word: arrival
    for arrival, words in (
        (Arrival.PASTED, "display pastedContents prompt Prompt userPrompt User"),
        (Arrival.READ, "attachment attachments originalFile fileContents Mention"),
        (
            Arrival.PRINTED,
            """toolUseResult output stdout stderr aggregated_output formatted_output result
            resultDisplay resultDetails functionResponse toolResult ToolUseResults tool_results""",
        ),
        (
            Arrival.REPEATED,
            """input arguments args rawArgs params parameters functionCall tool_calls response Response
            ToolUse thought thoughts completion Agent""",
        ),
    )
    for word in words.split()
}
"""By the key under which a value is; it counts more than the object's own words."""

TOOL_NAMES = ("name", "toolName", "tool", "tool_name")
CALL_IDS = ("id", "call_id", "callID", "toolCallId", "tool_use_id", "tool_call_id", "callId", "toolUseId")
MESSAGE_IDS = ("message_id", "messageID", "messageId")
READING_TOOLS = frozenset(
    {"read", "readfile", "read_file", "read_many_files", "view", "view_file", "view_image", "open_file"}
    | {"notebookread", "read_file_v2", "fs_read", "readmanyfiles", "cat_file"}
)
"""The tools whose result is a file, in lower case."""

TIMES = ("timestamp", "time", "ts", "created_at", "createdAt", "created", "time_created", "created_timestamp")
"""The keys of a time: ISO 8601, or a number of seconds or milliseconds since 1970."""
