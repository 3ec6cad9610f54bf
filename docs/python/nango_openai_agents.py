"""Nango's tools in the OpenAI Agents SDK. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from agents import Agent, Runner
from agents.mcp import MCPServerStreamableHttp


async def main(model="gpt-5", url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    # What went wrong is for the model to repair: the default says only that something did.
    failure = {"failure_error_function": lambda context, error: str(error)}
    async with MCPServerStreamableHttp(params={"url": url}, **failure) as nango:
        agent = Agent(name="Nango", instructions="Answer with the tools.", model=model, mcp_servers=[nango])
        result = await Runner.run(agent, prompt, max_turns=20)
        return result.final_output


if __name__ == "__main__":
    print(asyncio.run(main()))
