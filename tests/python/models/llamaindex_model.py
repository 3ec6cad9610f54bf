"""A scripted model for LlamaIndex."""

import ast
import re
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection


class Scripted(FunctionCallingLLM):
    script: Any

    @property
    def metadata(self):
        return LLMMetadata(model_name="scripted", is_function_calling_model=True, context_window=1_000_000)

    def _prepare_chat_with_tools(self, tools, user_msg=None, chat_history=None, **kwargs):
        for tool in tools:
            self.script.tool(tool.metadata.name, tool.metadata.get_parameters_dict())
        return {"messages": chat_history or []}

    def get_tool_calls_from_response(self, response, error_on_no_tool_call=True, **kwargs):
        return response.additional or []

    def answer(self, messages):
        last = max((i for i, message in enumerate(messages) if message.role == "assistant"), default=-1)
        calls = messages[last].additional_kwargs.get("calls", []) if last >= 0 else []
        answers = {message.additional_kwargs["tool_call_id"]: message.content for message in messages[last + 1 :] if message.role == "tool"}
        self.script.results([(call["name"], text(answers[call["id"]]), None) for call in calls])
        turn = self.script.next()
        said = isinstance(turn, str)
        calls = [] if said else [{"id": id, "name": name, "args": args} for id, name, args in turn]
        message = ChatMessage(role="assistant", content=turn if said else "", additional_kwargs={"calls": calls})
        response = Response(message=message, delta=turn if said else "")
        response.additional = [ToolSelection(tool_id=call["id"], tool_name=call["name"], tool_kwargs=call["args"]) for call in calls]
        return response

    async def achat(self, messages, **kwargs):
        return self.answer(messages)

    async def astream_chat(self, messages, **kwargs):
        async def stream():
            yield self.answer(messages)

        return stream()

    async def astream_chat_with_tools(self, tools, user_msg=None, chat_history=None, **kwargs):
        self._prepare_chat_with_tools(tools)
        return await self.astream_chat(chat_history or [])

    async def achat_with_tools(self, tools, user_msg=None, chat_history=None, **kwargs):
        self._prepare_chat_with_tools(tools)
        return self.answer(chat_history or [])

    def chat(self, messages, **kwargs):
        return self.answer(messages)

    def stream_chat(self, *args, **kwargs):
        raise NotImplementedError

    complete = stream_complete = stream_chat

    async def acomplete(self, *args, **kwargs):
        raise NotImplementedError

    astream_complete = acomplete


def text(content):
    """The text within the result, which LlamaIndex shows as Python writes it."""
    return ast.literal_eval(re.search(r"""text=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", content)[1])


class Response(ChatResponse):
    additional: Any = None


def make(script):
    return Scripted(script=script)
