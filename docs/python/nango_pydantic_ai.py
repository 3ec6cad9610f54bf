"""Nango's tools in Pydantic AI. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset


async def main(model="openai:gpt-5", url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    # A tool that fails says what to do next: let the model try again.
    agent = Agent(model, toolsets=[MCPToolset(url)], retries=3)
    result = await agent.run(prompt)
    return result.output


if __name__ == "__main__":
    print(asyncio.run(main()))
