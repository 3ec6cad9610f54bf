// The tools beside the pinned `@nangohq/types`: every difference has a reason, and every reason a difference. And what
// the comparison finds in a small package that is made here.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { check, compare, readTools, report, settle } from "../../scripts/drift/check.mjs";
import { readTypes } from "../../scripts/drift/package-types.mjs";
import { REASONS } from "../../scripts/drift/reasons.mjs";
import { environment, root, run } from "../../scripts/lib.mjs";
import { listen } from "./support.mjs";

const PINNED = join(root, "node_modules", "@nangohq", "types");
const json = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8"));

describe("the pinned types", () => {
  const types = readTypes(PINNED);
  const endpoint = (key) => types.endpoints.find((one) => one.key === key);

  test("are those of package.json, and are read as they are written", () => {
    assert.equal(types.version, json("package.json").devDependencies["@nangohq/types"]);
    assert.equal(types.endpoints.filter(({ isPublic }) => isPublic).length, 77);
    assert.equal(types.scopes.length, 45);
    assert.equal(types.modes.length, 17);
    assert.deepEqual(endpoint("GET /sync/status").parts, {
      path: {},
      query: {
        objects: [
          {
            properties: {
              syncs: { required: true, shape: { strings: true } },
              provider_config_key: { required: true, shape: { strings: true } },
              connection_id: { required: false, shape: { strings: true } },
            },
          },
        ],
      },
      header: {},
      body: {},
    });
    const { isPublic, internal } = endpoint("GET /mcp");
    assert.deepEqual({ isPublic, internal }, { isPublic: false, internal: false });
  });

  test("differ from the tools only where there is a reason, and every reason is needed", async () => {
    const outcome = check(PINNED, REASONS);
    assert.deepEqual(outcome.without, [], report(outcome));
    assert.deepEqual(outcome.unused, [], report(outcome));
    assert.equal(outcome.tools, json("pkg", "catalogue.json").length);
    for (const { reason } of REASONS) assert.ok(reason.length > 20, reason);
  });

  test("without a reason its difference is reported, and nothing else", async () => {
    const tools = readTools(types.toolArguments);
    const without = (left) => {
      const reasons = REASONS.filter((one) => one !== left);
      return settle(compare(types, tools, reasons), reasons).without;
    };
    // Those with `as` decide what is compared.
    for (const reason of REASONS.filter((one) => one.as === undefined)) {
      const expected = [reason.where]
        .flat()
        .flatMap((where) => [reason.what].flat().map((what) => `${where}: ${what}`));
      const found = without(reason).map(({ where, what }) => `${where}: ${what}`);
      assert.deepEqual(found.sort(), expected.sort());
    }
  });
});

test("where arguments are sent", async () => {
  const tools = readTools(readTypes(PINNED).toolArguments);
  const placesOf = (wanted) => {
    const { method, path, places } = tools.find(({ slug }) => slug === wanted);
    const shown = Object.entries(places).map(([name, place]) => [name, `${place.in} ${place.name}`]);
    return [`${method} ${path}`, Object.fromEntries(shown)];
  };
  assert.deepEqual(placesOf("NANGO_UPDATE_INTEGRATION"), [
    "PATCH /integrations/{}",
    {
      unique_key: "path 1",
      new_unique_key: "body unique_key",
      display_name: "body display_name",
      credentials: "body credentials",
      forward_webhooks: "body forward_webhooks",
      integration_config: "body integration_config",
      custom: "body custom",
    },
  ]);
  assert.deepEqual(placesOf("NANGO_PUT_PROXY"), [
    "PUT /proxy/{}",
    {
      provider_config_key: "header provider-config-key",
      connection_id: "header connection-id",
      any_path: "path 1",
      query_params: "query *",
      proxy_headers: "header *",
      retries: "header retries",
      retry_on: "header retry-on",
      base_url_override: "header base-url-override",
      decompress: "header decompress",
      forward_headers_on_redirect: "header forward-headers-on-redirect",
      body: "body *",
    },
  ]);
  // Sent with `limit`, and with `async`, only.
  assert.equal(placesOf("NANGO_CONNECTION_LIST_GET")[1].page, "query page");
  assert.equal(placesOf("NANGO_CONNECTION_LIST_GET")[1].tags, "query tags");
  assert.equal(placesOf("NANGO_ACTION_TRIGGER_POST")[1].max_retries, "header x-max-retries");
});

