// The committed result of the long run: `node tests/adapters/table.mjs` tests every framework with its real package and
// writes its table in docs/frameworks.md. On the newest Node, as the tests themselves.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const file = at("docs/frameworks.md");
const read = (path) => readFileSync(at(path), "utf8");
const dependencies = (path) => JSON.parse(read(`${path}/package.json`)).devDependencies;

/** In JavaScript: the adapter, the package whose version counts, and where its tests are. */
const JAVASCRIPT = [
  ["ai-sdk", "ai"],
  ["openai", "openai"],
  ["openai-agents", "@openai/agents"],
  ["anthropic", "@anthropic-ai/sdk"],
  ["google", "@google/genai"],
  ["langchain", "langchain"],
  ["mastra", "@mastra/core"],
  ["llamaindex", "@llamaindex/workflow", "full/"],
  ["google-adk", "@google/adk", "full/"],
  ["claude-agent-sdk", "@anthropic-ai/claude-agent-sdk", "full/"],
];
const PYTHON = {
  "openai-agents": "openai-agents",
  langchain: "langchain",
  "google-adk": "google-adk",
  llamaindex: "llama-index-core",
  crewai: "crewai",
  "pydantic-ai": "pydantic-ai-slim",
  autogen: "autogen-agentchat",
  "claude-agent-sdk": "claude-agent-sdk",
};

/** What each row begins with: the framework with its version, and how it gets the tools. */
/** The version of a package for Python that is tested. */
const required = (name, one) =>
  new RegExp(`^${one}==(.*)$`, "m").exec(read(`tests/python/requirements/${name}.txt`))[1];

export const rows = () => [
  ...JAVASCRIPT.map(([name, one, folder = ""]) => ({
    title: `${one} ${dependencies(`tests/adapters/${folder}`)[one]}`,
    how: `\`nango-toolkit/${name}\``,
    args: [`tests/adapters/${folder}${name}.test.mjs`],
  })),
  ...Object.entries(PYTHON).map(([name, one]) => ({
    title: `${one} ${required(name, one)} (Python)`,
    how: `MCP, [\`docs/python/${name}.md\`](python/${name}.md)`,
    args: [`--test-name-pattern=${name}`, "tests/python/python.test.mjs"],
  })),
];

const [START, END] = ["<!-- tested:start -->\n", "<!-- tested:end -->"];

/** The page before the generated part, the generated part, and the page after it. */
export function parts() {
  const [before, rest] = readFileSync(file, "utf8").split(START);
  const [table, after] = (rest ?? "").split(END);
  if (after === undefined) throw new Error(`docs/frameworks.md needs ${START}and ${END}`);
  return [before, table, after];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let failed = 0;
  const lines = rows().map(({ title, how, args }) => {
    const { stdout } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...args], {
      cwd: at("."),
      encoding: "utf8",
    });
    const number = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
    if (number("fail") > 0 || number("pass") === 0) failed += 1;
    const line = `| ${title} | ${how} | ${number("pass")} passed, ${number("fail")} failed |`;
    console.log(line);
    return line;
  });
  const about = [
    "Each with its real package and a model that follows a script, on the in-memory Nango: all tools listed, a call,",
    "wrong arguments and their repair, a tool that fails, two calls in one turn, a destructive call that a policy",
    "holds up for a person (in JavaScript).",
    `Written by \`node tests/adapters/table.mjs\` on ${new Date().toISOString().slice(0, 10)},`,
    `with Node ${process.versions.node}.`,
  ].join(" ");
  const [before, , after] = parts();
  const table = `${about}\n\n| framework | by | tests |\n|---|---|---|\n${lines.join("\n")}\n`;
  writeFileSync(file, `${before}${START}${table}${END}${after}`);
  process.exitCode = failed > 0 ? 1 : 0;
}
