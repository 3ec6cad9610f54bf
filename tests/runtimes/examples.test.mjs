// The examples in Rust, built and run as their first lines say: a native program, a page in Chromium, a Worker in
// workerd, each against the emulator of the packed package.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { environment, must, root } from "../../scripts/lib.mjs";
import { makeProject } from "./project.mjs";
import { bundleWorker, launchChromium, programs, startWorkerd } from "./runtimes.mjs";
import { emulate, files } from "./servers.mjs";

const ci = /^(1|true)$/i.test(process.env.CI ?? "");
const missing = (name) => !programs[name]() && !ci && `${name} is not installed`;
const TARGET = join(root, "target", "examples");
const quietly = { capture: true };

/** Makes `built/` of one of the crates below `examples/wasm`, in the project. */
async function bind(project, folder, name) {
  const path = join(project.path, folder);
  cpSync(fileURLToPath(new URL(`../../examples/wasm/${folder}`, import.meta.url)), path, { recursive: true });
  const wasm = join(TARGET, "wasm32-unknown-unknown", "debug", `${name}.wasm`);
  await must("wasm-bindgen", [wasm, "--target", "web", "--no-typescript", "--out-dir", join(path, "built")], quietly);
}

describe("examples", () => {
  let project, emulated;
  before(async () => {
    project = makeProject();
    emulated = await emulate(project.path);
    const build = [
      "build",
      "--locked",
      "--manifest-path",
      join("examples", "wasm", "Cargo.toml"),
      "--target",
      "wasm32-unknown-unknown",
    ];
    await must("cargo", build, { ...quietly, env: environment({ CARGO_TARGET_DIR: TARGET }) });
  });
  after(() => {
    emulated?.close();
    project?.remove();
  });

  test("a native program with a blocking client", async () => {
    // The profile and the features that `cargo test` has built it with.
    const run = [
      "run",
      "--quiet",
      "--locked",
      "--profile",
      "test",
      "--features",
      "emulator,http",
      "--example",
      "blocking",
      "--",
    ];
    const call = [emulated.url, emulated.apiKey, "NANGO_CONNECTION_LIST_GET", '{"limit":2}'];
    const output = await must("cargo", [...run, ...call], quietly);
    const { successful, data } = JSON.parse(output.trim().split("\n").at(-1));
    assert.deepEqual([successful, data.connections.length], [true, 2]);
  });

  test("a page in Rust lists connections", { skip: missing("chromium") }, async () => {
    await bind(project, "app", "wasm_app");
    const site = await files(join(project.path, "app"));
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${site.url}/index.html`);
      await page.waitForSelector("html[data-ready]", { state: "attached" });
      const list = async (key) => {
        await page.fill("[name=server]", emulated.url);
        await page.fill("[name=key]", key);
        await page.click("button");
      };
      await list(emulated.apiKey);
      await page.getByText("hubspot-ada (hubspot)").waitFor();
      assert.ok((await page.locator("li").count()) > 5);
      await list("00000000-0000-4000-8000-000000000000");
      await page
        .getByText(/secret key|authentication/i)
        .waitFor({ timeout: 10_000 })
        .catch(async (error) => assert.fail(`${await page.locator("ul").textContent()}: ${error.message}`));
      assert.equal(await page.locator("li").count(), 1);
    } finally {
      await browser.close();
      await site.close();
    }
  });

  test("a Worker in Rust shows what one user has connected", { skip: missing("workerd") }, async () => {
    await bind(project, "worker", "worker");
    const worker = await startWorkerd(await bundleWorker(project, "worker/worker.mjs"), {
      bindings: { NANGO_SECRET_KEY: emulated.apiKey, NANGO_HOST: emulated.url },
    });
    try {
      const ask = async (path) => {
        const answer = await fetch(`${worker.url}${path}`);
        return [answer.status, answer.headers.get("content-type"), await answer.json()];
      };
      // At once: their futures share one module.
      for (const [index, [status, type, { connections }]] of (
        await Promise.all(["ada", "grace", "ada"].map((user) => ask(`/connections?user=${user}`)))
      ).entries()) {
        assert.deepEqual([status, type], [200, "application/json"]);
        assert.ok(
          connections.length > 0 && connections.every((one) => one.tags.end_user_id === ["ada", "grace", "ada"][index]),
        );
      }
      assert.equal((await ask("/"))[0], 404);
      const [status, , { error }] = await ask("/connections?user=");
      assert.equal(status, 502);
      assert.match(error, /user/);
    } finally {
      await worker.close();
    }
  });
});