/** What a later version might say about four endpoints of today, and about one that is new. */
const LATER = `
type Is<T extends { Method: string; Path: string }> = T;
export type GetConnection = Is<{
  Method: "GET"; Path: "/connections/:connectionId"; Params: { connectionId: number };
  Querystring: { provider_config_key?: string; refresh_token?: boolean; force_refresh: string; depth?: 1 | 2 };
}>;
export type PostConnection = Is<{
  Method: "POST"; Path: "/connections";
  Body: {
    provider_config_key: string; connection_id?: string; metadata?: Record<string, unknown>;
    webhook_url_override?: string;
    connection_config?: { oauth_scopes_override?: string[]; [name: string]: unknown }; tags?: Record<string, number>;
    end_user?: { id: string; email?: string; display_name: string; tags?: Record<string, string> };
    credentials:
      | { type: "API_KEY"; apiKey: string; header?: string }
      | { type: "OAUTH2"; access_token: string; refresh_token?: string; expires_at?: Date }
      | { type: "OAUTH2_CC"; token: string; client_id: string; client_secret: string; expires_at?: Date;
          client_certificate?: string; client_private_key?: string }
      | { type: "OAUTH1"; oauth_token: string; oauth_token_secret: string } | { type: "NONE" }
      | { type: "BASIC"; username: string; password: string | null }
      | { type: "TBA"; token_id: string; token_secret: string;
          config_override?: { client_id?: string; client_secret?: string } }
      | { type: "APP" | "CUSTOM"; app_id: string; installation_id: string }
      | { type: "PASSKEY"; key: string };
  };
}>;
export type PostTrigger = Is<{
  Method: "POST"; Path: "/sync/trigger"; Headers: never;
  Body: { provider_config_key: string; connection_id?: string; opts?: any; full_resync?: boolean;
    syncs: (string | { name: string; variant?: string })[]; sync_mode?: "incremental" | "full_refresh" | "dry" };
}>;
export type GetVariables = Is<{ Method: "GET"; Path: "/environment-variables"; Headers: { "x-page"?: string } }>;
export type PostMoon = Is<{ Method: "POST"; Path: "/moon/:phase" }>;
export type GetDashboard = Is<{ Method: "GET"; Path: "/api/v1/moon" }>;
export type PublicApiEndpoints = GetConnection | PostConnection | PostTrigger | PostMoon;
export type AuthModeType =
  "API_KEY" | "OAUTH2" | "OAUTH2_CC" | "OAUTH1" | "NONE" | "BASIC" | "TBA" | "APP" | "CUSTOM" | "PASSKEY";
export declare const API_KEY_SCOPES: readonly [
  "environment:connections:read", "environment:connections:create", "environment:syncs:execute", "environment:moon"];
export declare const ACCOUNT_API_KEY_SCOPES: readonly ["account:moon"];
`;

