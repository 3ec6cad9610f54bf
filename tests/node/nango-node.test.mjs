// The official client, @nangohq/node, against the emulator over HTTP: everything must work as with a
// real server. One story, in order, on one server.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { Nango } from "@nangohq/node";
import { startEmulate } from "./support.mjs";

describe("@nangohq/node against emulate", () => {
  let served;
  let nango;
  before(async () => {
    served = await startEmulate(["--rate-limit", "10000"]);
    nango = new Nango({ host: served.url, secretKey: served.apiKey });
  });
  after(async () => assert.equal(await served.stop(), 0));

  const refused = (promise, status, code) =>
    assert.rejects(promise, ({ response }) => {
      assert.deepEqual([response?.status, response?.data?.error?.code], [status, code]);
      return true;
    });

  test("providers", async () => {
    const all = (await nango.listProviders({})).data;
    assert.ok(all.length >= 40);
    const some = (await nango.listProviders({ search: "quickbooks" })).data;
    assert.ok(some.length >= 1 && some.length < all.length);
    const { data } = await nango.getProvider({ provider: "quickbooks" });
    assert.deepEqual([data.name, data.auth_mode], ["quickbooks", "OAUTH2"]);
    await refused(nango.getProvider({ provider: "no-such-provider" }), 404, "not_found");
  });

  test("integrations: list, get, create, edit, rename, delete", async () => {
    const { configs } = await nango.listIntegrations();
    assert.ok(configs.some((config) => config.unique_key === "hubspot"));
    const { data } = await nango.getIntegration({ uniqueKey: "hubspot" }, { include: ["webhook"] });
    assert.equal(data.provider, "hubspot");
    assert.ok("webhook_url" in data);

    const credentials = { type: "OAUTH2", client_id: "id-1", client_secret: "secret-1", scopes: "read,write" };
    const created = await nango.createIntegration({
      provider: "github",
      unique_key: "github-two",
      display_name: "Second",
      credentials,
    });
    assert.equal(created.data.unique_key, "github-two");
    await refused(nango.createIntegration({ provider: "no-such-provider", unique_key: "x" }), 400, "invalid_body");

    const edited = await nango.updateIntegration({ uniqueKey: "github-two" }, { display_name: "Renamed" });
    assert.equal(edited.data.display_name, "Renamed");
    await nango.updateIntegration({ uniqueKey: "github-two" }, { unique_key: "github-three" });
    await refused(nango.getIntegration({ uniqueKey: "github-two" }), 404, "not_found");
    const read = await nango.getIntegration({ uniqueKey: "github-three" }, { include: ["credentials"] });
    assert.equal(read.data.credentials.client_id, "id-1");

    assert.equal((await nango.deleteIntegration("github-three")).status, 200);
    await refused(nango.deleteIntegration("github-three"), 404, "not_found");
  });

  test("connections: list with filters, get, token", async () => {
    const all = (await nango.listConnections()).connections;
    assert.ok(all.length >= 15);
    const some = (await nango.listConnections({ integrationId: ["hubspot", "salesforce"] })).connections;
    assert.deepEqual([...new Set(some.map((connection) => connection.provider_config_key))].sort(), [
      "hubspot",
      "salesforce",
    ]);
    assert.equal((await nango.listConnections({ integrationId: "hubspot", limit: 1 })).connections.length, 1);
    const byUser = (await nango.listConnections({ userId: "ada" })).connections;
    assert.ok(byUser.length >= 1 && byUser.every((connection) => connection.end_user.id === "ada"));
    const byTag = (await nango.listConnections({ tags: { end_user_id: "ada" } })).connections;
    assert.ok(byTag.some((connection) => connection.connection_id === "hubspot-ada"));

    const connection = await nango.getConnection("hubspot", "hubspot-ada");
    assert.equal(connection.credentials.type, "OAUTH2");
    assert.equal(await nango.getToken("hubspot", "hubspot-ada"), connection.credentials.access_token);
    const fresh = await nango.getConnection("hubspot", "hubspot-ada", true);
    assert.notEqual(fresh.credentials.access_token, connection.credentials.access_token);
    await refused(nango.getConnection("hubspot", "nobody"), 404, "not_found");
    await refused(nango.getConnection("no-such-integration", "hubspot-ada"), 400, "unknown_provider_config");
  });

  test("connections: import, edit, metadata, delete", async () => {
    const body = {
      provider_config_key: "hubspot",
      connection_id: "imported-1",
      credentials: { type: "OAUTH2", access_token: "token-1" },
      tags: { Team: "red" },
    };
    const imported = await nango.http.post(`${served.url}/connections`, body, {
      headers: { Authorization: `Bearer ${served.apiKey}` },
    });
    assert.equal(imported.status, 201);
    assert.equal(await nango.getToken("hubspot", "imported-1"), "token-1");

    await nango.patchConnection(
      { connectionId: "imported-1", provider_config_key: "hubspot" },
      { tags: { team: "blue" } },
    );
    assert.deepEqual((await nango.getConnection("hubspot", "imported-1")).tags, { team: "blue" });

    await nango.setMetadata("hubspot", "imported-1", { plan: "free", seats: 3 });
    await nango.updateMetadata("hubspot", "imported-1", { plan: "pro" });
    assert.deepEqual(await nango.getMetadata("hubspot", "imported-1"), { plan: "pro", seats: 3 });
    await nango.setMetadata("hubspot", ["imported-1", "hubspot-ada"], { reset: true });
    assert.deepEqual(await nango.getMetadata("hubspot", "hubspot-ada"), { reset: true });
    await refused(nango.setMetadata("hubspot", ["imported-1", "nobody"], {}), 404, "unknown_connection");

    assert.equal((await nango.deleteConnection("hubspot", "imported-1")).status, 200);
    await refused(nango.getConnection("hubspot", "imported-1"), 404, "not_found");
  });

  test("connect sessions", async () => {
    const { data } = await nango.createConnectSession({
      end_user: { id: "u9", email: "u9@example.com" },
      allowed_integrations: ["github"],
    });
    assert.match(data.token, /^nango_connect_session_[0-9a-f]{64}$/);
    assert.ok(Date.parse(data.expires_at) > Date.now());
    const again = await nango.createReconnectSession({
      connection_id: "hubspot-ada",
      integration_id: "hubspot",
      end_user: { id: "ada" },
    });
    assert.match(again.data.token, /^nango_connect_session_/);
    await refused(
      nango.createReconnectSession({ connection_id: "nobody", integration_id: "hubspot" }),
      400,
      "invalid_body",
    );
  });

  test("functions: configuration, actions at once and queued", async () => {
    const configuration = await nango.getScriptsConfig();
    assert.ok(configuration.length >= 4);
    const functions = configuration.flatMap((entry) => [...entry.syncs, ...entry.actions]);
    assert.ok(functions.length >= 14);

    const action = ["hubspot", "hubspot-ada", "create-contact"];
    assert.equal((await nango.triggerAction(...action, { email: "new@example.com" })).email, "new@example.com");
    await refused(nango.triggerAction("hubspot", "hubspot-ada", "no-such-action"), 404, "not_found");
    await refused(nango.triggerAction("hubspot", "nobody", "create-contact"), 400, "unknown_connection");
    await refused(nango.triggerAction("slack", "slack-acme", "archive-channel"), 404, "disabled_resource");
    await refused(nango.triggerAction("zendesk", "zendesk-acme", "close-ticket", { id: 1 }), 424, "script_http_error");

    const queued = await nango.triggerActionAsync(...action, { email: "later@example.com" });
    assert.match(queued.id, /^[0-9a-f-]{36}$/);
    const deadline = Date.now() + 10_000;
    let result;
    while (result === undefined && Date.now() < deadline) {
      result = await nango
        .getAsyncActionResult({ id: queued.id })
        .catch(({ response }) => assert.equal(response.status, 404));
      if (result === undefined) await pause(50);
    }
    assert.equal(result.email, "later@example.com");
  });

  test("syncs: trigger and status", async () => {
    const { syncs } = await nango.syncStatus("salesforce", "*");
    assert.ok(syncs.length >= 2);
    const names = [...new Set(syncs.map((sync) => sync.name))];
    assert.equal((await nango.triggerSync("salesforce", names)).status, 200);
    const one = await nango.syncStatus("salesforce", [names[0]], syncs[0].connection_id);
    assert.ok(one.syncs.every((sync) => sync.name === names[0]));
    await refused(nango.triggerSync("salesforce", names, "nobody"), 404, "unknown_connection");
  });

  test("syncs: records page by page, pausing, frequencies, variants", async () => {
    const where = { providerConfigKey: "salesforce", connectionId: "salesforce-acme", model: "Account" };
    const all = (await nango.listRecords(where)).records;
    assert.ok(all.length >= 8);
    const paged = [];
    for (let cursor; cursor !== null; ) {
      const { records, next_cursor } = await nango.listRecords({ ...where, limit: 3, ...(cursor && { cursor }) });
      assert.ok(records.length <= 3 && paged.length < all.length);
      paged.push(...records);
      cursor = next_cursor;
    }
    assert.deepEqual(paged, all);
    const deleted = (await nango.listRecords({ ...where, filter: "deleted" })).records;
    assert.ok(deleted.length > 0 && deleted.every((one) => one._nango_metadata.last_action === "DELETED"));
    const latest = new Date(all.at(-1)._nango_metadata.last_modified_at).toISOString();
    assert.ok((await nango.listRecords({ ...where, modifiedAfter: latest })).records.length < all.length);
    assert.deepEqual((await nango.listRecords({ ...where, model: "Nothing" })).records, []);

    const target = ["salesforce", ["accounts"], "salesforce-acme"];
    const status = async (syncs = ["accounts"]) =>
      (await nango.syncStatus("salesforce", syncs, target[2])).syncs[0].status;
    assert.equal((await nango.pauseSync(...target)).status, 200);
    assert.equal(await status(), "PAUSED");
    assert.equal((await nango.startSync(...target)).status, 200);
    assert.notEqual(await status(), "PAUSED");

    const every = (frequency) => nango.updateSyncConnectionFrequency("salesforce", "accounts", target[2], frequency);
    assert.deepEqual(await every("every 2 hours"), { frequency: "2 hours" });
    assert.deepEqual(await every(null), { frequency: "every 30 minutes" });
    await refused(every("every 2 seconds"), 400, "invalid_body");

    const variant = {
      provider_config_key: "salesforce",
      connection_id: target[2],
      name: "accounts",
      variant: "emea",
    };
    const made = await nango.createSyncVariant(variant);
    assert.deepEqual([made.name, made.variant], ["accounts", "emea"]);
    await refused(nango.createSyncVariant(variant), 400, "sync_variant_already_exists");
    assert.equal(await status([{ name: "accounts", variant: "emea" }]), "RUNNING");
    assert.deepEqual(await nango.deleteSyncVariant(variant), { success: true });
    await refused(nango.deleteSyncVariant(variant), 404, "not_found");

    const until = (await nango.listRecords({ ...where, limit: 2 })).records[1]._nango_metadata.cursor;
    assert.deepEqual(await nango.pruneRecords({ ...where, untilCursor: until }), { count: 2, has_more: false });
    const [pruned] = (await nango.listRecords(where)).records;
    assert.notEqual(pruned._nango_metadata.pruned_at, null);
  });

  test("proxy: GET, POST, an echo, a provider's own error", async () => {
    const where = { providerConfigKey: "hubspot", connectionId: "hubspot-ada" };
    const listed = await nango.get({ ...where, endpoint: "/crm/v3/objects/contacts" });
    assert.equal(listed.status, 200);
    assert.ok(listed.data.results.length > 0);
    const echo = await nango.post({
      ...where,
      endpoint: "/echo/thing",
      data: { a: 1 },
      params: { b: "2" },
      headers: { "x-mine": "yes" },
    });
    const shown = JSON.stringify(echo.data);
    for (const part of ["POST", "b=2", "x-mine"]) assert.ok(shown.includes(part), `${part} in ${shown}`);
    await assert.rejects(
      nango.get({ ...where, endpoint: "/status/418", retries: 0 }),
      ({ response }) => response.status === 418,
    );
    await refused(
      nango.get({ ...where, providerConfigKey: "no-such-integration", endpoint: "/echo" }),
      404,
      "unknown_provider_config",
    );
  });

  test("environment variables, and a key that is not one", async () => {
    assert.ok((await nango.getEnvironmentVariables()).length >= 4);
    const stranger = new Nango({ host: served.url, secretKey: "00000000-0000-4000-8000-000000000000" });
    await refused(stranger.listIntegrations(), 401, "unknown_account");
  });
});
