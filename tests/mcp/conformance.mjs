// How the official conformance suite is run against a server, and which checks are expected to fail, each with its
// reason.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execute, programs } from "../runtimes/runtimes.mjs";

const suite = fileURLToPath(new URL("node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url));
/** What runs the suite. */
export const node = programs.node24();

const NO_LOGGING = "there is no logging: it is deprecated, and calls are audited on the operator's side";
const NO_PROMPTS = "a server of tools alone has no prompts";
const NO_RESOURCES = "a server of tools alone has no resources";
const NO_REQUESTS = "a server without state sends no requests to the client in the `initialize` revisions";
const NO_PROGRESS = "progress is the time that a call has taken, after 5 seconds: a tool does not report its own";
const NO_TASKS = "tasks are an extension that is not offered";
const FIXTURE = "the suite calls a fixture by name that is not among Nango's tools";
const NO_HEADERS = "no argument is repeated in a header (x-mcp-header is optional)";

/** The sets of requirements. */
export const REVISIONS = ["2025-11-25", "2026-07-28"];

/** For any server of tools, with fixtures or without. */
const ALWAYS = {
  "2025-11-25": {
    "logging-set-level": NO_LOGGING,
    "completion-complete": "there is nothing to complete: completions belong to prompts and resources",
    "tools-call-with-logging": NO_LOGGING,
    "tools-call-with-progress": NO_PROGRESS,
    "tools-call-sampling": NO_REQUESTS,
    "tools-call-elicitation": NO_REQUESTS,
    "elicitation-sep1034-defaults": NO_REQUESTS,
    "elicitation-sep1330-enums": NO_REQUESTS,
    ...Object.fromEntries(
      ["list", "read-text", "read-binary", "templates-read", "subscribe", "unsubscribe"].map((name) => [
        `resources-${name}`,
        NO_RESOURCES,
      ]),
    ),
    ...Object.fromEntries(
      ["list", "get-simple", "get-with-args", "get-embedded-resource", "get-with-image"].map((name) => [
        `prompts-${name}`,
        NO_PROMPTS,
      ]),
    ),
    "server-sse-multiple-streams": "every message is answered by itself; the suite only warns",
    "server-sse-polling": "there are no streams to poll; the suite only warns",
  },
  "2026-07-28": {
    "completion-complete": "there is nothing to complete: completions belong to prompts and resources",
    "tools-call-with-progress": NO_PROGRESS,
    ...Object.fromEntries(
      ["list", "read-text", "read-binary", "templates-read"].map((name) => [`resources-${name}`, NO_RESOURCES]),
    ),
    "sep-2164-resource-not-found": NO_RESOURCES,
    ...Object.fromEntries(
      ["list", "get-simple", "get-with-args", "get-embedded-resource", "get-with-image"].map((name) => [
        `prompts-${name}`,
        NO_PROMPTS,
      ]),
    ),
    caching: "the lists of prompts and resources are not there; that of tools passes",
    "input-required-result-non-tool-request": NO_PROMPTS,
    "http-custom-header-server-validation": NO_HEADERS,
    ...Object.fromEntries(
      [
        "lifecycle",
        "capability-negotiation",
        "wire-fields",
        "request-state-removal",
        "mrtr-input",
        "request-headers",
        "dispatch-and-envelope",
        "required-task-error",
        "mrtr-composition",
      ].map((name) => [`tasks-${name}`, NO_TASKS]),
    ),
  },
};

/** Additionally, with only Nango's tools. */
const WITHOUT_FIXTURES = {
  "2025-11-25": Object.fromEntries(
    [
      "tools-call-simple-text",
      "tools-call-image",
      "tools-call-audio",
      "tools-call-embedded-resource",
      "tools-call-mixed-content",
      "tools-call-error",
      "json-schema-2020-12",
    ].map((name) => [name, FIXTURE]),
  ),
  "2026-07-28": {
    ...Object.fromEntries(
      ["simple-text", "image", "audio", "embedded-resource", "mixed-content", "error"].map((name) => [
        `tools-call-${name}`,
        FIXTURE,
      ]),
    ),
    ...Object.fromEntries(
      [
        "basic-elicitation",
        "basic-sampling",
        "basic-list-roots",
        "request-state",
        "multiple-input-requests",
        "multi-round",
        "missing-input-response",
        "result-type",
        "tampered-state",
        "capability-check",
        "ignore-extra-params",
      ].map((name) => [`input-required-result-${name}`, FIXTURE]),
    ),
    "json-schema-2020-12": FIXTURE,
    "server-stateless": "four of its 25 checks call fixtures",
  },
};

/** Runs the suite against a server, with the fixtures or without. Exactly the expected checks must fail. */
export async function conforms(url, revision, { fixtures = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-conformance-"));
  try {
    const expected = { ...ALWAYS[revision], ...(!fixtures && WITHOUT_FIXTURES[revision]) };
    const baseline = join(folder, "expected.yml");
    writeFileSync(
      baseline,
      `server:\n${Object.entries(expected)
        .map(([name, reason]) => `  - ${name} # ${reason}\n`)
        .join("")}`,
    );
    const args = [
      suite,
      "server",
      "--url",
      url,
      "--requirements",
      revision,
      "--expected-failures",
      baseline,
      "-o",
      join(folder, "results"),
    ];
    const { code, stdout, stderr } = await execute(node, args, { cwd: folder });
    const [, passed, failed] = /Total: (\d+) passed, (\d+) failed/.exec(stdout) ?? [];
    console.log(
      `${revision}, ${fixtures ? "fixtures" : "Nango's tools"}: ${passed} checks passed, ${failed} failed as expected`,
    );
    assert.equal(code, 0, `${stdout.slice(stdout.indexOf("=== SUMMARY"))}\n${stderr}`);
    assert.ok(Number(passed) >= (revision === "2025-11-25" ? 35 : 96));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
