// The agents of the command line: how each is made to use a model on 127.0.0.1, and one request for it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../../docs/mcp.md", import.meta.url));
const PROMPT = "List the integrations of Nango.";

/** The blocks of a section of docs/mcp.md: language, file and text, commands and URLs apart. */
export function blocksOf(title) {
  const section = readFileSync(PAGE, "utf8")
    .split(/^## /m)
    .find((one) => one.startsWith(`${title}\n`));
  return [...section.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)].map(([, language, file, text]) => ({
    language,
    file,
    text,
    form: /https:/.test(text) ? "url" : "command",
  }));
}

/** Writes a file, with its folders. */
export function place(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** JSON with more in it. */
const merged = (json, more) => JSON.stringify({ ...JSON.parse(json), ...more }, null, 2);

/**
 * Each agent: its section in the page; its program, and for one in Python the package; `folder` in its home, if the
 * file of the page belongs there and not into the project; `prepare`, `more` and `environment`, which make it use the
 * URL of the model; the arguments of one request; and how its model finds a tool that is not listed.
 */
export const AGENTS = [
  {
    section: "Claude Code",
    program: "claude",
    environment: (model) => ({
      ANTHROPIC_BASE_URL: model,
      ANTHROPIC_API_KEY: "sk-ant-scripted",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    }),
    request: ["--print", PROMPT, "--allowedTools", "mcp__nango"],
    search: (tools) =>
      tools.includes("ToolSearch") && {
        name: "ToolSearch",
        args: { query: "select:mcp__nango__NANGO_LIST_INTEGRATIONS", max_results: 5 },
      },
  },
  {
    section: "Codex",
    program: "codex",
    prepare({ home, model }) {
      const provider = [
        'name = "scripted"',
        `base_url = "${model}/v1"`,
        'wire_api = "responses"',
        'env_key = "MODEL_KEY"',
      ];
      const lines = [
        'model = "scripted"',
        'model_provider = "scripted"',
        "",
        "[model_providers.scripted]",
        ...provider,
      ];
      place(join(home, ".codex/config.toml"), `${lines.join("\n")}\n`);
    },
    environment: () => ({ MODEL_KEY: "scripted" }),
    request: ["exec", "--skip-git-repo-check", PROMPT],
    // It asks the model before a server that takes seconds has started.
    search: (tools) => tools.includes("exec_command") && { name: "exec_command", args: { cmd: "sleep 5" } },
  },
  {
    section: "OpenCode",
    program: "opencode",
    more: (text, model) =>
      merged(text, {
        model: "scripted/scripted",
        small_model: "scripted/scripted",
        autoupdate: false,
        provider: {
          scripted: {
            npm: "@ai-sdk/openai-compatible",
            options: { baseURL: `${model}/v1`, apiKey: "scripted" },
            models: { scripted: { tool_call: true, limit: { context: 200_000, output: 8_000 } } },
          },
        },
      }),
    environment: () => ({ OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1" }),
    request: ["run", PROMPT],
  },
  {
    section: "OpenClaw",
    program: "openclaw",
    prepare({ home, model }) {
      const limits = { contextWindow: 200_000, maxTokens: 8_000 };
      const models = [{ id: "scripted", name: "scripted", ...limits }];
      const scripted = { baseUrl: `${model}/v1`, apiKey: "scripted", api: "openai-completions", models };
      const config = {
        models: { providers: { scripted } },
        agents: { defaults: { model: { primary: "scripted/scripted" } } },
        tools: { toolSearch: false },
      };
      place(join(home, ".openclaw/openclaw.json"), JSON.stringify(config));
    },
    request: ["agent", "--local", "--agent", "main", "--message", PROMPT],
  },
  {
    section: "Hermes",
    program: "hermes",
    pip: "hermes-agent[mcp]==0.19.0",
    folder: ".hermes",
    more(text, model) {
      const lines = ["default: scripted", "provider: custom", `base_url: ${model}/v1`, "api_key: scripted"];
      return `${text}model:\n${lines.map((line) => `  ${line}\n`).join("")}`;
    },
    request: ["chat", "--quiet", "--query", PROMPT],
  },
  {
    section: "Gemini CLI",
    program: "gemini",
    environment: (model) => ({
      GEMINI_API_KEY: "scripted",
      GOOGLE_GEMINI_BASE_URL: model,
      GEMINI_CLI_TRUST_WORKSPACE: "true",
    }),
    folder: ".gemini",
    more: (text) =>
      merged(text, {
        security: { auth: { selectedType: "gemini-api-key" } },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true, disableUpdateNag: true },
      }),
    request: ["--prompt", PROMPT, "--approval-mode", "yolo"],
  },
];
