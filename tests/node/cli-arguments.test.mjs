// The words after the tool of `nango-toolkit call`: `name=value`, `name:=json`, `outer.inner=value`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPairs } from "../../pkg/dist/bin/arguments.js";
import { getTool } from "../../pkg/dist/entry/node.js";
import { cli } from "./support.mjs";

const read = (slug, ...words) => readPairs(words, getTool(slug).inputSchema);

test("values have the types of the schema", () => {
  assert.deepEqual(read("NANGO_CONNECTION_LIST_GET", "search=12", "limit=5", "page=0"), {
    search: "12",
    limit: 5,
    page: 0,
  });
  const get = ["connection_id=a=b", "provider_config_key=", "force_refresh=true"];
  assert.deepEqual(read("NANGO_GET_CONNECTION", ...get), {
    connection_id: "a=b",
    provider_config_key: "",
    force_refresh: true,
  });
  assert.deepEqual(read("NANGO_SET_CONNECTION_METADATA", 'metadata={"a":[1]}'), { metadata: { a: [1] } });
  assert.deepEqual(read("NANGO_PROVIDERS_LIST_GET", 'search:="mail"', "language=true"), {
    search: "mail",
    language: "true",
  });
});

test("lists: by repeating the name, or as JSON", () => {
  const syncs = (...words) => read("NANGO_GET_SYNC_STATUS", ...words).syncs;
  assert.deepEqual(syncs("syncs=a"), ["a"]);
  assert.deepEqual(syncs("syncs=a", "syncs=b,c"), ["a", "b,c"]);
  assert.deepEqual(syncs('syncs=["a"]', "syncs=b"), ["a", "b"]);
  assert.deepEqual(syncs("syncs:=[]"), []);
  assert.deepEqual(read("NANGO_GET_PROXY", "retry_on=429", "retry_on=503").retry_on, [429, 503]);
});

test("dotted names set properties of objects", () => {
  const words = ["credentials.type=BASIC", "credentials.username=ada", "credentials.config_override.client_id=7"];
  assert.deepEqual(read("NANGO_ADD_CONNECTION", ...words).credentials, {
    type: "BASIC",
    username: "ada",
    config_override: { client_id: "7" },
  });
  assert.deepEqual(read("NANGO_EDIT_CONNECTION", 'tags={"a":"b"}', "tags.plan=3").tags, { a: "b", plan: "3" });
  assert.deepEqual(read("NANGO_ACTION_TRIGGER_POST", "input.count:=2", "input.name=2").input, { count: 2, name: "2" });
});

test("names of JavaScript's own properties are ordinary names", () => {
  const words = ["__proto__.polluted=1", "constructor=a", "toString.a=b"];
  const fields = read("NANGO_GET_CONNECTION", ...words);
  assert.deepEqual(Object.keys(fields), ["__proto__", "constructor", "toString"]);
  assert.equal({}.polluted, undefined);
});

test("call takes them, in any place, and validation names the mistakes", async () => {
  const { code, stdout } = await cli(["call", "NANGO_PROVIDERS_GET_GET", "--emulator", "provider=github"]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).data.name, "github");
  const alias = await cli(["call", "NANGO_CONNECTION_GET", "limit=2", "--emulator"]);
  assert.equal(JSON.parse(alias.stdout).connections.length, 2);
  const wrong = await cli(["call", "NANGO_GET_CONNECTION", "conection_id=x", "--emulator"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /did you mean `connection_id`/);
  const unknown = await cli(["call", "NANGO_LIST_CONECTIONS", "limit=2", "--emulator"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /\(unknown_tool\)/);
});

test("call: the schema is the one that --options leave", async () => {
  const modify = { NANGO_CONNECTION_LIST_GET: { rename: "list_accounts", pin: { search: "ada" } } };
  const options = ["--dry-run", "--options", JSON.stringify({ modify })];
  const { code, stdout, stderr } = await cli(["call", "list_accounts", "limit=2", ...options]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /limit=2/);
  const wrong = await cli(["call", "list_accounts", "limit=2", "--dry-run", "--options", '{"polcy":1}']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /did you mean `policy`/);
});

test("wrong use of name=value", async () => {
  for (const [words, message] of [
    [["limit=many"], /`limit=many`: the value is not JSON.*expected JSON of the type integer/],
    [["search:=mail"], /`search:=mail`: the value is not JSON/],
    [["limit=1", "limit=2"], /`limit` is given twice/],
    [["search=a", "search.b=c"], /`search.b`: `search` already has a value/],
    [["limit=1", "{}"], /`{}` is not `name=value`/],
    [["@file.json", "limit=1"], /`@file.json` is not `name=value`/],
    [["{}", "{}"], /unexpected argument `{}`/],
  ]) {
    const { code, stdout, stderr } = await cli(["call", "NANGO_CONNECTION_LIST_GET", ...words, "--emulator"]);
    assert.equal(code, 2, `${words.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
    assert.equal(stdout, "");
  }
});