describe("a package of a later version", () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "nango-toolkit-drift-"));
  const write = (declarations) => writeFileSync(join(folder, "dist", "index.d.ts"), declarations);
  before(() => {
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "package.json"), '{ "name": "@nangohq/types", "version": "1.2.3", "type": "module" }');
    write(LATER);
  });
  after(() => rmSync(folder, { recursive: true }));

  const SLUGS = [
    "NANGO_GET_CONNECTION",
    "NANGO_ADD_CONNECTION",
    "NANGO_SYNC_TRIGGER_POST",
    "NANGO_GET_ENVIRONMENT_VARIABLES",
    "NANGO_PROVIDERS_LIST_GET",
  ];
  const FOUND = {
    "GET /connections/:connectionId": [
      "path connectionId: number in the types, string here",
      "query provider_config_key: optional in the types, required here",
      "query force_refresh: required in the types, optional here",
      "query force_refresh: string in the types, boolean here",
      "query depth: optional, only in the types",
      "query refresh_github_app_jwt_token: optional, only here",
    ],
    "POST /connections": [
      "body tags.*: number in the types, string here",
      "body end_user.display_name: required in the types, optional here",
      "body credentials(API_KEY).header: optional, only in the types",
      "body credentials(BASIC).password: string or null in the types, string here",
      "body credentials(OAUTH2).config_override: optional, only here",
      "body credentials(PASSKEY): only in the types",
    ],
    NANGO_ADD_CONNECTION: ["credentials of type PASSKEY: no form"],
    "POST /sync/trigger": [
      "body syncs[].variant: optional in the types, required here",
      "body sync_mode: value dry only in the types",
      "body sync_mode: value full_refresh_and_clear_cache only here",
    ],
    "GET /environment-variables": ["header x-page: optional, only in the types"],
    NANGO_PROVIDERS_LIST_GET: ["no such endpoint in the types"],
    "POST /moon/:phase": ["no tool"],
    "environment:variables:read": ["no such scope in the types"],
    "environment:connections:read_credentials": ["no such scope in the types"],
    "environment:moon": ["no tool needs this scope"],
    "account:moon": ["no tool needs this scope"],
  };

  const findings = async (reasons = []) => {
    const types = readTypes(folder);
    const tools = readTools(types.toolArguments);
    const some = tools.filter(({ slug }) => SLUGS.includes(slug));
    return compare(types, some, reasons);
  };
  const byPlace = (all) =>
    Object.fromEntries(
      all.map(({ where }) => [where, all.filter((one) => one.where === where).map(({ what }) => what)]),
    );
  const sorted = (all) => Object.fromEntries(Object.entries(all).map(([where, list]) => [where, list.toSorted()]));

  test("everything in which it differs is found, once", async () => {
    assert.deepEqual(sorted(byPlace(await findings())), sorted(FOUND));
  });

  test("a reason names the endpoint with which a tool is compared, also one of the dashboard", async () => {
    const what = "no such endpoint in the types";
    const where = "NANGO_PROVIDERS_LIST_GET";
    const found = byPlace(await findings([{ where, what, as: "GET /api/v1/moon", reason: "moved" }]));
    assert.deepEqual(found["GET /api/v1/moon"].toSorted(), [
      "header accept-language: optional, only here",
      "query search: optional, only here",
    ]);
    assert.deepEqual(found[where], [what]);
    const lost = byPlace(await findings([{ where, what, as: "GET /sun", reason: "moved" }]));
    assert.deepEqual(lost[where], [what, "nothing to compare with: no GET /sun in the types"]);
  });

  test("reasons are needed for exactly what is found; the report shows the rest", async () => {
    const reasons = Object.entries(FOUND).map(([where, what]) => ({ where, what, reason: "so it is" }));
    const [first, second, ...others] = reasons;
    const all = await findings();
    assert.deepEqual(settle(all, reasons), { without: [], unused: [] });
    const mistaken = { where: ["POST /moon/:phase", "POST /sun"], what: "no tool", reason: "far away" };
    const { without, unused } = settle(all, [second, ...others, mistaken]);
    assert.deepEqual(without.map(({ what }) => what).toSorted(), first.what.toSorted());
    assert.deepEqual(unused, [{ where: "POST /sun", what: "no tool" }]);
    const shown = report({ version: "1.2.3", endpoints: 4, tools: 5, without: without.slice(0, 2), unused });
    assert.equal(
      shown,
      [
        "@nangohq/types 1.2.3: 4 public endpoints; 5 tools here",
        "",
        "differences without a reason: 2",
        "  GET /connections/:connectionId",
        ...without.slice(0, 2).map(({ what }) => `    ${what}`),
        "",
        "reasons for what is no longer different: 1",
        "  POST /sun",
        "    no tool",
        "",
      ].join("\n"),
    );
  });

  test("`npm run drift` installs the newest version, prints the report and fails", async () => {
    const home = mkdtempSync(join(realpathSync(tmpdir()), "nango-toolkit-drift-"));
    const pack = ["pack", folder, "--pack-destination", home, "--json"];
    const npm = (args, env) => run("npm", args, { capture: true, env: environment(env) });
    const [{ filename, integrity }] = JSON.parse((await npm(pack, {})).output);
    const registry = await listen((request, response) => {
      if (request.url.endsWith(".tgz")) return response.end(readFileSync(join(home, filename)));
      assert.equal(decodeURIComponent(request.url), "/@nangohq/types");
      const dist = { tarball: `${registry.url}/types.tgz`, integrity };
      const versions = { "1.2.3": { name: "@nangohq/types", version: "1.2.3", dist } };
      response.end(JSON.stringify({ name: "@nangohq/types", "dist-tags": { latest: "1.2.3" }, versions }));
    });
    const env = { npm_config_registry: `${registry.url}/`, npm_config_cache: join(home, "cache") };
    const { code, output } = await npm(["run", "--silent", "drift"], env);
    await registry.close();
    rmSync(home, { recursive: true });
    assert.match(output, /^@nangohq\/types 1\.2\.3: 4 public endpoints; \d+ tools here\n\ndifferences without/);
    assert.match(output, /\n {2}POST \/moon\/:phase\n {4}no tool\n/);
    assert.match(output, /\n {2}NANGO_GET_PROXY\n {4}no such endpoint in the types\n/);
    assert.equal(code, 1);
  });

  test("a package without what is read is an error that says so", () => {
    write(LATER.replace("AuthModeType", "AuthModes"));
    assert.throws(() => readTypes(folder), /@nangohq\/types 1\.2\.3 cannot be read: .*AuthModeType/);
  });
});
