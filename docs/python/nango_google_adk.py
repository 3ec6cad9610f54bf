"""Nango's tools in Google's Agent Development Kit. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from google.adk.agents import LlmAgent
from google.adk.runners import InMemoryRunner
from google.adk.tools.mcp_tool import McpToolset, StreamableHTTPConnectionParams
from google.genai import types


async def main(model="gemini-3-pro", url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    nango = McpToolset(connection_params=StreamableHTTPConnectionParams(url=url))
    agent = LlmAgent(name="nango", model=model, instruction="Answer with the tools.", tools=[nango])
    runner = InMemoryRunner(agent=agent, app_name="nango")
    session = await runner.session_service.create_session(app_name="nango", user_id="me")
    message = types.Content(role="user", parts=[types.Part(text=prompt)])
    text = ""
    async for event in runner.run_async(user_id="me", session_id=session.id, new_message=message):
        for part in (event.content and event.content.parts) or []:
            text = part.text or text
    await runner.close()
    return text


if __name__ == "__main__":
    print(asyncio.run(main()))
