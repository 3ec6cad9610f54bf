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

/** The key of the tests, and secrets of the in-memory Nango and of examples. */
export const KEY = "7b0c9f6e-4a55-4b8e-9d6a-2f1f0f6f5c11";
const SECRETS = new RegExp(`${KEY}|emulated-|sample-(access|refresh|client)`);

/**
 * A visit to the page. At its end nothing has been logged as an error, nothing thrown, no secret stored, and no request
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
    const stored = await page.evaluate(async () => ({
      names: [...Object.keys(localStorage), ...Object.keys(sessionStorage)],
      text: JSON.stringify([Object.values(localStorage), Object.values(sessionStorage)]),
      others: document.cookie.length + (await indexedDB.databases()).length + (await caches.keys()).length,
    }));
    assert.equal(stored.others, 0);
    for (const name of stored.names) assert.match(name, /^nango-toolkit\.(memory|live)\.(session|requests)$/);
    assert.doesNotMatch(stored.text, SECRETS, "no secret is stored");
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

/** Shows the arguments as `Form` or as `JSON`. */
export async function editAs(page, how) {
  const button = page.locator(".call .switch").getByRole("button", { name: how, exact: true });
  if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
  if (how === "JSON") await page.locator(".json-side .cm-content").waitFor();
}

/** The JSON editor of the arguments. */
export async function editorOf(page) {
  await editAs(page, "JSON");
  return page.locator(".json-side .cm-content");
}

/** Replaces the text of an editor, as if it were pasted. */
export async function paste(editor, text) {
  await editor.press("ControlOrMeta+a");
  await editor.evaluate((content, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** The text of an editor, as far as it is drawn. */
export const textOf = async (editor) => (await editor.locator(".cm-line").allTextContents()).join("\n");

/** Replaces the arguments of the opened tool; afterwards they are shown as before. */
export const writeArguments = (page, text) => inEditor(page, (editor) => paste(editor, text));

/** The arguments of the opened tool. */
export const readArguments = async (page) => JSON.parse(await inEditor(page, textOf));

async function inEditor(page, work) {
  const form = await page.locator(".form-side").count();
  const done = await work(await editorOf(page));
  if (form) await editAs(page, "Form");
  return done;
}

/** What the page says of the arguments. */
export const verdict = (page) => page.locator("#verdict [role=status]");
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
