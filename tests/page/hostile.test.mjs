// Hostile content in every place where a server or a user can put text: shown as text, and the page stays usable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nangoLike } from "./servers.mjs";
import { KEY, open, paste, run, suite, visit, writeArguments } from "./support.mjs";

const HOSTILE = [
  `<img src=x onerror="globalThis.hacked=1">`,
  `<script>globalThis.hacked=1</script>`,
  `"><svg onload=globalThis.hacked=1>`,
  `javascript:globalThis.hacked=1`,
  `{{constructor.constructor('globalThis.hacked=1')()}}`,
  `\u202e\u2066 drawkcab \u0000\u0007\u200b`,
  `مرحبا بالعالم שלום עולם`,
  `👩‍👩‍👧‍👦`.repeat(50),
  `Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘`,
  "w".repeat(20_000),
  "__proto__",
  "constructor",
];

const healthy = async (page) => {
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.equal(await page.evaluate(() => ({}).hacked ?? [].hacked), undefined);
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
    "no sideways scrolling",
  );
  assert.equal(await page.locator(".top").isVisible(), true);
};

/** An object that holds every text as a value and as a name. */
const everywhere = () =>
  Object.fromEntries([
    ...HOSTILE.map((text, index) => [`value ${index}`, text]),
    ...HOSTILE.map((text) => [text, text]),
  ]);

