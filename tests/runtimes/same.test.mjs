// The packed package answers the table of cases as the native core does: decisions through `explain`, masked secrets
// through `parseResponse` and `execute`, one user's view through `session`. The table: tests/same.rs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { makeProject } from "./project.mjs";

const table = JSON.parse(readFileSync(new URL("../fixtures/same.json", import.meta.url), "utf8"));
const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";

/** A result without what differs from run to run; long data by its length. */
function shown({ successful, data, error, meta }) {
  const text = JSON.stringify(data);
  const bytes = Buffer.byteLength(text);
  return { successful, data: bytes > table.long ? { bytes } : data, error, attempts: meta.attempts };
}

/** All differences, case by case. */
function hold(cases, answers) {
  const plain = (value) => JSON.parse(JSON.stringify(value));
  const wrong = cases.flatMap((expected, at) => {
    try {
      return (assert.deepEqual(plain(answers[at]), expected.expected), []);
    } catch (error) {
      return [`${JSON.stringify({ ...expected, expected: undefined, body: undefined })}\n${error.message}`];
    }
  });
  assert.equal(wrong.length, 0, `${wrong.length} of ${cases.length} differ:\n${wrong.slice(0, 5).join("\n\n")}`);
}

describe("the packed package and the native core", () => {
  let project, toolkit, emulator;
  before(async () => {
    project = makeProject();
    const { exports } = JSON.parse(readFileSync(join(project.installed, "package.json"), "utf8"));
    [toolkit, emulator] = await Promise.all(
      [".", "./emulator"].map((entry) => import(pathToFileURL(join(project.installed, exports[entry].node.default)))),
    );
  });
  after(() => project.remove());

  test("decide alike", () => {
    const made = table.toolkits.map(({ policy, session }) => {
      const nango = new toolkit.NangoToolkit({ apiKey: KEY, policy });
      return session ? nango.session(session) : nango;
    });
    hold(
      table.policy,
      table.policy.map(({ toolkit, tool, arguments: args }) => made[toolkit].explain(tool, args)),
    );
  });

  test("mask alike what is parsed", () => {
    const headers = { "content-type": "application/json" };
    const answers = table.secrets.map(({ tool, status, body }) => {
      const { successful, data, error } = toolkit.parseResponse(tool, { status, headers, body: JSON.stringify(body) });
      return { successful, data, error };
    });
    hold(
      table.secrets.map((one) => ({ ...one, expected: one.parsed, executed: undefined })),
      answers,
    );
  });

  test("mask and reveal alike what is executed", async () => {
    const cases = table.secrets.flatMap(({ executed, ...one }) =>
      executed.map((way) => ({ ...one, ...way, parsed: undefined })),
    );
    const answers = [];
    for (const { tool, arguments: args, status, body, revealSecrets } of cases) {
      const fetch = async () => Response.json(body, { status });
      const nango = new toolkit.NangoToolkit({ apiKey: KEY, fetch, revealSecrets, retry: { attempts: 1 } });
      answers.push(shown(await nango.execute(tool, args)));
    }
    hold(cases, answers);
  });

  test("show one user alike", async () => {
    const sessions = {};
    const answers = [];
    for (const { user, tool, arguments: args } of table.isolation) {
      if (!sessions[user]) {
        const { fetch, apiKey, baseUrl } = emulator.createEmulator({
          seed: table.seed,
          now: () => table.start,
          rateLimit: 1_000_000,
        });
        sessions[user] = new toolkit.NangoToolkit({ fetch, apiKey, baseUrl }).session({ user });
      }
      answers.push(shown(await sessions[user].execute(tool, args)));
    }
    hold(table.isolation, answers);
  });
});
