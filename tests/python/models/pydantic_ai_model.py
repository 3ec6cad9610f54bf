"""A scripted model for Pydantic AI."""

from pydantic_ai.messages import ModelResponse, RetryPromptPart, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel


def make(script):
    async def answer(messages, info):
        for tool in info.function_tools:
            script.tool(tool.name, tool.parameters_json_schema)
        parts = [part for part in messages[-1].parts if isinstance(part, (ToolReturnPart, RetryPromptPart))]
        script.results([(part.tool_name, value(part), isinstance(part, RetryPromptPart)) for part in parts])
        turn = script.next()
        if isinstance(turn, str):
            return ModelResponse(parts=[TextPart(turn)])
        return ModelResponse(parts=[ToolCallPart(name, args, id) for id, name, args in turn])

    return FunctionModel(answer)


def value(part):
    return part.content if isinstance(part.content, (str, dict)) else part.model_response_str()
