"""Nango's tools in LangChain and LangGraph. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient


async def main(model="openai:gpt-5", url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    client = MultiServerMCPClient({"nango": {"transport": "streamable_http", "url": url}})
    tools = await client.get_tools()
    agent = create_agent(model, tools)
    result = await agent.ainvoke({"messages": prompt}, {"recursion_limit": 50})
    return result["messages"][-1].text


if __name__ == "__main__":
    print(asyncio.run(main()))
