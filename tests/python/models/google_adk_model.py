"""A scripted model for Google's Agent Development Kit."""

import json
from typing import Any

from google.adk.models import BaseLlm, LlmResponse
from google.genai import types


class Scripted(BaseLlm):
    model: str = "scripted"
    script: Any

    async def generate_content_async(self, llm_request, stream=False):
        for tool in llm_request.config.tools or []:
            for one in tool.function_declarations:
                self.script.tool(one.name, one.parameters_json_schema)
        parts = [part.function_response for part in llm_request.contents[-1].parts if part.function_response]
        self.script.results([(part.name, text(part.response), part.response.get("isError")) for part in parts])
        turn = self.script.next()
        if isinstance(turn, str):
            parts = [types.Part(text=turn)]
        else:
            parts = [types.Part(function_call=types.FunctionCall(id=id, name=name, args=args)) for id, name, args in turn]
        yield LlmResponse(content=types.Content(role="model", parts=parts))


def text(response):
    return "".join(part.get("text", "") for part in response.get("content", [])) or json.dumps(response)


def make(script):
    return Scripted(script=script)
