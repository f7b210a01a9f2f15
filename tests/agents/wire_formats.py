"""The four wire formats in which agents talk to their models: what a request holds, and how a call is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
Event = dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool that the model asks for."""

    name: str
    arguments: dict[str, Any]

    def after(self, result: str) -> ToolCall:
        """Return the call with its patterns replaced by what they find in the result before."""
        return ToolCall(self.name, {key: _found(value, result) for key, value in self.arguments.items()})


def _found(value: Any, result: str) -> Any:
    if not isinstance(value, re.Pattern):
        return value
    found = value.search(result)
    text = found[1] if found else ""
    return int(text) if text.isdigit() else text


@dataclass(frozen=True)
class WireFormat:
    """One format.

    Attributes:
        results: returns the texts of the tools' results in a request, in the order of their calls.
        events: yields the events that ask for a call, the first, second, … one; None ends the conversation.
        whole: returns the answer to a request that wants no stream.
        last: ends the stream.
    """

    results: Callable[[Body], list[str]]
    events: Callable[[ToolCall | None, int], Iterator[Event]]
    whole: Callable[[], Event]
    last: str = ""


def _messages(call: ToolCall | None, number: int) -> Iterator[Event]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": "m", "content": []}
    yield {"type": "message_start", "message": {**message, "stop_reason": None, "usage": usage}}
    if call is None:
        block: Event = {"type": "text", "text": ""}
        delta: Event = {"type": "text_delta", "text": "done"}
    else:
        block = {"type": "tool_use", "id": f"toolu_{number}", "name": call.name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call.arguments)}
    yield {"type": "content_block_start", "index": 0, "content_block": block}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    stop = {"stop_reason": "end_turn" if call is None else "tool_use", "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": usage}
    yield {"type": "message_stop"}


def _messages_results(body: Body) -> list[str]:
    contents = [one["content"] for one in body["messages"] if isinstance(one["content"], list)]
    blocks = [block for content in contents for block in content if block.get("type") == "tool_result"]
    return [json.dumps(block["content"]) for block in blocks]


def _responses(call: ToolCall | None, number: int) -> Iterator[Event]:
    identity: Event = {"id": f"resp_{number}"}
    yield {"type": "response.created", "response": identity}
    if call is None:
        words = [{"type": "output_text", "text": "done"}]
        item: Event = {"type": "message", "role": "assistant", "id": "m", "content": words}
    else:
        space, _, name = call.name.rpartition("/")
        item = {"type": "function_call", "name": name, "arguments": json.dumps(call.arguments)}
        item |= {"call_id": f"call_{number}"} | ({"namespace": space} if space else {})
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    usage = {
        "input_tokens": 1,
        "input_tokens_details": None,
        "output_tokens": 1,
        "output_tokens_details": None,
    }
    yield {"type": "response.completed", "response": {**identity, "usage": {**usage, "total_tokens": 2}}}


def _responses_results(body: Body) -> list[str]:
    return [json.dumps(one["output"]) for one in body["input"] if "output" in one]


def _chat(call: ToolCall | None, number: int) -> Iterator[Event]:
    delta: Event = {"role": "assistant", "content": "done"}
    if call is not None:
        function = {"name": call.name, "arguments": json.dumps(call.arguments)}
        delta = {"role": "assistant", "content": None}
        delta["tool_calls"] = [{"index": 0, "id": f"call_{number}", "type": "function", "function": function}]
    reason = "stop" if call is None else "tool_calls"
    for choice in ({"delta": delta, "finish_reason": None}, {"delta": {}, "finish_reason": reason}):
        yield _chat_answer("chat.completion.chunk", choice)


def _chat_answer(kind: str, choice: Event) -> Event:
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    answer = {"id": "c", "object": kind, "created": 0, "model": "m", "usage": usage}
    return {**answer, "choices": [{"index": 0, **choice}]}


def _chat_whole() -> Event:
    message = {"role": "assistant", "content": "done"}
    return _chat_answer("chat.completion", {"message": message, "finish_reason": "stop"})


def _chat_results(body: Body) -> list[str]:
    return [json.dumps(one["content"]) for one in body["messages"] if one["role"] == "tool"]


def _gemini(call: ToolCall | None, number: int, text: str = "done") -> Iterator[Event]:
    part: Event = {"text": text}
    if call is not None:
        part = {"functionCall": {"id": f"call_{number}", "name": call.name, "args": call.arguments}}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    yield {"candidates": [candidate], "usageMetadata": usage}


def _gemini_results(body: Body) -> list[str]:
    parts = [part for one in body["contents"] for part in one["parts"]]
    return [json.dumps(part["functionResponse"]["response"]) for part in parts if "functionResponse" in part]


def _gemini_whole() -> Event:
    """Answer the question, which comes after thirty calls, whether the model is stuck."""
    answer = {"unproductive_state_analysis": "none", "unproductive_state_confidence": 0}
    return next(_gemini(None, 0, json.dumps(answer)))


FORMATS = {
    "/messages": WireFormat(_messages_results, _messages, dict),
    "/responses": WireFormat(_responses_results, _responses, dict),
    "/chat/completions": WireFormat(_chat_results, _chat, _chat_whole, "data: [DONE]\n\n"),
    "GenerateContent": WireFormat(_gemini_results, _gemini, _gemini_whole),
}
"""By the end of the path without its case: Anthropic, OpenAI's two, and Google."""


def format_of(path: str) -> WireFormat | None:
    """Return the format of requests to a path."""
    found = (form for end, form in FORMATS.items() if path.casefold().endswith(end.casefold()))
    return next(found, None)
