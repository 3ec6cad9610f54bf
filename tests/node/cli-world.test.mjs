// `nango-toolkit call --emulator` with `--world`, which keeps the data of the in-memory Nango, and with `--faults`.
import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cli, startEmulate } from "./support.mjs";

const scratch = () => mkdtempSync(join(tmpdir(), "nango-toolkit-world-"));

/** What a call with this world returns. */
async function call(file, slug, ...words) {
  const { code, stdout, stderr } = await cli(["call", slug, ...words, "--emulator", "--world", file, "--json"]);
  assert.notEqual(stdout, "", stderr);
  return { code, ...JSON.parse(stdout) };
}

const ADD = ["provider_config_key=unauthenticated", "connection_id=kept", "credentials.type=NONE", "tags.plan=pro"];
const KEPT = ["connection_id=kept", "provider_config_key=unauthenticated"];

test("changes are kept from call to call, with their ids and times", async () => {
  const folder = scratch();
  const file = join(folder, "world.json");
  const added = await call(file, "NANGO_ADD_CONNECTION", ...ADD);
  assert.equal(added.code, 0, added.error?.message);
  const metadata = await call(file, "NANGO_SET_CONNECTION_METADATA", ...KEPT, "metadata.a=b");
  assert.equal(metadata.code, 0, metadata.error?.message);
  const first = await call(file, "NANGO_CONNECTION_LIST_GET", "connection_id=kept");
  const second = await call(file, "NANGO_CONNECTION_LIST_GET", "connection_id=kept");
  assert.deepEqual(first.data, second.data);
  const [connection] = first.data.connections;
  assert.equal(connection.id, added.data.id);
  assert.equal(new Date(connection.created).toISOString(), added.data.created_at);
  assert.deepEqual([connection.tags, connection.metadata], [{ plan: "pro" }, { a: "b" }]);
  const deleted = await call(file, "NANGO_DELETE_CONNECTION", ...KEPT);
  assert.equal(deleted.code, 0);
  assert.equal((await call(file, "NANGO_DELETE_CONNECTION", ...KEPT)).error.kind, "not_found");
  assert.deepEqual(readdirSync(folder), ["world.json"], "no temporary file is left");
});

test("sessions of two calls have different tokens", async () => {
  const file = join(scratch(), "world.json");
  const links = [];
  for (const user of ["ada", "grace"]) {
    const { data } = await call(file, "NANGO_CREATE_CONNECT_SESSION", `tags.end_user_id=${user}`);
    links.push(data.data.connect_link);
  }
  assert.notEqual(links[0], links[1]);
});

test("the file: only for its owner, unchanged by reading", async () => {
  const file = join(scratch(), "world.json");
  await call(file, "NANGO_LIST_INTEGRATIONS");
  assert.equal(existsSync(file), false);
  await call(file, "NANGO_DELETE_INTEGRATION", "unique_key=slack");
  const text = readFileSync(file, "utf8");
  if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  await call(file, "NANGO_LIST_INTEGRATIONS");
  assert.equal(readFileSync(file, "utf8"), text);
  const dry = ["call", "NANGO_DELETE_INTEGRATION", "unique_key=github", "--emulator", "--world", file];
  assert.equal((await cli([...dry, "--dry-run"])).code, 0);
  assert.equal((await cli([...dry, "--explain"])).code, 0);
  assert.equal(readFileSync(file, "utf8"), text);
});

test("a world of one's own is the start, and `emulate` serves what was kept", async () => {
  const file = join(scratch(), "world.json");
  const integrations = ["mine", "other"].map((unique_key) => ({ unique_key, provider: "github" }));
  writeFileSync(file, JSON.stringify({ integrations }));
  assert.equal((await call(file, "NANGO_DELETE_INTEGRATION", "unique_key=other")).code, 0);
  const { data } = await call(file, "NANGO_LIST_INTEGRATIONS");
  assert.deepEqual(
    data.data.map((one) => one.unique_key),
    ["mine"],
  );
  const served = await startEmulate(["--world", file]);
  try {
    const headers = { authorization: `Bearer ${served.apiKey}` };
    const answer = await (await fetch(`${served.url}/integrations`, { headers })).json();
    assert.deepEqual(
      answer.data.map((one) => one.unique_key),
      ["mine"],
    );
  } finally {
    await served.stop();
  }
  const seeded = await cli(["emulate", "--world", file, "--seed", "2"]);
  assert.equal(seeded.code, 2);
  assert.match(seeded.stderr, /`seed`: a saved `world` has its own, so leave this out/);
});

test("a file that is not a world is an error, and stays as it is", async () => {
  for (const text of ["{oops", '{"conections":[]}', '{"saved":{}}', '{"saved":null}', "[]", ""]) {
    const file = join(scratch(), "world.json");
    writeFileSync(file, text);
    const { code, stderr } = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--world", file]);
    assert.equal(code, 2, `${text}: ${stderr}`);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.equal(readFileSync(file, "utf8"), text);
  }
});

test("--faults: requests fail as `emulate --faults` makes them, and what failed is not kept", async () => {
  const folder = scratch();
  const file = join(folder, "world.json");
  const faults = join(folder, "faults.json");
  const remove = ["call", "NANGO_DELETE_INTEGRATION", "unique_key=slack", "--emulator", "--world", file];
  for (const fault of [{ kind: "status" }, { kind: "status", status: 200 }, { kind: "drop" }, { kind: "garbage" }]) {
    writeFileSync(faults, JSON.stringify({ fail: [fault] }));
    await cli([...remove, "--faults", `@${faults}`]);
    assert.equal(existsSync(file), false, JSON.stringify(fault));
  }
  const late = await cli([...remove, "--faults", '{"latencyMs":5000}', "--timeout", "0.2"]);
  assert.equal(late.code, 1);
  const again = await cli(remove);
  assert.match(again.stderr, /not_found/, "the request arrived although its answer came too late");
});

test("a link stays a link, and calls of a mock provider that counts are kept", async () => {
  const folder = scratch();
  const [file, link] = [join(folder, "world.json"), join(folder, "link.json")];
  await call(file, "NANGO_DELETE_INTEGRATION", "unique_key=slack");
  symlinkSync(file, link);
  assert.equal((await call(link, "NANGO_DELETE_INTEGRATION", "unique_key=github")).code, 0);
  assert.equal(lstatSync(link).isSymbolicLink(), true);
  const get = ["provider_config_key=hubspot", "connection_id=hubspot-ada", "any_path=fail/1/503", "retries=0"];
  assert.equal((await call(link, "NANGO_GET_PROXY", ...get)).successful, false);
  assert.equal((await call(file, "NANGO_GET_PROXY", ...get)).successful, true);
});

test("a change of another program meanwhile is not overwritten, and said", async () => {
  const file = join(scratch(), "world.json");
  const remove = (key, ...more) =>
    cli(["call", "NANGO_DELETE_INTEGRATION", `unique_key=${key}`, "--emulator", "--world", file, ...more]);
  assert.equal((await remove("slack")).code, 0);
  const slow = remove("github", "--faults", '{"latencyMs":4000}');
  assert.equal((await remove("hubspot")).code, 0);
  const kept = readFileSync(file, "utf8");
  const { code, stderr } = await slow;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /was changed by another program meanwhile: nothing was kept/);
  assert.equal(readFileSync(file, "utf8"), kept);
  const unnamed = await cli(["call", "NANGO_LIST_INTEGRATIONS", "--emulator", "--world", ""]);
  assert.deepEqual([unnamed.code, /`--world` needs the name of a file/.test(unnamed.stderr)], [2, true]);
});
