// The programs of docs/component.md: each calls tools of a served in-memory Nango with its own HTTP client and clock,
// retries after a failure, and is refused by a policy.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bareEnvironment, listen, startEmulate } from "../node/support.mjs";
import { COMPONENT, at, python, pythonEnvironment, pythonWithWasmtime } from "./hosts.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const full = process.env.NANGO_TOOLKIT_FULL === "1";
const RUST = at("target/rust-host/release/nango-toolkit-rust-host");
const ADA = JSON.stringify({ connection_id: "hubspot-ada", provider_config_key: "hubspot" });
const page = readFileSync(at("docs/component.md"), "utf8");

/** Runs a program until it exits. */
function run(program, args, env) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const seen = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (seen[name] += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({
        code,
        ...seen,
        events: seen.stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : [])),
      }),
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), "nango-toolkit-component-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The programs: what is missing for them, and how they run with what is common to all: tool, arguments, options. */
const programs = {
  "Node, by jco": {
    prepare() {
      cpSync(at("dist/component/nango-toolkit"), join(folder, "nango-toolkit"), { recursive: true });
      cpSync(at("docs/component/nango-call.mjs"), join(folder, "nango-call.mjs"));
    },
    run: (args, env) => run(process.execPath, [join(folder, "nango-call.mjs"), ...args], bareEnvironment(env)),
  },
  Python: {
    missing: !python && !ci && "Python 3.9 or newer was not found",
    prepare: pythonWithWasmtime,
    run: (args, env) =>
      run(pythonWithWasmtime(), [at("docs/component/nango_call.py"), COMPONENT, ...args], pythonEnvironment(env)),
  },
  Rust: {
    missing: !full && "`npm run test:full` builds the host",
    prepare() {},
    run: (args, env) => run(RUST, [COMPONENT, ...args], bareEnvironment(env)),
  },
};

for (const [name, program] of Object.entries(programs)) {
  describe(name, { skip: program.missing }, () => {
    let emulator;
    const call = (tool, args, options = {}, env = {}) =>
      program.run([tool, args, JSON.stringify({ retry: { baseMs: 1 }, ...options })], {
        NANGO_HOST: emulator.url,
        NANGO_SECRET_KEY: emulator.apiKey,
        ...env,
      });
    before(async () => {
      program.prepare();
      emulator = await startEmulate([
        "--faults",
        JSON.stringify({
          fail: [
            { match: { path: "/integrations" }, times: 1, kind: "status", status: 503 },
            { match: { path: "/environment-variables" }, times: 1, kind: "drop" },
            { match: { path: "/connect/sessions" }, times: 1, kind: "rate_limit", retryAfter: 1 },
          ],
        }),
      ]);
    });
    after(() => emulator?.stop());

    test("runs a tool, and retries after a failure", async () => {
      const { code, stdout, stderr, events } = await call("NANGO_LIST_INTEGRATIONS", "{}");
      assert.equal(code, 0, stderr);
      assert.ok(JSON.parse(stdout).data.length >= 10);
      assert.deepEqual(
        events.map(({ type }) => type),
        ["call.started", "call.attempt", "call.retry", "call.attempt", "call.finished"],
      );
      assert.deepEqual([events[2].status, events[4].successful, events[4].attempts], [503, true, 2]);
      assert.ok(!`${stdout}${stderr}`.includes(emulator.apiKey), "the key shows");
    });

    test("retries after a broken connection, and after the delay that Nango requests", async () => {
      const { code, stderr, events } = await call("NANGO_GET_ENVIRONMENT_VARIABLES", "{}");
      assert.equal(code, 0, stderr);
      assert.deepEqual([events[2].type, events[2].kind], ["call.retry", "network"]);
      const limited = await call("NANGO_CREATE_CONNECT_SESSION", '{"tags":{"end_user_id":"u1"}}');
      assert.equal(limited.code, 0, limited.stderr);
      const [, first, retry, second] = limited.events;
      assert.equal(retry.kind, "rate_limited");
      assert.ok(retry.waitMs >= 1000 && second.at - first.at >= 1000, JSON.stringify(limited.events));
    });

    test("is refused by a policy, and nothing is sent", async () => {
      const { code, stdout, stderr, events } = await call("NANGO_DELETE_CONNECTION", ADA, {
        policy: { readOnly: true },
      });
      assert.equal(code, 1);
      assert.match(`${stdout}${stderr}`, /NANGO_DELETE_CONNECTION can change things, and this toolkit is read-only/);
      assert.deepEqual(
        events.map(({ type }) => type),
        ["call.started", "call.decision", "call.finished"],
      );
      assert.equal(events[2].error.kind, "denied");
      // The connection is still there.
      assert.equal((await call("NANGO_GET_CONNECTION", ADA)).code, 0);
    });

    test("waits for a person if the policy requires it", async () => {
      const { code, events } = await call("NANGO_DELETE_CONNECTION", ADA, {
        policy: { default: "allow", rules: [{ then: "confirm", effect: "destructive" }] },
      });
      assert.equal(code, 1);
      assert.equal(events.at(-1).error.kind, "confirmation_required");
    });

    test("sends bodies, and reads any text", async () => {
      const text = 'Grüße, 東京, 👩‍👩‍👧 \u202e "quoted" \\ back';
      const set = await call(
        "NANGO_SET_CONNECTION_METADATA",
        JSON.stringify({ ...JSON.parse(ADA), metadata: { text } }),
      );
      assert.equal(set.code, 0, set.stderr);
      const got = await call("NANGO_GET_CONNECTION", ADA);
      const connection = JSON.parse(got.stdout);
      assert.equal(connection.metadata.text, text);
      assert.match(connection.credentials.access_token, /redacted/);
    });

    test("times out, follows no redirect, and reports other errors", async () => {
      const silent = await listen((request, response) => {
        if (request.url === "/integrations") return; // never answers
        response.writeHead(302, { location: "/integrations" }).end();
      });
      try {
        const late = await call(
          "NANGO_LIST_INTEGRATIONS",
          "{}",
          { timeoutMs: 300, retry: { attempts: 1 } },
          { NANGO_HOST: silent.url },
        );
        assert.equal(late.events.at(-1).error.kind, "timeout", late.stderr);
        const moved = await call("NANGO_GET_ENVIRONMENT_VARIABLES", "{}", {}, { NANGO_HOST: silent.url });
        assert.equal(moved.events.at(-1).error.kind, "invalid_response", moved.stderr);
      } finally {
        await silent.close();
      }
      const lost = await call("NANGO_LIST_INTEGRATIONS", "{}", { retry: { attempts: 1 } }, { NANGO_HOST: silent.url });
      assert.equal(lost.events.at(-1).error.kind, "network", lost.stderr);
      const refused = await call(
        "NANGO_LIST_INTEGRATIONS",
        "{}",
        {},
        { NANGO_SECRET_KEY: "00000000-0000-4000-8000-000000000000" },
      );
      assert.equal(refused.events.at(-1).error.kind, "unauthorized", refused.stderr);
      const wrong = await call("NANGO_LIST_INTEGRATIONS", "{}", { policie: {} });
      assert.notEqual(wrong.code, 0);
      assert.match(`${wrong.stdout}${wrong.stderr}`, /there is no option `policie`/);
    });
  });
}