suite((site) => {
  test("in arguments, names and links that a user writes", () =>
    visit(site, async (page) => {
      for (const viewport of [
        { width: 360, height: 780 },
        { width: 1440, height: 900 },
      ]) {
        await page.setViewportSize(viewport);
        await open(page, "#/tools/NANGO_SET_CONNECTION_METADATA");
        for (const text of HOSTILE) {
          const args = {
            provider_config_key: text,
            connection_id: [text],
            metadata: Object.fromEntries([[text, text]]),
            [text]: text,
          };
          await page.evaluate(
            (hash) => (location.hash = hash),
            `#/tools/NANGO_SET_CONNECTION_METADATA?args=${encodeURIComponent(JSON.stringify(args)).slice(0, 15_000)}`,
          );
          await writeArguments(page, JSON.stringify(args));
          await page.waitForFunction(() =>
            /problem|valid/.test(document.querySelector("#verdict [role=status]").textContent),
          );
          await healthy(page);
          await page.locator("#search").evaluate((box, value) => {
            box.value = value;
            box.dispatchEvent(new Event("input", { bubbles: true }));
          }, text);
          await healthy(page);
          await page.locator("#search").evaluate((box) => {
            box.value = "";
            box.dispatchEvent(new Event("input", { bubbles: true }));
          });
        }
        assert.equal(await run(page), "invalid arguments");
        await page.locator(".run-row").getByRole("button", { name: "Save" }).click();
        await open(page, "#/requests");
        await healthy(page);
        await open(page, "#/log");
        await healthy(page);
      }
    }));

  test("in the emulator's world", () =>
    visit(site, async (page) => {
      for (const text of HOSTILE.filter((one) => one.length < 250)) {
        await open(page, "#/tools/NANGO_UPDATE_INTEGRATION");
        await writeArguments(
          page,
          JSON.stringify({ unique_key: "zendesk", display_name: text.replace(/[\u0000-\u001f]/g, "") }),
        );
        assert.equal(await run(page), "Successful");
        await open(page, "#/tools/NANGO_EDIT_CONNECTION");
        await writeArguments(
          page,
          JSON.stringify({
            provider_config_key: "hubspot",
            connection_id: "hubspot-ada",
            end_user: { id: text.replace(/[\u0000-\u001f]/g, ""), display_name: text.replace(/[\u0000-\u001f]/g, "") },
          }),
        );
        assert.match(await run(page), /Successful|invalid arguments/);
        await open(page, "#/world");
        await healthy(page);
        assert.match(
          await page.getByRole("region", { name: "Integrations" }).textContent(),
          new RegExp(RegExp.escape?.(text.slice(0, 8)) ?? text.slice(0, 8).replace(/[^\p{L}\p{N}]/gu, ".")),
        );
      }
    }));

  test("in sessions, policies and messages over MCP", () =>
    visit(site, async (page) => {
      const put = (locator, value) =>
        locator.evaluate((box, text) => {
          box.value = text;
          box.dispatchEvent(new Event("input", { bubbles: true }));
        }, value);
      for (const text of HOSTILE) {
        await open(page, "#/session");
        await put(page.getByRole("combobox", { name: "User" }), text);
        const policy = page.locator("[aria-label=policy] .cm-content");
        await paste(
          policy,
          JSON.stringify({
            default: "allow",
            rules: [{ id: text, then: "deny", tool: "NANGO_GET_PROXY", [text]: text }],
          }),
        );
        await page.getByRole("heading", { name: "The session" }).waitFor();
        await healthy(page);
        await paste(policy, "");
        await open(page, "#/agent");
        await page.waitForSelector(".mcp .cm-content, main [role=alert]");
        await healthy(page);
        await open(page, "#/session");
        if (text.length > 1000) assert.match(await page.getByRole("alert").textContent(), /user/);
        await put(page.getByRole("combobox", { name: "User" }), "");
        await open(page, "#/agent");
        for (const message of [
          { jsonrpc: "2.0", id: text, method: text, params: { [text]: text } },
          { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: text, arguments: { [text]: text } } },
        ]) {
          const before = await page.locator(".traffic > li").count();
          await paste(page.locator(".mcp .cm-content"), JSON.stringify(message));
          await page.getByRole("button", { name: "Send" }).click();
          await page.waitForFunction((count) => document.querySelectorAll(".traffic > li").length > count, before);
          await healthy(page);
        }
      }
    }));

  test("in what a server answers: data, errors, headers, bodies that are not JSON", async () => {
    let answer;
    const server = await nangoLike(() => answer);
    try {
      await visit(
        site,
        async (page) => {
          await page.getByLabel("Host").fill(server.url);
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          const body = JSON.stringify({ data: [everywhere()], nested: everywhere() });
          const answers = [
            { body },
            ...HOSTILE.map((text) => ({
              status: 400,
              body: JSON.stringify({
                error: {
                  code: text,
                  message: text,
                  errors: [{ code: text, message: text, path: [text] }],
                  payload: everywhere(),
                },
              }),
            })),
            { status: 500, body: HOSTILE.join("\n"), headers: { "content-type": "text/html" } },
            { status: 404, body: JSON.stringify(HOSTILE) },
            { body: "[".repeat(100_000) },
          ];
          await open(page, "#/tools/NANGO_GET_INTEGRATION");
          await writeArguments(page, '{"unique_key": "github"}');
          for (const viewport of [
            { width: 360, height: 780 },
            { width: 1440, height: 900 },
          ]) {
            await page.setViewportSize(viewport);
            for (answer of answers) {
              // One attempt for what would be tried again.
              await run(page);
              await healthy(page);
              for (const tab of ["JSON", "Headers", /^(Data|Error)$/])
                await page.getByRole("tablist", { name: "result" }).getByRole("tab", { name: tab }).click();
              await healthy(page);
            }
          }
          await open(page, "#/log");
          await healthy(page);
        },
        { path: "/live.html", elsewhere: server.url, expected: [/the server responded with a status of/] },
      );
    } finally {
      await server.close();
    }
  });

  test("five megabytes in many entries, in one text, and in depth: drawn in part, all of it to save", async () => {
    let body;
    const server = await nangoLike(() => ({ body }));
    const many = JSON.stringify({
      data: Array.from({ length: 40_000 }, (_, index) => ({
        unique_key: `integration-${index}`,
        provider: "github",
        logo: "x".repeat(80),
      })),
    });
    const long = JSON.stringify({ data: "long ".repeat(1_000_000) });
    const deep = `{"data":${"[".repeat(100)}"${"d".repeat(5_000_000)}"${"]".repeat(100)}}`;
    try {
      await visit(
        site,
        async (page) => {
          await page.getByLabel("Host").fill(server.url);
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
          for (body of [many, long, deep]) {
            assert.ok(body.length > 4_900_000);
            assert.equal(await run(page), "Successful");
            const drawn = await page.evaluate(() => [
              document.querySelectorAll("*").length,
              document.body.textContent.length,
            ]);
            assert.ok(drawn[0] < 5000 && drawn[1] < 200_000, `${drawn}`);
            await page.getByRole("tablist", { name: "result" }).getByRole("tab", { name: "JSON" }).click();
            assert.match(await page.locator(".result").textContent(), /The first .* of \d\.\d MB: copy or save/);
            await healthy(page);
            const started = Date.now();
            await page.getByRole("tablist", { name: "result" }).getByRole("tab", { name: "Data" }).click();
            await page.getByRole("searchbox").fill("sync");
            await page.locator(".hit").first().waitFor();
            assert.ok(Date.now() - started < 3000, "it answers at once");
            await page.getByRole("searchbox").fill("");
          }
          const saving = page.waitForEvent("download");
          await page.locator(".result").getByRole("button", { name: "Save" }).click();
          assert.ok(
            (await (
              await saving
            )
              .createReadStream()
              .then(async (stream) => (await stream.toArray()).reduce((sum, part) => sum + part.length, 0))) >
              4_900_000,
          );
        },
        { path: "/live.html", elsewhere: server.url },
      );
    } finally {
      await server.close();
    }
  });

  test("a tree shows more of what is long, when asked", async () => {
    const server = await nangoLike(() => ({
      body: JSON.stringify({
        data: Array.from({ length: 250 }, (_, index) => ({ unique_key: `k${index}` })),
        text: "t".repeat(3000),
      }),
    }));
    try {
      await visit(
        site,
        async (page) => {
          await page.getByLabel("Host").fill(server.url);
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
          await run(page);
          const tree = page.locator(".result .tree");
          await tree.getByRole("button", { name: "100 more of 250" }).click();
          await tree.getByRole("button", { name: "50 more of 250" }).click();
          assert.match(await tree.textContent(), /249:/);
          await tree.getByRole("button", { name: "all 3,000 characters" }).click();
          assert.match(await tree.textContent(), /t{3000}/);
        },
        { path: "/live.html", elsewhere: server.url },
      );
    } finally {
      await server.close();
    }
  });
});
