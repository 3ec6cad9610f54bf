// Who cannot see the demo page or use a mouse: axe on every view in both colours, the keyboard alone, narrow and wide.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { argumentsOf, fault, open, run, settle, suite, visit } from "./support.mjs";

const axe = readFileSync(
  createRequire(new URL("../runtimes/package.json", import.meta.url)).resolve("axe-core/axe.min.js"),
  "utf8",
);
/** Pictures to look at; git ignores the folder. */
const PICTURES = fileURLToPath(new URL("../../dist/pictures/", import.meta.url));

/** What axe finds, one line each: WCAG 2.2 AA and its best practices. */
async function violations(page) {
  // Through the debugger: the page's policy does not allow evaluating strings.
  const debug = await page.context().newCDPSession(page);
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await debug.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(`${axe}\n;undefined`);
  const found = await evaluate(
    `axe
      .run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) =>
        violations.flatMap(({ id, nodes }) =>
          nodes.map((node) => id + ": " + node.target + " " + (node.any[0]?.message ?? node.failureSummary)),
        ),
      )`,
  );
  await debug.detach();
  return found;
}

/** Nothing extends past the right edge, except for content of scrollable boxes. */
const overflow = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const inBox = (element) => element.closest(".scroll-x, .sheet, .unseen, .skip, .views");
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > width + 1 && !inBox(element),
    );
    return [
      document.documentElement.scrollWidth > width && "the page scrolls sideways",
      document.documentElement.scrollHeight > innerHeight + 1 && "the head scrolls away",
      ...wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 160)),
    ].filter(Boolean);
  });

const WRONG = JSON.stringify(
  {
    provider_config_key: "hub/spot",
    credentials: { type: "BASIC", username: "ada" },
    tags: { end_user_email: "nobody" },
    colour: "red",
  },
  null,
  2,
);

/** Every state of every view worth a look: its name, and how to get there. */
const STATES = [
  ["welcome", (page) => open(page, "#/tools")],
  ["search", (page) => page.getByRole("searchbox").fill("crm accounts")],
  [
    "result",
    async (page) => {
      await page.getByRole("searchbox").fill("");
      await open(page, "#/tools/NANGO_GET_CONNECTION");
      await run(page);
    },
  ],
  [
    "schemas",
    async (page) => {
      await page.locator(".schemas summary").click();
      await page.evaluate(() => document.querySelector("main, .tool").scrollTo(0, 0));
    },
  ],
  [
    "problems",
    async (page) => {
      await open(page, "#/tools/NANGO_ADD_CONNECTION");
      const json = page.getByRole("button", { name: "JSON", exact: true });
      if (await json.isVisible()) await json.click();
      await argumentsOf(page).fill(WRONG);
      await page.getByRole("heading", { name: "Add Connection" }).click();
    },
  ],
  [
    "form",
    async (page) => {
      const form = page.getByRole("button", { name: "Form", exact: true });
      if (await form.isVisible()) await form.click();
    },
  ],
  [
    "completion",
    async (page) => {
      const json = page.getByRole("button", { name: "JSON", exact: true });
      if (await json.isVisible()) await json.click();
      await argumentsOf(page).fill('{\n  "provider_config_key": "github",\n  \n}');
      await argumentsOf(page).evaluate((area) => area.setSelectionRange(39, 39));
      await argumentsOf(page).press("Control+Space");
      await page.waitForSelector("[role=listbox]");
    },
  ],
  [
    "error",
    async (page) => {
      await page.keyboard.press("Escape");
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await argumentsOf(page).evaluate((area) =>
        area.closest(".call").querySelector(".switch button:last-child").click(),
      );
      await argumentsOf(page).fill('{"unique_key": "absent"}');
      await run(page);
    },
  ],
  [
    "attempts",
    async (page) => {
      await fault(page, "Two 503s");
      await open(page, "#/tools/NANGO_LIST_INTEGRATIONS");
      await run(page);
      await page.getByRole("tab", { name: "Attempts (3)" }).click();
    },
  ],
  [
    "question",
    async (page) => {
      await open(page, "#/tools/NANGO_DELETE_CONNECTION");
      await page.locator(".run-row .primary").click();
      await page.waitForSelector("dialog[open]");
    },
  ],
  [
    "world",
    async (page) => {
      await settle(page);
      await open(page, "#/world");
    },
  ],
  [
    "log",
    async (page) => {
      await open(page, "#/log");
      await page.locator(".events tbody button").first().click();
    },
  ],
  [
    "agent",
    async (page) => {
      await open(page, "#/agent");
      await page.getByRole("button", { name: "tools/call" }).click();
      await page.getByRole("button", { name: "Send" }).click();
      await page.waitForSelector(".traffic li");
    },
  ],
  [
    "session",
    async (page) => {
      await open(page, "#/session");
      await page.getByRole("group", { name: "users" }).getByRole("button", { name: "ada", exact: true }).click();
      await page.getByRole("button", { name: "Create a link" }).click();
      await page.waitForSelector(".made");
      await page.getByLabel("policy as JSON").fill('{\n  "default": "allow",\n  "rules": [{ "then": "forbid" }]\n}');
      await page.waitForSelector("[aria-label=policy] .marked");
    },
  ],
  [
    "refused",
    async (page) => {
      await open(page, "#/tools/NANGO_CREATE_INTEGRATION");
      await run(page);
    },
  ],
];

