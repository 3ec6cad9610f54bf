"""Nango's tools in AutoGen. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_ext.tools.mcp import StreamableHttpServerParams, mcp_server_tools


async def main(model=None, url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    if model is None:
        from autogen_ext.models.openai import OpenAIChatCompletionClient  # pip install "autogen-ext[openai]"

        model = OpenAIChatCompletionClient(model="gpt-5")
    tools = await mcp_server_tools(StreamableHttpServerParams(url=url))
    agent = AssistantAgent("nango", model_client=model, tools=tools, max_tool_iterations=20)
    result = await agent.run(task=prompt)
    return result.messages[-1].to_text()


if __name__ == "__main__":
    print(asyncio.run(main()))
