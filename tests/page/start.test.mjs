// How one begins on the demo page: the first view, what the words of a search fill in, where results and focus go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { editorOf, open, outcome, readArguments, run, runButton, settle, suite, verdict, visit } from "./support.mjs";

const PHONE = { viewport: { width: 375, height: 780 } };
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());

/** Waits until the focused element has this text: what moves the focus may first change the session. */
async function focusComesTo(page, expected, message) {
  const end = Date.now() + 5000;
  let text;
  do text = await focused(page);
  while (!expected.test(text) && Date.now() < end);
  assert.match(text, expected, message);
}

/** The tool that a search opens, and its arguments. */
async function openedBy(page, text) {
  await open(page, "#/tools");
  await page.getByRole("searchbox").fill(text);
  await page.getByRole("searchbox").press("Enter");
  await page.locator(".tool .slug").waitFor();
  return { slug: await page.locator(".slug code").textContent(), args: await readArguments(page) };
}

/** A search, the tool that it should open, and its arguments. */
const SEARCHES = [
  ["list 3 hubspot connections", "NANGO_CONNECTION_LIST_GET", { integration_id: ["hubspot"], limit: 3 }],
  ["list two connections of Grace", "NANGO_CONNECTION_LIST_GET", { end_user_id: "grace", limit: 2 }],
  ["who has connected GitHub or Slack?", "NANGO_CONNECTION_LIST_GET", { integration_id: ["github", "slack"] }],
  [
    "disconnect the GitHub account of Alan",
    "NANGO_DELETE_CONNECTION",
    { connection_id: "github-alan", provider_config_key: "github" },
  ],
  ["delete the integration of google calendar", "NANGO_DELETE_INTEGRATION", { unique_key: "google-calendar" }],
  ["are all Zendesk syncs healthy?", "NANGO_GET_SYNC_STATUS", { provider_config_key: "zendesk", syncs: ["*"] }],
  // Nobody of that name has an account there: the field shows what is missing.
  ["disconnect the Trello account of Grace", "NANGO_DELETE_CONNECTION", { provider_config_key: "trello" }],
];