const PHONE = ["phone", { width: 360, height: 780 }];
const DESKTOP = ["desktop", { width: 1920, height: 1080 }];
/** Each device and each colour scheme once, in the long run all of both. */
const LOOKS = [
  [PHONE, "light"],
  [DESKTOP, "dark"],
  ...(process.env.NANGO_TOOLKIT_FULL === "1"
    ? [
        [PHONE, "dark"],
        [DESKTOP, "light"],
      ]
    : []),
];

suite((site) => {
  for (const [[device, viewport], colorScheme] of LOOKS) {
    test(`every view on a ${device}, ${colorScheme}: nothing for axe, nothing over the edge, a picture of each`, () =>
      visit(
        site,
        async (page) => {
          mkdirSync(PICTURES, { recursive: true });
          const found = [];
          for (const [name, go] of STATES) {
            await go(page);
            await page.waitForFunction(() => document.getAnimations().length === 0);
            await page.screenshot({ path: `${PICTURES}${name}-${device}-${colorScheme}.png` });
            found.push(
              ...(await overflow(page)).map((one) => `${name}: over the edge: ${one}`),
              ...(await violations(page)).map((one) => `${name}: ${one}`),
            );
          }
          assert.deepEqual(found, []);
        },
        { viewport, colorScheme },
      ));
  }

  test("the page of a real server, on phone and desktop", async () => {
    for (const viewport of [
      { width: 360, height: 780 },
      { width: 1440, height: 900 },
    ]) {
      await visit(
        site,
        async (page) => {
          await open(page, "#/tools/NANGO_GET_PROXY");
          await page.screenshot({ path: `${PICTURES}live-${viewport.width}.png` });
          assert.deepEqual([...(await overflow(page)), ...(await violations(page))], []);
        },
        { path: "/live.html", viewport },
      );
    }
  });

  test("keys are answered as soon as the tools are there", () =>
    visit(site, async (page) => {
      await page.addInitScript(() => {
        // Before anything is drawn, and whatever waits for that.
        new MutationObserver((_, observer) => {
          if (!document.querySelector(".list a")) return;
          observer.disconnect();
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }));
        }).observe(document, { childList: true, subtree: true });
      });
      await page.reload();
      await page.waitForFunction(() => document.activeElement?.id === "search");
    }));

  test("by keyboard alone: find, fill, run, confirm, read, switch views", () =>
    visit(site, async (page) => {
      const focused = () =>
        page.evaluate(
          () => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute("aria-label"),
        );
      const tabTo = async (what) => {
        for (let count = 0; count < 80; count += 1) {
          await page.keyboard.press("Tab");
          if (what.test((await focused()) ?? "")) return;
        }
        assert.fail(`Tab never came to ${what}`);
      };
      await page.keyboard.press("/");
      await page.keyboard.type("disconnect the hubspot account of ada");
      await page.keyboard.press("Enter");
      await page.waitForSelector('.slug code:text-is("NANGO_DELETE_CONNECTION")');
      await tabTo(/^arguments of/);
      await page.keyboard.press("Tab"); // no trap
      assert.doesNotMatch((await focused()) ?? "", /^arguments of/);
      await page.keyboard.press("Control+Enter");
      await page.waitForSelector("dialog[open]");
      assert.equal(await focused(), "Cancel");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Run it");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".result h2.good");
      await tabTo(/^Data$/);
      await page.keyboard.press("ArrowRight");
      assert.equal(await focused(), "JSON");
      assert.match(await page.locator(".result [role=tabpanel]").textContent(), /"successful": true/);
      await page.keyboard.press("ArrowLeft");
      await tabTo(/^\{ 1 \}$/);
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-expanded")), "false");
      // Round to the head of the page.
      await tabTo(/^Skip to the content$/);
      await tabTo(/^World$/);
      await page.keyboard.press("Enter");
      await page.waitForSelector("li.removed");
      await tabTo(/^Reset$/);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => !document.querySelector("li.removed"));
    }));

  test("everything that reacts to a click can be focused and has a name", () =>
    visit(site, async (page) => {
      for (const view of ["#/tools", "#/tools/NANGO_ADD_CONNECTION", "#/world", "#/log", "#/session", "#/agent"]) {
        await open(page, view);
        const bad = await page.evaluate(() =>
          [...document.querySelectorAll("button, a, input:not([hidden]), select, textarea, summary")]
            .filter(
              (element) =>
                element.checkVisibility() && (element.tabIndex < 0 ? element.getAttribute("role") !== "tab" : false),
            )
            .map((element) => element.outerHTML.slice(0, 120)),
        );
        assert.deepEqual(bad, [], view);
      }
    }));
});
