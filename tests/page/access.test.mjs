// Who cannot see the demo page or use a mouse: axe on every view in both colours, the keyboard alone, narrow and wide.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { KEY, editAs, editorOf, fault, open, paste, run, settle, suite, visit, writeArguments } from "./support.mjs";

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
    const inBox = (element) =>
      element.closest(".scroll-x, .sheet, .unseen, .skip, .views, [popover]:not(:popover-open)");
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
      await writeArguments(page, WRONG);
    },
  ],
  [
    "json",
    async (page) => {
      await editAs(page, "JSON");
      await page.locator(".cm-problem").first().waitFor();
    },
  ],
  [
    "completion",
    async (page) => {
      const editor = await editorOf(page);
      await paste(editor, '{\n  "provider_config_key": "github",\n  \n}');
      await editor.press("ArrowUp");
      await editor.press("End");
      await editor.press("Control+Space");
      await page.waitForSelector(".cm-tooltip-autocomplete [role=option]");
    },
  ],
  [
    "error",
    async (page) => {
      await page.keyboard.press("Escape");
      await open(page, "#/tools/NANGO_GET_INTEGRATION");
      await writeArguments(page, '{"unique_key": "absent"}');
      await editAs(page, "Form");
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
      await paste(
        page.locator("[aria-label=policy] .cm-content"),
        '{\n  "default": "allow",\n  "rules": [{ "then": "forbid" }]\n}',
      );
      await page.waitForSelector("[aria-label=policy] .cm-problem");
    },
  ],
  [
    "refused",
    async (page) => {
      await open(page, "#/tools/NANGO_CREATE_INTEGRATION");
      await run(page);
    },
  ],
  [
    "requests",
    async (page) => {
      await page.locator(".run-row").getByRole("button", { name: "Save" }).click();
      await open(page, "#/requests");
    },
  ],
  [
    "forms",
    async (page) => {
      await open(page, "#/agent");
      await page.getByRole("combobox", { name: "Framework" }).selectOption("claude-agent-sdk");
      await page.waitForSelector(".tokens");
      await page.getByRole("region", { name: "tools by framework" }).scrollIntoViewIfNeeded();
    },
  ],
  [
    "acting",
    async (page) => {
      await page.locator(".acting").click();
      await page.waitForSelector("#acting-menu:popover-open");
    },
  ],
];

const PHONE = ["phone", { width: 375, height: 780 }];
const TABLET = ["tablet", { width: 768, height: 1024 }];
const DESKTOP = ["desktop", { width: 1280, height: 900 }];
/** Each device once, in the long run in both colour schemes, and what is narrower and wider. */
const LOOKS = [
  [PHONE, "light"],
  [TABLET, "light"],
  [DESKTOP, "dark"],
  ...(process.env.NANGO_TOOLKIT_FULL === "1"
    ? [
        [PHONE, "dark"],
        [TABLET, "dark"],
        [DESKTOP, "light"],
        [["small phone", { width: 320, height: 640 }], "light"],
        [["wide screen", { width: 1920, height: 1080 }], "dark"],
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

  test("the page of a real server, with and without a key, on phone and desktop", async () => {
    for (const [device, viewport] of [PHONE, DESKTOP]) {
      await visit(
        site,
        async (page) => {
          const found = [];
          const look = async (name) => {
            await page.screenshot({ path: `${PICTURES}live-${name}-${device}.png` });
            found.push(...(await overflow(page)), ...(await violations(page)));
          };
          for (const view of ["tools", "tools/NANGO_GET_PROXY", "requests", "log", "agent", "session"]) {
            await open(page, `#/${view}`);
            await look(view.replace("/", "-"));
          }
          await page.getByLabel("Key", { exact: true }).fill(KEY);
          await look("key");
          assert.deepEqual(found, []);
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
        page.evaluate(() => {
          const { activeElement } = document;
          const within = activeElement?.shadowRoot?.activeElement;
          return within
            ? within.getAttribute("aria-label")
            : activeElement?.textContent.trim() || activeElement?.ariaLabel;
        });
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
      await tabTo(/^JSON$/);
      await page.keyboard.press("Enter");
      await page.locator(".json-side .cm-content").waitFor();
      await tabTo(/^arguments of/);
      await page.keyboard.press("Tab"); // no trap
      assert.doesNotMatch((await focused()) ?? "", /^arguments of/);
      await page.keyboard.press("Shift+Tab");
      assert.match((await focused()) ?? "", /^arguments of/);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Tab");
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
      for (const view of [
        "#/tools",
        "#/tools/NANGO_ADD_CONNECTION",
        "#/requests",
        "#/world",
        "#/log",
        "#/session",
        "#/agent",
      ]) {
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
