// Builds dist/nango-toolkit.mcpb, the MCP server as a bundle that Claude Desktop and other hosts install with a click:
// what the command `nango-toolkit mcp` loads, and a manifest that asks for the key. `npm run build:mcpb`.

import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "./build.mjs";
import { ensurePackages, filesBelow, isMain, must, print, program, root, step } from "./lib.mjs";

/** The folder whose packages include the command `mcpb`. */
const TOOLS = join("tests", "publish");

/** The `mcpb` command, to be run by Node. */
export const MCPB = join(root, TOOLS, "node_modules", "@anthropic-ai", "mcpb", "dist", "cli", "cli.js");

const STAGE = join(root, "dist", "mcpb");
const BUNDLE = join(root, "dist", "nango-toolkit.mcpb");

/** What is in the bundle, of the files of the package: not the in-memory Nango. */
const LOADED = /^(bin\/|dist\/(errors\.js|node\/)|wasm\/nango_toolkit_bg\.wasm|LICENSE-|THIRD_PARTY_|package\.json)/;

/** The manifest. Its version is that of the package. */
function manifest() {
  const read = (file) => JSON.parse(readFileSync(join(root, "pkg", file), "utf8"));
  const { name, version, license, keywords, repository, engines } = read("package.json");
  const url = repository?.url.replace(/^git\+/, "");
  return {
    manifest_version: "0.3",
    name,
    display_name: "Nango Toolkit",
    version,
    description: "Nango's API as tools: connections, integrations, syncs, actions, and requests to 1,000 APIs.",
    author: { name: "The Nango Toolkit authors" },
    ...(url && { repository: { type: "git", url } }),
    license,
    keywords,
    server: {
      type: "node",
      entry_point: "bin/nango-toolkit.js",
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/bin/nango-toolkit.js`, "mcp"],
        env: {
          NANGO_SECRET_KEY: `\${user_config.secret_key}`,
          NANGO_HOST: `\${user_config.host}`,
          NANGO_MCP_READ_ONLY: `\${user_config.read_only}`,
        },
      },
    },
    tools: read("catalogue.json")
      .filter(({ listed }) => listed)
      .map(({ slug, title }) => ({ name: slug, description: title })),
    compatibility: { platforms: ["darwin", "win32", "linux"], runtimes: { node: engines.node } },
    user_config: {
      secret_key: {
        type: "string",
        title: "Secret key",
        description: "The secret key of a Nango environment: in Nango, Environment Settings.",
        sensitive: true,
        required: true,
      },
      host: {
        type: "string",
        title: "Address of Nango",
        description: "Only for a server of your own.",
        default: "https://api.nango.dev",
        required: false,
      },
      read_only: {
        type: "boolean",
        title: "Only read",
        description: "Offers only the tools that change nothing.",
        default: false,
        required: false,
      },
    },
  };
}

/** Builds the bundle and returns its path. */
export async function buildMcpb() {
  await build();
  await ensurePackages(TOOLS);
  step("building the bundle for MCP");
  rmSync(STAGE, { recursive: true, force: true });
  const files = filesBelow("pkg").map((file) => file.slice("pkg/".length));
  for (const file of files.filter((file) => LOADED.test(file))) {
    mkdirSync(dirname(join(STAGE, file)), { recursive: true });
    cpSync(join(root, "pkg", file), join(STAGE, file));
  }
  writeFileSync(join(STAGE, "manifest.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  rmSync(BUNDLE, { force: true });
  await must(process.execPath, [MCPB, "pack", STAGE, BUNDLE], { capture: true });
  print(`${BUNDLE}, ${Math.round(statSync(BUNDLE).size / 1000)} KB\n`);
  return BUNDLE;
}

if (isMain(import.meta.url)) program(() => buildMcpb().then(() => undefined));
