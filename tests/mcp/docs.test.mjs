// docs/mcp.md: every file and command in it is read as its client reads it, started or called, and must list the tools.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { createMcpHandler } from "../../pkg/dist/entry/mcp-node.js";
import { serve as serveEmulator } from "../../pkg/dist/bin/serve.js";
import { serveHttp } from "../../pkg/dist/bin/mcp-serve.js";
import { BIN, bareEnvironment, node } from "../node/support.mjs";

const TOKEN = "a-token-of-at-least-16";
const page = readFileSync(new URL("../../docs/mcp.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)].map(([, language, file, text]) => ({
  language,
  file,
  text,
}));

/** The placeholder of the key or the token in a client's own syntax. */
const filled = (text, secrets) =>
  text.replace(/\$\{(?:env:|input:)?([\w-]+)\}|\{env:(\w+)\}|\$(\w+)|your[ -](key|token)/g, (_, a, b, c, d) =>
    /key/i.test(a ?? b ?? c ?? d) ? secrets.key : secrets.token,
  );

/** A server of a configuration in a common form: `{ command, args, env }` or `{ url, headers }`. */
function server(
  { command, args = [], env, environment, env_vars: passed, headers, bearer_token_env_var: variable, ...urls },
  secrets,
) {
  const url = urls.url ?? urls.httpUrl ?? urls.serverUrl;
  if (url)
    return {
      url,
      headers: variable
        ? { Authorization: `Bearer ${secrets[variable === "NANGO_MCP_TOKEN" ? "token" : "none"]}` }
        : headers,
    };
  const [program, ...rest] = Array.isArray(command) ? command : [command, ...args];
  return {
    command: program,
    args: rest,
    env: env ?? environment ?? Object.fromEntries((passed ?? []).map((name) => [name, secrets.key])),
  };
}

/** The words of a shell command. */
const words = (line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);

/** The server that a command line registers. */
function registered(line) {
  const all = words(line);
  const after = (name) => all.flatMap((word, at) => (word === name ? [all[at + 1]] : []));
  const env = Object.fromEntries(after("--env").map((pair) => pair.split(/=(.*)/s)));
  const url = all.find((word) => word.startsWith("https://"));
  if (url)
    return {
      url,
      headers: Object.fromEntries(after("--header").map((pair) => pair.split(/[:=] ?(.*)/s))),
      bearer_token_env_var: after("--bearer-token-env-var")[0],
    };
  if (all.includes("--command")) return { command: after("--command")[0], args: after("--arg"), env };
  const start = all.includes("--") ? all.indexOf("--") + 1 : all.indexOf("npx");
  const command = all.slice(start);
  const end = command.indexOf("--env");
  return { command: command[0], args: command.slice(1, end < 0 ? undefined : end), env };
}

const READERS = { json: JSON.parse, toml: parseToml, yaml: parseYaml };
const PLACES = ["mcpServers", "servers", "mcp_servers", "mcp", "context_servers"];

describe("docs/mcp.md", async () => {
  const world = createEmulator({ rateLimit: 1_000_000 });
  const nango = await serveEmulator(world, { port: 0 });
  const secrets = { key: world.apiKey, token: TOKEN };
  const handler = createMcpHandler({ apiKey: world.apiKey, baseUrl: nango.url, tokens: { [TOKEN]: true } });
  const http = await serveHttp(handler, { port: 0, host: "127.0.0.1" });

  /** As the client would: the package's command in place of npx, the local server in place of the URL. */
  async function lists(given) {
    const { command, args, env, url, headers } = server(given, secrets);
    let transport;
    if (url) {
      assert.equal(url, "https://nango.example.com/mcp");
      transport = new StreamableHTTPClientTransport(new URL(`${http.url}/mcp`), { requestInit: { headers } });
    } else {
      assert.deepEqual([command, ...args], ["npx", "-y", "nango-toolkit", "mcp"]);
      transport = new StdioClientTransport({
        command: process.execPath,
        args: [BIN, "mcp"],
        env: bareEnvironment({ NANGO_HOST: nango.url, ...env }),
      });
    }
    const client = new Client({ name: "test", version: "1" });
    try {
      await client.connect(transport);
      assert.equal((await client.listTools()).tools.length, 23);
      const { structuredContent } = await client.callTool({ name: "NANGO_LIST_INTEGRATIONS", arguments: {} });
      assert.equal(structuredContent.successful, true);
    } finally {
      await client.close();
    }
  }

  test("names every client", () => {
    for (const name of [
      "Claude Code",
      "Claude Desktop",
      "claude.ai",
      "ChatGPT",
      "Cursor",
      "VS Code",
      "Windsurf",
      "Zed",
      "Codex",
      "OpenCode",
      "OpenClaw",
      "Hermes",
      "Gemini CLI",
    ])
      assert.match(page, new RegExp(`^## .*${name}`, "m"));
    for (const [, path] of page.matchAll(/\]\(\.\.\/(.*?)\)/g))
      assert.ok(readFileSync(new URL(`../../${path}/src/index.js`, import.meta.url)).length > 0);
  });

  for (const { language, file, text } of blocks.filter((block) => block.language in READERS)) {
    test(`${file}, by ${/url|https/i.test(text) ? "URL" : "command"}: ${text.length} characters`, async () => {
      const parsed = READERS[language](filled(text, secrets));
      const [servers] = PLACES.flatMap((place) => parsed[place] ?? []);
      await lists(servers.nango);
    });
  }

  const lines = blocks.filter((block) => block.language === "sh").flatMap(({ text }) => text.trim().split("\n"));
  // The line that generates a token registers nothing.
  for (const line of lines.filter((one) => !one.startsWith("export NANGO_MCP_TOKEN="))) {
    test(line, () => lists(registered(filled(line, secrets))));
  }

  test("the JavaScript runs", async () => {
    const project = mkdtempSync(join(tmpdir(), "nango-toolkit-docs-"));
    try {
      mkdirSync(join(project, "node_modules"));
      symlinkSync(fileURLToPath(new URL("../../pkg", import.meta.url)), join(project, "node_modules", "nango-toolkit"));
      const snippets = blocks.filter((block) => block.language === "js");
      assert.equal(snippets.length, 2);
      for (const [index, { text }] of snippets.entries()) {
        const file = join(project, `snippet-${index}.mjs`);
        writeFileSync(file, text);
        const { code, stdout, stderr } = await node([file], { env: { NANGO_MCP_TOKEN: TOKEN } });
        assert.equal(code, 0, stderr);
        assert.match(stdout, /hubspot-ada/);
      }
    } finally {
      rmSync(project, { recursive: true });
    }
    assert.deepEqual([...new Set(blocks.map((block) => block.language))].sort(), ["js", "json", "sh", "toml", "yaml"]);
  });

  after(async () => {
    await http.close();
    await nango.close();
  });
});
