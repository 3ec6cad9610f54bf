"""Nango's tools in the Claude Agent SDK. First: npx nango-toolkit mcp --http 3004 --emulator"""

import asyncio

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query


async def main(model=None, url="http://127.0.0.1:3004/mcp", prompt="Who has connected HubSpot?"):
    options = ClaudeAgentOptions(
        model=model,
        mcp_servers={"nango": {"type": "http", "url": url}},
        allowed_tools=["mcp__nango"],  # or only some: mcp__nango__NANGO_LIST_INTEGRATIONS
        tools=[],
        setting_sources=[],
    )
    text = ""
    async for message in query(prompt=prompt, options=options):
        if isinstance(message, ResultMessage):
            text = message.result
    return text


if __name__ == "__main__":
    print(asyncio.run(main()))
