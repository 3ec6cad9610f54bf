"""A scripted model client for AutoGen."""

import json

from autogen_core import FunctionCall
from autogen_core.models import CreateResult, FunctionExecutionResultMessage, RequestUsage
from autogen_ext.models.replay import ReplayChatCompletionClient


class Scripted(ReplayChatCompletionClient):
    def __init__(self, script):
        super().__init__(["unused"], model_info={"vision": False, "function_calling": True, "json_output": False, "structured_output": False, "family": "unknown"})
        self.script = script

    async def create(self, messages, *, tools=(), **kwargs):
        for tool in tools:
            schema = tool if isinstance(tool, dict) else tool.schema
            self.script.tool(schema["name"], schema["parameters"])
        if isinstance(messages[-1], FunctionExecutionResultMessage):
            self.script.results([(result.name, result.content, result.is_error) for result in messages[-1].content])
        turn = self.script.next()
        said = isinstance(turn, str)
        content = turn if said else [FunctionCall(id=id, name=name, arguments=json.dumps(args)) for id, name, args in turn]
        return CreateResult(content=content, finish_reason="stop" if said else "function_calls", usage=RequestUsage(1, 1), cached=False)


def make(script):
    return Scripted(script)
