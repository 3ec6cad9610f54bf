// Frameworks and their servers on Node, and Nitro on Workers too.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { programs, startWorkerd } from "../runtimes.mjs";
import { alone, ci, makeProjects, missing, pagesWork, served } from "./projects.mjs";

const SSR = "ssr: { noExternal: true }";

describe("frameworks", { skip: missing }, () => {
  let projects;
  before(() => (projects = makeProjects()));
  after(() => projects.remove());

  /** Serves a copy of `folder` and asserts that these pages work. */
  const serveAlone = (folder, file, paths) =>
    alone(folder, (place) =>
      served(
        place,
        () => [file],
        (url, log) => pagesWork(url, paths, log),
      ),
    );

  test("Astro with its adapter for Node", async () => {
    const { path, run } = projects.make("astro", {
      "astro.config.mjs": `import node from "@astrojs/node";
        export default { output: "server", adapter: node({ mode: "standalone" }), vite: { ${SSR} } };`,
      "src/pages/index.astro": '---\nimport { check } from "../../check.js";\n---\n<p>{await check()}</p>\n',
    });
    await run("astro/bin/astro.mjs", "build");
    await serveAlone(join(path, "dist"), "server/entry.mjs", ["/"]);
  });

  test("SvelteKit with its adapter for Node", async () => {
    const { path, run } = projects.make("sveltekit", {
      "vite.config.js": `import adapter from "@sveltejs/adapter-node";
        import { sveltekit } from "@sveltejs/kit/vite";
        export default { plugins: [sveltekit({ adapter: adapter() })] };`,
      "src/app.html": "<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
      "src/routes/+page.server.js": `import { check } from "../../check.js";
        export const load = async () => ({ result: await check() });`,
      "src/routes/+page.svelte": "<script>let { data } = $props();</script><p>{data.result}</p>",
      "src/routes/api/+server.js": `import { check } from "../../../check.js";
        export const GET = async () => new Response(await check());`,
    });
    await run("vite/bin/vite.js", "build");
    await serveAlone(join(path, "build"), "index.js", ["/", "/api"]);
  });

  test("React Router", async () => {
    const { path, run } = projects.make("react-router", {
      "vite.config.js": `import { reactRouter } from "@react-router/dev/vite";
        export default { plugins: [reactRouter()], ${SSR} };`,
      "app/routes.js": `import { index } from "@react-router/dev/routes";
        export default [index("home.jsx")];`,
      "app/root.jsx": `import { Outlet } from "react-router";
        export default () => <html><body><Outlet /></body></html>;`,
      "app/home.jsx": `import { check } from "../check.js";
        export const loader = async () => ({ result: await check() });
        export default ({ loaderData }) => <p>{loaderData.result}</p>;`,
      "serve.js": `import { createServer } from "node:http";
        import { createRequestListener } from "@react-router/node";
        import * as build from "./build/server/index.js";
        createServer(createRequestListener({ build })).listen(process.env.PORT, process.env.HOST);`,
    });
    await run("@react-router/dev/bin.cjs", "build");
    await served(
      path,
      () => ["serve.js"],
      (url, log) => pagesWork(url, ["/"], log),
    );
  });

  test("Nuxt", async () => {
    const { path, run } = projects.make("nuxt", {
      "nuxt.config.js": 'export default { compatibilityDate: "2026-11-01" };',
      "app/app.vue": `<script setup>
        import { check } from "../check.js";
        const { data } = await useAsyncData("check", check);
        </script>
        <template><p>{{ data }}</p></template>`,
      "server/api/check.js": 'import { check } from "../../check.js";\nexport default () => check();',
    });
    await run("nuxt/bin/nuxt.mjs", "build");
    await serveAlone(join(path, ".output"), "server/index.mjs", ["/", "/api/check"]);
  });

  for (const name of ["nitro", "nitropack"]) {
    const make = () =>
      projects.make(name, {
        "nitro.config.mjs": 'export default { compatibilityDate: "2026-11-01", experimental: { wasm: true } };',
        "routes/index.get.js": 'import { check } from "../check.js";\nexport default () => check();',
      });
    const build = async ({ path, run }, preset) => {
      rmSync(join(path, ".output"), { recursive: true, force: true });
      await run(`${name}/dist/cli/index.mjs`, "build", "--preset", preset);
      return join(path, ".output");
    };

    test(`${name}, node_server`, async () => serveAlone(await build(make(), "node_server"), "server/index.mjs", ["/"]));

    test(`${name}, cloudflare_module`, { skip: !programs.workerd() && !ci && "workerd is not installed" }, async () => {
      const outdir = join(await build(make(), "cloudflare_module"), "server");
      const files = readdirSync(outdir, { recursive: true }).filter((file) => /\.(mjs|wasm)$/.test(file));
      const modules = files.filter((file) => file !== "index.mjs");
      const worker = await startWorkerd({ outdir, main: "index.mjs", modules }, { date: "2026-11-01" });
      try {
        await pagesWork(worker.url, ["/"], worker.log);
      } finally {
        await worker.close();
      }
    });
  }
});