describe("docs/component.md", () => {
  test("contains the tested programs unchanged", () => {
    for (const [file, language] of [
      ["nango-call.mjs", "js"],
      ["nango_call.py", "python"],
    ]) {
      assert.ok(page.includes(`\`\`\`${language}\n${readFileSync(at(`docs/component/${file}`), "utf8")}\`\`\``), file);
    }
    assert.ok(
      page.includes(
        readFileSync(at("tests/component/requirements.txt"), "utf8").trim().replace("wasmtime==", "tested with "),
      ),
      "the version of wasmtime",
    );
  });

  test("documents every export", () => {
    const wit = readFileSync(at("src/wit/toolkit.wit"), "utf8");
    const functions = [...wit.matchAll(/^ +([\w-]+): (?:static )?func/gm)].map(([, name]) => name);
    assert.ok(functions.length >= 14, String(functions));
    for (const name of functions) assert.match(page, new RegExp(`\`(toolkit\\.)?${name}[(\`]`), name);
    const [, , steps] = /(variant step \{)(.*?)\n {4}\}/s.exec(wit);
    for (const [, name] of steps.matchAll(/^ {8}(\w+)\(/gm))
      assert.match(page, new RegExp(`^\\| \`${name}\\(`, "m"), name);
  });

  test("the Node program and the declarations are sound, strictly", async () => {
    symlinkSync(at("node_modules"), join(folder, "node_modules"));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      allowJs: true,
      checkJs: true,
      module: "nodenext",
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["nango-call.mjs"] }));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    // The transpiled script is taken by its declarations.
    const { code, stdout } = await run(
      process.execPath,
      [at("node_modules/typescript/bin/tsc"), "--project", folder],
      bareEnvironment(),
    );
    assert.equal(code, 0, stdout);
    writeFileSync(
      join(folder, "wrong.mts"),
      'import { tools } from "./nango-toolkit/nango-toolkit.js";\ntools.Toolkit.open(5);\n',
    );
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["wrong.mts"] }));
    assert.notEqual(
      (await run(process.execPath, [at("node_modules/typescript/bin/tsc"), "--project", folder], bareEnvironment()))
        .code,
      0,
    );
  });
});
