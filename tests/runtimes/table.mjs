// The committed result of the tests with bundlers and frameworks: `node tests/runtimes/table.mjs` runs them and writes
// docs/bundlers.md, with Node 24. Another test compares it with the locked versions.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path) => readFileSync(at(path), "utf8");
export const file = at("docs/bundlers.md");
export const command = "node tests/runtimes/table.mjs";

const NOTHING = "nothing";
const PACKAGE_EXPORTS = '`"@parcel/resolver-default": { "packageExports": true }` in package.json; see below';

/** The package, how it is used, what it needs, and where its tests are: a file and a pattern. */
const ROWS = [
  [
    "next",
    'Turbopack and webpack: server and client components, Node and edge routes, `next dev`, `output: "standalone"`',
    NOTHING,
    "full/next",
    "",
  ],
  ["nuxt", "pages and server routes", NOTHING, "full/frameworks", "Nuxt"],
  ["astro", "`@astrojs/node`, `noExternal`", NOTHING, "full/frameworks", "Astro"],
  ["@sveltejs/kit", "`@sveltejs/adapter-node`", NOTHING, "full/frameworks", "SvelteKit"],
  ["@react-router/dev", "loaders, `noExternal`", NOTHING, "full/frameworks", "React Router"],
  [
    "nitro",
    "`node_server`, `cloudflare_module`",
    "on Workers `experimental: { wasm: true }`",
    "full/frameworks",
    "nitro,",
  ],
  ["nitropack", "the same", "the same", "full/frameworks", "nitropack,"],
  ["esbuild", "`--platform=node`, ES modules and CommonJS", NOTHING, "bundlers", "esbuild"],
  ["rollup", "`@rollup/plugin-node-resolve`", NOTHING, "bundlers", "rollup"],
  ["vite", "server-side rendering with `noExternal`", NOTHING, "bundlers", "Vite"],
  ["webpack", '`target: "node"`, ES modules and CommonJS', NOTHING, "full/bundlers", "webpack"],
  ["tsup", "`noExternal`, ES modules and CommonJS", NOTHING, "full/bundlers", "tsup"],
  ["@vercel/ncc", "ES modules and CommonJS", "nothing; the `.wasm` files are beside the bundle", "bundlers", "ncc"],
  ["bun", "`bun build`, `--compile`", "for `--target=node` also `--conditions=module`", "bundlers", "bun build"],
  ["deno", "`deno bundle`", NOTHING, "bundlers", "deno bundle"],
  ["parcel", "browsers", PACKAGE_EXPORTS, "full/bundlers", "Parcel"],
  ["jest", "default settings, CommonJS", NOTHING, "hosts", "Jest"],
  ["vitest", "`jsdom` and `happy-dom`", NOTHING, "hosts", "Vitest"],
];

/** What each row begins with, and what runs its tests. */
export function rows() {
  const locked = ["", "full/"].map(
    (folder) => JSON.parse(read(`tests/runtimes/${folder}package.json`)).devDependencies,
  );
  return ROWS.map(([name, how, needs, tests, pattern]) => ({
    start: `| ${name} ${locked.find((versions) => versions[name])[name]} | ${how} | ${needs} | `,
    args: [...(pattern && [`--test-name-pattern=${pattern}`]), `tests/runtimes/${tests}.test.mjs`],
  }));
}

const head = () => `# Bundlers and frameworks

Each builds a small project with the packed package, which is then run where nothing of the package is beside it: a \
session's call on the in-memory Nango, the MCP handler and an adapter. Written by \`${command}\` on \
${new Date().toISOString().slice(0, 10)}, with Node ${process.versions.node}.

| what | used for | what it needs | tests |
|---|---|---|---|
`;

const TAIL = `
What bundlers for servers follow has the module as text, so that the bundle is complete. Where a bundle runs on Node \
but its bundler sets no condition \`module\`, or in any other special case, \`nango-toolkit/inline\`, \
\`nango-toolkit/emulator/inline\` and \`nango-toolkit/mcp/inline\` are the same entries by name; use them for all \
three.

- **Service workers** have no top-level await: import \`nango-toolkit/inline\`.
- **Parcel** without \`packageExports\` only finds \`nango-toolkit\`, with the module as text; the other entries are \
files there, such as \`nango-toolkit/dist/entry/emulator-inline.js\`.
- **Jest's environment \`jsdom\`** has neither \`TextDecoder\` nor \`Response\`: begin such a file with \`/** \
@jest-environment node */\`.
- **A page with a Content-Security-Policy** needs \`'wasm-unsafe-eval'\` in \`script-src\`.
- **webpack for browsers** warns about top-level await if its target includes browsers without it; import \
\`nango-toolkit/inline\`, or ignore the warning.
- **CommonJS**: \`require("nango-toolkit")\` works in every supported version of Node. Where Node can require ES \
modules (20.19, 22.12 and newer), \`require\` and \`import\` give the same classes; older versions load a build of \
its own, so use only one of them there.
- **The top level of a Worker**: toolkits, sessions and handlers can be created there; calls can only be made in a \
handler.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let failed = 0;
  const lines = rows().map(({ start, args }) => {
    const options = { cwd: at("."), encoding: "utf8" };
    const { stdout } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...args], options);
    const number = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
    if (number("fail") > 0 || number("pass") === 0) failed += 1;
    const line = `${start}${number("pass")} passed, ${number("fail")} failed |`;
    console.log(line);
    return line;
  });
  writeFileSync(file, `${head()}${lines.join("\n")}\n${TAIL}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
