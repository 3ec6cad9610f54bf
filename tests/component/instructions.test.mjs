// Nothing takes more than linear time, as the number of instructions of the component, which is the same on every
// machine. A few sizes in each run, up to four megabytes in the long one. Messages of MCP are measured by their time:
// tests/curve.rs and tests/node/curve.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../node/surface.mjs";
import { python, pythonProgram } from "./hosts.mjs";

const KB = 1024;
const full = process.env.NANGO_TOOLKIT_FULL === "1";
const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const SIZES = full ? [512 * KB, 1024 * KB, 2048 * KB, 4096 * KB] : [32 * KB, 64 * KB, 128 * KB];
/** Objects that name a secret, each on its own line. */
const LINES = ["labelled lines", (bytes) => '{"name":"token","value":"secret"}\n'.repeat(bytes / 34)];
/** In each run, every third kind of input. */
const KINDS = [LINES, ...kinds.filter((_, index) => full || index % 3 === 0)];
/** How many more instructions a call may take if its input doubles: sorting takes a little more than twice. */
const MOST_GROWTH = 2.3;
/** Fewer instructions are not compared. */
const LEAST = 1_000_000;

const OPTIONS = JSON.stringify({
  policy: { default: "allow", rules: [{ then: "confirm", tags: "a=*", proxy_path: "*/a/*b*/c", end_user: "ada" }] },
  proxy: { allowedHosts: ["example.com"] },
});
const PAIR = '{"connection_id":"c","provider_config_key":"hubspot","metadata":$INPUT}';
const IDS = '{"connection_id":$INPUT,"provider_config_key":"hubspot","metadata":{}}';
const proxy = (name) => `{"provider_config_key":"h","connection_id":"c","any_path":"v1","${name}":$INPUT}`;
const response = (status, type) => ({ status, headers: [["content-type", type]], body: "$INPUT" });

/** What is called: the export, and what it is given after the toolkit. */
const FUNCTIONS = Object.entries({
  "validate: metadata": ["[method]toolkit.validate", "NANGO_SET_CONNECTION_METADATA", PAIR],
  "validate: arguments": ["[method]toolkit.validate", "NANGO_CREATE_CONNECT_SESSION", "$INPUT"],
  "build-request: metadata": ["[method]toolkit.build-request", "NANGO_SET_CONNECTION_METADATA", PAIR],
  "build-request: query_params": ["[method]toolkit.build-request", "NANGO_GET_PROXY", proxy("query_params")],
  "build-request: proxy_headers": ["[method]toolkit.build-request", "NANGO_GET_PROXY", proxy("proxy_headers")],
  "explain: connection_id": ["[method]toolkit.explain", "NANGO_SET_CONNECTION_METADATA", IDS, 0],
  "explain: base_url_override": ["[method]toolkit.explain", "NANGO_GET_PROXY", proxy("base_url_override"), 0],
  "parse-response: connection": [
    "[method]toolkit.parse-response",
    "NANGO_GET_CONNECTION",
    response(200, "application/json"),
  ],
  "parse-response: proxy": ["[method]toolkit.parse-response", "NANGO_GET_PROXY", response(200, "application/json")],
  "parse-response: lines": ["[method]toolkit.parse-response", "NANGO_GET_PROXY", response(200, "application/x-ndjson")],
  "parse-response: 400": ["[method]toolkit.parse-response", "NANGO_GET_CONNECTION", response(400, "application/json")],
  "parse-response: 500": ["[method]toolkit.parse-response", "NANGO_GET_PROXY", response(500, "text/html")],
  search: ["[method]toolkit.search", "$INPUT", ""],
  "open: rules": ["[static]toolkit.open", '{"policy":{"default":"deny","rules":$INPUT}}'],
  "open: hosts": ["[static]toolkit.open", '{"proxy":{"allowedHosts":$INPUT}}'],
});

const noPython = !python && !ci ? "Python 3.9 is missing" : false;

test("no function takes more than linear time, in instructions", { skip: noPython }, async () => {
  const counted = pythonProgram("fuel.py");
  const steep = [];
  let pairs = 0;
  try {
    for (const [kind, make] of KINDS) {
      const counts = FUNCTIONS.map(() => []);
      for (const size of SIZES) {
        counted.tell({ text: make(size) });
        for (const [index, [, [name, ...given]]] of FUNCTIONS.entries()) {
          const { instructions } = await counted.ask({ name, given, options: OPTIONS });
          counts[index].push(instructions);
        }
      }
      for (const [index, [name]] of FUNCTIONS.entries()) {
        const [one, two, four] = counts[index].slice(-3);
        pairs += 1;
        const grows = (from, to) => to >= LEAST && to > MOST_GROWTH * from;
        if (grows(one, two) || grows(two, four)) steep.push(`${name}, ${kind}: ${counts[index].join(", ")}`);
      }
    }
  } finally {
    await counted.close();
  }
  console.log(`${pairs} pairs of a function and a kind of input, ${SIZES.map((size) => size / KB).join(", ")} KB`);
  assert.deepEqual(steep, []);
});
