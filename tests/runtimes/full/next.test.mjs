// Next.js with its default settings, with both of its bundlers: server components, client components on the server and
// in the browser, and routes in both runtimes.
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { launchChromium, programs } from "../runtimes.mjs";
import { alone, ci, makeProjects, missing, pagesWork, served, tool } from "./projects.mjs";

const ROUTE = `import { check } from "../../../check.js";
export const GET = async () => new Response(await check());
`;
const FILES = {
  "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;",
  "app/page.js": `import { check } from "../check.js";
    export const dynamic = "force-dynamic";
    export default async function Page() { return <p>{await check()}</p>; }`,
  "app/client/page.js": `"use client";
    import { useEffect, useState } from "react";
    import { listTools } from "nango-toolkit";
    import { check } from "../../check.js";
    export default function Page() {
      const [result, setResult] = useState("none");
      useEffect(() => void check().then(setResult), []);
      return <p>{listTools().length > 20 && "it works"}: <b>{result}</b></p>;
    }`,
  "app/api/node/route.js": `${ROUTE}export const dynamic = "force-dynamic";`,
  "app/api/edge/route.js": `${ROUTE}export const runtime = "edge";`,
};
const PATHS = ["/", "/client", "/api/node", "/api/edge"];
const NEXT = tool("next/dist/bin/next");

describe("Next.js", { skip: missing }, () => {
  let projects, project, browser;
  before(async () => {
    projects = makeProjects();
    // As `create-next-app` leaves it: with `"type": "module"` and webpack, even an empty edge route does not build.
    project = projects.make("next", FILES, { type: undefined });
    if (programs.chromium() || ci) browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    projects.remove();
  });

  /** The client component, in the browser. */
  async function clientWorks(url) {
    if (!browser) return;
    const page = await browser.newPage();
    try {
      await page.goto(`${url}/client`);
      await page.getByText("it works: it works").waitFor({ timeout: 60_000 });
    } finally {
      await page.close();
    }
  }

  for (const [bundler, options] of Object.entries({ Turbopack: [], webpack: ["--webpack"] })) {
    test(`${bundler}, next build and next start`, async () => {
      rmSync(join(project.path, ".next"), { recursive: true, force: true });
      await project.run("next/dist/bin/next", "build", ...options);
      await served(
        project.path,
        (port) => [NEXT, "start", "-p", port, "-H", "127.0.0.1"],
        async (url, log) => {
          await pagesWork(url, PATHS, log);
          await clientWorks(url);
        },
      );
    });

    test(`${bundler}, next dev`, async () => {
      rmSync(join(project.path, ".next"), { recursive: true, force: true });
      const dev = (port) => [NEXT, "dev", ...options, "-p", port, "-H", "127.0.0.1"];
      await served(project.path, dev, async (url, log) => {
        await pagesWork(url, PATHS, log);
        await clientWorks(url);
      });
    });
  }

  for (const [title, more] of [
    ["bundled", {}],
    ["with the package in serverExternalPackages", { serverExternalPackages: ["nango-toolkit"] }],
  ]) {
    test(`output: "standalone", ${title}`, async () => {
      const config = JSON.stringify({ output: "standalone", ...more });
      const { path, run } = projects.make("standalone", { ...FILES, "next.config.mjs": `export default ${config};` });
      rmSync(join(path, ".next"), { recursive: true, force: true });
      await run("next/dist/bin/next", "build");
      await alone(join(path, ".next", "standalone"), async (place) => {
        const files = readdirSync(place, { recursive: true });
        const server = files.find((file) => file.endsWith("standalone/server.js") && !file.includes("node_modules"));
        assert.ok(server, String(files.filter((file) => file.endsWith("server.js"))));
        await served(
          place,
          () => [join(place, server)],
          (url, log) => pagesWork(url, PATHS, log),
        );
      });
    });
  }
});
