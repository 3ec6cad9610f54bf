// Whom calls are made as, and requests that are kept: the chip, a reload, saving, replaying, files, links, no secrets.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nangoLike } from "./servers.mjs";
import { KEY, open, outcome, readArguments, run, settle, suite, visit, writeArguments } from "./support.mjs";

const chip = (page) => page.locator(".acting");
const save = (page) => page.locator(".run-row").getByRole("button", { name: "Save" }).click();
const savedList = (page) => page.getByRole("region", { name: "saved requests" });

/** Chooses whom calls are made as. */
async function actAs(page, user) {
  await chip(page).click();
  await page
    .locator("#acting-menu")
    .getByRole("button", { name: new RegExp(`^${user}`) })
    .click();
}

/** Answers the question that asks before the session changes. */
const agree = (page) => page.getByRole("dialog").getByRole("button", { name: "Change the session" }).click();

/** Imports a file and returns what the page says of it. */
async function importFile(page, text) {
  await page.locator(".notice.shown").waitFor({ state: "detached" });
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Import" }).click();
  await (await chooser).setFiles({ name: "requests.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await page.locator(".notice.shown").waitFor();
  return page.locator(".notice").textContent();
}

const fileOf = (requests, version = 1) => JSON.stringify({ format: "nango-toolkit-requests", version, requests });
const slack = (more) => ({ tool: "NANGO_GET_INTEGRATION", arguments: { unique_key: "slack" }, ...more });

/** What stays out of the browser's storage, links and files: arguments with the value `hush-9f3a`. */
const HUSH = "hush-9f3a";
const KEPT_OUT = [
  ...["X-Api-Key", "Cookie", "Api-Key", "X-Auth-Key", "X-Auth", "x-trace", "Set-Cookie", "Proxy-Authorization"].map(
    (name) => ({ proxy_headers: { [name]: HUSH } }),
  ),
  { proxy_headers: { "X-Auth": `Token ${HUSH}` } },
  { proxy_headers: [{ name: "X-Auth", value: HUSH }] },
  { proxy_headers: `{"X-Auth":"${HUSH}"}` },
  ...[
    ...["privateKey", "accessKey", "secret_access_key", "secretKey", "passphrase", "jwt", "pem", "password", "api_key"],
    ...[
      "access_token",
      "clientSecret",
      "webhook_secret",
      "signature",
      "auth",
      "certificate",
      "refresh-token",
      "cookie",
    ],
  ].map((name) => ({ body: { [name]: HUSH } })),
  { body: { client_credentials: { one: HUSH } } },
  { body: { tokens: [HUSH], secrets: [HUSH] } },
  { config_override: { one: HUSH } },
  { body: [{ name: "Authorization", value: HUSH }] },
  { body: `{"password":"${HUSH}"}` },
  { body: `{"pem":"${HUSH}"}` },
  { body: `password=${HUSH}&page=2` },
  ...[`Bearer\t${HUSH}`, ` Bearer ${HUSH}`, `Bearer  ${HUSH}`, `Basic ${HUSH}`].map((text) => ({ body: { text } })),
  { body: { text: `nango_connect_session_${HUSH}` } },
  { body: { text: `-----BEGIN PRIVATE KEY-----\n${HUSH}\n-----END PRIVATE KEY-----` } },
  { body: { nested: [{ deep: { db_password: HUSH } }] } },
];

const FOREIGN = '{"connection_id": "hubspot-katherine", "provider_config_key": "hubspot"}';

suite((site) => {
  test("whom calls are made as is in sight in every view, and changed with one click", async () => {
    for (const width of [375, 768, 1280]) {
      await visit(
        site,
        async (page) => {
          for (const view of ["tools", "tools/NANGO_GET_PROXY", "requests", "world", "log", "agent", "session"]) {
            await open(page, `#/${view}`);
            assert.match(await chip(page).textContent(), /the whole environment/, view);
            assert.ok(await chip(page).isVisible(), view);
          }
          await actAs(page, "ada");
          assert.match(await chip(page).textContent(), /ada$/);
          assert.equal(await page.getByRole("combobox", { name: "User" }).inputValue(), "ada");
          await chip(page).click();
          await page.locator("#acting-menu").getByRole("checkbox", { name: "Read-only" }).check();
          await page.keyboard.press("Escape");
          assert.match(await chip(page).textContent(), /adaread-only$/);
          await chip(page).click();
          await page.getByLabel("the ID of a user").fill("somebody else");
          await page.getByLabel("the ID of a user").press("Enter");
          assert.match(await chip(page).textContent(), /somebody else/);
        },
        { viewport: { width, height: 800 } },
      );
    }
  });

  test("what is not found says whose eyes looked, and another look is a click", () =>
    visit(site, async (page) => {
      await actAs(page, "ada");
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await writeArguments(page, FOREIGN);
      assert.equal(await run(page), "not found");
      assert.match(await page.locator(".result .facts").textContent(), /as ada$/);
      assert.match(await page.locator(".seen-as").textContent(), /^Seen as ada: what belongs to another user/);
      // The result remembers whose eyes they were.
      await actAs(page, "grace");
      assert.match(await page.locator(".seen-as").textContent(), /^Seen as ada/);
      await page.getByRole("button", { name: "Look as the whole environment" }).click();
      assert.match(await chip(page).textContent(), /the whole environment/);
      assert.equal(await run(page), "Successful");
      await writeArguments(page, '{"connection_id": "nowhere", "provider_config_key": "hubspot"}');
      assert.equal(await run(page), "not found");
      assert.equal(await page.locator(".seen-as").count(), 0, "the whole environment sees everything");
    }));

  test("the session survives a reload, before anything can be run", () =>
    visit(site, async (page) => {
      await open(page, "#/session");
      await page.getByRole("button", { name: "HubSpot only" }).click();
      await actAs(page, "ada");
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await writeArguments(page, FOREIGN);
      await page.waitForFunction(() => location.hash.includes("katherine"));
      await page.reload();
      await page.waitForSelector(".run-row");
      assert.match(await chip(page).textContent(), /adapolicy$/);
      assert.equal(await run(page), "not found");
      await page.waitForSelector(".list .hidden");
      await actAs(page, "the whole environment");
      await open(page, "#/session");
      await page.getByRole("group", { name: "policies" }).getByRole("button", { name: "None" }).click();
      await page.reload();
      await page.waitForSelector("[aria-label=policy]");
      assert.match(await chip(page).textContent(), /environment$/);
    }));

  test("a request is saved without its credentials, kept, renamed, run again as it was made, and removed", () =>
    visit(site, async (page) => {
      await actAs(page, "ada");
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await writeArguments(page, FOREIGN);
      await save(page);
      await actAs(page, "the whole environment");
      // Not in its name either.
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await writeArguments(page, '{"unique_key": "github", "api_key": "sample-access-1"}');
      await save(page);
      await open(page, "#/requests");
      assert.equal(await page.getByLabel("name of the request").first().inputValue(), "Get Integration · github");
      await page.getByRole("button", { name: "remove Get Integration" }).click();
      await open(page, "#/tools/NANGO_ADD_CONNECTION");
      await save(page);
      assert.match(
        await page.locator(".notice").textContent(),
        /^Saved in Requests, without credentials: credentials\.access_token, credentials\.refresh_token$/,
      );
      await open(page, "#/requests");
      const names = page.getByLabel("name of the request");
      assert.equal(await names.first().inputValue(), "Import the HubSpot tokens of Grace");
      await names.nth(1).fill("Katherine's, as Ada");
      await names.nth(1).press("Tab");
      await page.reload();
      await savedList(page).getByRole("listitem").nth(1).waitFor();
      assert.equal(await names.nth(1).inputValue(), "Katherine's, as Ada");
      await savedList(page).getByRole("button", { name: "Run again" }).nth(1).click();
      await outcome(page).waitFor();
      assert.equal(await outcome(page).textContent(), "not found");
      assert.match(await chip(page).textContent(), /ada$/);
      await open(page, "#/requests");
      await savedList(page).getByRole("link", { name: "Add Connection" }).click();
      await agree(page);
      await page.locator(".form-side").waitFor();
      assert.deepEqual((await readArguments(page)).credentials, { type: "OAUTH2" });
      await open(page, "#/requests");
      await page.getByRole("button", { name: "remove Import the HubSpot tokens of Grace" }).click();
      assert.equal(await savedList(page).getByRole("listitem").count(), 1);
    }));

  test("requests that were made are run again, saved, and shared as a link", () =>
    visit(site, async (page, context) => {
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await writeArguments(page, '{"unique_key": "slack"}');
      await run(page);
      await open(page, "#/requests");
      const made = page.getByRole("region", { name: "requests made" });
      assert.match(await made.textContent(), /successful.*Get Integration slack · as the whole environment/);
      await made.getByRole("button", { name: "Copy link" }).click();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      const other = await context.newPage();
      await other.goto(link);
      await other.locator(".form-side").waitFor();
      assert.equal(await other.getByLabel("unique_key").inputValue(), "slack");
      await other.close();
      await made.getByRole("button", { name: "Save" }).click();
      await made.getByRole("button", { name: "Run again" }).click();
      assert.equal(await settle(page, 1), "Successful");
      await open(page, "#/requests");
      assert.equal(await made.getByRole("listitem").count(), 2);
      assert.equal(await savedList(page).getByRole("listitem").count(), 1);
    }));

  test("a file takes requests to another browser; other files are refused with a sentence", async () => {
    let file;
    await visit(site, async (page) => {
      await actAs(page, "ada");
      await open(page, "#/tools/NANGO_GET_PROXY");
      const proxy_headers = { "x-trace": "Bearer abc", authorization: "abc", Accept: "text/plain" };
      const args = { provider_config_key: "hubspot", connection_id: "hubspot-ada", any_path: "crm/v3", proxy_headers };
      await writeArguments(page, JSON.stringify(args));
      await save(page);
      await open(page, "#/requests");
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export" }).click();
      file = readFileSync(await (await saving).path(), "utf8");
    });
    const { format, version, requests } = JSON.parse(file);
    assert.deepEqual([format, version, requests.length], ["nango-toolkit-requests", 1, 1]);
    assert.deepEqual(requests[0].tool, "NANGO_GET_PROXY");
    assert.deepEqual(requests[0].arguments.proxy_headers, { Accept: "text/plain" });
    assert.deepEqual(requests[0].session, { user: "ada", readOnly: false, policy: "" });
    await visit(site, async (page) => {
      await open(page, "#/requests");
      assert.match(await importFile(page, "{"), /not JSON/);
      assert.match(await importFile(page, '{"requests": []}'), /no requests/);
      assert.match(await importFile(page, fileOf([slack()], 99)), /another version/);
      assert.equal(await savedList(page).getByRole("listitem").count(), 0);
      const strange = [
        { tool: "NANGO_NOTHING", arguments: {} },
        { tool: "NANGO_GET_PROXY", arguments: 7 },
        null,
        slack({ session: { user: 7 } }),
        slack({ session: { readOnly: "true" } }),
        slack({ session: { readonly: true } }),
        slack({ session: { policy: '{"default":"deny","rulez":[]}' } }),
        slack({ session: { policy: { default: "deny" } } }),
        slack({ session: 7 }),
      ];
      const text = fileOf([...requests, ...strange]);
      assert.equal(await importFile(page, text), "1 request added, 9 left out");
      assert.equal(await savedList(page).getByRole("listitem").count(), 1);
      await savedList(page).getByRole("button", { name: "Run again" }).first().click();
      await outcome(page).waitFor();
      assert.match(await chip(page).textContent(), /ada$/);
    });
  });

  test("other things under the page's names in the browser's storage are ignored", () =>
    visit(site, async (page) => {
      for (const text of ["{", "7", '{"format": "nango-toolkit-requests", "requests": [{"args": {}}]}']) {
        await page.evaluate((value) => {
          localStorage["nango-toolkit.memory.requests"] = value;
          sessionStorage["nango-toolkit.memory.session"] = value;
        }, text);
        await page.reload();
        await open(page, "#/requests");
        assert.equal(await savedList(page).getByRole("listitem").count(), 0, text);
      }
    }));

  test("what may be a secret stays out of the browser's storage, the address and links", () =>
    visit(site, async (page) => {
      const headers = { accept: "text/plain", "User-Agent": "me", "If-None-Match": "a1", range: "bytes=0-9" };
      const plain = { provider_config_key: "hubspot", connection_id: "hubspot-ada", any_path: "crm/v3/objects" };
      const file = KEPT_OUT.map((args, index) => ({
        tool: "NANGO_PUT_PROXY",
        arguments: { ...plain, ...args },
        name: `${index}`,
      }));
      file.push({ tool: "NANGO_GET_PROXY", arguments: { ...plain, proxy_headers: headers }, name: "plain" });
      await open(page, "#/requests");
      assert.match(
        await importFile(page, fileOf(file)),
        new RegExp(`^${file.length} requests added, without credentials: proxy_headers.X-Api-Key, .* and \\d+ more$`),
      );
      const { requests } = JSON.parse(await page.evaluate(() => localStorage["nango-toolkit.memory.requests"]));
      for (const { name, args } of requests) {
        const what = JSON.stringify(KEPT_OUT[Number(name)]);
        assert.ok(!JSON.stringify(args).includes(HUSH), `kept ${what}`);
        for (const [key, value] of Object.entries(plain)) assert.equal(args[key], value, what);
      }
      assert.deepEqual(requests.find(({ name }) => name === "plain").args.proxy_headers, headers);
      // What is typed: the address, a link, and what is saved.
      await open(page, "#/tools/NANGO_GET_PROXY");
      const proxy_headers = { "X-Api-Key": HUSH, Cookie: `sid=${HUSH}`, accept: "text/plain" };
      await writeArguments(page, JSON.stringify({ ...plain, proxy_headers }));
      await page.waitForFunction(() => location.hash.includes("text%2Fplain"));
      assert.ok(!page.url().includes(HUSH));
      await save(page);
      const left = "without credentials: proxy_headers.X-Api-Key, proxy_headers.Cookie";
      assert.equal(await page.locator(".notice").textContent(), `Saved in Requests, ${left}`);
      await page.locator(".run-row").getByRole("button", { name: "Copy link" }).click();
      await page.waitForFunction(
        (text) => document.querySelector(".notice").textContent === text,
        `Link copied, ${left}`,
      );
      const link = await page.evaluate(() => navigator.clipboard.readText());
      assert.ok(link.includes("text%2Fplain") && !link.includes(HUSH));
      assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes(HUSH));
    }));

  test("a request from a session with fewer limits asks before it changes the session", () =>
    visit(site, async (page) => {
      await actAs(page, "ada");
      await chip(page).click();
      await page.locator("#acting-menu").getByRole("checkbox", { name: "Read-only" }).check();
      await page.keyboard.press("Escape");
      await open(page, "#/requests");
      assert.equal(await importFile(page, fileOf([slack()])), "1 request added");
      for (const press of [
        () => savedList(page).getByRole("button", { name: "Run again" }).click(),
        () => savedList(page).getByRole("link").click(),
      ]) {
        await press();
        assert.match(
          await page.getByRole("dialog").textContent(),
          /as the whole environment, no longer as ada, it is not read-only/,
        );
        await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("dialog").waitFor({ state: "detached" });
        assert.match(await chip(page).textContent(), /adaread-only$/);
        assert.match(page.url(), /#\/requests$/);
      }
      await savedList(page).getByRole("link").click();
      await agree(page);
      await page.locator(".form-side").waitFor();
      assert.match(await chip(page).textContent(), /the whole environment$/);
    }));

  test("a kept session that does not fit lets no call through", () =>
    visit(site, async (page) => {
      for (const [session, outcomes] of [
        [{ user: "", readOnly: false, policy: '{"default":"deny","rulez":[]}' }, /internal|invalid/],
        [{ user: "", readOnly: true, policy: "null" }, /internal|invalid/],
        [{ user: "", readOnly: false, policy: "7" }, /internal|invalid/],
        [{ user: "", readOnly: "true", policy: "" }, /denied|policy/],
      ]) {
        await page.evaluate(
          (value) => (sessionStorage["nango-toolkit.memory.session"] = value),
          JSON.stringify(session),
        );
        await page.reload();
        await open(page, "#/tools/NANGO_SET_CONNECTION_METADATA");
        const said = await run(page);
        assert.match(said, outcomes, JSON.stringify(session));
      }
    }));

  test("whatever a file or the browser's storage holds, the page works", () =>
    visit(site, async (page) => {
      await open(page, "#/requests");
      const odd = { toString: 1, valueOf: 1 };
      const requests = [
        slack({ arguments: { a: [odd], b: [[odd]] }, name: "first" }),
        slack({ name: odd }),
        slack({ session: odd }),
        slack({ name: 7 }),
      ];
      assert.equal(await importFile(page, fileOf(requests)), "3 requests added, 1 left out");
      for (const stored of [undefined, fileOf(requests), fileOf([odd, null, [], 7, { slug: odd, args: odd }])]) {
        if (stored) await page.evaluate((value) => (localStorage["nango-toolkit.memory.requests"] = value), stored);
        await page.reload();
        await open(page, "#/requests");
        const count = await savedList(page).getByRole("listitem").count();
        assert.equal(count, stored?.includes("slack") === false ? 0 : 3);
      }
      await page.evaluate((value) => (localStorage["nango-toolkit.memory.requests"] = value), fileOf([]));
      await page.reload();
      await open(page, "#/requests");
      const start = Date.now();
      assert.equal(
        await importFile(page, fileOf(Array.from({ length: 100_000 }, () => slack()))),
        "200 requests added, 99800 left out",
      );
      assert.ok(Date.now() - start < 20_000);
    }));

  test("the page reports what the browser does not store", () =>
    visit(site, async (page) => {
      await page.evaluate(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      });
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await save(page);
      assert.match(await page.locator(".notice").textContent(), /only until this page is closed/);
      await open(page, "#/requests");
      assert.match(await importFile(page, fileOf([slack()])), /^1 request added, but only until this page is closed/);
      assert.equal(await savedList(page).getByRole("listitem").count(), 2);
    }));

  test("the page of a real server: nothing before there is a key, and never the key afterwards", async () => {
    const server = await nangoLike(() => ({ body: JSON.stringify({ data: [] }) }));
    try {
      await visit(
        site,
        async (page) => {
          await page.getByLabel("Host").fill(server.url);
          assert.match(await page.locator(".server").textContent(), /Enter the secret key .* to begin/);
          for (const view of ["tools", "tools/NANGO_GET_CONNECTION", "requests", "log", "agent", "session"]) {
            await open(page, `#/${view}`);
            await page.waitForTimeout(100);
            assert.equal(await page.locator(".issue, [role=alert], .bad, .result h2").count(), 0, view);
            assert.equal(await page.locator("[aria-invalid=true]").count(), 0, view);
          }
          assert.match(await page.locator("main").textContent(), /The session/);
          await open(page, "#/agent");
          assert.match(await page.locator(".page").textContent(), /Enter a key above/);
          await open(page, "#/tools/NANGO_GET_CONNECTION");
          assert.deepEqual(await readArguments(page), {}, "no made-up arguments");
          await page.keyboard.press("Control+Enter");
          await open(page, "#/tools");
          await page.locator(".prompts button").first().click();
          await page.locator(".tool").waitFor();
          assert.deepEqual(server.seen, []);
          await actAs(page, "the whole environment");
          // A request that holds the key, from before the page knew that it is one.
          await open(page, "#/tools/NANGO_GET_INTEGRATION");
          await writeArguments(page, JSON.stringify({ unique_key: KEY }));
          await save(page);
          await writeArguments(page, JSON.stringify({ unique_key: "github" }));
          await save(page);
          assert.match(await page.evaluate(() => localStorage["nango-toolkit.live.requests"]), new RegExp(KEY));
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          await page.waitForFunction((key) => !localStorage["nango-toolkit.live.requests"].includes(key), KEY);
          await writeArguments(page, JSON.stringify({ unique_key: KEY }));
          await save(page);
          assert.match(await page.locator(".notice").textContent(), /contains the key/);
          const copies = [KEY.toUpperCase(), KEY.replaceAll("-", "")];
          await open(page, "#/requests");
          const file = copies.map((unique_key) => slack({ arguments: { unique_key } }));
          assert.equal(
            await importFile(page, fileOf([...file, slack()])),
            "1 request added, 2 left out because of the key",
          );
          await page.getByRole("button", { name: "remove NANGO_GET_INTEGRATION" }).click();
          await open(page, "#/tools/NANGO_GET_INTEGRATION");
          for (const unique_key of copies) {
            await writeArguments(page, JSON.stringify({ unique_key }));
            await save(page);
            assert.match(await page.locator(".notice").textContent(), /contains the key/);
            await page.waitForTimeout(500); // the address is written
            assert.doesNotMatch(page.url(), /args=/);
          }
          await writeArguments(page, JSON.stringify({ unique_key: "github" }));
          assert.equal(await run(page), "Successful");
          assert.ok(server.seen.length > 0);
          assert.match(await page.locator(".server").textContent(), /Calls go to a real Nango/);
          await page.reload();
          await page.waitForSelector(".server");
          assert.equal(await page.getByLabel("Key", { exact: true }).inputValue(), "");
          await open(page, "#/requests");
          assert.equal(await savedList(page).getByRole("listitem").count(), 1);
        },
        { path: "/live.html", elsewhere: server.url },
      );
    } finally {
      await server.close();
    }
  });
});
