// What the tests of the demo page share: a fresh build of the page, a headless Chromium, and checks for every visit.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildPage, servePage } from "../../scripts/page.mjs";
import { launchChromium, programs } from "../runtimes/runtimes.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const missing = programs.chromium() ? undefined : "Chromium is not installed";

/** Names the tests of a file; without a browser they are skipped by name, or fail in CI. */
export function suite(define) {
  if (missing) return test("the demo page in Chromium", { skip: ci ? false : missing }, () => assert.fail(missing));
  const site = {};
  before(async () => {
    site.out = mkdtempSync(join(tmpdir(), "nango-page-"));
    site.files = await buildPage({ out: site.out });
    Object.assign(site, await servePage({ port: 0, out: site.out }));
    site.browser = await launchChromium();
  });
  after(async () => {
    await site.browser?.close();
    await site.close?.();
    if (site.out) rmSync(site.out, { recursive: true, force: true });
  });
  define(site);
}

const WIDE = { width: 1440, height: 900 };

/**
 * A visit to the page. At its end nothing has been logged as an error, nothing thrown, nothing stored, and no request
 * has left the origin; `elsewhere` names the one other origin that may be asked, `expected` errors that belong to the
 * test.
 */
export async function visit(site, work, { path = "/", elsewhere, expected = [], ...options } = {}) {
  const context = await site.browser.newContext({
    viewport: WIDE,
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000); // machines that build beside it are slow
  const problems = [];
  page.on("pageerror", (error) => problems.push(`thrown: ${error.stack}`));
  page.on(
    "console",
    (message) => ["error", "warning"].includes(message.type()) && problems.push(`${message.type()}: ${message.text()}`),
  );
  page.on("request", (request) => {
    const url = new URL(request.url());
    const here = url.origin === site.url || ["data:", "blob:"].includes(url.protocol);
    if (!here && url.origin !== elsewhere) problems.push(`a request left the page: ${url.origin}`);
  });
  try {
    await page.goto(site.url + path);
    await page.waitForSelector(".list a");
    await work(page, context);
    const stored = await page.evaluate(async () => [
      localStorage.length,
      sessionStorage.length,
      document.cookie.length,
      (await indexedDB.databases()).length,
      (await caches.keys()).length,
    ]);
    assert.deepEqual(stored, [0, 0, 0, 0, 0], "the page stores nothing");
    assert.deepEqual(
      problems.filter((one) => !expected.some((pattern) => pattern.test(one))),
      [],
    );
  } finally {
    await context.close();
  }
}

/** Goes to a view or a tool. */
export async function open(page, fragment) {
  await page.evaluate((hash) => (location.hash = hash), fragment);
  const slug = /^#\/tools\/(\w+)/.exec(fragment)?.[1];
  await page.waitForSelector(slug ? `.slug code:text-is("${slug}")` : "main h1, .welcome");
}

export const argumentsOf = (page) => page.locator(".json-side textarea");
export const runButton = (page) => page.locator(".run-row .primary");
export const outcome = (page) => page.locator(".result h2");

/** The number of the run whose result is shown; 0 before the first. */
const numberOf = (page) => page.evaluate(() => Number(document.querySelector(".result")?.dataset.run ?? 0));

/** Runs the opened tool, answers yes if it asks, waits for the end, and returns the outcome. */
export async function run(page) {
  const before = await numberOf(page);
  await runButton(page).click();
  return settle(page, before);
}

/** Answers yes if it asks, waits until a run after `before` has ended, and returns the outcome. */
export async function settle(page, before = 0) {
  const ended = `.result[aria-busy="false"]:not([data-run="${before}"]) h2`;
  await page.waitForSelector(`dialog[open], ${ended}`);
  const yes = page.locator("dialog[open] button.danger");
  if (await yes.count()) await yes.click();
  await page.waitForSelector(ended);
  return outcome(page).textContent();
}

/** Sets the emulator's faults by their name. */
export async function fault(page, name) {
  await open(page, "#/world");
  await page.getByRole("button", { name, exact: true }).click();
}