suite((site) => {
  test("the first view says what this is, and its requests lead to results, on a phone too", async () => {
    for (const options of [{}, PHONE]) {
      await visit(
        site,
        async (page) => {
          const welcome = page.locator(".welcome");
          assert.match(await welcome.textContent(), /Nango keeps the OAuth tokens.*62 tools.*in this page's memory/s);
          const prompts = await welcome.locator(".prompts button").allTextContents();
          assert.equal(prompts.length, 5);
          const { y, height } = await welcome.locator(".prompts button").first().boundingBox();
          assert.ok(y + height < page.viewportSize().height, "without scrolling");
          for (const index of prompts.keys()) {
            await open(page, "#/tools");
            const before = await page.evaluate(() => Number(document.querySelector(".result")?.dataset.run ?? 0));
            await page.locator(".prompts button").nth(index).click();
            assert.equal(await settle(page, before), "Successful", prompts[index]);
            assert.ok(prompts[index].endsWith(await page.locator(".slug code").textContent()));
          }
        },
        options,
      );
    }
  });

  test("on a phone a search hides the first view, and its end shows it again", () =>
    visit(
      site,
      async (page) => {
        await page.getByRole("searchbox").fill("sync");
        assert.equal(await page.locator(".welcome").isVisible(), false);
        await page.locator(".hit").first().waitFor();
        await page.getByRole("searchbox").fill("");
        assert.equal(await page.locator(".welcome").isVisible(), true);
      },
      PHONE,
    ));

  test("the words of a search fill in integrations, people and numbers", () =>
    visit(site, async (page) => {
      for (const [text, slug, args] of SEARCHES) assert.deepEqual(await openedBy(page, text), { slug, args }, text);
      assert.equal(await verdict(page).textContent(), "1 problem");
      // The list says what would be run.
      await open(page, "#/tools");
      await page.getByRole("searchbox").fill("list 3 hubspot connections");
      assert.equal(await page.locator(".try").first().textContent(), " with hubspot, 3");
      await page.locator(".try").first().click();
      assert.equal(await settle(page), "Successful");
      assert.match(
        await page.locator("[aria-label=request] pre").textContent(),
        /integrationId=hubspot&limit=3|limit=3/,
      );
    }));

  test("the result comes into view, calmly if that is preferred, and the focus stays", async () => {
    for (const reducedMotion of ["reduce", "no-preference"]) {
      await visit(
        site,
        async (page) => {
          await page.addInitScript(() => {
            globalThis.scrolled = [];
            const { scrollIntoView } = Element.prototype;
            Element.prototype.scrollIntoView = function (how) {
              if (this.matches(".result")) globalThis.scrolled.push(how.behavior);
              scrollIntoView.call(this, how);
            };
          });
          await page.reload();
          await open(page, "#/tools/NANGO_GET_CONNECTION");
          await page.getByLabel("connection_id").focus();
          await page.evaluate(() => document.querySelector("main").scrollTo(0, 0));
          await page.keyboard.press("Control+Enter");
          assert.equal(await settle(page), "Successful");
          await page.waitForFunction(() => {
            const { top } = document.querySelector(".result h2").getBoundingClientRect();
            return top > 0 && top < innerHeight - 100;
          });
          assert.equal(await page.evaluate(() => document.activeElement.value), "hubspot-ada");
          assert.deepEqual(await page.evaluate(() => globalThis.scrolled), [
            reducedMotion === "reduce" ? "auto" : "smooth",
          ]);
          // A result that was shown already does not move the page when its tool is opened again.
          await open(page, "#/log");
          await open(page, "#/tools/NANGO_GET_CONNECTION");
          await outcome(page).waitFor();
          assert.equal(await page.evaluate(() => globalThis.scrolled.length), 1);
        },
        { ...PHONE, reducedMotion },
      );
    }
  });

  test("the focus returns where it was: after a question, a menu, a completion, a removed field", () =>
    visit(site, async (page) => {
      await open(page, "#/tools/NANGO_DELETE_CONNECTION");
      for (const answer of ["Escape", "Cancel", "Run it"]) {
        await runButton(page).focus();
        await page.keyboard.press("Enter");
        await page.waitForSelector("dialog[open]");
        if (answer === "Escape") await page.keyboard.press("Escape");
        else await page.locator("dialog").getByRole("button", { name: answer }).click();
        await page.waitForSelector("dialog", { state: "detached" });
        await focusComesTo(page, /^Run/, answer);
      }
      await page.waitForSelector(".result h2.good");
      await focusComesTo(page, /^Run again$/);
      const chip = page.locator(".acting");
      await chip.focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      await focusComesTo(page, /^the whole environment/);
      await page.keyboard.press("Escape");
      await focusComesTo(page, /^Calls as/);
      await page.keyboard.press("Enter");
      await page.locator("#acting-menu").getByRole("button", { name: /^ada/ }).click();
      await focusComesTo(page, /^Calls asada$/);
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await page.getByRole("button", { name: "add force_refresh" }).click();
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "SELECT");
      await page.getByRole("button", { name: "remove force_refresh" }).click();
      await focusComesTo(page, /^force_refresh$/);
      const editor = await editorOf(page);
      await editor.press("Control+Home");
      await editor.press("ArrowRight");
      await editor.press("Control+Space");
      await page.waitForSelector(".cm-tooltip-autocomplete");
      await editor.press("Escape");
      await page.waitForSelector(".cm-tooltip-autocomplete", { state: "detached" });
      assert.equal(await page.evaluate(() => document.activeElement.shadowRoot?.activeElement.role), "textbox");
    }));

  test("on a phone the focus goes into a tool, and back to its entry", () =>
    visit(
      site,
      async (page) => {
        const entry = page.locator('.list a[href="#/tools/NANGO_LIST_INTEGRATIONS"]');
        await entry.focus();
        await page.keyboard.press("Enter");
        await page.waitForSelector(".tool");
        await focusComesTo(page, /^All tools$/);
        await page.keyboard.press("Enter");
        await page.waitForSelector(".tool", { state: "detached" });
        await focusComesTo(page, /^List Integrations/);
      },
      PHONE,
    ));

  test("badges have a legend where they are", () =>
    visit(site, async (page) => {
      const badges = (legend) => page.locator(`.legend[aria-label="${legend}"] dt`).allTextContents();
      assert.deepEqual(await badges("what the badges of tools mean"), ["read", "write", "destructive"]);
      await open(page, "#/session");
      assert.deepEqual(await badges("what the badges of tools mean"), ["read", "write", "destructive"]);
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await run(page);
      assert.deepEqual(await badges("what masked means"), ["masked"]);
      await open(page, "#/world");
      assert.deepEqual(await badges("what the badges of changes mean"), ["added", "changed", "removed"]);
    }));
});
