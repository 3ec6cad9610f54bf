"""A scripted model for the OpenAI Agents SDK."""

import json

from agents import Model, ModelResponse, Usage, set_tracing_disabled
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

set_tracing_disabled(True)


class Scripted(Model):
    def __init__(self, script):
        self.script = script

    async def get_response(self, system_instructions, input, model_settings, tools, *args, **kwargs):
        for tool in tools:
            self.script.tool(tool.name, tool.params_json_schema)
        items = [] if isinstance(input, str) else input
        last = max((i for i, item in enumerate(items) if item.get("type") == "function_call"), default=-1)
        names = {item["call_id"]: item["name"] for item in items if item.get("type") == "function_call"}
        answers = [item for item in items[last + 1 :] if item.get("type") == "function_call_output"]
        self.script.results([(names[item["call_id"]], text(item["output"]), None) for item in answers])
        turn = self.script.next()
        if isinstance(turn, str):
            content = [ResponseOutputText(text=turn, type="output_text", annotations=[])]
            output = [ResponseOutputMessage(id="m", role="assistant", status="completed", type="message", content=content)]
        else:
            output = [
                ResponseFunctionToolCall(call_id=id, name=name, arguments=json.dumps(args), type="function_call")
                for id, name, args in turn
            ]
        return ModelResponse(output=output, usage=Usage(), response_id=None)

    def stream_response(self, *args, **kwargs):
        raise NotImplementedError


def text(output):
    return output if isinstance(output, str) else "".join(part["text"] for part in output)


def make(script):
    return Scripted(script)
