"""Nango's tools in LlamaIndex. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec


async def main(model=None, url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    if model is None:
        from llama_index.llms.openai import OpenAI  # pip install llama-index-llms-openai

        model = OpenAI(model="gpt-5")
    tools = await McpToolSpec(client=BasicMCPClient(url)).to_tool_list_async()
    agent = FunctionAgent(llm=model, tools=tools, system_prompt="Answer with the tools.")
    return str(await agent.run(prompt))


if __name__ == "__main__":
    print(asyncio.run(main()))
