// The size of the demo page, how soon it can be used, and what its Content-Security-Policy forbids.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { suite, visit } from "./support.mjs";

/** Compressed bytes (gzip): all of it, and without the two WebAssembly modules. The editor is 123 KB of the latter. */
const WEIGHT = 915_000;
const WITHOUT_MODULES = 205_000;
/** Chrome's "Fast 3G": 1.6 Mbit/s at nine tenths, 150 ms at its 3.75 times. */
const FAST_3G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1.6 * 1024 * 1024 * 0.9) / 8,
  uploadThroughput: (750 * 1024 * 0.9) / 8,
};

/** Milliseconds from the start of the navigation until the list of tools has been drawn. */
async function firstView(site, { slow } = {}) {
  const context = await site.browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(() => {
      const look = () =>
        document.querySelector(".list a") && document.querySelector("input[type=search]")
          ? requestAnimationFrame(() => (globalThis.usable = performance.now()))
          : requestAnimationFrame(look);
      look();
    });
    if (slow) {
      const debug = await context.newCDPSession(page);
      await debug.send("Network.enable");
      await debug.send("Network.emulateNetworkConditions", FAST_3G);
      await debug.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    }
    await page.goto(site.url, { waitUntil: "commit" });
    await page.waitForFunction(() => globalThis.usable, undefined, { timeout: 30_000 });
    return await page.evaluate(() => globalThis.usable);
  } finally {
    await context.close();
  }
}

/** Rounds go on so long for one that is good enough. */
const PATIENCE_MS = 40_000;

/**
 * Holds the least of some rounds against a limit: other programs on the machine only ever add. Where they leave too
 * little of it to tell, the case is skipped and says so.
 */
async function within(t, limit, measure) {
  const times = [];
  const started = Date.now();
  while (times.length < 5 || (Math.min(...times) >= limit && Date.now() - started < PATIENCE_MS))
    times.push(Math.round(await measure()));
  const busy = loadavg()[0] / availableParallelism();
  t.diagnostic(`${times.join(", ")} ms; limit ${limit} ms; load ${busy.toFixed(1)} for each processor`);
  if (Math.min(...times) < limit) return;
  if (busy > 1.5)
    return t.skip(
      `other programs leave too little of this machine to measure: ` +
        `${Math.min(...times)} ms at a load of ${busy.toFixed(1)} for each processor`,
    );
  assert.fail(`${times} ms`);
}

suite((site) => {
  test("the page with everything weighs at most 915 KB, and 205 KB without its modules", () => {
    const sum = (files) => files.reduce((total, { gzip }) => total + gzip, 0);
    const total = sum(site.files);
    const own = sum(site.files.filter(({ file }) => !file.endsWith(".wasm")));
    console.log(`page weight: ${(total / 1000).toFixed(1)} KB gzip, ${(own / 1000).toFixed(1)} KB without its modules`);
    assert.ok(total <= WEIGHT, `${total} bytes`);
    assert.ok(own <= WITHOUT_MODULES, `${own} bytes`);
  });

  test("the first view is usable within 300 ms", async (t) => {
    await firstView(site); // warms Chromium, not the page: every visit has a cache of its own
    await within(t, 300, () => firstView(site));
  });

  test("on Fast 3G with a processor four times slower it is usable within 2.5 s", (t) =>
    within(t, 2500, () => firstView(site, { slow: true })));

  test("the modules stream, and the emulator waits for the first view", () =>
    visit(site, async (page) => {
      await page.waitForFunction(() =>
        performance
          .getEntriesByType("resource")
          .some((one) => /nango_emulator.*wasm/.test(one.name) && one.responseEnd > 0),
      );
      const entries = await page.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .map(({ name, startTime, responseEnd }) => ({ name, startTime, responseEnd })),
      );
      const of = (pattern) => entries.filter(({ name }) => pattern.test(name));
      assert.equal(of(/nango_toolkit.*wasm/).length, 1, "preloaded, and fetched once");
      assert.ok(of(/nango_emulator.*wasm/)[0].startTime >= of(/nango_toolkit.*wasm/)[0].responseEnd);
      for (const name of ["nango_toolkit", "nango_emulator"]) {
        const file = site.files.find((one) => one.file.startsWith(name)).file;
        const answer = await fetch(`${site.url}/${file}`);
        assert.equal(answer.headers.get("content-type"), "application/wasm");
        assert.match(answer.headers.get("cache-control"), /immutable/);
        await answer.arrayBuffer();
      }
    }));

  test("the policy blocks foreign content, and in memory mode all requests", () =>
    visit(
      site,
      async (page) => {
        const tried = await page.evaluate(async () => {
          // What the debugger itself runs may do more than the page.
          await new Promise((resolve) => setTimeout(resolve, 0));
          const outcome = (work) =>
            Promise.resolve()
              .then(work)
              .then(
                () => "allowed",
                () => "refused",
              );
          const script = () =>
            new Promise((resolve, reject) => {
              const element = document.createElement("script");
              element.textContent = "globalThis.ran = true";
              document.head.append(element);
              setTimeout(() => (globalThis.ran ? resolve() : reject()), 50);
            });
          return {
            eval: await outcome(
              () =>
                new Promise((resolve, reject) =>
                  setTimeout(() => {
                    try {
                      resolve(globalThis.eval("1"));
                    } catch (error) {
                      reject(error);
                    }
                  }, 0),
                ),
            ),
            markup: await outcome(() => (document.createElement("div").innerHTML = "<b>bold</b>")),
            script: await outcome(script),
            elsewhere: await outcome(() => fetch("https://example.com/")),
            neighbour: await outcome(() => fetch("http://127.0.0.1:9/")),
          };
        });
        assert.deepEqual(tried, {
          eval: "refused",
          markup: "refused",
          script: "refused",
          elsewhere: "refused",
          neighbour: "refused",
        });
      },
      { expected: [/Content Security Policy|TrustedHTML|TrustedScript|Trusted Type/i] },
    ));

  test("the built files name no other host, and the server says what a page cannot", async () => {
    for (const { file } of site.files.filter(({ file }) => /\.(html|css)$/.test(file))) {
      const text = readFileSync(join(site.out, file), "utf8").replace(/connect-src[^;]*/, "");
      assert.doesNotMatch(text, /https?:\/\/|url\(/, file);
    }
    const index = readFileSync(join(site.out, "index.html"), "utf8");
    assert.match(index, /script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(index, /'unsafe-(eval|inline)'/);
    assert.match(index, /connect-src 'self';/);
    const answer = await fetch(site.url);
    assert.match(answer.headers.get("content-security-policy"), /frame-ancestors 'none'/);
    assert.equal(answer.headers.get("content-encoding"), "gzip");
    for (const path of ["/absent", "/../package.json", "/%2e%2e/package.json", "/page"]) {
      assert.equal((await fetch(`${site.url}${path}`)).status, 404, path);
    }
    assert.equal((await fetch(site.url, { method: "POST" })).status, 405);
  });
});
