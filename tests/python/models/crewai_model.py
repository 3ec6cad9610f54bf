"""A scripted model for CrewAI."""

from crewai import BaseLLM


class Scripted(BaseLLM):
    def __init__(self, script):
        super().__init__(model="scripted")
        self._script = script
        self._told = 0

    def supports_function_calling(self):
        return True

    def call(self, messages, tools=None, callbacks=None, available_functions=None, **kwargs):
        script = self._script
        for tool in tools or []:
            script.tool(tool["function"]["name"], tool["function"]["parameters"])
        last = max((i for i, message in enumerate(messages) if message["role"] == "assistant"), default=-1)
        answers = [message for message in messages[last + 1 :] if message["role"] == "tool"]
        script.results([(message.get("name"), message["content"], None) for message in answers])
        turn = script.next()
        if isinstance(turn, str):
            return turn
        return [{"id": id, "type": "function", "function": {"name": name.lower(), "arguments": args}} for id, name, args in turn]


def make(script):
    return Scripted(script)
