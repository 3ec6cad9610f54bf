"""A scripted chat model for LangChain."""

from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class Scripted(BaseChatModel):
    script: Any

    @property
    def _llm_type(self):
        return "scripted"

    def bind_tools(self, tools, **kwargs):
        for tool in tools:
            schema = tool.args_schema if isinstance(tool.args_schema, dict) else tool.args_schema.model_json_schema()
            self.script.tool(tool.name, schema)
        return self

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        last = max((i for i, message in enumerate(messages) if isinstance(message, AIMessage)), default=-1)
        answers = [message for message in messages[last + 1 :] if isinstance(message, ToolMessage)]
        self.script.results([(message.name, message.text, message.status == "error") for message in answers])
        turn = self.script.next()
        if isinstance(turn, str):
            message = AIMessage(turn)
        else:
            message = AIMessage("", tool_calls=[{"id": id, "name": name, "args": args} for id, name, args in turn])
        return ChatResult(generations=[ChatGeneration(message=message)])


def make(script):
    return Scripted(script=script)
