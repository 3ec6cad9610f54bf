// The command line as a person or a script uses it: output, messages, exit codes.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { apiText } from "../../pkg/dist/entry/node.js";
import { cli, listen, startEmulate } from "./support.mjs";

const scratch = mkdtempSync(join(tmpdir(), "nango-toolkit-cli-"));
const DELETE_ADA = ["NANGO_DELETE_CONNECTION", '{"connection_id":"hubspot-ada","provider_config_key":"hubspot"}'];

test("help and version, everywhere", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"));
  assert.deepEqual(await cli(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
  assert.deepEqual(await cli(["version"]), await cli(["--version"]));
  const help = await cli(["--help"]);
  assert.equal(help.code, 0);
  assert.deepEqual(await cli([]), help);
  for (const word of ["tools", "search", "call", "stats", "emulate", "NANGO_SECRET_KEY", "NANGO_HOST", "Exit codes"])
    assert.ok(help.stdout.includes(word), word);
  for (const command of ["tools", "search", "call", "stats", "mcp", "emulate", "completion"]) {
    const { code, stdout, stderr } = await cli([command, "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Usage: nango-toolkit ${command}`));
    assert.match(stdout, /Exit codes/);
    assert.equal(stderr, "");
  }
});

test("wrong use: exit code 2, a message on standard error, nothing on standard output", async () => {
  for (const [args, message] of [
    [["frobnicate"], /unknown command `frobnicate`: expected one of tools, search, call, stats, mcp, emulate/],
    [["tols"], /unknown command `tols`: did you mean `tools`\?\n.*tools, search, call/],
    [["x".repeat(5000)], /expected one of/],
    [["tools", "--frob"], /unknown option `--frob`.*tools --help/s],
    [["tools", "a", "b"], /unexpected argument `b`/],
    [["tools", "--api", "typescript"], /unknown level `typescript`: expected one of index, signatures, types, full/],
    [["tools", "--api", "types", "--json"], /`--api` and `--json` exclude each other/],
    [["tools", "--toolset", "crm"], /unknown toolset `crm`: expected one of .*connections/],
    [["call"], /a tool is missing/],
    [["completion"], /a shell is missing: expected one of bash, zsh, fish/],
    [["completion", "tcsh"], /unknown shell `tcsh`: expected one of bash, zsh, fish/],
    [["call", "NANGO_LIST_INTEGRATIONS", "{oops", "--emulator"], /not JSON/],
    [["call", "NANGO_LIST_INTEGRATIONS", "@no-such-file.json", "--emulator"], /cannot read `no-such-file.json`/],
    [
      ["call", "NANGO_LIST_INTEGRATIONS", "--timeout", "soon", "--emulator"],
      /`--timeout` expects seconds above 0, given `soon`/,
    ],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--base-url", "http://127.0.0.1:1"], /exclude each other/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--options", "[]"], /`--options` is not a JSON object/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--options", "{oops"], /`--options` is not JSON/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--options", '{"apiKey":"k"}'], /give it by NANGO_SECRET_KEY/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--options", '{"polcy":{}}'], /polcy.*did you mean `policy`/s],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--session", '{"roles":[]}'], /user/],
    [
      ["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--user", "a", "--session", '{"user":"b"}'],
      /exclude each other/,
    ],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--explain", "--dry-run"], /exclude each other/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--world", "w.json"], /`--world` needs `--emulator`/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--faults", "{}", "--dry-run"], /`--faults` needs `--emulator`/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--faults", '{"fail":[{"kind":"explode"}]}'], /explode/],
    [["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--faults", "@no-such-file"], /the file of `--faults`/],
    [["call", ...DELETE_ADA, "--emulator", "--world", "no-such-folder/w.json"], /cannot write the file of `--world`/],
    [["mcp", "--emulator", "--options", '{"polcy":{}}'], /polcy.*did you mean `policy`/s],
    [["mcp", "--emulator", "--session", "{}"], /user/],
    [["emulate", "--port", "banana"], /`--port` expects a whole number from 0 to 65535, given `banana`/],
    [["emulate", "--port", "65536"], /65535/],
    [["emulate", "--world", "no-such-file.json"], /cannot read the file of `--world`/],
    [["emulate", "--faults", '{"fail":[{"kind":"explode"}]}'], /explode|kind/],
  ]) {
    const { code, stdout, stderr } = await cli(args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
    assert.equal(stdout, "");
    assert.doesNotMatch(stderr, /\n\s+at /, "a stack trace instead of a message");
  }
});

test("call: options of the toolkit and of a session, from JSON or a file", async () => {
  const file = join(scratch, "options.json");
  const policy = { default: "allow", rules: [{ id: "no-deletes", then: "deny", tool: DELETE_ADA[0] }] };
  writeFileSync(file, JSON.stringify({ policy }));
  const call = async (...args) => {
    const { code, stdout } = await cli(["call", ...args, "--emulator", "--json"]);
    return { code, ...JSON.parse(stdout) };
  };
  assert.equal((await call(...DELETE_ADA)).code, 0);
  const denied = await call(...DELETE_ADA, "--options", `@${file}`);
  assert.deepEqual([denied.code, denied.error.kind], [1, "denied"]);
  for (const who of [
    ["--user", "ada"],
    ["--session", '{"user":"ada","roles":["support"]}'],
  ]) {
    const { data } = await call("NANGO_CONNECTION_LIST_GET", ...who);
    assert.ok(data.connections.length > 0 && data.connections.every((one) => one.end_user.id === "ada"));
  }
  const dry = ["call", "call_hubspot", '{"any_path":"crm"}', "--dry-run", "--options"];
  const pin = { connection_id: "hubspot-ada", provider_config_key: "hubspot" };
  const { code, stdout } = await cli([
    ...dry,
    JSON.stringify({ modify: { NANGO_GET_PROXY: { rename: "call_hubspot", pin } } }),
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /Connection-Id: hubspot-ada/);
});

test("call --explain: what would be decided, and nothing is sent", async () => {
  const policy = { default: "allow", rules: [{ id: "ask", then: "confirm", tool: DELETE_ADA[0] }] };
  const explain = (...args) =>
    cli(["call", ...args, "--explain", "--emulator", "--options", JSON.stringify({ policy })]);
  const asked = await explain(...DELETE_ADA);
  assert.equal(asked.code, 0);
  assert.match(asked.stdout, /^confirm: .*\(ask\)$/m);
  const { stdout } = await explain(...DELETE_ADA, "--user", "ada", "--json");
  assert.deepEqual(JSON.parse(stdout).decision, "undetermined");
  const wrong = await explain(DELETE_ADA[0], "{}");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /connection_id/);
});

test("tools: a table for people", async () => {
  const { code, stdout } = await cli(["tools"]);
  assert.equal(code, 0);
  assert.equal(stdout.match(/^NANGO_[A-Z_]+ /gm).length, 23);
  assert.match(stdout, /^SLUG +TOOLSET +EFFECT/);
  assert.match(stdout, /^NANGO_DELETE_CONNECTION +connections +destructive +/m);
  assert.doesNotMatch(stdout, /\u001b/, "colours belong on a terminal");
});

test("tools: filters and JSON", async () => {
  const tools = async (...args) => JSON.parse((await cli(["tools", "--json", ...args])).stdout);
  const all = await tools();
  assert.equal(all.length, 23);
  const some = await tools("--toolset", "syncs", "--toolset", "actions");
  assert.deepEqual([...new Set(some.map((tool) => tool.toolset))].sort(), ["actions", "syncs"]);
  const reads = await tools("--read-only");
  assert.deepEqual(
    reads.map((tool) => tool.slug),
    all.filter(({ effect, toolset }) => effect === "read" && toolset !== "proxy").map((tool) => tool.slug),
  );
  assert.ok(reads.length > 5 && reads.length < 23);
  for (const tool of all) assert.equal(tool.inputSchema.type, "object");
});

test("tools --api: TypeScript for models, of all tools, some or one", async () => {
  const text = async (...args) => (await cli(["tools", "--api", ...args])).stdout;
  assert.equal(await text("types"), apiText());
  assert.equal(await text("index", "--toolset", "all"), apiText({ tools: "all", level: "index" }));
  const chosen = { toolsets: ["records"], readOnly: true, level: "signatures" };
  assert.equal(await text("signatures", "--toolset", "records", "--read-only"), apiText(chosen));
  const one = apiText({ tools: ["NANGO_CONNECTION_LIST_GET"], level: "full" });
  assert.equal(await text("full", "NANGO_CONNECTION_GET"), one);
  assert.match(
    one,
    /^declare const nango: \{\n {2}\/\*\*\n {3}\* List connections[^]*\n {2}NANGO_CONNECTION_LIST_GET\(/,
  );
  const unknown = await cli(["tools", "--api", "full", "NANGO_GET_CONECTION"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /NANGO_GET_CONNECTION/);
});

test("tools SLUG: one tool in full, under its alias too; an unknown one suggests similar names", async () => {
  const { code, stdout } = await cli(["tools", "NANGO_GET_CONNECTION"]);
  assert.equal(code, 0);
  for (const word of ["connection_id", "provider_config_key", "force_refresh", "boolean", "yes"])
    assert.ok(stdout.includes(word), word);
  const alias = JSON.parse((await cli(["tools", "NANGO_CONNECTION_GET", "--json"])).stdout);
  assert.equal(alias.slug, "NANGO_CONNECTION_LIST_GET");
  const unknown = await cli(["tools", "NANGO_GET_CONECTION"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /NANGO_GET_CONECTION[\s\S]*NANGO_GET_CONNECTION/);
});

test("call against the in-memory Nango", async () => {
  const { code, stdout, stderr } = await cli([
    "call",
    "NANGO_PROVIDERS_GET_GET",
    '{"provider":"quickbooks"}',
    "--emulator",
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).data.name, "quickbooks");
  assert.match(stderr, /NANGO_PROVIDERS_GET_GET: 200/);
  const json = JSON.parse((await cli(["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--json"])).stdout);
  assert.equal(json.successful, true);
  assert.equal(json.error, null);
  assert.equal(json.meta.tool, "NANGO_LIST_INTEGRATIONS");
});

test("call takes its arguments from a file and from standard input", async () => {
  const file = join(scratch, "arguments.json");
  writeFileSync(file, '{"provider":"github"}');
  for (const options of [{ args: `@${file}` }, { args: "-", input: '{"provider":"github"}' }]) {
    const { code, stdout } = await cli(["call", "NANGO_PROVIDERS_GET_GET", options.args, "--emulator"], options);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).data.name, "github");
  }
});

test("call: a failure is exit code 1, refused arguments and unknown tools are 2", async () => {
  const missing = [
    "call",
    "NANGO_GET_CONNECTION",
    '{"connection_id":"nobody","provider_config_key":"hubspot"}',
    "--emulator",
  ];
  const failed = await cli(missing);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /^error: .*not_found.*404/m);
  assert.match(failed.stderr, /^hint: /m);
  assert.equal(failed.stdout, "");
  const json = await cli([...missing, "--json"]);
  assert.equal(json.code, 1);
  assert.equal(JSON.parse(json.stdout).error.kind, "not_found");

  const refused = await cli(["call", "NANGO_GET_CONNECTION", '{"conection_id":"x"}', "--emulator"]);
  assert.equal(refused.code, 2);
  assert.equal(refused.stderr.match(/^ {2}(connection_id|provider_config_key|conection_id): /gm).length, 3);
  assert.match(refused.stderr, /^error: 3 problems.*\(invalid_arguments\)$/m);
  assert.match(refused.stderr, /did you mean `connection_id`/);

  const unknown = await cli(["call", "NANGO_LIST_CONECTIONS", "--emulator"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /NANGO_LIST_CONECTIONS[\s\S]*NANGO_[A-Z_]*CONNECTION/);
});

test("call without a key names the variable and an alternative; a malformed key is not sent", async () => {
  const none = await cli(["call", "NANGO_LIST_INTEGRATIONS"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /NANGO_SECRET_KEY.*--emulator/);
  let requests = 0;
  const server = await listen((_, response) => response.end(String(++requests)));
  const env = { NANGO_SECRET_KEY: "not-a-key", NANGO_HOST: server.url };
  const malformed = await cli(["call", "NANGO_LIST_INTEGRATIONS"], { env });
  await server.close();
  assert.notEqual(malformed.code, 0);
  assert.match(malformed.stderr, /key/i);
  assert.doesNotMatch(malformed.stderr, /not-a-key/, "a key is a secret");
  assert.equal(requests, 0);
});

test("call reads NANGO_SECRET_KEY and NANGO_HOST; --base-url wins; --emulator ignores both", async () => {
  const served = await startEmulate();
  const env = { NANGO_SECRET_KEY: served.apiKey, NANGO_HOST: served.url };
  try {
    assert.equal((await cli(["call", ...DELETE_ADA], { env })).code, 0);
    const again = await cli(["call", ...DELETE_ADA], { env });
    assert.equal(again.code, 1, "it is gone from the server that NANGO_HOST names");
    assert.equal(
      (await cli(["call", ...DELETE_ADA, "--emulator"], { env })).code,
      0,
      "but not from a fresh in-memory Nango",
    );
    const nowhere = { ...env, NANGO_HOST: "http://127.0.0.1:1" };
    assert.equal((await cli(["call", "NANGO_LIST_INTEGRATIONS", "--base-url", served.url], { env: nowhere })).code, 0);
  } finally {
    assert.equal(await served.stop(), 0);
  }
});

test("call: plain http to a public host and other protocols are refused", async () => {
  const env = { NANGO_SECRET_KEY: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11" };
  const http = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--base-url", "http://nango.example.com"], { env });
  assert.equal(http.code, 2);
  assert.match(http.stderr, /http/);
  const ftp = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--base-url", "ftp://nango.example.com"], { env });
  assert.equal(ftp.code, 2);
});

test("call: secrets are masked unless asked for, all or by kind", async () => {
  const get = [
    "call",
    "NANGO_GET_CONNECTION",
    '{"connection_id":"hubspot-ada","provider_config_key":"hubspot"}',
    "--emulator",
  ];
  const token = async (...more) => JSON.parse((await cli([...get, ...more])).stdout).credentials.access_token;
  const masked = await token();
  assert.doesNotMatch(masked, /^emulated-access-token/);
  const plain = await token("--reveal-secrets");
  assert.match(plain, /^emulated-access-token/);
  assert.equal(await token("--reveal-secrets=access_token"), plain);
  assert.equal(await token("--reveal-secrets=client_secret"), masked);
});

test("call --dry-run prints the request, needs no key and sends nothing", async () => {
  const { code, stdout } = await cli(["call", ...DELETE_ADA, "--dry-run"]);
  assert.equal(code, 0);
  assert.match(stdout, /^DELETE https:\/\/api\.nango\.dev\/connections\/hubspot-ada\?provider_config_key=hubspot$/m);
  assert.match(stdout, /^authorization: Bearer <NANGO_SECRET_KEY>$/m);
  const body = await cli([
    "call",
    "NANGO_SYNC_TRIGGER_POST",
    '{"provider_config_key":"salesforce","syncs":[]}',
    "--dry-run",
    "--json",
    "--base-url",
    "http://127.0.0.1:9",
  ]);
  const request = JSON.parse(body.stdout);
  assert.equal(request.url, "http://127.0.0.1:9/sync/trigger");
  assert.deepEqual(JSON.parse(request.body), { provider_config_key: "salesforce", syncs: [] });
  const refused = await cli(["call", "NANGO_DELETE_CONNECTION", "{}", "--dry-run"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /connection_id/);
  const unknown = await cli(["call", "NANGO_NOTHING", "--dry-run", "--json"]);
  assert.equal(unknown.code, 2);
  assert.equal(JSON.parse(unknown.stdout).error.kind, "unknown_tool");
});

test("call --timeout gives up", async () => {
  const server = await listen(() => {});
  const env = { NANGO_SECRET_KEY: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", NANGO_HOST: server.url };
  const { code, stdout } = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--timeout", "0.3", "--json"], { env });
  await server.close();
  assert.equal(code, 1);
  const { error, meta } = JSON.parse(stdout);
  assert.equal(error.kind, "timeout");
  assert.ok(meta.durationMs >= 295 && meta.durationMs < 1000, `after ${meta.durationMs} ms`);
});

test("call: a server that is not there: its reason once, in the error, and where to look", async () => {
  const { url, close } = await listen(() => {});
  await close();
  const env = { NANGO_SECRET_KEY: "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11", NANGO_HOST: url };
  const args = ["call", "NANGO_LIST_INTEGRATIONS", "--options", '{"retry":{"baseMs":1}}'];
  const { code, stdout, stderr } = await cli(args, { env });
  const reason = `connect ECONNREFUSED ${new URL(url).host}`;
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(
    stderr,
    `error: the request to Nango failed: ${reason} (network)\nhint: check \`NANGO_HOST\` or \`--base-url\`\n`,
  );
  const asJson = await cli([...args, "--json"], { env });
  const { error, meta } = JSON.parse(asJson.stdout);
  assert.deepEqual([error.message, asJson.stderr], [`the request to Nango failed: ${reason}`, ""]);
  assert.ok(meta.attempts > 1);
});

test("call: the reason of attempts that failed before one succeeded is shown once", async () => {
  const faults = (times) => JSON.stringify({ fail: [{ match: { path: "/integrations" }, times, kind: "drop" }] });
  const call = (times) => cli(["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--faults", faults(times)]);
  const late = await call(2);
  assert.equal(late.code, 0, late.stderr);
  assert.equal(late.stderr.match(/the emulator dropped the connection/g).length, 1);
  assert.match(late.stderr, /3 attempts/);
  const never = await call(9);
  assert.equal(never.code, 1);
  assert.match(never.stderr, /^error: .*: the emulator dropped the connection \(network\)\n/);
  assert.doesNotMatch(never.stderr, /NANGO_HOST|log/);
});

test("call: it says that it cannot ask for a confirmation", async () => {
  const policy = { default: "allow", rules: [{ id: "ask", then: "confirm", tool: DELETE_ADA[0] }] };
  const { code, stderr } = await cli(["call", ...DELETE_ADA, "--emulator", "--options", JSON.stringify({ policy })]);
  assert.equal(code, 1);
  assert.match(stderr, /confirmation_required/);
  assert.match(stderr, /hint: `call` cannot ask: run it with a policy that allows the call, or use `onApproval`/);
});

test("a session among the toolkit's options has an option of its own", async () => {
  const options = JSON.stringify({ session: { user: "ada" } });
  const { code, stderr } = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--options", options]);
  assert.equal(code, 2);
  assert.match(stderr, /`--options` holds `session`: give it by `--session`/);
});

test("help says which of an option and its variable counts, and for which command words are completed", async () => {
  const mcp = await cli(["mcp", "--help"]);
  assert.match(mcp.stdout, /an option overrides its variable; read-only, once set, cannot be undone/);
  const completion = await cli(["completion", "--help"]);
  assert.match(completion.stdout, /on the PATH: after\n`npm install --global nango-toolkit`/);
});

test("emulate serves over HTTP, with faults, until a signal", async () => {
  const faults = JSON.stringify({
    fail: [
      { match: { path: "/providers" }, kind: "drop" },
      { match: { path: "/integrations" }, times: 1, kind: "status", status: 503 },
    ],
  });
  const served = await startEmulate(["--faults", faults, "--seed", "5"]);
  const headers = { authorization: `Bearer ${served.apiKey}` };
  try {
    assert.equal((await fetch(`${served.url}/integrations`, { headers })).status, 503);
    assert.equal((await fetch(`${served.url}/integrations`, { headers })).status, 200);
    await assert.rejects(fetch(`${served.url}/providers`, { headers }), TypeError);
    assert.equal((await fetch(`${served.url}/connections`)).status, 401);
  } finally {
    assert.equal(await served.stop(), 0);
  }
});

test("emulate: a taken port is a clear message", async () => {
  const served = await startEmulate();
  const { port } = new URL(served.url);
  const second = await cli(["emulate", "--port", port]);
  await served.stop();
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`port ${port} of 127.0.0.1 is in use.*--port`));
});

test("emulate: a custom world", async () => {
  const file = join(scratch, "world.json");
  writeFileSync(file, JSON.stringify({ integrations: [{ unique_key: "mine", provider: "github" }] }));
  const served = await startEmulate(["--world", file, "--rate-limit", "2"]);
  try {
    const answer = await fetch(`${served.url}/integrations`, { headers: { authorization: `Bearer ${served.apiKey}` } });
    assert.equal(answer.headers.get("x-ratelimit-limit"), "2");
    assert.deepEqual(
      (await answer.json()).data.map((integration) => integration.unique_key),
      ["mine"],
    );
  } finally {
    await served.stop();
  }
});
