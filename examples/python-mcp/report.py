"""Prints which connections need attention, and a link with which each can be repaired.

It starts the MCP server of the npm package `nango-toolkit` (Node 20.16 or newer) and talks to it over stdio.
"""

import asyncio
import os
import sys

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

PAGE = 50
# All that this program needs: the server offers nothing else.
TOOLS = ["NANGO_CONNECTION_LIST_GET", "NANGO_RECONNECT_SESSION_POST"]


def server():
    """The command that serves the tools, for your Nango or with NANGO_EMULATOR=1 for one in memory."""
    args = ["-y", "nango-toolkit", "mcp", "--tools", ",".join(TOOLS)]
    if os.environ.get("NANGO_EMULATOR") == "1":
        return StdioServerParameters(command="npx", args=[*args, "--emulator"])
    if not os.environ.get("NANGO_SECRET_KEY"):
        sys.exit("set NANGO_SECRET_KEY, or NANGO_EMULATOR=1 for an in-memory Nango with made-up users")
    # The server gets no variables of this program except those that are named here.
    env = {name: os.environ[name] for name in ("NANGO_SECRET_KEY", "NANGO_HOST") if name in os.environ}
    return StdioServerParameters(command="npx", args=args, env=env)


class ToolError(Exception):
    """A tool that failed."""


async def call(client, tool, **arguments):
    """Calls a tool and returns its data."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        raise ToolError(f"{tool} failed: {result.content[0].text}")
    return result.structured_content["data"]


async def connections(client):
    """All connections, page by page."""
    page = 0
    while True:
        found = (await call(client, "NANGO_CONNECTION_LIST_GET", limit=PAGE, page=page))["connections"]
        for connection in found:
            yield connection
        if len(found) < PAGE:
            return
        page += 1


async def report(client):
    """Prints the connections with errors, and how many have none."""
    healthy = 0
    async for connection in connections(client):
        kinds = [error["type"] for error in connection["errors"]]
        if not kinds:
            healthy += 1
            continue
        ids = {"connection_id": connection["connection_id"], "integration_id": connection["provider_config_key"]}
        print(f"{ids['connection_id']} ({ids['integration_id']}) has errors: {', '.join(kinds)}")
        if "auth" in kinds:
            session = await call(client, "NANGO_RECONNECT_SESSION_POST", **ids)
            print(f"  its user signs in again at {session['data']['connect_link']}")
    print(f"{healthy} connections are healthy")


async def main():
    async with Client(stdio_client(server())) as client:
        try:
            await report(client)
        except ToolError as error:
            return str(error)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
