// The other views of the demo page: links, session, log, a real server, and what must never be kept or sent.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { nangoLike } from "./servers.mjs";
import { KEY, open, paste, readArguments, run, runButton, settle, suite, visit, writeArguments } from "./support.mjs";

suite((site) => {
  test("a link brings back tool and arguments, and never a credential", () =>
    visit(site, async (page, context) => {
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await writeArguments(page, '{"connection_id": "github-alan", "provider_config_key": "github"}');
      await page.getByRole("button", { name: "Copy link" }).click();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      assert.ok(link.startsWith(`${site.url}/#/tools/NANGO_GET_CONNECTION?args=`), link);
      const other = await context.newPage();
      await other.goto(link);
      await other.waitForSelector(".form-side");
      assert.deepEqual(await readArguments(other), {
        connection_id: "github-alan",
        provider_config_key: "github",
      });
      assert.equal(await run(other), "Successful");
      await other.close();
      await open(page, "#/tools/NANGO_ADD_CONNECTION");
      await page.getByRole("button", { name: "Copy link" }).click();
      const secret = decodeURIComponent(await page.evaluate(() => navigator.clipboard.readText()));
      assert.match(secret, /"credentials":\{"type":"OAUTH2"\}/);
      assert.doesNotMatch(secret, /sample-access-token/);
      assert.match(await page.locator(".notice").textContent(), /without credentials: credentials\.access_token/);
      await page.goBack();
      await page.waitForSelector('.slug code:text-is("NANGO_GET_CONNECTION")');
    }));

  test("leaving while arguments are being edited does not navigate back", () =>
    visit(site, async (page) => {
      // The event of a new address comes late, as it may on a busy machine.
      await page.addInitScript(() => {
        const listen = globalThis.addEventListener;
        globalThis.addEventListener = (type, handler, options) =>
          listen(type, type === "hashchange" ? (event) => setTimeout(handler, 800, event) : handler, options);
      });
      await page.reload();
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await page.evaluate(() => {
        const field = document.querySelector(".form-side input");
        field.value = "slack";
        field.dispatchEvent(new Event("input", { bubbles: true }));
        location.hash = "#/world";
      });
      await page.waitForSelector("[aria-label=Faults]");
      assert.equal(await page.evaluate(() => location.hash), "#/world");
    }));

  test("a broken link is reported, and breaks nothing", () =>
    visit(site, async (page) => {
      await page.evaluate(() => (location.hash = "#/tools/NANGO_NOTHING"));
      await page.waitForSelector(".welcome [role=alert]");
      await page.evaluate(() => (location.hash = "#/tools/NANGO_GET_INTEGRATION?args=%7B%22unique"));
      await page.waitForSelector("#verdict .issue");
      for (const hash of ["#/nowhere", "#%E0%A4%A", "#/tools/__proto__", "#/constructor"]) {
        await page.evaluate((one) => (location.hash = one), hash);
        await page.waitForSelector(".welcome");
      }
    }));

  test("in a read-only session tools disappear, and calls are refused with the reason", () =>
    visit(site, async (page) => {
      await open(page, "#/session");
      await page.getByLabel(/Read-only: /).check();
      await page.waitForFunction(() =>
        /24 of 62/.test(document.querySelector("[aria-label='tools of the session']").textContent),
      );
      await open(page, "#/tools");
      assert.equal(await page.locator(".list li").count(), 24);
      assert.match(await page.locator(".list .hidden").textContent(), /38 more are hidden/);
      await page.getByRole("searchbox").fill("create integration");
      assert.equal(await page.locator('.hits a[href="#/tools/NANGO_CREATE_INTEGRATION"]').count(), 0);
      await open(page, "#/tools/NANGO_CREATE_INTEGRATION");
      assert.match(await page.locator(".tool-head .issue").textContent(), /Hidden from the agent: .*read/);
      assert.equal(await run(page), "denied");
      assert.match(await page.locator(".result .facts").textContent(), /nothing was sent/);
      await open(page, "#/session");
      await page.getByLabel(/Read-only: /).uncheck();
      await open(page, "#/tools/NANGO_CREATE_INTEGRATION");
      await page.waitForFunction(() => !document.querySelector(".tool-head .issue"));
      assert.equal(await run(page), "Successful");
    }));

  test("a user's session sees the user's accounts alone, and connects another", () =>
    visit(site, async (page) => {
      await open(page, "#/session");
      await page.getByRole("group", { name: "users" }).getByRole("button", { name: "ada", exact: true }).click();
      const accounts = page.getByRole("region", { name: "accounts of the user" });
      await accounts.getByText("hubspot-ada").waitFor();
      assert.doesNotMatch(await accounts.textContent(), /hubspot-katherine/);
      const before = await accounts.locator(".person li").count();
      await accounts.getByRole("combobox").selectOption("slack");
      await accounts.getByRole("button", { name: "Create a link" }).click();
      assert.match(await accounts.locator(".made").textContent(), /session_token=/);
      await accounts.getByRole("button", { name: "Sign in as the user would" }).click();
      await page.waitForFunction(
        (count) => document.querySelectorAll("[aria-label='accounts of the user'] .person li").length > count,
        before,
      );
      await open(page, "#/tools/NANGO_CONNECTION_LIST_GET");
      await writeArguments(page, "{}");
      assert.equal(await run(page), "Successful");
      await page.getByRole("tablist", { name: "result" }).getByRole("tab", { name: "JSON" }).click();
      const { data } = JSON.parse(await page.locator(".result pre").textContent());
      assert.deepEqual([...new Set(data.connections.map((one) => one.tags.end_user_id))], ["ada"]);
      // Another user's connection is reported as missing, and the look-up is shown.
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await writeArguments(page, '{"connection_id": "hubspot-katherine", "provider_config_key": "hubspot"}');
      assert.equal(await run(page), "not found");
      await writeArguments(page, '{"connection_id": "github-ada", "provider_config_key": "github"}');
      assert.equal(await run(page), "Successful");
      await page
        .getByRole("tablist", { name: "result" })
        .getByRole("tab", { name: /Attempts/ })
        .click();
      assert.match(await page.locator(".result .timeline").textContent(), /look-up200.*attempt 1200/);
      // What the environment holds is not the user's.
      await open(page, "#/tools/NANGO_DELETE_INTEGRATION");
      assert.match(await page.locator(".tool-head .issue").textContent(), /Hidden from the agent/);
      assert.equal(await run(page), "denied");
    }));

  test("a policy asks, denies, and is refused if it is invalid", () =>
    visit(site, async (page) => {
      await open(page, "#/session");
      const policy = page.locator("[aria-label=policy] .cm-content");
      await page.getByRole("button", { name: "Ask before destroying" }).click();
      await open(page, "#/tools/NANGO_DELETE_CONNECTION");
      await runButton(page).click();
      await page.waitForSelector("dialog[open]");
      assert.match(await page.locator("dialog[open]").textContent(), /policy asks first.*NANGO_DELETE_CONNECTION/s);
      await page.keyboard.press("Escape");
      assert.equal(await settle(page), "denied");
      assert.match(await page.locator(".failure").textContent(), /refused/);
      assert.equal(await run(page), "Successful", "approved");
      await open(page, "#/session");
      await page.getByRole("button", { name: "No proxy, no secrets" }).click();
      await page.waitForFunction(() =>
        /48 of 62/.test(document.querySelector("[aria-label='tools of the session']").textContent),
      );
      await open(page, "#/tools/NANGO_GET_PROXY");
      assert.equal(await run(page), "denied");
      await open(page, "#/session");
      await paste(policy, '{\n  "default": "allow",\n  "rules": [{ "then": "forbid", "tols": "NANGO_*" }]\n}');
      const wrong = page.getByRole("region", { name: "policy" });
      await wrong.getByText("the last valid one stays in force").waitFor();
      assert.equal(await wrong.locator(".cm-problem").count(), 2);
      assert.ok((await wrong.locator(".cm-lintRange-error").count()) > 0);
      await open(page, "#/tools/NANGO_GET_PROXY");
      assert.equal(await run(page), "denied");
    }));

  test("the events of the log are read on a phone without moving sideways", () =>
    visit(
      site,
      async (page) => {
        for (const slug of ["NANGO_GET_PROXY", "NANGO_LIST_INTEGRATIONS"]) {
          await open(page, `#/tools/${slug}`);
          await run(page);
        }
        await open(page, "#/log");
        const table = page.getByRole("group", { name: "table of events" });
        assert.ok(await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth));
        const first = page.locator(".events tbody tr").first();
        assert.match(await first.textContent(), /call\.finished.*NANGO_LIST_INTEGRATIONS.*successful/);
        for (const cell of await first.locator("td").all()) {
          const { x, width } = await cell.boundingBox();
          assert.ok(x >= 0 && x + width <= 375, `${x} and ${width}`);
        }
      },
      { viewport: { width: 375, height: 800 } },
    ));

  test("the log filters, shows attempts, draws latencies, and is saved as JSON Lines", () =>
    visit(site, async (page) => {
      for (const slug of ["NANGO_LIST_INTEGRATIONS", "NANGO_GET_CONNECTION"]) {
        await open(page, `#/tools/${slug}`);
        await run(page);
      }
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await writeArguments(page, '{"unique_key": "absent"}');
      assert.equal(await run(page), "not found");
      await open(page, "#/log");
      const rows = page.locator(".events tbody tr");
      assert.equal(await rows.count(), 9);
      assert.equal(await page.locator(".latency circle").count(), 3);
      assert.equal(await page.locator(".latency circle.bad").count(), 1);
      await page.getByRole("combobox", { name: "Outcome" }).selectOption("bad");
      assert.equal(await rows.count(), 3);
      await page.getByRole("combobox", { name: "Outcome" }).selectOption("");
      await page.getByRole("combobox", { name: "Tool" }).selectOption("NANGO_GET_CONNECTION");
      await page.getByRole("combobox", { name: "Event" }).selectOption("call.finished");
      assert.equal(await rows.count(), 1);
      await rows.getByRole("button").click();
      assert.match(
        await page.getByRole("region", { name: "attempts of the chosen call" }).textContent(),
        /NANGO_GET_CONNECTION.*attempt 1200/,
      );
      await page.getByRole("combobox", { name: "Event" }).selectOption("");
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "JSON Lines" }).click();
      const text = readFileSync(await (await saving).path(), "utf8");
      const events = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        events.map((event) => event.type),
        ["call.started", "call.attempt", "call.finished"],
      );
      assert.doesNotMatch(text, /emulated-access-token/);
    }));

  test("the page's MCP endpoint answers a client's messages, and invalid input", () =>
    visit(site, async (page) => {
      await open(page, "#/agent");
      const send = async (name) => {
        if (name)
          await page.getByRole("group", { name: "messages" }).getByRole("button", { name, exact: true }).click();
        const before = await page.locator(".traffic > li").count();
        await page.getByRole("button", { name: "Send" }).click();
        await page.waitForFunction((count) => document.querySelectorAll(".traffic > li").length > count, before);
        return page.locator(".traffic > li").first().textContent();
      };
      assert.match(await send("initialize"), /^200 initialize.*serverInfo/s);
      assert.match(await send("tools/list"), /^200 tools\/list.*tools: \[ 23 \]/s);
      await page.getByRole("combobox", { name: "Tool" }).selectOption("NANGO_GET_CONNECTION");
      const called = await send();
      assert.match(called, /^200 tools\/call NANGO_GET_CONNECTION.*structuredContent/s);
      assert.doesNotMatch(called, /emulated-access-token/);
      await paste(page.locator(".mcp .cm-content"), '{"jsonrpc": "2.0", "id": 1, "method": "no/such"}');
      assert.match(await send(), /no\/such.*-32601/s);
      await paste(page.locator(".mcp .cm-content"), "{");
      assert.match(await send(), /^400 no JSON.*-32700/s);
      // Calls over MCP are in the log and the world like any other.
      await page.getByRole("combobox", { name: "Tool" }).selectOption("NANGO_DELETE_CONNECTION");
      await send();
      await open(page, "#/world");
      await page.waitForSelector("li.removed");
      await open(page, "#/log");
      assert.match(await page.locator(".events").textContent(), /NANGO_DELETE_CONNECTION/);
      assert.equal(await page.locator(".latency circle").count(), 2);
      await page.locator(".events tbody button").first().click();
      assert.match(
        await page.getByRole("region", { name: "attempts of the chosen call" }).textContent(),
        /NANGO_DELETE_CONNECTION.*attempt 1200/,
      );
    }));

  test("the tools are shown as each of the ten frameworks takes them, tokens as estimates", () =>
    visit(site, async (page) => {
      await open(page, "#/agent");
      const panel = page.getByRole("region", { name: "tools by framework" });
      const framework = page.getByRole("combobox", { name: "Framework" });
      await framework.waitFor();
      const adapters = readdirSync(new URL("../../pkg/src/adapters/", import.meta.url))
        .map((file) => file.replace(".ts", ""))
        .filter((name) => name !== "shared");
      assert.equal(adapters.length, 10);
      // What only this form has.
      const marks = {
        mcp: (form) => form[0].inputSchema.type,
        "ai-sdk": (form) => form.NANGO_GET_PROXY.inputSchema.jsonSchema.type,
        openai: (form) => form[0].strict === false && form[0].parameters.type,
        "openai-strict": (form) => form[0].strict && form[0].parameters.type,
        "openai-chat": (form) => form[0].function.parameters.type,
        "openai-agents": (form) => form[0].invoke === "ƒ" && form[0].parameters.type,
        anthropic: (form) => form[0].input_schema.type,
        google: (form) => form[0].functionDeclarations[0].parametersJsonSchema.type,
        "google-gemini": (form) => form[0].functionDeclarations[0].parameters.type.toLowerCase(),
        langchain: (form) => form[0].lc_runnable && form[0].schema.type,
        mastra: (form) => form.NANGO_GET_PROXY.id && "object",
        llamaindex: (form) => form[0].call === "ƒ" && form[0].metadata.parameters.type,
        "google-adk": (form) => form[0].declaration.parametersJsonSchema.type,
        "claude-agent-sdk": (form) => form.mcpServers.nango.type === "sdk" && form.tools[0].inputSchema.type,
      };
      const offered = await framework.locator("option").evaluateAll((options) => options.map((one) => one.value));
      assert.deepEqual(offered, Object.keys(marks));
      for (const adapter of adapters) assert.ok(offered.includes(adapter), adapter);
      for (const [name, mark] of Object.entries(marks)) {
        await framework.selectOption(name);
        await panel.locator(".tokens tbody tr").nth(22).waitFor();
        assert.match(await panel.textContent(), /About [\d,]+ tokens for 23 tools: an estimate/, name);
        assert.match(await panel.locator("pre").textContent(), /^import \{ .* \} from "nango-toolkit\/[a-z-]+";/);
        const named = await panel.locator(".tokens tbody code").allTextContents();
        assert.deepEqual(
          [named.length, new Set(named).size, named.every((one) => /^NANGO_/.test(one))],
          [23, 23, true],
          name,
        );
        await panel.getByRole("button", { name: "Copy" }).click();
        assert.equal(mark(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))), "object", name);
      }
      await open(page, "#/session");
      await page.getByLabel(/Read-only: /).check();
      await open(page, "#/agent");
      await page.waitForFunction(() => /for 8 tools/.test(document.body.textContent));
    }));

  test("with a host and a key it talks to a real server, and never shows the key", async () => {
    const server = await nangoLike(() => ({
      body: JSON.stringify({ data: [{ unique_key: "github", provider: "github" }] }),
      headers: { "retry-after": "1" },
    }));
    try {
      await visit(
        site,
        async (page) => {
          await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
          assert.match(
            await page.locator(".hint", { hasText: "Enter the key" }).textContent(),
            /key of a Nango environment/,
          );
          await page.keyboard.press("Control+Enter");
          assert.equal(server.seen.length, 0, "nothing is sent without a key");
          await page.getByLabel("Host").fill(server.url);
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          assert.equal(await run(page), "Successful");
          const sent = server.seen.find((one) => one.method === "GET");
          assert.equal(sent.headers.authorization, `Bearer ${KEY}`);
          await page.getByRole("tab", { name: "Headers" }).click();
          assert.match(await page.locator(".result").textContent(), /Retry-After, for example, is hidden/);
          assert.doesNotMatch(
            await page.evaluate(() => document.documentElement.outerHTML + location.href),
            new RegExp(KEY),
          );
          // A key that found its way into an argument does not get into a link.
          await open(page, "#/tools/NANGO_GET_INTEGRATION");
          await writeArguments(page, JSON.stringify({ unique_key: KEY }));
          await page.getByRole("button", { name: "Copy link" }).click();
          assert.doesNotMatch(await page.evaluate(() => navigator.clipboard.readText()), new RegExp(KEY));
          await page.getByRole("button", { name: "Forget" }).click();
          assert.equal(await page.getByLabel("Key", { exact: true }).inputValue(), "");
        },
        { path: "/live.html", elsewhere: server.url },
      );
    } finally {
      await server.close();
    }
  });

  test("arguments that Nango does not allow browsers to send are marked with the reason", async () => {
    const server = await nangoLike(() => ({ body: "{}" }));
    try {
      await visit(
        site,
        async (page) => {
          await page.getByLabel("Host").fill(server.url);
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          const cases = {
            NANGO_GET_PROXY: {
              retries: 2,
              retry_on: [500],
              base_url_override: "https://api.example.com",
              decompress: true,
              proxy_headers: { "x-trace": "1" },
            },
            NANGO_ACTION_TRIGGER_POST: { async: true, max_retries: 2 },
          };
          for (const [slug, barred] of Object.entries(cases)) {
            await open(page, `#/tools/${slug}`);
            await page.getByRole("group", { name: "examples" }).getByRole("button").first().click();
            const plain = await readArguments(page);
            for (const [name, value] of Object.entries(barred)) {
              await writeArguments(page, JSON.stringify(plain));
              const add = page.getByRole("button", { name: `add ${name}: Not available from a browser` });
              assert.equal(await add.getAttribute("aria-disabled"), "true", name);
              await writeArguments(
                page,
                JSON.stringify({ ...plain, ...(name === "max_retries" && { async: true }), [name]: value }),
              );
              assert.match(
                await page
                  .locator(".field", { has: page.getByText(name, { exact: true }) })
                  .last()
                  .textContent(),
                /Not available from a browser: .*CORS/,
                name,
              );
              // base_url_override is refused by the core already: no host is allowed.
              if (name !== "base_url_override")
                assert.equal(await runButton(page).getAttribute("aria-disabled"), "true", name);
            }
          }
          assert.deepEqual(server.seen, []);
        },
        { path: "/live.html", elsewhere: server.url },
      );
    } finally {
      await server.close();
    }
  });

  test("a server that cannot be reached is a result", () =>
    visit(
      site,
      async (page) => {
        await page.getByLabel("Host").fill("http://127.0.0.1:9");
        await page.getByLabel("Key", { exact: true }).fill(KEY);
        await open(page, "#/tools/NANGO_CREATE_INTEGRATION");
        await page.getByRole("group", { name: "examples" }).getByRole("button").first().click();
        assert.equal(await run(page), "network");
        await page.getByLabel("Host").fill("ftp://nango");
        assert.match(await page.locator(".server .issue").textContent(), /http/);
      },
      { path: "/live.html", elsewhere: "http://127.0.0.1:9", expected: [/ERR_UNSAFE_PORT|ERR_CONNECTION_REFUSED/] },
    ));
});
