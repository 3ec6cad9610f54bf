"""`clients.py URL NODE BIN`: the Python SDK, of whichever major version is installed, lists every tool and calls it,
over HTTP and stdio. What came back is printed as JSON, as clients.mjs prints it."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager

url, node, bin_ = sys.argv[1:4]
calls = json.load(sys.stdin)


@asynccontextmanager
async def old(transport):
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
    from mcp.client.streamable_http import streamablehttp_client

    command = StdioServerParameters(command=node, args=[bin_, "mcp", "--emulator"])
    async with (streamablehttp_client(url) if transport == "http" else stdio_client(command)) as streams:
        async with ClientSession(streams[0], streams[1]) as session:
            await session.initialize()
            yield session


@asynccontextmanager
async def new(transport):
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    command = StdioServerParameters(command=node, args=[bin_, "mcp", "--emulator"])
    async with Client(url if transport == "http" else stdio_client(command)) as client:
        yield client


async def main():
    try:
        from mcp import Client  # noqa: F401

        connect = new
    except ImportError:
        connect = old
    out = {}
    for transport in ["http", "stdio"]:
        async with connect(transport) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            results = []
            for name, arguments in calls:
                result = await client.call_tool(name, arguments)
                results.append([name, result.content[0].text])
            out[transport] = {"names": names, "results": results}
    print(json.dumps(out))


asyncio.run(main())
