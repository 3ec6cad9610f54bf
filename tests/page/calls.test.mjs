// Calls in the demo page: every tool by its example, problems marked and fixed, cancelling, faults, questions, links.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  editAs,
  fault,
  open,
  readArguments,
  run,
  runButton,
  settle,
  suite,
  verdict,
  visit,
  writeArguments,
} from "./support.mjs";

const catalogue = JSON.parse(readFileSync(new URL("../../pkg/catalogue.json", import.meta.url), "utf8"));
const tools = Array.isArray(catalogue) ? catalogue : catalogue.tools;
/** Tools whose examples name what has to be made first. */
const madeFirst = JSON.parse(readFileSync(new URL("../fixtures/example_answers.json", import.meta.url), "utf8"));
/** How the page shows the answer to a tool's example; its key is one of an environment, not of the account. */
const answered = ({ slug, scopes }) =>
  scopes.some((scope) => scope.startsWith("account:"))
    ? "forbidden"
    : slug in madeFirst
      ? { 401: "unauthorized", 404: "not found" }[madeFirst[slug].status]
      : "Successful";
const PROMPTS = [
  ["List all connected CRM accounts", "NANGO_CONNECTION_LIST_GET"],
  ["Trigger manual sync with Salesforce provider", "NANGO_SYNC_TRIGGER_POST"],
  ["Get configuration for all available scripts", "NANGO_SCRIPTS_CONFIG_GET"],
  ["Show provider details for QuickBooks integration", "NANGO_PROVIDERS_GET_GET"],
];

