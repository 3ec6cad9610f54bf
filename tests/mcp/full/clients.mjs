// `clients.mjs FRAMEWORK URL BIN`: one framework's own MCP client lists every tool and calls it, over HTTP and stdio.
// The results are printed as JSON: { http: [[name, text of the result]], stdio: … }.
import { readFileSync } from "node:fs";

const [framework, url, bin] = process.argv.slice(2);
const calls = JSON.parse(readFileSync(0, "utf8"));
const command = { command: process.execPath, args: [bin, "mcp", "--emulator"], env: { PATH: process.env.PATH } };
const text = (result) => (typeof result === "string" ? result : (result?.content?.[0]?.text ?? JSON.stringify(result)));

/** For each framework: tool names, a function to call, a function to close. */
const OPEN = {
  async "ai-sdk"(transport) {
    const { createMCPClient } = await import("@ai-sdk/mcp");
    const { Experimental_StdioMCPTransport: Stdio } = await import("@ai-sdk/mcp/mcp-stdio");
    const client = await createMCPClient({
      transport: transport === "http" ? { type: "http", url } : new Stdio(command),
    });
    const tools = await client.tools();
    return {
      names: Object.keys(tools),
      call: (name, args) => tools[name].execute(args, { toolCallId: "1", messages: [] }),
      close: () => client.close(),
    };
  },
  async mastra(transport) {
    const { MCPClient } = await import("@mastra/mcp");
    const client = new MCPClient({
      id: transport,
      servers: { nango: transport === "http" ? { url: new URL(url) } : command },
    });
    const tools = await client.listTools();
    const prefix = "nango_";
    return {
      names: Object.keys(tools).map((name) => name.slice(prefix.length)),
      call: (name, args) => tools[prefix + name].execute(args),
      close: () => client.disconnect(),
    };
  },
  async "openai-agents"(transport) {
    const { MCPServerStdio, MCPServerStreamableHttp } = await import("@openai/agents");
    const server =
      transport === "http"
        ? new MCPServerStreamableHttp({ url, name: "nango" })
        : new MCPServerStdio({ ...command, name: "nango" });
    await server.connect();
    return {
      names: (await server.listTools()).map((tool) => tool.name),
      call: async (name, args) => (await server.callTool(name, args))[0]?.text,
      close: () => server.close(),
    };
  },
};

const out = {};
for (const transport of ["http", "stdio"]) {
  const { names, call, close } = await OPEN[framework](transport);
  out[transport] = { names, results: [] };
  for (const [name, args] of calls) {
    if (!names.includes(name)) continue;
    out[transport].results.push([name, await call(name, args).then(text, (error) => `thrown: ${error.message}`)]);
  }
  await close();
}
process.stdout.write(JSON.stringify(out), () => process.exit(0));
