// What makes the MCP server known to hosts: server.json for the public registry, and the bundle that hosts install.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { createEmulator } from "../../pkg/dist/entry/emulator-node.js";
import { serve as serveEmulator } from "../../pkg/dist/bin/serve.js";
import { buildMcpb, MCPB } from "../../scripts/build-mcpb.mjs";
import { must, root } from "../../scripts/lib.mjs";
import { bareEnvironment } from "../node/support.mjs";

const json = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
const npm = json("pkg", "package.json");
const slugs = json("pkg", "catalogue.json")
  .filter(({ listed }) => listed)
  .map(({ slug }) => slug);
/** The variables that the command reads, as its help lists them. */
const help = readFileSync(join(root, "pkg", "src", "bin", "mcp.ts"), "utf8");

const world = createEmulator({ rateLimit: 1_000_000 });
const nango = await serveEmulator(world, { port: 0 });
after(() => nango.close());

/** Starts a server over stdio, and returns the names of its tools and how a call went. */
async function uses(command, args, env) {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StdioClientTransport({ command, args, env: bareEnvironment(env) }));
  try {
    const { tools } = await client.listTools();
    const { structuredContent } = await client.callTool({ name: "NANGO_LIST_INTEGRATIONS", arguments: {} });
    return {
      names: tools.map(({ name }) => name),
      successful: structuredContent.successful,
      ...client.getServerVersion(),
    };
  } finally {
    await client.close();
  }
}

describe("server.json", () => {
  const server = json("server.json");
  const [one] = server.packages;

  // The rules of the schema that it names, and of the registry.
  test("has what the registry requires", () => {
    assert.equal(server.$schema, "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json");
    assert.deepEqual(
      Object.keys(server).filter((key) => key !== "repository"),
      ["$schema", "name", "title", "description", "version", "packages"],
    );
    assert.match(server.name, /^io\.github\.[\w-]+\/nango-toolkit$/);
    assert.ok(server.title.length <= 100 && server.description.length <= 100);
    assert.equal(server.packages.length, 1);
    assert.deepEqual(one.transport, { type: "stdio" });
    assert.equal(one.registryType, "npm");
    assert.equal(one.registryBaseUrl, "https://registry.npmjs.org");
    for (const { name, description, format = "string", ...more } of one.environmentVariables) {
      assert.ok(help.includes(name), name);
      assert.ok(description.length > 0 && ["string", "boolean"].includes(format));
      assert.equal(more.isSecret === true, /KEY/.test(name), name);
      assert.ok(more.isRequired || typeof more.default === "string", name);
    }
  });

  test("names this package in its version, and the package names it", () => {
    assert.deepEqual([server.version, one.version, one.identifier], [npm.version, npm.version, npm.name]);
    assert.equal(npm.mcpName, server.name);
  });

  test("its command lists the tools and calls one", async () => {
    assert.deepEqual([one.runtimeHint, Object.keys(npm.bin)], ["npx", [one.identifier]]);
    const args = one.packageArguments.map(({ type, value }) => (assert.equal(type, "positional"), value));
    const values = { NANGO_SECRET_KEY: world.apiKey, NANGO_HOST: nango.url };
    const env = Object.fromEntries(
      one.environmentVariables.map(({ name, default: value }) => [name, values[name] ?? value]),
    );
    const bin = join(root, "pkg", npm.bin["nango-toolkit"]);
    const found = await uses(process.execPath, [bin, ...args], env);
    assert.deepEqual([found.names, found.successful], [slugs, true]);
  });
});

describe("the bundle", () => {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-mcpb-"));
  const mcpb = (...args) => must(process.execPath, [MCPB, ...args], { capture: true });
  let bundle, manifest;
  before(async () => {
    bundle = await buildMcpb();
    await mcpb("unpack", bundle, folder);
    manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  });
  after(() => rmSync(folder, { recursive: true }));

  test("is valid, small, and has the version of the package", async () => {
    assert.match(await mcpb("validate", join(folder, "manifest.json")), /passes/);
    assert.deepEqual([manifest.name, manifest.version], [npm.name, npm.version]);
    assert.ok(statSync(bundle).size < 500_000, `${statSync(bundle).size} bytes`);
    assert.deepEqual(
      manifest.tools.map(({ name }) => name),
      slugs,
    );
  });

  test("asks for the key as a secret", () => {
    const { secret_key: key, ...others } = manifest.user_config;
    assert.deepEqual([key.sensitive, key.required], [true, true]);
    for (const one of Object.values(others)) assert.equal(one.required, false);
  });

  /** The environment as a host makes it: each `${user_config.…}` is what the user entered, or its default. */
  const environmentOf = (entered) =>
    Object.fromEntries(
      Object.entries(manifest.server.mcp_config.env).map(([name, value]) => [
        name,
        value.replace(/\$\{user_config\.(\w+)\}/g, (_, key) => entered[key] ?? manifest.user_config[key].default),
      ]),
    );
  const start = (entered) => {
    const { command, args } = manifest.server.mcp_config;
    assert.equal(command, "node");
    const filled = args.map((arg) => arg.replace(`\${__dirname}`, folder));
    assert.equal(filled[0], join(folder, manifest.server.entry_point));
    return uses(process.execPath, filled, environmentOf(entered));
  };

  test("its server starts, lists the tools and calls one", async () => {
    const found = await start({ secret_key: world.apiKey, host: nango.url });
    assert.deepEqual([found.names, found.successful, found.version], [slugs, true, npm.version]);
  });

  test("it offers fewer tools if the user chose only to read", async () => {
    const { names, successful } = await start({ secret_key: world.apiKey, host: nango.url, read_only: true });
    assert.ok(names.length > 5 && names.length < slugs.length && !names.includes("NANGO_DELETE_CONNECTION"));
    assert.equal(successful, true);
  });
});