suite((site) => {
  test("every tool is found, filled by its example, valid, run, and its result shown", () =>
    visit(site, async (page) => {
      assert.ok(tools.length >= 62);
      const deletes = ({ slug, toolset }) => Number(slug.includes("DELETE") && toolset !== "proxy");
      for (const tool of tools.toSorted((a, b) => deletes(a) - deletes(b))) {
        await open(page, "#/tools");
        await page.getByRole("searchbox", { name: "search tools" }).fill(tool.title);
        await page.locator(`.hits a[href="#/tools/${tool.slug}"]`).click();
        await page
          .getByRole("group", { name: "examples" })
          .getByRole("button", { name: tool.examples[0].title, exact: true })
          .click();
        assert.deepEqual(await readArguments(page), tool.examples[0].arguments, tool.slug);
        assert.equal(await verdict(page).textContent(), "Arguments are valid", tool.slug);
        assert.equal(await run(page), answered(tool), tool.slug);
        if (answered(tool) === "Successful")
          assert.ok((await page.locator(".result .tree").textContent()).length > 1, tool.slug);
      }
    }));

  for (const [prompt, slug] of PROMPTS) {
    test(`typed into search, \`${prompt}\` is at most two clicks from its result`, () =>
      visit(site, async (page) => {
        await page.getByRole("searchbox", { name: "search tools" }).fill(prompt);
        await page.locator(".try").first().click();
        assert.equal(await settle(page), "Successful", "the second click is a yes, where it asks");
        assert.equal(await page.locator(".slug code").textContent(), slug);
      }));
  }

  test("text typed before the module was loaded is searched afterwards", () =>
    visit(site, async (page) => {
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await page.route(/nango_toolkit.*wasm/, async (route) => (await held, route.continue()));
      await page.reload();
      await page.waitForSelector(".list a");
      await page.keyboard.press("/");
      await page.getByRole("searchbox").fill("disconnect the hubspot account of ada");
      await page.keyboard.press("Enter");
      release();
      await page.waitForSelector('.slug code:text-is("NANGO_DELETE_CONNECTION")');
      assert.equal(await verdict(page).textContent(), "Arguments are valid");
    }));

  test("wrong arguments are marked at their places with hints, and fixed", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_ADD_CONNECTION");
      const wrong = {
        provider_config_key: "hub/spot",
        credentials: { type: "BASIC", username: "ada" },
        tags: { end_user_email: "nobody" },
        connection_config: { subdomain: "acme" },
        colour: "red",
      };
      await writeArguments(page, JSON.stringify(wrong, null, 2));
      assert.equal(await verdict(page).textContent(), "4 problems");
      // Said once, at its field.
      const said = await page.locator(".form-side .issue").allTextContents();
      assert.equal(said.length, 4, String(said));
      assert.match(String(said), /the properties are/);
      for (const one of said) assert.equal((await page.locator("main").textContent()).split(one).length, 2, one);
      assert.equal(await page.getByLabel("password", { exact: true }).getAttribute("aria-invalid"), "true");
      assert.equal(await page.getByLabel("provider_config_key").getAttribute("aria-invalid"), "true");
      assert.match(await page.getByRole("region", { name: "request" }).textContent(), /no request until/);
      // Run it anyway: nothing is sent, and the result does not repeat what the fields say.
      assert.equal(await run(page), "invalid arguments");
      assert.match(await page.locator(".result .facts").textContent(), /nothing was sent/);
      assert.match(
        await page.locator(".failure").textContent(),
        /^Nothing was sent: 4 arguments are wrong, as marked\./,
      );
      assert.equal(await page.locator(".failure .issues").count(), 0);
      await page.getByRole("button", { name: "Show the first" }).click();
      assert.equal(await page.evaluate(() => document.activeElement.value), "hub/spot");
      // In the text: under its line, and nowhere else.
      await editAs(page, "JSON");
      // The editor marks problems soon after it has opened.
      await page.locator(".json-side .cm-problem").nth(3).waitFor();
      const marked = await page.locator(".json-side .cm-lintRange-error").allTextContents();
      assert.ok(String(marked).includes('"hub/spot"') && !String(marked).includes('"ada"'), String(marked));
      const under = await page.locator(".json-side .cm-problem").allTextContents();
      assert.equal(under.length, 4);
      assert.ok(
        under.some((one) => /^password: /.test(one)),
        String(under),
      );
      for (const one of under) assert.equal((await page.locator("main").textContent()).split(one).length, 1, one);
      await page.getByRole("button", { name: "Show the first" }).click();
      const selected = await page.locator(".sheet").evaluate((host) => host.shadowRoot.getSelection().toString());
      assert.equal(selected, '"provider_config_key": "hub/spot"');
      await editAs(page, "Form");
      // Fixed in the form, one at a time.
      await page.getByLabel("provider_config_key").fill("bamboohr");
      await page.getByLabel("password", { exact: true }).fill("sample");
      await page.getByRole("button", { name: "remove colour" }).click();
      await page.getByLabel("value of end_user_email").fill("ada@example.com");
      assert.equal(await verdict(page).textContent(), "Arguments are valid");
      assert.equal(await page.locator(".form-side .issue").count(), 0);
      assert.equal(await run(page), "Successful");
      // What was wrong in a run is listed again once the arguments are others.
      await writeArguments(page, JSON.stringify({ ...wrong, colour: "blue" }));
      assert.equal(await run(page), "invalid arguments");
      await writeArguments(page, JSON.stringify(wrong));
      assert.equal(await page.locator(".failure .issues li").count(), 4);
    }));

  test("a problem that has no field is shown at the field around it, or above the form", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_PROXY");
      await writeArguments(page, "[]");
      assert.match(await page.locator(".form-side > .form > div:first-child .issue").textContent(), /object/);
      await writeArguments(
        page,
        JSON.stringify({
          provider_config_key: "hubspot",
          connection_id: "hubspot-ada",
          any_path: "x",
          retry_on: ["no"],
        }),
      );
      assert.equal(await verdict(page).textContent(), "1 problem");
      const said = page
        .locator(".field", { has: page.getByText("retry_on", { exact: true }) })
        .last()
        .locator(".issue");
      assert.equal(await said.count(), 1);
    }));

  test("text that is not JSON is marked where parsing fails", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await writeArguments(page, '{\n  "unique_key": "github",\n}');
      assert.equal(await verdict(page).textContent(), "Not JSON yet");
      assert.match(await page.locator(".form-side .issue").textContent(), /the last version that did/);
      await editAs(page, "JSON");
      assert.match(await page.locator(".json-side .cm-problem").textContent(), /after the comma/);
      assert.equal(await runButton(page).getAttribute("aria-disabled"), "true");
      await page.keyboard.press("Control+Enter");
      assert.match(await page.locator(".notice").textContent(), /not valid JSON/);
      assert.equal(await page.locator(".result .empty").count(), 1, "nothing was run");
    }));

  test("form and JSON keep in step; credentials ask for what their type needs", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_ADD_CONNECTION");
      await page.getByLabel("type", { exact: false }).first().selectOption("API_KEY");
      await page.getByLabel("apiKey", { exact: true }).fill("sample-key");
      for (const gone of ["access_token", "refresh_token"])
        await page.getByRole("button", { name: `remove ${gone}` }).click();
      const value = await readArguments(page);
      assert.deepEqual(value.credentials, { type: "API_KEY", apiKey: "sample-key" });
      await page.getByRole("button", { name: "add metadata" }).click();
      await page.getByRole("textbox", { name: "metadata", exact: true }).fill('{"plan": null}');
      assert.deepEqual((await readArguments(page)).metadata, { plan: null });
      await writeArguments(
        page,
        '{"provider_config_key": "airtable-pat", "credentials": {"type": "API_KEY", "apiKey": "k"}}',
      );
      assert.equal(await page.getByLabel("provider_config_key").inputValue(), "airtable-pat");
      assert.equal(await page.getByRole("textbox", { name: "metadata", exact: true }).count(), 0);
    }));

  test("numbers, choices, lists and switches produce the right JSON", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_CONNECTION_LIST_GET");
      await writeArguments(page, "{}");
      await page.getByRole("button", { name: "add limit" }).click();
      await page.getByRole("textbox", { name: "limit" }).fill("3");
      await page.getByRole("button", { name: "add integration_id" }).click();
      await page.getByLabel("integration_id, entry 1").fill("github");
      assert.deepEqual(await readArguments(page), { limit: 3, integration_id: ["github"] });
      await page.getByRole("textbox", { name: "limit" }).fill("many");
      assert.equal(await page.getByRole("textbox", { name: "limit" }).getAttribute("aria-invalid"), "true");
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await page.getByRole("button", { name: "add force_refresh" }).click();
      await page.getByRole("combobox", { name: "force_refresh" }).selectOption("false");
      assert.equal((await readArguments(page)).force_refresh, false);
    }));

  test("a call can be cancelled, by button and by key", () =>
    visit(site, async (page) => {
      await open(page, "#/world");
      await page.getByLabel("Latency").fill("30000");
      await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
      await runButton(page).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      assert.equal(await settle(page), "aborted");
      await page.keyboard.press("Control+Enter");
      await page.waitForSelector(".timeline .pending");
      await page.keyboard.press("Escape");
      assert.equal(await settle(page, 1), "aborted");
    }));

  test("faults take effect, retries are shown, and faults end", () =>
    visit(site, async (page) => {
      await fault(page, "Two 503s");
      await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
      assert.equal(await page.locator(".mode.faulty").count(), 1);
      assert.equal(await run(page), "Successful");
      await page.getByRole("tab", { name: "Attempts (3)" }).click();
      const steps = await page.locator(".result .timeline tbody tr").allTextContents();
      assert.equal(steps.length, 5);
      assert.match(steps[0], /attempt 1503/);
      assert.match(steps[1], /waits .*\(server\)/);
      assert.match(steps[4], /attempt 3200/);
      assert.equal(await page.locator(".mode.faulty").count(), 0);
      await fault(page, "429 once");
      await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
      assert.equal(await run(page), "Successful");
      await page.getByRole("tab", { name: "Attempts" }).click();
      assert.match(await page.locator(".result .timeline").textContent(), /429.*waits.*rate_limited/);
      await fault(page, "Drop once");
      await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
      assert.equal(await run(page), "Successful");
      await page.getByRole("tab", { name: "Attempts" }).click();
      assert.match(await page.locator(".result .timeline").textContent(), /dropped the connection/);
      await fault(page, "Always 500");
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      assert.equal(await run(page), "server", "idempotent, so tried again, in vain");
      assert.match(await page.locator(".failure").textContent(), /Next:.*retryableyes/);
    }));

  test("what can destroy asks first, and the world shows what it did", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_DELETE_CONNECTION");
      await runButton(page).click();
      assert.match(
        await page.locator("dialog[open]").textContent(),
        /Delete Connection\?.*DELETE \/connections\/hubspot-ada.*Cancel.*Run it/s,
      );
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "Cancel");
      await page.keyboard.press("Escape");
      assert.equal(await page.locator("dialog").count(), 0);
      assert.equal(await page.locator(".result .empty").count(), 1, "nothing was run");
      assert.equal(await run(page), "Successful");
      await open(page, "#/world");
      assert.match(await page.locator(".lead").textContent(), /1 connection removed/);
      assert.match(await page.locator("li.removed").textContent(), /hubspot-ada/);
      await page.getByRole("button", { name: "Reset" }).click();
      await page.waitForFunction(() => document.querySelectorAll("li.removed").length === 0);
      assert.match(await page.getByRole("region", { name: "Connections" }).textContent(), /hubspot-ada/);
    }));

  test("the request is shown as HTTP, curl, JavaScript and MCP, never with a key", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_SET_CONNECTION_METADATA");
      await writeArguments(
        page,
        JSON.stringify({ provider_config_key: "hubspot", connection_id: "hubspot-ada", metadata: { quote: "it's" } }),
      );
      const shown = {};
      for (const name of ["HTTP", "curl", "JavaScript", "MCP"]) {
        await page.getByRole("tablist", { name: "request as" }).getByRole("tab", { name }).click();
        shown[name] = await page.locator("[aria-label=request] pre").textContent();
      }
      assert.match(shown.HTTP, /^POST \/connections\/metadata\nHost: api\.nango\.dev\nAuthorization: Bearer •+\n/);
      const [first, second] = shown.curl.split("\n");
      assert.equal(first, "curl -X POST 'https://api.nango.dev/connections/metadata' \\");
      assert.match(second, /^ {2}-H "Authorization: Bearer \$NANGO_SECRET_KEY"/);
      assert.ok(shown.curl.includes(`it'\\''s`));
      assert.match(shown.JavaScript, /nango\.execute\("NANGO_SET_CONNECTION_METADATA", \{/);
      assert.deepEqual(JSON.parse(shown.MCP).params, {
        name: "NANGO_SET_CONNECTION_METADATA",
        arguments: { provider_config_key: "hubspot", connection_id: "hubspot-ada", metadata: { quote: "it's" } },
      });
    }));

  test("secrets come back masked", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      assert.equal(await run(page), "Successful");
      assert.deepEqual(await page.locator(".result .tree .masked").allTextContents(), [
        "masked: access_token",
        "masked: raw",
      ]);
    }));
});
